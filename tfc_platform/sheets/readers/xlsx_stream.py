"""Workbooks too big to be in memory cell by cell: their rows one after another, without what stands around the cells.

calamine reads a sheet ten times faster than openpyxl, but gives a cell with an error and a formula without a value as blank,
and a blank may mean something. It also makes a cell for every place up to the furthest, and the process ends where one stray
entry in a far corner asks for more than there is. So it reads the workbooks in whose sheets neither is the case; others are
read by openpyxl row by row, once for the formulas and once for their values at the same time.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any
from xml.parsers import expat

import numpy as np

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.cell_columns import CHUNK, CellColumn, ColumnChunk, ColumnRows
from tfc_platform.sheets.sheet_model import (
    UNCALCULATED,
    CellError,
    CellValue,
    Grid,
    LazyRows,
    ReadAs,
    ReaderNotice,
    Sheet,
    SheetRow,
    Unreadable,
    is_blank,
)

__all__ = ["is_big", "read", "sheets_of"]

BIG = 32 * 2**20  # bytes of the sheets unpacked: some 600,000 cells, for which openpyxl takes half a gigabyte
PIECE = 2**20  # bytes
MOST_PLACES = 30_000_000  # of a sheet, filled or not: calamine takes about a gigabyte for as many
OVERLAP = 32  # bytes that are looked at twice, so that a mark across two pieces is seen
SHEETS = "xl/worksheets/"
# A formula's element, with or without a prefix, or a cell of the type `error`. The pattern is slow: it is asked about pieces that
# have one of the few bytes without which it finds nothing.
MARK = re.compile(rb"""<(?:\w{1,8}:)?f[\s/>]|\bt=["']e["']""")
MARKED = (b"<f", b":f", b't="e"', b"t='e'")
# Of a column's letters and a row's number: without a prefix, as nearly all programs write, and with one.
PLACES = {
    b"": (re.compile(rb'<c r="([A-Z]{2,3})\d'), re.compile(rb'<row [^>]{0,12}?r="(\d{1,7})"')),
    b":": (
        re.compile(rb'<(?:\w{1,8}:)?c r="([A-Z]{2,3})\d'),
        re.compile(rb'<(?:\w{1,8}:)?row [^>]{0,12}?r="(\d{1,7})"'),
    ),
}
LETTERS = 26  # columns with one letter
NOT_LOOKED = "The sheet is very long: its rows were read, and hidden rows and columns were not looked for."


def is_big(content: bytes) -> bool:
    """Whether a workbook's sheets unpack to more than `BIG`; not for bytes that are no zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(one.file_size for one in archive.infolist() if one.filename.startswith(SHEETS)) > BIG
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def _pieces(content: bytes) -> Iterator[Iterator[bytes]]:
    """The XML of each sheet, in pieces."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for one in archive.infolist():
            if one.filename.startswith(SHEETS) and one.filename.endswith(".xml"):
                with archive.open(one) as stream:
                    yield iter(partial(stream.read, PIECE), b"")


def _is_plain(content: bytes) -> bool:
    """Whether no formula and no error stands in any sheet, and no cell so far out that its sheet is mostly nothing."""
    for pieces in _pieces(content):
        before, columns, rows = b"", {b"A"}, 1
        for piece in pieces:
            part = before + piece
            if any(mark in part for mark in MARKED) and MARK.search(part):
                return False
            column, row = PLACES[b":" if b":c " in part or b":row " in part else b""]
            columns |= set(column.findall(part))
            rows = max(rows, *map(int, row.findall(part)), 0)
            before = piece[-OVERLAP:]
        if rows * max(LETTERS, *map(_number, columns)) > MOST_PLACES:
            return False
    return True


def _number(letters: bytes) -> int:
    """A column's number from its letters: `A` is 1, `AA` is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _parse(content: bytes) -> None:
    """Go through every sheet once, so that nothing breaks while its rows are gone through."""
    for pieces in _pieces(content):
        parser = expat.ParserCreate()
        for piece in pieces:
            parser.Parse(piece)
        parser.Parse(b"", True)


def _cut(number: int, cells: list[Any]) -> SheetRow | None:
    """A row without the blanks at its end; None for a blank one."""
    last = len(cells)
    while last and is_blank(cells[last - 1]):
        last -= 1
    return SheetRow(number, tuple(None if cell == "" else cell for cell in cells[:last])) if last else None


def _plain_chunks(sheet: Any) -> Iterator[ColumnChunk]:
    """The rows of a sheet that calamine reads, as columns; without blank rows, and without the blanks at a row's end."""
    rows = enumerate(sheet.iter_rows(), start=1)  # from the first row on, and from the first column that is filled
    left = sheet.start[1] if sheet.start else 0
    while some := list(islice(rows, CHUNK)):
        numbers = np.fromiter((number for number, _ in some), np.int64, len(some))
        columns = [
            CellColumn.of(cells, empty_is_blank=True) for cells in zip(*(cells for _, cells in some), strict=True)
        ]
        columns = [*(CellColumn.blank(len(some)) for _ in range(left)), *columns]
        widths = np.zeros(len(some), np.int64)
        for index, column in enumerate(columns):
            widths[column.where(not blank for blank in column.blank_cells)] = index + 1
        chunk = ColumnChunk(numbers, widths, columns[: widths.max()])
        yield chunk if widths.all() else chunk.rows_where(widths > 0)


def _value(formula: Any, cached: Any) -> CellValue:
    if formula.data_type == "e":
        return CellError(str(formula.value))
    if formula.data_type != "f":
        value: CellValue = formula.value
        return value
    if cached.value is None:
        return CellError(UNCALCULATED, "formula")
    return CellError(str(cached.value)) if cached.data_type == "e" else cached.value


def _open(content: bytes, cached: bool) -> Any:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that hold no data
        return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=cached)


def _marked_rows(formulas: Any, values: Any, title: str) -> Iterator[SheetRow]:
    """The rows of a sheet as openpyxl gives them one by one."""
    both = zip(formulas[title].iter_rows(), values[title].iter_rows(), strict=True)
    for number, (written, cached) in enumerate(both, start=1):
        row = _cut(number, [_value(one, other) for one, other in zip(written, cached, strict=True)])
        if row is not None:
            yield row


def sheets_of(content: bytes) -> list[tuple[Sheet, bool]]:
    """Every sheet with cells, and whether it is visible.

    :raises Unreadable: where the workbook is damaged.
    """
    try:
        return list(_sheets(content))
    except Exception:  # whatever an XML reader met; the sender needs one sentence
        raise Unreadable("The workbook is damaged or incomplete: save it again and send it again.") from None


def _sheets(content: bytes) -> Iterator[tuple[Sheet, bool]]:
    if not _is_plain(content):
        _parse(content)
        formulas, values = _open(content, cached=False), _open(content, cached=True)
        for sheet in formulas.worksheets:
            for book in (formulas, values):
                book[sheet.title].reset_dimensions()  # some tools write a wrong extent, which would cut the rows
            rows = LazyRows(partial(_marked_rows, formulas, values, sheet.title))
            yield Sheet(sheet.title, rows), sheet.sheet_state == "visible"
        return
    import python_calamine as calamine

    plain = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    for place, about in enumerate(plain.sheets_metadata):
        if about.typ == calamine.SheetTypeEnum.WorkSheet:
            yield (
                Sheet(about.name, ColumnRows(_plain_chunks(plain.get_sheet_by_index(place)))),
                about.visible == calamine.SheetVisibleEnum.Visible,
            )


def read(content: bytes, reading: Reading) -> Grid:
    sheets: list[Sheet] = []
    aside: list[Sheet] = []
    unread: list[tuple[str, str]] = []
    noticed: list[ReaderNotice] = []
    for sheet, is_visible in sheets_of(content):
        title = sheet.name or ""
        if not is_visible:
            aside.append(sheet)
            unread.append((title, "hidden"))
            noticed.append(ReaderNotice(title, "hidden_sheet", "A hidden sheet was not read."))
        elif not reading.reads(title):
            aside.append(sheet)
            unread.append((title, "name"))
            message = "The sheet's name is not that of a table: it was not read."
            noticed.append(ReaderNotice(title, "sheet_not_read", message))
        else:
            noticed.append(ReaderNotice(title, "not_looked_for", NOT_LOOKED))
            sheets.append(Sheet(title if reading.name_sheets else None, sheet.rows))
    if not sheets and not unread:
        raise Unreadable("The workbook shows no sheet that can be read. Save it as a plain .xlsx and send it again.")
    return Grid(sheets, unread, noticed, ReadAs("xlsx"), aside=tuple(aside))
