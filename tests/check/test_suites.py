"""Reading suites: what is accepted, and that each fault is a configuration error naming file and key."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tfc_platform.check.gx import great_expectations
from tfc_platform.check.suites import EXPECTATIONS, NO_SUITES, SUITES, load_suite, load_suites
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.schemas import RECORDS
from tfc_platform.settings import ConfigurationError

GOOD = """
name: source_activity
notes: Sessions of one site.
meta:
  place: source
  subject: activity
  record: activity
  query: select *, session_on > $as_of as late from lake.activity
expectations:
  - type: expect_column_values_to_be_between
    kwargs: {column: hours, min_value: 0}
    severity: critical
    description: Hours are not negative.
    notes: They would take from others.
    meta: {id: hours_possible, dimension: validity}
"""


def _write(folder: Path, text: str, name: str = "source_activity.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_suite_is_read(tmp_path):
    suite = load_suite(_write(tmp_path, GOOD))
    (rule,) = suite.expectations
    assert (suite.relation, rule.columns, rule.severity) == ("lake.activity", ("hours",), "error")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("severity: critical", "severity: fatal", "expectations.0.severity: Input should be 'critical' or 'warning'"),
        ("dimension: validity", "dimension: taste", "expectations.0.meta.dimension: Input should be 'completeness'"),
        ("    notes:", "    because:", "expectations.0.notes: Field required"),
        ("  place: source", "  place: source\n  colour: red", "meta.colour: Extra inputs are not permitted"),
        ("place: source", "place: table", "meta.place: Input should be 'source', 'intermediate' or 'mart'"),
        ("between", "betwixt", "expectations.0: unknown expectation 'expect_column_values_to_be_betwixt'"),
        (
            "min_value: 0",
            "minimum: 0",
            "expectations.0: kwargs.minimum: expect_column_values_to_be_between takes column",
        ),
        ("column: hours, ", "", "expectations.0: kwargs.column is missing"),
        ("min_value: 0", "min_value: 0, mostly: 7", "expectations.0: kwargs.mostly: a share above 0 and at most 1"),
        ("min_value: 0", "min_value: 2025-04-01", "expectations.0: kwargs.min_value, max_value: a number for one"),
        (", min_value: 0", "", "expectations.0: kwargs.min_value, max_value: a number for one of them at least"),
        ("min_value: 0", "min_value: 9, max_value: 1", "expectations.0: kwargs.min_value: above max_value"),
        (
            "min_value: 0",
            "min_value: 0, row_condition: hours > 1",
            "expectations.0: kwargs.row_condition: a condition as",
        ),
        ("record: activity", "record: activities", "meta: record: 'activities' is not a record type: activity"),
        ("  record: activity\n", "", "meta: record is missing"),
        ("subject: activity", "subject: Activity", "meta.subject: String should match pattern"),
        ("$as_of", "$as_of; drop table x", "meta.query: one SQL query, without ';'"),
        ("$as_of", "today()", "meta.query: no clock and no chance"),
        ("  place: source\n", "  place: source\n  place: mart\n", "line 6: the key .place. is written twice"),
        ("description: Hours", "description: 'Hours", "line 1[0-9]: "),
        ("id: hours_possible", "id: Hours possible", "expectations.0.meta.id: String should match pattern"),
    ],
)
def test_a_fault_names_file_and_key(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(ConfigurationError, match=f"source_activity.yaml[:,] {message}"):
        load_suite(_write(tmp_path, GOOD.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("expectation", "kwargs", "message"),
    [
        ("expect_column_values_to_be_in_set", "{column: status, value_set: []}", "value_set: a list with a value"),
        ("expect_column_values_to_match_regex", "{column: status, regex: '('}", "regex: not a regular expression"),
        ("expect_compound_columns_to_be_unique", "{column_list: status}", "column_list: a list of two columns"),
        (
            "expect_column_pair_values_a_to_be_greater_than_b",
            "{column_A: hours, column_B: attendance_low}",
            "ignore_row_if is missing",
        ),
    ],
)
def test_an_argument_that_would_break_the_run_is_found_on_reading(tmp_path, expectation, kwargs, message):
    text = GOOD.replace("expect_column_values_to_be_between", expectation)
    text = text.replace("{column: hours, min_value: 0}", kwargs)
    with pytest.raises(ConfigurationError, match=f"source_activity.yaml: expectations.0: kwargs.{message}"):
        load_suite(_write(tmp_path, text))


def test_what_is_no_mapping_or_no_text_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match=r"list\.yaml: \(the whole file\): "):
        load_suite(_write(tmp_path, "- one\n", "list.yaml"))
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00suite")
    with pytest.raises(ConfigurationError, match=r"bytes\.yaml: this is not text in UTF-8"):
        load_suite(tmp_path / "bytes.yaml")


def test_a_suite_of_a_table_between_lake_and_marts_must_name_one(tmp_path):
    text = GOOD.replace("place: source", "place: intermediate")
    with pytest.raises(ConfigurationError, match=r"subject: 'activity' is not a table between lake and marts"):
        load_suite(_write(tmp_path, text))
    suite = load_suite(_write(tmp_path, text.replace("subject: activity", "subject: int_item_quality")))
    assert suite.relation == "intermediate.int_item_quality"


def test_a_rule_needs_the_columns_of_its_condition_too(tmp_path):
    both = "{type: and, conditions: [{type: comparison, column: {name: status}, operator: ==, parameter: delivered},"
    both += " {type: nullity, column: {name: activity}, is_null: false}]}"
    text = GOOD.replace("min_value: 0", f"min_value: 0, row_condition: {both}")
    (rule,) = load_suite(_write(tmp_path, text)).expectations
    assert rule.is_about_some_rows
    assert rule.columns == ("hours", "status", "activity")


def test_a_mart_suite_must_name_a_mart(tmp_path):
    text = GOOD.replace("place: source", "place: mart")
    with pytest.raises(ConfigurationError, match=r"subject: 'activity' is not a mart"):
        load_suite(_write(tmp_path, text))


def test_no_two_checks_have_one_id_within_a_file_or_across_files(tmp_path):
    check = GOOD[GOOD.index("  - type") :]
    _write(tmp_path, GOOD + check)
    with pytest.raises(
        ConfigurationError, match=r"expectations\.1\.meta\.id: 'hours_possible' is already the name of one in source_"
    ):
        load_suites(tmp_path)
    _write(tmp_path, GOOD)
    _write(tmp_path, GOOD.replace("name: source_activity", "name: source_again"), "source_again.yaml")
    with pytest.raises(
        ConfigurationError, match=r"source_again\.yaml: expectations\.0\.meta\.id: 'hours_possible' is already"
    ):
        load_suites(tmp_path)


def test_no_suite_at_all_is_a_fault(tmp_path):
    (tmp_path / "disclosure_policy.yaml").write_text("threshold: 10\n")
    with pytest.raises(ConfigurationError, match="holds no suite of expectations: nothing would be judged"):
        load_suites(tmp_path)


def test_a_file_with_a_slip_in_its_name_is_not_left_out(tmp_path):
    _write(tmp_path, GOOD)
    _write(tmp_path, "threshold: 10\n", "disclosure_polcy.yaml")
    with pytest.raises(ConfigurationError, match=r"disclosure_polcy\.yaml: "):
        load_suites(tmp_path)


def test_suites_of_further_folders_are_read_too(tmp_path):
    _write(tmp_path, GOOD)
    more = tmp_path / "more"
    more.mkdir()
    _write(more, GOOD.replace("source_activity", "local").replace("hours_possible", "hours_local"), "local.yaml")
    assert [suite.name for suite in load_suites(tmp_path, [more])] == ["source_activity", "local"]


def test_our_suites_name_no_site():
    sites = {site for site, _ in load_catalogue().sources} - {"central"}
    for path in SUITES.glob("*.yaml"):
        if path.name.startswith(("source_", "mart_")):
            words = set(path.read_text(encoding="utf-8").lower().replace("_", " ").split())
            assert not words & {site.lower() for site in sites}, path.name


def test_every_record_has_a_suite():
    assert {suite.relation for suite in load_suites()} >= {f"lake.{name}" for name in RECORDS}


def test_sources_are_those_of_the_contracts():
    catalogue = load_catalogue()
    contracted = {(catalogue.contract(site, source).record, source) for site, source in catalogue.sources}
    contracted |= {("survey_answer", source) for record, source in contracted if record == "survey_respondent"}
    judged = {(s.record, s.subject) for s in load_suites() if s.place == "source"}
    # Rows are judged by what they are of: where two sources give one record, the suite has the name of one of them.
    assert judged <= contracted
    assert {record for record, _ in judged} == {record for record, _ in contracted}


def test_every_expectation_that_we_let_in_has_these_arguments():
    gx = great_expectations()
    for name, arguments in EXPECTATIONS.items():
        kind = getattr(gx.expectations, "".join(word.capitalize() for word in name.split("_")))
        assert set(arguments.known) <= set(kind.__fields__), name


@pytest.mark.parametrize(
    "path", [p for p in sorted(SUITES.glob("*.yaml")) if not p.name.endswith(NO_SUITES)], ids=lambda p: p.stem
)
def test_great_expectations_loads_every_file_as_it_is(path):
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    suite = great_expectations().ExpectationSuite(**content)
    assert (suite.name, suite.notes, suite.name) == (content["name"], content["notes"], path.stem)
    loaded = suite.to_json_dict()["expectations"]
    for written, rule in zip(content["expectations"], loaded, strict=True):
        assert {key: rule[key] for key in ("type", "severity", "description", "notes", "meta")} == {
            key: written[key] for key in ("type", "severity", "description", "notes", "meta")
        }
        assert {key: rule["kwargs"][key] for key in written["kwargs"]} == written["kwargs"]


def test_loading_suites_imports_neither_great_expectations_nor_pandas():
    code = (
        "import sys; from tfc_platform.check import gx_runner, reconcile, from_dbt, reconciliation_rules;"
        "from tfc_platform import gate;"
        "from tfc_platform.check.suites import load_suites; load_suites();"
        "assert not {'great_expectations', 'pandas', 'dagster'} & set(sys.modules), 'imported too early'"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)


def test_every_rule_is_a_sentence_and_every_reason_too():
    for suite in load_suites():
        for rule in suite.expectations:
            assert rule.description.endswith("."), rule.id
            assert rule.notes.endswith("."), rule.id
