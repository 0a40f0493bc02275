"""Excel workbooks (.xlsx, .xlsm): visible sheets with true cells; what is hidden, an error or not calculated is said, not blank.

openpyxl shows formulas or their cached values, not both: a workbook with formulas is opened twice. It knows nothing of
Strict Open XML, whose names are put in the ordinary form first. A second reader counts the rows again. Macros are not run, links
not followed: what a cell of another file showed last is read as it stands.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.readers import calamine, xlsx_stream
from tfc_platform.sheets.readers.sheet_limits import WorkbookSheet, grid_of, rows_of
from tfc_platform.sheets.sheet_model import (
    UNCALCULATED,
    CellError,
    CellValue,
    Grid,
    Marks,
    ReadAs,
    ReaderNotice,
    Unreadable,
    is_blank,
)

__all__ = ["plain", "read"]

NO_SHEET = "The workbook shows no sheet that can be read. Save it as a plain .xlsx and send it again."
# The names of Strict Open XML (ISO/IEC 29500-1) and those of the ordinary form (29500-4), which differ in nothing else here.
STRICT = {
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/": b"http://schemas.openxmlformats.org/officeDocument/2006/",
    b"http://purl.oclc.org/ooxml/drawingml/": b"http://schemas.openxmlformats.org/drawingml/2006/",
}
NO_FILL = {"none", None}
MOST_PLACES = 2_000_000  # of a sheet, filled or not, that are held as cells: about half a gigabyte


def _open(content: bytes, cached: bool) -> Any:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that hold no data
        try:
            return openpyxl.load_workbook(io.BytesIO(content), data_only=cached)
        except Exception:  # openpyxl raises whatever its XML reader met; the sender needs one sentence
            raise Unreadable("The workbook is damaged or incomplete: save it again and send it again.") from None


def _from_strict(content: bytes) -> bytes:
    """The same workbook with the ordinary names of its parts' elements."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as strict, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as plain:
        for member in strict.infolist():
            part = strict.read(member)
            if member.filename.endswith((".xml", ".rels")):
                for name, other in STRICT.items():
                    part = part.replace(name, other)
            plain.writestr(member.filename, part)
    return out.getvalue()


def _is_strict(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "xl/workbook.xml" in archive.namelist() and next(iter(STRICT)) in archive.read("xl/workbook.xml")


def plain(content: bytes) -> bytes:
    """A workbook in the form that openpyxl reads: itself, unless it is Strict Open XML."""
    return _from_strict(content) if _is_strict(content) else content


def _value(cell: Any, cached: Any) -> CellValue:
    if cell.data_type == "e":
        return CellError(str(cell.value))
    if cell.data_type != "f":
        value: CellValue = cell.value
        return value
    result = cached.get((cell.row, cell.column)) if cached is not None else None
    if result is None or result.value is None:
        return CellError(UNCALCULATED, "formula")
    return CellError(str(result.value)) if result.data_type == "e" else result.value


def _cells(sheet: Any) -> dict[tuple[int, int], Any]:
    """The cells of a sheet that hold something or have a format of their own, by row and column from 1.

    openpyxl makes a cell for every place up to the furthest one, so that `_is_far_flung` sheets do not come here.
    """
    return {
        (cell.row, cell.column): cell
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None or cell.has_style or cell.comment is not None
    }


def _is_far_flung(sheet: Any) -> bool:
    """Whether a sheet reaches so far that it is mostly nothing: one stray entry in its last row, which nobody sees."""
    places: int = sheet.max_row * sheet.max_column
    return places > MOST_PLACES


WHITE = {"rgb:00FFFFFF:0.0", "rgb:FFFFFFFF:0.0", "theme:0:0.0", "indexed:9:0.0", "indexed:65:0.0"}


def _colour(cell: Any) -> str | None:
    """A name for the colour of a cell, by which colours are told apart; none for a cell without one."""
    fill = cell.fill
    kind = getattr(fill, "fill_type", None) or getattr(fill, "type", None)
    colour = getattr(fill, "fgColor", None)
    name = f"{colour.type}:{colour.value}:{colour.tint}" if colour is not None else f"a {kind} fill"
    return None if kind in NO_FILL or name in WHITE else name


def _marks(sheet: Any, cells: dict[tuple[int, int], Any], values: dict[tuple[int, int], CellValue]) -> Marks:
    comments = frozenset(place for place, cell in cells.items() if cell.comment is not None)
    styles: dict[int, tuple[str | None, bool]] = {}  # a sheet has few formats and many cells
    fills, lines = {}, set()
    for place in values:
        cell = cells[place]
        if not cell.has_style:
            continue
        if cell.style_id not in styles:
            styles[cell.style_id] = _colour(cell), bool(cell.font.strike)
        colour, is_struck = styles[cell.style_id]
        if colour is not None:
            fills[place] = colour
        if is_struck:
            lines.add(place)
    merged = tuple((area.min_row, area.min_col, area.max_row, area.max_col) for area in sheet.merged_cells.ranges)
    return Marks(fills, frozenset(lines), comments, tuple(sorted(merged)))


def _hidden_columns(sheet: Any, values: dict[tuple[int, int], CellValue]) -> int:
    """How many columns with a value are hidden; a dimension may stand for several neighbours."""
    spans = [(mark.min, mark.max) for mark in sheet.column_dimensions.values() if mark.hidden and mark.min]
    used = {column for _, column in values} if spans else set()
    return sum(any(first <= column <= last for first, last in spans) for column in used)


def _found(book: Any, cells: dict[str, dict[tuple[int, int], Any]], cached: Any) -> Iterator[WorkbookSheet]:
    for sheet in book.worksheets:
        own = cells[sheet.title]
        other = _cells(cached[sheet.title]) if cached is not None else None
        values: dict[tuple[int, int], CellValue] = {}
        for place, cell in own.items():
            value = _value(cell, other)
            if value is not None:
                values[place] = value
        rows = rows_of(values)
        hidden = {number for number, mark in sheet.row_dimensions.items() if mark.hidden}
        yield WorkbookSheet(
            sheet.title,
            rows,
            sheet.sheet_state == "visible",
            _marks(sheet, own, values),
            sum(row.number in hidden for row in rows) if hidden else 0,
            _hidden_columns(sheet, values),
            bool(sheet.auto_filter.filterColumn),
        )


def _parts(content: bytes) -> list[ReaderNotice]:
    """What a workbook has beside its sheets that may change what they show."""
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
    if any(name.endswith("vbaProject.bin") for name in names):
        message = "The workbook holds macros. They were not run: values that a macro fills in are read as last saved."
        found.append(ReaderNotice(None, "macros", message))
    if any(name.startswith("xl/externalLinks/") for name in names):
        message = "The workbook has links to other files. They were not followed: values are read as last saved."
        found.append(ReaderNotice(None, "external_links", message))
    return found


def _is_told(cell: CellValue) -> bool:
    """Whether the second reader shows a cell too: it has errors and formulas without a value as blanks."""
    return not isinstance(cell, CellError) and not is_blank(cell)


def _counted_again(content: bytes, sheets: list[WorkbookSheet]) -> list[ReaderNotice]:
    """Notices where a second reader finds another number of filled rows."""
    for sheet in sheets:  # it holds a sheet as a full rectangle
        last = sheet.rows[-1].number if sheet.rows else 0
        if last * max((len(row.cells) for row in sheet.rows), default=0) > calamine.MOST_CELLS:
            return []
    counts = calamine.row_counts(content)
    if counts is None:
        message = "A second reader could not open the workbook. Check that the receipt counts all of its rows."
        return [ReaderNotice(None, "row_count", message)]
    found = []
    for sheet in sheets:
        rows = sum(any(map(_is_told, row.cells)) for row in sheet.rows)
        other = counts.get(sheet.name)
        if other is not None and other != rows:
            message = f"The sheet {sheet.name} has {rows} filled rows by one reader and {other} by another: check it."
            found.append(ReaderNotice(sheet.name, "row_count", message))
    return found


def read(content: bytes, reading: Reading) -> Grid:
    if xlsx_stream.is_big(content):
        return xlsx_stream.read(content, reading)
    ordinary = plain(content)
    try:
        book = _open(ordinary, cached=False)
        if not book.worksheets:
            raise Unreadable(NO_SHEET)
    except Unreadable as error:
        try:
            return calamine.read(content, reading, "xlsx")
        except Unreadable:
            raise error from None
    if any(map(_is_far_flung, book.worksheets)):
        return xlsx_stream.read(ordinary, reading)
    cells = {sheet.title: _cells(sheet) for sheet in book.worksheets}
    has_formula = any(cell.data_type == "f" for own in cells.values() for cell in own.values())
    cached = _open(ordinary, cached=True) if has_formula else None
    sheets = list(_found(book, cells, cached))
    notices = _parts(content)
    read_as = ReadAs("xlsm" if any(notice.reason == "macros" for notice in notices) else "xlsx")
    return grid_of(sheets, reading, read_as, [*notices, *_counted_again(content, sheets)])
