"""Reconciliation: sums that hold hold, and each one is seen to fail where it does not.

The warehouse is that of `two_sites`, written by hand; each reconciliation is then broken once.
"""

from __future__ import annotations

import pytest

from tfc_platform.check.digest import TableStates, combined
from tfc_platform.check.expected_rows import NO_RECORD, admitted_rows, are_rows_expected, sites_of
from tfc_platform.check.reconcile import Reconciliation, TableTotal, reconcile
from tfc_platform.check.reconciliation_rules import FACTS, RECONCILIATIONS
from tfc_platform.schemas import RECORDS

from .two_sites import CONTRACTED, COUNTS, LAKE, MARTS


@pytest.fixture
def warehouse(con, table, lake_columns):
    for name in (*RECORDS, "row_issue", "source_state", "expected_return"):
        table(f"lake.{name}", lake_columns(name), LAKE[name])
    items = [("K1", 4, True), ("K2", 4, True), ("T1", 4, False), ("Q1", None, False), ("R1", 4, False)]
    table(
        "lake.ref_item",
        lake_columns("ref_item"),
        [
            {"instrument": "core", "item": item, "positive_from": positive, "dont_know_in_base": in_base}
            | {"minimum": 1, "maximum": 5, "is_reversed": item == "R1"}
            for item, positive, in_base in items
        ],
    )
    rows = [
        dict(zip(("site", "source", "file_sha256", "record", "accepted"), (*k, n), strict=True))
        for k, n in COUNTS.items()
    ]
    table("lake.admitted", lake_columns("admitted"), rows)
    files = [
        {"site": site, "source": source, "file": f"{site}/{source}", "file_sha256": sha, "status": "accepted",
         "is_counted": True, "received": n + 3, "accepted": n, "rejected": 2, "duplicate": 1,
         "counted_sha256": sha, "counted_source": source, "counted_accepted": n}
        for (site, source, sha, record), n in COUNTS.items() if record != "survey_answer"
    ]  # fmt: skip
    files.append(
        {
            "site": "nobody",
            "source": "x",
            "file": "x.docx",
            "file_sha256": "z",
            "status": "unrecognised",
            "is_counted": False,
        }
    )
    older = {"file": "older", "file_sha256": "old", "status": "superseded", "is_counted": False}
    files.append({**files[0], **older, "counted_sha256": None, "counted_source": None, "counted_accepted": 0})
    table("lake.submission", lake_columns("submission"), files)
    for record, fact in FACTS.items():
        con.execute(f"create table {fact} as select * from lake.{record}")
    for definition, values in MARTS.items():
        con.execute(f"create table marts.{definition}")
        for row in values:
            con.execute(f"insert into marts.{definition.split()[0]} values ({', '.join('?' for _ in row)})", list(row))
    con.execute("insert into marts.mart_submission_status select site, file, status from lake.submission")
    return con


# What breaks each sum, and the site that it should fail for.
BREAKS = {
    "activity_lake_is_what_was_admitted": ("delete from lake.activity where session_id = 'a2'", "a"),
    "survey_respondent_lake_is_what_was_admitted": (
        "insert into lake.survey_respondent from lake.survey_respondent",
        "a",
    ),
    "survey_answer_lake_is_what_was_admitted": ("delete from lake.survey_answer where item = 'K2'", "a"),
    "story_lake_is_what_was_admitted": ("update lake.story set file_sha256 = 'other' where story_id = 'S1'", "a"),
    "story_approval_lake_is_what_was_admitted": ("delete from lake.story_approval", "centre"),
    "learning_item_lake_is_what_was_admitted": ("delete from lake.learning_item where learning_id = 'L2'", "a"),
    "learning_action_lake_is_what_was_admitted": (
        "insert into lake.learning_action from lake.learning_action",
        "centre",
    ),
    "contribution_claim_lake_is_what_was_admitted": ("delete from lake.contribution_claim", "a"),
    "activity_fact_is_what_was_admitted": (
        "insert into intermediate.fct_session select * replace ('stale' as file_sha256) from intermediate.fct_session "
        "where site = 'b'",
        "b",
    ),
    "survey_respondent_fact_is_what_was_admitted": ("delete from intermediate.fct_survey_respondent", "a"),
    "survey_answer_fact_is_what_was_admitted": ("delete from intermediate.fct_survey_answer where item = 'K1'", "a"),
    "story_fact_is_what_was_admitted": ("delete from intermediate.fct_story where consent = 'withdrawn'", "a"),
    "story_approval_fact_is_what_was_admitted": ("delete from intermediate.fct_story_approval", "centre"),
    "learning_item_fact_is_what_was_admitted": (
        "delete from intermediate.fct_learning_item where learning_id = 'L1'",
        "a",
    ),
    "learning_action_fact_is_what_was_admitted": ("delete from intermediate.fct_learning_action", "centre"),
    "contribution_claim_fact_is_what_was_admitted": ("delete from intermediate.fct_contribution_claim", "a"),
    "receipts_add_up": ("update lake.submission set duplicate = 0 where file_sha256 = 'b-act'", "b"),
    "counted_files_are_admitted": (
        "update lake.submission set counted_sha256 = 'old', counted_accepted = 3 where file_sha256 = 'old'",
        "a",
    ),
    "submissions_are_shown": ("delete from marts.mart_submission_status where site = 'nobody'", "nobody"),
    "row_issues_are_shown": ("delete from marts.mart_row_issue", "a"),
    "holds_are_shown": ("update marts.mart_source_state set is_held = false", "a"),
    "expected_returns_are_shown": ("update marts.mart_expected_return set status = 'received'", "b"),
    "delivery_counts_every_session": ("update marts.mart_delivery set sessions_cancelled = 0 where site = 'a'", "a"),
    "delivery_counts_delivered_sessions": (
        "update marts.mart_delivery set sessions_delivered = 3, sessions_cancelled = 0 where site = 'a' and activity = 'toys'",
        "a",
    ),
    "delivery_adds_hours": (
        "update marts.mart_delivery set hours = hours + 9 where site = 'a' and month = '2026-01-01'",
        "a",
    ),
    "reach_adds_low_attendance": (
        "update marts.mart_reach set value_low = 134 where site = 'a' and value_low = 35",
        "a",
    ),
    "reach_adds_high_attendance": (
        "update marts.mart_reach set value_high = 20 where site = 'a' and value_high = 40",
        "a",
    ),
    "reach_counts_unknown_sessions": ("update marts.mart_reach set sessions_unknown = 0", "a"),
    "reach_area_adds_attendance": (
        "insert into marts.mart_reach_area from marts.mart_reach_area where area = 'Govan'",
        "a",
    ),
    "process_counts_every_session": ("delete from marts.mart_process where activity = 'unmapped'", "a"),
    "partnership_counts_sessions_with_partner": (
        "update marts.mart_partnership set sessions_with_partner = 2 where site = 'a'",
        "a",
    ),
    "reach_cell_adds_sessions": ("delete from marts.mart_reach_cell where activity = 'unmapped'", "a"),
    "reach_cell_adds_sessions_cancelled": (
        "update marts.mart_reach_cell set sessions_cancelled = 1 where site = 'b'",
        "b",
    ),
    "reach_cell_adds_sessions_with_hours": (
        "update marts.mart_reach_cell set sessions_with_hours = 0 where site = 'b'",
        "b",
    ),
    # an hour moved from one activity to another: the site's sum is the same
    "reach_cell_adds_hours": (
        "update marts.mart_reach_cell set hours = hours + case activity when 'toys' then 0.5 else -1 end where site = 'a'",
        "a",
    ),
    "reach_cell_adds_attendances_low": ("update marts.mart_reach_cell set attendances_low = 35 where site = 'a'", "a"),
    "reach_cell_adds_attendances_high": (
        "update marts.mart_reach_cell set attendances_high = 21 where area = 'Govan'",
        "a",
    ),
    "reach_cell_adds_sessions_unknown": ("update marts.mart_reach_cell set sessions_unknown = 0", "a"),
    "reach_cell_adds_attendance_by_area": ("update marts.mart_reach_cell set area = 'Govan' where site = 'b'", "b"),
    # the larger of two sessions taken for both together
    "reach_cell_knows_the_largest_session": (
        "update marts.mart_reach_cell set largest_session = 35 where area = 'Govan'",
        "a",
    ),
    "outcome_cell_adds_all": ("delete from marts.mart_outcome_cell where indicator = 'know'", "a"),
    "outcome_cell_adds_area": ("update marts.mart_outcome_cell set area = 'unknown'", "a"),
    "outcome_cell_adds_sector": ("update marts.mart_outcome_cell set sector = 'Police' where indicator = 'K2'", "a"),
    # the answer that runs the other way taken as it was written
    "outcome_cell_counts_the_positive": ("update marts.mart_outcome_cell set positive = 0 where indicator = 'R1'", "a"),
    "story_cell_adds_stories": ("delete from marts.mart_story_cell where quarter = 'not_stated'", "a"),
    "story_cell_adds_selected": ("update marts.mart_story_cell set selected = 1", "a"),
    "stories_leave_out_the_withdrawn": ("update marts.mart_story_domain set stories = 2 where stories = 1", "a"),
    "stories_count_the_selected": ("update marts.mart_story_domain set selected = 2 where selected = 1", "a"),
    "learning_shows_every_item": ("delete from marts.mart_learning_action where learning_id = 'L2'", "a"),
    "outcome_bases_are_the_answers": ("update marts.mart_outcome_indicator set n = 1 where indicator = 'T1'", "a"),
    "learning_shows_every_action": ("insert into marts.mart_learning_action values ('a', 'L1', 'd')", "all"),
}


def test_every_reconciliation_has_a_way_to_break_and_a_name_of_its_own():
    names = [rule.id for rule in RECONCILIATIONS]
    assert len(names) == len(set(names))
    assert set(names) == set(BREAKS)
    assert all(rule.description.endswith(".") for rule in RECONCILIATIONS)


def test_what_was_done_by_hand_reconciles(warehouse):
    held = admitted_rows(warehouse, CONTRACTED)
    evidence = reconcile(warehouse, RECONCILIATIONS, held)
    assert [item for item in evidence if item.verdict != "passed"] == []
    wanted = {(rule.id, site) for rule in RECONCILIATIONS for site in rule.sites(held)}
    assert {(item.check_id, item.site) for item in evidence} == wanted
    rows = {(item.check_id, item.site): item.rows_checked for item in evidence}
    assert rows["activity_fact_is_what_was_admitted", "a"] == 4
    assert rows["story_fact_is_what_was_admitted", "b"] == 0
    assert rows["reach_adds_high_attendance", "a"] == 40
    assert rows["receipts_add_up", "nobody"] == 0


@pytest.mark.parametrize("name", BREAKS)
def test_a_sum_that_does_not_hold_fails_for_its_site_only(warehouse, name):
    statement, site = BREAKS[name]
    held = admitted_rows(warehouse, CONTRACTED)
    (rule,) = [rule for rule in RECONCILIATIONS if rule.id == name]
    warehouse.execute(statement)
    evidence = reconcile(warehouse, [rule], held)
    assert {item.site for item in evidence if item.verdict == "failed"} == {site}
    (failed,) = [item for item in evidence if item.verdict == "failed"]
    assert (failed.rows_failed or 0) > 0
    assert (failed.place, failed.severity, failed.dimension, failed.gate_effect) == (
        "reconciliation",
        "error",
        "consistency",
        "closes",
    )
    states = TableStates(warehouse)
    assert failed.content_hash == combined(states.get(relation, site).digest for relation in rule.relations)


def test_a_good_file_counts_where_a_bad_one_has_taken_its_path(warehouse):
    """The list of files shows a path as it lies there now, and beside it the earlier content whose rows count."""
    warehouse.execute(
        "update lake.submission set file_sha256 = 'bad', status = 'held', is_counted = false where file_sha256 = 'b-act'"
    )
    warehouse.execute(
        "insert into lake.submission select * replace ('copy' as file, 'b-act' as file_sha256,"
        " 'duplicate_file' as status, false as is_counted, null as counted_sha256, 0 as counted_accepted)"
        " from lake.submission where file_sha256 = 'bad'"
    )
    (rule,) = [rule for rule in RECONCILIATIONS if rule.id == "counted_files_are_admitted"]
    evidence = reconcile(warehouse, [rule], admitted_rows(warehouse, CONTRACTED))
    assert {item.verdict for item in evidence} == {"passed"}


def test_too_many_in_one_file_do_not_hide_too_few_in_another(con, table):
    columns = {"site": "varchar", "file": "varchar", "n": "bigint"}
    table("lake.left", columns, [{"site": "a", "file": "one", "n": 5}, {"site": "a", "file": "two", "n": 5}])
    table("lake.right", columns, [{"site": "a", "file": "one", "n": 8}, {"site": "a", "file": "two", "n": 2}])
    left, right = TableTotal("lake.left", "sum(n)", keys=("file",)), TableTotal("lake.right", "sum(n)", keys=("file",))
    rule = Reconciliation("r", "s", "The same by file.", left, right)
    (item,) = reconcile(con, [rule], {})
    assert (item.verdict, item.rows_checked, item.rows_failed) == ("failed", 10, 6)


def test_rounding_is_let_pass_by_key_and_no_more(con, table):
    table("lake.left", {"site": "varchar", "n": "bigint"}, [{"site": "a", "n": 100}, {"site": "b", "n": 100}])
    table("lake.right", {"site": "varchar", "n": "bigint"}, [{"site": "a", "n": 101}, {"site": "b", "n": 102}])
    rule = Reconciliation(
        "r", "s", "Nearly.", TableTotal("lake.left", "sum(n)"), TableTotal("lake.right", "sum(n)"), within=1
    )
    assert [(i.site, i.rows_failed) for i in reconcile(con, [rule], {})] == [("a", 0), ("b", 2)]


def test_a_table_that_is_not_there_is_broken_for_every_site(con, table, caplog):
    caplog.set_level("INFO")
    table("lake.left", {"site": "varchar", "n": "bigint"}, [{"site": "a", "n": 1}])
    rule = Reconciliation(
        "r", "s", "No.", TableTotal("lake.left", "sum(n)"), TableTotal("lake.gone", "sum(n)"), record="activity"
    )
    evidence = reconcile(con, [rule], {("a", "activity"): 1, ("b", "activity"): 0})
    assert [(i.site, i.verdict, i.rows_failed, i.content_hash) for i in evidence] == [
        ("a", "broken", None, ""),
        ("b", "broken", None, ""),
    ]
    assert caplog.messages == ["Reconciliation r could not be worked out."]


def test_a_site_that_nobody_knows_is_reported_where_it_has_rows(warehouse):
    held = admitted_rows(warehouse, CONTRACTED)
    warehouse.execute(
        "insert into intermediate.fct_session select * replace ('ghost' as site) from intermediate.fct_session"
    )
    (rule,) = [rule for rule in RECONCILIATIONS if rule.id == "activity_fact_is_what_was_admitted"]
    failed = {item.site: item.rows_failed for item in reconcile(warehouse, [rule], held) if item.verdict == "failed"}
    assert failed == {"ghost": 5}


def test_tallies_by_different_keys_are_an_error():
    rule = Reconciliation("r", "s", "No.", TableTotal("l", "count(*)", keys=("a",)), TableTotal("r", "count(*)"))
    with pytest.raises(ValueError, match="Reconciliation r: the two tallies count by different keys"):
        _ = rule.sql


def test_admitted_rows_are_of_the_contracts_pairs_with_what_admission_counts(warehouse):
    held = admitted_rows(warehouse, CONTRACTED)
    assert held["a", "activity"] == 4
    assert held["b", "story"] == 0
    assert held["a", "survey_answer"] == 5
    assert held["nobody", NO_RECORD] == 0
    assert ("a", NO_RECORD) not in held
    assert sites_of(held, "learning_action") == ("centre",)
    assert sites_of(held, None) == ("a", "b", "centre", "nobody")


def test_rows_are_wanted_of_who_sent_some_and_of_all_where_nothing_came_at_all():
    held = {("a", "activity"): 5, ("b", "activity"): 0, ("a", "story"): 0}
    assert [are_rows_expected(held, record, site) for site, record in held] == [True, False, False]
    nothing = dict.fromkeys(held, 0)
    assert [are_rows_expected(nothing, record, site) for site, record in nothing] == [True, True, True]
