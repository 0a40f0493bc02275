"""The shape of a table: rows of another width than the header, a second header, sheets under other names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.ingest.sheet_context import known_name

from .conftest import HEADER

Make = Callable[..., Contract]
Read = Callable[..., FileReading]
BY_MONTH = {"format": "workbook", "sheets": r"[A-Z][a-z]+ (?P<year>\d{2})"}


def reasons(found: FileReading) -> list[str]:
    return [issue.reason for issue in found.result.issues]


def text_of(lines: list[str]) -> bytes:
    return "\n".join([",".join(HEADER), *lines]).encode()


GOOD = [f"{day:02}/04/2025,Choir,Delivered,1{day % 10},2," for day in range(1, 25)]


def test_a_row_without_all_its_cells_is_refused(contract: Make, read: Read) -> None:
    """Without the status its hours would be read as heads."""
    found = read(text_of([*GOOD, "25/04/2025,Choir,12,2,"]), contract())
    assert (found.status, found.result.accepted, found.result.rejected) == ("read", 24, 1)
    (issue,) = (issue for issue in found.result.issues if issue.disposition == "rejected")
    assert (issue.row, issue.reason) == (26, "row_width")
    assert "has 5 cells and the header 6" in issue.message


def test_many_such_rows_hold_the_file_with_the_right_advice(contract: Make, read: Read) -> None:
    found = read(text_of([*GOOD, *(f"{day:02}/05/2025,Choir,12,2," for day in range(1, 11))]), contract())
    assert (found.status, found.cause) == ("held", "row_width")
    assert found.message is not None
    assert "Export the form again in one version" in found.message


def test_a_row_with_more_cells_is_refused_unless_its_last_column_is_text(contract: Make, read: Read) -> None:
    long = "25/04/2025,Choir,Delivered,12,2,one, two"
    assert read(text_of([*GOOD, long]), contract()).result.accepted == 25, "the note goes on in the cell after it"
    other = contract(free_text=[], ignored=["Notes"])
    found = read(text_of([*GOOD, long]), other)
    assert (found.result.accepted, found.result.rejected) == (24, 1)


def test_a_second_header_in_another_order_is_read(contract: Make, read: Read) -> None:
    swapped = ",".join([HEADER[0], HEADER[1], HEADER[2], HEADER[4], HEADER[3], HEADER[5]])
    found = read(text_of([*GOOD[:3], swapped, "25/04/2025,Choir,Delivered,2,30,"]), contract())
    activity = found.result.columns["activity"]
    assert activity["attendance_low"] == [11, 12, 13, 30]
    assert activity["hours"] == [2.0, 2.0, 2.0, 2.0]
    assert "second_header" in reasons(found)


def test_the_same_header_again_is_no_second_one(contract: Make, read: Read) -> None:
    found = read(text_of([*GOOD[:3], ",".join(HEADER), *GOOD[3:5]]), contract())
    assert (found.result.accepted, found.result.not_data) == (5, 1)
    assert "second_header" not in reasons(found)


def test_a_second_header_that_lacks_a_column_rejects_the_file(contract: Make, read: Read) -> None:
    found = read(
        text_of([*GOOD[:3], "Activity,Date,Status,Hours,Notes,Room", "Choir,25/04/2025,Delivered,2,,"]), contract()
    )
    assert (found.status, found.cause) == ("rejected", "missing_column")


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Apr 25", "Apr 25"),
        ("Apr25", "Apr 25"),
        ("apr-25", "Apr 25"),
        ("APR 25", "Apr 25"),
        ("Notes", None),
        ("25", None),
    ],
)
def test_the_form_in_which_a_contract_knows_a_sheet(contract: Make, name: str, known: str | None) -> None:
    assert known_name(contract(read=BY_MONTH), name) == known


def test_a_sheet_whose_name_is_written_otherwise_is_read(
    contract: Make, read: Read, book_of: Any, session: Any
) -> None:
    book = book_of({"Apr 25": [HEADER, session(0)], "May25": [HEADER, session(1, People=20)], "Notes": [["nothing"]]})
    found = read(book, contract(read=BY_MONTH))
    assert found.result.columns["activity"]["attendance_low"] == [10, 20]
    assert reasons(found).count("sheet_renamed") == 1
    assert [issue.sheet for issue in found.result.issues if issue.reason == "sheet_not_read"] == ["Notes"]


def test_a_sheet_with_the_columns_and_a_strange_name_is_asked_about(
    contract: Make, read: Read, book_of: Any, session: Any
) -> None:
    found = read(book_of({"Apr 25": [HEADER, session(0)], "Copy": [HEADER, session(1)]}), contract(read=BY_MONTH))
    assert (found.status, found.cause) == ("rejected", "sheet_name")
    assert "“Copy”" in str(found.message)
