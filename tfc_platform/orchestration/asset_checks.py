"""The night's evidence as Dagster asset checks, where a data engineer looks for it.

Belongs here: which check stands on which asset, and its words. Does not belong: judging (`check`) or the gate's verdict.

A check here shows one suite for one site, or one reconciliation for all of them, with its rules in a table: counts alone. It
only reads the evidence of the build that stands in the warehouse; publishing reads that evidence too, and not these checks.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import dagster as dg

from tfc_platform.check.evidence import Evidence, evidence_file, read_evidence
from tfc_platform.check.reconcile import Reconciliation
from tfc_platform.check.reconciliation_rules import RECONCILIATIONS
from tfc_platform.check.suites import Suite
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.orchestration.error_redaction import without_words
from tfc_platform.orchestration.ingest_assets import records_of
from tfc_platform.orchestration.resources import Platform
from tfc_platform.pipeline import read_build

__all__ = ["NOT_SHOWN", "quality_checks"]

NOT_SHOWN = (
    -1
)  # in a column of counts: the check broke, or its rows are fewer than a site's (one population, one panel)


@dataclass(frozen=True)
class _Shown:
    """One Dagster check and the evidence that it shows."""

    spec: dg.AssetCheckSpec
    check_ids: frozenset[str]
    site: str | None  # none: all sites
    of_some: frozenset[str] = frozenset()  # rules about some of a site's rows: how many these are is not shown


def _of_suite(suite: Suite, catalogue: Catalogue, last: Sequence[dg.AssetKey]) -> Iterator[_Shown]:
    ids = frozenset(check.id for check in suite.expectations)
    of_some = frozenset(check.id for check in suite.expectations if check.is_about_some_rows)
    if suite.place == "source":
        for site, source in catalogue.sources:
            if suite.record in records_of(catalogue.contract(site, source)):
                spec = dg.AssetCheckSpec(
                    suite.name, asset=dg.AssetKey([site, source]), description=suite.notes, additional_deps=last
                )
                yield _Shown(spec, ids, site, of_some)
        return
    key = dg.AssetKey(suite.relation.split("."))
    others = [other for other in last if other != key]
    for site in catalogue.senders:
        records = {record for contract in catalogue.of(site) for record in records_of(contract)}
        if suite.record is not None and suite.record not in records:
            continue  # a check that can never have rows would stand there as one that never ran
        spec = dg.AssetCheckSpec(
            f"{suite.name}_{site}", asset=key, description=f"{suite.notes} For {site}.", additional_deps=others
        )
        yield _Shown(spec, ids, site, of_some)


def _of_reconciliation(rule: Reconciliation, last: Sequence[dg.AssetKey]) -> _Shown:
    key = dg.AssetKey(rule.actual.relation.split("."))
    others = [other for other in last if other != key]
    name = f"reconciliation_{rule.id}"
    spec = dg.AssetCheckSpec(name, asset=key, description=rule.description, additional_deps=others)
    return _Shown(spec, frozenset({rule.id}), None)


def _result(shown: _Shown, found: Sequence[Evidence]) -> dg.AssetCheckResult:
    bad = [item for item in found if item.verdict != "passed"]
    serious = [item for item in bad if item.verdict == "broken" or item.severity == "error"]
    rows = [
        dg.TableRecord(
            {
                "rule": item.check_id,
                "site": item.site,
                "severity": item.severity,
                "verdict": item.verdict,
                "rows_checked": NOT_SHOWN if item.check_id in shown.of_some else item.rows_checked,
                "rows_failed": NOT_SHOWN
                if item.rows_failed is None or item.check_id in shown.of_some
                else item.rows_failed,
            }
        )
        for item in found
    ]
    columns = [dg.TableColumn(name, "string") for name in ("rule", "site", "severity", "verdict")]
    columns += [dg.TableColumn(name, "int") for name in ("rows_checked", "rows_failed")]
    return dg.AssetCheckResult(
        asset_key=shown.spec.asset_key,
        check_name=shown.spec.name,
        passed=not bad,
        severity=dg.AssetCheckSeverity.ERROR if serious else dg.AssetCheckSeverity.WARN,
        description=f"{len(found) - len(bad)} of {len(found)} rules passed.",
        metadata={"rules": dg.MetadataValue.table(rows, dg.TableSchema(columns))} if rows else {},
    )


def quality_checks(
    suites: Iterable[Suite], catalogue: Catalogue, marts: Sequence[dg.AssetKey]
) -> dg.AssetChecksDefinition:
    """One step that shows all evidence, after the marts are built."""
    last = list(marts)
    shown = [item for suite in suites for item in _of_suite(suite, catalogue, last)]
    shown += [_of_reconciliation(rule, last) for rule in RECONCILIATIONS]

    @dg.multi_asset_check(
        name="judge",
        specs=[item.spec for item in shown],
        can_subset=True,
        description="Show what the expectations and reconciliations found in the marts and sources.",
    )
    @without_words
    def judge(
        context: dg.AssetCheckExecutionContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.AssetCheckResult]:
        places = platform.settings.places
        build = read_build(places)
        if build is None:
            raise dg.Failure("No build has been judged yet: run the job `nightly`.", allow_retries=False)
        evidence = read_evidence(evidence_file(places, build["build_id"]))
        for item in shown:
            found = [e for e in evidence if e.check_id in item.check_ids and item.site in (None, e.site)]
            if not found and item.site is not None:
                continue  # this site has none of these rows
            yield _result(item, found)

    return judge
