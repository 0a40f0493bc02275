"""A row of another month than the file's name says is refused; a file of such rows is held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.reading_verdict import FileReading

Make = Callable[..., Contract]
Read = Callable[..., FileReading]


def test_a_few_rows_of_another_month_are_refused(contract: Make, read: Read, csv_of: Any, session: Any) -> None:
    rows = [*(session(number) for number in range(25)), session(25, Date="03/05/2025")]
    found = read(csv_of(rows), contract(), name="log 2025-04.csv")
    assert (found.status, found.result.accepted, found.result.rejected) == ("read", 25, 1)
    (issue,) = (issue for issue in found.result.issues if issue.disposition == "rejected")
    assert (issue.row, issue.column, issue.reason) == (27, "Date", "date_outside_month")


def test_a_month_sent_under_another_months_name_is_held(contract: Make, read: Read, csv_of: Any, session: Any) -> None:
    found = read(csv_of([session(number) for number in range(6)]), contract(), name="log 2025-07.csv")
    assert (found.status, found.cause) == ("held", "other_month")
    assert found.message is not None
    assert "April 2025" in found.message
    assert "July 2025" in found.message


def test_a_name_without_a_month_asks_nothing(contract: Make, read: Read, csv_of: Any, session: Any) -> None:
    rows = [session(0), session(1, Date="03/05/2025")]
    assert read(csv_of(rows), contract(), name="log.csv").result.accepted == 2


def test_a_third_of_a_small_file_is_refused_row_by_row_and_the_rest_is_used(
    contract: Make, read: Read, csv_of: Any, session: Any
) -> None:
    """Rows of another month are no sign that the other rows are wrong, so they are not among the faults that hold a file."""
    rows = [*(session(number) for number in range(6)), *(session(number, Date="03/05/2025") for number in range(6, 9))]
    found = read(csv_of(rows), contract(), name="log 2025-04.csv")
    assert (found.status, found.result.accepted, found.result.rejected) == ("read", 6, 3)


def test_many_rows_of_another_month_hold_the_file(contract: Make, read: Read, csv_of: Any, session: Any) -> None:
    rows = [*(session(number) for number in range(25)), *(session(n, Date="03/05/2025") for n in range(25, 45))]
    found = read(csv_of(rows), contract(), name="log 2025-04.csv")
    assert (found.status, found.cause) == ("held", "other_month")
