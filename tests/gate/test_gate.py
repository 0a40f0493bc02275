"""The gate: a table of its cases. It opens in one way and closes in every other, and says why without a cell."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.check.digest import TableStates, combined, table_digest
from tfc_platform.check.evidence import Evidence
from tfc_platform.check.from_dbt import DbtTest
from tfc_platform.check.reconcile import Reconciliation, TableTotal
from tfc_platform.check.suites import Suite
from tfc_platform.gate import Required, judge, required_for, sites_to_hold, subjects

MART, FACT = "marts.mart_reach", "intermediate.fct_session"
HASHES = {(MART, "a"): "ha", (MART, "b"): "hb", (MART, "all"): "hall", (FACT, "a"): "fa"}

RULE = Required("possible", "mart", "a", "mart_reach", "error", True, (MART,))
MILD = Required("plausible", "mart", "b", "mart_reach", "warn", False, (MART,))
SUM = Required("adds_up", "reconciliation", "a", "mart_reach", "error", False, (FACT, MART))
GRAIN = Required("grain", "dbt", "all", "mart_reach", "error", False, (MART,))
REQUIRED = (RULE, MILD, SUM, GRAIN)


def _evidence(item: Required, content_hash: str) -> Evidence:
    return Evidence(
        item.check_id,
        item.place,
        item.site,
        item.source,
        "validity",
        item.severity,
        content_hash,
        10,
        0,
        "passed",
        "none",
    )


PASSED = {
    item.check_id: _evidence(item, content_hash)
    for item, content_hash in ((RULE, "ha"), (MILD, "hb"), (SUM, combined(["fa", "ha"])), (GRAIN, "hall"))
}


def _night(**changes):
    """The evidence of a good night with some results changed; `None` takes one away."""
    results = []
    for name, item in PASSED.items():
        change = changes.get(name, {})
        if change is not None:
            results.append(replace(item, **change))
    return results


def test_all_passing_opens():
    verdict = judge(REQUIRED, _night(), HASHES)
    assert (verdict.open, verdict.reasons, dict(verdict.held_sites)) == (True, (), {})


FAILED = {"verdict": "failed", "rows_failed": 3, "gate_effect": "none"}
BROKEN = {"verdict": "broken", "rows_failed": None}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"possible": None}, "Check possible (mart) of mart_reach for a never ran.", id="never ran"),
        pytest.param({"plausible": None}, "Check plausible (mart) of mart_reach for b never ran.", id="warn never ran"),
        pytest.param({"grain": None}, "Check grain (dbt) of mart_reach for all sites never ran.", id="dbt never ran"),
        pytest.param(
            {"possible": BROKEN},
            "Check possible (mart) of mart_reach for a could not be judged: the check itself broke.",
            id="broke",
        ),
        pytest.param(
            {"plausible": BROKEN},
            "Check plausible (mart) of mart_reach for b could not be judged: the check itself broke.",
            id="warn broke",
        ),
        pytest.param(
            {"possible": {"content_hash": "older"}},
            "Check possible (mart) of mart_reach for a judged other data than what is to be published.",
            id="judged other data",
        ),
        pytest.param(
            {"possible": {"content_hash": "hb"}},
            "Check possible (mart) of mart_reach for a judged other data than what is to be published.",
            id="judged another site's data",
        ),
        pytest.param(
            {"plausible": {"content_hash": ""}},
            "Check plausible (mart) of mart_reach for b judged other data than what is to be published.",
            id="warn judged it is not known what",
        ),
        pytest.param(
            {"adds_up": {"content_hash": "ha"}},
            "Check adds_up (reconciliation) of mart_reach for a judged other data than what is to be published.",
            id="judged one of two tables",
        ),
        pytest.param(
            {"possible": {"rows_checked": 0}},
            "Check possible (mart) of mart_reach for a saw no rows where rows are expected.",
            id="zero rows",
        ),
        pytest.param({"possible": FAILED}, "Check possible (mart) of mart_reach for a failed.", id="error failed"),
        pytest.param(
            {"adds_up": FAILED}, "Check adds_up (reconciliation) of mart_reach for a failed.", id="sum failed"
        ),
        pytest.param({"grain": FAILED}, "Check grain (dbt) of mart_reach for all sites failed.", id="dbt failed"),
        pytest.param(
            {"grain": {**FAILED, "rows_failed": None}},
            "Check grain (dbt) of mart_reach for all sites failed.",
            id="failed without a count",
        ),
        pytest.param(
            {"possible": {**FAILED, "severity": "warn"}},
            "Check possible (mart) of mart_reach for a failed.",
            id="a result talks its severity down",
        ),
        pytest.param(
            {"plausible": {**FAILED, "severity": "error"}},
            "Check plausible (mart) of mart_reach for b failed.",
            id="a result is stricter than required",
        ),
        pytest.param(
            {"plausible": {"site": "c"}}, "Check plausible (mart) of mart_reach for c is not among the required checks.",
            id="unknown site",
        ),
        pytest.param(
            {"plausible": {"check_id": "new"}}, "Check new (mart) of mart_reach for b is not among the required checks.",
            id="unknown check",
        ),
    ],
)  # fmt: skip
def test_it_closes_with_the_reason(changes, reason):
    verdict = judge(REQUIRED, _night(**changes), HASHES)
    assert not verdict.open
    assert reason in verdict.reasons
    others = [other for other in verdict.reasons if other != reason]
    assert all("never ran" in other for other in others), "one fault gives one reason"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"plausible": FAILED}, id="a warning fails"),
        pytest.param({"plausible": {"rows_checked": 0}}, id="no rows where none are expected"),
        pytest.param({"possible": {"gate_effect": "closes"}}, id="what a result says of its effect does not count"),
    ],
)
def test_it_stays_open(changes):
    assert judge(REQUIRED, _night(**changes), HASHES).open


def test_the_same_evidence_twice_is_one_and_a_contradiction_closes():
    night = _night()
    assert judge(REQUIRED, [*night, *night], HASHES).open
    verdict = judge(REQUIRED, [*night, replace(PASSED["plausible"], **FAILED)], HASHES)
    assert verdict.reasons == ("Check plausible (mart) of mart_reach for b has 2 results that contradict each other.",)


def test_nothing_required_is_closed():
    assert judge((), (), {}).reasons == ("No check is required, so nothing would have been judged.",)


def test_what_is_to_be_published_must_be_known():
    verdict = judge(REQUIRED, _night(), {**HASHES, (FACT, "a"): ""})
    assert verdict.reasons == (
        "Check adds_up (reconciliation) of mart_reach for a: it is not known what is to be published of"
        " intermediate.fct_session and marts.mart_reach.",
    )


def test_rows_that_no_check_has_judged_are_not_published():
    only_marts = (RULE, MILD)
    night = [PASSED["possible"], PASSED["plausible"]]
    verdict = judge(only_marts, night, {(MART, "a"): "ha", (MART, "b"): "hb", (MART, "c"): "hc", (MART, ""): "h0"})
    assert verdict.reasons == (
        f"The rows of no site in {MART} were judged by no check.",
        f"The rows of c in {MART} were judged by no check.",
    )
    assert judge(REQUIRED, _night(), {**HASHES, (MART, "c"): "hc"}).open, "a check of all sites has judged them"


def test_one_sites_fault_holds_that_site_and_names_its_checks():
    night = _night(possible=FAILED)
    night += [replace(PASSED["possible"], check_id="also", site="b", **FAILED)]
    night += [replace(PASSED["possible"], check_id="third", site="b", place="source", **FAILED)]
    assert sites_to_hold(night) == {"a": ("possible",), "b": ("also", "third")}
    assert dict(judge(REQUIRED, night, HASHES).held_sites) == {"a": ("possible",), "b": ("also", "third")}


@pytest.mark.parametrize("name", ["plausible", "adds_up", "grain"])
def test_a_warning_a_sum_and_a_whole_table_hold_nobody(name):
    assert sites_to_hold(_night(**{name: FAILED})) == {}


def test_what_broke_holds_nobody():
    assert sites_to_hold(_night(possible=BROKEN)) == {}


_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "verdict": st.sampled_from(["passed", "failed", "broken"]),
        "content_hash": st.sampled_from(["ha", "other", ""]),
        "rows_checked": st.sampled_from([0, 10]),
        "severity": st.sampled_from(["warn", "error"]),
    },
)


@given(st.fixed_dictionaries({name: st.none() | _CHANGES for name in PASSED}))
def test_it_is_open_only_if_each_required_check_is_good_by_itself(changes):
    """The rule in other words, against every mixture of faults."""
    night = _night(**changes)
    by_name = {item.check_id: item for item in night}

    def good(item: Required) -> bool:
        result = by_name.get(item.check_id)
        return (
            result is not None
            and result.verdict != "broken"
            and result.content_hash == PASSED[item.check_id].content_hash
            and (result.rows_checked > 0 or not item.rows_expected)
            and (result.verdict == "passed" or (item.severity == "warn" and result.severity == "warn"))
        )

    verdict = judge(REQUIRED, night, HASHES)
    assert verdict.open == all(good(item) for item in REQUIRED)
    assert verdict.open == (not verdict.reasons)


def _suite(name: str, place: str, subject: str) -> Suite:
    condition = {"type": "comparison", "column": {"name": "n"}, "operator": ">", "parameter": 1}
    rules = [
        ("all_rows", {"column": "n"}, "critical"),
        ("some_rows", {"column": "n", "row_condition": condition}, "warning"),
    ]
    return Suite.model_validate(
        {
            "name": name,
            "notes": "A table for a test.",
            "meta": {"place": place, "subject": subject, "record": "activity"},
            "expectations": [
                {
                    "type": "expect_column_values_to_not_be_null",
                    "kwargs": kwargs,
                    "severity": severity,
                    "description": "A rule for a test.",
                    "notes": "To see what comes of it.",
                    "meta": {"id": rule, "dimension": "validity"},
                }
                for rule, kwargs, severity in rules
            ],
        }
    )


SUMS = (
    Reconciliation(
        "adds_up",
        "mart_reach",
        "It adds up.",
        TableTotal(FACT, "count(*)"),
        TableTotal(MART, "sum(n)"),
        "activity",
        counts_admission=True,
    ),
    Reconciliation(
        "in_all", "mart_reach", "It adds up.", TableTotal(FACT, "count(*)"), TableTotal(MART, "sum(n)"), by_site=False
    ),
)


def test_what_is_required_follows_from_suites_admission_and_manifest():
    admitted = {("a", "activity"): 5, ("b", "activity"): 0, ("c", "story"): 2}
    test = DbtTest("test.p.grain", "grain", "warn", "uniqueness", (MART,))
    lake = ("lake.activity",)
    suites = [_suite("source_activity", "source", "log"), _suite("mart_reach", "mart", "mart_reach")]
    assert required_for(suites, admitted, [test], SUMS) == (
        Required("all_rows", "source", "a", "log", "error", True, lake),
        Required("some_rows", "source", "a", "log", "warn", True, lake),
        Required("all_rows", "source", "b", "log", "error", False, lake),
        Required("some_rows", "source", "b", "log", "warn", False, lake),
        Required("all_rows", "mart", "a", "mart_reach", "error", False, (MART,)),
        Required("some_rows", "mart", "a", "mart_reach", "warn", False, (MART,)),
        Required("all_rows", "mart", "b", "mart_reach", "error", False, (MART,)),
        Required("some_rows", "mart", "b", "mart_reach", "warn", False, (MART,)),
        Required("adds_up", "reconciliation", "a", "mart_reach", "error", True, (FACT, MART)),
        Required("adds_up", "reconciliation", "b", "mart_reach", "error", False, (FACT, MART)),
        Required("in_all", "reconciliation", "all", "mart_reach", "error", False, (FACT, MART)),
        Required("grain", "dbt", "all", "mart_reach", "warn", False, (MART,)),
    )


def test_where_nothing_was_admitted_from_anybody_every_source_is_expected_to_have_rows():
    required = required_for([_suite("source_activity", "source", "log")], {("a", "activity"): 0}, (), ())
    assert [item.rows_expected for item in required] == [True, True]


def test_the_subjects_are_what_is_judged_and_every_sites_rows_in_the_copy():
    with duckdb.connect() as con:
        con.execute("create schema marts; create schema intermediate; create schema copy")
        con.execute(f"create table {MART} as select * from (values ('a', 1), ('b', 2)) as t (site, n)")
        con.execute(f"create table {FACT} as select 'a' as site")
        con.execute(f"create table copy.mart_reach as select * from {MART} union all select 'ghost', 3")
        digests = subjects([RULE, SUM], TableStates(con, {MART: "copy.mart_reach"}), [MART])
        assert set(digests) == {(MART, "a"), (MART, "b"), (MART, "ghost"), (FACT, "a")}
        assert digests[MART, "a"] == table_digest(con, MART, "site = 'a'")
        reasons = judge([RULE], [replace(PASSED["possible"], content_hash=digests[MART, "a"])], digests).reasons
        assert f"The rows of ghost in {MART} were judged by no check." in reasons


def test_a_published_table_without_rows_needs_no_judge_and_a_missing_one_closes():
    with duckdb.connect() as con:
        con.execute(f"create schema marts; create table {MART} (site varchar)")
        con.execute("create table marts.no_sites as select 1 as n")
        assert subjects([], TableStates(con), [MART]) == {}
        digests = subjects([GRAIN], TableStates(con), [MART, "marts.gone", "marts.no_sites"])
        assert digests[MART, "all"] == table_digest(con, MART)
        assert digests["marts.gone", "all"] == ""
        reasons = judge([GRAIN], [replace(PASSED["grain"], content_hash=digests[MART, "all"])], digests).reasons
        assert reasons == (
            "The rows of all sites in marts.gone were judged by no check.",
            "The rows of all sites in marts.no_sites were judged by no check.",
        )
