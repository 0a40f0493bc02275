"""The record of releases that were removed from the disk because something in them was erased."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tfc_platform.atomic_io import canonical_json, write_bytes

__all__ = ["Removal", "append", "read"]

FILE = "removals.jsonl"


@dataclass(frozen=True)
class Removal:
    """A release that is no more: its id, number and date, when it went, and because of which erasure."""

    id: str
    number: int
    as_of: str
    removed_on: str
    erasure: int

    @property
    def message(self) -> str:
        return f"Release {self.id} was removed on {self.removed_on}: a story in it was erased."


def read(evidence: Path) -> tuple[Removal, ...]:
    """All removals, in order; none where there never was one."""
    try:
        lines = (evidence / FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    return tuple(Removal(**json.loads(line)) for line in lines if line.strip())


def append(evidence: Path, record: Removal) -> None:
    """Add a record, once: the whole file is written anew and swapped in, so that no half line can ever be in it."""
    known = read(evidence)
    if record.id not in {item.id for item in known}:
        lines = [canonical_json(asdict(item)) for item in (*known, record)]
        write_bytes(evidence / FILE, "".join(f"{line}\n" for line in lines).encode())
