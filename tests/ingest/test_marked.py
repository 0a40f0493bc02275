"""What a sheet says beside its cells: it is asked about by address, and a merged count is never counted twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from tfc_platform.contracts.model import Contract, Reading
from tfc_platform.sheets.cell_marks import LONG, colour_notices, filled_down, long_cells
from tfc_platform.sheets.readers import open_grid
from tfc_platform.sheets.sheet_model import Marks, Sheet, SheetRow

Book = Callable[..., bytes]
Change = Callable[[Any], None]
YELLOW, GREEN = (PatternFill("solid", fgColor=colour) for colour in ("FFFF00", "00FF00"))
ROWS = [["Date", "Activity", "People"], *([f"{day}/4/25", "Choir", day] for day in range(1, 7)), ["Total", None, 21]]


def messages(book_of: Book, change: Change) -> list[str]:
    content = book_of({"Apr": ROWS}, lambda book: change(book["Apr"]))
    (sheet,) = open_grid(content, Reading(format="workbook")).sheets
    return [notice.message for notice in colour_notices(sheet, 1)]


def colour(sheet: Any, places: Iterable[str], fill: PatternFill = YELLOW) -> None:
    for place in places:
        sheet[place].fill = fill


def test_colours_lines_and_comments_are_asked_about_in_one_notice(book_of: Book) -> None:
    def change(sheet: Any) -> None:
        colour(sheet, ["A3", "B3", "C3"])
        sheet["C4"].font = Font(strike=True)
        sheet["B5"].comment = Comment("rained off", "x")

    (message,) = messages(book_of, change)
    assert "3 coloured cells (A3, B3, C3)" in message
    assert "1 cell struck through (C4); 1 cell with a comment (B5)" in message
    assert "rained" not in message


def test_at_most_ten_cells_are_named(book_of: Book) -> None:
    (message,) = messages(book_of, lambda sheet: colour(sheet, [f"{c}{r}" for c in "ABC" for r in (2, 3, 5, 6)]))
    assert "12 coloured cells" in message
    assert "and 2 more" in message


@pytest.mark.parametrize(
    "change",
    [
        lambda sheet: None,
        lambda sheet: colour(sheet, ["A1", "B1", "C1"]),  # the header
        lambda sheet: colour(sheet, ["A8", "C8"]),  # the total
        lambda sheet: colour(sheet, [f"C{row}" for row in range(2, 8)]),  # a whole column
        lambda sheet: colour(sheet, [f"{c}{row}" for c in "ABC" for row in (2, 4, 6)]),  # bands
        lambda sheet: colour(sheet, ["E4"]),  # beside the table, nothing in it
        lambda sheet: colour(sheet, ["A3"], PatternFill("solid", fgColor="FFFFFFFF")),
    ],
)
def test_colours_for_the_eye_alone(book_of: Book, change: Change) -> None:
    assert messages(book_of, change) == []


def test_traffic_lights_are_no_column_of_one_colour(book_of: Book) -> None:
    def change(sheet: Any) -> None:
        colour(sheet, ["C2", "C3", "C5", "C7"])
        colour(sheet, ["C4", "C6"], GREEN)

    assert "6 coloured cells" in messages(book_of, change)[0]


NAMES = ("Activity", "People")
MERGED = [
    SheetRow(1, NAMES),
    SheetRow(2, ("Choir", 5)),
    SheetRow(3, (None, 6)),
    SheetRow(4, ("Art", 7)),
    SheetRow(5, (None, 8)),
    SheetRow(9, ("x", 1)),
]


def fill(merged: tuple[tuple[int, int, int, int], ...], rows: list[SheetRow] = MERGED) -> tuple[list[Any], list[str]]:
    sheet, notices = filled_down(Sheet("Apr", rows, Marks(merged=merged)), 1, {0}, NAMES)
    return [row.cells for row in sheet.rows], [notice.message for notice in notices]


def test_a_merged_activity_holds_for_the_rows_that_it_spans() -> None:
    cells, said = fill(((2, 1, 3, 1),))
    assert cells == [NAMES, ("Choir", 5), ("Choir", 6), ("Art", 7), (None, 8), ("x", 1)], "and for no other row"
    assert said == ["“Activity” was filled in from the merged cell above it, in A3. Write it in each row."]


def test_a_merged_count_counts_once() -> None:
    rows = [SheetRow(1, NAMES), SheetRow(2, ("Choir", 5)), SheetRow(3, ("Art",))]
    cells, said = fill(((2, 2, 3, 2),), rows)
    assert cells == [NAMES, ("Choir", 5), ("Art",)]
    assert said == [
        "“People” lies in a merged cell, whose value counts once, in its first row, in B3. Unmerge the cells."
    ]


@pytest.mark.parametrize("merged", [((1, 1, 2, 1),), ((2, 1, 2, 2),), ((6, 1, 9, 1),), ((9, 1, 12, 1),)])
def test_merges_that_say_nothing_of_rows(merged: tuple[tuple[int, int, int, int], ...]) -> None:
    """The header's, one across, one above a row, one over rows that are not there."""
    assert fill(merged) == ([row.cells for row in MERGED], [])


def test_a_cell_longer_than_any_text() -> None:
    sheet = Sheet(None, [SheetRow(1, NAMES), SheetRow(2, ("x" * (LONG + 1), 1)), SheetRow(3, ("x" * LONG, 1))])
    (notice,) = long_cells(sheet, 1, NAMES)
    assert (notice.row, notice.column) == (2, "Activity")
    assert "“Activity” has a cell of more than 100,000 characters, in row 2" in notice.message


def test_merged_rows_are_taken_in(contract: Callable[..., Contract], read: Any, book_of: Book, session: Any) -> None:
    header = ["Date", "Activity", "Status", "People", "Hours", "Notes"]
    rows = [list(session(0)), [*session(1)[:1], None, *session(1)[2:]]]

    def change(book: openpyxl.Workbook) -> None:
        book["Apr"].merge_cells("B2:B3")

    result = read(book_of({"Apr": [header, *rows]}, change), contract(read={"format": "workbook"})).result
    assert result.accepted == 2
    assert result.columns["activity"]["activity"] == ["choir", "choir"]
    assert [issue.reason for issue in result.issues] == ["merged_cells"]
