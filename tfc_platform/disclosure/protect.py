"""The part of tonight's release that is about people: lock, note what came late, revise, cut the tables, audit them.

Everything that is kept is kept before it is published, and each step is a function of what is on disk: a killed night is
simply run again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from tfc_platform import __version__
from tfc_platform.atomic_io import canonical_json, sha256_text, write_json
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.disclosure.attacker_view import Published
from tfc_platform.disclosure.audit import AuditReport
from tfc_platform.disclosure.audit.deadline import Deadline
from tfc_platform.disclosure.audit_evidence import report_from
from tfc_platform.disclosure.code_lists import code_lists
from tfc_platform.disclosure.exceptions import Exempt, PublicationException, exempt
from tfc_platform.disclosure.lock_calendar import Period, snapshot_periods
from tfc_platform.disclosure.locking import Inputs, bring_up_to_date
from tfc_platform.disclosure.policy import DisclosurePolicy, SuppressionRule
from tfc_platform.disclosure.published_sets import Archive, set_digest
from tfc_platform.disclosure.secondary_suppression import SafeTables, TablesToAudit, cut, suppress
from tfc_platform.disclosure.snapshot_ledger import Entry, Ledger
from tfc_platform.disclosure.snapshot_set import Locked, Withheld
from tfc_platform.disclosure.snapshots import Snapshot, Store, latest_versions
from tfc_platform.publication.released_table import ReleaseTable

__all__ = ["Inputs", "Prepared", "due_on", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """The tables about people as they may be published if `report` passed, and what a manifest says of them."""

    tables: tuple[ReleaseTable, ...]
    snapshots: tuple[Mapping[str, Any], ...]
    exceptions: tuple[Mapping[str, str], ...]
    report: AuditReport
    reused: bool
    notes: tuple[str, ...]
    published: Published

    def keep(self, root: Path) -> None:
        """Note what is about to be published: to be called before a reader can see it."""
        Archive(root).add(self.published)


def due_on(
    catalogue: Catalogue, policy: DisclosurePolicy, exceptions: Sequence[PublicationException], as_of: date
) -> str:
    """A digest that changes on each day on which what is published may change though no return has come.

    These are the days on which something locks, may be revised, or is excepted from tonight on, or no longer.
    """
    periods = [period.id for period in snapshot_periods(catalogue, as_of, policy.lock_after_days)]
    running = [item.model_dump(mode="json") for item in exceptions if item.approved_on <= as_of <= item.expires_on]
    return sha256_text(canonical_json([periods, policy.revision.last_before(as_of), running]))


def prepare(inputs: Inputs) -> Prepared:
    """Make tonight's tables about people from locked snapshots, and audit them with everything published before.

    What gives a small group away, or could not be decided in the policy's time, is withheld at the site that it is of. The
    report fails only where figures contradict each other.

    :raises ReleaseError: where a snapshot's records are not those of the marts.
    :raises ConfigurationError: where an exception does not fit the register.
    """
    store, ledger = Store(inputs.root), Ledger(inputs.root)
    periods = snapshot_periods(inputs.catalogue, inputs.as_of, inputs.policy.lock_after_days)
    earlier = Archive(inputs.root).read()
    deadline = Deadline.after(inputs.policy.audit.seconds, inputs.clock)

    def is_safe(revised: Snapshot) -> bool:
        versions = {**store.versions(), (revised.id, revised.version): revised}
        locked, _ = _locked(inputs, periods, versions)
        tables = _to_audit(inputs, locked, earlier, versions)
        return tables.audit(deadline, tables.earlier_cells()).report.passed

    notes = bring_up_to_date(inputs, store, ledger, periods, is_safe)
    versions = store.versions()
    now = latest_versions(versions)
    locked, exempted = _locked(inputs, periods, versions)
    safe, reused = _audited(inputs, _to_audit(inputs, locked, earlier, versions), locked, versions, deadline)
    more = safe.withheld.keys() - locked.withheld.keys()
    if more:
        _keep_withheld(inputs, ledger, safe.withheld)
        notes += (f"{WITHHELD_PARTS}: {len(more)}.",)
    if any(safe.withheld[unit] is SuppressionRule.UNFINISHED for unit in more):
        notes += (TIME_OVER,)
    if safe.report.given_away_before:
        notes += (f"{GIVEN_AWAY}: {safe.report.given_away_before}.",)
    published = safe.tables.published
    return Prepared(
        tuple(published.tables),
        _listed(now.values(), published.tables),
        exempted.named,
        safe.report,
        reused,
        (*notes, *exempted.notes, *_without_a_row(exempted, published.tables)),
        published,
    )


def _locked(
    inputs: Inputs, periods: Sequence[Period], versions: Mapping[tuple[str, int], Snapshot]
) -> tuple[Locked, Exempt]:
    now = latest_versions(versions)
    exempted = exempt(inputs.exceptions, inputs.register, now.values(), inputs.as_of)
    codes = partial(code_lists, inputs.catalogue)
    return Locked(periods, now, codes, _withheld(inputs.root), exempted.cells), exempted


def _to_audit(
    inputs: Inputs, locked: Locked, earlier: Sequence[Published], versions: Mapping[tuple[str, int], Snapshot]
) -> TablesToAudit:
    return TablesToAudit(cut(inputs.register, inputs.columns, locked, inputs.policy), earlier, versions)


def _without_a_row(exempted: Exempt, tables: Sequence[ReleaseTable]) -> list[str]:
    rows = {(table.name, row[: table.keys]) for table in tables for row in table.rows}
    lost = sorted({table for table, keys in exempted.cells if (table, keys) not in rows})
    return [f"An exception names a cell that {table} has no row for." for table in lost]


WITHHELD_PARTS = "Parts of tables that are withheld for good, so that no small group can be worked out"
TIME_OVER = "The time for disclosure control was over: what was not decided by then is withheld for good."
GIVEN_AWAY = "Combinations that earlier releases give away by today's rules, which nothing can take back"


# ------------------------------------------------------------------------------------------------ auditing, and withholding


def _audited(
    inputs: Inputs,
    to_audit: TablesToAudit,
    locked: Locked,
    versions: Mapping[tuple[str, int], Snapshot],
    deadline: Deadline,
) -> tuple[SafeTables, bool]:
    """The tables as they can be published, with the report; from file where the very same was audited before."""
    path = _report_path(inputs, to_audit, versions)
    if path.is_file():
        report = report_from(json.loads(path.read_text(encoding="utf-8")))
        if report.passed:
            return SafeTables(to_audit, report, locked.withheld), True
    safe = suppress(to_audit, inputs.columns, locked, deadline)
    write_json(_report_path(inputs, safe.tables, versions), asdict(safe.report))
    return safe, False


def _report_path(inputs: Inputs, audited: TablesToAudit, versions: Mapping[tuple[str, int], Snapshot]) -> Path:
    subject = {
        "published": sorted({*Archive(inputs.root).digests(), set_digest(audited.published)}),
        "snapshots": {snapshot.label: snapshot.content for snapshot in versions.values()},
        "code": __version__,
    }
    return inputs.root / "audits" / f"{sha256_text(canonical_json(subject))}.json"


def _withheld(root: Path) -> Withheld:
    """What earlier nights withheld for good. A list of parts without their rules is of before these were kept."""
    path = root / "withheld.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return {
        tuple(item["part"] if isinstance(item, dict) else item): SuppressionRule(item["rule"])
        if isinstance(item, dict)
        else SuppressionRule.JOINT_AUDIT
        for item in kept
    }


def _keep_withheld(inputs: Inputs, ledger: Ledger, withheld: Withheld) -> None:
    parts = [{"part": list(unit), "rule": rule.value} for unit, rule in sorted(withheld.items())]
    write_json(inputs.root / "withheld.json", parts)
    ledger.append([Entry(inputs.as_of.isoformat(), "all", 1, "withheld", sha256_text(canonical_json(parts)))])


# --------------------------------------------------------------------------------------------------------- the manifest's list


def _listed(snapshots: Iterable[Snapshot], tables: Sequence[ReleaseTable]) -> tuple[Mapping[str, Any], ...]:
    """Each snapshot, with the digest of what is published of it: of what is frozen none, for it could be guessed from one."""
    parts = _published_parts(tables)
    return tuple(
        {
            "id": snapshot.id,
            "record": snapshot.record,
            "site": snapshot.site,
            "name": snapshot.name,
            "version": snapshot.version,
            "ends_on": snapshot.ends_on,
            "locked_on": snapshot.locked_on,
            "published_sha256": sha256_text(canonical_json(parts.get((snapshot.site, snapshot.name), []))),
        }
        for snapshot in sorted(snapshots, key=lambda snapshot: snapshot.id)
    )


def _published_parts(tables: Sequence[ReleaseTable]) -> dict[tuple[str, str], list[list[Any]]]:
    """By site and period the rows that its snapshot brought: those of the period, of a change those up to its wave."""
    parts: dict[tuple[str, str], list[list[Any]]] = {}
    for table in tables:
        names = table.key_names
        period = [names.index(name) for name in ("population", "wave", "wave_to", "quarter") if name in names]
        for row in table.rows:
            parts.setdefault((row[0], " ".join(str(row[place]) for place in period)), []).append([table.name, *row])
    return parts
