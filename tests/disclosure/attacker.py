"""An attacker of its own: reads published rows and knows the public rules. It shares no code with the audit.

Head counts: every way in which the published numbers of sessions can lie over activities and places, and every choice of the
pairs in which a session of ten or more was; for each of them the highest and lowest count, by scipy.
Bands: every whole-number table that has the published percentages and base. Panels: every number of pairs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

THRESHOLD, HALF, SESSIONS, LARGE = 10, 2, 3, 10  # R4, rounding to 5, R5
BASE, PART = 30, 10  # R7
PAIRS = 30  # R8
MOST = 10**4


@dataclass(frozen=True)
class HeadRow:
    """One published row of head counts: its sessions whose heads are known, all its sessions, and the count or none.

    `is_withheld`: by another rule than that on sessions and heads.
    """

    known: int
    sessions: int
    count: int | None
    is_withheld: bool

    def may_be(self, large: int) -> bool:
        """Whether so many of its pairs can hold a large session."""
        if self.count is not None:
            return large > 0
        return self.is_withheld or self.sessions < SESSIONS or large == 0

    @property
    def interval(self) -> tuple[float, float]:
        if self.count is None:
            return 0, MOST
        return max(self.count - HALF, THRESHOLD), self.count + HALF


Target = tuple[int, int | None]  # an activity at a place, or everywhere


def intervals_of_heads(
    rows: Sequence[HeadRow], columns: Sequence[HeadRow], targets: Iterable[Target]
) -> dict[Target, tuple[int, int]]:
    """The attacker's intervals. `rows` are activities, `columns` places; the place after the last one is elsewhere."""
    targets = list(targets)
    size = (len(rows), len(columns) + 1)
    pairs = list(itertools.product(range(size[0]), range(size[1])))
    best: dict[Target, list[float]] = {}
    for sessions in _session_tables([row.known for row in rows], [column.known for column in columns]):
        for large in itertools.product((False, True), repeat=len(pairs)):
            if not _is_possible(large, pairs, sessions, rows, columns):
                continue
            low = [LARGE if is_large else 0 for is_large in large]
            high = [
                MOST if is_large else (LARGE - 1) * int(sessions[pair])
                for is_large, pair in zip(large, pairs, strict=True)
            ]
            _widen(best, targets, pairs, list(zip(low, high, strict=True)), (rows, columns))
    return {key: (math.ceil(low - 1e-6), math.floor(high + 1e-6)) for key, (low, high) in best.items()}


def _session_tables(rows: Sequence[int], columns: Sequence[int]) -> Iterator[np.ndarray]:
    """Every table of sessions with these margins; what is in no column is elsewhere."""

    def spread(total: int, room: Sequence[int]) -> Iterator[tuple[int, ...]]:
        if not room:
            yield (total,)
            return
        for first in range(min(total, room[0]) + 1):
            for rest in spread(total - first, room[1:]):
                yield (first, *rest)

    def fill(left: Sequence[int], room: tuple[int, ...]) -> Iterator[list[tuple[int, ...]]]:
        if not left:
            if not any(room):
                yield []
            return
        for one in spread(left[0], room):
            for rest in fill(left[1:], tuple(r - o for r, o in zip(room, one[:-1], strict=True))):
                yield [one, *rest]

    return (np.array(table) for table in fill(rows, tuple(columns)))


def _is_possible(
    large: Sequence[bool],
    pairs: Sequence[tuple[int, int]],
    sessions: np.ndarray,
    rows: Sequence[HeadRow],
    columns: Sequence[HeadRow],
) -> bool:
    in_pair = dict(zip(pairs, large, strict=True))
    if any(is_large and not sessions[pair] for pair, is_large in in_pair.items()):
        return False
    by_row = (row.may_be(sum(in_pair[number, c] for c in range(sessions.shape[1]))) for number, row in enumerate(rows))
    by_column = (
        column.may_be(sum(in_pair[r, number] for r in range(sessions.shape[0])))
        for number, column in enumerate(columns)
    )
    return all(by_row) and all(by_column)


def _widen(
    best: dict[Target, list[float]],
    targets: Sequence[Target],
    pairs: Sequence[tuple[int, int]],
    bounds: Sequence[tuple[float, float]],
    lines: tuple[Sequence[HeadRow], Sequence[HeadRow]],
) -> None:
    matrix, ends = [], []
    for way, of_way in enumerate(lines):
        for number, line in enumerate(of_way):
            one = np.array([float(pair[way] == number) for pair in pairs])
            matrix += [one, -one]
            ends += [line.interval[1], -line.interval[0]]
    for target in targets:
        weights = np.array([float(pair[0] == target[0] and target[1] in (None, pair[1])) for pair in pairs])
        known = best.get(target)
        for sign in (1, -1):
            if known is not None and (known[0] <= 0 if sign == 1 else known[1] >= MOST / 2):
                continue
            solved = linprog(sign * weights, A_ub=np.array(matrix), b_ub=ends, bounds=bounds)
            if solved.status != 0:
                return  # nothing is so
            value = sign * solved.fun
            known = best.setdefault(target, [value, value])
            known[0], known[1] = min(known[0], value), max(known[1], value)


def interval_of_hidden_band(base: int, percentages: Iterable[float | None]) -> tuple[int, int] | None:
    """The interval of a hidden band, beside the published base and the percentages of all bands (none: hidden).

    None where no band or all are shown.
    """
    shown = [int(percent) for percent in percentages if percent is not None]
    hidden = sum(1 for percent in percentages if percent is None) if isinstance(percentages, Sequence) else 0
    if not shown or not hidden:
        return None
    lowest, highest = MOST, -1
    for n in range(max(base - HALF, BASE), base + HALF + 1):
        # One or two points off: a percentage behind which a single numerator would be is published as its neighbour.
        numerators = [
            [c for c in range(PART, n - PART + 1) if abs(math.floor(100 * c / n + 0.5) - percent) <= 2]
            for percent in shown
        ]
        if all(numerators):
            rest_low, rest_high = n - sum(map(max, numerators)), n - sum(map(min, numerators))
            if rest_high >= 0:
                lowest = min(lowest, 0 if hidden > 1 else max(rest_low, 0))
                highest = max(highest, rest_high)
    return lowest, highest


def rests_of_panel(bases: tuple[int, int], pairs: int | None) -> tuple[tuple[int, int], tuple[int, int]]:
    """The intervals of those of each wave who are in no pair, beside both bases; `pairs` as published, or none.

    The number of pairs is published where nobody or enough people are in no pair, and is not where some are and they are few.
    """
    possible = []
    for count in range(PAIRS, min(bases) + 1):
        rests = [base - count for base in bases]
        is_published = all(rest == 0 or rest >= PART for rest in rests)
        if is_published == (pairs is not None) and abs(count - (pairs or count)) <= HALF:
            possible.append(rests)
    first, second = zip(*possible, strict=True)
    return (min(first), max(first)), (min(second), max(second))


def rows_by_key(
    table: Sequence[Mapping[str, object]], *names: str
) -> dict[tuple[object, ...], dict[str, tuple[object, str]]]:
    """Published figures: keys to measures to value and status."""
    found: dict[tuple[object, ...], dict[str, tuple[object, str]]] = {}
    for row in table:
        found.setdefault(tuple(row[name] for name in names), {})[str(row["measure"])] = (
            row["value"],
            str(row["status"]),
        )
    return found
