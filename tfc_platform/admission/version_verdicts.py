"""The verdict on every file that ever came: what it is tonight, and whether its rows count.

Belongs here: pure functions over `Arrival`s. Does not belong: reading the lake, or what a check found in the marts (that
comes in as `holds`).

Versions of one return are ranked by the version in the name, then by arrival. The highest good one counts. A bad one
that ranks above it leaves it counting and holds the source until a good one comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime

from tfc_platform.ingest.error_rate import is_too_much

__all__ = [
    "BAD",
    "Arrival",
    "ContentHold",
    "SourceState",
    "Submission",
    "counts_sentence",
    "decide",
    "is_mended",
    "newest_of_each_path",
    "source_states",
]

MOST_LOST = 0.25  # of the rows of the last good version; beyond it, and beyond chance, a version is asked about
BAD = ("rejected", "held")
UNREAD = ("unreadable", "erased")  # nothing of them is there, so that they replace nothing and repeat nothing


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
    """Why a content that reads well does not count: a check of the tables that it led to."""

    reason: str  # a sentence for the site
    cause: str = "failed_check"  # the same from a closed list, for everyone


@dataclass(frozen=True)
class Submission:
    """A file's status tonight."""

    arrival: Arrival
    status: str
    is_counted: bool
    message: str | None
    superseded_by: str | None = None
    hold: ContentHold | None = None

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
    held_reason: str | None = None  # a sentence for the site; it may name its columns
    held_cause: str | None = None  # the same from a closed list, for everyone
    held_file: str | None = None


Content = tuple[str, str | None, str]  # site, source, and the SHA-256 of the first bytes that said this


def _contents(arrivals: Iterable[Arrival]) -> dict[Arrival, Content]:
    """What each arrival is known by: its bytes; or those that said the very same before, as the same return.

    A file that was saved anew, with other bytes and the same rows, is then treated in everything as the same bytes are. A
    content that came as several returns is known by its bytes alone, so that a name can be mended; and of returns without a row
    each is its own, since all that say nothing are alike.
    """
    ordered = sorted(arrivals, key=lambda item: item.order)
    returns: dict[Content, set[str | None]] = {}
    for arrival in ordered:
        returns.setdefault((arrival.site, arrival.source, arrival.sha256), set()).add(arrival.return_key)
    first: dict[tuple[str, str | None, str | None, str], str] = {}
    found: dict[Arrival, Content] = {}
    for arrival in ordered:
        bytes_of = (arrival.site, arrival.source, arrival.sha256)
        if arrival.status == "read" and not arrival.received:
            found[arrival] = (arrival.site, arrival.source, f"{arrival.sha256} {arrival.return_key}")
        elif arrival.content is None or len(returns[bytes_of]) > 1:
            found[arrival] = bytes_of
        else:
            said = (arrival.site, arrival.source, arrival.return_key, arrival.content)
            found[arrival] = (arrival.site, arrival.source, first.setdefault(said, arrival.sha256))
    return found


def _originals(arrivals: Iterable[Arrival], contents: Mapping[Arrival, Content]) -> dict[Content, Arrival]:
    """For each content the arrival that it is judged by; the same bytes under another path are duplicates of it.

    It is the first one, with one exception: a sender mends a wrong name by sending the same bytes under the right one. So
    where the first path says no return, or holds other bytes by now, the content belongs to the return that the earliest
    path which still holds it names.
    """
    ordered = sorted(arrivals, key=lambda item: item.order)
    newest: dict[str, int] = {}
    for arrival in ordered:
        newest[arrival.path] = max(arrival.number, newest.get(arrival.path, 0))
    of_content: dict[Content, list[Arrival]] = {}
    for arrival in ordered:
        of_content.setdefault(contents[arrival], []).append(arrival)
    found = {}
    for content, same in of_content.items():
        standing = [item for item in same if item.number == newest[item.path] and item.return_key is not None]
        owner = same[0] if same[0] in standing or not standing else standing[0]
        found[content] = next(item for item in same if item.return_key == owner.return_key)
    return found


def counts_sentence(arrival: Arrival) -> str:
    """How many rows of a file are used, refused, or there twice."""
    parts = [f"Rows that count: {arrival.accepted} of {arrival.received}"]
    if arrival.rejected:
        parts.append(f"rejected: {arrival.rejected}")
    if arrival.duplicate:
        parts.append(f"came twice: {arrival.duplicate}")
    return "; ".join(parts) + "."


def _shrunk(
    versions: Sequence[Arrival], holds: Mapping[str, ContentHold], sent_again: Set[str]
) -> dict[str, ContentHold]:
    """Holds of versions that have lost far more rows than chance explains, against the last good version of their return.

    A filter that was left on and an upload that stopped look like that. Such a version counts where its sender has sent the same
    content again, or a later version that has as few rows.

    :param sent_again: contents, by SHA-256, that came more than once.
    """
    found: dict[str, ContentHold] = {}
    last: Arrival | None = None
    doubtful: Arrival | None = None
    for arrival in sorted(versions, key=lambda item: item.standing):
        if arrival.status != "read" or arrival.sha256 in holds:
            continue
        is_confirmed = arrival.sha256 in sent_again or (doubtful is not None and not _has_lost(arrival, doubtful))
        if last is None or is_confirmed or not _has_lost(arrival, last):
            last, doubtful = arrival, None
            continue
        doubtful = arrival
        found[arrival.sha256] = ContentHold(
            f"It has {arrival.accepted} rows that count, and {last.path} before it has {last.accepted}: was a filter left on, or"
            " the file cut short? Send the whole return. If it is right, send the same file again under another name.",
            "shrunk",
        )
    return found


def _has_lost(arrival: Arrival, earlier: Arrival) -> bool:
    return is_too_much(max(earlier.accepted - arrival.accepted, 0), earlier.accepted, MOST_LOST)


def _judge_return(versions: Sequence[Arrival], holds: Mapping[str, ContentHold]) -> list[Submission]:
    """All versions of one return, each content once."""
    ranked = sorted(versions, key=lambda item: item.standing)
    good = [item for item in ranked if item.status == "read" and item.sha256 not in holds]
    counted = good[-1] if good else None
    found = []
    for arrival in ranked:
        bad = _badness(arrival, holds)
        if arrival is counted:
            found.append(Submission(arrival, "accepted", True, counts_sentence(arrival)))
        elif bad is not None:
            status, reason, hold = bad
            found.append(Submission(arrival, status, False, f"{reason}{_instead(arrival, counted)}", hold=hold))
        elif arrival.status == "unreadable":
            found.append(Submission(arrival, "unreadable", False, arrival.message))
        elif arrival.status == "erased":
            found.append(Submission(arrival, "erased", False, f"{arrival.message}{_instead(arrival, counted)}"))
        else:
            assert counted is not None
            message = f"A later version of this return, {counted.path}, has taken its place."
            found.append(Submission(arrival, "superseded", False, message, counted.path))
    return found


def _instead(bad: Arrival, counted: Arrival | None) -> str:
    """What counts in place of a bad version, as a further sentence."""
    if counted is None:
        return ""
    if counted.path == bad.path:
        return f" What was received under this name on {counted.seen_on:%d/%m/%Y} goes on counting."
    return f" {counted.path} {'goes on counting' if counted.standing < bad.standing else 'has come since and counts'}."


def _badness(arrival: Arrival, holds: Mapping[str, ContentHold]) -> tuple[str, str, ContentHold | None] | None:
    """A bad version's status and message, and the hold where it is one; None for any other version."""
    if arrival.status in BAD:
        return arrival.status, arrival.message or "", None
    if arrival.status == "read" and arrival.sha256 in holds:
        hold = holds[arrival.sha256]
        return "held", hold.reason, hold
    return None


def decide(arrivals: Iterable[Arrival], holds: Mapping[str, ContentHold] | None = None) -> list[Submission]:
    """What every arrival is tonight, in the order of their paths and numbers.

    :param holds: contents (by SHA-256) that a check of the marts holds back, with the reason.
    """
    everything = list(arrivals)
    contents = _contents(everything)
    originals = _originals(everything, contents)
    last_number: dict[tuple[str, Content], int] = {}
    for arrival in everything:
        content = (arrival.path, contents[arrival])
        last_number[content] = max(arrival.number, last_number.get(content, 0))
    found: list[Submission] = []
    returns: dict[tuple[str, str | None, str | None], list[Arrival]] = {}
    for arrival in everything:
        original = originals[contents[arrival]]
        if arrival.number < last_number[(arrival.path, contents[arrival])]:
            continue  # its sender has gone back to these bytes later: they count as having come then
        if arrival.source is None:
            found.append(Submission(arrival, "unrecognised", False, arrival.message))
        elif original.path != arrival.path and arrival.status not in UNREAD:
            same = "bytes" if original.sha256 == arrival.sha256 else "content"
            message = (
                f"The same {same} came as {original.path}: {'they are' if same == 'bytes' else 'it is'} used once."
            )
            found.append(Submission(arrival, "duplicate_file", False, message))
        else:
            returns.setdefault((arrival.site, arrival.source, arrival.return_key), []).append(arrival)
    times = Counter(contents[arrival] for arrival in everything)
    sent_again = {arrival.sha256 for arrival in everything if times[contents[arrival]] > 1}
    for (_, _, key), versions in returns.items():
        if key is None:  # the name says no return: each file stands alone, and cannot count
            for arrival in versions:
                found += _judge_return([arrival], holds or {})
        else:
            found += _judge_return(versions, {**_shrunk(versions, holds or {}, sent_again), **(holds or {})})
    return sorted(found, key=lambda item: (item.arrival.path, item.arrival.number))


def source_states(sources: Iterable[tuple[str, str]], submissions: Sequence[Submission]) -> list[SourceState]:
    """For each [site, source]: held where a return's highest version is bad, since the first bad one above the good."""
    found = []
    for site, source in sources:
        of_source = [item for item in submissions if (item.arrival.site, item.arrival.source) == (site, source)]
        bad = [item for item in of_source if item.status in BAD and not is_mended(item, of_source)]
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
                held_cause=latest.cause,
                held_file=latest.arrival.path,
            )
        )
    return found


def is_mended(item: Submission, others: Sequence[Submission]) -> bool:
    """Whether a good version of the same return ranks above a bad one.

    A file whose name says no return is mended by any good file of its source that comes after it.
    """
    arrival = item.arrival
    good = [other.arrival for other in others if other.is_counted]
    if arrival.return_key is None:
        return any(other.order > arrival.order for other in good)
    return any(other.return_key == arrival.return_key and other.standing > arrival.standing for other in good)


def newest_of_each_path(submissions: Iterable[Submission]) -> list[Submission]:
    """A path's content as it lies there now; contents that it held before are history."""
    newest: dict[str, Submission] = {}
    for item in submissions:
        known = newest.get(item.arrival.path)
        if known is None or item.arrival.number > known.arrival.number:
            newest[item.arrival.path] = item
    return [item for _, item in sorted(newest.items())]
