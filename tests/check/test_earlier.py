"""A verdict is carried over only about the very same rows by the very same rule; whatever stops something is judged anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from unittest import mock

import pytest

from tfc_platform.check import gx_runner
from tfc_platform.check.earlier import Earlier
from tfc_platform.check.evidence import Evidence
from tfc_platform.check.gx_runner import run_suites
from tfc_platform.check.reconcile import Reconciliation, Tally, reconcile

from .test_expect import AS_OF, COLUMNS, SMALL, UNIQUE, _held, _suite

KEY = ("rule_0", "mart", "a", "mart_x")
PASSED = Evidence(*KEY, "validity", "error", "d" * 64, 3, 0, "passed", "none")
WARNS = replace(PASSED, severity="warn", rows_failed=1, verdict="failed", gate_effect="warns")
HOLDS = replace(PASSED, rows_failed=1, verdict="failed", gate_effect="holds_site")
BROKEN = replace(PASSED, rows_failed=None, verdict="broken", gate_effect="closes")


def holding(*evidence: Evidence, content_hash: str = "d" * 64, severity: str = "error", on: date | None = None):
    return Earlier(AS_OF, evidence).holding(KEY, severity, "validity", content_hash, on)


def test_it_holds_about_the_same_rows():
    assert holding(PASSED) is PASSED
    assert holding(WARNS, severity="warn") is WARNS
    assert holding(PASSED, on=AS_OF) is PASSED


@pytest.mark.parametrize(
    "found",
    [
        holding(),
        holding(PASSED, content_hash="e" * 64),
        holding(replace(PASSED, content_hash=""), content_hash=""),
        holding(PASSED, severity="warn"),
        holding(replace(PASSED, site="b")),
        holding(replace(PASSED, check_id="rule_1")),
        holding(replace(PASSED, dimension="accuracy")),
        holding(PASSED, on=date(2026, 5, 2)),
        holding(HOLDS),
        holding(BROKEN),
        holding(PASSED, HOLDS),  # contradictions
    ],
)
def test_anything_in_doubt_is_judged_anew(found):
    assert found is None


def fill(table, small: int = 1, second_site: int = 2):
    rows = [{"site": "a", "k": "x", "n": small}, {"site": "b", "k": "y", "n": second_site}]
    table("marts.mart_x", COLUMNS, rows)


def test_the_same_rows_are_not_judged_again_and_the_evidence_is_the_same(con, table):
    fill(table, second_site=12)
    suite = _suite({**SMALL, "severity": "warn"}, {**UNIQUE, "where": "n > 0"})
    first = run_suites(con, [suite], _held("a", "b"), AS_OF)
    with mock.patch.object(gx_runner, "frame_definition", side_effect=AssertionError("judged again")) as made:
        again = run_suites(con, [suite], _held("a", "b"), AS_OF, earlier=Earlier(AS_OF, first))
    assert sorted(again) == sorted(first)
    made.assert_not_called()


def test_one_sites_new_rows_are_judged_and_the_others_are_not(con, table):
    suite = _suite(SMALL, UNIQUE)
    fill(table)
    first = run_suites(con, [suite], _held("a", "b"), AS_OF)
    fill(table, small=50)
    seen: list[set[str]] = []
    original = gx_runner._Runner._judge

    def watched(self, checks, frame, sites):
        seen.append(set(frame[gx_runner._SITE]))
        return original(self, checks, frame, sites)

    with mock.patch.object(gx_runner._Runner, "_judge", watched):
        again = run_suites(con, [suite], _held("a", "b"), AS_OF, earlier=Earlier(AS_OF, first))
    assert seen == [{"a"}]
    assert sorted(again) == sorted(run_suites(con, [suite], _held("a", "b"), AS_OF))
    assert {(item.site, item.check_id, item.verdict) for item in again if item.verdict != "passed"} == {
        ("a", "rule_0", "failed")
    }


@pytest.mark.parametrize(
    ("check", "derived"),
    [
        ({**SMALL, "kwargs": {"column": "ahead", "max_value": 0}}, {"ahead": "n - day($as_of)"}),
        ({**SMALL, "where": "n >= day($as_of)"}, {}),
        ({**SMALL, "where": "ahead > 0"}, {"ahead": "n - day($as_of)"}),
    ],
)
def test_a_rule_that_looks_at_the_date_is_judged_anew_on_another_day(check, derived):
    suite = _suite(check, SMALL, derived=derived)
    assert [suite.looks_at_date(rule) for rule in suite.checks] == [True, False]


@pytest.mark.parametrize("words", ["n > day(current_date)", "on_day < today()", "random() < 0.5", "now() > x"])
def test_no_rule_asks_a_clock_or_chance(words):
    with pytest.raises(ValueError, match="no clock and no chance"):
        _suite({**SMALL, "where": words})


def fill_tallies(con, in_mart: int):
    con.execute("create or replace table lake.activity as select 'a' as site, unnest(range(3)) as n")
    con.execute(f"create or replace table marts.mart_x as select 'a' as site, {in_mart} as sessions")


def test_a_sum_of_the_same_rows_is_not_worked_out_again_and_one_of_other_rows_is(con):
    rule = Reconciliation(
        "adds", "mart_x", "They agree.", Tally("lake.activity", "count(*)"), Tally("marts.mart_x", "sum(sessions)")
    )
    fill_tallies(con, 3)
    first = reconcile(con, [rule], _held("a"))
    assert [(item.verdict, item.rows_checked) for item in first] == [("passed", 3)]
    carried = Earlier(AS_OF, (replace(first[0], rows_checked=99),))  # a mark: what is carried over is not counted
    assert [item.rows_checked for item in reconcile(con, [rule], _held("a"), earlier=carried)] == [99]
    fill_tallies(con, 4)
    assert [item.rows_failed for item in reconcile(con, [rule], _held("a"), earlier=carried)] == [1]


def test_a_site_that_stands_in_a_table_unasked_is_seen_beside_what_is_carried_over(con):
    rule = Reconciliation(
        "adds", "mart_x", "They agree.", Tally("lake.activity", "count(*)"), Tally("marts.mart_x", "sum(sessions)")
    )
    fill_tallies(con, 3)
    first = reconcile(con, [rule], _held("a"))
    con.execute("insert into marts.mart_x values ('b', 7)")
    again = reconcile(con, [rule], _held("a"), earlier=Earlier(AS_OF, first))
    assert [(item.site, item.verdict) for item in again] == [("a", "passed"), ("b", "failed")]


def test_a_sum_that_did_not_come_out_is_worked_out_again(con):
    rule = Reconciliation(
        "adds", "mart_x", "They agree.", Tally("lake.activity", "count(*)"), Tally("marts.mart_x", "sum(sessions)")
    )
    fill_tallies(con, 4)
    (failed,) = reconcile(con, [rule], _held("a"))
    (again,) = reconcile(con, [rule], _held("a"), earlier=Earlier(AS_OF, (replace(failed, rows_failed=99),)))
    assert again == failed
