"""Reconciliation: the same rows counted at two places of the night must come to the same number.

Differences are added up by key (a file, a month and activity), so that too many in one cannot hide too few in another.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from tfc_platform.check.digest import ALL_SITES, TableStates
from tfc_platform.check.evidence import Dimension, Evidence, Severity, Verdict, effect_of
from tfc_platform.check.expected_rows import AdmittedRows, are_rows_expected, sites_of

__all__ = ["DIMENSION", "SEVERITY", "Reconciliation", "TableTotal", "reconcile"]

log = logging.getLogger(__name__)
SEVERITY: Severity = "error"  # a sum that does not hold means that the figures are not those of the returns
DIMENSION: Dimension = "consistency"


@dataclass(frozen=True)
class TableTotal:
    """A whole number worked out from one table: `measure` is an SQL aggregate, `keys` are SQL expressions to count by."""

    relation: str
    measure: str
    where: str = "true"
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reconciliation:
    """Two tallies that must agree, by site and key.

    `record` says which sites must be reconciled: those that send it (None: all). `counts_admission` is true where the
    expected tally is admission's own count of `record`: where admission counts rows, nothing to reconcile is a fault.
    `by_site` is false where the two tables give a row to different sites. `within` is the difference of one key that
    rounding may make, in the tally's unit.
    """

    id: str
    source: str
    description: str
    expected: TableTotal
    actual: TableTotal
    record: str | None = None
    counts_admission: bool = False
    by_site: bool = True
    within: int = 0

    @property
    def relations(self) -> tuple[str, str]:
        return (self.expected.relation, self.actual.relation)

    def sites(self, admitted: AdmittedRows) -> tuple[str, ...]:
        return sites_of(admitted, self.record) if self.by_site else (ALL_SITES,)

    def rows_expected(self, admitted: AdmittedRows, site: str) -> bool:
        """Whether nothing to reconcile for `site` would itself be a fault."""
        return self.counts_admission and self.record is not None and are_rows_expected(admitted, self.record, site)

    @property
    def sql(self) -> str:
        """One row a site: what was expected, and how far the actual tally is from it."""
        if len(self.expected.keys) != len(self.actual.keys):
            raise ValueError(f"Reconciliation {self.id}: the two tallies count by different keys.")
        site = "coalesce(site::varchar, '')" if self.by_site else f"'{ALL_SITES}'"

        def side(tally: TableTotal, expected: str, actual: str) -> str:
            keys = "".join(f", ({key})::varchar as key_{n}" for n, key in enumerate(tally.keys))
            return (
                f"select {site} as place{keys}, {expected} as expected, {actual} as actual"
                f" from {tally.relation} where {tally.where} group by all"
            )

        total = "coalesce(({}), 0)::hugeint"
        left = side(self.expected, total.format(self.expected.measure), "0::hugeint")
        right = side(self.actual, "0::hugeint", total.format(self.actual.measure))
        names = "".join(f", key_{n}" for n in range(len(self.expected.keys)))
        difference = f"case when abs(expected - actual) > {self.within} then abs(expected - actual) else 0 end"
        return (
            f"with counted as (select place{names}, sum(expected) as expected, sum(actual) as actual"
            f" from ({left} union all {right}) group by all)"
            f" select place, sum(expected), sum({difference}) from counted group by place"
        )


def reconcile(
    con: duckdb.DuckDBPyConnection,
    reconciliations: Iterable[Reconciliation],
    admitted: AdmittedRows,
    states: TableStates | None = None,
) -> tuple[Evidence, ...]:
    """Compare: one piece of evidence for each reconciliation and site, also for sites that only the tables name.

    `rows_checked` is what was expected, `rows_failed` the sum of the differences, both in the tally's own unit (rows;
    attendances; ten-thousandths of an hour). A table that cannot be read makes the check broken.
    """
    known = states if states is not None else TableStates(con)
    return tuple(item for rule in reconciliations for item in _compare(con, rule, admitted, known))


def _compare(
    con: duckdb.DuckDBPyConnection, rule: Reconciliation, admitted: AdmittedRows, states: TableStates
) -> list[Evidence]:
    sites = rule.sites(admitted)
    try:
        rows = con.execute(rule.sql).fetchall()
    except duckdb.Error:  # its text may quote a cell
        log.info("Reconciliation %s could not be worked out.", rule.id)
        return [_evidence(rule, site, 0, None, states) for site in sites]
    by_site = {str(site): (int(expected), int(difference)) for site, expected, difference in rows}
    return [_evidence(rule, site, *by_site.get(site, (0, 0)), states) for site in sorted({*sites, *by_site})]


def _evidence(rule: Reconciliation, site: str, expected: int, difference: int | None, states: TableStates) -> Evidence:
    digest = states.digest(rule.relations, site)
    verdict: Verdict = "broken" if difference is None or not digest else "failed" if difference else "passed"
    return Evidence(
        check_id=rule.id,
        place="reconciliation",
        site=site,
        source=rule.source,
        dimension=DIMENSION,
        severity=SEVERITY,
        content_hash=digest,
        # A negative expectation (a difference of sums) is no count of rows.
        rows_checked=max(expected, 0),
        rows_failed=difference if verdict != "broken" else None,
        verdict=verdict,
        gate_effect=effect_of(verdict, SEVERITY, "reconciliation", site),
    )
