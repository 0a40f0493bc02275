"""Releases that hold the text of an erased story or learning item. They go whole, since a release is never changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tfc_platform.atomic_io import sha256_text
from tfc_platform.contracts.names import normal
from tfc_platform.file_lock import file_lock
from tfc_platform.parquet import read_parquet
from tfc_platform.privacy.tombstones import Identity, Tombstones, story
from tfc_platform.publication.released_table import ReleaseError
from tfc_platform.release import removals, rollbacks
from tfc_platform.release.manage import verify_release
from tfc_platform.release.manifest import read_manifest
from tfc_platform.research import publication_lock
from tfc_platform.settings import Places
from tfc_platform.versions import CURRENT, clear_leftovers, current_id, forget, switch, version_ids

__all__ = ["released_story", "released_text", "remove_releases"]

APPROVED_TEXTS = {
    "stories": "story_id",
    "learning": "learning_id",
    "contribution": "claim_id",
}  # released tables of approved texts, with their id


def released_story(name: str) -> Identity:
    """A story as releases name it, for an erasure that is not of the story itself but of the file that it came from."""
    return Identity("released_story", (), normal(name))


def released_text(text_sha256: str) -> Identity:
    """An approved text as releases have it."""
    return Identity("released_text", (), text_sha256)


def _approved_texts(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Site, id and text of each approved text of a release, of each table from the first of its files that can be read.

    :raises ReleaseError: where none can.
    """
    for name, key in APPROVED_TEXTS.items():
        columns = ["site", key, "text"]
        parquet, table = folder / "parquet" / f"{name}.parquet", folder / "csv" / f"{name}.csv"
        if not parquet.exists() and not table.exists():
            continue
        try:
            rows = read_parquet(parquet, columns=columns).to_pylist()
        except (OSError, ValueError):
            try:
                rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"), newline="")))
            except (OSError, ValueError):
                raise ReleaseError(f"The table {name} of release {folder.name} cannot be read.") from None
        for row in rows:
            yield str(row.get("site")), str(row.get(key)), str(row.get("text"))


def _erasure_in(folder: Path, tombstones: Tombstones) -> int | None:
    """The erasure because of which a release must go, or None. One whose texts cannot be read may hold any of them."""
    concerned = [
        intent.number
        for intent in tombstones.intents
        if any(item.kind.startswith(("story", "released")) for item in intent.tombstones)
    ]
    if not concerned:
        return None
    try:
        for site, name, text in _approved_texts(folder):
            identities = (story(site, name), released_story(name), released_text(sha256_text(text)))
            number = tombstones.first_of(identities, site)
            if number is not None:
                return number
    except ReleaseError:
        return concerned[0]
    return None


def _number_and_day(folder: Path) -> tuple[int, str]:
    try:
        manifest = read_manifest(folder)
    except ReleaseError:
        return 0, ""
    return int(manifest["number"]), str(manifest["as_of"])


def remove_releases(places: Places, tombstones: Tombstones, on: date) -> int:
    """Remove every release that holds the text of an erased story or learning item; gives how many.

    `current` first names the latest of the others that is whole and was not gone back from, or nothing, so that nobody
    opens what is about to go. The record is written before: were it the other way round, a kill between them would leave
    a release missing of which nobody knows why.
    """
    root = places.releases
    with file_lock(publication_lock(places)):
        clear_leftovers(root)
        doomed = {
            version: number
            for version in version_ids(root)
            if (number := _erasure_in(root / version, tombstones)) is not None
        }
        for version, erasure in doomed.items():
            number, as_of = _number_and_day(root / version)
            removals.append(places.evidence, removals.Removal(version, number, as_of, on.isoformat(), erasure))
        if current_id(root) in doomed:
            _point_elsewhere(places, set(doomed))
        forget(root, list(doomed))
    return len(doomed)


def _point_elsewhere(places: Places, doomed: set[str]) -> None:
    root = places.releases
    withdrawn = rollbacks.withdrawn_ids(rollbacks.read(places.evidence))
    others = [version for version in version_ids(root) if version not in doomed and version not in withdrawn]
    for version in sorted(others, key=lambda version: (_number_and_day(root / version), version), reverse=True):
        if not verify_release(places, version):
            switch(root, version)
            return
    (root / CURRENT).unlink(missing_ok=True)
