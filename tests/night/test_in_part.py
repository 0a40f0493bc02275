"""A night that is built upon the last one ends with the marts, the evidence and the record of one that is built whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pytest

from tfc_platform import pipeline
from tfc_platform.build import dbt, last_build, manifest
from tfc_platform.check.digest import table_digest
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.ingest.ingest_sender import take_in, take_in_unassigned
from tfc_platform.ingest.intake import Intake
from tfc_platform.pipeline import DBT_PROJECT, Rules, build_tonight
from tfc_platform.settings import Places

from .nights import FIRST, Home
from .test_gate_holds import april

TABLES = "select schema_name, table_name from duckdb_tables() order by all"


def more_learning(home: Home) -> None:
    log = home.landing / "plymouth" / "learning" / "learning_log.csv"
    log.write_bytes(log.read_bytes() + b"L-PL-99,02/05/2026,survey,,More chairs are wanted,Ask the hall\r\n")


def fewer_stories(home: Home) -> None:
    log = next((home.landing / "grimsby" / "stories").glob("*.csv"))
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-2]))


def another_month(home: Home) -> None:
    april(home, "", largest=60)


def another_name(home: Home) -> None:
    original = next((home.landing / "grimsby" / "activity").glob("*2026-03*"))
    original.with_name(f"{original.stem} (1).csv").write_bytes(original.read_bytes())


def all_at_once(home: Home) -> None:
    for change in (another_month, more_learning, fewer_stories):
        change(home)


def nothing(home: Home) -> None:
    pass


@pytest.fixture(scope="module")
def base(first_night: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with one finished build."""
    return first_night.copied(tmp_path_factory.mktemp("in-part") / "base")


def taken_in(home: Home) -> Intake:
    intake = Intake.load(home.settings(FIRST), load_catalogue(()))
    for sender in intake.catalogue.senders:
        take_in(intake, sender, lambda _: None)
    take_in_unassigned(intake)
    return intake


def build(home: Home, intake: Intake) -> pipeline.Tonight:
    return build_tonight(intake, Rules.load(manifest.as_json(DBT_PROJECT), "duckdb"))


def changed(base: Home, folder: Path, change: Callable[[Home], None]) -> tuple[Home, Intake]:
    """A copy of `base` with a change of the landing zone taken in."""
    home = Home(folder)
    shutil.copytree(base.folder, folder, symlinks=True)
    change(home)
    return home, taken_in(home)


def copy(home: Home, folder: Path) -> tuple[Home, Intake]:
    """The same home elsewhere, with nothing more to take in: the times at which files were seen are the same."""
    shutil.copytree(home.folder, folder, symlinks=True)
    other = Home(folder)
    return other, Intake.load(other.settings(FIRST), load_catalogue(()))


def ended(places: Places) -> dict[str, Any]:
    """All that a build leaves behind for others: evidence, its record, and the digest of each table's rows."""
    record = last_build.read(places)
    assert record is not None
    folder = places.evidence / record.build_id
    with duckdb.connect(str(places.warehouse_file), read_only=True) as con:
        relations = [f"{schema}.{name}" for schema, name in con.execute(TABLES).fetchall()]
        rows = {relation: table_digest(con, relation) for relation in relations}
    return {
        "files": {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "published.json"},
        "record": (record.build_id, record.rules, record.inputs, record.success),
        "rows": rows,
    }


class Killed(BaseException):
    """As a kill does, it goes past every `except Exception`."""


def selected(home: Home, intake: Intake) -> Any:
    """What dbt would be told to choose tonight; the night is killed there."""
    with mock.patch.object(pipeline.dbt, "build", side_effect=Killed) as builds, pytest.raises(Killed):
        build(home, intake)
    return builds.call_args.kwargs["select"]


def test_it_ends_as_one_built_whole(base: Home, tmp_path: Path) -> None:
    home, intake = changed(base, tmp_path / "part", all_at_once)
    other, other_intake = copy(home, tmp_path / "whole")
    last_build.delete(other.places)
    with mock.patch.object(pipeline.dbt, "build", wraps=dbt.build) as builds:
        build(home, intake)
        build(other, other_intake)
    in_part, whole = [call.kwargs["select"] for call in builds.call_args_list]
    assert {"source:lake.activity+", "source:lake.learning_item+", "test_type:data"} <= {*in_part}
    assert "source:lake.survey_answer+" not in in_part
    assert whole is None
    assert ended(home.places) == ended(other.places)


def test_where_nothing_changed_no_model_is_built_and_all_is_judged(base: Home, tmp_path: Path) -> None:
    assert set(selected(*changed(base, tmp_path / "same", nothing))) == {"test_type:data"}


def test_a_file_that_comes_under_another_name_changes_no_figure(base: Home, tmp_path: Path) -> None:
    """The same bytes twice: a line in the status of files, and no model that reads a record is built anew."""
    assert set(selected(*changed(base, tmp_path / "name", another_name))) == {
        "source:lake.submission+",
        "test_type:data",
    }


def test_one_that_is_killed_in_the_middle_is_never_built_upon(base: Home, tmp_path: Path) -> None:
    home, intake = changed(base, tmp_path / "killed", more_learning)
    assert selected(home, intake) is not None
    assert last_build.read(home.places) is None
    assert pipeline.read_build(home.places) is None
    assert selected(home, intake) is None


def test_a_table_that_is_not_as_it_was_left_has_everything_built(base: Home, tmp_path: Path) -> None:
    home, intake = changed(base, tmp_path / "harmed", nothing)
    with duckdb.connect(str(home.places.warehouse_file)) as con:
        con.execute("delete from intermediate.fct_session where site = 'stoke' and row_number < 20")
    assert selected(home, intake) is None
