"""The files that a night left because they were still being written, by sender, for receipts, status and the next look."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from tfc_platform.atomic_io import write_json
from tfc_platform.settings import Places

__all__ = ["note_waiting", "waiting_files"]


def _place(places: Places, sender: str) -> Path:
    return places.evidence / "waiting" / f"{sender}.json"


def note_waiting(places: Places, sender: str, paths: Collection[str]) -> None:
    """Keep what of a sender waits, in place of what waited before."""
    if paths:
        write_json(_place(places, sender), sorted(paths))
    else:
        _place(places, sender).unlink(missing_ok=True)


def waiting_files(places: Places, sender: str | None = None) -> tuple[str, ...]:
    """The paths that wait, of one sender where it is given."""
    files = sorted(_place(places, sender or "*").parent.glob(f"{sender or '*'}.json"))
    return tuple(path for file in files for path in json.loads(file.read_bytes()))
