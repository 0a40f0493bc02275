"""Resolve a request to erase a whole file, by its hash, with the stories that only it brought."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from tfc_platform.erasure.affected_releases import released_story, released_text
from tfc_platform.erasure.erasure_request import NotFoundError, OrderedErasure, RecordScope, record
from tfc_platform.ingest import vault
from tfc_platform.ingest.lake import read_sightings
from tfc_platform.parquet import read_parquet
from tfc_platform.privacy.tombstones import Identity, Tombstones
from tfc_platform.settings import ConfigurationError, Places

__all__ = ["order_file"]

SHORTEST = 12  # digits of a hash that is not written whole


def _whole(places: Places, written: str, site: str) -> tuple[str, str, str]:
    """The hash of the file that is meant, with its site and source.

    :raises ConfigurationError: where it is no hash, or names more than one file.
    :raises NotFoundError: where there is no such file.
    """
    start = written.strip().casefold()
    if not re.fullmatch(rf"[0-9a-f]{{{SHORTEST},64}}", start):
        raise ConfigurationError(
            f"--file: give the file's SHA-256 as the receipt has it, {SHORTEST} of its digits at least."
        )
    seen = [item for item in read_sightings(places) if item.sha256.startswith(start)]
    hashes = {item.sha256 for item in seen} | {name for name in vault.contents(places.vault) if name.startswith(start)}
    if len(hashes) > 1:
        raise ConfigurationError("--file: more than one file has a hash that begins so. Give it whole.")
    if not hashes or (site and site not in {item.site for item in seen}):
        raise NotFoundError
    owner = next((item for item in seen if not site or item.site == site), None)
    return hashes.pop(), owner.site if owner else "", (owner.source or "") if owner else ""


def _column(files: list[Path], name: str) -> set[str]:
    return {str(value) for file in files for value in read_parquet(file, columns=[name])[name].to_pylist()}


def _released(places: Places, sha256: str) -> set[Identity]:
    """What releases have of the stories or approved texts of a file, where no other file brings the same."""
    wanted: set[Identity] = set()
    for kind, name, identity in (
        ("story", "story_id", released_story),
        ("story_approval", "text_sha256", released_text),
    ):
        files = sorted(places.lake.glob(f"{kind}/*/*.parquet"))
        own = [file for file in files if file.name.startswith(f"{sha256[:32]}-")]
        others = [file for file in files if file not in own]
        wanted |= {identity(value) for value in _column(own, name) - _column(others, name)}
    return wanted


def order_file(places: Places, tombstones: Tombstones, written: str, meant: RecordScope, on: date) -> OrderedErasure:
    """Write down that a file goes, with all that came of it.

    :param written: its SHA-256, or a beginning of it that no other file has.
    :raises ConfigurationError: where it is no hash, or names more than one file.
    :raises NotFoundError: where there is no such file.
    """
    sha256, site, source = _whole(places, written, meant.site)
    entry = tombstones.of_file(sha256)
    earlier = next((item for item in tombstones.intents if entry in item.tombstones), None)
    if earlier is not None:
        return OrderedErasure(earlier, is_new=False)
    return OrderedErasure(
        record(tombstones, "file", RecordScope(site, source), on, 1, _released(places, sha256), sha256)
    )
