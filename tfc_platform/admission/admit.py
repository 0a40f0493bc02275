"""Tonight's admission: the lake read, decided upon, and laid out for dbt and the checks.

Belongs here: from the lake's receipts to `Night`, and the tables of `records.ADMISSION_TABLES`. Does not belong: the rules of
the decision (`decide`), or anything that is done with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tfc_platform.admission.cross_returns import compare_returns
from tfc_platform.admission.expected_returns import Expected, expected_returns
from tfc_platform.admission.version_verdicts import (
    Arrival,
    ContentHold,
    SourceState,
    Submission,
    decide,
    newest_of_each_path,
    source_states,
)
from tfc_platform.atomic_io import atomic, canonical_json, sha256_text
from tfc_platform.contracts.catalogue import UNASSIGNED, Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.intake import Intake, content_key, reading_digest
from tfc_platform.ingest.lake import Receipt, Sighting, read_receipts, read_sightings
from tfc_platform.ingest.read_file import facts_of
from tfc_platform.schemas import ADMISSION_TABLES, RECORDS, REFERENCE
from tfc_platform.settings import Places
from tfc_platform.sheets.file_format import is_temporary

__all__ = ["Night", "NotTakenInError", "admit", "reading_digests", "write_tables"]


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


def _return_of(contract: Contract, path: str) -> tuple[str | None, tuple[int, ...]]:
    """Which return a file is, and its version's rank; the key is None where the name does not say."""
    facts = facts_of(contract, _name(path))
    if facts is None:
        return None, (0,)
    group = contract.identity.version
    written = facts.get(group, "1") if group else "1"
    rank = tuple(int(part) for part in written.replace("-", ".").split(".") if part.isdigit())
    return contract.return_key(facts), rank or (1,)


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


class _Lake:
    """The receipts of today's readings, and which of them a sighting has."""

    def __init__(self, intake: Intake) -> None:
        self.catalogue = intake.catalogue
        self._receipts = _receipts(intake)

    def contract(self, site: str, source: str | None) -> Contract | None:
        """The contract under which a file was seen; None where there is none any more."""
        return next((contract for contract in self.catalogue.of(site) if contract.source == source), None)

    def receipt(self, site: str, source: str | None, path: str, sha256: str) -> Receipt | None:
        contract = self.contract(site, source)
        if contract is None:
            return None
        return self._receipts[(site, contract.source)].get(content_key(contract, _name(path), sha256))


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
    receipt = lake.receipt(sighting.site, sighting.source, sighting.path, sighting.sha256)
    if receipt is None:
        raise NotTakenInError(
            f"{sighting.site}/{contract.source} has files that have not been read under today's contract or code."
            " Run the night for all sites."
        )
    key, rank = _return_of(contract, sighting.path)
    return Arrival(
        **common,
        source=contract.source,
        status=receipt.status,
        message=receipt.message,
        cause=receipt.cause,
        return_key=key,
        rank=rank,
        received=receipt.received,
        accepted=receipt.accepted,
        rejected=receipt.rejected,
        duplicate=receipt.duplicate,
        not_data=receipt.not_data,
        content=receipt.content,
    )


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


def _receipts(intake: Intake) -> dict[tuple[str, str], dict[str, Receipt]]:
    places = intake.settings.places
    return {key: read_receipts(places, *key, digest) for key, digest in reading_digests(intake).items()}


def admit(intake: Intake, holds: Mapping[str, ContentHold] | None = None) -> Night:
    """Decide on everything that the lake knows.

    :param holds: contents that a check of the marts holds back.
    :raises NotTakenInError: where a file has no receipt under today's contracts: `take_in` comes first.
    """
    lake = _Lake(intake)
    seen = [_arrival(lake, sighting) for sighting in _sightings(intake)]
    read = {item: lake.receipt(item.site, item.source, item.path, item.sha256) for item in seen}
    compared = compare_returns(
        seen,
        {arrival: receipt for arrival, receipt in read.items() if receipt is not None},
        intake.catalogue,
        intake.settings.places,
        lambda arrivals, found: decide(arrivals, {**found, **(holds or {})}),
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
    states = source_states(intake.catalogue.sources, submissions)
    shown = newest_of_each_path(submissions)
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


def _submission_rows(night: Night) -> list[dict[str, Any]]:
    return [
        {
            "site": item.arrival.site,
            "source": item.arrival.source or "none",
            "file": item.arrival.path,
            "file_sha256": item.arrival.sha256,
            "return_key": item.arrival.return_key,
            "status": item.status,
            "is_counted": item.is_counted,
            "received": item.arrival.received,
            "accepted": item.arrival.accepted,
            "rejected": item.arrival.rejected,
            "duplicate": item.arrival.duplicate,
            "not_data": item.arrival.not_data,
            "message": item.message,
            "first_seen_at": item.arrival.first_seen_at,
            "superseded_by": item.superseded_by,
        }
        for item in newest_of_each_path(night.submissions)
    ]


def write_tables(night: Night, catalogue: Catalogue, places: Places) -> dict[str, list[Path]]:
    """Write the admission and reference tables as Parquet beside the warehouse; gives the file of each view."""
    rows: dict[str, list[dict[str, Any]]] = {
        "submission": _submission_rows(night),
        "admitted": [
            {
                "site": receipt.site,
                "source": receipt.source,
                "file_sha256": receipt.sha256,
                "record": record,
                "accepted": table["rows"] if record == "survey_answer" else receipt.accepted,
            }
            for receipt in night.admitted
            for record, table in receipt.records.items()
        ],
        "source_state": [
            {name: value for name, value in asdict(state).items() if name != "held_cause"} for state in night.states
        ],
        "expected_return": [asdict(item) for item in night.expected],
    }
    tables = {name: pa.Table.from_pylist(found, schema=ADMISSION_TABLES[name]) for name, found in rows.items()}
    tables |= {name: table for name, table in catalogue.reference_tables().items() if name in REFERENCE}
    files = {}
    for name, table in tables.items():
        target = places.warehouse / "inputs" / f"{name}.parquet"
        with atomic(target) as temporary:
            pq.write_table(table, temporary)
        files[name] = [target]
    return files
