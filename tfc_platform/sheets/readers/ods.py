"""OpenDocument workbooks (.ods), read from their one part: with errors, hidden sheets, rows and columns, which calamine has not.

A cell or a row may stand for many by its number of repetitions: blank ones are counted, not made. Belongs here: the format of
OpenDocument 1.3, Part 3 (chapters 9, 16 and 19). Does not belong: what a cell means to a contract.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from xml.parsers import expat

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.readers.sheet_limits import WorkbookSheet, grid_of
from tfc_platform.sheets.sheet_model import (
    UNCALCULATED,
    CellError,
    CellValue,
    Grid,
    Marks,
    ReadAs,
    SheetRow,
    Unreadable,
)

__all__ = ["read"]

MOST_CELLS = 5_000_000  # with a value, repetitions counted
ERROR = re.compile(r"#[A-Z0-9/]+[!?]?|Err:\d+", re.ASCII)  # `#REF!`, `#DIV/0!`, `#N/A`, `Err:502`
DURATION = re.compile(r"(-?)PT?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?", re.ASCII)
DAMAGED = "The workbook is damaged or incomplete: save it again as .xlsx and send it again."
TOO_MUCH = "The workbook repeats cells beyond what a return holds. It was not read."
NUMBERS = ("float", "percentage", "currency")


@dataclass
class _Sheet:
    name: str
    is_visible: bool
    rows: list[SheetRow] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: set[int] = field(default_factory=set)
    is_filtered: bool = False
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    comments: set[tuple[int, int]] = field(default_factory=set)
    at: int = 1  # the next row
    column: int = 1  # the next column that is defined


def _number(written: str | None) -> int:
    return max(int(written), 1) if written and written.isascii() and written.isdigit() and len(written) < 10 else 1


def _when(written: str) -> CellValue:
    try:
        return datetime.fromisoformat(written) if "T" in written else date.fromisoformat(written)
    except ValueError:
        return written


def _span(written: str) -> CellValue:
    found = DURATION.fullmatch(written)
    if not found:
        return written
    sign, hours, minutes, seconds = found.groups()
    span = timedelta(
        hours=int(hours or 0), minutes=int(minutes or 0), seconds=float((seconds or "0").replace(",", "."))
    )
    if sign:
        return -span
    return (datetime.min + span).time() if span < timedelta(days=1) else span


class _Reader:
    """Goes through `content.xml` once; expat tells it of each element."""

    def __init__(self) -> None:
        self.sheets: list[_Sheet] = []
        self.hidden_styles: set[str] = set()
        self.style = ""
        self.filled = 0
        self.is_nested = 0  # depth of what is drawn on a sheet or noted beside a cell, whose text is no cell's
        self.cells: dict[int, CellValue] = {}
        self.row: dict[str, str] = {}
        self.index = 1
        self.cell: dict[str, str] | None = None
        self.text: list[str] = []
        self.paragraphs = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("draw:frame", "draw:custom-shape", "office:annotation", "table:shapes"):
            if name == "office:annotation" and self.cell is not None and self.sheets and not self.is_nested:
                self.sheets[-1].comments.add((self.sheets[-1].at, self.index))
            self.is_nested += 1
        elif self.is_nested:
            return
        elif name == "style:style":
            self.style = attributes.get("style:name", "")
        elif name == "style:table-properties" and attributes.get("table:display") == "false":
            self.hidden_styles.add(self.style)
        elif name == "table:table":
            visible = attributes.get("table:style-name", "") not in self.hidden_styles
            self.sheets.append(_Sheet(attributes.get("table:name", ""), visible))
        elif self.sheets:
            self._in_sheet(name, attributes)

    def _in_sheet(self, name: str, attributes: dict[str, str]) -> None:
        sheet = self.sheets[-1]
        if name == "table:table-column":
            count = _number(attributes.get("table:number-columns-repeated"))
            if attributes.get("table:visibility", "visible") != "visible":
                sheet.hidden_columns |= set(range(sheet.column, sheet.column + min(count, 16384)))
            sheet.column += count
        elif name == "table:table-row":
            self.row, self.cells, self.index = attributes, {}, 1
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self.cell, self.text, self.paragraphs = attributes, [], 0
        elif self.cell is not None:
            if name == "text:p":
                self.text += ["\n"] if self.paragraphs else []
                self.paragraphs += 1
            elif name == "text:s":
                self.text.append(" " * min(_number(attributes.get("text:c")), 1000))
            elif name in ("text:tab", "text:line-break"):
                self.text.append("\t" if name == "text:tab" else "\n")

    def characters(self, text: str) -> None:
        if self.cell is not None and self.paragraphs and not self.is_nested:
            self.text.append(text)

    def end(self, name: str) -> None:
        if name in ("draw:frame", "draw:custom-shape", "office:annotation", "table:shapes"):
            self.is_nested -= 1
        elif self.is_nested:
            return
        elif name in ("table:table-cell", "table:covered-table-cell") and self.cell is not None:
            self._end_cell(self.cell)
            self.cell = None
        elif name == "table:table-row" and self.sheets:
            self._end_row()

    def _value(self, cell: dict[str, str]) -> CellValue:
        text = "".join(self.text)
        kind = cell.get("office:value-type") or cell.get("calcext:value-type")
        if cell.get("calcext:value-type") == "error" or ("table:formula" in cell and ERROR.fullmatch(text)):
            return CellError(text if ERROR.fullmatch(text) else "error")
        if kind in NUMBERS and "office:value" in cell:
            number = float(cell["office:value"])
            return int(number) if number.is_integer() and abs(number) < 1e15 else number
        if kind == "date" and "office:date-value" in cell:
            return _when(cell["office:date-value"])
        if kind == "time" and "office:time-value" in cell:
            return _span(cell["office:time-value"])
        if kind == "boolean" and "office:boolean-value" in cell:
            return cell["office:boolean-value"] == "true"
        if kind is None and "table:formula" in cell:
            return CellError(UNCALCULATED, "formula")
        return cell.get("office:string-value", text) or None

    def _end_cell(self, cell: dict[str, str]) -> None:
        count = _number(cell.get("table:number-columns-repeated"))
        value = self._value(cell)
        if value is not None:
            self.filled += count
            if self.filled > MOST_CELLS:
                raise Unreadable(TOO_MUCH)
            self.cells.update(dict.fromkeys(range(self.index, self.index + count), value))
        down, across = _number(cell.get("table:number-rows-spanned")), _number(cell.get("table:number-columns-spanned"))
        if down > 1 or across > 1:
            sheet = self.sheets[-1]
            sheet.merged.append((sheet.at, self.index, sheet.at + down - 1, self.index + across - 1))
        self.index += count

    def _end_row(self) -> None:
        sheet, count = self.sheets[-1], _number(self.row.get("table:number-rows-repeated"))
        if self.cells:
            self.filled += len(self.cells) * (count - 1)
            if self.filled > MOST_CELLS:
                raise Unreadable(TOO_MUCH)
            cells = tuple(self.cells.get(column) for column in range(1, max(self.cells) + 1))
            sheet.rows += [SheetRow(number, cells) for number in range(sheet.at, sheet.at + count)]
            visibility = self.row.get("table:visibility", "visible")
            if visibility != "visible":
                sheet.hidden_rows += count
                sheet.is_filtered |= visibility == "filter"
        sheet.at += count


def _content(content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.read("content.xml")
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError):
        raise Unreadable(DAMAGED) from None


def read(content: bytes, reading: Reading) -> Grid:
    """:raises Unreadable: where the workbook is damaged or repeats cells without measure."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.characters
    try:
        parser.Parse(_content(content), True)
    except (expat.ExpatError, ValueError, OverflowError):
        raise Unreadable(DAMAGED) from None
    if not reader.sheets:
        raise Unreadable("The workbook shows no sheet that can be read. Save it as .xlsx and send it again.")
    sheets = []
    for sheet in reader.sheets:
        width = max((len(row.cells) for row in sheet.rows), default=0)
        hidden = {column for column in sheet.hidden_columns if column <= width}
        used = {column for column in hidden if any(row.at(column - 1) is not None for row in sheet.rows)}
        marks = Marks(comments=frozenset(sheet.comments), merged=tuple(sheet.merged))
        sheets.append(
            WorkbookSheet(
                sheet.name, sheet.rows, sheet.is_visible, marks, sheet.hidden_rows, len(used), sheet.is_filtered
            )
        )
    return grid_of(sheets, reading, ReadAs("ods"))
