"""Tonight's admission: the lake read, decided upon, and laid out for dbt and the checks.

Belongs here: from the lake's receipts to `Night`, and the tables of `records.ADMISSION_TABLES`. Does not belong: the rules of
the decision (`decide`), or anything that is done with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tfc_platform.admit.decide import Arrival, Hold, SourceState, Submission, decide, newest_of_each_path, source_states
from tfc_platform.admit.expected import Expected, expected_returns
from tfc_platform.contracts.load import Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.files import atomic, canonical_json, sha256_text
from tfc_platform.records import ADMISSION_TABLES, RECORDS, REFERENCE
from tfc_platform.settings import Places
from tfc_platform.take_in.lake import Receipt, read_receipts, read_sightings
from tfc_platform.take_in.read import facts_of
from tfc_platform.take_in.run import Intake, is_temporary, reading_digest

__all__ = ["Night", "admit"]


@dataclass(frozen=True)
class Night:
    """What counts tonight."""

    submissions: list[Submission]
    states: list[SourceState]
    expected: list[Expected]
    admitted: list[Receipt]
    issues: list[str]  # Parquet files of row issues, below the lake
    fingerprint: str  # of all that the marts are made from

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

    def newest_contents(self, site: str) -> dict[str, Submission]:
        """A site's counted contents of the newest night that brought any, by hash: what a check of the marts holds back."""
        counted = [item for item in self.submissions if item.is_counted and item.arrival.site == site]
        latest = max((item.arrival.first_seen_at for item in counted), default=None)
        return {item.arrival.sha256: item for item in counted if item.arrival.first_seen_at == latest}


def _return_of(contract: Contract, path: str) -> tuple[str | None, tuple[int, ...]]:
    """Which return a file is, and its version's rank; the key is None where the name does not say."""
    facts = facts_of(contract, path.rsplit("/", 1)[-1])
    if facts is None:
        return None, (0,)
    group = contract.identity.version
    written = facts.get(group, "1") if group else "1"
    rank = tuple(int(part) for part in written.replace("-", ".").split(".") if part.isdigit())
    return contract.identity.key.format(**facts), rank or (1,)


def _arrivals(intake: Intake, receipts: Mapping[tuple[str, str], Mapping[str, Receipt]]) -> list[Arrival]:
    found = []
    for sighting in read_sightings(intake.settings.places):
        common: dict[str, Any] = {
            "path": sighting.path,
            "site": sighting.site,
            "source": sighting.source,
            "sha256": sighting.sha256,
            "first_seen_at": sighting.first_seen_at,
            "seen_on": sighting.seen_on,
            "number": sighting.number,
        }
        receipt = receipts.get((sighting.site, sighting.source or ""), {}).get(sighting.sha256)
        if sighting.source is None or receipt is None:
            why = (
                "A temporary file of an office program"
                if is_temporary(sighting.path.rsplit("/", 1)[-1])
                else ("No contract takes a file of this name")
            )
            found.append(Arrival(**{**common, "source": None}, message=f"{why}: it was noted and left alone."))
            continue
        contract = intake.catalogue.contract(sighting.site, receipt.source)
        key, rank = _return_of(contract, sighting.path)
        found.append(
            Arrival(
                **common,
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
            )
        )
    return found


def _receipts(intake: Intake) -> dict[tuple[str, str], dict[str, Receipt]]:
    catalogue = intake.catalogue
    found = {}
    for site, source in catalogue.sources:
        contract = catalogue.contract(site, source)
        digest = reading_digest(catalogue, site, contract, intake.rules, intake.pseudonyms)
        found[(site, source)] = read_receipts(intake.settings.places, site, source, digest)
    return found


def admit(intake: Intake, holds: Mapping[str, Hold] | None = None) -> Night:
    """Decide on everything that the lake knows.

    :param holds: contents that a check of the marts holds back.
    """
    receipts = _receipts(intake)
    submissions = decide(_arrivals(intake, receipts), holds)
    counted = [item.arrival for item in submissions if item.is_counted]
    admitted = [receipts[(item.site, item.source or "")][item.sha256] for item in counted]
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
        receipt = receipts.get((item.arrival.site, item.arrival.source or ""), {}).get(item.arrival.sha256)
        if receipt is not None and receipt.issues and item.status != "duplicate_file":
            issues.append(receipt.issues)
    parts = [
        [asdict(item) for item in submissions],
        [asdict(item) for item in states],
        [asdict(item) for item in expected],
        sorted((item.site, item.source, item.sha256, item.digest) for item in admitted),
        {name: table.to_pylist() for name, table in intake.catalogue.reference_tables().items()},
    ]
    return Night(submissions, states, expected, admitted, sorted(set(issues)), sha256_text(canonical_json(parts)))


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
