"""The night's evidence as Dagster asset checks: one a suite and its table, one for all reconciliations, one for dbt's tests.

A check shows its rules and sites in a table of counts. Publishing reads the evidence, and not these checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

import dagster as dg

from tfc_platform.build.dbt import NodeResult
from tfc_platform.check.evidence import Evidence
from tfc_platform.check.suites import Suite

__all__ = ["DBT_TESTS", "NOT_SHOWN", "RECONCILIATION", "MartChecks"]

# In a column of counts: the check broke, or its rows are fewer than a site's (one population, one panel).
NOT_SHOWN = -1
RECONCILIATION = "reconciliation"
DBT_TESTS = "dbt_tests"
# Above this, a check's table has the rules that did not pass, and no others.
MOST_ROWS = 300


@dataclass(frozen=True)
class MartChecks:
    """The checks of the step that builds the marts, with the suite that each one shows."""

    specs: tuple[dg.AssetCheckSpec, ...]
    suites: dict[dg.AssetCheckKey, Suite]

    @classmethod
    def of(cls, suites: Iterable[Suite], models: Sequence[dg.AssetKey], build: dg.AssetKey) -> MartChecks:
        """A suite about a model is a check of it; one about the lake's rows, and all that is about more, of the build."""
        specs, by_key = [], {}
        for suite in suites:
            table = dg.AssetKey(suite.relation.split("."))
            spec = dg.AssetCheckSpec(suite.name, asset=table if table in models else build, description=suite.notes)
            specs.append(spec)
            by_key[spec.key] = suite
        specs += [
            dg.AssetCheckSpec(
                RECONCILIATION,
                asset=build,
                description="Every sum from the receipts to the marts holds: no row is lost and none counts twice.",
            ),
            dg.AssetCheckSpec(DBT_TESTS, asset=build, description="The dbt tests of every model that was built."),
        ]
        return cls(tuple(specs), by_key)

    def suites_of(self, chosen: Set[dg.AssetCheckKey]) -> tuple[Suite, ...]:
        """The suites that chosen checks show."""
        return tuple(suite for key, suite in self.suites.items() if key in chosen)

    def has_dbt_tests(self, chosen: Set[dg.AssetCheckKey]) -> bool:
        """Whether the check of dbt's tests is among the chosen ones."""
        return any(key.name == DBT_TESTS for key in chosen)

    def results(
        self, chosen: Set[dg.AssetCheckKey], evidence: Iterable[Evidence], tests: Sequence[NodeResult]
    ) -> Iterator[dg.AssetCheckResult]:
        """A result for each chosen check that has been evaluated."""
        known = tuple(evidence)
        for spec in self.specs:
            if spec.key not in chosen:
                continue
            if spec.key.name == DBT_TESTS:
                dbt_evidence = [item for item in known if item.place == "dbt"]
                if dbt_evidence or tests:
                    yield _dbt_result(spec, dbt_evidence, tests)
            elif spec.key.name == RECONCILIATION:
                yield _result(spec, [item for item in known if item.place == RECONCILIATION], frozenset())
            else:
                suite = self.suites[spec.key]
                ids = {check.id for check in suite.expectations}
                of_some = frozenset(check.id for check in suite.expectations if check.is_about_some_rows)
                yield _result(
                    spec,
                    [e for e in known if e.check_id in ids and (e.place, e.source) == (suite.place, suite.subject)],
                    of_some,
                )


def _dbt_result(
    spec: dg.AssetCheckSpec, evidence: Sequence[Evidence], tests: Sequence[NodeResult]
) -> dg.AssetCheckResult:
    """dbt's own results where it has just run; else the evidence of the build, in which all tests are."""
    if evidence:
        return _result(spec, evidence, frozenset())
    bad = [test for test in tests if test.status != "pass"]
    rows = [
        dg.TableRecord(
            {
                "rule": test.name,
                "status": test.status,
                "rows_failed": NOT_SHOWN if test.failures is None else test.failures,
            }
        )
        for test in bad
    ]
    columns = [
        dg.TableColumn("rule", "string"),
        dg.TableColumn("status", "string"),
        dg.TableColumn("rows_failed", "int"),
    ]
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=not bad,
        severity=dg.AssetCheckSeverity.WARN
        if all(test.status == "warn" for test in bad)
        else dg.AssetCheckSeverity.ERROR,
        description=f"{len(tests) - len(bad)} of {len(tests)} tests passed.",
        metadata={"rules": dg.MetadataValue.table(rows, dg.TableSchema(columns))} if rows else {},
    )


def _result(spec: dg.AssetCheckSpec, evidence: Sequence[Evidence], of_some: Set[str]) -> dg.AssetCheckResult:
    """:param of_some: rules about some of a site's rows: how many these are is not shown."""
    bad = [item for item in evidence if item.verdict != "passed"]
    serious = [item for item in bad if item.verdict == "broken" or item.severity == "error"]
    rows = [
        dg.TableRecord(
            {
                "rule": item.check_id,
                "table": item.source,
                "site": item.site,
                "severity": item.severity,
                "verdict": item.verdict,
                "rows_checked": NOT_SHOWN if item.check_id in of_some else item.rows_checked,
                "rows_failed": NOT_SHOWN if item.rows_failed is None or item.check_id in of_some else item.rows_failed,
            }
        )
        for item in (evidence if len(evidence) <= MOST_ROWS else bad)
    ]
    columns = [dg.TableColumn(name, "string") for name in ("rule", "table", "site", "severity", "verdict")]
    columns += [dg.TableColumn(name, "int") for name in ("rows_checked", "rows_failed")]
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=not bad,
        severity=dg.AssetCheckSeverity.ERROR if serious else dg.AssetCheckSeverity.WARN,
        description=f"{len(evidence) - len(bad)} of {len(evidence)} results passed.",
        metadata={"rules": dg.MetadataValue.table(rows, dg.TableSchema(columns))} if rows else {},
    )
