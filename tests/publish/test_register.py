"""The register and the policy: what stands in them loads, and every mistake is told by file and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tfc_platform.publish.register import Register, load_policy, load_register
from tfc_platform.settings import ConfigurationError

TABLE = {
    "mart": "mart_reach",
    "title": "Reach",
    "description": "Attendances.",
    "keys": ["site"],
    "measures": [{"column": "low", "unit": "persons", "label": "Low"}],
}
GOOD: dict[str, Any] = {
    "units": {
        "persons": {"label": "persons", "about_persons": True, "reason": "People."},
        "sessions": {"label": "sessions", "about_persons": False, "reason": "Not people."},
    },
    "evidence_counts": [],
    "shared_senders": [],
    "held_reasons": {"other": "It cannot count yet."},
    "columns": {"site": "The site.", "area": "The area."},
    "tables": [TABLE],
}


def load(tmp_path: Path, content: dict[str, Any] | str) -> Register:
    file = tmp_path / "publication_register.yaml"
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return load_register(file)


def with_table(**changes: Any) -> dict[str, Any]:
    return {**GOOD, "tables": [{**TABLE, **changes}]}


def test_the_projects_own_files_load_and_hold_what_the_interface_names() -> None:
    register, policy = load_register(), load_policy()
    assert {table.table for table in register.tables} == {
        "delivery",
        "reach",
        "reach_area",
        "process",
        "partnership",
        "story_domain",
        "learning_action",
        "local_indicator",
        "submission_status",
        "data_quality",
        "source_state",
        "expected_return",
    }
    assert policy.threshold_persons == 10
    assert register.about_persons("attendances")
    assert not register.about_persons("sessions")


def test_files_and_rows_with_names_of_people_are_not_in_the_register() -> None:
    released = {column.column for table in load_register().tables for column in (*table.keys, *table.attributes)}
    assert released.isdisjoint({"file", "message", "held_file", "held_reason", "sha256", "row", "column", "sheet"})
    assert "mart_row_issue" not in {table.mart for table in load_register().tables}


def test_a_unit_that_nobody_declared_counts_as_persons(tmp_path: Path) -> None:
    register = load(tmp_path, GOOD)
    assert register.about_persons("something else")
    assert register.about_persons(None)


def test_only_sentences_of_the_register_leave_as_reasons(tmp_path: Path) -> None:
    register = load(tmp_path, {**GOOD, "held_reasons": {"other": "Not yet.", "missing_column": "A column lacks."}})
    assert register.public_reason("missing_column") == "A column lacks."
    assert register.public_reason("A column lacks.") == "A column lacks."
    assert register.public_reason("log of Jane Doe.xlsx was held") == "Not yet."
    assert register.public_reason(None) == "Not yet."
    assert register.public_reason("") == "Not yet."


def test_a_good_register_loads(tmp_path: Path) -> None:
    (table,) = load(tmp_path, GOOD).tables
    assert (table.table, [key.name for key in table.keys], table.measures[0].name) == ("reach", ["site"], "low")


M = {"column": "low", "unit": "persons", "label": "Low"}
BAD: list[tuple[dict[str, Any], str]] = [
    ({**GOOD, "tabels": []}, "tabels: Extra inputs are not permitted"),
    (with_table(treshold=3), "tables.0.treshold: Extra inputs are not permitted"),
    (with_table(measures=[{**M, "persons": True}]), "tables.0.measures.0.persons: Extra inputs are not permitted"),
    (with_table(measures=[{**M, "unit": "people"}]), "the unit 'people' of low is not under units"),
    (with_table(measures=[{"column": "low", "label": "L"}]), "low needs either a unit or a unit_column"),
    (with_table(measures=[{"unit": "persons", "label": "L"}]), "a measure needs a name or a column"),
    (with_table(measures=[{**M, "derived_from": ["high"]}]), "low refers to 'high', which no earlier measure"),
    (with_table(measures=[{**M, "part_of": "low"}]), "low refers to 'low', which no earlier measure"),
    (with_table(measures=[M, M]), "the measure 'low' of reach stands twice"),
    (with_table(keys=["site", "site"]), "the column 'site' stands twice in a row of reach"),
    (with_table(attributes=[{"column": "x", "name": "status"}]), "the column 'status' stands twice in a row"),
    (with_table(keys=["month"]), "the column 'month' is not described under columns"),
    (with_table(keys=[]), "tables.0.keys: Tuple should have at least 1 item"),
    (with_table(keys=["area"], sources=["activity"]), "reach names sources but has no key 'site'"),
    (with_table(keys=['site"; drop table x']), "a name is made of small letters"),
    (with_table(mart="fct_session"), "fct_session is no mart"),
    (with_table(mart="mart_stories"), "'stories' is made of approved texts"),
    (with_table(aggregate="count"), "reach counts rows: it has one measure, without a column"),
    (with_table(aggregate="all", attributes=["area"]), "reach is aggregated by its keys"),
    (with_table(measures=[{"name": "n", "unit": "persons", "label": "N"}]), "names no column of its mart"),
    ({**GOOD, "tables": [TABLE, TABLE]}, "mart_reach stands twice"),
    ({**GOOD, "held_reasons": {}}, "held_reasons needs 'other'"),
]


@pytest.mark.parametrize(("content", "message"), BAD, ids=[message for _, message in BAD])
def test_a_mistake_is_told_by_file_and_key(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, content)
    assert str(caught.value).startswith("publication_register.yaml: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("units: {a: 1\nb: 2", "publication_register.yaml: line 2:"),
        ("columns: {}\ncolumns: {}\n", "publication_register.yaml: line 2: the key 'columns' stands twice."),
        ("- a list\n", "publication_register.yaml: (the whole file): "),
    ],
)
def test_what_is_no_such_yaml_is_told_by_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    assert message in str(caught.value)


def test_a_missing_file_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^gone\.yaml: the file cannot be read\.$"):
        load_policy(tmp_path / "gone.yaml")


POLICY: dict[str, Any] = {
    "version": "1",
    "threshold_persons": 10,
    "protect_complement": True,
    "research_versions_kept": 3,
    "story_screen": [],
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"threshold_persons": 0}, "threshold_persons: Input should be greater than or equal to 1"),
        ({"version": 1}, "version: Input should be a valid string"),
        ({"treshold": 5}, "treshold: Extra inputs are not permitted"),
        (
            {"story_screen": [{"id": "x", "reason": "y", "pattern": "("}]},
            "story_screen.0: the pattern of x is no regular expression",
        ),
    ],
)
def test_a_mistake_in_the_policy_is_told(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    file = tmp_path / "disclosure_policy.yaml"
    file.write_text(yaml.safe_dump(POLICY))
    assert load_policy(file).research_versions_kept == 3
    file.write_text(yaml.safe_dump({**POLICY, **change}))
    with pytest.raises(ConfigurationError) as caught:
        load_policy(file)
    assert f"disclosure_policy.yaml: {message}" in str(caught.value)
