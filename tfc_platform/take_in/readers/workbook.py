"""Excel workbooks: visible sheets with true cells; hidden sheets, errors and uncalculated formulas are said, not blank.

openpyxl shows formulas or their cached values, not both: a workbook with formulas is opened twice.
"""

from __future__ import annotations

import io
import re
import warnings
from typing import Any

from tfc_platform.contracts.model import Reading
from tfc_platform.take_in.grid import Cell, CellError, Grid, Row, Sheet, Unreadable
from tfc_platform.take_in.readers import big_workbook

__all__ = ["read"]


def _open(content: bytes, cached: bool) -> Any:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that hold no data
        try:
            return openpyxl.load_workbook(io.BytesIO(content), data_only=cached)
        except Exception:  # openpyxl raises whatever its XML reader met; the sender needs one sentence
            raise Unreadable("The workbook is damaged or incomplete: save it again and send it again.") from None


def _value(cell: Any, cached: Any) -> Cell:
    if cell.data_type == "e":
        return CellError(str(cell.value))
    if cell.data_type != "f":
        value: Cell = cell.value
        return value
    result = cached[cell.coordinate] if cached is not None else None
    if result is None or result.value is None:
        return CellError("formula without a calculated value")
    return CellError(str(result.value)) if result.data_type == "e" else result.value


def _cells(sheet: Any) -> dict[tuple[int, int], Any]:
    """The cells that a sheet has, by row and column from 1.

    openpyxl's own walk makes a cell for every place up to the furthest: one stray entry in the last row of a sheet, which
    people make without seeing it, costs gigabytes.
    """
    cells: dict[tuple[int, int], Any] = sheet._cells
    return cells


def _rows(sheet: Any, cached: Any) -> list[Row]:
    found: dict[int, dict[int, Cell]] = {}
    for (row, column), cell in _cells(sheet).items():
        value = _value(cell, cached)
        if value is not None:
            found.setdefault(row, {})[column] = value
    return [
        Row(number, tuple(values.get(column) for column in range(1, max(values) + 1)))
        for number, values in sorted(found.items())
    ]


def read(content: bytes, reading: Reading) -> Grid:
    if big_workbook.is_big(content):
        return big_workbook.read(content, reading)
    book = _open(content, cached=False)
    has_formula = any(cell.data_type == "f" for sheet in book.worksheets for cell in _cells(sheet).values())
    values = _open(content, cached=True) if has_formula else None
    if not book.worksheets:
        raise Unreadable("The workbook shows no sheet that can be read. Save it as a plain .xlsx and send it again.")
    wanted = re.compile(reading.sheets) if reading.sheets else None
    sheets, unread, noticed = [], [], []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            unread.append((sheet.title, "hidden"))
            noticed.append((sheet.title, "hidden_sheet", "A hidden sheet was not read."))
        elif wanted and not wanted.fullmatch(sheet.title.strip()):
            unread.append((sheet.title, "name"))
            noticed.append((sheet.title, "sheet_not_read", "The sheet's name is not that of a table: it was not read."))
        else:
            if any(mark.hidden for mark in sheet.row_dimensions.values()):
                noticed.append((sheet.title, "hidden_rows", "The sheet has hidden rows: they were read too."))
            rows = _rows(sheet, values[sheet.title] if values is not None else None)
            sheets.append(Sheet(sheet.title if reading.name_sheets else None, rows))
    return Grid(sheets, unread, noticed)
