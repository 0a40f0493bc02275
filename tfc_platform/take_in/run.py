"""Taking in all that one sender has dropped: the one place where the steps of this room meet the disk.

Run again it repeats nothing: a content that has a receipt under the same reading is left alone. A killed run leaves at most
Parquet files without a receipt, which the next run writes again to the same bytes.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from tfc_platform.contracts.load import UNASSIGNED, Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.files import sha256_text
from tfc_platform.settings import Settings
from tfc_platform.take_in import store, vault
from tfc_platform.take_in.landing import Landed, Landing
from tfc_platform.take_in.lake import Receipt, Sighting, has_receipt, read_sightings, write_receipt, write_sighting
from tfc_platform.take_in.pseudonym import Pseudonyms
from tfc_platform.take_in.read import Read, read_file
from tfc_platform.take_in.rows import Taken
from tfc_platform.take_in.screen import Rules, load_rules

__all__ = ["Intake", "is_temporary", "reading_digest", "take_in", "take_in_unassigned"]

log = logging.getLogger(__name__)
TEMPORARY = ("~$", "._", ".~lock")  # what office programs leave beside an open file
SYSTEM = {".ds_store", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Intake:
    """What taking in needs, loaded once a night."""

    settings: Settings
    catalogue: Catalogue
    pseudonyms: Pseudonyms
    rules: Rules
    landing: Landing
    now: datetime

    @classmethod
    def load(cls, settings: Settings, catalogue: Catalogue) -> Intake:
        settings.places.make()
        return cls(
            settings=settings,
            catalogue=catalogue,
            pseudonyms=Pseudonyms.load(settings),
            rules=load_rules(),
            landing=Landing(settings.landing),
            now=datetime.now(UTC),
        )


@lru_cache(maxsize=1)
def _reader_digest() -> str:
    """Changes whenever the code that reads does, so that no receipt outlives the reading that it speaks of."""
    room = Path(__file__).resolve().parent
    sources = sorted([*room.rglob("*.py"), room.parent / "contracts" / "model.py", room.parent / "records.py"])
    return hashlib.sha256(b"\x00".join(path.read_bytes() for path in sources)).hexdigest()


def reading_digest(catalogue: Catalogue, site: str, contract: Contract, rules: Rules, pseudonyms: Pseudonyms) -> str:
    """Of everything that a receipt depends on beside the file's bytes and name."""
    parts = [catalogue.digest(site, contract), rules.digest, pseudonyms.fingerprint, _reader_digest()]
    return sha256_text("|".join(parts))[:16]


def is_temporary(name: str) -> bool:
    return name.startswith(TEMPORARY) or name.casefold() in SYSTEM


def _contract(catalogue: Catalogue, site: str, landed: Landed) -> Contract | None:
    if is_temporary(landed.name):
        return None
    return next((contract for contract in catalogue.of(site) if contract.glob.fullmatch(landed.below)), None)


def _see(intake: Intake, site: str, source: str | None, landed: Landed, sha256: str, last: Sighting | None) -> Sighting:
    """The sighting of these bytes under this path: the last one where nothing has changed, else a new one."""
    if last is not None and last.sha256 == sha256:
        return last
    sighting = Sighting(
        path=landed.path,
        site=site,
        source=source,
        sha256=sha256,
        size=landed.size,
        stamp=landed.stamp,
        number=last.number + 1 if last else 1,
        first_seen_at=intake.now,
        seen_on=intake.settings.as_of,
    )
    write_sighting(intake.settings.places, sighting)
    return sighting


def _read(intake: Intake, site: str, contract: Contract, name: str, sha256: str, content: bytes) -> Read:
    try:
        return read_file(
            content, name, site, sha256, contract, intake.catalogue, intake.pseudonyms, intake.rules.screen
        )
    except Exception as error:  # a fault of ours in one file must stop neither the site nor the night
        # The class alone: the text of an exception may repeat a cell.
        log.error(
            "%s/%s: a file could not be read (%s, sha256 %s…)", site, contract.source, type(error).__name__, sha256[:12]
        )
        message = f"The platform could not read this file ({type(error).__name__}). The central team has to look at it."
        return Read("unreadable", message, Taken(), "unreadable")


def _keep(intake: Intake, site: str, contract: Contract, digest: str, path: str, sha256: str, read: Read) -> Receipt:
    places, taken = intake.settings.places, read.taken
    stem = f"{sha256[:32]}-{digest}"
    store.raise_flags(places, site, path, sha256, taken.flags, intake.now)
    receipt = Receipt(
        site=site,
        source=contract.source,
        sha256=sha256,
        digest=digest,
        status=read.status,
        message=read.message,
        cause=read.cause,
        received=taken.received,
        accepted=taken.accepted,
        rejected=taken.rejected,
        duplicate=taken.duplicate,
        not_data=taken.not_data,
        reasons=dict(taken.reasons),
        months=tuple(sorted(taken.months)),
        unknown_columns=tuple(taken.unknown_columns),
        records=store.write_records(places, site, stem, taken),
        issues=store.write_issues(places, site, contract.source, sha256, stem, taken.issues),
        texts=store.write_texts(places, site, sha256, stem, taken),
    )
    write_receipt(places, receipt)
    return receipt


def _reread(intake: Intake, site: str, sightings: Iterable[Sighting]) -> int:
    """Contents that came on an earlier night and have no receipt under today's reading: from the vault."""
    done = 0
    places = intake.settings.places
    for sighting in sightings:
        contract = next((c for c in intake.catalogue.of(site) if c.source == sighting.source), None)
        if contract is None:
            continue
        digest = reading_digest(intake.catalogue, site, contract, intake.rules, intake.pseudonyms)
        if not has_receipt(places, site, contract.source, sighting.sha256, digest):
            content = vault.content_of(places.vault, sighting.sha256)
            name = sighting.path.rsplit("/", 1)[-1]
            read = _read(intake, site, contract, name, sighting.sha256, content)
            _keep(intake, site, contract, digest, sighting.path, sighting.sha256, read)
            done += 1
    return done


def take_in(intake: Intake, site: str, progress: Callable[[str], None] = lambda _: None) -> dict[str, int]:
    """Take in every file of one sender; gives how many files were newly read, by source.

    :param progress: told, file by file, what is being done; it gets paths and counts, never a cell.
    """
    places = intake.settings.places
    last = {sighting.path: sighting for sighting in read_sightings(places, site)}
    fresh: dict[str, int] = {contract.source: 0 for contract in intake.catalogue.of(site)}
    for landed in intake.landing.files(site):
        contract = _contract(intake.catalogue, site, landed)
        content = intake.landing.fetch(landed)
        if contract is None:
            _see(intake, site, None, landed, hashlib.sha256(content).hexdigest(), last.get(landed.path))
            continue
        sha256 = vault.keep(places.vault, content)
        digest = reading_digest(intake.catalogue, site, contract, intake.rules, intake.pseudonyms)
        if not has_receipt(places, site, contract.source, sha256, digest):
            read = _read(intake, site, contract, landed.name, sha256, content)
            receipt = _keep(intake, site, contract, digest, landed.path, sha256, read)
            fresh[contract.source] += 1
            progress(f"{landed.path}: {receipt.status}, {receipt.accepted} of {receipt.received} rows")
        last[landed.path] = _see(intake, site, contract.source, landed, sha256, last.get(landed.path))
    reread = _reread(intake, site, read_sightings(places, site))
    if reread:
        progress(f"{site}: {reread} earlier files read again, because their contract or the reader has changed")
    return fresh


def take_in_unassigned(intake: Intake) -> int:
    """Note files that lie in no sender's folder; gives how many."""
    last = {sighting.path: sighting for sighting in read_sightings(intake.settings.places, UNASSIGNED)}
    senders = set(intake.catalogue.senders)
    found = [landed for landed in intake.landing.files() if landed.folder not in senders]
    for landed in found:
        sha256 = hashlib.sha256(intake.landing.fetch(landed)).hexdigest()
        _see(intake, UNASSIGNED, None, landed, sha256, last.get(landed.path))
    return len(found)
