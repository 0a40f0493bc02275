"""P1 over a whole system: whether each atom's maximum over all that agrees with the published cells is large enough.

Belongs here: judging each component once, and what a failing group is given away by. Does not belong: how a bound is found
(`bounds`), the report (`joint`), what to do about a failure (`repair`).

P1: for each atom, the maximum is at least T = k - 1 + P, or below 1. Then every group of 1 to k - 1 people has an attacker's
interval at least P wide: it holds an atom with someone in it, whose maximum is T at least, so the group's maximum is T at least
and its minimum k - 1 at most. One maximum an atom covers all groups, and all differences between tables and between releases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tfc_platform.disclosure.audit import summary
from tfc_platform.disclosure.audit.bounds import TOLERANCE, Bounds, ContradictionError, UndecidedError
from tfc_platform.disclosure.audit.linear_system import Component, System

__all__ = ["Found", "Outcome", "Place", "certify", "judge", "pinning_cells"]


@dataclass(frozen=True)
class Place:
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
class Outcome:
    """A component solved: which of its groups fail, or the fault because of which that is not known."""

    bounds: Bounds
    failing: npt.NDArray[np.bool_]
    fault: ContradictionError | UndecidedError | None


@dataclass
class Found:
    """A system solved. `failing`: the groups that break P1, rising; `faults`: sentences for what cannot be or was not decided."""

    failing: list[int] = field(default_factory=list)
    places: dict[int, Place] = field(default_factory=dict)
    bounds: list[Bounds] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def failing_by_component(self) -> Iterator[list[int]]:
        by_component: dict[tuple[int, ...], list[int]] = {}
        for group in self.failing:
            by_component.setdefault(self.places[group].component.rows, []).append(group)
        return iter(by_component.values())


def certify(system: System, least_upper: int, deadline: float) -> Found:
    """Judge every component; alike ones once. `deadline` is a reading of `time.monotonic`."""
    found = Found(faults=[summary.contradiction(tables) for tables in system.contradictions])
    solved: dict[bytes, Outcome] = {}
    for component in system.components:
        signature = component.signature
        if signature not in solved:
            solved[signature] = judge(Bounds(component, deadline), least_upper)
        outcome = solved[signature]
        if isinstance(outcome.fault, ContradictionError):
            found.faults.append(summary.contradiction(system.tables(component.rows[row] for row in outcome.fault.rows)))
        elif outcome.fault:
            found.faults.append(summary.undecided(system.tables(component.rows), str(outcome.fault)))
        else:
            found.failing += component.groups[outcome.failing].tolist()
            for local, group in enumerate(component.groups.tolist()):
                found.places[group] = Place(outcome.bounds, component, local)
    found.failing.sort()
    found.bounds = [outcome.bounds for outcome in solved.values()]
    return found


def judge(bounds: Bounds, least_upper: int, suspects: Sequence[int] = ()) -> Outcome:
    """Which groups of the component break P1. Where one of `suspects` does, the rest is left: `failing` has that one alone."""
    count = len(bounds.component.groups)
    failing = np.zeros(count, dtype=bool)
    try:
        bounds.see_any()
        for group in suspects:
            if _fails(bounds, group, least_upper):
                failing[group] = True
                return Outcome(bounds, failing, None)
        bounds.see_high(range(count), least_upper)
        for group in range(count):
            failing[group] = _fails(bounds, group, least_upper)
        for group in np.flatnonzero(failing).tolist():
            # Both are told of a failure; here the fault of a solver that stops is still caught.
            bounds.lower(group)
            bounds.pins(group)
    except (ContradictionError, UndecidedError) as fault:
        return Outcome(bounds, failing, fault)
    return Outcome(bounds, failing, None)


def _fails(bounds: Bounds, group: int, least_upper: int) -> bool:
    enough = least_upper - TOLERANCE
    return bounds.seen_high[group] < enough and bounds.upper(group) < enough and not bounds.is_empty(group)


def pinning_cells(system: System, place: Place) -> tuple[list[list[int]], list[list[int]]]:
    """What proves the maximum of a failing group: a list of cells for each row whose upper end does, and whose lower end does."""
    upper, lower = place.bounds.pins(place.local)
    rows = [system.rows[row] for row in place.component.rows]
    return (
        [rows[row].upper_cells(system.cells) for row in upper],
        [rows[row].lower_cells(system.cells) for row in lower],
    )
