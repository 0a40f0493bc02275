"""Secondary suppressions that repair a failed audit.

What is hidden follows from the published intervals and never from a count, so the pattern tells nothing beyond the figures that
it leaves. Cells published before are no candidates: what was published cannot be taken back.

The system is built once. To hide a cell widens a row, and touches no part that the row is not in.

Why it ends: each step of `_repair_part` hides one more candidate, of which there are finitely many, or gives the part up; and
each candidate is tried once for being shown again. After the deadline every programme is undecided, and its part is given up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tfc_platform.disclosure.audit.bounds import Bounds, ContradictionError, UndecidedError
from tfc_platform.disclosure.audit.certify import ComponentVerdict, EarlierFigures, judge
from tfc_platform.disclosure.audit.deadline import Deadline
from tfc_platform.disclosure.audit.joint_audit import TIME_LIMIT
from tfc_platform.disclosure.audit.linear_system import Component, System, build
from tfc_platform.disclosure.audit.problem import ProblemError, PublishedCell, Universe

__all__ = ["Repair", "hide", "repair", "repair_parts"]

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Repair:
    """`hidden`: candidates which, hidden, let every part pass that can be repaired, in the order of the candidates.

    `hopeless` and `unfinished`: candidates in parts that no hiding of single candidates repairs, or for which the time was over.
    """

    hidden: tuple[Key, ...]
    hopeless: frozenset[Key]
    unfinished: frozenset[Key]


def repair(
    universes: Iterable[Universe],
    cells: Iterable[PublishedCell],
    candidates: Sequence[Key],
    *,
    least_upper: int,
    secondary_low: int = 10,
    time_limit: float = TIME_LIMIT,
) -> tuple[Key, ...] | None:
    """A small set of candidates which, hidden, let the audit pass: in the order of `candidates`; none where there is no such set.

    `candidates` are keys of cells, the ones to be hidden first in front. All cells with a chosen key are hidden: they become
    [`secondary_low`, no end). A cell whose interval begins below that is never chosen: it is suppressed already. Empty where the
    audit passes as it is. None as well where figures contradict each other or the time, in seconds, is over.

    Greedy: as long as an atom fails, the first candidate among the cells that prove its bound is hidden; in the end each that
    proved not to be needed is shown again, the last of the candidates first. All that stay hidden are needed; a smaller set may
    exist.

    :raises ProblemError: where a candidate is the key of no cell, or cells and universes do not belong together.
    """
    cells = tuple(cells)
    system = build(universes, cells)
    rank = _rank(cells, candidates, secondary_low)
    if system.contradictions:
        return None
    deadline = Deadline.after(time_limit)
    attempt = _Attempt(system, rank, least_upper, secondary_low, deadline, EarlierFigures(system, (), deadline))
    attempt.hide_until_it_passes()
    if attempt.given_up:
        return None
    attempt.show_what_is_not_needed()
    return tuple(sorted(attempt.hidden, key=rank.__getitem__))


def repair_parts(
    universes: Iterable[Universe],
    cells: Iterable[PublishedCell],
    earlier: Iterable[PublishedCell],
    candidates: Sequence[Key],
    *,
    least_upper: int,
    deadline: Deadline,
) -> Repair:
    """As `repair`, a connected part at a time: one that cannot be repaired does not keep others from it.

    Hidden cells become [0, no end), whatever their own interval. What the cells of `earlier` give away by themselves needs no
    repair.

    :raises ProblemError: where a candidate is the key of no cell, or cells and universes do not belong together.
    """
    cells = tuple(cells)
    system = build(universes, cells)
    rank = _rank(cells, candidates, 0)
    attempt = _Attempt(system, rank, least_upper, 0, deadline, EarlierFigures(system, earlier, deadline))
    attempt.hide_until_it_passes()
    attempt.show_what_is_not_needed()
    hidden = tuple(sorted(attempt.hidden, key=rank.__getitem__))
    unfinished = {part for part, why in attempt.given_up.items() if isinstance(why, UndecidedError)}
    return Repair(hidden, attempt.keys_in(attempt.given_up.keys() - unfinished), attempt.keys_in(unfinished))


def hide(cells: Iterable[PublishedCell], keys: Iterable[Key], secondary_low: int) -> tuple[PublishedCell, ...]:
    """The cells as an attacker reads them after those with one of `keys` were suppressed secondarily."""
    chosen = set(keys)
    return tuple(replace(cell, low=secondary_low, high=None) if cell.key in chosen else cell for cell in cells)


def _rank(cells: Iterable[PublishedCell], candidates: Sequence[Key], secondary_low: int) -> dict[Key, int]:
    able: dict[Key, bool] = {}
    for cell in cells:
        if cell.key:
            able[cell.key] = able.get(cell.key, True) and cell.low >= secondary_low
    if any(key not in able or not key for key in candidates):
        raise ProblemError("A candidate is the key of no cell.")
    return {key: number for number, key in enumerate(dict.fromkeys(candidates)) if able[key]}


class _Attempt:
    """A system with some candidates hidden, and what is known of each component as it is then.

    `given_up`: the parts that cannot be repaired, each with the fault, or none where no candidate helps.
    """

    def __init__(
        self,
        system: System,
        rank: Mapping[Key, int],
        least_upper: int,
        secondary_low: int,
        deadline: Deadline,
        earlier: EarlierFigures,
    ) -> None:
        self.hidden: set[Key] = set()
        self.given_up: dict[int, Exception | None] = {}
        self._system = system
        self._rank = rank
        self._least_upper = least_upper
        self._secondary_low = secondary_low
        self._deadline = deadline
        self._earlier = earlier
        self._verdicts: list[ComponentVerdict] = []
        self._failed: list[set[int]] = [set() for _ in system.components]
        self._parts_of: dict[Key, list[int]] = {}
        for part in range(len(system.components)):
            for key in self.keys_in([part]):
                self._parts_of.setdefault(key, []).append(part)

    def keys_in(self, parts: Iterable[int]) -> frozenset[Key]:
        """The candidates among the cells of these parts."""
        rows = (row for part in parts for row in self._system.components[part].rows)
        keys = {self._system.cells[cell].key for row in rows for cell in self._system.rows[row].cells}
        return frozenset(keys & self._rank.keys())

    def hide_until_it_passes(self) -> None:
        """Hide candidates until each component passes or is given up."""
        solved: dict[bytes, ComponentVerdict] = {}
        for component in self._system.components:
            signature = component.signature
            if signature not in solved:
                solved[signature] = judge(Bounds(component, self._deadline), self._least_upper)
            self._verdicts.append(solved[signature])
        for part in range(len(self._verdicts)):
            self._repair_part(part)

    def _repair_part(self, part: int) -> None:
        while True:
            verdict = self._verdicts[part]
            if verdict.fault:
                self.given_up[part] = verdict.fault
                return
            try:
                failing = self._earlier.new_failures(self._system.components[part], verdict)
                if not failing.any():
                    return
                key = self._choose(part, verdict, np.flatnonzero(failing).tolist())
            except (ContradictionError, UndecidedError) as fault:
                self.given_up[part] = fault
                return
            if key is None:
                self.given_up[part] = None
                return
            self.hidden.add(key)
            for touched in self._parts_of[key]:
                # What was feasible is so still: what was certified stays so, and only the failing ones are judged anew.
                bounds = Bounds(self._widened(touched), self._deadline, self._verdicts[touched].bounds)
                self._verdicts[touched] = judge(bounds, self._least_upper)

    def show_what_is_not_needed(self) -> None:
        """Show each hidden candidate again whose parts pass without its being hidden."""
        for key in sorted(self.hidden, key=self._rank.__getitem__, reverse=True):
            self.hidden.remove(key)
            if not all(part in self.given_up or self._passes(part) for part in self._parts_of[key]):
                self.hidden.add(key)

    def _passes(self, part: int) -> bool:
        component = self._widened(part)
        bounds = Bounds(component, self._deadline)
        suspects = sorted(self._failed[part])
        try:
            verdict = judge(bounds, self._least_upper, suspects)
            if verdict.fault or self._earlier.new_failures(component, verdict).any():
                return False
            if (
                verdict.failing.any()
            ):  # of a suspect that the earlier figures give away: the others are to be judged yet
                verdict = judge(bounds, self._least_upper)
            return verdict.fault is None and not self._earlier.new_failures(component, verdict).any()
        except (ContradictionError, UndecidedError):
            return False

    def _choose(self, part: int, verdict: ComponentVerdict, failing: Sequence[int]) -> Key | None:
        """The first candidate that could help one of the failing groups; none where one of them cannot be helped."""
        best: Key | None = None
        for group in failing:
            self._failed[part].add(group)
            helpful = self._helpful(part, verdict.bounds, group)
            if not helpful:
                return None
            first = min(helpful, key=self._rank.__getitem__)
            best = first if best is None or self._rank[first] < self._rank[best] else best
        return best

    def _helpful(self, part: int, bounds: Bounds, group: int) -> set[Key]:
        """Candidates among the cells that prove the group's maximum. Where several cells hold one end of a row, all of them have
        to be candidates for the end to move."""
        upper, lower = bounds.pins(group)
        rows = self._system.components[part].rows
        held = [[key for key, _, high in self._ends(rows[row]) if high == bounds.component.high[row]] for row in upper]
        held += [
            [key for key, low, _ in self._ends(rows[row]) if low == bounds.component.low[row]]
            for row in lower
            if bounds.component.low[row] > self._secondary_low
        ]
        free = self._rank.keys() - self.hidden
        return {key for keys in held if free.issuperset(keys) for key in keys}

    def _ends(self, row: int) -> list[tuple[Key, int, float]]:
        """Key and interval of each cell of a row, as it is shown or hidden now."""
        cells = [self._system.cells[cell] for cell in self._system.rows[row].cells]
        return [
            (cell.key, self._secondary_low, math.inf)
            if cell.key in self.hidden
            else (cell.key, cell.low, math.inf if cell.high is None else cell.high)
            for cell in cells
        ]

    def _widened(self, part: int) -> Component:
        component = self._system.components[part]
        ends = [self._ends(row) for row in component.rows]
        return replace(
            component,
            low=np.array([max(low for _, low, _ in row) for row in ends], dtype=float),
            high=np.array([min(high for _, _, high in row) for row in ends], dtype=float),
        )
