"""A file of which a whole column cannot be what its name says, or is empty, or lies in other years: held, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.reading_verdict import FileReading

from .conftest import HEADER

Make = Callable[..., Contract]
Reader = Callable[..., FileReading]
ROWS = 20


@pytest.mark.parametrize(("minutes", "cause"), [(ROWS, "unreadable_column"), (12, "unreadable_column"), (4, None)])
def test_hours_in_minutes(
    contract: Make, read: Reader, csv_of: Any, session: Any, minutes: int, cause: str | None
) -> None:
    rows = [session(n, Hours="90" if n < minutes else "1.5") for n in range(ROWS)]
    found = read(csv_of(rows), contract())
    assert (found.status, found.cause) == ("held" if cause else "read", cause)
    if cause:
        assert f"{minutes} of {ROWS} cells in the column “Hours” are nothing that can stand there" in (
            found.message or ""
        )
        assert "90" not in (found.message or "")


def test_two_columns_under_each_others_name(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    rows = [session(n, People=str(25 + n)) for n in range(ROWS)]
    swapped = tuple({"People": "Hours", "Hours": "People"}.get(name, name) for name in HEADER)
    assert read(csv_of(rows), contract()).status == "read"
    found = read(csv_of(rows, swapped), contract())
    assert (found.status, found.cause) == ("held", "unreadable_column")


@pytest.mark.parametrize(
    ("cells", "statuses", "cause"),
    [
        ([""] * ROWS, ["Delivered"] * ROWS, "empty_column"),
        (["n/a"] * ROWS, ["Delivered"] * ROWS, None),
        (["", *["12"] * 3] * 5, ["Delivered"] * ROWS, None),
        ([""] * ROWS, ["Cancelled"] * ROWS, None),
        ([""] * 4, ["Delivered"] * 4, None),  # too few to say that the column was not exported
    ],
    ids=["empty", "not known", "in part", "cancelled", "few"],
)
def test_a_needed_count_that_is_empty(
    contract: Make,
    read: Reader,
    csv_of: Any,
    session: Any,
    cells: list[str],
    statuses: list[str],
    cause: str | None,
) -> None:
    rows = [
        session(n, People=cell, Status=status) for n, (cell, status) in enumerate(zip(cells, statuses, strict=True))
    ]
    found = read(csv_of(rows), contract())
    assert (found.status, found.cause) == ("held" if cause else "read", cause)
    if cause:
        assert "The column “People” is empty in every row." in (found.message or "")


@pytest.mark.parametrize(("year", "said"), [("2024", "April 2024"), ("2027", "April 2027")])
def test_another_year_than_the_name_says_is_the_sites_to_correct(
    contract: Make, read: Reader, csv_of: Any, session: Any, year: str, said: str
) -> None:
    """The window of the contract leaves the rows out as well; it is the name that says what is wrong."""
    rows = [session(n, Date=f"{n + 1:02}/04/{year}") for n in range(ROWS)]
    found = read(csv_of(rows), contract(), name="log 2025-04.csv")
    assert (found.status, found.cause) == ("held", "other_month")
    assert f"({said}) than the file's name says (April 2025)" in (found.message or "")
    assert found.result.outside_window == {f"{year}-04": ROWS}
    unnamed = read(csv_of(rows), contract(), name="log.csv")
    assert (unnamed.status, unnamed.cause) == ("held", "rejected_rows")
