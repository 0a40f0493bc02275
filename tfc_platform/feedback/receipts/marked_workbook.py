"""A return's marked copy: its cells as they were sent, those with an issue coloured and commented, after a list of all issues.

Belongs here: making the copy. Does not belong: when it is made (`marked`), the proof that no cell of it differs (`proof`).

A workbook is copied by openpyxl, which cannot carry everything that Excel can put into one: what may be lacking is said on the
first sheet, and the copy is never offered as a stand-in. Other tables (CSV, old workbooks) become a workbook of their cells;
an SPSS file, or one that is too large or cannot be copied faithfully, gets the list alone.
"""

from __future__ import annotations

import contextlib
import io
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tfc_platform.contracts.model import Contract, Reading
from tfc_platform.feedback.receipts.cell_ranges import column_of
from tfc_platform.feedback.receipts.issue_sheet import ASKS, FILLS, TITLE, Line, fill_sheet, plain
from tfc_platform.feedback.receipts.schema import File, Level, Place
from tfc_platform.feedback.receipts.verify_copy import (
    CannotCopy,
    Cells,
    cells_of,
    is_small,
    open_book,
    prove,
    prove_by_calamine,
    prove_texts,
)
from tfc_platform.sheets.sheet_model import CellError, Grid, Unreadable

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["LARGEST", "CannotCopy", "marked_copy"]

LARGEST = 20 * 2**20  # bytes, unpacked; a sheet of 200,000 cells has about 10 MiB
MOST_CELLS = 400_000  # of a table that becomes a workbook; a second is about 50,000 of them
MOST_ROWS = 1_048_576  # of a sheet
MOST_MARKS = 5_000  # cells that are coloured; the list has all
AUTHOR = "TfC Platform"
ALONE = "The list alone: "
STAND_IN = (
    "This copy is for finding what to mend. It is no stand-in for your file: mend your own file and send that, under the same"
    " name or as a higher version."
)
# What openpyxl carries badly or not at all, by the name of its parts in the file.
LOSSY = {
    "xl/vbaProject": "macros",
    "xl/charts": "charts",
    "xl/media": "pictures",
    "xl/drawings/drawing": "shapes",
    "xl/externalLinks": "links to other workbooks",
    "xl/activeX": "buttons and form fields",
    "xl/ctrlProps": "buttons and form fields",
    "xl/threadedComments": "comment threads",
    "xl/pivotTables": "pivot tables",
    "xl/slicers": "slicers",
    "xl/embeddings": "embedded files",
    "_xmlsignatures": "a signature",
}
WORDS = {"csv": "line", **dict.fromkeys(("spss", "sav", "zsav", "por", "dta"), "case")}
WIDEST = 44  # characters


def marked_copy(content: bytes, file: File, contract: Contract) -> bytes:
    """The marked copy of a return as an .xlsx.

    :param content: the return's bytes, as the vault has them.
    """
    name = file.file.rsplit("/", 1)[-1]
    try:
        return _copied(content, file, contract, name)
    except CannotCopy as why:
        return _list_alone(file, name, contract, str(why))
    except Unreadable:
        return _list_alone(file, name, contract, "the file cannot be read as it was before.")


def _copied(content: bytes, file: File, contract: Contract, name: str) -> bytes:
    parts = _parts(content) if len(content) <= LARGEST else {}
    if sum(parts.values()) > LARGEST or len(content) > LARGEST:
        raise CannotCopy("the file is too large for a marked copy.")
    if _word(file, contract) == "case":
        raise CannotCopy("a file of SPSS or Stata has no cells to mark. Look each case and variable up there.")
    if "xl/workbook.xml" in parts:
        with contextlib.suppress(_NoSheet):
            return _of_workbook(content, file, name, parts)
    return _of_table(content, file, contract, name)


def _word(file: File, contract: Contract) -> str:
    """What a row is called in the format that the file really has."""
    return WORDS.get(file.read_as.get("format") or contract.read.format, "row")


class _NoSheet(Exception):  # noqa: N818 (no fault)
    """openpyxl sees no sheet: a Strict Open XML workbook, which other readers can read."""


def _parts(content: bytes) -> dict[str, int]:
    """The parts of a zip by name, with their unpacked sizes; none where it is no zip."""
    if not content.startswith(b"PK"):
        return {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {member.filename: member.file_size for member in archive.infolist()}
    except zipfile.BadZipFile:
        raise CannotCopy("the workbook cannot be opened.") from None


def _of_workbook(content: bytes, file: File, name: str, parts: Mapping[str, int]) -> bytes:
    has_rich_text = _has_rich_text(content, parts)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        book = open_book(content, has_rich_text)
    if not book.worksheets:
        raise _NoSheet
    before = cells_of(book)
    lacking = sorted({what for start, what in LOSSY.items() if any(part.startswith(start) for part in parts)})
    if any("extension" in str(warning.message) for warning in told):
        lacking.append("drop-down lists or colouring rules of newer Excel")
    notes = [STAND_IN]
    if lacking:
        notes.append(f"Your file also holds {', '.join(lacking)}: this copy may lack them, or show them otherwise.")
    lines, marks = _lines(
        file, book, {title: {at: v for at, (_, v) in cells.items()} for title, cells in before.items()}
    )
    _mark(book, marks)
    title = _add_list(book, name, notes, lines, "row")
    made = _saved(book)
    prove(before, made, title, has_rich_text)
    prove_by_calamine(content, made, before)
    return made


def _has_rich_text(content: bytes, parts: Mapping[str, int]) -> bool:
    """Whether any cell is formatted within itself: reading for that costs as much again, and few workbooks have it."""
    texts = [name for name in parts if name == "xl/sharedStrings.xml" or name.startswith("xl/worksheets/sheet")]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return any(b"rPr>" in archive.read(name) or b"rPr/>" in archive.read(name) for name in texts)


def _of_table(content: bytes, file: File, contract: Contract, name: str) -> bytes:
    """A workbook of the very cells, each where its row's number says, as text that nothing runs."""
    from openpyxl import Workbook

    grid = _grid(content, contract.read)
    book = Workbook()
    book.remove(book.worksheets[0])
    before: Cells = {}
    values: dict[str, dict[tuple[int, int], Any]] = {}
    is_changed, cells = False, 0
    for given in grid.sheets:
        sheet = book.create_sheet(given.name or "Return")
        kept = before.setdefault(sheet.title, {})
        seen = values.setdefault(sheet.title, {})
        for row in given.rows:
            cells += len(row.cells)
            if cells > MOST_CELLS or row.number > MOST_ROWS:
                raise CannotCopy("the file is too large for a marked copy.")
            for column, cell in enumerate(row.cells, start=1):
                if cell is None or cell == "":
                    continue
                seen[(row.number, column)] = cell
                written = _put(sheet, row.number, column, cell)
                kept[(row.number, column)] = (written.data_type, written.value)
                is_changed |= isinstance(cell, str) and written.value != cell
    notes = [f"This workbook was made of {name}: the same cells, each in the row of its number. {STAND_IN}"]
    if is_changed:
        notes.append(
            "Characters that a workbook cannot hold are shown as �, line breaks as Excel writes them; a very long text is cut."
        )
    lines, marks = _lines(file, book, values)
    _mark(book, marks)
    for sheet in book.worksheets:
        _widen(sheet, values[sheet.title])
    title = _add_list(book, name, notes, lines, _word(file, contract))
    made = _saved(book)
    if all(kind == "s" for kept in before.values() for kind, _ in kept.values()) and all(
        map(is_small, before.values())
    ):
        prove_texts(before, made)
    else:
        prove(before, made, title, has_rich_text=False)
    return made


def _grid(content: bytes, reading: Reading) -> Grid:
    """The rows as taking in reads them, so that a row's number is the one that an issue says."""
    from tfc_platform.sheets.readers import open_grid

    return open_grid(content, reading)


def _put(sheet: Worksheet, row: int, column: int, cell: Any) -> Any:
    """One cell of a table: a text stays a text, also where it looks like a formula or a number."""
    made = sheet.cell(row, column)
    if isinstance(cell, str | CellError):
        made.value = plain(cell.what if isinstance(cell, CellError) else cell)
        made.data_type = "s"
        made.number_format = "@"
        made.quotePrefix = True
    else:
        made.value = cell
    return made


def _widen(sheet: Worksheet, values: Mapping[tuple[int, int], Any]) -> None:
    """Columns as wide as their texts, within reason."""
    from openpyxl.utils import get_column_letter

    widest: dict[int, int] = {}
    for (_, column), cell in values.items():
        widest[column] = max(widest.get(column, 8), min(len(str(cell)), WIDEST))
    for column, width in widest.items():
        sheet.column_dimensions[get_column_letter(column)].width = width + 2


def _list_alone(file: File, name: str, contract: Contract, why: str) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    lines, _ = _lines(file, book, {})
    _add_list(book, name, [f"{ALONE}{why}", "Mend your own file and send it again."], lines, _word(file, contract))
    return _saved(book)


Marks = dict[tuple[str, str], list[Line]]  # sheet and address → what is said of the cell


def _saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    try:
        book.save(stream)
    except Exception:
        raise CannotCopy("the workbook holds something that cannot be copied.") from None
    return stream.getvalue()


def _lines(file: File, book: Workbook, values: Mapping[str, Mapping[tuple[int, int], Any]]) -> tuple[list[Line], Marks]:
    """Every issue as a line of the list, and by the cell that it marks."""
    lines: list[Line] = []
    marks: Marks = {}
    headers: dict[tuple[str, str | None], tuple[int, int] | None] = {}
    for rule in file.rules:
        for said in rule.said:
            for place in said.places:
                target = _target(place, book, values, headers)
                line = Line(rule.level, place, rule.title, said.sentence, rule.what_to_do, target)
                lines.append(line)
                if target is not None:
                    marks.setdefault(target, []).append(line)
    return lines, marks


def _target(
    place: Place,
    book: Workbook,
    values: Mapping[str, Mapping[tuple[int, int], Any]],
    headers: dict[tuple[str, str | None], tuple[int, int] | None],
) -> tuple[str, str] | None:
    """The cell that a place means: its address, else row and column name, else the row's first cell, or the column's name."""
    from openpyxl.utils import get_column_letter

    title = place.sheet if place.sheet in book.sheetnames else None
    if title is None and place.sheet is None:
        title = next((sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
    if title is None or title not in values:
        return None
    if place.cell:
        return title, place.cell
    key = (title, place.column)
    if key not in headers:
        headers[key] = column_of(place.column, values[title])
    header = headers[key]
    if place.row is None:
        return (title, f"{get_column_letter(header[1])}{header[0]}") if header and header[0] else None
    if header:
        return title, f"{get_column_letter(header[1])}{place.row}"
    first = min((column for row, column in values[title] if row == place.row), default=1)
    return title, f"{get_column_letter(first)}{place.row}"


def _mark(book: Workbook, marks: Marks) -> None:
    """Colour and comment the cells; a merged cell is marked at its first. What stood in a comment stays above ours."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    order = list(Level)
    for (title, address), lines in list(marks.items())[:MOST_MARKS]:
        sheet = book[title]
        cell = _first_of_merged(sheet, address)
        level = min((line.level for line in lines), key=order.index)
        cell.fill = PatternFill("solid", fgColor=FILLS[level])
        said = dict.fromkeys(
            f"{ASKS[line.level]}. {line.title}: {line.sentence} {line.what_to_do}".strip() for line in lines
        )
        old = [cell.comment.text] if cell.comment else []
        comment = Comment(plain("\n\n".join([*old, *said]), 8_000), AUTHOR)
        comment.width, comment.height = 340, min(90 + 22 * sum(len(text) // 48 + 1 for text in said), 420)
        cell.comment = comment


def _first_of_merged(sheet: Worksheet, address: str) -> Any:
    for merged in sheet.merged_cells.ranges:
        if address in merged:
            return sheet.cell(merged.min_row, merged.min_col)
    return sheet[address]


def _add_list(book: Workbook, name: str, notes: Sequence[str], lines: Sequence[Line], row: str) -> str:
    """Put the list before all sheets, and show it alone: two chosen sheets would both take what is typed."""
    sheet = book.create_sheet(TITLE, 0)
    fill_sheet(sheet, name, [*notes, *([_MORE] if len(lines) > MOST_MARKS else [])], lines, row)
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    book.active = 0
    return str(sheet.title)


_MORE = f"The first {MOST_MARKS:,} cells are marked; the list has all."
