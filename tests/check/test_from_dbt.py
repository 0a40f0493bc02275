"""dbt's tests as evidence: the manifest's tests, their tables, severities, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from tfc_platform.check.digest import TableStates, table_digest
from tfc_platform.check.from_dbt import DbtTest, data_tests, evidence_from_dbt


@dataclass(frozen=True)
class Result:
    unique_id: str
    status: str
    failures: int | None = None
    resource_type: str = "test"


def _node(name, parents, **more):
    config = {
        "severity": more.pop("severity", "error"),
        "enabled": more.pop("enabled", True),
        "meta": more.pop("meta", {}),
    }
    return {"resource_type": "test", "name": name, "config": config, "depends_on": {"nodes": parents}, **more}


MANIFEST = {
    "nodes": {
        "model.p.mart_reach": {"resource_type": "model", "schema": "marts", "alias": "mart_reach", "name": "mart_reach"},
        "model.p.mart_data_quality": {"resource_type": "model", "schema": "marts", "name": "mart_data_quality"},
        "test.p.reach_grain.1": _node(
            "reach_grain",
            ["model.p.mart_reach"],
            attached_node="model.p.mart_reach",
            meta={"dimension": "uniqueness"},
        ),
        "test.p.not_null_reach.2": _node(
            "not_null_reach", ["model.p.mart_reach"], test_metadata={"name": "not_null"}, severity="WARN"
        ),
        "test.p.reach_in_lake.3": _node(
            "reach_in_lake", ["source.p.lake.activity", "model.p.mart_reach"], attached_node="model.p.mart_reach"
        ),
        "test.p.off.4": _node("off", ["model.p.mart_reach"], enabled=False),
        "test.p.quality_grain.5": _node("quality_grain", ["model.p.mart_data_quality"]),
        "unit_test.p.x": {"resource_type": "unit_test", "name": "x"},
    },
    "sources": {
        "source.p.lake.activity": {
            "resource_type": "source", "schema": "lake", "identifier": "activity", "name": "sessions",
        }
    },
}  # fmt: skip
TESTS = data_tests(MANIFEST, without=["mart_data_quality"])


@pytest.fixture
def states(con, table):
    table("marts.mart_reach", {"site": "varchar", "n": "bigint"}, [{"site": "a", "n": 1}, {"site": "b", "n": 2}])
    table("lake.activity", {"site": "varchar"}, [{"site": "a"}])
    return TableStates(con)


def test_the_manifests_data_tests_with_their_tables():
    assert (
        DbtTest("test.p.not_null_reach.2", "not_null_reach", "warn", "completeness", ("marts.mart_reach",)),
        DbtTest("test.p.reach_grain.1", "reach_grain", "error", "uniqueness", ("marts.mart_reach",)),
        DbtTest(
            "test.p.reach_in_lake.3", "reach_in_lake", "error", "consistency", ("marts.mart_reach", "lake.activity")
        ),
    ) == TESTS


@pytest.mark.parametrize(
    ("kind", "dimension"),
    [
        ("primary_key", "uniqueness"),
        ("not_null", "completeness"),
        ("accepted_values", "validity"),
        ("matches_pattern", "validity"),
        ("expression_is_true", "consistency"),
    ],
)
def test_the_kind_of_a_test_is_its_dimension(kind, dimension):
    node = _node("a", ["model.p.mart_reach"], test_metadata={"name": kind})
    (found,) = data_tests({"nodes": {"model.p.mart_reach": MANIFEST["nodes"]["model.p.mart_reach"], "test.p.a": node}})
    assert found.dimension == dimension


def test_a_test_of_no_table_is_an_error_by_name():
    with pytest.raises(ValueError, match="dbt test lonely judges no table"):
        data_tests({"nodes": {"test.p.lonely": _node("lonely", [])}})


@pytest.mark.parametrize(
    ("status", "failures", "verdict", "rows_failed"),
    [
        ("pass", 0, "passed", 0),
        ("fail", 3, "failed", 3),
        ("warn", 2, "failed", 2),
        ("error", None, "broken", None),
        ("skipped", None, "broken", None),
        ("runtime error", 5, "broken", None),
        ("something new", 0, "broken", None),
    ],
)
def test_what_dbt_says_becomes_a_verdict(con, states, status, failures, verdict, rows_failed):
    (item,) = evidence_from_dbt(TESTS, [Result("test.p.reach_grain.1", status, failures)], states)
    assert (item.verdict, item.rows_failed, item.rows_checked) == (verdict, rows_failed, 2)
    assert (item.check_id, item.place, item.site, item.source) == ("reach_grain", "dbt", "all", "mart_reach")
    assert item.content_hash == table_digest(con, "marts.mart_reach")
    assert item.gate_effect == ("none" if verdict == "passed" else "closes")


def test_severity_is_the_manifests(states):
    (item,) = evidence_from_dbt(TESTS, [Result("test.p.not_null_reach.2", "warn", 1)], states)
    assert (item.severity, item.gate_effect) == ("warn", "warns")


def test_models_other_tests_and_absent_results_give_no_evidence(states):
    results = [Result("model.p.mart_reach", "success", None, "model"), Result("test.p.quality_grain.5", "pass", 0)]
    assert evidence_from_dbt(TESTS, results, states) == ()


def test_a_pass_about_a_table_that_cannot_be_read_is_broken(con, states):
    con.execute("drop table lake.activity")
    fresh = replace(states, _known={})
    (item,) = evidence_from_dbt(TESTS, [Result("test.p.reach_in_lake.3", "pass", 0)], fresh)
    assert (item.verdict, item.content_hash) == ("broken", "")
