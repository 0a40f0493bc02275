"""Bringing the snapshots up to date: lock what is to be locked, note what changed since, revise on the day."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.disclosure.audit.deadline import Clock
from tfc_platform.disclosure.code_lists import code_lists
from tfc_platform.disclosure.exceptions import PublicationException
from tfc_platform.disclosure.frozen_content import answers_of, content_like, rows_like
from tfc_platform.disclosure.lock_calendar import SURVEY, Period
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.revisions import flows_between, may_revise, revision_day
from tfc_platform.disclosure.snapshot_ledger import Entry, Ledger, What
from tfc_platform.disclosure.snapshots import (
    ID_COLUMNS,
    FrozenRow,
    Snapshot,
    Store,
    as_records,
    counted_cells,
    freeze,
    latest_versions,
    read_marts,
    read_records,
)
from tfc_platform.publication.publication_register import PersonTable
from tfc_platform.publication.released_table import ReleaseError

__all__ = ["Inputs", "bring_up_to_date"]


@dataclass(frozen=True)
class Inputs:
    """What the night hands over. `root` is `TFC_HOME/snapshots`; the two databases hold the same build.

    `last_erasure`: the day on which somebody or something was erased last; none where nobody ever was. `clock` is what the
    policy's `audit.seconds` are measured by.
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
    clock: Clock = time.monotonic


def bring_up_to_date(
    inputs: Inputs, store: Store, ledger: Ledger, periods: Sequence[Period], is_safe: Callable[[Snapshot], bool]
) -> tuple[str, ...]:
    """Lock what is to be locked, note what changed since, revise on the day; gives sentences for the night's report.

    `is_safe` says of a revised snapshot whether its figures and all that was published before can be published together.

    :raises ReleaseError: where a snapshot's records are not those of the marts.
    """
    on = inputs.as_of.isoformat()
    kept = latest_versions(store.versions())
    entries: list[Entry] = []
    records = _Records(inputs.warehouse_file, inputs.catalogue)
    revision = revision_day(ledger.read(), inputs.policy, inputs.as_of)
    with duckdb.connect(str(inputs.research_file), read_only=True) as research:
        rows_of, received = read_marts(research), _received(research)
        for period in periods:
            snapshot = kept.get(period.id)
            if snapshot is None:
                if all((period.site, period.source, key) in received for key in period.needs):
                    codes, waves = code_lists(inputs.catalogue, period), _other_waves(period, periods, kept, rows_of)
                    snapshot = kept[period.id] = freeze(period, codes, rows_of(period), inputs.as_of, waves)
                    store.add(snapshot, records.behind(period, snapshot))
                    entries.append(Entry(on, snapshot.id, 1, "locked", snapshot.content))
                continue
            current = rows_of(period)
            content = content_like(snapshot.frozen, current)
            if content == snapshot.content:
                store.renew_records(snapshot, partial(records.behind, period, snapshot))
            # Whatever the counts say: another record may have come into the cell of the erased one.
            if inputs.last_erasure is not None and inputs.last_erasure.isoformat() >= snapshot.locked_on:
                entries += _forget_erased(store, snapshot, records.current(period), on)
            if content == snapshot.content:
                continue
            entries.append(Entry(on, snapshot.id, snapshot.version, "changed", content))
            if revision is not None and snapshot.locked_on < revision.isoformat():
                now = records.behind(period, replace(snapshot, frozen=current))
                waves = _other_waves(period, periods, kept, rows_of)
                revised = _revised(inputs, store, snapshot, replace(snapshot, frozen=current, waves=waves), now)
                if waves is not None and not _follow_locked_waves(period, periods, kept, waves):
                    revised = None
                what: What = "carried_forward"
                if revised is not None and is_safe(revised):
                    store.add(revised, now)
                    snapshot, what = revised, "revised"
                    kept[period.id] = revised
                entries.append(Entry(on, snapshot.id, snapshot.version, what, content))
    if revision is not None:
        entries.append(Entry(on, "all", 1, "revision_day", revision.isoformat()))
    ledger.append(entries)
    counts = Counter(entry.what for entry in entries)
    return tuple(f"{words}: {counts[what]}." for what, words in _WORDS.items() if counts[what])


RowsOf = Callable[[Period], Mapping[str, Sequence[FrozenRow]]]


def _waves_beside(period: Period, periods: Sequence[Period]) -> list[Period]:
    population = period.name.split(" ", 1)[0]
    return [
        other
        for other in periods
        if (other.record, other.site, other.name.split(" ", 1)[0]) == (period.record, period.site, population)
        and other != period
    ]


def _other_waves(
    period: Period, periods: Sequence[Period], kept: Mapping[str, Snapshot], rows_of: RowsOf
) -> dict[str, str] | None:
    """The answers of the other waves as tonight's marts have them, by name; none of what is no survey."""
    if period.record != SURVEY:
        return None
    digests = {}
    for other in _waves_beside(period, periods):
        rows, locked = rows_of(other), kept.get(other.id)
        digests[other.name] = answers_of(rows if locked is None else rows_like(locked.frozen, rows))
    return digests


def _follow_locked_waves(
    period: Period, periods: Sequence[Period], kept: Mapping[str, Snapshot], waves: Mapping[str, str]
) -> bool:
    """Whether each earlier wave is in the marts as it is locked: else the change would be from answers that nobody may see."""
    earlier = [other for other in _waves_beside(period, periods) if other.ends_on < period.ends_on]
    return all(other.id not in kept or waves[other.name] == kept[other.id].answers for other in earlier)


def _revised(inputs: Inputs, store: Store, snapshot: Snapshot, current: Snapshot, now: pa.Table) -> Snapshot | None:
    """The next version of a snapshot; none where single people could be seen to come or leave, or it cannot be known.

    `current` is the snapshot with what tonight's marts have of it, `now` are the records behind that.
    """
    then = store.records(snapshot)
    if then is None:
        return None
    flows = flows_between(snapshot, then, as_records(now))
    if not may_revise(snapshot, flows, inputs.register, inputs.policy):
        return None
    locked_on = inputs.as_of.isoformat()
    return replace(current, version=snapshot.version + 1, locked_on=locked_on, flows=flows)


def _forget_erased(store: Store, snapshot: Snapshot, current: pa.Table, on: str) -> list[Entry]:
    """Drop the digests of records that went: the ledger says that some did, not which.

    What of them was no erasure but a correction goes too; a revision counts both as people who are gone.
    """
    gone = store.forget_all_but(snapshot, current)
    return [Entry(on, snapshot.id, snapshot.version, "erased", on)] if gone else []


_WORDS: Mapping[What, str] = {
    "locked": "Snapshots that are locked from tonight on",
    "changed": "Locked snapshots that changed since, which the marts show and published tables do not",
    "revised": "Locked snapshots that are revised",
    "carried_forward": "Locked snapshots that stay as published, since to revise them would show who came or went",
}


def _received(research: duckdb.DuckDBPyConnection) -> set[tuple[str, str, str]]:
    rows = research.execute(
        "select site, source, return_key from marts.mart_expected_return where status = 'received'"
    ).fetchall()
    return {(str(site), str(source), str(key)) for site, source, key in rows}


class _Records:
    """The records behind snapshots, from the warehouse: read for all periods at the first need, which most nights have not."""

    def __init__(self, warehouse_file: Path, catalogue: Catalogue) -> None:
        self._file = warehouse_file
        self._catalogue = catalogue
        self._of: dict[str, Callable[[Period], pa.Table]] = {}

    def current(self, period: Period) -> pa.Table:
        """Those of tonight's marts."""
        if period.record not in self._of:
            contracts = [contract for contract in self._catalogue.contracts if contract.record == period.record]
            with_ids = {
                site
                for contract in contracts
                if ID_COLUMNS[period.record] in contract.columns
                for site in contract.sites
            }
            with duckdb.connect(str(self._file), read_only=True) as warehouse:
                self._of[period.record] = read_records(warehouse, period.record, with_ids)
        return self._of[period.record](period)

    def behind(self, period: Period, snapshot: Snapshot) -> pa.Table:
        """Those of a snapshot, which must be the ones that its counts are made of."""
        records = self.current(period)
        if (pc.sum(records["people"]).as_py() or 0) != sum(people for _, people in counted_cells(snapshot)):
            raise ReleaseError(
                f"The records of {period.id} are not those that the marts counted: nothing is published."
            )
        return records
