"""A landed file on its way in: its SHA-256, and its bytes in memory or in the vault."""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import TypeVar

from tfc_platform.ingest import vault
from tfc_platform.ingest.lake import Sighting
from tfc_platform.ingest.landing import Landed, Landing
from tfc_platform.privacy.tombstones import Tombstones

__all__ = ["IN_PIECES", "fetched", "receive"]

log = logging.getLogger(__name__)
IN_PIECES = 8 * 2**20  # bytes; a bigger file goes to the vault piece by piece
Got = TypeVar("Got")


def fetched(get: Callable[[Landed], Got], landed: Landed) -> Got | None:
    """A file's bytes or digest; None where it went away since it was listed.

    :raises LandingError: where it cannot be read.
    """
    try:
        return get(landed)
    except FileNotFoundError:
        log.warning("%s: went away while the night looked", landed.path)
        return None


def receive(
    landing: Landing, kept: Path, tombstones: Tombstones, site: str, landed: Landed, last: Sighting | None
) -> tuple[str, bytes | None] | None:
    """A file's SHA-256, with its bytes where they are not in the vault yet; None where it could not be fetched.

    A big file goes from the landing zone to the vault in pieces, and one that lies there as it did is only looked at. Where
    rows of the site were erased, a file is looked through before any of it is kept, so it is fetched whole.

    :param kept: the vault.
    :param last: what lay under this path when a night last looked.
    """
    if landed.size <= IN_PIECES or tombstones.at(site):
        content = fetched(landing.fetch, landed)
        return None if content is None else (vault.identity_of(content), content)
    if last is not None and vault.has(kept, last.sha256):
        sha256 = fetched(landing.digest, landed)
        if sha256 is None or sha256 == last.sha256:
            return None if sha256 is None else (sha256, None)

    pieces = landing.pieces(landed)
    first = fetched(lambda _: next(pieces, b""), landed)  # a vault that cannot be written is no file that went away
    if first is None:
        return None
    return vault.receive(kept, chain([first], pieces), lambda one: tombstones.why_file(one) is not None), None
