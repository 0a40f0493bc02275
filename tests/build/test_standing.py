"""The record of a finished build: it is read back whole or not at all, and says what has changed since."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tfc_platform.build.dbt import BuildResult, NodeResult
from tfc_platform.build.last_build import Standing, inputs_of, read, unfinished, write
from tfc_platform.settings import Places


def node(name: str, status: str = "success", seconds: float = 1.0) -> NodeResult:
    return NodeResult(name, "model", name, status, None, None, seconds, f"marts.{name}", None)


def standing(**changes: object) -> Standing:
    values = {
        "build_id": "0" * 20,
        "rules": "r",
        "as_of": date(2026, 4, 20),
        "inputs": {"activity": "1", "story": "2"},
        "tables": {"marts.a": "3"},
        "nodes": (node("a"), node("b")),
        "evidence": "4",
    }
    return Standing(**{**values, **changes})


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(tmp_path / "home")
    made.make()
    return made


def test_it_comes_back_as_it_was_written_until_the_warehouse_is_touched(places: Places):
    assert read(places) is None
    write(places, standing())
    assert read(places) == standing()
    unfinished(places)
    assert read(places) is None
    unfinished(places)  # twice is no fault


@pytest.mark.parametrize("damage", ["", "{}", "[]", '{"build_id": "0"}', "half"])
def test_a_damaged_or_older_record_is_none(places: Places, damage: str):
    write(places, standing())
    file = places.warehouse / "build.json"
    whole = file.read_text()
    file.write_text(whole[: len(whole) // 2] if damage == "half" else damage)
    assert read(places) is None
    values = json.loads(whole)
    file.write_text(json.dumps({**values, "more": 1}))
    assert read(places) is None
    file.write_text(json.dumps({**values, "as_of": "the first"}))
    assert read(places) is None


def test_what_is_new_gone_or_other_has_changed():
    before = standing()
    assert before.changed({"activity": "1", "story": "2"}) == frozenset()
    assert before.changed({"activity": "9", "story": "2"}) == {"activity"}
    assert before.changed({"story": "2"}) == {"activity"}
    assert before.changed({"activity": "1", "story": "2", "more": "3"}) == {"more"}


def test_a_file_of_the_lake_is_its_name_and_any_other_its_bytes(places: Places):
    table, one = places.warehouse / "inputs" / "submission.parquet", places.lake / "activity" / "north" / "1.parquet"
    two = one.with_name("2.parquet")
    table.parent.mkdir(parents=True)
    table.write_bytes(b"a")

    def found(*lake: Path) -> dict[str, str]:
        return inputs_of({"activity": [*lake], "submission": [table], "check_result": [table]}, places)

    first = found(one)
    assert set(first) == {"activity", "submission"}  # what the checks leave behind is no input
    assert found(one, two)["activity"] != first["activity"] != found(two)["activity"]
    assert found()["activity"] != first["activity"]
    table.write_bytes(b"b")
    assert found(one)["submission"] != first["submission"]
    assert found(one)["activity"] == first["activity"]


def test_of_each_node_the_newest_word_counts():
    found = standing().with_fresh(BuildResult(True, 2.0, (node("b", "fail"),), None))
    assert [(item.unique_id, item.status) for item in found.nodes] == [("a", "success"), ("b", "fail")]
    assert found.kept == {"a"}
    assert not found.success
    whole = standing().with_fresh()
    assert (whole.success, whole.kept) == (True, {"a", "b"})
    assert not standing(nodes=(node("a", "error"),)).with_fresh().success
