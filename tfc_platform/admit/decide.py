"""The verdict on every file that ever came: what it is tonight, and whether its rows count.

Belongs here: pure functions over `Arrival`s. Does not belong: reading the lake, or what a checker found in the marts (that
comes in as `held_contents`).

Versions of one return are ranked by the version in the name, then by arrival. The highest good one counts. A bad one that
ranks above it leaves it counting and holds the source until a good one comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

__all__ = ["Arrival", "Hold", "SourceState", "Submission", "decide", "source_states"]

BAD = ("rejected", "held")


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
    status: str | None = None  # of the receipt: read · unreadable · rejected · held; None without a contract
    message: str | None = None
    cause: str | None = None
    return_key: str | None = None
    rank: tuple[int, ...] = (1,)
    received: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    not_data: int = 0

    @property
    def order(self) -> tuple[object, ...]:
        """Arrival: by night, then by the plainer name, so that `a.csv` came before `a (1).csv`."""
        return (self.first_seen_at, len(self.path), self.path, self.number)


@dataclass(frozen=True)
class Hold:
    """Why a content that reads well does not count: what a check found in the marts that it made."""

    reason: str


@dataclass(frozen=True)
class Submission:
    """A file's status tonight."""

    arrival: Arrival
    status: str
    is_counted: bool
    message: str | None
    superseded_by: str | None = None


@dataclass(frozen=True)
class SourceState:
    """Whether a site's source is held: since when, why, and by which file."""

    site: str
    source: str
    is_held: bool
    held_since: date | None = None
    held_reason: str | None = None  # a sentence for the site; it may name its columns
    held_cause: str | None = None  # the same from a closed list, for everyone
    held_file: str | None = None


def _first_of_content(arrivals: Sequence[Arrival]) -> dict[tuple[str, str | None, str], Arrival]:
    first: dict[tuple[str, str | None, str], Arrival] = {}
    for arrival in sorted(arrivals, key=lambda item: item.order):
        first.setdefault((arrival.site, arrival.source, arrival.sha256), arrival)
    return first


def _plural(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _says(arrival: Arrival) -> str:
    parts = [f"{arrival.accepted} of {_plural(arrival.received)} are counted"]
    if arrival.rejected:
        parts.append(f"{_plural(arrival.rejected)} rejected")
    if arrival.duplicate:
        parts.append(f"{_plural(arrival.duplicate)} came twice")
    return "; ".join(parts) + "."


def _judge_return(versions: Sequence[Arrival], holds: Mapping[str, Hold]) -> list[Submission]:
    """All versions of one return, each content once."""
    ranked = sorted(versions, key=lambda item: (item.rank, *item.order))
    good = [item for item in ranked if item.status == "read" and item.sha256 not in holds]
    counted = good[-1] if good else None
    found = []
    for arrival in ranked:
        bad = _badness(arrival, holds)
        if arrival is counted:
            found.append(Submission(arrival, "accepted", True, _says(arrival)))
        elif bad is not None:
            status, reason = bad
            goes_on = f" {counted.path} goes on counting." if counted and counted.rank <= arrival.rank else ""
            found.append(Submission(arrival, status, False, f"{reason}{goes_on}"))
        elif arrival.status == "unreadable":
            found.append(Submission(arrival, "unreadable", False, arrival.message))
        else:
            assert counted is not None
            message = f"A later version of this return, {counted.path}, has taken its place."
            found.append(Submission(arrival, "superseded", False, message, counted.path))
    return found


def _badness(arrival: Arrival, holds: Mapping[str, Hold]) -> tuple[str, str] | None:
    if arrival.status in BAD:
        return arrival.status, arrival.message or ""
    if arrival.status == "read" and arrival.sha256 in holds:
        return "held", holds[arrival.sha256].reason
    return None


def decide(arrivals: Iterable[Arrival], holds: Mapping[str, Hold] | None = None) -> list[Submission]:
    """What every arrival is tonight, in the order of their paths and numbers.

    :param holds: contents (by SHA-256) that a check of the marts holds back, with the reason.
    """
    everything = list(arrivals)
    first = _first_of_content(everything)
    last_number: dict[tuple[str, str], int] = {}
    for arrival in everything:
        content = (arrival.path, arrival.sha256)
        last_number[content] = max(arrival.number, last_number.get(content, 0))
    found: list[Submission] = []
    returns: dict[tuple[str, str | None, str | None], list[Arrival]] = {}
    for arrival in everything:
        original = first[(arrival.site, arrival.source, arrival.sha256)]
        if arrival.number < last_number[(arrival.path, arrival.sha256)]:
            continue  # its sender has gone back to these bytes later: they count as having come then
        if arrival.source is None:
            found.append(Submission(arrival, "unrecognised", False, arrival.message))
        elif original.path != arrival.path and arrival.status != "unreadable":
            message = f"The same bytes came before as {original.path}: they are counted once."
            found.append(Submission(arrival, "duplicate_file", False, message))
        else:
            returns.setdefault((arrival.site, arrival.source, arrival.return_key), []).append(arrival)
    for (_, _, key), versions in returns.items():
        if key is None:  # the name says no return: each file stands alone, and cannot count
            for arrival in versions:
                found += _judge_return([arrival], holds or {})
        else:
            found += _judge_return(versions, holds or {})
    return sorted(found, key=lambda item: (item.arrival.path, item.arrival.number))


def source_states(sources: Iterable[tuple[str, str]], submissions: Sequence[Submission]) -> list[SourceState]:
    """For each [site, source]: held where a return's highest version is bad, since the first bad one above the good."""
    found = []
    for site, source in sources:
        of_source = [item for item in submissions if (item.arrival.site, item.arrival.source) == (site, source)]
        bad = [item for item in of_source if item.status in BAD and not _is_outranked(item, of_source)]
        if not bad:
            found.append(SourceState(site, source, False))
            continue
        latest = max(bad, key=lambda item: item.arrival.order)
        found.append(
            SourceState(
                site,
                source,
                True,
                held_since=min(item.arrival.seen_on for item in bad),
                held_reason=latest.message,
                held_cause="failed_check" if latest.arrival.status == "read" else latest.arrival.cause,
                held_file=latest.arrival.path,
            )
        )
    return found


def _is_outranked(item: Submission, others: Sequence[Submission]) -> bool:
    """Whether a good version of the same return ranks above a bad one."""
    arrival = item.arrival
    if arrival.return_key is None:
        return any(other.arrival.order > arrival.order and other.arrival.path == arrival.path for other in others)
    return any(
        other.is_counted
        and other.arrival.return_key == arrival.return_key
        and (other.arrival.rank, *other.arrival.order) > (arrival.rank, *arrival.order)
        for other in others
    )


def newest_of_each_path(submissions: Iterable[Submission]) -> list[Submission]:
    """A path's content as it lies there now; contents that it held before are history."""
    newest: dict[str, Submission] = {}
    for item in submissions:
        known = newest.get(item.arrival.path)
        if known is None or item.arrival.number > known.arrival.number:
            newest[item.arrival.path] = item
    return [item for _, item in sorted(newest.items())]
