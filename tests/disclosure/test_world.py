"""The world of these tests is a whole one: its default rows pass the audit, and have figures that are shown and hidden."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.disclosure.world import UNKNOWN, make_world


@pytest.mark.parametrize(("quarters", "panel"), [(2, False), (5, True)])
def test_the_default_rows_are_released_with_figures_shown_and_hidden(
    tmp_path: Path, quarters: int, panel: bool
) -> None:
    world = make_world(tmp_path, quarters=quarters, panel=panel)
    night = world.release(max(world.lock_day(quarter) for quarter in world.quarters))
    assert night.published is not None
    assert night.prepared.report.passed
    locked = {(item["record"], item["site"], item["name"]) for item in night.prepared.snapshots}
    assert locked == {
        *(
            (record, site, quarter)
            for record in ("activity", "story")
            for site in world.sites
            for quarter in world.quarters
        ),
        *(("survey_respondent", site, f"community {wave}") for site in world.sites for wave in world.waves),
    }
    for table in ("reach", "casework"):
        found = {row[next(iter(row))][1] for row in world.figures(table).values()}
        assert {"rounded", "suppressed", "not_applicable"} <= found
    assert {status for row in world.figures("reach_year").values() for _, status in row.values()} == (
        {"rounded", "shown"} if quarters > 3 else set()
    )


def test_a_set_cell_is_the_figure_that_is_published(tmp_path: Path) -> None:
    world = make_world(tmp_path, quarters=1, venues={"A1": "Hill"})
    world.set_heads("north", "2025-Q2", "choir", "A1", [12, 15, 9])
    world.set_heads("north", "2025-Q2", "choir", UNKNOWN, [])
    world.write()
    world.release(world.lock_day("2025-Q2"))
    assert world.figures("reach")[("north", "2025-Q2", "choir")] == {
        "attendances_low": (35.0, "rounded"),
        "attendances_high": (35.0, "rounded"),
        "sessions_delivered": (3.0, "shown"),
        "sessions_unknown": (0.0, "shown"),
    }


def test_a_return_that_did_not_come_keeps_its_quarter_open(tmp_path: Path) -> None:
    world = make_world(tmp_path, quarters=1)
    world.missing.add(("north", "activity", "2025-05"))
    world.write()
    world.release(world.lock_day("2025-Q2"))
    reach = world.figures("reach")
    assert {status for _, status in reach[("north", "2025-Q2", "choir")].values()} == {"not_available"}
    assert reach[("south", "2025-Q2", "choir")]["attendances_low"][1] == "rounded"
