"""P1 over a whole system: whether each atom's maximum over all that agrees with the published cells is large enough.

P1: for each atom, the maximum is at least T = k - 1 + P, or below 1. Then every group of 1 to k - 1 people has an attacker's
interval at least P wide: it holds an atom with someone in it, whose maximum is T at least, so the group's maximum is T at least
and its minimum k - 1 at most. One maximum an atom covers all groups, and all differences between tables and between releases.

What earlier releases gave away cannot be taken back. An atom that fails fails *anew* where its maximum is lower than the one
that the earlier figures leave by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tfc_platform.disclosure.audit import summary
from tfc_platform.disclosure.audit.bounds import TOLERANCE, Bounds, ContradictionError, UndecidedError
from tfc_platform.disclosure.audit.deadline import Deadline
from tfc_platform.disclosure.audit.linear_system import Component, System, build
from tfc_platform.disclosure.audit.problem import PublishedCell

__all__ = [
    "ComponentVerdict",
    "EarlierFigures",
    "GroupBounds",
    "SolvedSystem",
    "certify",
    "judge",
    "pinning_cells",
]

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class GroupBounds:
    """Where the bounds of a group of the system are. Alike components share `bounds`; `component` is the group's own."""

    bounds: Bounds
    component: Component
    local: int

    @property
    def size(self) -> int:
        return int(self.component.sizes[self.local])

    @property
    def seen_width(self) -> float:
        """The attacker's interval of an atom of the group is at least this wide."""
        lowest = 0.0 if self.size > 1 else float(self.bounds.seen_low[self.local])
        return float(self.bounds.seen_high[self.local]) - lowest


@dataclass
class ComponentVerdict:
    """A component solved: which of its groups fail, or the fault because of which that is not known."""

    bounds: Bounds
    failing: Bools
    fault: ContradictionError | UndecidedError | None


class EarlierFigures:
    """What the cells published before leave open by themselves, in the universes of a system that has them and others.

    Without cells everything that fails fails anew.
    """

    def __init__(self, system: System, cells: Iterable[PublishedCell], deadline: Deadline) -> None:
        self._system = system
        self._deadline = deadline
        self._cells = tuple(cells)
        self._known = {_identity(cell) for cell in self._cells}
        self._earlier: System | None = None
        self._home: dict[int, tuple[Component, int]] = {}
        self._bounds: dict[bytes, Bounds] = {}

    def are_all_of(self, component: Component) -> bool:
        """Whether nothing bounds the component but what was published before: then it tells nothing new."""
        return bool(self._cells) and all(self._holds(row) for row in component.rows)

    def _holds(self, row: int) -> bool:
        cells, ends = self._system.cells, self._system.rows[row]
        low = ends.low == 0 or any(_identity(cells[cell]) in self._known for cell in ends.lower_cells(cells))
        high = ends.high == np.inf or any(_identity(cells[cell]) in self._known for cell in ends.upper_cells(cells))
        return low and high

    def new_failures(self, component: Component, verdict: ComponentVerdict) -> Bools:
        """Those failing groups whose maximum the earlier figures do not give by themselves.

        :raises UndecidedError: where the time is over before that is known.
        :raises ContradictionError: where the earlier figures cannot all be true.
        """
        if not self._cells or not verdict.failing.any():
            return verdict.failing
        if self.are_all_of(component):
            return np.zeros_like(verdict.failing)
        anew = verdict.failing.copy()
        for local in np.flatnonzero(verdict.failing).tolist():
            anew[local] = self.is_new(component, local, verdict.bounds.upper(local))
        return anew

    def is_new(self, component: Component, local: int, upper: float) -> bool:
        """Whether the earlier figures leave one of the group's atoms more than `upper`."""
        positions = self._system.members[int(component.groups[local])]
        return not self._cells or any(upper < self._upper(position) - TOLERANCE for position in positions)

    def _upper(self, position: int) -> float:
        earlier = self._earlier
        if earlier is None:
            earlier = self._earlier = build(self._system.universes.values(), self._cells)
            self._home = {
                int(group): (part, local)
                for part in earlier.components
                for local, group in enumerate(part.groups.tolist())
            }
        place = self._home.get(int(earlier.group_of[position]))
        if place is None:  # nothing that was published before bounds it
            return float("inf")
        part, local = place
        key = part.signature
        if key not in self._bounds:
            self._bounds[key] = Bounds(part, self._deadline)
            self._bounds[key].see_any()
        return self._bounds[key].upper(local)


def _identity(cell: PublishedCell) -> tuple[object, ...]:
    boxes = frozenset(frozenset(where.items()) for where in (cell.where, *cell.also))
    return cell.universe, boxes, cell.low, cell.high


@dataclass
class SolvedSystem:
    """A system solved. `failing`: the groups that break P1 anew, rising; `faults`: sentences for what cannot be or was not
    decided; `open_components`: those of failing and undecided groups; `given_away`: atoms that failed before already.
    `contradicts`: whether figures cannot all be true."""

    failing: list[int] = field(default_factory=list)
    places: dict[int, GroupBounds] = field(default_factory=dict)
    bounds: list[Bounds] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    open_components: list[Component] = field(default_factory=list)
    given_away: int = 0
    contradicts: bool = False

    def failing_by_component(self) -> Iterator[list[int]]:
        by_component: dict[tuple[int, ...], list[int]] = {}
        for group in self.failing:
            by_component.setdefault(self.places[group].component.rows, []).append(group)
        return iter(by_component.values())


def certify(
    system: System,
    least_upper: int,
    deadline: Deadline,
    earlier: EarlierFigures | None = None,
    solved: dict[bytes, ComponentVerdict] | None = None,
) -> SolvedSystem:
    """Judge every component, small ones first; alike ones once.

    `solved` keeps verdicts by the component's signature from one call to the next, but for those that ran out of time.
    """
    result = SolvedSystem(faults=[summary.contradiction(tables) for tables in system.contradictions])
    result.contradicts = bool(system.contradictions)
    earlier = earlier or EarlierFigures(system, (), deadline)
    solved = {} if solved is None else solved
    used: dict[bytes, Bounds] = {}
    for component in sorted(system.components, key=lambda part: len(part.groups)):
        signature = component.signature
        if signature not in solved or isinstance(solved[signature].fault, UndecidedError):
            solved[signature] = judge(Bounds(component, deadline), least_upper)
        verdict = solved[signature]
        used[signature] = verdict.bounds
        fault = verdict.fault
        failing = verdict.failing
        if fault is None:
            try:
                failing = earlier.new_failures(component, verdict)
            except (ContradictionError, UndecidedError) as other:
                fault = other
        if isinstance(fault, ContradictionError):
            rows = fault.rows if verdict.fault is fault else tuple(range(len(component.rows)))
            result.faults.append(summary.contradiction(system.tables(component.rows[row] for row in rows)))
            result.contradicts = True
        elif fault and not earlier.are_all_of(component):
            result.faults.append(summary.undecided(system.tables(component.rows), str(fault)))
            result.open_components.append(component)
        elif not fault:
            given_away = verdict.failing & ~failing
            result.given_away += int(component.sizes[given_away].sum())
            result.failing += component.groups[failing].tolist()
            if failing.any():
                result.open_components.append(component)
            for local, group in enumerate(component.groups.tolist()):
                result.places[group] = GroupBounds(verdict.bounds, component, local)
    result.failing.sort()
    result.bounds = list(used.values())
    return result


def judge(bounds: Bounds, least_upper: int, suspects: Sequence[int] = ()) -> ComponentVerdict:
    """Which groups of the component break P1. Where one of `suspects` does, the rest is left: `failing` has only that one."""
    count = len(bounds.component.groups)
    failing = np.zeros(count, dtype=bool)
    try:
        bounds.see_any()
        for group in suspects:
            if _fails(bounds, group, least_upper):
                failing[group] = True
                return ComponentVerdict(bounds, failing, None)
        bounds.see_high(range(count), least_upper)
        for group in range(count):
            failing[group] = _fails(bounds, group, least_upper)
        for group in np.flatnonzero(failing).tolist():
            # A failure's report needs both; worked out here, a solver that stops is still a fault of this component.
            bounds.lower(group)
            bounds.pins(group)
    except (ContradictionError, UndecidedError) as fault:
        return ComponentVerdict(bounds, failing, fault)
    return ComponentVerdict(bounds, failing, None)


def _fails(bounds: Bounds, group: int, least_upper: int) -> bool:
    enough = least_upper - TOLERANCE
    if bounds.seen_high[group] >= enough or bounds.upper(group) >= enough:
        return False
    return not (bounds.component.zero_is_safe[group] and bounds.is_empty(group))


def pinning_cells(system: System, place: GroupBounds) -> tuple[list[list[int]], list[list[int]]]:
    """What proves the maximum of a failing group: a list of cells for each row whose upper end does, and whose lower end does."""
    upper, lower = place.bounds.pins(place.local)
    rows = [system.rows[row] for row in place.component.rows]
    return (
        [rows[row].upper_cells(system.cells) for row in upper],
        [rows[row].lower_cells(system.cells) for row in lower],
    )
