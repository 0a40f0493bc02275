"""The workbook keeps the rules for accessible spreadsheets; and the checker of these rules finds each that is broken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.table import Table

from tests.release.accessible import faults, table_rows
from tfc_platform.publication.released_table import ReleaseColumn, ReleaseTable
from tfc_platform.release.workbook import CUT, LONGEST, WorkbookCover, cell_text, write_workbook

COVER = WorkbookCover("A release", ["It was made by hand."], ["For a test."])


def figures(*rows: tuple[Any, ...], name: str = "reach") -> ReleaseTable:
    kinds = {
        "site": pa.string(),
        "measure": pa.string(),
        "value": pa.float64(),
        "status": pa.string(),
        "note": pa.string(),
    }
    columns = tuple(ReleaseColumn(column, kind, f"The {column}.") for column, kind in kinds.items())
    return ReleaseTable(name, "Reach", "Attendances at sessions.", columns, 1, rows)


ROWS = (
    ("north", "low", 20.0, "rounded", None),
    ("north", "high", None, "suppressed", "From an earlier return."),
    ("south", "low", None, "not_applicable", "Weighted."),
    ("south", "high", None, "not_available", "Weighted."),
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "tables.xlsx"
    write_workbook([figures(*ROWS), figures(name="empty")], COVER, date(2026, 5, 1), path)
    return path


def test_a_workbook_keeps_the_rules(book: Path) -> None:
    assert faults(book) == []
    found = openpyxl.load_workbook(book)
    assert found.sheetnames == ["Cover", "Contents", "Notes", "reach", "empty"]
    assert table_rows(found["reach"]) == (
        ["site", "measure", "value", "status", "note"],
        [
            ("north", "low", 20, "rounded", None),
            ("north", "high", "[c]", "suppressed", "[note 1]"),
            ("south", "low", "[z]", "not_applicable", "[note 2]"),
            ("south", "high", "[x]", "not_available", "[note 2]"),
        ],
    )
    assert table_rows(found["Notes"])[1] == [
        (1, "From an earlier return.", "reach"),
        (2, "Weighted.", "reach"),
    ]
    assert table_rows(found["empty"])[1] == [("[x]",) * 5]
    assert "The table has no rows yet: the row of [x] means none." in [c.value for c in found["empty"]["A"]]
    assert [found.properties.title, found.properties.created.date()] == ["A release", date(2026, 5, 1)]


def test_the_workbook_of_a_release_keeps_the_rules(released: Path) -> None:
    assert faults(released / "tables.xlsx") == []


def _unmark(book: Any) -> None:
    del book["reach"].tables["tfc_reach"]


def _second_table(book: Any) -> None:
    book["reach"].add_table(Table(displayName="other", ref="A1:B2"))


def _move_cursor(book: Any) -> None:
    book["reach"].sheet_view.selection[0].activeCell = "C3"


def _empty_row(book: Any) -> None:
    for cell in book["reach"][FIRST]:
        cell.value = None


def _long_text(cell: Any) -> None:
    cell.value, cell.alignment = "x" * 60, Alignment()


def _set(sheet: str, cell: str, value: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book[sheet][cell] = value

    return change


def _attribute(sheet: str, name: str, value: Any) -> Callable[[Any], None]:
    return lambda book: setattr(book[sheet], name, value)


HEADER, FIRST = 10, 11  # rows of the sheet reach


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda book: book.move_sheet("reach", -3), "The first sheets are not Cover and Contents."),
        (lambda book: setattr(book, "active", 2), "The workbook does not open on its first sheet."),
        (lambda book: setattr(book.properties, "title", ""), "The document has no title or no author."),
        (_attribute("reach", "sheet_state", "hidden"), "reach: something is hidden."),
        (lambda book: book["reach"].merge_cells("A1:B1"), "reach: cells are merged."),
        (_attribute("reach", "freeze_panes", "A9"), "reach: panes are frozen or rows are filtered."),
        (lambda book: setattr(book["reach"].oddFooter.center, "text", "x"), "reach: there is a header or footer."),
        (_move_cursor, "reach: the cursor is not in A1."),
        (_set("reach", "A1", None), "reach: A1 holds no title in bold."),
        (lambda book: setattr(book["reach"]["A11"], "font", Font(vertAlign="subscript")), "reach: a cell is raised or lowered."),
        (_set("Cover", "A7", "after a blank row"), "Cover: there is a blank row or a second column."),
        (_unmark, "reach: there are 0 marked tables and not one."),
        (_second_table, "reach: there are 2 marked tables and not one."),
        (_set("reach", "A16", "below"), "reach: something stands below or beside the table."),
        (_set("reach", "A3", None), "reach: there is a blank row above the table."),
        (_set("reach", "A5", "Text."), "reach: how many tables there are is not said."),
        (_set("reach", "A9", "Text."), "reach: the source is not said, or whether there are notes."),
        (_set("reach", f"B{HEADER}", "measure [note 1]"), "reach: a header is blank, stands twice or holds a note."),
        (lambda book: setattr(book["reach"][f"B{HEADER}"], "font", Font()), "reach: a header is not bold, or not wrapped."),
        (_empty_row, "reach: there is a blank row in the table."),
        (_set("reach", "A4", "Text."), "reach: there are blank cells and nothing says why."),
        (_set("reach", f"C{FIRST}", "20*"), "reach: a value is neither a number nor shorthand."),
        (lambda book: _long_text(book["reach"]["A11"]), "reach: a long text is not wrapped."),
        (_set("Contents", "A4", "other"), "Contents: a sheet is not listed in its order, or not linked."),
        (_set("reach", f"E{FIRST}", "[note 9]"), "Notes: a note is used and not explained, or explained and not used."),
        (_set("reach", f"C{FIRST}", "[low]"), "reach: what stands in place of a value is not explained."),
    ],
)  # fmt: skip
def test_the_checker_finds_what_is_broken(book: Path, change: Callable[[Any], None], said: str) -> None:
    found = openpyxl.load_workbook(book)
    change(found)
    found.save(book)
    assert said in faults(book)


def test_a_text_that_a_cell_cannot_hold_says_that_it_is_cut() -> None:
    assert cell_text("x" * LONGEST) == "x" * LONGEST
    cut = cell_text("x" * (LONGEST + 1))
    assert len(cut) == LONGEST
    assert cut.endswith(CUT)
