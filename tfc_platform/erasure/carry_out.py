"""Carry out an erasure over the whole home. It is a function of the tombstones and of what is there, so it can be run again.

Everything that is made of returns goes, and the next night makes it anew: the warehouse as a file, because a database keeps the
blocks of deleted rows; every research version; receipts. Of each file in the vault, what was made of it goes first and its bytes
are replaced last, so that after a kill the bytes still show what is left to do.

Locked snapshots are counts and stay, as the published figures do. The queue of flags stays too: a flag names a file, a row and a
rule, and no person, and an erasure closes no disclosure of harm.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from tfc_platform.atomic_io import sweep
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.erasure import erasure_ledger
from tfc_platform.erasure.affected_releases import remove_releases
from tfc_platform.file_lock import file_lock
from tfc_platform.ingest import vault
from tfc_platform.ingest.erased_rows import clean
from tfc_platform.ingest.lake import read_sightings
from tfc_platform.privacy.tombstones import Tombstones
from tfc_platform.release import removals
from tfc_platform.research import publication_lock
from tfc_platform.settings import Places
from tfc_platform.versions import CURRENT, clear_leftovers, forget, version_ids

__all__ = ["finish_erasures", "forget_made_of"]

FLAGS = "flags"
Owner = tuple[str | None, str | None, str]  # site, source and name of a file; None where nobody knows
NOBODY: Owner = (None, None, "")


def finish_erasures(places: Places, catalogue: Catalogue, on: date) -> int:
    """Carry out every erasure that was ordered and is not finished; gives how many.

    :raises ConfigurationError: where the key of the erasures is not the one that they were made with.
    """
    if not erasure_ledger.pending(places, Tombstones.load(places).intents):
        return 0
    with file_lock(places.erasures / "erasing.lock"):
        tombstones = Tombstones.load(places)
        todo = erasure_ledger.pending(places, tombstones.intents)
        if not todo:
            return 0
        for place in places.restricted:
            sweep(place, older_than=0)
        mine = Tombstones(places, tombstones.key, todo)
        remove_releases(places, mine, on)
        _forget_built(places)
        _redact_vault(places, catalogue, mine, tombstones)
        removed = {
            intent.number: tuple(item.id for item in removals.read(places.evidence) if item.erasure == intent.number)
            for intent in todo
        }
        done = [item for item in tombstones.intents if item.number in removed]  # as they are by now
        erasure_ledger.record_finished(places, done, on, removed)
    return len(todo)


def _forget_built(places: Places) -> None:
    """Everything that the next night makes anew from the lake."""
    with file_lock(publication_lock(places)):
        clear_leftovers(places.research)
        (places.research / CURRENT).unlink(missing_ok=True)
        forget(places.research, version_ids(places.research))
    site_files = (
        path for site in places.sites.glob("*") if site.is_dir() for path in site.iterdir() if path.name != FLAGS
    )
    _remove([*places.warehouse.iterdir(), *site_files])


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _owners(places: Places) -> dict[str, set[Owner]]:
    """Who sent each content, as which source's file and under which names."""
    owners: dict[str, set[Owner]] = {}
    for sighting in read_sightings(places):
        owner = (sighting.site, sighting.source, sighting.path.rsplit("/", 1)[-1])
        owners.setdefault(sighting.sha256, set()).add(owner)
    return owners


def _redact_vault(places: Places, catalogue: Catalogue, mine: Tombstones, all_tombstones: Tombstones) -> None:
    """Take the erased records out of every file of the vault; a file from which that cannot be done goes whole.

    :param mine: the erasures that are carried out now.
    """
    owners = _owners(places)
    for sha256 in vault.contents(places.vault):
        if mine.why_file(sha256) is not None:
            _remove_file(places, sha256)
            continue
        content: bytes | None = vault.content_of(places.vault, sha256)
        erasures: frozenset[int] = frozenset()
        for site, source, name in sorted(owners.get(sha256, {NOBODY}), key=str):
            contract = next((item for item in catalogue.of(site or "") if item.source == source), None)
            if content is not None:
                cleaned = clean(content, contract, name, site, mine)
                content, erasures = cleaned.content, erasures | cleaned.erasures
        if not erasures:
            continue
        if sha256 not in owners:  # no night has noted it: if it is still where it came from, it comes again
            _remove_file(places, sha256)
        elif content is None:
            all_tombstones.give_up(sha256, min(erasures))
            _remove_file(places, sha256)
        else:
            forget_made_of(places, sha256)
            vault.replace(places.vault, sha256, content)


def _remove_file(places: Places, sha256: str) -> None:
    forget_made_of(places, sha256)
    vault.remove(places.vault, sha256)


def forget_made_of(places: Places, sha256: str) -> None:
    """Remove all that was made of a content, under every reading: receipts, records, row issues, texts, what held it."""
    start = f"{sha256[:32]}-*"
    _remove(
        [
            *places.lake.glob(f"receipts/*/*/{start}"),
            *places.lake.glob(f"*/*/{start}"),
            *places.text.glob(f"*/{start}"),
            *places.gazetteer.glob(f"*/{start}"),
            places.lake / "holds" / f"{sha256}.json",
        ]
    )
