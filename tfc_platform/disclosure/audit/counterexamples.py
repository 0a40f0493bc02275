"""Twins: for each small group another dataset, with T people or more there, that has all published figures.

The audit's bound is a linear one, and whole numbers can have less room. A twin is the proof that they have enough: whoever
knows all published figures cannot tell it from the truth. A dataset can be the twin of many atoms. Restricted: twins are made
from the true counts, and are like them in most places. No part of `Twins` leaves the restricted zone but its `reasons`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tfc_platform.disclosure.audit import summary
from tfc_platform.disclosure.audit.bounds import UndecidedError
from tfc_platform.disclosure.audit.deadline import Deadline
from tfc_platform.disclosure.audit.integer_model import WholeModel
from tfc_platform.disclosure.audit.joint_audit import TIME_LIMIT
from tfc_platform.disclosure.audit.linear_system import FREE, IMPOSSIBLE, Component, System, build
from tfc_platform.disclosure.audit.problem import Atom, ProblemError, PublishedCell, Universe

__all__ = ["Twins", "find_twins"]

Ints = npt.NDArray[np.int64]
Change = dict[int, int]  # position → count, for the atoms of a component
EFFORT = 0.3  # of one search for many, in CP-SAT's deterministic time


@dataclass(frozen=True)
class Twins:
    """What was sought, and what was found.

    `sought`: atoms of 1 to `largest_guarded` people; `certified`: those of them for which a twin was found; `datasets`: the
    twins, whole datasets without their zeros; `twin_of`: atom → number of its dataset; `without`: table → how many of its atoms
    have no twin; `reasons`: sentences that name tables alone, empty exactly where all are certified.
    """

    sought: int
    certified: int
    datasets: tuple[Mapping[Atom, int], ...]
    twin_of: Mapping[Atom, int]
    without: Mapping[str, int]
    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.reasons


@dataclass
class _Search:
    """The search in one component. `changes[i]` is this component's part of dataset i."""

    changes: list[Change] = field(default_factory=list)
    twin_of: dict[int, int] = field(default_factory=dict)
    impossible: list[int] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)


def find_twins(
    universes: Iterable[Universe],
    cells: Iterable[PublishedCell],
    truth: Mapping[Atom, int],
    *,
    least_upper: int,
    largest_guarded: int = 4,
    time_limit: float = TIME_LIMIT,
) -> Twins:
    """A twin for each atom of 1 to `largest_guarded` people in `truth`, with at least `least_upper` (T) there.

    `truth` has the true count of every atom that is not 0. `time_limit` is in seconds; what was not found in it is not certified.
    Whole numbers must be known to the last: nothing is certified where the truth itself has not the published figures.

    :raises ProblemError: where the truth has an atom that is not there or cannot be, or a count below zero.
    """
    system = build(universes, cells)
    counts = _counts(system, truth)
    wrong = _wrong_tables(system, counts)
    small = np.flatnonzero((counts >= 1) & (counts <= largest_guarded))
    if wrong:
        reason = f"The true counts do not have the published figures of {summary.names(wrong)}."
        return Twins(len(small), 0, (), {}, dict.fromkeys(sorted(wrong), 0), (reason,))
    deadline = Deadline.after(time_limit)
    searches = [_free(system, small, least_upper)]
    small_in: dict[int, list[int]] = {}
    for position in small.tolist():
        small_in.setdefault(int(system.group_of[position]), []).append(position)
    for component in system.components:
        waiting = {i: small_in[group] for i, group in enumerate(component.groups.tolist()) if group in small_in}
        if waiting:
            searches.append(_search(system, component, counts, waiting, least_upper, deadline))
    return _together(system, searches, counts, len(small))


def _counts(system: System, truth: Mapping[Atom, int]) -> Ints:
    counts = np.zeros(len(system.group_of), dtype=np.int64)
    for atom, count in truth.items():
        position = system.position(atom)
        if count < 0 or (count and system.group_of[position] == IMPOSSIBLE):
            raise ProblemError(f"The true counts of universe {atom.universe} are below zero or where nobody can be.")
        counts[position] = count
    return counts


def _wrong_tables(system: System, counts: Ints) -> set[str]:
    """The tables with a cell that the true counts do not have."""
    sums = [int(counts[atoms].sum()) for atoms in system.row_atoms]
    return {
        cell.table
        for cell, row in zip(system.cells, system.row_of, strict=True)
        if sums[row] < cell.low or (cell.high is not None and sums[row] > cell.high)
    }


def _free(system: System, small: Ints, least_upper: int) -> _Search:
    """Atoms that nothing bounds above: all at once are T in one dataset."""
    free = [position for position in small.tolist() if system.group_of[position] == FREE]
    change = dict.fromkeys(free, least_upper)
    return _Search([change] if free else [], dict.fromkeys(free, 0))


def _search(
    system: System,
    component: Component,
    counts: Ints,
    waiting: dict[int, list[int]],
    least_upper: int,
    deadline: Deadline,
) -> _Search:
    """`waiting`: group of the component → its atoms that need a twin. It is used up."""
    members = [system.members[group] for group in component.groups.tolist()]
    truth = np.array([int(counts[atoms].sum()) for atoms in members], dtype=np.int64)
    search = _Search()
    model = WholeModel(component, deadline, hint=truth)

    def use(solution: Ints) -> int:
        """Make datasets of a solution as long as one is a new atom's twin. Gives how many atoms that were."""
        found = 0
        while any(solution[group] >= least_upper for group in waiting):
            change: Change = {}
            for group, total in enumerate(solution.tolist()):
                taken = waiting.get(group, [])[: total // least_upper]
                if taken:
                    waiting[group] = waiting[group][len(taken) :]
                    if not waiting[group]:
                        del waiting[group]
                    search.twin_of.update(dict.fromkeys(taken, len(search.changes)))
                found += len(taken)
                change.update(_spread(members[group], counts, total, taken, least_upper))
            search.changes.append(change)
        return found

    try:
        while waiting:
            solution = model.reach_many(list(waiting), least_upper, EFFORT)
            if solution is None or not use(solution):
                break
        for group in list(waiting):
            if group in waiting:
                solution = model.reach(group, least_upper)
                if solution is None:
                    search.impossible += waiting.pop(group)
                else:
                    use(solution)
    except UndecidedError:
        search.unknown = [position for positions in waiting.values() for position in positions]
    return search


def _spread(atoms: list[int], counts: Ints, total: int, taken: list[int], least_upper: int) -> Change:
    """The people of a group over its atoms, which no row tells apart: T in each that is taken; as in truth where none is."""
    if not taken and total == int(counts[atoms].sum()):
        return {position: int(counts[position]) for position in atoms}
    change = dict.fromkeys(atoms, 0) | dict.fromkeys(taken, least_upper)
    change[(taken or atoms)[0]] += total - least_upper * len(taken)
    return change


def _together(system: System, searches: list[_Search], counts: Ints, sought: int) -> Twins:
    """Datasets of all components side by side: they do not meet, so the first of each make one dataset."""
    datasets = []
    for number in range(max((len(search.changes) for search in searches), default=0)):
        twin = counts.copy()
        for search in searches:
            if number < len(search.changes):
                for position, count in search.changes[number].items():
                    twin[position] = count
        # Added up once more over all cells as they were published: a twin is a proof, or nothing.
        if _wrong_tables(system, twin):
            raise AssertionError("a twin does not have the published figures")
        datasets.append({system.atom(position): int(twin[position]) for position in np.flatnonzero(twin).tolist()})
    twin_of = {system.atom(position): number for search in searches for position, number in search.twin_of.items()}
    impossible = [position for search in searches for position in search.impossible]
    unknown = [position for search in searches for position in search.unknown]
    reasons = [
        f"{len(positions)} small groups of {summary.names(_tables_over(system, positions))} {why}."
        for positions, why in (
            (impossible, "have no other dataset that would publish the same"),
            (unknown, "could not be certified in the time that was given"),
        )
        if positions
    ]
    without = {table: len(positions) for table, positions in _tables_over(system, impossible + unknown).items()}
    return Twins(sought, len(twin_of), tuple(datasets), twin_of, without, tuple(reasons))


def _tables_over(system: System, positions: list[int]) -> dict[str, set[int]]:
    """The tables that sum over these atoms, each with those that it sums over."""
    found: dict[str, set[int]] = {}
    wanted = np.zeros(len(system.group_of), dtype=bool)
    wanted[positions] = True
    for cell, row in zip(system.cells, system.row_of, strict=True):
        hit = system.row_atoms[row][wanted[system.row_atoms[row]]].tolist()
        if hit:
            found.setdefault(cell.table, set()).update(hit)
    return dict(sorted(found.items()))
