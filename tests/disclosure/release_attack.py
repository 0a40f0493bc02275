"""The attacker of its own on a whole release: reads its Parquet files and nothing else, and says what it could work out.

Used by any test that has a release: `assert not attack(folder)`. It shares no code with the audit.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from scipy.optimize import linprog

from tests.disclosure.attacker import HALF, LARGE, SESSIONS, THRESHOLD, interval_of_hidden_band

__all__ = ["attack"]

T = 9  # what a group of 1 to 4 must be able to be
Rows = list[dict[str, Any]]


def attack(release: Path) -> list[str]:
    """A sentence for each hidden figure that can be worked out too closely. It names no figure, only where."""
    return [*_bands(_read(release, "outcome_indicator")), *_heads(release), *_casework(release), *_beside(release)]


def _read(release: Path, table: str) -> Rows:
    path = release / "parquet" / f"{table}.parquet"
    if not path.is_file():
        return []
    cursor = duckdb.sql(f"from read_parquet('{path}')")
    return [dict(zip(cursor.columns, row, strict=True)) for row in cursor.fetchall()]


def _figures(rows: Rows, *keys: str) -> dict[tuple[Any, ...], dict[str, tuple[float | None, str]]]:
    found: dict[tuple[Any, ...], dict[str, tuple[float | None, str]]] = defaultdict(dict)
    for row in rows:
        found[tuple(row[key] for key in keys)][row["measure"]] = (row["value"], row["status"])
    return found


def _bands(rows: Rows) -> list[str]:
    """A band that is hidden beside shown ones is what these leave of the base."""
    scales: dict[tuple[Any, ...], list[dict[str, tuple[float | None, str]]]] = defaultdict(list)
    for key, figures in _figures(
        rows, "site", "population", "wave", "breakdown", "breakdown_value", "indicator"
    ).items():
        scale, _, band = str(key[-1]).rpartition(":")
        if scale and band:
            scales[*key[:-1], scale].append(figures)
    failing = []
    for key, bands in scales.items():
        bases = [one["n"][0] for one in bands if one["n"][0] is not None]
        interval = interval_of_hidden_band(int(max(bases)), [one["estimate"][0] for one in bands]) if bases else None
        if interval is not None and interval[1] < T:
            failing.append(f"a hidden band of {key}")
    return failing


def _heads(release: Path) -> list[str]:
    """Activities and areas of one quarter are the same people: the highest and lowest count of each hidden row."""
    reach = _figures(_read(release, "reach"), "site", "quarter", "activity")
    areas = _figures(_read(release, "reach_area"), "site", "quarter", "small_area_code")
    failing = []
    for site, quarter in sorted({key[:2] for key in reach}):
        lines = [
            [(key, one) for key, one in table.items() if key[:2] == (site, quarter) and _is_published(one)]
            for table in (reach, areas)
        ]
        if all(lines):
            failing += _in_quarter(lines)
    return failing


def _is_published(figures: dict[str, tuple[float | None, str]]) -> bool:
    return figures["attendances_low"][1] not in ("not_available", "not_applicable")


def _in_quarter(lines: list[list[tuple[tuple[Any, ...], dict[str, tuple[float | None, str]]]]]) -> list[str]:
    size = (len(lines[0]), len(lines[1]) + 1)  # the last place is elsewhere
    cells = np.arange(size[0] * size[1]).reshape(size)
    matrix, ends, hidden = [], [], []
    for way, of_way in enumerate(lines):
        for number, (key, figures) in enumerate(of_way):
            weights = np.zeros(cells.size)
            weights[cells[number, :] if way == 0 else cells[:, number]] = 1
            low, high = _interval(figures)
            matrix += [weights, -weights]
            ends += [high, -low]
            value, status = figures["attendances_low"]
            if value is None and status in ("suppressed", "suppressed_secondary") and high > 0:
                hidden.append((key, weights))
    sessions = [sum(_sessions(figures) for _, figures in of_way) for of_way in lines]
    most = np.full(size, 10.0**4)
    most[:, -1] = 10**4 if sessions[0] > sessions[1] else 0  # all sessions are at a known place: nobody is elsewhere
    failing = []
    for key, weights in hidden:
        bounds = [(0, one) for one in most.ravel()]
        solved = linprog(-weights, A_ub=np.array(matrix), b_ub=ends, bounds=bounds)
        if solved.status == 2:
            failing.append(f"the figures of {key[:2]} contradict each other")
        elif solved.status == 0 and -solved.fun < T - 1e-6:
            failing.append(f"a hidden row of {key[:2]}")
    return failing


def _sessions(figures: dict[str, tuple[float | None, str]]) -> float:
    return figures["sessions_delivered"][0] or 0


def _interval(figures: dict[str, tuple[float | None, str]]) -> tuple[float, float]:
    """What a row says of itself; where nothing does, 10,000 is more than any count."""
    value, status = figures["attendances_low"]
    if value is not None:
        return max(value - HALF, THRESHOLD), value + HALF
    sessions = _sessions(figures)
    known = sessions - (figures["sessions_unknown"][0] or 0)
    if known == 0:
        return 0, 0
    return 0, known * (LARGE - 1) if status == "suppressed" and sessions >= SESSIONS else 10**4


def _casework(release: Path) -> list[str]:
    """A shown count of people is ten or more, and rounded."""
    rows = [row for row in _read(release, "casework") if row["measure"] == "sessions_delivered"]
    rows += _read(release, "story_domain")
    return [
        f"a count in {row['site']}"
        for row in rows
        if row["value"] is not None and (row["value"] < THRESHOLD or row["value"] % 5)
    ]


def _beside(release: Path) -> list[str]:
    """What is casework at a site has no sessions in the tables of groups, which show them as they are."""
    ours = {(row["site"], row["activity"]) for row in _read(release, "casework") if row["status"] != "not_applicable"}
    return [
        f"casework of {row['site']} in {table}"
        for table in ("delivery", "process", "reach")
        for row in _read(release, table)
        if (row["site"], row["activity"]) in ours and row["value"] is not None
    ]
