"""What the lake knows of files: a sighting for each arrival under a path, a receipt for each content that was read.

Both are immutable JSON, so what counts tonight is a pure function of them (`admit`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tfc_platform.atomic_io import sha256_text, write_json
from tfc_platform.settings import Places

__all__ = [
    "Receipt",
    "Sighting",
    "earlier_receipts",
    "read_receipt",
    "read_receipts",
    "read_sightings",
    "write_receipt",
    "write_sighting",
]


@dataclass(frozen=True)
class Sighting:
    """Bytes that lay under a path when a night looked. `source` is None where no contract takes the file."""

    path: str
    site: str
    source: str | None
    sha256: str
    size: int
    stamp: str
    number: int  # of this path's contents, from 1
    first_seen_at: datetime
    seen_on: date  # the date that the night worked for


@dataclass(frozen=True)
class Receipt:
    """What became of one content read as one source's file under what its name says."""

    site: str
    source: str
    sha256: str
    key: str  # of the content and of what the name says: the same bytes under another name may be another return
    digest: str  # of all that the reading depended on: the contract, its reference data, the reader, the screen
    status: str  # read · unreadable · rejected · held · erased
    message: str | None
    cause: str | None = None  # the message from a closed list: see `read.Read`
    received: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    not_data: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    outside_window: dict[str, int] = field(default_factory=dict)  # dates outside the contract's window, by month
    months: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    changed: dict[str, int] = field(default_factory=dict)  # values read otherwise than they were written, by reason
    records: dict[str, dict[str, Any]] = field(default_factory=dict)  # record → path below the lake, rows
    issues: str | None = None  # path below the lake
    texts: str | None = None  # path below the text store
    names: str | None = None  # path below the gazetteer
    mappings: tuple[tuple[str, str, str], ...] = ()  # columns under another name: the contract's, the file's, state
    content: str | None = None  # keyed digest of all that the file says, whatever its bytes
    read_as: dict[str, str | None] = field(default_factory=dict)  # format, encoding, delimiter: what the bytes were
    hidden: dict[str, int] = field(default_factory=dict)  # rows and columns, which were read; sheets, which were not
    ending: str | None = None  # how the bytes end: see `file_ending`
    return_key: str | None = None  # which return its name said that it is
    basis: str | None = None  # of the reading, all that `digest` depends on but the contract and its reference data
    read_on: str | None = None  # the date that the night worked for which read it
    read_at: str | None = None


def _sighting_place(places: Places, sighting: Sighting) -> Path:
    return places.lake / "sightings" / sighting.site / f"{sha256_text(sighting.path)[:24]}-{sighting.number:05d}.json"


def write_sighting(places: Places, sighting: Sighting) -> None:
    write_json(_sighting_place(places, sighting), asdict(sighting), mode=0o400)


def read_sightings(places: Places, site: str | None = None) -> list[Sighting]:
    """All sightings, of one site where it is given, in the order of arrival."""
    found = []
    for path in (places.lake / "sightings").glob(f"{site or '*'}/*.json"):
        values = json.loads(path.read_bytes())
        values["first_seen_at"] = datetime.fromisoformat(values["first_seen_at"])
        values["seen_on"] = date.fromisoformat(values["seen_on"])
        found.append(Sighting(**values))
    return sorted(found, key=lambda item: (item.first_seen_at, len(item.path), item.path, item.number))


def _receipt_place(places: Places, site: str, source: str, key: str, digest: str) -> Path:
    return places.lake / "receipts" / site / source / f"{key}-{digest}.json"


def write_receipt(places: Places, receipt: Receipt) -> None:
    place = _receipt_place(places, receipt.site, receipt.source, receipt.key, receipt.digest)
    write_json(place, asdict(receipt), mode=0o400)


def has_receipt(places: Places, site: str, source: str, key: str, digest: str) -> bool:
    return _receipt_place(places, site, source, key, digest).exists()


def read_receipt(places: Places, site: str, source: str, key: str, digest: str) -> Receipt | None:
    """The receipt of one reading; None where there is none, or where it is of a version with other fields."""
    try:
        return _receipt(json.loads(_receipt_place(places, site, source, key, digest).read_bytes()))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def read_receipts(places: Places, site: str, source: str, digest: str) -> dict[str, Receipt]:
    """The receipts of a source under one digest, by their key."""
    paths = (places.lake / "receipts" / site / source).glob(f"*-{digest}.json")
    receipts = (_receipt(json.loads(path.read_bytes())) for path in paths)
    return {receipt.key: receipt for receipt in receipts}


def earlier_receipts(places: Places, site: str, source: str, digest: str, basis: str) -> dict[str, list[Receipt]]:
    """By SHA-256 the receipts of a source under other contracts than today's, the latest last.

    :param digest: of today's reading.
    :param basis: theirs depend on the same but for the contract.
    """
    earlier: dict[str, list[Receipt]] = {}
    for path in (places.lake / "receipts" / site / source).glob("*.json"):
        if path.stem.endswith(f"-{digest}"):
            continue
        values = json.loads(path.read_bytes())
        if values.get("basis") == basis:  # one of another reader may have other fields
            earlier.setdefault(values["sha256"], []).append(_receipt(values))
    for receipts in earlier.values():
        receipts.sort(key=lambda item: (item.read_on or "", item.read_at or "", item.digest))
    return earlier


def _receipt(values: dict[str, Any]) -> Receipt:
    for key in ("months", "unknown_columns"):
        values[key] = tuple(values[key])
    values["mappings"] = tuple(tuple(item) for item in values.get("mappings", ()))
    return Receipt(**values)
