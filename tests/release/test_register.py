"""The register and the policy: what stands in them loads, and every mistake is told by file and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tfc_platform.disclosure.policy import load_policy
from tfc_platform.publication.publication_register import Register, load_register
from tfc_platform.settings import ConfigurationError

TABLE = {
    "mart": "mart_delivery",
    "title": "Delivery",
    "description": "Sessions.",
    "keys": ["site"],
    "measures": [{"column": "held", "unit": "sessions", "label": "Held"}],
}
COUNTED = {"name": "low", "column": "low", "unit": "persons", "label": "Low"}
PERSONS: dict[str, Any] = {
    "table": "reach",
    "title": "Reach",
    "description": "Attendances.",
    "record": "activity",
    "rule": "head_count",
    "mart": "mart_reach_cell",
    "period": "quarter",
    "dimensions": ["area"],
    "measures": [COUNTED],
}
OUTCOME = {"table": "outcome", "title": "O", "description": "O.", "record": "survey_respondent", "rule": "outcome"}
GOOD: dict[str, Any] = {
    "units": {
        "persons": {"label": "persons", "about_persons": True, "reason": "People."},
        "sessions": {"label": "sessions", "about_persons": False, "reason": "Not people."},
    },
    "evidence_counts": [],
    "shared_senders": [],
    "held_reasons": {"other": "It cannot count yet."},
    "columns": {"site": "The site.", "area": "The area.", "quarter": "The quarter.", "year": "The year."},
    "tables": [TABLE],
    "person_tables": [PERSONS],
}


def load(tmp_path: Path, content: dict[str, Any] | str) -> Register:
    file = tmp_path / "publication_register.yaml"
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return load_register(file)


def with_table(**changes: Any) -> dict[str, Any]:
    return {**GOOD, "tables": [{**TABLE, **changes}]}


def with_persons(*tables: dict[str, Any]) -> dict[str, Any]:
    return {**GOOD, "person_tables": list(tables)}


def test_the_projects_own_files_load_and_hold_what_the_interface_names() -> None:
    register, policy = load_register(), load_policy()
    assert {table.table for table in register.tables} == {
        "delivery",
        "process",
        "partnership",
        "learning_action",
        "local_indicator",
        "submission_status",
        "data_quality",
        "source_state",
        "expected_return",
    }
    assert {table.table for table in register.person_tables} == {
        "reach",
        "reach_year",
        "reach_area",
        "casework",
        "story_domain",
        "outcome_indicator",
        "outcome_change",
        "outcome_trend",
    }
    assert policy.threshold_persons == 10
    assert register.about_persons("attendances")
    assert not register.about_persons("sessions")


def test_what_is_released_every_night_is_of_groups_and_not_about_persons() -> None:
    register = load_register()
    for table in register.tables:
        assert not any(register.about_persons(measure.unit) for measure in table.measures if measure.unit), table.table
    only = {table.table: table.only for table in register.tables if table.only}
    assert only == {
        "delivery": {"audience_unit": "group"},
        "process": {"audience_unit": "group"},
        "local_indicator": {"about_persons": False, "is_beside_casework": True},
        "partnership": {"has_group_sessions": True},
    }
    marts = {table.mart for table in register.tables}
    of_persons = {"mart_reach", "mart_reach_area", "mart_story_domain", "mart_outcome_indicator", "mart_outcome_change"}
    assert marts.isdisjoint(of_persons | {getattr(table, "mart", "") for table in register.person_tables})
    # How many sessions a check saw would, less those of groups, be those of casework.
    assert set(register.evidence_counts).isdisjoint({"activity", "surveys", "stories", "mart_delivery", "mart_process"})


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
    register = load(tmp_path, GOOD)
    (table,), (persons,) = register.tables, register.person_tables
    assert (table.table, [key.name for key in table.keys], table.measures[0].name) == ("delivery", ["site"], "held")
    assert (persons.table, persons.keys) == ("reach", ("site", "quarter", "area"))


M = {"column": "held", "unit": "sessions", "label": "Held"}
BAD: list[tuple[dict[str, Any], str]] = [
    ({**GOOD, "tabels": []}, "tabels: Extra inputs are not permitted"),
    (with_table(treshold=3), "tables.0.treshold: Extra inputs are not permitted"),
    (with_table(measures=[{**M, "persons": True}]), "tables.0.measures.0.persons: Extra inputs are not permitted"),
    (with_table(measures=[{**M, "unit": "people"}]), "the unit 'people' of held is not under units"),
    (with_table(measures=[{"column": "held", "label": "L"}]), "held needs either a unit or a unit_column"),
    (with_table(measures=[{"unit": "sessions", "label": "L"}]), "a measure needs a name or a column"),
    (
        with_table(measures=[{**M, "unit": "persons"}]),
        "delivery: held counts people: such a table belongs under person_tables",
    ),
    (with_table(measures=[M, M]), "the measure 'held' of delivery is given twice"),
    (with_table(keys=["site", "site"]), "the column 'site' is given twice in a row of delivery"),
    (with_table(attributes=[{"column": "x", "name": "status"}]), "the column 'status' is given twice in a row"),
    (with_table(keys=["month"]), "the column 'month' is not described under columns"),
    (with_table(keys=[]), "tables.0.keys: Tuple should have at least 1 item"),
    (with_table(keys=["area"], sources=["activity"]), "delivery names sources but has no key 'site'"),
    (with_table(keys=['site"; drop table x']), "a name is made of small letters"),
    (with_table(mart="fct_session"), "fct_session is no mart"),
    (with_table(mart="mart_stories"), "'stories' is made of approved texts"),
    (with_table(aggregate="count"), "delivery counts rows: it has one measure, without a column"),
    (with_table(aggregate="all", attributes=["area"]), "delivery is aggregated by its keys"),
    (with_table(measures=[{"name": "n", "unit": "sessions", "label": "N"}]), "names no column of its mart"),
    ({**GOOD, "tables": [TABLE, TABLE]}, "mart_delivery is given twice"),
    ({**GOOD, "held_reasons": {}}, "held_reasons needs 'other'"),
    (with_persons({**PERSONS, "treshold": 3}), "treshold: Extra inputs are not permitted"),
    (with_persons({**PERSONS, "table": "delivery"}), "delivery is given twice"),
    (with_persons({**PERSONS, "table": 'reach"; drop'}), "a name is made of small letters"),
    (with_persons({**PERSONS, "dimensions": ["age"]}), "reach: the column 'age' is not described under columns"),
    (with_persons({**PERSONS, "attributes": ["age"]}), "reach: the column 'age' is not described under columns"),
    (with_persons({**PERSONS, "dimensions": ["area", "tier", "unit"]}), "reach has 5 dimensions: 4 are the most"),
    (with_persons({**PERSONS, "dimensions": ["area", "tier"], "total_over": "area"}), "the only dimension"),
    (with_persons({**PERSONS, "total_over": "tier"}), "total_over: a site's total sums over the only dimension"),
    (with_persons({**PERSONS, "period": "year"}), "reach: a year is published as one total only"),
    (with_persons({**PERSONS, "period": "month"}), "period: Input should be 'quarter' or 'year'"),
    (with_persons({**PERSONS, "level": "programme"}), "reach: the programme's total is published by year only"),
    (
        with_persons(PERSONS, {**PERSONS, "table": "all", "period": "year", "dimensions": [], "level": "programme"}),
        "all: a programme's total is the only table of its mart",
    ),
    (with_persons({**PERSONS, "measures": [COUNTED, COUNTED]}), "reach: a measure is given twice"),
    (
        with_persons({**PERSONS, "measures": [{**COUNTED, "counts": "sessions"}]}),
        "reach: the first measure is the count of people that the rule judges",
    ),
    (
        with_persons({**PERSONS, "measures": [{**COUNTED, "code": "population"}]}),
        "low: one of column, code and per_1000_of says where it comes from",
    ),
    (
        with_persons({**OUTCOME, "breakdowns": {"community": ["area", "sector"]}}),
        "breakdowns.community: one breakdown a population",
    ),
]


@pytest.mark.parametrize(("content", "message"), BAD, ids=[message for _, message in BAD])
def test_a_mistake_is_told_by_file_and_key(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, content)
    assert str(caught.value).startswith(f"{tmp_path.name}/publication_register.yaml: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("units: {a: 1\nb: 2", "publication_register.yaml: line 2:"),
        ("columns: {}\ncolumns: {}\n", "publication_register.yaml: line 2: the key 'columns' is written twice."),
        ("- a list\n", "publication_register.yaml: (the whole file): "),
    ],
)
def test_what_is_no_such_yaml_is_told_by_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    assert message in str(caught.value)


def test_a_missing_file_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"/gone\.yaml: the file cannot be read\.$"):
        load_policy(tmp_path / "gone.yaml")


POLICY: dict[str, Any] = {
    "version": "1",
    "lock_after_days": 42,
    "revision": {"day": "06-30", "minimum": 10},
    "threshold_persons": 10,
    "rounding_base": 5,
    "head_count": {"sessions": 3, "largest_session": 10},
    "survey": {"base": 30, "part": 10, "clusters": 3, "flag_below": 100},
    "panel": {"pairs": 30, "part": 10, "rest": 10},
    "audit": {"group": 5, "width": 5},
    "largest_suppressed_share": 0.4,
    "research_versions_kept": 3,
    "story_screen": [],
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"threshold_persons": 0}, "threshold_persons: Input should be greater than or equal to 1"),
        ({"version": 1}, "version: Input should be a valid string"),
        ({"treshold": 5}, "treshold: Extra inputs are not permitted"),
        ({"rounding_base": 4}, "(the whole file): rounding_base: an odd number, or halves would need a rule"),
        ({"revision": {"day": "02-29", "minimum": 10}}, "revision.day: day"),
        ({"revision": {"day": "30 June", "minimum": 10}}, "revision.day: a day of the year is written as 06-30"),
        (
            {"audit": {"group": 5, "width": 6}},
            "(the whole file): audit: group - 1 + width is 10, more than a suppressed",
        ),
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
