"""Running suites: sites apart, broken apart from failed, and no cell in anything that comes out."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfc_platform.check.digest import table_digest
from tfc_platform.check.evidence import read_evidence, write_evidence
from tfc_platform.check.gx_runner import run_suites
from tfc_platform.check.suites import Suite, load_suites
from tfc_platform.settings import Places

AS_OF = date(2026, 5, 1)
SECRET = "Maureen Featherstonehaugh 07700 900123"
SECRET_NUMBER = 7700900123


def _suite(*rules: dict[str, Any], query: str | None = None) -> Suite:
    filled = [
        {
            "severity": "critical",
            "description": "A rule for a test.",
            "notes": "To see what comes of it.",
            "meta": {"id": f"rule_{n}", "dimension": "validity"},
            **rule,
        }
        for n, rule in enumerate(rules)
    ]
    return Suite.model_validate(
        {
            "name": "mart_x",
            "notes": "A table for a test.",
            "meta": {"place": "mart", "subject": "mart_x", "record": "activity", "query": query},
            "expectations": filled,
        }
    )


def _held(*sites: str) -> dict[tuple[str, str], int]:
    return {(site, "activity"): 1 for site in sites}


UNIQUE = {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "k"}}
SMALL = {"type": "expect_column_values_to_be_between", "kwargs": {"column": "n", "max_value": 9}}
MOSTLY_SMALL = {**SMALL, "kwargs": {"column": "n", "max_value": 9, "mostly": 0.5}}
COLUMNS = {"site": "varchar", "k": "varchar", "n": "bigint"}


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.none() | st.sampled_from("xyz"), st.none() | st.integers(7, 12)),
        max_size=12,
    )
)
def test_judging_all_sites_together_first_changes_no_count(rows):
    """Brute force: the counts for each site are those of its own rows."""
    with duckdb.connect() as con:
        con.execute("create schema marts; create table marts.mart_x (site varchar, k varchar, n bigint)")
        for row in rows:
            con.execute("insert into marts.mart_x values (?, ?, ?)", list(row))
        evidence = run_suites(con, [_suite(UNIQUE, SMALL, MOSTLY_SMALL)], _held("a", "b", "c"), AS_OF)
        for item in evidence:
            own = [(k, n) for site, k, n in rows if site == item.site]
            keys = [k for k, _ in own if k is not None]
            numbers = [n for _, n in own if n is not None]
            failed = {"rule_0": sum(keys.count(k) > 1 for k in keys), "rule_1": sum(n > 9 for n in numbers)}
            failed["rule_2"] = failed["rule_1"]
            enough = not numbers or sum(n <= 9 for n in numbers) / len(numbers) >= 0.5
            passes = {"rule_0": not failed["rule_0"], "rule_1": not failed["rule_1"], "rule_2": enough}
            assert (item.rows_checked, item.rows_failed) == (len(own), failed[item.check_id])
            assert (item.verdict == "passed") == passes[item.check_id]
            assert item.content_hash == table_digest(con, "marts.mart_x", "site = ?", [item.site])


def test_rows_of_a_site_that_is_not_asked_for_are_not_judged(con, table):
    table("marts.mart_x", COLUMNS, [{"site": "a", "n": 1}, {"site": "stranger", "n": 99}])
    (item,) = run_suites(con, [_suite(SMALL)], _held("a"), AS_OF)
    assert (item.site, item.rows_checked, item.verdict) == ("a", 1, "passed")


def test_several_suites_in_one_run_see_their_own_rows(con, table):
    table("marts.mart_x", COLUMNS, [{"site": "a", "n": 1}])
    table("marts.mart_y", COLUMNS, [{"site": "a", "n": 99}, {"site": "a", "n": 98}])
    other = _suite(SMALL)
    other = other.model_copy(update={"meta": other.meta.model_copy(update={"subject": "mart_y"})})
    evidence = run_suites(con, [_suite(SMALL), other, _suite(SMALL)], _held("a"), AS_OF)
    assert [(item.source, item.rows_failed) for item in evidence] == [("mart_x", 0), ("mart_y", 2), ("mart_x", 0)]


IS_X = {"type": "comparison", "column": {"name": "k"}, "operator": "==", "parameter": "x"}


def test_a_condition_and_the_night_s_date_reach_the_rows(con, table):
    rows = [{"site": "a", "k": "x", "on_day": date(2026, 5, day)} for day in (1, 2, 3)]
    table("marts.mart_x", {**COLUMNS, "on_day": "date"}, [*rows, {"site": "a", "k": "y", "on_day": date(2026, 6, 1)}])
    ahead = {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "ahead", "max_value": 0, "row_condition": IS_X},
    }
    suite = _suite(ahead, query="select *, on_day - $as_of as ahead from marts.mart_x")
    (item,) = run_suites(con, [suite], _held("a"), AS_OF)
    assert (item.rows_checked, item.rows_failed) == (4, 2)
    (item,) = run_suites(con, [suite], _held("a"), date(2026, 5, 3))
    assert (item.rows_checked, item.verdict) == (4, "passed")


def test_rows_of_another_site_that_a_condition_lets_through_change_nothing_for_a_site(con, table):
    table("marts.mart_x", COLUMNS, [{"site": "a", "k": "x", "n": 99}, {"site": "b", "k": "y", "n": 99}])
    small_x = {**SMALL, "kwargs": {**SMALL["kwargs"], "row_condition": IS_X}}
    evidence = run_suites(con, [_suite(small_x)], _held("a", "b"), AS_OF)
    assert [(item.site, item.verdict, item.rows_failed) for item in evidence] == [
        ("a", "failed", 1),
        ("b", "passed", 0),
    ]


def test_rows_of_a_query_are_judged_where_a_suite_has_one(con, table):
    table("marts.mart_x", COLUMNS, [{"site": "a", "k": "x", "n": n} for n in (1, 2, 99)])
    (item,) = run_suites(
        con, [_suite(SMALL, query="select site, avg(n) as n from marts.mart_x group by 1")], _held("a"), AS_OF
    )
    assert (item.rows_checked, item.rows_failed) == (1, 1)
    assert item.content_hash == table_digest(con, "marts.mart_x", "site = 'a'"), "of the rows behind the query"


@pytest.mark.parametrize(
    ("rule", "made", "breaks_all"),
    [
        ({"column": "gone", "max_value": 9}, None, False),
        ({"column": "n", "max_value": 9, "row_condition": {**IS_X, "column": {"name": "gone"}}}, None, False),
        ({"column": "k", "max_value": 9}, None, False),  # text against a number raises within
        ({"column": "made", "max_value": 9}, "gone + 1", True),
        ({"column": "made", "max_value": 9}, "k::bigint", True),  # the cast raises on the cell
    ],
)
def test_what_cannot_be_judged_is_broken_closes_and_shows_no_cell(con, table, caplog, capfd, rule, made, breaks_all):
    table("marts.mart_x", COLUMNS, [{"site": "a", "k": SECRET, "n": 1}])
    query = f"select *, {made} as made from marts.mart_x" if made else None
    with caplog.at_level(logging.DEBUG):
        broken, sound = run_suites(con, [_suite({**SMALL, "kwargs": rule}, SMALL, query=query)], _held("a"), AS_OF)
    assert sound.verdict == ("broken" if breaks_all else "passed"), "a rule that breaks takes no other with it"
    assert (broken.verdict, broken.rows_failed, broken.gate_effect) == ("broken", None, "closes")
    assert "Check rule_0 of mart_x could not be judged for a." in caplog.messages
    out = capfd.readouterr()
    for text in (repr(broken), caplog.text, out.out, out.err):
        assert SECRET not in text
        assert "Maureen" not in text


def test_rows_of_one_site_that_cannot_be_judged_break_no_other_site(con, table):
    table("marts.mart_x", COLUMNS, [{"site": "a", "n": 1}, {"site": "b", "k": "x", "n": 1}])
    of_text = {**SMALL, "kwargs": {"column": "k", "max_value": 9}}
    evidence = {item.site: item.verdict for item in run_suites(con, [_suite(of_text)], _held("a", "b"), AS_OF)}
    assert evidence == {"a": "passed", "b": "broken"}


def test_a_table_that_is_not_there_is_broken_for_each_site(con):
    evidence = run_suites(con, [_suite(SMALL)], _held("a", "b"), AS_OF)
    assert [(item.site, item.verdict, item.content_hash, item.rows_checked) for item in evidence] == [
        ("a", "broken", "", 0),
        ("b", "broken", "", 0),
    ]


def test_no_rows_pass_with_nothing_checked(con, table):
    table("marts.mart_x", COLUMNS, [])
    (item,) = run_suites(con, [_suite(SMALL)], _held("a"), AS_OF)
    assert (item.verdict, item.rows_checked, item.rows_failed) == ("passed", 0, 0)
    assert item.content_hash == table_digest(con, "marts.mart_x", "false")


@pytest.mark.parametrize("suite", [s for s in load_suites() if s.place == "source"], ids=lambda s: s.name)
def test_failing_rows_that_hold_secrets_leave_none_behind(suite, con, table, lake_columns, tmp_path, caplog, capfd):
    """Every text is a name with a telephone number, every number the number: most rules fail, and only counts come out."""
    columns = lake_columns(suite.record)
    planted = {"VARCHAR": SECRET, "BIGINT": SECRET_NUMBER, "DOUBLE": float(SECRET_NUMBER), "BOOLEAN": True}
    row = {name: planted.get(kind) for name, kind in columns.items()} | {"site": "a", "status": "delivered"}
    row = {name: value for name, value in row.items() if name in columns}
    for read_by_queries in ("ref_item", "ref_outcome"):
        table(f"lake.{read_by_queries}", lake_columns(read_by_queries), [])
    table(suite.relation, columns, [row, row])
    held = {("a", suite.record): 2, ("b", suite.record): 0}
    with caplog.at_level(logging.DEBUG):
        evidence = run_suites(con, [suite], held, AS_OF)
    assert any(item.verdict == "failed" for item in evidence)
    assert not any(item.verdict == "broken" for item in evidence)
    path = write_evidence(Places(tmp_path), "planted", evidence)
    assert read_evidence(path)
    out = capfd.readouterr()
    parquet = path.read_bytes()
    for secret in (SECRET, "Maureen", str(SECRET_NUMBER)):
        assert secret.encode() not in parquet
        for text in (repr(evidence), caplog.text, out.out, out.err):
            assert secret not in text
