"""Arrivals of files, written short, and what is decided of them, for the tests of `decide`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from tfc_platform.admission.arrivals import Arrival, Submission
from tfc_platform.admission.version_verdicts import source_states

FIRST = datetime(2026, 5, 1, 1, tzinfo=UTC)
GOOD = {"received": 20, "accepted": 18, "rejected": 1, "duplicate": 1}


def arrival(
    path: str,
    content: str,
    night: int = 1,
    status: str | None = "read",
    key: str | None = "2025-04",
    rank: tuple[int, ...] = (1,),
    number: int = 1,
    source: str | None = "log",
    site: str = "here",
) -> Arrival:
    counts = GOOD if status == "read" else {}
    message = None if status == "read" else f"{status} because."
    return Arrival(
        path=path,
        site=site,
        source=source,
        sha256=content,
        first_seen_at=FIRST + timedelta(days=night - 1),
        seen_on=date(2026, 5, night),
        number=number,
        status=status,
        message=message,
        cause=None if status == "read" else status,
        return_key=key,
        rank=rank,
        **counts,
    )


def told(submissions: Sequence[Submission]) -> dict[tuple[str, int], str]:
    """Each file's status, a counted one with a star."""
    return {
        (item.arrival.path, item.arrival.number): item.status + ("*" if item.is_counted else "") for item in submissions
    }


def held(submissions: Sequence[Submission]) -> tuple[bool, int | None, str | None]:
    (state,) = source_states([("here", "log")], submissions)
    return state.is_held, state.held_since.day if state.held_since else None, state.held_file
