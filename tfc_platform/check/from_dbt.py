"""dbt's data tests as evidence: which must run, from the manifest, and how each ended, from the build's results.

Unit tests are left out: they try a model on made-up rows. A message of dbt is never copied: it may quote rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast, get_args

from tfc_platform.check.digest import ALL_SITES, TableStates
from tfc_platform.check.evidence import Dimension, Evidence, Severity, Verdict, effect_of

__all__ = ["DbtResult", "DbtTest", "data_tests", "evidence_from_dbt"]

# Of the tests that come with dbt; a test of ours names its own in `meta.dimension`.
_DIMENSION_OF: dict[str, Dimension] = {
    "unique": "uniqueness",
    "not_null": "completeness",
    "accepted_values": "validity",
    "relationships": "consistency",
    "primary_key": "uniqueness",
    "foreign_key": "consistency",
    "in_one_of_tables": "consistency",
    "at_least": "validity",
    "matches_pattern": "validity",
}
_VERDICT_OF: dict[str, Verdict] = {"pass": "passed", "warn": "failed", "fail": "failed"}


class DbtResult(Protocol):
    """The result of one node of the build."""

    @property
    def unique_id(self) -> str: ...
    @property
    def resource_type(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def failures(self) -> int | None: ...


@dataclass(frozen=True)
class DbtTest:
    """A data test of the project, and the tables that it judges (`schema.name`), the one that it belongs to first."""

    unique_id: str
    name: str
    severity: Severity
    dimension: Dimension
    relations: tuple[str, ...]

    @property
    def source(self) -> str:
        return self.relations[0].partition(".")[2]


def data_tests(manifest: Mapping[str, Any], without: Iterable[str] = ()) -> tuple[DbtTest, ...]:
    """Every enabled data test of a dbt manifest (the dictionary of `manifest.json`), sorted by name.

    `without` names tables whose tests are no evidence of tonight: `mart_data_quality`, which shows the evidence itself.

    :raises ValueError: for a test that judges no table, by name.
    """
    left_out = set(without)
    nodes = {**manifest.get("nodes", {}), **manifest.get("sources", {})}
    tests = []
    for unique_id, node in nodes.items():
        if node.get("resource_type") != "test" or not node.get("config", {}).get("enabled", True):
            continue
        relations = _relations(node, nodes)
        if not relations:
            raise ValueError(f"dbt test {node['name']} judges no table.")
        test = DbtTest(unique_id, node["name"], _severity(node), _dimension(node), relations)
        if test.source not in left_out:
            tests.append(test)
    return tuple(sorted(tests, key=lambda test: test.name))


def _relations(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> tuple[str, ...]:
    owner = node.get("attached_node")
    parents = node.get("depends_on", {}).get("nodes", [])
    order = dict.fromkeys([*([owner] if owner else []), *parents])
    tables = (nodes[name] for name in order if name in nodes)
    return tuple(
        f"{table['schema']}.{table.get('alias') or table.get('identifier') or table['name']}" for table in tables
    )


def _severity(node: Mapping[str, Any]) -> Severity:
    return "warn" if str(node.get("config", {}).get("severity", "error")).lower() == "warn" else "error"


def _dimension(node: Mapping[str, Any]) -> Dimension:
    named = (node.get("config", {}).get("meta") or node.get("meta") or {}).get("dimension")
    if named in get_args(Dimension):
        return cast(Dimension, named)
    return _DIMENSION_OF.get((node.get("test_metadata") or {}).get("name", ""), "consistency")


def evidence_from_dbt(
    tests: Iterable[DbtTest], results: Iterable[DbtResult], states: TableStates
) -> tuple[Evidence, ...]:
    """One piece of evidence for each test that has a result; a test without one gets none, and the gate sees that.

    A test that dbt skipped, or that ended in an error, is broken. `rows_checked` are the rows of the tested table.
    """
    by_id = {test.unique_id: test for test in tests}
    return tuple(_evidence(by_id[result.unique_id], result, states) for result in results if result.unique_id in by_id)


def _evidence(test: DbtTest, result: DbtResult, states: TableStates) -> Evidence:
    digest = states.digest(test.relations, ALL_SITES)
    verdict: Verdict = _VERDICT_OF.get(str(result.status).lower(), "broken") if digest else "broken"
    table = states.get(test.relations[0])
    return Evidence(
        check_id=test.name,
        place="dbt",
        site=ALL_SITES,
        source=test.source,
        dimension=test.dimension,
        severity=test.severity,
        content_hash=digest,
        rows_checked=table.rows if table is not None else 0,
        rows_failed=None if verdict == "broken" else int(result.failures or 0),
        verdict=verdict,
        gate_effect=effect_of(verdict, test.severity, "dbt", ALL_SITES),
    )
