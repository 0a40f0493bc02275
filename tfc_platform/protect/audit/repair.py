"""Secondary suppressions that mend a failed audit.

Belongs here: which candidate cells to hide. Does not belong: the audit, or what a hidden cell looks like in a release.

What is hidden follows from the published intervals alone and never from a count, so the pattern tells nothing beyond the
figures that it leaves. Cells published before are no candidates: what was said cannot be taken back.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tfc_platform.protect.audit.certify import Found, Solved, certify, pinning_cells
from tfc_platform.protect.audit.joint import TIME_LIMIT
from tfc_platform.protect.audit.matrix import System, build
from tfc_platform.protect.audit.problem import ProblemError, PublishedCell, Universe

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
    universes, cells = tuple(universes), tuple(cells)
    able = {cell.key: True for cell in cells if cell.key}
    for cell in cells:
        able[cell.key] = able.get(cell.key, False) and cell.low >= secondary_low
    if any(key not in able or not key for key in candidates):
        raise ProblemError("A candidate is the key of no cell.")
    rank = {key: number for number, key in enumerate(dict.fromkeys(candidates)) if able[key]}
    deadline = time.monotonic() + time_limit
    solved: Solved = {}

    def attempt(hidden: Iterable[Key]) -> tuple[System, Found]:
        system = build(universes, hide(cells, hidden, secondary_low))
        return system, certify(system, least_upper, deadline, solved)

    hidden: set[Key] = set()
    while True:
        system, found = attempt(hidden)
        if found.faults:
            return None
        if not found.failing:
            break
        more = _choose(system, found, {key: rank[key] for key in rank if key not in hidden}, secondary_low)
        if more is None:
            return None
        hidden |= more
    for key in sorted(hidden, key=rank.__getitem__, reverse=True):
        _, found = attempt(hidden - {key})
        if not found.failing and not found.faults:
            hidden.remove(key)
    return tuple(sorted(hidden, key=rank.__getitem__))


def hide(cells: Iterable[PublishedCell], keys: Iterable[Key], secondary_low: int) -> tuple[PublishedCell, ...]:
    """The cells as an attacker reads them after those with one of `keys` were suppressed secondarily."""
    chosen = set(keys)
    return tuple(replace(cell, low=secondary_low, high=None) if cell.key in chosen else cell for cell in cells)


def _choose(system: System, found: Found, rank: Mapping[Key, int], secondary_low: int) -> set[Key] | None:
    """For each failing component the first candidate that could help one of its atoms; none where an atom cannot be helped."""
    chosen = set()
    for groups in found.failing_by_component():
        best: Key | None = None
        for group in groups:
            helpful = _helpful(system, found, group, rank, secondary_low)
            if not helpful:
                return None
            first = min(helpful, key=rank.__getitem__)
            best = first if best is None or rank[first] < rank[best] else best
        if best is not None:
            chosen.add(best)
    return chosen


def _helpful(system: System, found: Found, group: int, rank: Mapping[Key, int], secondary_low: int) -> set[Key]:
    """Candidates among the cells that prove the group's maximum. Where several cells hold one end of a row, all of them have to
    be candidates for the end to move."""
    upper, lower = pinning_cells(system, found.places[group])
    lower = [row for row in lower if all(system.cells[cell].low > secondary_low for cell in row)]
    movable = [[system.cells[cell].key for cell in row] for row in (*upper, *lower)]
    return {key for row in movable if all(key in rank for key in row) for key in row}
