"""The runner: an empty lake, what it says of failures, what it keeps to itself, and that it lets go of the file."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tfc_platform.build import dbt
from tfc_platform.build.lake_views import make_views
from tfc_platform.build.warehouse_catalogue import read_catalogue
from tfc_platform.settings import Places

from .lake import write_lake


def places_of(home: Path) -> Places:
    places = Places(home)
    places.make()
    return places


def count_of_models(project: dict[str, Any]) -> int:
    return sum(node["resource_type"] == "model" for node in project["nodes"].values())


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, project_dir: Path) -> tuple[Places, dbt.BuildResult]:
    """A lake without a row, with the project's unit tests run beside."""
    places = places_of(tmp_path_factory.mktemp("empty"))
    make_views(places.warehouse_file, {})
    return places, dbt.build(places, project_dir, unit_tests=True)


def test_an_empty_lake_builds_every_mart_without_a_row(
    empty: tuple[Places, dbt.BuildResult], project: dict[str, Any]
) -> None:
    places, result = empty
    assert result.success, [(node.name, node.status, node.error) for node in result.failed]
    assert result.error is None
    assert len(result.models) == count_of_models(project)
    marts = {name: table for name, table in read_catalogue(places.warehouse_file).items() if table.schema == "marts"}
    assert len(marts) == 24
    assert {name: table.rows for name, table in marts.items()} == dict.fromkeys(marts, 0)


def test_every_unit_test_of_the_project_passes(empty: tuple[Places, dbt.BuildResult], project: dict[str, Any]) -> None:
    ran = {node.name: node.status for node in empty[1].nodes if node.resource_type == "unit_test"}
    assert ran == {test["name"]: "pass" for test in project["unit_tests"].values()}
    assert len(ran) >= 20


def test_unit_tests_stay_out_of_a_night(empty: tuple[Places, dbt.BuildResult], project_dir: Path) -> None:
    again = dbt.build(empty[0], project_dir, select=["dim_area"])
    assert {node.resource_type for node in again.nodes} == {"model", "test"}
    assert [node.relation for node in again.models] == ["intermediate.dim_area"]


def test_the_file_can_be_opened_by_others_afterwards(empty: tuple[Places, dbt.BuildResult]) -> None:
    file = str(empty[0].warehouse_file)
    with duckdb.connect(file, read_only=True) as connection:
        assert connection.execute("select count(*) from marts.mart_reach").fetchone() == (0,)
    with duckdb.connect(file) as connection:
        assert connection.execute("select count(*) from marts.mart_reach").fetchone() == (0,)


def test_the_environment_is_as_it_was(empty: tuple[Places, dbt.BuildResult]) -> None:
    assert "TFC_WAREHOUSE" not in os.environ


def test_nothing_is_written_beside_the_warehouse_but_compiled_sql(empty: tuple[Places, dbt.BuildResult]) -> None:
    written = {path.suffix for path in (empty[0].warehouse / "dbt").rglob("*") if path.is_file()}
    assert written <= {".sql", ".yml", ".msgpack", ".json"}
    assert not list(empty[0].warehouse.rglob("*.log"))
    assert not list(empty[0].warehouse.rglob("run_results.json"))


def test_a_column_has_its_type(empty: tuple[Places, dbt.BuildResult]) -> None:
    table = read_catalogue(empty[0].warehouse_file)["marts.mart_reach"]
    assert [(column.name, column.type) for column in table.columns] == [
        ("site", "VARCHAR"),
        ("month", "DATE"),
        ("activity", "VARCHAR"),
        ("audience", "VARCHAR"),
        ("measure", "VARCHAR"),
        ("value_low", "BIGINT"),
        ("value_high", "BIGINT"),
        ("sessions_unknown", "BIGINT"),
        ("audience_unit", "VARCHAR"),
    ]


def test_the_documentation_is_one_page_without_outside_resources(
    empty: tuple[Places, dbt.BuildResult], project_dir: Path
) -> None:
    page = dbt.docs(empty[0], project_dir)
    assert page.name == "static_index.html"
    assert "mart_reach_area" in page.read_text(encoding="utf-8")


SECRET = "Jane Doe 07700 900999"


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, project_dir: Path) -> tuple[Places, dbt.BuildResult, str]:
    """A lake with rows that no reader would have accepted: a status that is a person's name, and two rows for one key."""
    places = places_of(tmp_path_factory.mktemp("broken"))
    day = date(2025, 4, 1)
    lake = {
        "activity": [
            {"session_id": "s1", "session_on": day, "activity": SECRET, "status": "delivered", "attendance_low": -1},
            {"session_id": "s1", "session_on": day, "activity": "story_time", "status": SECRET},
            {"session_id": "s2", "session_on": None, "activity": "story_time", "status": "delivered", "hours": 1.0},
        ],
        "source_state": [{"is_held": True, "held_since": day, "held_reason": None}, {"is_held": False}],
        "ref_local_indicator": [
            {"site": "north", "indicator": "i", "base": "sessions", "measure": "count", "period": "month"}
            | {"numerator_field": "no_such_column", "numerator_in": ["x"]}
        ],
    }
    make_views(places.warehouse_file, write_lake(places.lake, lake))
    result = dbt.build(places, project_dir)
    left = "".join(
        path.read_text(errors="replace")
        for path in (places.warehouse / "dbt").rglob("*")
        if path.is_file() and path.suffix != ".msgpack"
    )
    return places, result, left


def test_rules_that_rows_break_fail_by_name_and_count(broken: tuple[Places, dbt.BuildResult, str]) -> None:
    result = broken[1]
    assert not result.success
    failed = {node.name: (node.status, node.failures) for node in result.tests if node.status in ("fail", "warn")}
    rules = {name: verdict for name, verdict in failed.items() if name.startswith("fct_session_")}
    assert rules == {
        "fct_session_activity_in_reference": ("warn", 3),
        "fct_session_kind_known": ("fail", 1),  # delivered, with a number and no kind
        "fct_session_attendance_not_negative": ("fail", 1),
    }
    assert failed["mart_source_state_primary_key"] == ("fail", 1)
    assert failed["mart_source_state_a_hold_says_why"] == ("fail", 1)
    assert failed["local_indicators_can_be_worked_out"] == ("fail", 1)


def test_marts_after_a_failed_test_are_skipped_and_not_good(broken: tuple[Places, dbt.BuildResult, str]) -> None:
    skipped = {node.name for node in broken[1].models if node.status == "skipped"}
    assert {"mart_delivery", "mart_reach", "mart_local_indicator"} <= skipped
    assert skipped <= {node.name for node in broken[1].failed}


def test_no_cell_gets_into_results_or_files(broken: tuple[Places, dbt.BuildResult, str]) -> None:
    _, result, left = broken
    assert SECRET not in repr(result)
    assert SECRET not in left


def test_of_an_error_only_the_kind_is_reported(
    tmp_path: Path, project_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    places = places_of(tmp_path)
    make_views(places.warehouse_file, {})
    with duckdb.connect(str(places.warehouse_file)) as connection:
        # A lake that lies about its types, with a cell that the engine would quote.
        connection.execute(
            f"create or replace view lake.ref_site as select '{SECRET}' as site, '{SECRET}' as name,"
            f" cast(('{SECRET}' || random()) as integer) as nation"
        )
    result = dbt.build(places, project_dir, select=["dim_site"])
    errors = {node.name: node.error for node in result.nodes if node.error}
    assert errors == {"dim_site": "Runtime Error: Conversion Error"}
    assert not result.success
    assert SECRET not in repr(result)
    out, err = capfd.readouterr()
    assert SECRET not in out + err
    assert not any(
        SECRET in path.read_text(errors="replace") for path in (places.warehouse / "dbt").rglob("*") if path.is_file()
    )


def test_a_warehouse_that_cannot_be_opened_is_an_error_and_no_success(tmp_path: Path, project_dir: Path) -> None:
    places = places_of(tmp_path)
    places.warehouse_file.write_bytes(b"this is no database")
    result = dbt.build(places, project_dir)
    assert not result.success
    assert result.error is not None
    assert result.nodes == ()
