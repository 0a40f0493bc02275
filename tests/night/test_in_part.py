"""A night that is built upon the last one ends with the marts, the evidence and the record of one that is built whole."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pytest

from tfc_platform import pipeline
from tfc_platform.build import dbt, last_build, manifest
from tfc_platform.check.evidence import Evidence, read_evidence
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.ingest.ingest_sender import take_in, take_in_unassigned
from tfc_platform.ingest.intake import Intake
from tfc_platform.pipeline import DBT_PROJECT, Rules, build_tonight
from tfc_platform.settings import Places

from .nights import SECOND, Home
from .test_gate_holds import april


def more_learning(home: Home) -> None:
    log = home.landing / "plymouth" / "learning" / "learning_log.csv"
    log.write_bytes(log.read_bytes() + b"L-PL-99,02/05/2026,survey,,More chairs are wanted,Ask the hall\r\n")


def fewer_stories(home: Home) -> None:
    log = next((home.landing / "grimsby" / "stories").glob("*.csv"))
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-2]))


def another_month(home: Home) -> None:
    april(home, "", largest=60)


def a_month_that_is_held(home: Home) -> None:
    april(home, "", largest=60000)


def all_at_once(home: Home) -> None:
    for change in (another_month, more_learning, fewer_stories):
        change(home)


def nothing(home: Home) -> None:
    pass


@pytest.fixture(scope="module")
def base(first_night: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with one finished build, of the date that these tests work for."""
    home = first_night.copied(tmp_path_factory.mktemp("in-part") / "base")
    build(home, taken_in(home))
    return home


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules.load(manifest.as_json(DBT_PROJECT), "duckdb")


def taken_in(home: Home) -> Intake:
    intake = Intake.load(home.settings(SECOND), load_catalogue(()))
    for sender in intake.catalogue.senders:
        take_in(intake, sender, lambda _: None)
    take_in_unassigned(intake)
    return intake


def build(home: Home, intake: Intake) -> tuple[pipeline.Tonight, list[str]]:
    said: list[str] = []
    return build_tonight(intake, Rules.load(manifest.as_json(DBT_PROJECT), "duckdb"), said.append), said


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
    return other, Intake.load(other.settings(SECOND), load_catalogue(()))


def ended(places: Places) -> dict[str, Any]:
    """All that a build leaves behind for others: evidence, its record, and the digest of each table's rows."""
    found = last_build.read(places)
    assert found is not None
    folder = places.evidence / found.build_id
    return {
        "files": {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "published.json"},
        "standing": (found.build_id, found.rules, found.as_of, found.inputs, found.tables, found.evidence),
        "nodes": {(node.unique_id, node.status, node.failures, node.error) for node in found.nodes},
    }


def watched_builds() -> Any:
    """dbt's builds, with what each was told to choose."""
    return mock.patch.object(pipeline.dbt, "build", wraps=dbt.build)


@pytest.mark.parametrize("change", [all_at_once, a_month_that_is_held])
def test_it_ends_as_one_built_whole(base: Home, tmp_path: Path, change: Callable[[Home], None]) -> None:
    home, intake = changed(base, tmp_path / "part", change)
    other, other_intake = copy(home, tmp_path / "whole")
    last_build.unfinished(other.places)
    with watched_builds() as builds:
        build(home, intake)
        first = builds.call_args_list[0]
        assert first.kwargs["select"]
        assert first.kwargs["without_views"]
        builds.reset_mock()
        build(other, other_intake)
        assert all("select" not in call.kwargs for call in builds.call_args_list)
    assert ended(home.places) == ended(other.places)


def test_where_nothing_changed_nothing_is_built_again(base: Home, tmp_path: Path) -> None:
    home, intake = changed(base, tmp_path / "same", nothing)
    before = ended(home.places)
    with watched_builds() as builds:
        build(home, intake)
    builds.assert_not_called()
    assert ended(home.places) == before


class Killed(BaseException):
    """As a kill does, it goes past every `except Exception`."""


def test_one_that_is_killed_in_the_middle_is_never_built_upon(base: Home, tmp_path: Path) -> None:
    home, intake = changed(base, tmp_path / "killed", more_learning)
    other, other_intake = copy(home, tmp_path / "whole")
    original = pipeline._judge

    def killed(*arguments: Any, **named: Any) -> Any:
        original(*arguments, **named)
        raise Killed

    with mock.patch.object(pipeline, "_judge", killed), pytest.raises(Killed):
        build(home, intake)
    assert last_build.read(home.places) is None
    assert pipeline.read_build(home.places) is None
    with watched_builds() as builds:
        build(home, intake)
    assert [call.kwargs.get("select") for call in builds.call_args_list] == [None]
    last_build.unfinished(other.places)
    build(other, other_intake)
    assert ended(home.places) == ended(other.places)


def tamper_with_a_fact(places: Places) -> None:
    with duckdb.connect(str(places.warehouse_file)) as con:
        con.execute("delete from intermediate.fct_session where site = 'stoke' and row_number < 20")


def drop_a_mart(places: Places) -> None:
    with duckdb.connect(str(places.warehouse_file)) as con:
        con.execute("drop table marts.mart_delivery")


def tamper_with_the_evidence(places: Places) -> None:
    found = last_build.read(places)
    assert found is not None
    file = places.evidence / found.build_id / "evidence.parquet"
    evidence = read_evidence(file)
    pipeline.write_evidence(places, found.build_id, evidence[1:])


def lose_the_warehouse(places: Places) -> None:
    places.warehouse_file.unlink()


def other_rules(places: Places) -> None:
    file = places.warehouse / "build.json"
    file.write_text(re.sub(r'"rules": "[0-9a-f]+"', '"rules": "other"', file.read_text()))


def a_test_that_failed(places: Places) -> None:
    file = places.warehouse / "build.json"
    file.write_text(file.read_text().replace('"status": "pass"', '"status": "fail"', 1))


def a_node_that_was_not_built(places: Places) -> None:
    file = places.warehouse / "build.json"
    file.write_text(re.sub(r'"unique_id": "(test\.[^"]+)"', r'"unique_id": "\1.other"', file.read_text(), count=1))


@pytest.mark.parametrize("harm", [tamper_with_a_fact, drop_a_mart])
def test_a_table_that_is_not_as_it_was_left_has_everything_built(
    base: Home, tmp_path: Path, harm: Callable[[Places], None]
) -> None:
    home, intake = changed(base, tmp_path / "harmed", nothing)
    harm(home.places)
    with watched_builds() as builds:
        found, said = build(home, intake)
    assert [call.kwargs.get("select") for call in builds.call_args_list] == [None]
    assert "the warehouse is not what the last build left: building all of it" in said
    assert found.result.success
    assert found.result.kept == frozenset()
    assert {item.verdict for item in found.evidence if item.severity == "error"} == {"passed"}
    assert _of("mart_delivery", found.evidence) == _of("mart_delivery", _evidence_on_file(base))


def as_it_was_left(places: Places) -> None:
    pass


@pytest.mark.parametrize(
    ("harm", "is_built_upon"),
    [
        (as_it_was_left, True),
        *((harm, False) for harm in (tamper_with_the_evidence, lose_the_warehouse, other_rules)),
        *((harm, False) for harm in (a_test_that_failed, a_node_that_was_not_built)),
    ],
)
def test_a_build_is_built_upon_only_if_its_record_is_in_order(
    base: Home, tmp_path: Path, rules: Rules, harm: Callable[[Places], None], is_built_upon: bool
) -> None:
    shutil.copytree(base.places.home, tmp_path / "home", symlinks=True)
    places = Places(tmp_path / "home")
    harm(places)
    record = last_build.read(places)
    assert record is not None
    assert (pipeline._basis(record, places, rules, record.inputs) is not None) == is_built_upon


def _of(mart: str, evidence: tuple[Evidence, ...]) -> set[Evidence]:
    return {item for item in evidence if item.source == mart}


def _evidence_on_file(home: Home) -> tuple[Evidence, ...]:
    found = last_build.read(home.places)
    assert found is not None
    return read_evidence(home.places.evidence / found.build_id / "evidence.parquet")
