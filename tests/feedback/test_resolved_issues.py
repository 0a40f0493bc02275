"""What is said to be corrected: only as many rows as may still be there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tfc_platform.admission.arrivals import Arrival, Submission, VersionChange
from tfc_platform.feedback.receipts.resolved_issues import resolved_issues


def version(number: int, received: int, change: VersionChange | None = None) -> Submission:
    arrival = Arrival(
        path=f"here/log v{number}.csv",
        site="here",
        source="log",
        sha256=str(number),
        first_seen_at=datetime(2026, 5, 1, tzinfo=UTC) + timedelta(days=number),
        seen_on=date(2026, 5, number),
        status="read",
        return_key="log",
        received=received,
        accepted=received,
    )
    return Submission(arrival, "accepted", True, None, change=change)


def gone(rows: int) -> VersionChange:
    return VersionChange("here/log v1.csv", date(2026, 5, 1), 40, 40, gone=rows)


@pytest.mark.parametrize(
    ("received", "change", "now", "corrected"),
    [
        (40, None, 0, 5),
        (40, None, 2, 3),
        (60, gone(0), 0, 5),
        (38, None, 0, 3),  # two of the five may have been taken out
        (12, None, 0, 0),  # a filter was left on
        (60, gone(30), 0, 0),  # other rows came, and these are gone
        (40, None, 7, 0),
    ],
)
def test_rows_that_are_gone_are_not_corrected(
    received: int, change: VersionChange | None, now: int, corrected: int
) -> None:
    first, second = version(1, 40), version(2, received, change)
    broken = {first.arrival: {"invalid_date": (5, "rows")}, second.arrival: {"invalid_date": (now, "rows")}}
    sentences = [item.sentence for item in resolved_issues([first, second], broken)]
    left = f" {now} are left." if now else ""
    wanted = f"Corrected since 02/05/2026: {corrected} of 5 rows of “Dates that cannot be read”.{left}"
    assert sentences == ([wanted] if corrected else [])


def test_places_of_no_row_are_compared_as_they_are() -> None:
    first, second = version(1, 40), version(2, 12)
    broken = {first.arrival: {"unknown_column": (2, "places")}}
    (one,) = resolved_issues([first, second], broken)
    assert (one.was, one.now) == (2, 0)


def test_a_file_that_could_not_be_used_was_corrected_by_one_that_is() -> None:
    bad = replace(version(1, 0), status="unreadable", is_counted=False)
    (one,) = resolved_issues([bad, version(2, 3)], {})
    assert one.sentence.startswith("Corrected since 02/05/2026: log v2.csv could be used, where log v1.csv could not")
