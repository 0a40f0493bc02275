"""Two outputs of an analyst, each safe by itself, can give a small group away together: what left is audited with what is new."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.disclosure.world import World, make_world
from tfc_platform.cli.app import app
from tfc_platform.disclosure.attacker_view import AuditCells
from tfc_platform.disclosure.output_check import CheckedOutput, check_output
from tfc_platform.disclosure.output_register import OutputRegister
from tfc_platform.disclosure.output_rules import OutputVerdict
from tfc_platform.disclosure.policy import load_policy

POLICY = load_policy()
GROUPS = "from mart_reach_cell where audience_unit = 'group' and site = 'north' and quarter = '2025-Q2'"
LARGE = f"select activity, sum(attendances_low) {GROUPS} and activity in ('choir', 'play') group by activity"
ALL = f"select site, sum(attendances_low) {GROUPS} group by site"
DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """By hand: choir 42 and play 47 are published as 40 and 45; of 94 in all the hidden kitchen may have 5 to 13. Nobody wrote
    down where they were, so no area says more."""
    world = make_world(tmp_path_factory.mktemp("left"), quarters=1, casework=False)
    for activity, heads in (("choir", [14, 15, 13]), ("play", [20, 13, 14]), ("kitchen", [4, 1])):
        for place in (*world.venues, "unknown"):
            world.set_heads("north", "2025-Q2", activity, place, heads if place == "unknown" else [])
    everybody_answered_5 = {"Hill": 60, "Shore": 0, None: 0}
    for area, count in everybody_answered_5.items():
        world.set_answers("north", "w1", area, count, 0)
    world.write()
    world.release(max(world.lock_day("2025-Q2"), world.lock_day("w1")))
    return world


@pytest.fixture
def world(made: World, tmp_path: Path) -> World:
    return made.copied(tmp_path / "home")


def checked(world: World, sql: str) -> CheckedOutput:
    return check_output(sql, world.research_file, world.places.snapshots, world.register, POLICY)


def leaves(world: World, sql: str) -> None:
    OutputRegister(world.places.snapshots).keep(sql, "A Name", DAY, "made", checked(world, sql).told)


@pytest.mark.parametrize("order", [(LARGE, ALL), (ALL, LARGE)])
def test_the_second_of_two_is_judged_beside_the_first(world: World, order: tuple[str, str]) -> None:
    """42 and 47 of 94 leave 5 in the kitchen."""
    assert all(checked(world, sql).count(OutputVerdict.WITHHOLD) == 0 for sql in order), "each by itself"
    leaves(world, order[0])
    assert checked(world, order[0]).count(OutputVerdict.WITHHOLD) == 0, "the same again tells nothing new"
    second = checked(world, order[1])
    assert second.count(OutputVerdict.WITHHOLD) >= 1
    reasons = {r for row in second.rows for one in row.judgements if one is not None for r in one.reasons}
    assert any("outputs that left before" in reason for reason in reasons)


def test_what_is_withheld_has_not_left(world: World) -> None:
    leaves(world, LARGE)
    assert checked(world, ALL).told == ()
    leaves(world, ALL)
    assert len(OutputRegister(world.places.snapshots).cells()) == 2, "of choir and play alone"


def test_another_version_of_research_and_of_the_quarter_knows_what_left(world: World) -> None:
    """In the revision twenty more came to the choir: 62. The year is published by then as 115, which is 113 to 117. Play has 47
    still, as nobody of it came or left: that leaves 4 to 8 for the kitchen, and without the first output 4 to 12."""
    register, other = OutputRegister(world.places.snapshots), world.copied(world.home.with_name("other"))
    leaves(world, LARGE)
    told = register.cells()
    assert {cell.count for cell in told} == {42, 47}
    choir = f"select activity, sum(attendances_low) {GROUPS} and activity = 'choir' group by activity"
    for one, verdict in ((world, OutputVerdict.WITHHOLD), (other, OutputVerdict.SAFE)):
        one.add_heads("north", "2025-Q2", "choir", "unknown", [20])
        one.write()
        assert one.release(date(2026, 6, 30)).published is not None
        assert checked(one, choir).count(verdict) == 1
    cells = AuditCells()
    told[0].add_to(cells, {told[0].snapshot: [1, 2]}, lambda _, __, value: str(value), "left", ("left",))
    (cell,) = cells.cells.values()
    assert cell.where["quarter"] == {"2025-Q2@1", "2025-Q2@1-2"}, (
        "whoever left with the second version, and whoever stayed"
    )


def test_answers_that_left_are_read_again_as_they_were(world: World) -> None:
    leaves(world, "select area, sum(n) from mart_outcome_cell where site = 'south' and wave = 'w1' group by area")
    sql = (
        "select wave, sum(n), sum(positive) from mart_outcome_cell"
        " where site = 'south' and wave = 'w1' and indicator = 'Q1' group by wave"
    )
    told = checked(world, sql).told
    assert {cell.answers for cell in told} == {(), ("answer", "positive"), ("answer", "other")}
    leaves(world, sql)
    assert set(told) <= set(OutputRegister(world.places.snapshots).cells())


def test_a_mean_that_tells_what_all_answered_is_withheld(world: World) -> None:
    of_means = "select site, indicator, n, estimate from mart_outcome_indicator where breakdown = 'all' and wave = 'w1'"
    output = checked(world, f"{of_means} and measure = 'scale_mean'")
    found = {row.values[0]: row.judgements[-1] for row in output.rows}
    assert found["north"] is not None
    assert found["north"].reasons == ("R7: the mean tells what all answered, or all but a few.",)
    assert found["south"] is not None
    assert found["south"].verdict == OutputVerdict.SAFE


def test_the_command_keeps_what_somebody_lets_leave(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFC_HOME", str(world.home))
    monkeypatch.setenv("TFC_LANDING", str(tmp_path / "landing"))
    monkeypatch.setenv("TFC_AS_OF", DAY.isoformat())
    register, query = OutputRegister(world.places.snapshots), tmp_path / "q.sql"
    query.write_text(LARGE)
    arguments = ["check-output", str(query), "--version", "made"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert "--by NAME" in result.stdout
    assert not register.folder.exists()
    result = CliRunner().invoke(app, [*arguments, "--by", "A Name", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["kept"] is True
    (file,) = register.folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    kept = json.loads(file.read_text())
    assert (kept["by"], kept["on"], kept["research"]) == ("A Name", "2026-01-05", "made")
    assert "select" not in file.read_text()
    query.write_text(ALL)
    assert CliRunner().invoke(app, arguments).exit_code == 1
