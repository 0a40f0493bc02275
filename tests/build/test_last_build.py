"""The record of a finished build: it is read whole or not at all, says what has changed, and trusts no other warehouse."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from tfc_platform.build.last_build import (
    LastBuild,
    delete,
    input_digests,
    read,
    selectors,
    warehouse_digest,
    write,
)
from tfc_platform.settings import Places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(tmp_path / "home")
    made.make()
    with duckdb.connect(str(made.warehouse_file)) as con:
        con.execute("create table sessions as select 1 as n")
    return made


@pytest.fixture
def record(places: Places) -> LastBuild:
    inputs = {"activity": "1", "story": "2"}
    return LastBuild("0" * 20, rules="r", inputs=inputs, warehouse=warehouse_digest(places), success=True)


def test_it_comes_back_as_it_was_written_until_the_warehouse_is_touched(places: Places, record: LastBuild) -> None:
    assert read(places) is None
    write(places, record)
    assert read(places) == record
    delete(places)
    assert read(places) is None
    delete(places)  # twice is no fault


@pytest.mark.parametrize("damage", ["", "{}", "[]", '{"build_id": "0"}', "half", "more"])
def test_a_damaged_or_older_record_is_none(places: Places, record: LastBuild, damage: str) -> None:
    write(places, record)
    file = places.warehouse / "build.json"
    whole = file.read_text()
    texts = {"half": whole[: len(whole) // 2], "more": json.dumps(json.loads(whole) | {"nodes": []})}
    file.write_text(texts.get(damage, damage))
    assert read(places) is None


def test_what_is_new_gone_or_other_has_changed(record: LastBuild) -> None:
    assert record.changed({"activity": "1", "story": "2"}) == frozenset()
    assert record.changed({"activity": "9", "story": "2"}) == {"activity"}
    assert record.changed({"story": "2"}) == {"activity"}
    assert record.changed({"activity": "1", "story": "2", "more": "3"}) == {"more"}


def test_dbt_is_asked_for_what_reads_a_changed_table_and_for_every_test() -> None:
    assert selectors(["story", "activity"]) == ["source:lake.activity+", "source:lake.story+", "test_type:data"]
    assert selectors([]) == ["test_type:data"]


def test_a_file_of_the_lake_is_its_name_and_any_other_its_bytes(places: Places) -> None:
    table, one = places.warehouse / "inputs" / "submission.parquet", places.lake / "activity" / "north" / "1.parquet"
    two = one.with_name("2.parquet")
    table.parent.mkdir(parents=True)
    table.write_bytes(b"a")

    def digests(*lake: Path) -> dict[str, str]:
        return input_digests({"activity": [*lake], "submission": [table], "check_result": [table]}, places)

    first = digests(one)
    assert set(first) == {"activity", "submission"}  # the checks' results are no input
    assert digests(one, two)["activity"] != first["activity"] != digests(two)["activity"]
    assert digests()["activity"] != first["activity"]
    table.write_bytes(b"b")
    assert digests(one)["submission"] != first["submission"]
    assert digests(one)["activity"] == first["activity"]


def as_it_was_left(places: Places) -> None:
    with duckdb.connect(str(places.warehouse_file), read_only=True) as con:
        con.execute("select * from sessions")


def other_rows(places: Places) -> None:
    with duckdb.connect(str(places.warehouse_file)) as con:
        con.execute("update sessions set n = 2")


def no_warehouse(places: Places) -> None:
    places.warehouse_file.unlink()


def a_write_that_was_cut_off(places: Places) -> None:
    places.warehouse_file.with_name("tfc.duckdb.wal").write_bytes(b"half")


@pytest.mark.parametrize(
    ("harm", "is_built_upon"),
    [(as_it_was_left, True), *((harm, False) for harm in (other_rows, no_warehouse, a_write_that_was_cut_off))],
)
def test_only_the_warehouse_that_it_left_is_built_upon(
    places: Places, record: LastBuild, harm: Callable[[Places], None], is_built_upon: bool
) -> None:
    harm(places)
    assert record.can_be_built_upon(places, "r") is is_built_upon


def test_only_a_good_build_of_the_same_rules_is_built_upon(places: Places, record: LastBuild) -> None:
    assert record.can_be_built_upon(places, "r")
    assert not record.can_be_built_upon(places, "other")
    assert not replace(record, success=False).can_be_built_upon(places, "r")
