"""The attacker's interval of any sum of atoms, or of the difference of two sums, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tfc_platform.disclosure.audit import summary
from tfc_platform.disclosure.audit.bounds import Bounds, ContradictionError
from tfc_platform.disclosure.audit.deadline import Deadline
from tfc_platform.disclosure.audit.joint_audit import TIME_LIMIT, tidy
from tfc_platform.disclosure.audit.linear_system import FREE, Component, System, build
from tfc_platform.disclosure.audit.problem import Interval, ProblemError, PublishedCell, Universe

__all__ = ["Target", "attackers_intervals"]

# The maximum of a weighted sum of a component's groups.
Maximise = Callable[[Mapping[int, float]], float]


@dataclass(frozen=True)
class Target:
    """The sum over `where` of a universe, less the sum over `minus` where that is given."""

    universe: str
    where: Mapping[str, frozenset[str]]
    minus: Mapping[str, frozenset[str]] | None = None


def attackers_intervals(
    universes: Iterable[Universe],
    cells: Iterable[PublishedCell],
    targets: Sequence[Target],
    *,
    whole: bool = False,
    time_limit: float = TIME_LIMIT,
) -> tuple[Interval, ...]:
    """The lowest and highest value of each target over all that agrees with the published cells.

    By linear programming, as the audit has it; with `whole` over whole numbers, by CP-SAT, for small problems: never wider.
    `time_limit` is in seconds.

    :raises ProblemError: where cells contradict each other, or something is named that is not there.
    :raises UndecidedError: where a solver stops without an optimum.
    """
    system = build(universes, cells, minima=True)
    if system.contradictions:
        raise ProblemError(summary.contradiction(system.contradictions[0]))
    deadline = Deadline.after(time_limit)
    solvers: list[Maximise] = []
    for component in system.components:
        maximise = _whole(component, deadline) if whole else Bounds(component, deadline).maximise
        try:
            maximise({})
        except ContradictionError as fault:
            tables = system.tables(component.rows[row] for row in fault.rows)
            raise ProblemError(summary.contradiction(tables)) from None
        solvers.append(maximise)
    home = {
        int(group): (number, local)
        for number, component in enumerate(system.components)
        for local, group in enumerate(component.groups)
    }
    return tuple(_interval(system, solvers, home, target) for target in targets)


def _whole(component: Component, deadline: Deadline) -> Maximise:
    # Imported for those alone who ask for whole numbers: OR-tools takes a second to load.
    from tfc_platform.disclosure.audit.integer_model import WholeModel

    return WholeModel(component, deadline).maximise


def _interval(
    system: System, solvers: Sequence[Maximise], home: Mapping[int, tuple[int, int]], target: Target
) -> Interval:
    weight: dict[int, int] = {}
    for where, sign in ((target.where, 1), (target.minus, -1)):
        if where is not None:
            for position in system.box(target.universe, where, "of the question").tolist():
                weight[position] = weight.get(position, 0) + sign
    high = _maximum(system, solvers, home, weight)
    low = _maximum(system, solvers, home, {position: -sign for position, sign in weight.items()})
    return Interval(None if low is None else 0.0 - low, high)


def _maximum(
    system: System, solvers: Sequence[Maximise], home: Mapping[int, tuple[int, int]], weight: Mapping[int, int]
) -> float | None:
    """The maximum of a weighted sum of atoms; none where it has none. A group's people may all be in its best atom."""
    best: dict[int, int] = {}
    named: dict[int, int] = {}
    for position, sign in weight.items():
        group = int(system.group_of[position])
        if group == FREE and sign > 0:
            return None
        if group >= 0:
            best[group] = max(best.get(group, sign), sign)
            named[group] = named.get(group, 0) + 1
    costs: dict[int, dict[int, float]] = {}
    for group, sign in best.items():
        if named[group] < len(system.members[group]):
            sign = max(sign, 0)
        component, local = home[group]
        if sign > 0 and not np.isfinite(system.components[component].high_of(local)):
            return None
        costs.setdefault(component, {})[local] = float(sign)
    return tidy(sum(solvers[component](cost) for component, cost in costs.items()))
