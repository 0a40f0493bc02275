"""The ledger of snapshots: what was locked, what came later, what was revised or carried forward. Append-only.

A line names a snapshot and a digest of its content, never a row, a cell or a person. It stays in the restricted zone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Entry", "Ledger", "What"]

What = Literal["locked", "changed", "revised", "carried_forward", "withheld", "erased", "revision_day"]


@dataclass(frozen=True)
class Entry:
    """`on` is the night's date; `content` the digest of what the marts hold now, or of what was frozen; of an erasure the day."""

    on: str
    snapshot: str
    version: int
    what: What
    content: str
    why: str = ""


@dataclass(frozen=True)
class Ledger:
    """The file `snapshots/ledger.jsonl`, a line an entry."""

    root: Path

    @property
    def path(self) -> Path:
        return self.root / "ledger.jsonl"

    def read(self) -> tuple[Entry, ...]:
        """All entries, oldest first. A last line that a killed run left unfinished is none."""
        if not self.path.is_file():
            return ()
        lines = self.path.read_text(encoding="utf-8").split("\n")[:-1]
        return tuple(Entry(**json.loads(line)) for line in lines if line)

    def append(self, entries: Iterable[Entry]) -> None:
        """Add what is not the latest word on its snapshot already, so that a night that is run again repeats nothing."""
        known = {(entry.snapshot, entry.version, entry.what, entry.content) for entry in self.read()}
        fresh = [e for e in entries if (e.snapshot, e.version, e.what, e.content) not in known]
        if not fresh:
            return
        self.root.mkdir(parents=True, exist_ok=True)
        self._drop_unfinished()
        text = "".join(json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True) + "\n" for entry in fresh)
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        self.path.chmod(0o600)

    def _drop_unfinished(self) -> None:
        if self.path.is_file():
            content = self.path.read_bytes()
            whole = content[: content.rfind(b"\n") + 1]
            if len(whole) < len(content):
                os.truncate(self.path, len(whole))
