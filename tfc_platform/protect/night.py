"""The part of tonight's release that is about persons: lock, note what came late, revise, cut the tables, try to break them.

Belongs here: the order of these steps, and what they leave in `TFC_HOME/snapshots/`. Does not belong: any rule, the release's
files, or the verdict over the evidence (`gate`).

Everything that is kept is kept before it is published, and each step is a function of what is on disk: a killed night is
simply run again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from tfc_platform import __version__
from tfc_platform.contracts.load import Catalogue
from tfc_platform.files import canonical_json, sha256_text, write_json
from tfc_platform.protect.archive import Archive, digest_of
from tfc_platform.protect.attack import Published, problem
from tfc_platform.protect.audit import AuditReport, audit, repair
from tfc_platform.protect.calendar import Period, snapshot_periods
from tfc_platform.protect.code_lists import code_lists
from tfc_platform.protect.evidence import report_from
from tfc_platform.protect.exceptions import PublicationException, exempt
from tfc_platform.protect.ledger import Entry, Ledger, What
from tfc_platform.protect.locked import CellKey, Locked
from tfc_platform.protect.policy import DisclosurePolicy
from tfc_platform.protect.register import ALL, PersonTable
from tfc_platform.protect.released import ReleaseError, ReleaseTable
from tfc_platform.protect.revise import is_due, may_revise
from tfc_platform.protect.snapshots import (
    Record,
    Snapshot,
    Store,
    content_of,
    counted_cells,
    freeze,
    newest,
    read_marts,
    read_records,
)
from tfc_platform.protect.tables import person_tables

__all__ = ["Inputs", "Prepared", "prepare"]


@dataclass(frozen=True)
class Inputs:
    """What the night hands over. `root` is `TFC_HOME/snapshots`; the two databases hold the same build."""

    root: Path
    research_file: Path
    warehouse_file: Path
    catalogue: Catalogue
    register: Sequence[PersonTable]
    columns: Mapping[str, str]
    policy: DisclosurePolicy
    exceptions: Sequence[PublicationException]
    as_of: date


@dataclass(frozen=True)
class Prepared:
    """The tables about persons as they may be published if `report` passed, and what a manifest says of them."""

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


def prepare(inputs: Inputs) -> Prepared:
    """Make tonight's tables about persons from locked snapshots, and audit them with everything published before.

    :raises ReleaseError: where a snapshot's records are not those of the marts.
    :raises ConfigurationError: where an exception does not fit the register.
    """
    store, ledger = Store(inputs.root), Ledger(inputs.root)
    periods = snapshot_periods(inputs.catalogue, inputs.as_of, inputs.policy.lock_after_days)
    notes = _bring_up_to_date(inputs, store, ledger, periods)
    versions = store.versions()
    now = newest(versions)
    exempted = exempt(inputs.exceptions, inputs.register, now.values(), inputs.as_of)
    locked = Locked(
        periods,
        now,
        partial(code_lists, inputs.catalogue),
        _secondary(inputs.root),
        exempted.cells,
    )
    published, report, reused, hidden = _tried(inputs, locked, versions)
    if hidden:
        _keep_secondary(inputs.root, ledger, locked.secondary | hidden, now, inputs.as_of)
        notes += (f"{len(hidden)} cells are hidden for good so that no other can be worked out.",)
    return Prepared(
        tuple(published.tables),
        _listed(now.values(), published.tables),
        exempted.named,
        report,
        reused,
        (*notes, *exempted.notes),
        published,
    )


# ----------------------------------------------------------------------------------------------- locking and what came later


def _bring_up_to_date(inputs: Inputs, store: Store, ledger: Ledger, periods: Sequence[Period]) -> tuple[str, ...]:
    """Lock what is to be locked, note what changed since, revise on the day; gives sentences for the night's report."""
    on = inputs.as_of.isoformat()
    standing = newest(store.versions())
    entries: list[Entry] = []
    with duckdb.connect(str(inputs.research_file), read_only=True) as research:
        rows_of, received = read_marts(research), _received(research)
        for period in periods:
            snapshot = standing.get(period.id)
            if snapshot is None:
                if all((period.site, period.source, key) in received for key in period.needs):
                    snapshot = freeze(period, code_lists(inputs.catalogue, period), rows_of(period), inputs.as_of)
                    store.add(snapshot, _records(inputs, period, snapshot))
                    entries.append(Entry(on, snapshot.id, 1, "locked", snapshot.content))
                continue
            current = rows_of(period)
            content = content_of(current)
            if content == snapshot.content:
                continue
            entries.append(Entry(on, snapshot.id, snapshot.version, "changed", content))
            if is_due(snapshot, ledger.read(), inputs.policy, inputs.as_of):
                revised = replace(snapshot, version=snapshot.version + 1, locked_on=on, frozen=current)
                records = _records(inputs, period, revised)
                may = may_revise(snapshot, store.records(snapshot), records, inputs.register, inputs.policy.revision)
                if may:
                    store.add(revised, records)
                what: What = "revised" if may else "carried_forward"
                entries.append(Entry(on, snapshot.id, revised.version if may else snapshot.version, what, content))
    ledger.append(entries)
    told = Counter(entry.what for entry in entries)
    return tuple(f"{told[what]} {words}." for what, words in _WORDS.items() if told[what])


_WORDS: Mapping[What, str] = {
    "locked": "snapshots are locked from tonight on",
    "changed": "locked snapshots were changed since: the marts show it, published tables do not",
    "revised": "locked snapshots are revised",
    "carried_forward": "locked snapshots stay as they were published: too few persons came or went to revise them",
}


def _received(research: duckdb.DuckDBPyConnection) -> set[tuple[str, str, str]]:
    found = research.execute(
        "select site, source, return_key from marts.mart_expected_return where status = 'received'"
    ).fetchall()
    return {(str(site), str(source), str(key)) for site, source, key in found}


def _records(inputs: Inputs, period: Period, snapshot: Snapshot) -> list[Record]:
    """The records behind a snapshot, which must be those that its counts are made of."""
    with duckdb.connect(str(inputs.warehouse_file), read_only=True) as warehouse:
        records = read_records(warehouse, period)
    if sum(record.persons for record in records) != sum(persons for _, persons in counted_cells(snapshot)):
        raise ReleaseError(f"The records of {period.id} are not those that the marts counted: nothing is published.")
    return records


# ------------------------------------------------------------------------------------------------------ cutting and trying


def _tried(
    inputs: Inputs, locked: Locked, versions: Mapping[tuple[str, int], Snapshot]
) -> tuple[Published, AuditReport, bool, frozenset[CellKey]]:
    """The tables, audited; where they fail, with as few further cells hidden for good as the repair finds.

    R10 puts a coarser register and a dropped table first. Both are a person's to decide, by the register: here is the last
    resort, which changes only cells that were never published.
    """
    archive = Archive(inputs.root)
    published = _cut(inputs, locked)
    report, reused = _audit(inputs, archive, published, versions)
    if report.passed:
        return published, report, reused, frozenset()
    earlier = archive.read()
    whole = problem([*earlier, published], versions)
    told = {cell.key for cell in problem(earlier, versions).cells}
    candidates = sorted({cell.key for cell in whole.cells if cell.key and cell.key not in told}, key=_totals_first)
    hidden = repair(
        whole.universes,
        whole.cells,
        candidates,
        least_upper=inputs.policy.audit.least_upper,
        secondary_low=inputs.policy.threshold_persons,
    )
    if not hidden:
        return published, report, reused, frozenset()
    more = frozenset((str(key[0]), tuple(key[1])) for key in hidden)
    mended = _cut(inputs, replace(locked, secondary=locked.secondary | more))
    report, reused = _audit(inputs, archive, mended, versions)
    return (mended, report, reused, more) if report.passed else (published, report, reused, frozenset())


def _totals_first(key: tuple[Any, ...]) -> tuple[Any, ...]:
    table, keys = key
    return (ALL not in keys, table, keys)


def _cut(inputs: Inputs, locked: Locked) -> Published:
    tables = person_tables(inputs.register, inputs.columns, locked, inputs.policy)
    versions = {f"{s.record}/{s.site}/{s.name}": s.version for s in locked.snapshots.values()}
    return Published(tables, versions, inputs.register, inputs.policy)


def _audit(
    inputs: Inputs, archive: Archive, published: Published, versions: Mapping[tuple[str, int], Snapshot]
) -> tuple[AuditReport, bool]:
    """The report on everything published, from file where the very same was audited before."""
    subject = {
        "published": archive.digests(),
        "tables": {table.name: digest_of(table) for table in published.tables},
        "versions": dict(published.versions),
        "snapshots": {snapshot.label: snapshot.content for snapshot in versions.values()},
        "register": [spec.model_dump(mode="json") for spec in inputs.register],
        "policy": inputs.policy.model_dump(mode="json", exclude={"story_screen"}),
        "code": __version__,
    }
    place = inputs.root / "audits" / f"{sha256_text(canonical_json(subject))}.json"
    if place.is_file():
        return report_from(json.loads(place.read_text(encoding="utf-8"))), True
    whole = problem([*archive.read(), published], versions)
    limits = inputs.policy.audit
    report = audit(whole.universes, whole.cells, least_upper=limits.least_upper, largest_guarded=limits.group - 1)
    write_json(place, asdict(report))
    return report, False


# ----------------------------------------------------------------------------------------------------- what is hidden for good


def _secondary(root: Path) -> frozenset[CellKey]:
    path = root / "secondary.json"
    if not path.is_file():
        return frozenset()
    return frozenset((table, tuple(keys)) for table, keys in json.loads(path.read_text(encoding="utf-8")))


def _keep_secondary(
    root: Path, ledger: Ledger, cells: frozenset[CellKey], snapshots: Mapping[str, Snapshot], as_of: date
) -> None:
    write_json(root / "secondary.json", sorted(cells))
    ledger.append(
        [Entry(as_of.isoformat(), "all", len(snapshots), "secondary", sha256_text(canonical_json(sorted(cells))))]
    )


# --------------------------------------------------------------------------------------------------------- the manifest's list


def _listed(snapshots: Any, tables: Sequence[ReleaseTable]) -> tuple[Mapping[str, Any], ...]:
    """Each snapshot, with the digest of what is published of it: of what is frozen none, for it could be guessed from one."""
    return tuple(
        {
            "id": snapshot.id,
            "record": snapshot.record,
            "site": snapshot.site,
            "name": snapshot.name,
            "version": snapshot.version,
            "ends_on": snapshot.ends_on,
            "locked_on": snapshot.locked_on,
            "published_sha256": _published_part(snapshot, tables),
        }
        for snapshot in sorted(snapshots, key=lambda snapshot: snapshot.id)
    )


def _published_part(snapshot: Snapshot, tables: Sequence[ReleaseTable]) -> str:
    words = set(snapshot.name.split(" "))
    rows = [
        [table.name, *row]
        for table in tables
        for row in table.rows
        if row[0] == snapshot.site and words <= set(row[1 : table.keys])
    ]
    return sha256_text(canonical_json(rows))
