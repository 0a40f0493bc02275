"""Secondary suppressions that mend a failed audit.

Belongs here: which candidate cells to hide. Does not belong: the audit, or what a hidden cell looks like in a release.

What is hidden follows from the published intervals alone and never from a count, so the pattern tells nothing beyond the
figures that it leaves. Cells published before are no candidates: what was said cannot be taken back.

The system is built once. To hide a cell widens a row, and touches no part that the row is not in.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tfc_platform.disclosure.audit.bounds import Bounds
from tfc_platform.disclosure.audit.certify import Outcome, judge
from tfc_platform.disclosure.audit.joint_audit import TIME_LIMIT
from tfc_platform.disclosure.audit.linear_system import Component, System, build
from tfc_platform.disclosure.audit.problem import ProblemError, PublishedCell, Universe

__all__ = ["hide", "repair"]

Key = tuple[Any, ...]


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
    able = {cell.key: True for cell in cells if cell.key}
    for cell in cells:
        able[cell.key] = able.get(cell.key, False) and cell.low >= secondary_low
    if any(key not in able or not key for key in candidates):
        raise ProblemError("A candidate is the key of no cell.")
    rank = {key: number for number, key in enumerate(dict.fromkeys(candidates)) if able[key]}
    system = build(universes, cells)
    if system.contradictions:
        return None
    attempt = _Attempt(system, rank, least_upper, secondary_low, time.monotonic() + time_limit)
    if not attempt.hide_until_it_passes():
        return None
    attempt.show_what_can_be_shown()
    return tuple(sorted(attempt.hidden, key=rank.__getitem__))


def hide(cells: Iterable[PublishedCell], keys: Iterable[Key], secondary_low: int) -> tuple[PublishedCell, ...]:
    """The cells as an attacker reads them after those with one of `keys` were suppressed secondarily."""
    chosen = set(keys)
    return tuple(replace(cell, low=secondary_low, high=None) if cell.key in chosen else cell for cell in cells)


class _Attempt:
    """A system with some candidates hidden, and what is known of each component as it is then."""

    def __init__(
        self, system: System, rank: Mapping[Key, int], least_upper: int, secondary_low: int, deadline: float
    ) -> None:
        self.hidden: set[Key] = set()
        self._system = system
        self._rank = rank
        self._least_upper = least_upper
        self._secondary_low = secondary_low
        self._deadline = deadline
        self._outcomes: list[Outcome] = []
        self._failed: list[set[int]] = [set() for _ in system.components]
        self._parts_of: dict[Key, list[int]] = {}
        for part, component in enumerate(system.components):
            keys = {system.cells[cell].key for row in component.rows for cell in system.rows[row].cells}
            for key in keys & rank.keys():
                self._parts_of.setdefault(key, []).append(part)

    def hide_until_it_passes(self) -> bool:
        """Hide candidates until each component passes; false where one cannot, or could not be decided."""
        solved: dict[bytes, Outcome] = {}
        for component in self._system.components:
            signature = component.signature
            if signature not in solved:
                solved[signature] = judge(Bounds(component, self._deadline), self._least_upper)
            self._outcomes.append(solved[signature])
        for part in range(len(self._outcomes)):
            while (outcome := self._outcomes[part]).fault or outcome.failing.any():
                key = None if outcome.fault else self._choose(part, outcome)
                if key is None:
                    return False
                self.hidden.add(key)
                for touched in self._parts_of[key]:
                    # What was feasible is so still: what was certified stays so, and the failing ones alone are judged anew.
                    bounds = Bounds(self._widened(touched), self._deadline, self._outcomes[touched].bounds)
                    self._outcomes[touched] = judge(bounds, self._least_upper)
        return True

    def show_what_can_be_shown(self) -> None:
        for key in sorted(self.hidden, key=self._rank.__getitem__, reverse=True):
            self.hidden.remove(key)
            if not all(self._passes(part) for part in self._parts_of[key]):
                self.hidden.add(key)

    def _passes(self, part: int) -> bool:
        bounds = Bounds(self._widened(part), self._deadline)
        outcome = judge(bounds, self._least_upper, suspects=sorted(self._failed[part]))
        return outcome.fault is None and not outcome.failing.any()

    def _choose(self, part: int, outcome: Outcome) -> Key | None:
        """The first candidate that could help one of the failing groups; none where one of them cannot be helped."""
        best: Key | None = None
        for group in np.flatnonzero(outcome.failing).tolist():
            self._failed[part].add(group)
            helpful = self._helpful(part, outcome.bounds, group)
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
