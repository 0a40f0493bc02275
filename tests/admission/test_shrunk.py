"""A version that has lost many rows is held until it is sent again, or a later version agrees with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tfc_platform.admission.version_verdicts import Arrival, Submission, decide, source_states

NIGHT = datetime(2026, 5, 1, 2, tzinfo=UTC)


def sent(night: int, rows: int, sha256: str, path: str = "here/log.csv", **other: Any) -> Arrival:
    return Arrival(
        path=path,
        site="here",
        source="log",
        sha256=sha256,
        first_seen_at=NIGHT + timedelta(days=night),
        seen_on=date(2026, 5, 1) + timedelta(days=night),
        status="read",
        return_key="all",
        received=rows,
        accepted=rows,
        **{"number": night + 1, **other},
    )


def statuses(submissions: Sequence[Submission]) -> list[tuple[str, str, bool]]:
    return [(item.arrival.sha256, item.status, item.is_counted) for item in submissions]


@pytest.mark.parametrize(("before", "after"), [(421, 43), (40, 12), (36, 3), (28, 13), (22, 3), (5, 1)])
def test_a_version_that_lost_many_rows_is_held(before: int, after: int) -> None:
    found = decide([sent(0, before, "a"), sent(1, after, "b")])
    assert statuses(found) == [("a", "accepted", True), ("b", "held", False)]
    (state,) = source_states([("here", "log")], found)
    assert (state.is_held, state.held_cause, state.held_since) == (True, "shrunk", date(2026, 5, 2))
    assert f"It has {after} rows that count, and here/log.csv before it has {before}" in (state.held_reason or "")


@pytest.mark.parametrize(("before", "after"), [(421, 400), (40, 35), (5, 4), (3, 2), (40, 60)])
def test_a_version_that_lost_few_rows_counts(before: int, after: int) -> None:
    found = decide([sent(0, before, "a"), sent(1, after, "b")])
    assert statuses(found) == [("a", "superseded", False), ("b", "accepted", True)]


def test_the_whole_return_again_ends_the_hold() -> None:
    found = decide([sent(0, 40, "a"), sent(1, 12, "b"), sent(2, 41, "c")])
    assert [item.arrival.sha256 for item in found if item.is_counted] == ["c"]
    assert not source_states([("here", "log")], found)[0].is_held


def test_the_same_file_sent_again_under_another_name_counts() -> None:
    again = sent(2, 12, "b", path="here/log (2).csv", number=1)
    found = decide([sent(0, 40, "a"), sent(1, 12, "b"), again])
    assert [item.arrival.sha256 for item in found if item.is_counted] == ["b"]
    assert not source_states([("here", "log")], found)[0].is_held


def test_a_later_version_that_is_as_short_counts() -> None:
    found = decide([sent(0, 40, "a"), sent(1, 12, "b"), sent(2, 14, "c")])
    assert [item.arrival.sha256 for item in found if item.is_counted] == ["c"]
