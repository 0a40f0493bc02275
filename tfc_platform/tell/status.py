"""Site by site and source by source: what came last, how many rows, what is held since when and why, what is overdue.

Belongs here: the answer as data. Does not belong: how it is printed (`cli`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from tfc_platform.admit.night import Night
from tfc_platform.settings import Places

__all__ = ["SourceStatus", "published_now", "status_of"]


@dataclass(frozen=True)
class SourceStatus:
    """The state of one [site, source]. `rows` are accepted rows that count."""

    site: str
    source: str
    last_return: str | None
    last_seen_on: date | None
    rows: int
    rejected: int
    held_since: date | None
    held_reason: str | None
    overdue: tuple[str, ...]
    overdue_days: int


def status_of(night: Night, as_of: date) -> list[SourceStatus]:
    """The state of every source, in the order of the sites."""
    found = []
    for state in night.states:
        own = [
            item for item in night.submissions if (item.arrival.site, item.arrival.source) == (state.site, state.source)
        ]
        counted = [item.arrival for item in own if item.is_counted]
        last = max((item.arrival for item in own), key=lambda arrival: arrival.order, default=None)
        late = [
            item
            for item in night.expected
            if (item.site, item.source) == (state.site, state.source) and item.status == "overdue"
        ]
        found.append(
            SourceStatus(
                site=state.site,
                source=state.source,
                last_return=last.path if last else None,
                last_seen_on=last.seen_on if last else None,
                rows=sum(arrival.accepted for arrival in counted),
                rejected=sum(arrival.rejected for arrival in counted),
                held_since=state.held_since,
                held_reason=state.held_reason,
                overdue=tuple(item.return_key for item in late),
                overdue_days=max(((as_of - item.due_on).days for item in late), default=0),
            )
        )
    return found


def published_now(places: Places) -> dict[str, Any]:
    """The ids that `current` names, and the release's list of what it holds back."""
    found: dict[str, Any] = {}
    for name, folder in (("research", places.research), ("release", places.releases)):
        link = folder / "current"
        found[name] = link.readlink().name if link.is_symlink() else None
    manifest = places.releases / "current" / "manifest.json"
    found["held"] = json.loads(manifest.read_text())["held"] if manifest.is_file() else []
    return found


def as_data(statuses: list[SourceStatus]) -> list[dict[str, Any]]:
    return [asdict(status) for status in statuses]
