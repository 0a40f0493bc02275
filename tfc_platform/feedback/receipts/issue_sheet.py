"""The sheet “What to correct”, the first of a marked copy: every issue on a line, with what to do and a link to its cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tfc_platform.feedback.receipts.schema import IssueLevel, IssuePlace
from tfc_platform.release.table_files import safe_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["ASKS", "FILLS", "TITLE", "IssueLine", "fill_sheet", "plain"]

TITLE = "What to correct"
ASKS = {
    IssueLevel.CORRECT: "Correct: not counted",
    IssueLevel.CHECK: "Please check",
    IssueLevel.NOTE: "For your information",
    IssueLevel.LEFT_OUT: "Left out, as marked",
}
FILLS = {
    IssueLevel.CORRECT: "FFF4B6B0",
    IssueLevel.CHECK: "FFFFE699",
    IssueLevel.NOTE: "FFCFE2F3",
    IssueLevel.LEFT_OUT: "FFE2E2E2",
}
LINE_HEIGHT = 15.5  # points; not every program makes a row as high as its text
MOST_LINES = 20_000  # issues that the sheet lists
HEADINGS = {  # with their widths
    "No": 6,
    "Where": 12,
    "Sheet": 18,
    "Row": 8,
    "Column": 24,
    "What it asks": 20,
    "What is wrong": 70,
    "What to do": 50,
}


@dataclass(frozen=True)
class IssueLine:
    """One issue. `target` is the cell that the line links to, as sheet and address; None where nothing is to be linked."""

    level: IssueLevel
    place: IssuePlace
    title: str
    sentence: str
    what_to_do: str
    target: tuple[str, str] | None


def plain(text: str, longest: int = 32_767) -> str:
    """Text as a workbook can hold it: what XML cannot say is shown as �."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" or char in "\ufffe\uffff" else char for char in text)[
        :longest
    ]


def fill_sheet(sheet: Worksheet, name: str, notes: Sequence[str], lines: Sequence[IssueLine], row: str) -> None:
    """Write the list of issues, under a header that stays in sight.

    :param name: of the return's file.
    :param notes: what a reader has to know of this copy, a sentence or two each.
    :param row: what a row is called in this format: row, line, case.
    """
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.hyperlink import Hyperlink
    from openpyxl.worksheet.properties import PageSetupProperties

    top, wrap = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)
    _put(sheet, 1, 1, f"What to correct in {name}").font = Font(name="Calibri", bold=True, size=14)
    for number, note in enumerate(notes, start=2):
        _put(sheet, number, 1, note)
    start = len(notes) + 3
    for column, (heading, width) in enumerate(HEADINGS.items(), start=1):
        _put(sheet, start, column, row.capitalize() if heading == "Row" else heading).font = Font(
            name="Calibri", bold=True
        )
        sheet.column_dimensions[chr(64 + column)].width = width
    for number, line in enumerate(lines[:MOST_LINES], start=1):
        at = start + number
        where = line.place.cell or (line.target[1] if line.target else "")
        sheet.cell(at, 1, number).alignment = top
        link = _put(sheet, at, 2, where)
        if line.target:
            title = line.target[0].replace("'", "''")
            link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{title}'!{line.target[1]}")
            link.font = Font(name="Calibri", color="FF0B4A8F", underline="single")
        _put(sheet, at, 3, line.place.sheet or "")
        if line.place.row is not None:
            sheet.cell(at, 4, line.place.row)
        _put(sheet, at, 5, line.place.column or "")
        _put(sheet, at, 6, ASKS[line.level]).fill = PatternFill("solid", fgColor=FILLS[line.level])
        _put(sheet, at, 7, f"{line.title}. {line.sentence}")
        _put(sheet, at, 8, line.what_to_do)
        widths = list(HEADINGS.values())
        texts = (
            (line.place.column or "", widths[4]),
            (f"{line.title}. {line.sentence}", widths[6]),
            (line.what_to_do, widths[7]),
        )
        sheet.row_dimensions[at].height = LINE_HEIGHT * max(-(-len(text) // width) or 1 for text, width in texts)
        for column in range(1, 9):
            sheet.cell(at, column).alignment = wrap if column in (5, 7, 8) else top
    if len(lines) > MOST_LINES:
        _put(sheet, start + MOST_LINES + 1, 2, f"And {len(lines) - MOST_LINES:,} more: receipt.json lists all.")
    sheet.freeze_panes = f"A{start + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _put(sheet: Worksheet, row: int, column: int, text: str) -> Any:
    """Write a text that no spreadsheet program takes for a formula."""
    cell = sheet.cell(row, column)
    cell.value = safe_text(plain(text))
    cell.data_type = "s"
    return cell
