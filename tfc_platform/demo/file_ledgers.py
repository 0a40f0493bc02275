"""A ledger for each file, filled by its writer row by row: what a correct platform must report of the file."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from tfc_platform.demo.people import Remark

__all__ = ["ACCEPTED", "DUPLICATE", "DemoAnswers", "FileLedger", "as_encoded"]

ACCEPTED, DUPLICATE = "accepted", "duplicate"


def as_encoded(text: str, encoding: str) -> str:
    """The text as a file of this encoding holds it: what it cannot hold has become a question mark."""
    return text.encode(encoding, "replace").decode(encoding)


@dataclass
class FileLedger:
    """One file's account: how many rows met which end, which cells disclose harm, which strings are secret."""

    received: int = 0
    ends: Counter[str] = field(default_factory=Counter)  # accepted, duplicate, or the reason of a rejection
    not_data: int = 0
    flags: list[dict[str, Any]] = field(default_factory=list)  # sheet, row, column
    totals_wrong: list[dict[str, Any]] = field(default_factory=list)  # sheet, off_by: what it states less what is right
    secrets: set[str] = field(default_factory=set)

    def row(self, end: str) -> None:
        """Account for one row of data; `end` is ACCEPTED, DUPLICATE or a reason."""
        self.received += 1
        self.ends[end] += 1

    def remark(self, remark: Remark, row: int, column: str, sheet: str | None = None, encoding: str = "utf-8") -> None:
        """Note what a cell of free text holds; `row` is as its sender sees it."""
        self.secrets.update(as_encoded(secret, encoding) for secret in remark.secrets)
        if remark.disclosure:
            self.flags.append({"sheet": sheet, "row": row, "column": column})

    @property
    def rejected(self) -> int:
        return self.received - self.ends[ACCEPTED] - self.ends[DUPLICATE]

    def counts(self) -> dict[str, int]:
        """received, accepted and, where not zero, rejected, duplicate, not_data and each reason."""
        counts = {"received": self.received, "accepted": self.ends[ACCEPTED]}
        optional = {"rejected": self.rejected, "duplicate": self.ends[DUPLICATE], "not_data": self.not_data}
        counts.update({name: number for name, number in optional.items() if number})
        counts.update({end: n for end, n in sorted(self.ends.items()) if n and end not in (ACCEPTED, DUPLICATE)})
        return counts


@dataclass(frozen=True)
class DemoAnswers:
    """The answers after a night, for everything in the landing zone by then. Keys are those of the sample's answers.

    `written` names the files that this call wrote. `files` maps each path in the landing zone to its status and, where
    it was read, received, accepted, rejected, duplicate, not_data and each reason (absent: zero). `sessions` holds a
    dict a site, month and activity; a count that no session touched is absent.
    """

    seed: int
    night: int
    written: tuple[str, ...]
    files: dict[str, dict[str, Any]]
    sessions: list[dict[str, Any]]
    unmapped_sessions: dict[str, int]
    stories: dict[str, Any]
    learning: dict[str, Any]
    safeguarding_flags: list[dict[str, Any]]
    totals_wrong: list[dict[str, Any]]
    canaries: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Plain lists and dicts, to be written as JSON."""
        return asdict(self)
