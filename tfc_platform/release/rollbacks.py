"""The record of going back to an earlier release: who, when, why, and which content is withdrawn."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tfc_platform.atomic_io import canonical_json, write_bytes

__all__ = ["Rollback", "append", "read", "withdrawn_contents", "withdrawn_ids"]

FILE = "rollbacks.jsonl"


@dataclass(frozen=True)
class Rollback:
    """One step back. `withdrawn` are the releases gone back from, by id, each with its content's digest."""

    at: str
    who: str
    why: str
    from_id: str
    to_id: str
    withdrawn: dict[str, str]


def read(evidence: Path) -> tuple[Rollback, ...]:
    """All rollbacks, in order; none where there never was one."""
    try:
        lines = (evidence / FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    return tuple(Rollback(**json.loads(line)) for line in lines if line.strip())


def append(evidence: Path, record: Rollback) -> None:
    """Add a record: the whole file is written anew and swapped in, so that no half line can ever be in it."""
    lines = [canonical_json(asdict(item)) for item in (*read(evidence), record)]
    write_bytes(evidence / FILE, "".join(f"{line}\n" for line in lines).encode())


def withdrawn_ids(records: Iterable[Rollback]) -> dict[str, str]:
    """The releases that are withdrawn now, with their content. Going (back) to one of them takes it in again."""
    withdrawn: dict[str, str] = {}
    for record in records:
        withdrawn |= record.withdrawn
        withdrawn.pop(record.to_id, None)
    return withdrawn


def withdrawn_contents(records: Iterable[Rollback]) -> frozenset[str]:
    """The content digests of the releases that are withdrawn now."""
    return frozenset(withdrawn_ids(records).values())
