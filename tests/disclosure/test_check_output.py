"""An analyst's output is judged as a release would be, and nothing is released by it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from tests.disclosure.world import World, make_world
from tfc_platform.cli.app import app
from tfc_platform.disclosure.output_check import CheckedOutput, check_output
from tfc_platform.disclosure.output_query import QueryError, open_research, output_rows, parse_query
from tfc_platform.disclosure.output_rules import OutputVerdict, judge_parts
from tfc_platform.disclosure.policy import load_policy

POLICY = load_policy()
GROUPS = "from mart_reach_cell where audience_unit = 'group' and site = 'north' and quarter = '2025-Q2'"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One locked quarter: choir and play are published, kitchen is hidden: two small sessions."""
    world = make_world(tmp_path_factory.mktemp("output"), quarters=2, casework=False)
    for activity, heads in (("choir", [12, 15, 11]), ("play", [20, 11, 14]), ("kitchen", [2, 1])):
        for place in ("A1", "A2", "A3"):
            world.set_heads("north", "2025-Q2", activity, place, heads if place == "A1" else [])
    world.set_answers("north", "w1", "Hill", 30, 30)
    world.set_answers("north", "w1", "Shore", 1, 11)
    world.set_answers("north", "w1", None, 0, 0)
    world.write()
    world.release(max(world.lock_day("2025-Q2"), world.lock_day("w1")))
    return world


def checked(world: World, sql: str) -> CheckedOutput:
    return check_output(sql, world.research_file, world.places.snapshots, world.register, POLICY)


def verdicts(output: CheckedOutput, key: int = 0, figure: int = -1) -> dict[Any, str]:
    found = {}
    for row in output.rows:
        judgement = row.judgements[figure]
        assert judgement is not None
        found[row.values[key]] = judgement.verdict.value
    return found


def reasons(output: CheckedOutput) -> str:
    return " ".join(r for row in output.rows for one in row.judgements if one is not None for r in one.reasons)


def test_rules_decide_for_each_figure(world: World) -> None:
    output = checked(world, f"select activity, sum(sessions), sum(attendances_low) as heads {GROUPS} group by activity")
    assert output.columns[0] == "activity"
    assert output.columns[2] == "heads"
    assert verdicts(output) == {"choir": "safe", "play": "safe", "kitchen": "withhold"}
    assert set(verdicts(output, figure=1).values()) == {"safe"}, "sessions of groups count nobody"
    assert "R5" in reasons(output)


def test_a_figure_that_gives_a_hidden_one_away_with_released_ones_is_withheld(world: World) -> None:
    """By hand: choir 38 is published as 40, play 45 as 45, so both are 81 or more. Of 86 in all 5 at most are left."""
    output = checked(world, f"select site, sum(attendances_low) {GROUPS} group by site")
    assert verdicts(output) == {"north": "withhold"}
    assert "R9" in reasons(output)


def test_the_same_by_places_that_grouping_is_written(world: World) -> None:
    for grouping in ("group by 1", "group by all", "group by place"):
        output = checked(world, f"select site as place, round(sum(attendances_low) / 5) * 5 as x {GROUPS} {grouping}")
        assert verdicts(output) == {"north": "withhold"}, grouping


def test_an_open_period_is_withheld(world: World) -> None:
    output = checked(world, "select quarter, sum(attendances_low) from mart_reach_cell where site = 'north' group by 1")
    assert verdicts(output)["2025-Q3"] == "withhold"
    assert "R0" in reasons(output)


def test_what_changed_since_the_lock_is_withheld(tmp_path: Path) -> None:
    world = make_world(tmp_path, quarters=1, casework=False)
    world.release(world.lock_day("2025-Q2"))
    sql = "select sum(attendances_low) from mart_reach_cell where site = 'north' and activity = 'choir'"
    (row,) = checked(world, sql).rows
    assert row.judgements[0] is not None
    assert row.judgements[0].verdict == OutputVerdict.SAFE
    world.sessions.remove(next(one for one in world.sessions if (one.site, one.activity) == ("north", "choir")))
    world.write()
    assert "R2" in reasons(checked(world, sql))


@pytest.mark.parametrize(
    "sql",
    [
        f"select sum(attendances_low) {GROUPS} and attendances_low > 3",
        f"select activity, sum(attendances_low) {GROUPS} group by activity having sum(attendances_low) > 20",
        f"select activity, sum(attendances_low) {GROUPS} group by activity limit 1",
        f"select sum(case when activity = 'kitchen' then attendances_low end) {GROUPS}",
        f"select sum(attendances_low) filter (where activity = 'kitchen') {GROUPS}",
        f"select max(attendances_low) {GROUPS}",
        f"select count(*) {GROUPS}",
        f"select sum(attendances_low) over () {GROUPS}",
        f"select sum(x) from (select attendances_low as x {GROUPS})",
        f"with a as (select attendances_low as x {GROUPS}) select sum(x) from a",
        f"select sum(largest_session) {GROUPS}",
        "select sessions_delivered from mart_delivery",
    ],
)
def test_what_is_not_understood_is_for_a_person_to_judge(world: World, sql: str) -> None:
    output = checked(world, sql)
    assert output.count(OutputVerdict.SAFE) == 0
    assert all(row.judgements[-1] is not None for row in output.rows)


@pytest.mark.parametrize(
    "sql",
    [
        "delete from mart_reach_cell",
        "create table x as select 1",
        "copy mart_reach_cell to 'x.csv'",
        "attach 'x.duckdb'",
        "set enable_external_access = true",
        "select 1; select 2",
        "select * from read_csv('x.csv')",
        "select * from 'x.csv'",
        "select * from mart_reach_cell, glob('*')",
        "select * from information_schema.tables",
        "select (select max(content) from read_text('x'))",
        "selec",
        "",
    ],
)
def test_only_one_query_over_the_marts_is_run(world: World, sql: str) -> None:
    with pytest.raises(QueryError) as caught:
        checked(world, sql)
    assert "x.csv" not in str(caught.value)


def test_a_research_database_cannot_be_written_or_left(world: World) -> None:
    with open_research(world.research_file) as connection:
        for sql in ("create table t (a int)", "select * from read_text('/etc/hostname')", "set threads = 1"):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)


def test_a_query_that_does_not_end_is_stopped(world: World) -> None:
    many = ", ".join(f"mart_reach_cell as t{number}" for number in range(9))
    with open_research(world.research_file) as connection, pytest.raises(QueryError, match="longer than"):
        output_rows(
            connection, parse_query(connection, f"select sum(hash(t0.activity || t8.activity)) from {many}"), 0.2
        )


def test_an_error_of_the_database_quotes_no_cell(world: World) -> None:
    with pytest.raises(QueryError) as caught:
        checked(world, "select activity::int from mart_reach_cell")
    assert not any(activity in str(caught.value) for activity in world.activities)


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        ({}, "safe", ""),
        ({"n": 29, "n_eff": 29.0}, "withhold", "fewer than 30 answers"),
        ({"n_eff": 12.0}, "withhold", "dominance: the answers count as fewer than 30"),
        ({"n_known_clusters": 2}, "withhold", "dominance: fewer than 3 clusters"),
        ({"estimate": 95.0}, "withhold", "fewer than 10 on one side"),
        ({"estimate": 95.0, "measure": "scale_mean"}, "safe", ""),
    ],
)
def test_estimates_need_base_clusters_and_both_sides(changes: dict[str, Any], verdict: str, reason: str) -> None:
    part = {"measure": "percent_positive", "n": 100, "n_eff": 90.0, "n_known_clusters": 4, "estimate": 50.0, **changes}
    judgement = judge_parts("mart_outcome_indicator", [part], POLICY)
    assert judgement.verdict == verdict
    assert reason in " ".join(judgement.reasons)


def test_answers_of_all_that_leave_a_small_area_are_withheld(world: World) -> None:
    """Hill's 30 of 60 are published. Of all 72, 31 agreed: so 1 of 12 at Shore."""
    where = "from mart_outcome_cell where site = 'north' and wave = 'w1' and indicator = 'Q1'"
    output = checked(world, f"select area, sum(n), sum(positive) {where} group by area")
    assert verdicts(output) == {"Hill": "safe", "Shore": "withhold"}
    assert "R7" in reasons(output)
    assert all(row.judgements[0] is None for row in output.rows), "an area is no figure"
    output = checked(world, f"select wave, sum(n), sum(positive) {where} group by wave")
    assert verdicts(output) == {"w1": "withhold"}
    assert "R9" in reasons(output)


def test_the_command_writes_the_judged_table_and_releases_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFC_HOME", str(world.home))
    monkeypatch.setenv("TFC_LANDING", str(tmp_path / "landing"))
    before = {path: path.stat().st_mtime_ns for path in world.home.rglob("*") if path.is_file()}
    query = tmp_path / "q.sql"
    query.write_text(f"select activity, sum(attendances_low) as heads {GROUPS} group by activity order by activity")
    result = CliRunner().invoke(app, ["check-output", str(query), "--version", "made", "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["figures"] == {"safe": 2, "review": 0, "withhold": 1}
    written = tmp_path / "q.checked.csv"
    assert written.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(written.open()))
    assert [(row["activity"], row["heads_verdict"]) for row in rows] == [
        ("choir", "safe"),
        ("kitchen", "withhold"),
        ("play", "safe"),
    ]
    query.write_text("drop table mart_reach_cell")
    assert CliRunner().invoke(app, ["check-output", str(query), "--version", "made"]).exit_code == 2
    assert {path: path.stat().st_mtime_ns for path in world.home.rglob("*") if path.is_file()} == before
