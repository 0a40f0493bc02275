"""The attack on a whole release finds what gives a hidden figure away, and nothing in a release that was made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.disclosure.release_attack import attack
from tests.disclosure.world import make_world


def test_a_made_release_withstands(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    for number, heads in enumerate(([1], [1, 1], [4, 4, 4])):
        world.set_heads("north", "2025-Q2", ("choir", "kitchen", "play")[number], "A1", heads)
    world.write()
    assert world.release(world.lock_day("2025-Q3")).published is not None
    assert attack(world.current) == []


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def put(table: str, rows: list[dict[str, Any]]) -> Path:
        (tmp_path / "parquet").mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "parquet" / f"{table}.parquet")
        return tmp_path

    return put


def heads(key: dict[str, str], low: float | None, sessions: int) -> list[dict[str, Any]]:
    status = "rounded" if low is not None else "suppressed"
    same = {"site": "north", "quarter": "2025-Q2", **key}
    return [
        {**same, "measure": "attendances_low", "value": low, "status": status},
        {**same, "measure": "sessions_delivered", "value": float(sessions), "status": "shown"},
        {**same, "measure": "sessions_unknown", "value": 0.0, "status": "shown"},
    ]


def test_it_finds_a_hidden_row_between_activities_and_areas(write: Any, tmp_path: Path) -> None:
    """Choir 35 stands for 33 to 37, and so does the one area that has both: 4 at most are left for the kitchen."""
    write("reach", [*heads({"activity": "choir"}, 35.0, 3), *heads({"activity": "kitchen"}, None, 1)])
    write("reach_area", heads({"small_area_code": "A1"}, 35.0, 3))
    assert attack(tmp_path) == [], "one session is elsewhere, with any number of people"
    write("reach_area", heads({"small_area_code": "A1"}, 35.0, 4))
    assert attack(tmp_path) == ["a hidden row of ('north', '2025-Q2')"]
    write("reach_area", heads({"small_area_code": "A1"}, 50.0, 4))
    assert attack(tmp_path) == [], "11 or more are left for the kitchen"
    write("reach_area", heads({"small_area_code": "A1"}, 20.0, 4))
    assert attack(tmp_path) == ["the figures of ('north', '2025-Q2') contradict each other"]


def test_it_finds_a_hidden_band(write: Any) -> None:
    """33, 39 and 26% of 60: the fourth is 4 at most."""
    rows = []
    for number, percent in enumerate((33.0, 39.0, 26.0, None)):
        same = {"site": "north", "population": "p", "wave": "w1", "breakdown": "all", "breakdown_value": "all"}
        status = "suppressed" if percent is None else "rounded"
        for measure, value in (("n", None if percent is None else 60.0), ("estimate", percent)):
            rows.append(
                {**same, "indicator": f"s:levels:{number}", "measure": measure, "value": value, "status": status}
            )
    assert len(attack(write("outcome_indicator", rows))) == 1


def test_it_finds_a_small_count(write: Any) -> None:
    row = {"site": "north", "activity": "visits", "measure": "sessions_delivered", "status": "rounded"}
    assert len(attack(write("casework", [{**row, "value": 5.0}, {**row, "value": 10.0}]))) == 1


def test_it_finds_casework_among_groups(write: Any) -> None:
    same = {"site": "north", "activity": "visits", "measure": "sessions_delivered"}
    write("casework", [{**same, "value": None, "status": "suppressed"}])
    folder = write("delivery", [{**same, "value": 3.0, "status": "shown"}])
    assert attack(folder) == ["casework of north in delivery"]
    write("casework", [{**same, "value": None, "status": "not_applicable"}])
    assert attack(folder) == []
