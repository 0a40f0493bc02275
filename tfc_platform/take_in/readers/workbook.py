"""Excel workbooks: visible sheets with true cells; hidden sheets, errors and uncalculated formulas said, never read as blank.

openpyxl shows formulas or their cached values, not both: a workbook with formulas is opened twice.
"""

from __future__ import annotations

import io
import re
import warnings
from typing import Any

from tfc_platform.contracts.model import Reading
from tfc_platform.take_in.grid import Cell, CellError, Grid, Row, Sheet, Unreadable

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


def _rows(sheet: Any, cached: Any) -> list[Row]:
    rows = []
    for cells in sheet.iter_rows():
        values = tuple(_value(cell, cached) for cell in cells)
        if any(value is not None for value in values):
            rows.append(Row(cells[0].row, values))
    return rows


def read(content: bytes, reading: Reading) -> Grid:
    book = _open(content, cached=False)
    has_formula = any(cell.data_type == "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
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
