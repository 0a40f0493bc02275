"""Which arrivals are the same content, which return a content belongs to, and what was sent as a version of a return.

A file that was saved anew, with other bytes and the same rows, is treated in everything as the same bytes are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tfc_platform.admission.arrivals import UNREAD, Arrival

__all__ = ["Content", "Version", "contents_of", "owners_of", "versions_of", "without_returns_to_a_content"]

Content = tuple[str, str | None, str]  # site, source, and the SHA-256 of the first bytes that said this


@dataclass(frozen=True)
class Version:
    """A content that was sent as a version of a return, and the copies of it that came with nothing else in between."""

    arrival: Arrival
    copies: tuple[Arrival, ...] = ()

    @property
    def is_sent_again(self) -> bool:
        """Whether the content came again under another name, on a later night: its sender was asked, and means it."""
        return any(copy.first_seen_at > self.arrival.first_seen_at for copy in self.copies)


def contents_of(arrivals: Iterable[Arrival]) -> dict[Arrival, Content]:
    """What each arrival is known by: its bytes; or those that said the very same before, as the same return.

    A content that came as several returns is known by its bytes alone, so that a name can be corrected; and of returns without
    a row each is its own, since all that say nothing are alike.
    """
    ordered = sorted(arrivals, key=lambda item: item.order)
    returns: dict[Content, set[str | None]] = {}
    for arrival in ordered:
        returns.setdefault((arrival.site, arrival.source, arrival.sha256), set()).add(arrival.return_key)
    first: dict[tuple[str, str | None, str | None, str], str] = {}
    contents: dict[Arrival, Content] = {}
    for arrival in ordered:
        bytes_of = (arrival.site, arrival.source, arrival.sha256)
        if arrival.status == "read" and not arrival.received:
            contents[arrival] = (arrival.site, arrival.source, f"{arrival.sha256} {arrival.return_key}")
        elif arrival.content is None or len(returns[bytes_of]) > 1:
            contents[arrival] = bytes_of
        else:
            said = (arrival.site, arrival.source, arrival.return_key, arrival.content)
            contents[arrival] = (arrival.site, arrival.source, first.setdefault(said, arrival.sha256))
    return contents


def owners_of(arrivals: Iterable[Arrival], contents: Mapping[Arrival, Content]) -> dict[Content, Arrival]:
    """For each content the first arrival of the return that it belongs to; as another return it is a duplicate.

    That is the return as which it came first, with one exception: a sender corrects a wrong name by sending the same bytes under
    the right one. So where the first path says no return, holds other bytes by now, or cannot be read as the return that it
    names, the content belongs to the return of the earliest path which still holds it, and as which it can be read if any can.
    """
    ordered = sorted(arrivals, key=lambda item: item.order)
    latest: dict[str, int] = {}
    for arrival in ordered:
        latest[arrival.path] = max(arrival.number, latest.get(arrival.path, 0))
    of_content: dict[Content, list[Arrival]] = {}
    for arrival in ordered:
        of_content.setdefault(contents[arrival], []).append(arrival)
    owners = {}
    for content, same in of_content.items():
        still_there = [item for item in same if item.number == latest[item.path] and item.return_key is not None]
        candidates = [item for item in still_there if item.status == "read"] or still_there or same
        owner = same[0] if same[0] in candidates else candidates[0]
        owners[content] = next(item for item in same if item.return_key == owner.return_key)
    return owners


def without_returns_to_a_content(arrivals: list[Arrival], contents: Mapping[Arrival, Content]) -> list[Arrival]:
    """All arrivals but those to whose content their path went back later: it counts as having come then."""
    last: dict[tuple[str, Content], int] = {}
    for arrival in arrivals:
        key = (arrival.path, contents[arrival])
        last[key] = max(arrival.number, last.get(key, 0))
    return [arrival for arrival in arrivals if arrival.number == last[(arrival.path, contents[arrival])]]


def versions_of(arrivals: Iterable[Arrival], contents: Mapping[Arrival, Content]) -> list[Version]:
    """What was sent as versions of one return, the highest last.

    The same content is a copy where nothing else was sent in between, and a version of its own where something was: its sender
    has gone back to it. What could not be read, or was erased, is a copy of nothing.
    """
    versions: list[list[Arrival]] = []
    for arrival in sorted(arrivals, key=lambda item: item.standing):
        last = versions[-1][0] if versions else None
        is_copy = last is not None and contents[last] == contents[arrival] and arrival.status not in UNREAD
        if is_copy:
            versions[-1].append(arrival)
        else:
            versions.append([arrival])
    ranked = []
    for same in versions:
        first = min(same, key=lambda item: item.order)
        ranked.append(Version(first, tuple(item for item in same if item is not first)))
    return ranked
