"""Tonight's admission: the lake read and decided upon."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from tfc_platform.admission.acceptances import read_acceptances
from tfc_platform.admission.arrivals import (
    Acceptance,
    Arrival,
    ContentHold,
    SourceState,
    Submission,
    VersionChange,
    latest_of_each_path,
)
from tfc_platform.admission.calendar_faults import with_calendar_fault
from tfc_platform.admission.cross_returns import compare_returns
from tfc_platform.admission.expected_returns import Expected, expected_returns
from tfc_platform.admission.published_readings import PublishedReadings
from tfc_platform.admission.source_faults import with_look_faults
from tfc_platform.admission.version_changes import count_change, row_changes
from tfc_platform.admission.version_holds import VersionEvidence
from tfc_platform.admission.version_verdicts import decide, source_states
from tfc_platform.atomic_io import canonical_json, sha256_text
from tfc_platform.contracts.catalogue import UNASSIGNED
from tfc_platform.contracts.model import Contract, Hold
from tfc_platform.ingest.error_rate import is_too_much
from tfc_platform.ingest.intake import Intake, content_key, reading_basis, reading_digest, return_of
from tfc_platform.ingest.lake import Receipt, Sighting, earlier_receipts, read_receipts, read_sightings
from tfc_platform.ingest.look_faults import read_look_faults
from tfc_platform.ingest.vault import content_of, has
from tfc_platform.schemas import RECORDS
from tfc_platform.settings import Places
from tfc_platform.sheets.file_format import is_temporary

__all__ = ["Night", "NotTakenInError", "admit", "reading_digests"]


class NotTakenInError(Exception):
    """Files that a contract takes have not been read as it says today: without them the marts would lose their rows."""


@dataclass(frozen=True)
class Night:
    """What counts tonight."""

    submissions: list[Submission]
    states: list[SourceState]
    expected: list[Expected]
    admitted: list[Receipt]
    issues: list[str]  # Parquet files of row issues, below the lake
    fingerprint: str  # of all that the marts are made from
    receipts: Mapping[Arrival, Receipt] = field(default_factory=dict, repr=False)  # of every version that was read

    @cached_property
    def held(self) -> list[SourceState]:
        return [state for state in self.states if state.is_held]

    def files(self, places: Places) -> dict[str, list[Path]]:
        """The Parquet files behind each record's view, and behind the row issues'."""
        found: dict[str, list[Path]] = {record: [] for record in RECORDS}
        for receipt in self.admitted:
            for record, table in receipt.records.items():
                found[record].append(places.lake / table["path"])
        found["row_issue"] = [places.lake / path for path in self.issues]
        return found

    def accepted_returns(self, site: str, source: str) -> list[Acceptance]:
        """The words by which returns of a source count that would be held without."""
        return [
            item.acceptance
            for item in self.submissions
            if item.is_counted and item.acceptance and (item.arrival.site, item.arrival.source) == (site, source)
        ]

    def counted_contents(self, site: str, sources: Collection[str]) -> dict[str, Submission]:
        """A site's counted contents of some sources, by hash."""
        return {
            item.arrival.sha256: item
            for item in self.submissions
            if item.is_counted and item.arrival.site == site and item.arrival.source in sources
        }

    def latest_contents(self, site: str, sources: Collection[str]) -> dict[str, Submission]:
        """Of these the contents of the latest night that brought any: what a check holds first."""
        counted = self.counted_contents(site, sources)
        latest = max((item.arrival.first_seen_at for item in counted.values()), default=None)
        return {sha256: item for sha256, item in counted.items() if item.arrival.first_seen_at == latest}


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class _CountedReading:
    """What a content counts as: the receipt of today's reading, or of the one before where today's contract refuses it."""

    receipt: Receipt
    fault: str | None = None
    fault_on: date | None = None


class _Lake:
    """The receipts of today's readings, and which of them a sighting has."""

    def __init__(self, intake: Intake) -> None:
        self.catalogue = intake.catalogue
        self.places = intake.settings.places
        self.accepted = read_acceptances(self.places)
        self._intake = intake
        self._today = {key: read_receipts(self.places, *key, digest) for key, digest in reading_digests(intake).items()}
        self._digests = reading_digests(intake)
        self._earlier: dict[tuple[str, str], dict[str, list[Receipt]]] = {}
        self.published = PublishedReadings(self.places)

    def contract(self, site: str, source: str | None) -> Contract | None:
        """The contract under which a file was seen; None where there is none any more."""
        return next((contract for contract in self.catalogue.of(site) if contract.source == source), None)

    def reading(self, sighting: Sighting | Arrival) -> _CountedReading | None:
        """What a content counts as; None where no contract takes it, or it has not been read under today's."""
        contract = self.contract(sighting.site, sighting.source)
        if contract is None:
            return None
        key = (sighting.site, contract.source)
        today = self._today[key].get(content_key(contract, _name(sighting.path), sighting.sha256))
        return None if today is None else self._counted(contract, key, today)

    def _counted(self, contract: Contract, key: tuple[str, str], today: Receipt) -> _CountedReading:
        accepted = self.accepted.get((*key, today.sha256))
        accepted_reading = accepted.reading if accepted is not None else None
        last: Receipt | None = None
        for receipt in self._readable(contract, key, today):
            if last is None or receipt.digest == accepted_reading or not reading_fault(last, receipt, contract.hold):
                last = receipt
        if today.status == "erased" or today.digest == accepted_reading:
            return _CountedReading(today)
        last = last or self.published.receipt(today)  # under another reader, it was still good enough to be published
        if last is None:
            return _CountedReading(today)
        fault = reading_fault(last, today, contract.hold)
        if fault is None:
            return _CountedReading(today)
        return _CountedReading(last, fault, date.fromisoformat(today.read_on) if today.read_on else None)

    def _readable(self, contract: Contract, key: tuple[str, str], today: Receipt) -> list[Receipt]:
        """The readings of a content under earlier contracts by which it could count, the latest last."""
        if key not in self._earlier:
            basis = reading_basis(*key, self._intake.pseudonyms, self._intake.mappings)
            self._earlier[key] = earlier_receipts(self.places, *key, self._digests[key], basis)
        good = [
            receipt
            for receipt in self._earlier[key].get(today.sha256, ())
            if receipt.status == "read"
            and all((self.places.lake / table["path"]).is_file() for table in receipt.records.values())
            and (contract.record in receipt.records or not receipt.records)
        ]
        of_key = [receipt for receipt in good if receipt.key == today.key]
        # Where the contract reads names in another way, a content that was one return only is still that.
        return of_key or (good if len({receipt.key for receipt in good}) == 1 else [])


def reading_fault(last: Receipt, receipt: Receipt, limits: Hold) -> str | None:
    """Why a reading cannot take the place of the one before, of the same content: the cause, from a closed list, or None."""
    if receipt.status != "read":
        return receipt.cause or receipt.status
    lost = max(last.accepted - receipt.accepted, 0)
    return "rows_lost" if is_too_much(lost, last.accepted, limits.rows_lost) else None


def _arrival(lake: _Lake, sighting: Sighting) -> Arrival:
    common: dict[str, Any] = {
        "path": sighting.path,
        "site": sighting.site,
        "sha256": sighting.sha256,
        "first_seen_at": sighting.first_seen_at,
        "seen_on": sighting.seen_on,
        "number": sighting.number,
    }
    contract = lake.contract(sighting.site, sighting.source)
    if contract is None:
        is_left = is_temporary(_name(sighting.path))
        what = "A temporary file of an office program" if is_left else "No contract takes a file of this name"
        return Arrival(**common, source=None, message=f"{what}: it was noted and left alone.")
    reading = lake.reading(sighting)
    if reading is None:
        raise NotTakenInError(
            f"{sighting.site}/{contract.source} has files that have not been read under today's contract or code."
            " Run the night for all sites."
        )
    receipt = reading.receipt
    key, rank = return_of(contract, _name(sighting.path))
    arrival = Arrival(
        **common,
        source=contract.source,
        status=receipt.status,
        message=receipt.message,
        cause=receipt.cause,
        return_key=receipt.return_key if key is None and reading.fault else key,
        rank=rank,
        received=receipt.received,
        accepted=receipt.accepted,
        rejected=receipt.rejected,
        duplicate=receipt.duplicate,
        not_data=receipt.not_data,
        content=receipt.content,
        ending=receipt.ending,
        contract_fault=reading.fault,
        contract_fault_on=reading.fault_on,
    )
    return with_calendar_fault(arrival, receipt, contract)


def _with_returns_apart(lake: _Lake, arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Returns that were published as several stay so where a contract by which they are one would lose all of them but one."""
    merged = lake.published.merged(arrivals)
    kept = []
    for item in arrivals:
        reading = lake.reading(item) if item in merged else None
        accepted = lake.accepted.get((item.site, item.source, item.sha256))
        if reading is None or item.contract_fault or (accepted and accepted.reading == reading.receipt.digest):
            kept.append(item)
            continue
        since = date.fromisoformat(reading.receipt.read_on) if reading.receipt.read_on else None
        kept.append(replace(item, return_key=merged[item], contract_fault="returns_merged", contract_fault_on=since))
    return kept


def _sightings(intake: Intake) -> list[Sighting]:
    """All that ever came. A file that lay in nobody's folder is that folder's own since it has a contract."""
    senders = set(intake.catalogue.senders)
    return [
        sighting
        for sighting in read_sightings(intake.settings.places)
        if not (sighting.site == UNASSIGNED and sighting.path.split("/", 1)[0] in senders)
    ]


def reading_digests(intake: Intake) -> dict[tuple[str, str], str]:
    """For each [site, source] the digest of today's reading: receipts of other readings do not count."""
    catalogue = intake.catalogue
    return {
        (site, source): reading_digest(
            catalogue, site, catalogue.contract(site, source), intake.rules, intake.pseudonyms, intake.mappings
        )
        for site, source in catalogue.sources
    }


class _Versions:
    """What is known of versions beside their counts: their rows in the lake, their bytes in the vault, the contracts' limits."""

    def __init__(self, lake: _Lake) -> None:
        self._lake = lake
        self._changes: dict[tuple[Arrival, Arrival], VersionChange] = {}

    def evidence(self) -> VersionEvidence:
        return VersionEvidence(self._change, self._hold, self._begins, self._lake.accepted)

    def _hold(self, arrival: Arrival) -> Hold:
        contract = self._lake.contract(arrival.site, arrival.source)
        return contract.hold if contract is not None else Hold()

    def _change(self, last: Arrival, arrival: Arrival) -> VersionChange:
        known = self._changes.get((last, arrival))
        if known is None:
            known = self._changes[(last, arrival)] = self._compare(last, arrival)
        return known

    def _compare(self, last: Arrival, arrival: Arrival) -> VersionChange:
        contract = self._lake.contract(arrival.site, arrival.source)
        before, now = self._lake.reading(last), self._lake.reading(arrival)
        if contract is None or before is None or now is None:
            return count_change(last, arrival)
        return row_changes(self._lake.places.lake, contract, (last, before.receipt), (arrival, now.receipt))

    def _begins(self, last: Arrival, arrival: Arrival) -> bool:
        """Whether a text's bytes are the beginning of the version's before it."""
        if arrival.ending is None or last.ending is None:
            return False
        vault = self._lake.places.vault
        if not (has(vault, last.sha256) and has(vault, arrival.sha256)):
            return False
        before, now = content_of(vault, last.sha256), content_of(vault, arrival.sha256)
        return len(now) < len(before) and before.startswith(now)


def admit(intake: Intake, holds: Mapping[str, ContentHold] | None = None) -> Night:
    """Decide on everything that the lake knows.

    :param holds: contents that a check of the marts holds back.
    :raises NotTakenInError: where a file has no receipt under today's contracts: `take_in` comes first.
    """
    lake = _Lake(intake)
    seen = _with_returns_apart(lake, [_arrival(lake, sighting) for sighting in _sightings(intake)])
    readings = {item: lake.reading(item) for item in seen}
    evidence = _Versions(lake).evidence()
    compared = compare_returns(
        seen,
        {arrival: reading.receipt for arrival, reading in readings.items() if reading is not None},
        intake.catalogue,
        intake.settings.places,
        lambda arrivals, found: decide(arrivals, {**found, **(holds or {})}, evidence),
    )
    submissions, receipt_of = compared.submissions, compared.receipts
    counted = [item.arrival for item in submissions if item.is_counted]
    admitted = [receipt for item in counted if (receipt := receipt_of.get(item)) is not None]
    expected = []
    for site, source in intake.catalogue.sources:
        keys = {item.return_key for item in counted if (item.site, item.source) == (site, source) and item.return_key}
        months = {month for item in admitted if (item.site, item.source) == (site, source) for month in item.months}
        contract = intake.catalogue.contract(site, source)
        expected += expected_returns(contract, site, intake.settings.as_of, keys, months)
    faults = read_look_faults(intake.settings.places)
    states = with_look_faults(source_states(intake.catalogue.sources, submissions), faults)
    shown = latest_of_each_path(submissions)
    issues = []
    for item in shown:
        receipt = receipt_of.get(item.arrival)
        if receipt is not None and receipt.issues and item.status != "duplicate_file":
            issues.append(receipt.issues)
    parts = [
        [asdict(item) for item in submissions],
        [asdict(item) for item in states],
        [asdict(item) for item in expected],
        sorted((item.site, item.source, item.sha256, item.digest) for item in admitted),
        sorted(table["path"] for item in admitted for table in item.records.values()),
        {name: table.to_pylist() for name, table in intake.catalogue.reference_tables().items()},
    ]
    return Night(
        submissions,
        states,
        expected,
        admitted,
        sorted(set(issues)),
        sha256_text(canonical_json(parts)),
        receipt_of,
    )
