"""The audit as evidence for the gate: one piece a table, bound to what the table publishes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from tfc_platform.check.digest import ALL_SITES
from tfc_platform.check.evidence import Evidence, Verdict, effect_of
from tfc_platform.disclosure.audit import AuditReport, Interval, TableAudit
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.published_sets import digest_of
from tfc_platform.gate import Required, Subject
from tfc_platform.publication.released_table import HIDDEN, ReleaseTable, Status

__all__ = ["AUDIT", "SHARE", "audit_evidence", "report_from", "required_audits", "subjects_of"]

AUDIT = "joint_audit"
SHARE = "suppressed_share"
_SEVERITIES = {AUDIT: "error", SHARE: "warn"}


def _relation(table: str) -> str:
    return f"release.{table}"


def required_audits(tables: Sequence[ReleaseTable]) -> tuple[Required, ...]:
    """What must have been judged of each table about people before it is published."""
    return tuple(
        Required(check, "release", ALL_SITES, table.name, severity, False, (_relation(table.name),))  # type: ignore[arg-type]
        for table in tables
        for check, severity in _SEVERITIES.items()
    )


def subjects_of(tables: Sequence[ReleaseTable]) -> dict[Subject, str]:
    """The digests of what is about to be published."""
    return {(_relation(table.name), ALL_SITES): digest_of(table) for table in tables}


def audit_evidence(
    report: AuditReport, tables: Sequence[ReleaseTable], policy: DisclosurePolicy
) -> tuple[Evidence, ...]:
    """Two pieces a table: the joint audit (severity error), and whether not too much of it is suppressed (warn).

    Where the audit found a fault that it lays to no table's atoms (figures that contradict each other, a programme that did not
    end), it is broken for all tables: nothing is known of any.
    """
    by_table = {item.table: item for item in report.tables}
    is_known = report.passed or any(item.failing for item in report.tables)
    found = []
    for table in tables:
        item = by_table.get(table.name)
        failing = 0 if item is None else item.failing
        verdict: Verdict = "broken" if not is_known else "failed" if failing else "passed"
        found.append(_evidence(AUDIT, table, 0 if item is None else item.atoms, failing, verdict))
        cells, hidden = _suppressed(table)
        too_many = hidden > policy.largest_suppressed_share * cells
        found.append(_evidence(SHARE, table, cells, hidden, "failed" if too_many else "passed"))
    return tuple(found)


def _evidence(check: str, table: ReleaseTable, rows: int, failed: int, verdict: Verdict) -> Evidence:
    severity = "error" if check == AUDIT else "warn"
    return Evidence(
        check_id=check,
        place="release",
        site=ALL_SITES,
        source=table.name,
        dimension="validity" if check == AUDIT else "completeness",
        severity=severity,  # type: ignore[arg-type]
        content_hash=digest_of(table),
        rows_checked=rows,
        rows_failed=None if verdict == "broken" else failed,
        verdict=verdict,
        gate_effect=effect_of(verdict, severity, "release", ALL_SITES),  # type: ignore[arg-type]
    )


def _suppressed(table: ReleaseTable) -> tuple[int, int]:
    """Cells that could be shown, and those of them that are hidden. A cell is a row of keys: its first measure stands for it."""
    status = [column.name for column in table.columns].index("status")
    first: dict[tuple[Any, ...], str] = {}
    for row in table.rows:
        first.setdefault(row[: table.keys], row[status])
    told = Counter(first.values())
    apart = (Status.NOT_APPLICABLE, Status.NOT_AVAILABLE, Status.NOT_COMPARABLE)
    return sum(told.values()) - sum(told[s] for s in apart), sum(told[s] for s in HIDDEN)


def report_from(values: Mapping[str, Any]) -> AuditReport:
    """A report as it was kept as JSON."""
    tables = []
    for item in values["tables"]:
        narrowest = item["narrowest"]
        made = {**item, "pinned_by": tuple(item["pinned_by"])}
        made["narrowest"] = None if narrowest is None else Interval(*narrowest)
        tables.append(TableAudit(**made))
    known = {field.name for field in fields(AuditReport)}
    rest = {key: value for key, value in values.items() if key in known}
    return AuditReport(**{**rest, "tables": tuple(tables), "reasons": tuple(values["reasons"])})
