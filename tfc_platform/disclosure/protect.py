"""The part of tonight's release that is about persons: lock, note what came late, revise, cut the tables, try to break them.

Belongs here: the order of these steps, and what they leave in `TFC_HOME/snapshots/`. Does not belong: any rule, the release's
files, or the verdict over the evidence (`gate`).

Everything that is kept is kept before it is published, and each step is a function of what is on disk: a killed night is
simply run again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from tfc_platform import __version__
from tfc_platform.atomic_io import canonical_json, sha256_text, write_json
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.disclosure.attacker_view import Published
from tfc_platform.disclosure.audit import AuditReport
from tfc_platform.disclosure.audit_evidence import report_from
from tfc_platform.disclosure.code_lists import code_lists
from tfc_platform.disclosure.exceptions import Exempt, PublicationException, exempt
from tfc_platform.disclosure.lock_calendar import Period, snapshot_periods
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.published_sets import Archive, set_digest
from tfc_platform.disclosure.revisions import may_revise, revision_day
from tfc_platform.disclosure.secondary_suppression import Tried, cut, mend
from tfc_platform.disclosure.snapshot_ledger import Entry, Ledger, What
from tfc_platform.disclosure.snapshot_set import Locked, Unit
from tfc_platform.disclosure.snapshots import (
    Snapshot,
    Store,
    as_records,
    content_of,
    counted_cells,
    freeze,
    newest,
    read_marts,
    read_records,
)
from tfc_platform.publication.publication_register import PersonTable
from tfc_platform.publication.released_table import ReleaseError, ReleaseTable

__all__ = ["Inputs", "Prepared", "due_on", "prepare"]


@dataclass(frozen=True)
class Inputs:
    """What the night hands over. `root` is `TFC_HOME/snapshots`; the two databases hold the same build.

    `last_erasure`: the day on which somebody or something was erased last; none where nobody ever was.
    """

    root: Path
    research_file: Path
    warehouse_file: Path
    catalogue: Catalogue
    register: Sequence[PersonTable]
    columns: Mapping[str, str]
    policy: DisclosurePolicy
    exceptions: Sequence[PublicationException]
    as_of: date
    last_erasure: date | None = None


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
        _withheld(inputs.root),
        exempted.cells,
    )
    earlier = Archive(inputs.root).read()
    tried = Tried(cut(inputs.register, inputs.columns, locked, inputs.policy), earlier, versions)
    report, reused = _audit(inputs, tried, versions)
    if not report.passed:
        mended = mend(tried, inputs.columns, locked)
        if mended is not None:
            tried, withheld = mended
            report, reused = _audit(inputs, tried, versions)
            _keep_withheld(inputs, ledger, withheld)
            more = len(withheld - locked.withheld)
            notes += (f"{WITHHELD_PARTS}: {more}.",)
    return Prepared(
        tuple(tried.published.tables),
        _listed(now.values(), tried.published.tables),
        exempted.named,
        report,
        reused,
        (*notes, *exempted.notes, *_without_a_row(exempted, tried.published.tables)),
        tried.published,
    )


def _without_a_row(exempted: Exempt, tables: Sequence[ReleaseTable]) -> list[str]:
    rows = {(table.name, row[: table.keys]) for table in tables for row in table.rows}
    lost = sorted({table for table, keys in exempted.cells if (table, keys) not in rows})
    return [f"An exception names a cell that {table} has no row for." for table in lost]


# ----------------------------------------------------------------------------------------------- locking and what came later


def _bring_up_to_date(inputs: Inputs, store: Store, ledger: Ledger, periods: Sequence[Period]) -> tuple[str, ...]:
    """Lock what is to be locked, note what changed since, revise on the day; gives sentences for the night's report."""
    on = inputs.as_of.isoformat()
    standing = newest(store.versions())
    entries: list[Entry] = []
    records = _Records(inputs.warehouse_file)
    revision = revision_day(ledger.read(), inputs.policy, inputs.as_of)
    with duckdb.connect(str(inputs.research_file), read_only=True) as research:
        rows_of, received = read_marts(research), _received(research)
        for period in periods:
            snapshot = standing.get(period.id)
            if snapshot is None:
                if all((period.site, period.source, key) in received for key in period.needs):
                    snapshot = freeze(period, code_lists(inputs.catalogue, period), rows_of(period), inputs.as_of)
                    store.add(snapshot, records.behind(period, snapshot))
                    entries.append(Entry(on, snapshot.id, 1, "locked", snapshot.content))
                continue
            # Whatever the counts say: another record may have come into the cell of the erased one.
            if inputs.last_erasure is not None and inputs.last_erasure.isoformat() >= snapshot.locked_on:
                entries += _forget_erased(store, snapshot, records.standing(period), on)
            current = rows_of(period)
            content = content_of(current)
            if content == snapshot.content:
                continue
            entries.append(Entry(on, snapshot.id, snapshot.version, "changed", content))
            if revision is not None and snapshot.locked_on < revision.isoformat():
                revised = replace(snapshot, version=snapshot.version + 1, locked_on=on, frozen=current)
                now = records.behind(period, revised)
                then = store.records(snapshot)
                may = may_revise(snapshot, then, as_records(now), inputs.register, inputs.policy.revision)
                if may:
                    store.add(revised, now)
                what: What = "revised" if may else "carried_forward"
                entries.append(Entry(on, snapshot.id, revised.version if may else snapshot.version, what, content))
    if revision is not None:
        entries.append(Entry(on, "all", 1, "revision_day", revision.isoformat()))
    ledger.append(entries)
    told = Counter(entry.what for entry in entries)
    return tuple(f"{words}: {told[what]}." for what, words in _WORDS.items() if told[what])


def _forget_erased(store: Store, snapshot: Snapshot, standing: pa.Table, on: str) -> list[Entry]:
    """Drop the digests of records that went: the ledger says that some did, not which.

    What of them was no erasure but a correction goes too; a revision counts both as persons who are gone.
    """
    gone = store.forget_all_but(snapshot, standing)
    return [Entry(on, snapshot.id, snapshot.version, "erased", on)] if gone else []


_WORDS: Mapping[What, str] = {
    "locked": "Snapshots that are locked from tonight on",
    "changed": "Locked snapshots that changed since, which the marts show and published tables do not",
    "revised": "Locked snapshots that are revised",
    "carried_forward": "Locked snapshots that stay as published, since too few persons came or went to revise them",
}
WITHHELD_PARTS = "Parts of tables that are withheld for good, so that no small group can be worked out"


def _received(research: duckdb.DuckDBPyConnection) -> set[tuple[str, str, str]]:
    found = research.execute(
        "select site, source, return_key from marts.mart_expected_return where status = 'received'"
    ).fetchall()
    return {(str(site), str(source), str(key)) for site, source, key in found}


class _Records:
    """The records behind snapshots, from the warehouse: read for all periods at the first need, which most nights have not."""

    def __init__(self, warehouse_file: Path) -> None:
        self._file = warehouse_file
        self._of: dict[str, Callable[[Period], pa.Table]] = {}

    def standing(self, period: Period) -> pa.Table:
        if period.record not in self._of:
            with duckdb.connect(str(self._file), read_only=True) as warehouse:
                self._of[period.record] = read_records(warehouse, period.record)
        return self._of[period.record](period)

    def behind(self, period: Period, snapshot: Snapshot) -> pa.Table:
        """Those of a snapshot, which must be the ones that its counts are made of."""
        records = self.standing(period)
        if (pc.sum(records["persons"]).as_py() or 0) != sum(persons for _, persons in counted_cells(snapshot)):
            raise ReleaseError(
                f"The records of {period.id} are not those that the marts counted: nothing is published."
            )
        return records


# --------------------------------------------------------------------------------------------------------- trying, and mending


def _audit(inputs: Inputs, tried: Tried, versions: Mapping[tuple[str, int], Snapshot]) -> tuple[AuditReport, bool]:
    """The report on everything published, from file where the very same was audited before."""
    subject = {
        "published": sorted({*Archive(inputs.root).digests(), set_digest(tried.published)}),
        "snapshots": {snapshot.label: snapshot.content for snapshot in versions.values()},
        "code": __version__,
    }
    place = inputs.root / "audits" / f"{sha256_text(canonical_json(subject))}.json"
    if place.is_file():
        return report_from(json.loads(place.read_text(encoding="utf-8"))), True
    report = tried.report()
    write_json(place, asdict(report))
    return report, False


def _withheld(root: Path) -> frozenset[Unit]:
    path = root / "withheld.json"
    return frozenset(map(tuple, json.loads(path.read_text(encoding="utf-8")))) if path.is_file() else frozenset()


def _keep_withheld(inputs: Inputs, ledger: Ledger, units: frozenset[Unit]) -> None:
    write_json(inputs.root / "withheld.json", sorted(units))
    content = sha256_text(canonical_json(sorted(units)))
    ledger.append([Entry(inputs.as_of.isoformat(), "all", 1, "withheld", content)])


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
    found: dict[tuple[str, str], list[list[Any]]] = {}
    for table in tables:
        names = table.key_names
        period = [names.index(name) for name in ("population", "wave", "wave_to", "quarter") if name in names]
        for row in table.rows:
            found.setdefault((row[0], " ".join(str(row[place]) for place in period)), []).append([table.name, *row])
    return found
