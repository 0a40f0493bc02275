"""When a snapshot locks: by the calendar and the returns that came, never by the data (R0)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.disclosure.world import make_world
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.disclosure.lock_calendar import quarter_of, quarters_of_year, snapshot_periods, year_of


@pytest.mark.parametrize(
    ("day", "quarter", "year"),
    [
        (date(2025, 3, 31), "2025-Q1", "2024-25"),
        (date(2025, 4, 1), "2025-Q2", "2025-26"),
        (date(2026, 1, 1), "2026-Q1", "2025-26"),
        (date(2099, 12, 31), "2099-Q4", "2099-00"),
    ],
)
def test_a_day_has_its_quarter_and_reporting_year(day: date, quarter: str, year: str) -> None:
    assert quarter_of(day) == quarter
    assert year_of(quarter) == year
    assert quarter in quarters_of_year(year)


def test_a_quarter_may_lock_42_days_after_its_end_and_not_a_day_before() -> None:
    catalogue = load_catalogue()

    def quarters(as_of: date) -> set[str]:
        return {p.name for p in snapshot_periods(catalogue, as_of, 42) if p.record == "activity"}

    assert quarters(date(2025, 8, 10)) == set()
    assert quarters(date(2025, 8, 11)) == {"2025-Q2"}
    assert quarters(date(2026, 2, 10)) == {"2025-Q2", "2025-Q3"}
    assert quarters(date(2026, 2, 11)) == {"2025-Q2", "2025-Q3", "2025-Q4"}


def test_a_wave_may_lock_42_days_after_its_return_is_due() -> None:
    catalogue = load_catalogue()

    def waves(as_of: date) -> set[tuple[str, str]]:
        return {(p.site, p.name) for p in snapshot_periods(catalogue, as_of, 42) if p.record == "survey_respondent"}

    assert ("glasgow", "community w1") in waves(date(2024, 10, 12))
    assert waves(date(2024, 10, 11)) == set()
    assert ("glasgow", "community w2") in waves(date(2026, 10, 12))
    assert ("stoke", "community w2") not in waves(date(2030, 1, 1)), "no contract expects it"


def test_a_quarter_waits_for_its_returns_and_locks_when_they_have_come(tmp_path: Path) -> None:
    world = make_world(tmp_path, quarters=1)
    world.missing.add(("north", "activity", "2025-06"))
    world.write()
    world.release(world.lock_day("2025-Q2"))
    waiting = world.figures("reach")[("north", "2025-Q2", "choir")]
    assert set(waiting.values()) == {(None, "not_available")}
    assert world.figures("reach")[("south", "2025-Q2", "choir")]["attendances_low"][1] == "rounded"

    world.missing.clear()
    world.write()
    late = world.release(world.lock_day("2025-Q2").replace(day=25))
    assert "activity/north/2025-Q2" in {s["id"] for s in late.prepared.snapshots}
    assert world.figures("reach")[("north", "2025-Q2", "choir")]["attendances_low"][1] == "rounded"
