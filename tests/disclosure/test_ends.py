"""The night of disclosure control ends, and one site's answers withhold that site's figures and no others."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.disclosure.world import World, make_world
from tfc_platform.disclosure.protect import prepare

SHOWN = "rounded"
COMMUNITY = ("north", "community")


def fill_other_site(world: World) -> None:
    for wave in world.waves:
        for area in ("Hill", "Shore"):
            world.set_answers("south", wave, area, 40, 35)


def statuses(world: World, table: str, site: str, measure: str) -> Mapping[tuple[Any, ...], str]:
    return {keys: row[measure][1] for keys, row in world.figures(table).items() if keys[0] == site}


def test_a_small_area_in_two_waves_ends_with_what_it_is_of_withheld(tmp_path: Path) -> None:
    """Wave 1: one area 30 of 55, the other 3 of 11. Wave 2: 40 of 70 and 12 of 26. The change would give the area away."""
    world = make_world(tmp_path, filled=False)
    fill_other_site(world)
    for wave, big, small in (("w1", (30, 25), (3, 8)), ("w2", (40, 30), (12, 14))):
        world.set_answers("north", wave, "Hill", *big)
        world.set_answers("north", wave, "Shore", *small)
    world.write()
    night = world.release(world.lock_day("w2"))
    assert night.prepared.report.passed
    north, south = (statuses(world, "outcome_indicator", site, "estimate") for site in ("north", "south"))
    assert {status for keys, status in south.items() if keys[1] == "community"} == {SHOWN}
    w1 = {keys[4:]: status for keys, status in north.items() if keys[2:4] == ("w1", "Q1")}
    # Everybody and one area, each shown, would leave 3 and 8 for the other.
    assert not (w1["all", "all"] == SHOWN and w1["area", "Hill"] == SHOWN)
    changes = statuses(world, "outcome_change", "north", "difference")
    shown_w1 = SHOWN in (w1["all", "all"], *(status for keys, status in changes.items() if keys[2] == "Q1"))
    assert not (shown_w1 and w1["area", "Hill"] == SHOWN), "a change has the bases of both waves"


def test_three_who_name_no_area_withhold_their_own_sites_figures(tmp_path: Path) -> None:
    world = make_world(tmp_path, filled=False)
    fill_other_site(world)
    world.set_answers("north", "w1", "Hill", 30, 32)
    world.set_answers("north", "w1", "Shore", 31, 33)
    world.set_answers("north", "w1", None, 2, 1)
    world.write()
    night = world.release(world.lock_day("w1"))
    assert night.published is not None
    assert set(statuses(world, "outcome_indicator", "south", "estimate").values()) == {SHOWN}
    north = statuses(world, "outcome_indicator", "north", "estimate")
    for indicator in ("Q1", "know"):
        shown = {keys[4:] for keys, status in north.items() if keys[3] == indicator and status == SHOWN}
        assert shown in ({("all", "all")}, {("area", "Hill"), ("area", "Shore")})
    # The wave is locked. Sent again complete, it changes nothing before the revision, and the gate stays open.
    world.set_answers("north", "w1", None, 0, 0)
    world.set_answers("north", "w1", "Hill", 33, 32)
    world.write()
    before = world.person_files()
    world.admitted["north"].append("a" * 64)
    assert world.release(world.lock_day("w1") + timedelta(days=1)).published is not None
    assert world.person_files() == before


def test_each_withheld_figure_says_by_which_rule(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    world.set_answers("north", "w1", None, 2, 1)
    world.write()
    world.release(world.lock_day("w2"))
    night = prepare(world.inputs(world.lock_day("w2")))
    sentences = {item.note.split(":")[0] for item in world.policy.withheld_notes}
    withheld = [row for table in night.tables for row in table.rows if row[-2].startswith("suppressed")]
    assert {row[-2] for row in withheld} == {"suppressed", "suppressed_secondary"}
    for row in withheld:
        assert row[-3] is None
        assert row[-1].split(":")[0] in sentences
        assert row[-1].startswith("Rule R9") == (row[-2] == "suppressed_secondary")


@pytest.mark.parametrize("readings", [1, 4, 12])
def test_what_the_time_does_not_suffice_for_is_withheld_and_the_night_says_so(tmp_path: Path, readings: int) -> None:
    """A clock that lets so many questions through, and then the time is over."""
    world = make_world(tmp_path)
    ticks = itertools.count()
    clock = lambda: 0.0 if next(ticks) < readings else 1e9  # noqa: E731
    night = world.release(world.lock_day("2025-Q3"), clock=clock)
    assert night.published is not None
    assert any("time for disclosure control was over" in note for note in night.prepared.notes)
    notes = {row[-1] for table in night.prepared.tables for row in table.rows if row[-2] == "suppressed_secondary"}
    assert any("not proved in time" in note for note in notes)
    later = prepare(world.inputs(date(2026, 6, 1)))
    assert later.report.passed, "for good, with time enough"
