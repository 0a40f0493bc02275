"""The research database: what was judged is what is copied, and nothing is published that was not."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tfc_platform.research import Described, GateClosed, descriptions_of


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as con:
        return con.execute(query).fetchall()


def test_all_marts_are_copied_and_nothing_else(world: Any) -> None:
    world.warehouse()
    published = world.research()
    file = world.places.research / "current" / "tfc.duckdb"
    assert published.path == world.places.research / published.id
    tables = rows(file, "select schema_name, table_name from duckdb_tables() order by 2")
    assert tables == [("marts", name) for name in sorted([*world.rows, "mart_data_quality"])]
    for name, expected in world.rows.items():
        assert sorted(rows(file, f"from marts.{name}"), key=repr) == sorted(expected, key=repr)
    assert b"never copied" not in file.read_bytes()


def test_checks_that_were_a_view_over_the_lake_are_there_without_the_lake(world: Any) -> None:
    world.warehouse()
    world.research()
    for file in world.places.lake.iterdir():
        file.unlink()
    found = rows(
        world.places.research / "current" / "tfc.duckdb", "select check_id, passed from marts.mart_data_quality"
    )
    assert sorted(found) == [("activity_dates", True), ("survey_codes", False)]


def test_comments_come_from_dbt(world: Any) -> None:
    world.warehouse()
    manifest = {
        "nodes": {
            "model.tfc.mart_delivery": {
                "resource_type": "model",
                "name": "mart_delivery",
                "schema": "marts",
                "description": "Sessions by\nmonth; it's one row an activity.",
                "columns": {"hours": {"description": "Hours."}, "site": {"description": ""}},
            },
            "model.tfc.stg": {"resource_type": "model", "name": "stg", "schema": "staging", "description": "No."},
            "test.tfc.x": {"resource_type": "test", "name": "x", "schema": "marts"},
        }
    }
    descriptions = descriptions_of(manifest)
    assert descriptions == {
        "mart_delivery": Described("Sessions by\nmonth; it's one row an activity.", {"hours": "Hours.", "site": ""})
    }
    world.research(descriptions=descriptions)
    file = world.places.research / "current" / "tfc.duckdb"
    assert dict(rows(file, "select table_name, comment from duckdb_tables() where comment is not null")) == {
        "mart_delivery": "Sessions by month; it's one row an activity.",
    }
    found = rows(file, "select table_name, column_name, comment from duckdb_columns() where comment is not null")
    assert found == [("mart_delivery", "hours", "Hours.")]


def test_helpful_views_answer(world: Any) -> None:
    world.warehouse()
    world.research()
    file = world.places.research / "current" / "tfc.duckdb"
    assert rows(file, "select site, source from marts.held_sources") == [("stoke", "activity")]
    assert rows(file, "select check_id from marts.failed_checks") == [("survey_codes",)]
    assert rows(file, "from marts.overdue_returns") == []


def test_the_file_is_read_only_and_closed_to_others(world: Any) -> None:
    world.warehouse()
    published = world.research()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in published.path.iterdir()}
    assert modes == {"tfc.duckdb": 0o444, "manifest.json": 0o444}
    assert stat.S_IMODE(published.path.stat().st_mode) == 0o700


def test_a_closed_verdict_publishes_nothing_and_gives_its_reasons(world: Any, verdict: Callable[..., Any]) -> None:
    world.warehouse()
    with pytest.raises(GateClosed) as caught:
        world.research(verdict=verdict(False, ["activity_dates never ran."]))
    assert caught.value.reasons == ("activity_dates never ran.",)
    assert str(caught.value) == "The gate is closed. activity_dates never ran."
    assert list(world.places.research.iterdir()) == []
    with pytest.raises(GateClosed, match="The verdict gives no reason"):
        world.research(verdict=verdict(False, []))


def test_rows_that_changed_after_they_were_judged_close_the_gate(world: Any) -> None:
    world.warehouse()
    judged = world.judged()
    with duckdb.connect(str(world.places.warehouse_file)) as con:
        con.execute("update marts.mart_reach set value_low = 4242 where site = 'stoke'")
    with pytest.raises(GateClosed) as caught:
        world.research(judged=judged)
    assert caught.value.reasons == ("mart_reach is not the table that was judged: its rows have changed since.",)
    assert "4242" not in str(caught.value)
    assert list(world.places.research.iterdir()) == []


def test_a_copy_that_went_wrong_closes_the_gate(world: Any) -> None:
    from tfc_platform.check.digest import table_digest

    world.warehouse()

    def meddling(con: duckdb.DuckDBPyConnection, relation: str) -> str:
        if relation.startswith("research.") and "mart_delivery" in relation:
            con.execute(f"delete from {relation}")
        return table_digest(con, relation)

    with pytest.raises(GateClosed, match="mart_delivery is not the table that was judged"):
        world.research(digest=meddling)


def test_a_table_that_nobody_judged_or_that_is_gone_closes_the_gate(world: Any) -> None:
    world.warehouse()
    judged = world.judged()
    judged["mart_gone"] = judged.pop("mart_reach")
    with pytest.raises(GateClosed) as caught:
        world.research(judged=judged)
    assert caught.value.reasons == ("mart_gone was judged and is not in the warehouse.", "mart_reach was not judged.")
    with pytest.raises(GateClosed, match="mart_data_quality was not judged"):
        world.research(evidence_tables=frozenset())


def test_a_warehouse_without_marts_closes_the_gate(world: Any) -> None:
    with duckdb.connect(str(world.places.warehouse_file)) as con:
        con.execute("create schema marts")
    with pytest.raises(GateClosed, match="The warehouse holds no marts"):
        world.research(judged={})


def test_nothing_new_changes_nothing_also_on_another_day_and_in_another_order(world: Any) -> None:
    world.warehouse()
    first = world.research()
    before = os.stat(world.places.research / "current")
    for mart in world.rows.values():
        mart.reverse()
    world.checks.reverse()
    world.warehouse()
    assert world.research(as_of=date(2026, 5, 2)) is None
    after = os.stat(world.places.research / "current")
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [path.name for path in world.places.research.iterdir() if path.is_dir() and not path.is_symlink()] == [
        first.id
    ]


@pytest.mark.parametrize("change", ["row", "check", "description"])
def test_something_new_is_a_new_version_and_the_old_stays(world: Any, change: str) -> None:
    world.warehouse()
    first = world.research()
    descriptions = {}
    if change == "row":
        world.change("mart_reach", 0, value_low=11)
    if change == "check":
        world.checks[0] = (*world.checks[0][:7], False, "closes")
    if change == "description":
        descriptions = {"mart_reach": Described("Another sentence.")}
    world.warehouse()
    second = world.research(descriptions=descriptions)
    assert second is not None
    assert second.id != first.id
    assert os.readlink(world.places.research / "current") == second.id
    assert (first.path / "tfc.duckdb").exists()


def test_going_back_to_earlier_rows_points_to_the_version_that_is_there(world: Any) -> None:
    world.warehouse()
    first = world.research()
    world.change("mart_reach", 0, value_low=11)
    world.warehouse()
    world.research()
    world.change("mart_reach", 0, value_low=10)
    world.warehouse()
    assert world.research().id == first.id
    assert os.readlink(world.places.research / "current") == first.id


def test_old_versions_are_forgotten_but_not_under_a_reader(world: Any) -> None:
    world.warehouse()
    first = world.research(keep=2)
    reader = duckdb.connect(str(first.path / "tfc.duckdb"), read_only=True)
    ids = [first.id]
    for low in range(20, 24):
        world.change("mart_reach", 0, value_low=low)
        world.warehouse()
        ids.append(world.research(keep=2).id)
    kept = sorted(path.name for path in world.places.research.iterdir() if not path.is_symlink())
    assert kept == sorted(ids[-3:])
    assert reader.execute("select max(value_low) from marts.mart_reach").fetchone() == (250,)
    reader.close()


def test_equal_marts_give_equal_bytes(world: Any, make_world: Callable[..., Any]) -> None:
    other = make_world("other")
    for mart in other.rows.values():
        mart.reverse()
    for one in (world, other):
        one.warehouse()
    first, second = world.research(), other.research()
    assert first.id == second.id
    assert (first.path / "tfc.duckdb").read_bytes() == (second.path / "tfc.duckdb").read_bytes()


def test_the_night_is_in_the_id(world: Any) -> None:
    world.warehouse()
    world.context = replace(world.context, as_of=date(2031, 2, 3))
    assert world.research().id.startswith("2031-02-03-")
