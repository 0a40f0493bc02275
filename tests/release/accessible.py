"""A checker of workbooks by the Analysis Function's rules for accessible spreadsheets, for tests.

It reads the file by openpyxl and knows nothing of how it is written. Each rule that is broken is a sentence. The rules: what
"Making spreadsheets accessible" asks of structure; colour, contrast and the plainness of words are for people to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

FRONT = ("Cover", "Contents", "Notes")
NOTE, SHORT = re.compile(r"\[note (\d+)\]"), re.compile(r"\[[a-z]+\]")


def faults(path: Path) -> list[str]:
    """What is wrong with the workbook; nothing where all rules are kept."""
    book = openpyxl.load_workbook(path, keep_vba=True)
    return [*_of_book(book), *(fault for sheet in book for fault in _of_sheet(sheet)), *_between_sheets(book)]


def table_rows(sheet: Worksheet) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Headers and rows of the one marked table of a sheet."""
    (table,) = sheet.tables.values()
    left, top, right, bottom = range_boundaries(table.ref)
    rows = list(sheet.iter_rows(top, bottom, left, right, values_only=True))
    return [str(cell) for cell in rows[0]], rows[1:]


def _of_book(book: Workbook) -> Iterator[str]:
    if book.sheetnames[:2] != ["Cover", "Contents"]:
        yield "The first sheets are not Cover and Contents."
    if book.active is not book.worksheets[0]:
        yield "The workbook does not open on its first sheet."
    if not (book.properties.title and book.properties.creator):
        yield "The document has no title or no author."
    if book.vba_archive is not None and any("vbaProject" in name for name in book.vba_archive.namelist()):
        yield "The workbook has macros."


def _of_sheet(sheet: Worksheet) -> Iterator[str]:
    name = sheet.title
    if sheet.sheet_state != "visible" or any(
        d.hidden for d in [*sheet.row_dimensions.values(), *sheet.column_dimensions.values()]
    ):
        yield f"{name}: something is hidden."
    if sheet.merged_cells.ranges:
        yield f"{name}: cells are merged."
    if sheet.freeze_panes is not None or sheet.auto_filter.ref is not None:
        yield f"{name}: panes are frozen or rows are filtered."
    if getattr(sheet, "_images", ()) or getattr(sheet, "_charts", ()):
        yield f"{name}: there is an image or a chart."
    if any(getattr(sheet, place).center.text for place in ("oddHeader", "oddFooter")):
        yield f"{name}: there is a header or footer."
    if any(selected.activeCell not in (None, "A1") for view in sheet.views.sheetView for selected in view.selection):
        yield f"{name}: the cursor is not in A1."
    title = sheet["A1"]
    if not title.value or not title.font.bold:
        yield f"{name}: A1 holds no title in bold."
    if any(cell.font.vertAlign for row in sheet.iter_rows() for cell in row if cell.value is not None):
        yield f"{name}: a cell is raised or lowered."
    if name == "Cover":
        if sheet.max_column > 1 or any(row[0].value is None for row in sheet.iter_rows()):
            yield f"{name}: there is a blank row or a second column."
    elif len(sheet.tables) != 1:
        yield f"{name}: there are {len(sheet.tables)} marked tables and not one."
    else:
        yield from _of_table(sheet)


def _of_table(sheet: Worksheet) -> Iterator[str]:
    name = sheet.title
    (table,) = sheet.tables.values()
    left, top, right, bottom = range_boundaries(table.ref)
    if left != 1 or table.headerRowCount not in (None, 1):
        yield f"{name}: the table does not start in column A with one header row."
    if (sheet.max_row, sheet.max_column) != (bottom, right):
        yield f"{name}: something stands below or beside the table."
    above = [sheet.cell(row, 1).value for row in range(1, top)]
    if any(line is None for line in above):
        yield f"{name}: there is a blank row above the table."
    said = " ".join(str(line) for line in above)
    if "This worksheet contains one table." not in said:
        yield f"{name}: how many tables there are is not said."
    if name not in FRONT and ("Source: " not in said or "notes" not in said.lower()):
        yield f"{name}: the source is not said, or whether there are notes."
    headers = [sheet.cell(top, column) for column in range(1, right + 1)]
    texts = [str(cell.value or "") for cell in headers]
    if "" in texts or len({text.lower() for text in texts}) < len(texts) or any("[" in text for text in texts):
        yield f"{name}: a header is blank, stands twice or holds a note."
    if not all(cell.font.bold and cell.alignment.wrap_text for cell in headers):
        yield f"{name}: a header is not bold, or not wrapped."
    rows = list(sheet.iter_rows(top + 1, bottom, 1, right))
    if any(all(cell.value is None for cell in row) for row in rows):
        yield f"{name}: there is a blank row in the table."
    if any(cell.value is None for row in rows for cell in row) and "Blank cells mean" not in said:
        yield f"{name}: there are blank cells and nothing says why."
    if "value" in texts:
        place = texts.index("value")
        cells = [row[place].value for row in rows]
        if not all(isinstance(c, int | float) or (isinstance(c, str) and SHORT.fullmatch(c)) for c in cells):
            yield f"{name}: a value is neither a number nor shorthand."
        if any(isinstance(c, str) and SHORT.fullmatch(c) and c not in said for c in cells):
            yield f"{name}: what stands in place of a value is not explained."
    widths = [sheet.column_dimensions[cell.column_letter].width for cell in headers]
    for row in rows:
        if any(
            isinstance(cell.value, str) and len(cell.value) > 2 * width and not _is_wrapped(sheet, cell)
            for cell, width in zip(row, widths, strict=True)
        ):
            yield f"{name}: a long text is not wrapped."
            break


def _is_wrapped(sheet: Worksheet, cell: Any) -> bool:
    return bool(cell.alignment.wrap_text or sheet.column_dimensions[cell.column_letter].alignment.wrap_text)


def _between_sheets(book: Workbook) -> Iterator[str]:
    data = [name for name in book.sheetnames if name not in FRONT]
    if "Contents" in book.sheetnames and len(book["Contents"].tables) == 1:
        listed = [row[0] for row in table_rows(book["Contents"])[1]]
        links = {cell.value for row in book["Contents"].iter_rows() for cell in row if cell.hyperlink is not None}
        if listed != data or set(data) - links:
            yield "Contents: a sheet is not listed in its order, or not linked."
    cells = {
        cell for name in data if len(book[name].tables) == 1
        for row in table_rows(book[name])[1] for cell in row if isinstance(cell, str)
    }  # fmt: skip
    used = {match[1] for cell in cells if (match := NOTE.fullmatch(cell))}
    explained = {str(row[0]) for row in table_rows(book["Notes"])[1]} if "Notes" in book.sheetnames else set()
    if used != explained:
        yield "Notes: a note is used and not explained, or explained and not used."
