"""What admission decides upon and what it decides: an arrival of a content, its status tonight, and the state of a source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

__all__ = [
    "BAD",
    "CONTRACT_CHANGE",
    "UNREAD",
    "Acceptance",
    "Arrival",
    "ContentHold",
    "SourceState",
    "Submission",
    "VersionChange",
    "latest_of_each_path",
]

BAD = ("rejected", "held")
UNREAD = ("unreadable", "erased")  # nothing of them is there, so that they replace nothing and repeat nothing
CONTRACT_CHANGE = "contract_change"  # the cause of a hold that is no fault of the site


@dataclass(frozen=True)
class Arrival:
    """One content under one path: its sighting and its receipt in one."""

    path: str
    site: str
    source: str | None
    sha256: str
    first_seen_at: datetime
    seen_on: date
    number: int = 1
    status: str | None = None  # of the receipt: read · unreadable · rejected · held · erased; None without a contract
    message: str | None = None
    cause: str | None = None  # the message from a closed list
    return_key: str | None = None
    rank: tuple[int, ...] = (1,)
    received: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    not_data: int = 0
    content: str | None = None  # what the file says, whatever its bytes; None: they alone identify it
    ending: str | None = None  # how the bytes end: see `ingest.file_ending`
    # Why today's contract refuses what an earlier one read; the counts are then those of the earlier reading.
    contract_fault: str | None = None
    contract_fault_on: date | None = None

    @property
    def order(self) -> tuple[object, ...]:
        """Arrival: by night, then by the plainer name, so that `a.csv` came before `a (1).csv`."""
        return (self.first_seen_at, len(self.path), self.path, self.number)

    @property
    def standing(self) -> tuple[object, ...]:
        """Its place among the versions of its return: by the version in the name, then by arrival."""
        return (self.rank, *self.order)


@dataclass(frozen=True)
class ContentHold:
    """Why a content that reads well does not count: a check of the tables that it led to, or the version before it."""

    reason: str  # a sentence for the site
    cause: str = "failed_check"  # the same from a closed list, for everyone


@dataclass(frozen=True)
class VersionChange:
    """What a version of a return changed against the last good one before it, in accepted rows.

    Rows are compared by their ids where the contract's `key` names some; else by what they say, and a row is taken as changed
    where its month lost one row and gained another.
    """

    path: str  # of the version before
    seen_on: date
    before: int
    now: int
    added: int = 0
    gone: int = 0
    changed: int = 0
    by_id: bool = False
    periods: tuple[tuple[str, int, int], ...] = ()  # month, rows before, rows of them that are gone: where any are
    sheets: tuple[tuple[str, int], ...] = ()  # sheets that are no longer there, with their rows

    @property
    def is_any(self) -> bool:
        return bool(self.added or self.gone or self.changed)


@dataclass(frozen=True)
class Acceptance:
    """Somebody's word that a held content is right. `by` and `because` are about staff: no mart or release has them."""

    site: str
    source: str
    sha256: str
    path: str
    by: str
    because: str
    on: date
    reading: str  # the digest of the reading that was accepted


@dataclass(frozen=True)
class Submission:
    """A file's status tonight."""

    arrival: Arrival
    status: str
    is_counted: bool
    message: str | None
    superseded_by: str | None = None
    hold: ContentHold | None = None
    change: VersionChange | None = None
    acceptance: Acceptance | None = None

    @property
    def cause(self) -> str | None:
        """Why it does not count, from the closed list: of the hold, or of its receipt."""
        return self.hold.cause if self.hold is not None else self.arrival.cause


@dataclass(frozen=True)
class SourceState:
    """Whether a site's source is held: since when, why, and by which file."""

    site: str
    source: str
    is_held: bool
    held_since: date | None = None
    held_reason: str | None = None  # a sentence for the site, or for the centre where only its contract is at fault
    held_cause: str | None = None  # the same from a closed list, for everyone
    held_file: str | None = None
    contract_reason: str | None = None  # for the centre, where its contract no longer takes files that are used


def latest_of_each_path(submissions: Iterable[Submission]) -> list[Submission]:
    """A path's content as it lies there now; contents that it held before are history."""
    latest: dict[str, Submission] = {}
    for item in submissions:
        known = latest.get(item.arrival.path)
        if known is None or item.arrival.number > known.arrival.number:
            latest[item.arrival.path] = item
    return [item for _, item in sorted(latest.items())]
