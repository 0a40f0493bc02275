"""Workbooks: visible sheets with true cells; what is hidden, an error or not calculated is said and never a blank."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import openpyxl
import pytest

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.readers import open_grid
from tfc_platform.sheets.readers.xlsx import read
from tfc_platform.sheets.sheet_model import UNCALCULATED, CellError, Grid, Unreadable

Book = Callable[..., bytes]


def grid(content: bytes, **reading: object) -> Grid:
    return read(content, Reading.model_validate({"format": "workbook", **reading}))


def test_cells_and_rows_are_those_of_the_sheet(book_of: Book) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["A"]["C7"] = datetime(2025, 4, 3)

    rows = grid(book_of({"A": [["Date", None, "People"], ["3/4/25", 2, 1.5]]}, change)).sheets[0].rows
    assert [(row.number, row.cells) for row in rows] == [
        (1, ("Date", None, "People")),
        (2, ("3/4/25", 2, 1.5)),
        (7, (None, None, datetime(2025, 4, 3))),
    ]


def test_hidden_sheets_are_not_read_and_that_is_said(book_of: Book) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["Old"].sheet_state = "hidden"
        book["Older"].sheet_state = "veryHidden"

    found = grid(book_of({"Old": [["x"]], "New": [["y"]], "Older": [["z"]]}, change))
    assert [sheet.name for sheet in found.sheets] == ["New"]
    assert found.unread == [("Old", "hidden"), ("Older", "hidden")]
    assert [(notice.sheet, notice.reason) for notice in found.warnings] == [
        ("Old", "hidden_sheet"),
        ("Older", "hidden_sheet"),
    ]


def test_sheets_of_another_name_are_said(book_of: Book) -> None:
    found = grid(book_of({"Apr 25": [["x"]], "Read me": [["y"]]}), sheets=r"[A-Z][a-z]{2} \d\d")
    assert [sheet.name for sheet in found.sheets] == ["Apr 25"]
    assert found.unread == [("Read me", "name")]


def test_a_sheet_that_the_tool_names_has_no_name(book_of: Book) -> None:
    assert [sheet.name for sheet in grid(book_of({"Form1": [["x"]]}), name_sheets=False).sheets] == [None]


def test_hidden_rows_are_read_and_said(book_of: Book) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["A"].row_dimensions[2].hidden = True

    found = grid(book_of({"A": [["a"], ["b"], ["c"]]}, change))
    assert len(found.sheets[0].rows) == 3
    assert [notice.reason for notice in found.warnings] == ["hidden_rows"]


def test_errors_and_formulas_without_a_value(book_of: Book) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["A"]["A2"] = "#REF!"
        book["A"]["A2"].data_type = "e"

    rows = grid(book_of({"A": [["a"], ["x"], ["=1+1"]]}, change)).sheets[0].rows
    assert rows[1].cells == (CellError("#REF!"),)
    assert rows[2].cells == (CellError(UNCALCULATED, "formula"),), "a blank would be an unknown"


def test_the_top_left_cell_of_a_merged_block_holds_its_value(book_of: Book) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["A"].merge_cells("B1:C1")

    rows = grid(book_of({"A": [["Date", "Session", None], [None, "Status", "Venue"]]}, change)).sheets[0].rows
    assert rows[0].cells == ("Date", "Session")
    assert rows[1].cells == (None, "Status", "Venue")


def test_a_stray_cell_at_the_far_corner_costs_nothing(book_of: Book) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["A"]["C1048576"] = "stray"

    rows = grid(book_of({"A": [["a"], ["b"]]}, change)).sheets[0].rows
    assert [row.number for row in rows] == [1, 2, 1048576]


def test_a_workbook_whose_inside_is_damaged(book_of: Book) -> None:
    content = book_of({"A": [["a"] * 50] * 50})
    spoilt = content[:200] + b"\x00" * 300 + content[500:]
    with pytest.raises(Unreadable, match="damaged or incomplete"):
        open_grid(spoilt, Reading(format="workbook"))
