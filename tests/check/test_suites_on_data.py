"""Every rule of every suite, on rows that it must let through and on rows that it must not.

The cases are data (`cases/*.yaml`), written from the sentence of each rule; the counts of failing rows are by hand.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tfc_platform.check.gx_runner import run_suites
from tfc_platform.check.suites import Suite, load_suites

CASES = Path(__file__).parent / "cases"
AS_OF = date(2026, 5, 1)
SUITES = load_suites()
CHECKS = [(suite, rule.id) for suite in SUITES for rule in suite.expectations]


@cache
def _file(name: str) -> dict[str, Any]:
    return yaml.safe_load((CASES / name).read_text(encoding="utf-8"))


def _cases(suite: Suite) -> dict[str, Any]:
    """A source's cases are a file of their own; those of tables are in one file a place."""
    together = {"intermediate": "intermediate.yaml", "mart": "marts.yaml"}
    return _file(together[suite.place])[suite.name] if suite.place in together else _file(f"{suite.name}.yaml")


def _rows(site: str, row: dict[str, Any], differences: list[dict[str, Any]]) -> list[dict[str, Any]]:
    out = []
    for difference in differences:
        times = difference.get("times", 1)
        out += [{"site": site, **row, **{k: v for k, v in difference.items() if k != "times"}}] * times
    return out


def _judged(cases: dict[str, Any], rows: list[dict[str, Any]]) -> int:
    """How many rows a suite judges: those of its table, or the groups that its query makes of them."""
    keys = cases.get("judged_by")
    return len({tuple(row[key] for key in keys) for row in rows}) if keys else len(rows)


def _beside(cases: dict[str, Any], table: Any, lake_columns: Any) -> None:
    """The tables of the lake that rules look things up in."""
    for name, rows in cases.get("beside", {}).items():
        table(f"lake.{name}", lake_columns(name), rows)


def _held(suite: Suite, *sites: str) -> dict[tuple[str, str], int]:
    return {(site, suite.record or "activity"): 1 for site in sites}


def test_every_check_has_cases_and_every_case_a_check():
    listed = {name for suite in SUITES for name in _cases(suite)["cases"]}
    assert listed == {check_id for _, check_id in CHECKS}


@pytest.mark.parametrize(("suite", "check_id"), CHECKS, ids=[check_id for _, check_id in CHECKS])
def test_check_tells_good_rows_from_bad(suite, check_id, con, table, lake_columns):
    cases = _cases(suite)
    case = cases["cases"][check_id]
    columns = cases.get("columns") or lake_columns(suite.record)
    good, bad = _rows("good", cases["row"], case["pass"]), _rows("bad", cases["row"], case["fail"])
    _beside(cases, table, lake_columns)
    elsewhere = _rows("elsewhere", cases["row"], case.get("elsewhere", []))
    table(suite.relation, columns, good + bad + elsewhere)
    (check,) = [check for check in suite.expectations if check.id == check_id]
    one = suite.model_copy(update={"expectations": (check,)})

    passed, failed = sorted(run_suites(con, [one], _held(suite, "good", "bad"), AS_OF), key=lambda e: e.site == "bad")

    assert (passed.site, passed.verdict, passed.gate_effect) == ("good", "passed", "none")
    assert (failed.site, failed.verdict, failed.rows_failed) == ("bad", "failed", case["failed"])
    assert failed.gate_effect == ("holds_site" if check.severity == "error" else "warns")
    assert (failed.check_id, failed.place, failed.source) == (check_id, suite.place, suite.subject)
    assert (failed.dimension, failed.severity) == (check.meta.dimension, check.severity)
    assert (passed.rows_checked, failed.rows_checked) == (_judged(cases, good), _judged(cases, bad))
    assert len({passed.content_hash, failed.content_hash}) == 2


@pytest.mark.parametrize("suite", SUITES, ids=[suite.name for suite in SUITES])
def test_the_good_row_passes_the_whole_suite_and_no_row_breaks_nothing(suite, con, table, lake_columns):
    cases = _cases(suite)
    columns = cases.get("columns") or lake_columns(suite.record)
    _beside(cases, table, lake_columns)
    table(suite.relation, columns, _rows("good", cases["row"], [{}]))
    evidence = run_suites(con, [suite], _held(suite, "good", "silent"), AS_OF)
    assert {(item.site, item.check_id): item.verdict for item in evidence} == {
        (site, check.id): "passed" for site in ("good", "silent") for check in suite.expectations
    }
    assert {item.rows_checked for item in evidence if item.site == "silent"} == {0}


@pytest.mark.parametrize("suite", SUITES, ids=[suite.name for suite in SUITES])
def test_a_missing_column_breaks_the_rules_that_need_it(suite, con, table, lake_columns):
    cases = _cases(suite)
    columns = dict(cases.get("columns") or lake_columns(suite.record))
    check = suite.expectations[0]
    own = [name for name in check.columns if name in columns and name != "site"]
    gone = own[-1] if own else next(name for name in columns if name != "site" and name in (suite.meta.query or ""))
    del columns[gone]
    row = {name: value for name, value in cases["row"].items() if name != gone}
    _beside(cases, table, lake_columns)
    table(suite.relation, columns, _rows("good", row, [{}]))
    verdicts = {item.check_id: item for item in run_suites(con, [suite], _held(suite, "good"), AS_OF)}
    assert verdicts[check.id].verdict == "broken"
    assert verdicts[check.id].gate_effect == "closes"
    assert verdicts[check.id].rows_failed is None
    if not suite.meta.query:  # a query that names the column cannot be run at all
        for other in suite.expectations:
            assert (verdicts[other.id].verdict == "broken") == (gone in other.columns), other.id
