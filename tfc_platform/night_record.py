"""Whether a night has anything to do, found out without Dagster, dbt or Great Expectations.

The last complete night leaves a record: what lay in the landing zone, a digest of everything else that figures depend on,
and the first day on which the calendar changes something. Anything in doubt means a night.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tfc_platform.atomic_io import canonical_json, sha256_text, write_json
from tfc_platform.check.row_losses import note_published
from tfc_platform.ingest.landing import Landing
from tfc_platform.ingest.look_faults import REFUSED_UNREAD, read_look_faults
from tfc_platform.sealed_files import damaged_files, write_seal
from tfc_platform.settings import PROJECT, Places, Settings
from tfc_platform.sheets.file_format import is_temporary

__all__ = [
    "NO_SENDER",
    "Listing",
    "Look",
    "NightRecord",
    "clear_run",
    "complete_night",
    "inputs_digest",
    "list_landing",
    "look",
    "note_start",
    "read_reasons",
    "read_record",
    "write_reasons",
]

# A sender's files: the path to size and stamp.
Listing = Mapping[str, tuple[int, str]]

NO_SENDER = "_no_sender"  # files that lie in no sender's folder
RECORD = "last_night.json"
# Packages whose version can change a figure or its digest.
PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "openpyxl", "pandas", "pyarrow", "scipy")
# What the code, the rules and the models are made of.
OWN_FOLDERS = ("tfc_platform", "dbt_project", "expectations")
NOT_SOURCE = frozenset({"__pycache__", "target", "logs"})


@dataclass(frozen=True)
class NightRecord:
    """What the last complete night was made from, and what it left.

    `inputs` is `inputs_digest` at its start, `lake` a digest of the names of sightings and holds at its end. From `as_of`
    and before `unchanged_until` the calendar changes nothing.
    """

    inputs: str
    lake: str
    listing: Mapping[str, Listing]
    as_of: date
    unchanged_until: date
    build_id: str
    sites: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """Whether a night is needed, with the reason in a sentence; `senders` are those with something new, or none: all."""

    is_needed: bool
    reason: str
    senders: frozenset[str] | None = None


def list_landing(landing: Landing, senders: Iterable[str], only: str | None = None) -> dict[str, Listing]:
    """Every file that lies in the landing zone, by sender; temporary files of office programs are left out.

    A file that is refused unread is listed with the reason in place of its stamp.

    :param only: list this sender's folder, and no other.
    :raises OSError: where the landing zone does not answer.
    """
    known = set(senders)
    found: dict[str, dict[str, tuple[int, str]]] = {sender: {} for sender in ([only] if only else [*known, NO_SENDER])}
    look = landing.look(only)
    seen = [(landed.path, (landed.size, landed.stamp)) for landed in look.files if not is_temporary(landed.name)]
    for path, size_and_stamp in [*seen, *((item.path, (0, f"refused: {item.reason}")) for item in look.refused)]:
        sender = path.split("/", 1)[0]
        found.setdefault(sender if sender in known else NO_SENDER, {})[path] = size_and_stamp
    return dict(found)


def inputs_digest(settings: Settings) -> str:
    """A digest of everything beside the landing zone that a night's figures depend on and that it does not write itself.

    These are the code, the models, the rules, the contracts, the packages, the engine, the keys, and what people
    decided: names of columns, held returns that they accepted, and erasures. The landing zone is known by what lies
    in it, wherever it is.
    """
    digest = hashlib.sha256()
    for folder in (*(PROJECT / name for name in OWN_FOLDERS), *settings.contracts):
        for path in _files(folder):
            digest.update(f"\0{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    places = settings.places
    parts = [
        sys.version,
        [f"{name} {version(name)}" for name in PACKAGES],
        settings.target,
        sha256_text(settings.pseudonym_key or ""),
        [_stamps(place) for place in (places.keys, places.mappings, places.acceptances, places.erasures)],
    ]
    digest.update(canonical_json(parts).encode())
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    found = []
    for place, names, files in os.walk(folder):
        names[:] = [name for name in names if name not in NOT_SOURCE]
        found += [Path(place, name) for name in files]
    return sorted(found)


def _stamps(folder: Path) -> list[tuple[str, int, int]]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [(path.relative_to(folder).as_posix(), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]


def _lake_digest(places: Places) -> str:
    names = [
        path.relative_to(places.lake).as_posix()
        for folder in ("sightings", "holds")
        for path in (places.lake / folder).rglob("*.json")
    ]
    return sha256_text("\n".join(sorted(names)))


def _run_folder(places: Places, run_id: str) -> Path:
    return places.evidence / "runs" / run_id


def note_start(settings: Settings, run_id: str, listing: Mapping[str, Listing]) -> None:
    """Note what a step of a run is about to take in, and from which inputs.

    :param listing: by sender, as `list_landing` gives it.
    """
    inputs = inputs_digest(settings)
    for sender, files in listing.items():
        place = _run_folder(settings.places, run_id) / "listing" / f"{sender}.json"
        write_json(place, {"sender": sender, "inputs": inputs, "files": files})


def write_reasons(places: Places, run_id: str, reasons: Iterable[str]) -> None:
    """Keep why a run published nothing, for whoever started it."""
    write_json(_run_folder(places, run_id) / "reasons.json", list(reasons))


def read_reasons(places: Places, run_id: str) -> tuple[str, ...]:
    """Why a run published nothing; empty where it gave no reason."""
    file = _run_folder(places, run_id) / "reasons.json"
    return tuple(json.loads(file.read_bytes())) if file.is_file() else ()


def clear_run(places: Places, run_id: str) -> None:
    """Remove what a run noted, once it has ended and its outcome is known."""
    shutil.rmtree(_run_folder(places, run_id), ignore_errors=True)


def complete_night(
    settings: Settings, run_id: str, build_id: str, unchanged_until: date, sites: Iterable[str]
) -> NightRecord | None:
    """Record that everything which was taken in has been published, and seal the home; none where that cannot be said of
    all inputs.

    Senders that this run left out keep the listing of the last record.

    :param unchanged_until: the first day after `as_of` on which the calendar changes something.
    """
    places = settings.places
    inputs = inputs_digest(settings)
    before = read_record(places)
    listing: dict[str, Listing] = dict(before.listing) if before is not None and before.inputs == inputs else {}
    for file in sorted((_run_folder(places, run_id) / "listing").glob("*.json")):
        values = json.loads(file.read_bytes())
        if values["inputs"] != inputs:  # something was changed while the run was going on
            return None
        listing[values["sender"]] = values["files"]
    record = NightRecord(
        inputs, _lake_digest(places), listing, settings.as_of, unchanged_until, build_id, tuple(sorted(sites))
    )
    write_json(places.evidence / RECORD, asdict(record))
    note_published(places, build_id)
    write_seal(places)
    return record


def read_record(places: Places) -> NightRecord | None:
    """The record of the last complete night; none where there is none that can be read."""
    try:
        values: dict[str, Any] = json.loads((places.evidence / RECORD).read_bytes())
        listing = {
            sender: {path: (int(size), str(stamp)) for path, (size, stamp) in files.items()}
            for sender, files in values["listing"].items()
        }
        days = {name: date.fromisoformat(values[name]) for name in ("as_of", "unchanged_until")}
        return NightRecord(**{**values, **days, "listing": listing, "sites": tuple(values["sites"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def look(settings: Settings, landing: Landing) -> Look:
    """Whether a night is needed: whether anything has come, changed or fallen due since the last complete one.

    :raises OSError: where the landing zone does not answer.
    """
    places = settings.places
    record = read_record(places)
    if record is None:
        return Look(True, "There is no record of a complete night.")
    if not record.as_of <= settings.as_of < record.unchanged_until:
        return Look(True, "The calendar asks for something: a return has fallen due, or a period locks.")
    if missing := _missing(places, record):
        return Look(True, f"What the last night left is not there: {missing}.")
    if damage := damaged_files(places):
        return Look(True, f"Something is not as the last night left it: {damage[0].message}.")
    if record.lake != _lake_digest(places):
        return Look(True, "The lake is not what the last night left.")
    if record.inputs != inputs_digest(settings):
        return Look(True, "Code, contracts, rules, settings or decisions have changed.")
    if unseen := sorted({fault.sender for fault in read_look_faults(places) if fault.kind != REFUSED_UNREAD}):
        return Look(
            True, f"The last night could not look at everything, or a contract is in error: {', '.join(unseen)}."
        )
    senders = [sender for sender in record.listing if sender != NO_SENDER]
    now = list_landing(landing, senders)
    changed = frozenset(sender for sender in {*now, *record.listing} if now.get(sender) != record.listing.get(sender))
    if not changed:
        return Look(False, "Nothing is new since the last night, and nothing is due.")
    return Look(True, f"Files have changed: {', '.join(sorted(changed))}.", changed - {NO_SENDER})


def _missing(places: Places, record: NightRecord) -> str | None:
    """The first thing that the last night left and that is gone."""
    folder = places.evidence / record.build_id
    wanted = {
        "research/current": places.research / "current",
        "releases/current": places.releases / "current",
        "the record of the build": places.warehouse / "build.json",
        "the warehouse": places.warehouse_file,
        "the note that it was published": folder / "published.json",
        "the note that receipts were written": folder / "receipts.json",
    }
    for site in record.sites:
        for name in ("receipt.json", "receipt.html"):
            wanted[f"sites/{site}/{name}"] = places.sites / site / name
    return next((name for name, path in wanted.items() if not path.exists()), None)
