"""A return's marked copy: the cells with an issue are coloured and commented, after a sheet that lists all issues.

The site's own `.xlsx` is opened, marked and saved by openpyxl, which carries no charts, pictures or macros. Any other file, also
one from which rows were erased, becomes a workbook of its cells. A file that is too large gets the list only.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tfc_platform.contracts.model import Contract
from tfc_platform.feedback.receipts.cell_ranges import SEARCHED_ROWS, column_of
from tfc_platform.feedback.receipts.issue_sheet import ASKS, FILLS, TITLE, IssueLine, fill_sheet, plain
from tfc_platform.feedback.receipts.schema import IssueLevel, IssuePlace, ReceiptFile
from tfc_platform.ingest.sayable_sheets import sheet_aliases
from tfc_platform.sheets.file_format import ZIP
from tfc_platform.sheets.readers import open_grid
from tfc_platform.sheets.sheet_model import CellError, Sheet, Unreadable

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["LARGEST", "marked_copy"]

LARGEST = 20 * 2**20  # bytes, unpacked; a sheet of 200,000 cells has about 10 MiB
MOST_CELLS = 400_000  # of a table that becomes a workbook; a second is about 50,000 of them
MOST_ROWS = 1_048_576  # of a sheet
MOST_COLUMNS = 1_000  # in which a name is looked for: a stray cell in the last column makes a sheet of 16,384
MOST_MARKS = 5_000  # cells that are coloured; the list has all
LONGEST_TITLE = 31  # characters of a sheet's name
WIDEST = 44  # characters
AUTHOR = "TfC Platform"
PURPOSE = (
    "This copy shows what to correct. It does not replace your file: correct your own file and send that, under the same name or"
    " as a higher version."
)
NOT_CARRIED = "Charts, pictures, macros and the like of your workbook may be missing from this copy."
TABLE = "This workbook was made of {name}: the same cells."
SHIFTED = "The first row holds the names of the columns, so {row} 1 is on row 2."
CHANGED = (
    "Characters that a workbook cannot hold are shown as �, line breaks as Excel writes them; a very long text is cut."
)
MORE = f"The first {MOST_MARKS:,} cells are marked; the list has all."
LIST_ONLY = "The list only: {why} Correct your own file and send it again."
TOO_LARGE = "the file is too large for a marked copy."
UNREADABLE = "the file cannot be read as it was before."
ROW_WORDS = {"csv": "line", **dict.fromkeys(("spss", "sav", "zsav", "por", "dta"), "case")}


@dataclass
class _Copy:
    """A workbook to be marked, with what its readers have to know.

    `titles` has the title of each sheet by the name that issues have; `shifts` by how many rows a sheet lies lower than its rows
    are numbered.
    """

    book: Workbook
    notes: list[str]
    titles: dict[str | None, str]
    shifts: dict[str, int] = field(default_factory=dict)
    headers: dict[tuple[str, str | None], tuple[int, int] | None] = field(default_factory=dict)

    def cell_of(self, place: IssuePlace) -> tuple[str, str] | None:
        """The cell that a place means, as sheet and address; None where the copy has none.

        It is the place's own address, else its row in the column of that name, else the first filled cell of the row, or the
        cell with the column's name.
        """
        from openpyxl.utils import get_column_letter

        title = self.titles.get(place.sheet)
        if title is None:
            return None
        if place.cell:
            return title, place.cell
        header = self._header(title, place.column)
        if place.row is None:
            return (title, f"{get_column_letter(header[1])}{header[0]}") if header and header[0] else None
        row = place.row + self.shifts.get(title, 0)
        return title, f"{get_column_letter(header[1] if header else self._first_filled(title, row))}{row}"

    def _header(self, title: str, column: str | None) -> tuple[int, int] | None:
        if (title, column) not in self.headers:
            self.headers[(title, column)] = column_of(column, _values(self.book[title], 1, SEARCHED_ROWS))
        return self.headers[(title, column)]

    def _first_filled(self, title: str, row: int) -> int:
        return min((column for _, column in _values(self.book[title], row, row)), default=1)


def _values(sheet: Worksheet, first: int, last: int) -> dict[tuple[int, int], Any]:
    """The values of some rows of a sheet, by row and column from 1."""
    rows = sheet.iter_rows(first, min(last, sheet.max_row), 1, min(sheet.max_column, MOST_COLUMNS), values_only=True)
    return {
        (number, column): value
        for number, row in enumerate(rows, start=first)
        for column, value in enumerate(row, start=1)
        if value is not None
    }


def marked_copy(content: bytes, file: ReceiptFile, contract: Contract) -> bytes:
    """The marked copy of a return, as the bytes of an `.xlsx`.

    :param content: the return's bytes, as the vault has them.
    """
    name, row_word = file.file.rsplit("/", 1)[-1], _row_word(file, contract)
    why = TOO_LARGE
    if _unpacked_size(content) <= LARGEST:
        try:
            for made in (_own_workbook(content, contract), _table(content, name, row_word, contract)):
                saved = _mark_and_save(made, file, name, row_word) if made is not None else None
                if saved is not None:
                    return saved
        except Unreadable:
            why = UNREADABLE
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    saved = _mark_and_save(_Copy(book, [LIST_ONLY.format(why=why)], {}), file, name, row_word)
    if saved is None:
        raise ValueError("The list of issues cannot be saved.")
    return saved


def _row_word(file: ReceiptFile, contract: Contract) -> str:
    """What a row is called in the format that the file really has."""
    return ROW_WORDS.get(file.read_as.get("format") or contract.read.format, "row")


def _unpacked_size(content: bytes) -> int:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return max(len(content), sum(member.file_size for member in archive.infolist()))
    except zipfile.BadZipFile:
        return len(content)


def _own_workbook(content: bytes, contract: Contract) -> _Copy | None:
    """The site's own workbook; None where it is none that openpyxl can open."""
    if not content.startswith(ZIP):
        return None
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of what it does not carry
            book = openpyxl.load_workbook(io.BytesIO(content), rich_text=True)
    except Exception:  # openpyxl raises whatever its XML reader met
        return None
    titles: dict[str | None, str] = {sheet.title: sheet.title for sheet in book.worksheets}
    visible = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    read = [title for title in visible if contract.read.reads(title)]
    titles |= {alias: title for title, alias in sheet_aliases(read, contract).items()}
    return _Copy(book, [PURPOSE, NOT_CARRIED], titles | {None: visible[0]}) if visible else None


def _table(content: bytes, name: str, row_word: str, contract: Contract) -> _Copy | None:
    """A workbook of a file's cells, each in the row of its number, as text that nothing runs; None where there are too many.

    :raises Unreadable: where the file cannot be read.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    copy = _Copy(book, [f"{TABLE.format(name=name)} {PURPOSE}"], {})
    is_changed, cells = False, 0
    given_sheets = open_grid(content, contract.read).sheets
    aliases = sheet_aliases([given.name for given in given_sheets], contract)
    for given in given_sheets:
        sheet = book.create_sheet(_title(given))
        first = next((row.number for row in given.rows), 1)
        shift = max(1 - first, 0)  # names of variables are row 0, and a workbook begins with 1
        copy.titles.setdefault(aliases.get(given.name or "", given.name), sheet.title)
        copy.titles.setdefault(None, sheet.title)
        copy.shifts[sheet.title] = shift
        for row in given.rows:
            cells += len(row.cells)
            if cells > MOST_CELLS or row.number + shift > MOST_ROWS:
                return None
            for column, value in enumerate(row.cells, start=1):
                if value is not None and value != "":
                    written = _put(sheet, row.number + shift, column, value)
                    is_changed |= isinstance(value, str) and written.value != value
        _widen(sheet)
    if any(copy.shifts.values()):
        copy.notes.append(SHIFTED.format(row=row_word))
    if is_changed:
        copy.notes.append(CHANGED)
    return copy


def _title(sheet: Sheet) -> str:
    """A sheet's name as a workbook can have it."""
    return re.sub(r"[\\/*?:\[\]]", "_", sheet.name or "Return")[:LONGEST_TITLE] or "Return"


def _put(sheet: Worksheet, row: int, column: int, value: Any) -> Any:
    """Write one cell of a table: a text stays a text, also where it looks like a formula or a number."""
    cell = sheet.cell(row, column)
    if isinstance(value, str | CellError):
        cell.value = plain(value.what if isinstance(value, CellError) else value)
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = True
    else:
        cell.value = value
    return cell


def _widen(sheet: Worksheet) -> None:
    """Make columns as wide as their texts, up to a limit."""
    from openpyxl.utils import get_column_letter

    widest: dict[int, int] = {}
    for row in sheet.iter_rows(max_row=min(sheet.max_row, MOST_COLUMNS)):
        for cell in row:
            if cell.value is not None:
                widest[cell.column] = max(widest.get(cell.column, 8), min(len(str(cell.value)), WIDEST))
    for column, width in widest.items():
        sheet.column_dimensions[get_column_letter(column)].width = width + 2


def _mark_and_save(copy: _Copy, file: ReceiptFile, name: str, row_word: str) -> bytes | None:
    """The bytes of a copy with its marks and its list; None where openpyxl cannot save the workbook."""
    lines = _lines(file, copy)
    marks: dict[tuple[str, str], list[IssueLine]] = {}
    for line in lines:
        if line.target is not None:
            marks.setdefault(line.target, []).append(line)
    _mark(copy.book, marks)
    notes = [*copy.notes, *([MORE] if len(marks) > MOST_MARKS else [])]
    _add_list(copy.book, name, notes, lines, row_word)
    stream = io.BytesIO()
    try:
        copy.book.save(stream)
    except Exception:  # what openpyxl has read it may not be able to write
        return None
    return stream.getvalue()


def _lines(file: ReceiptFile, copy: _Copy) -> list[IssueLine]:
    """Every issue as a line of the list."""
    return [
        IssueLine(rule.level, place, rule.title, said.sentence, rule.what_to_do, copy.cell_of(place))
        for rule in file.rules
        for said in rule.said
        for place in said.places
    ]


def _mark(book: Workbook, marks: Mapping[tuple[str, str], Iterable[IssueLine]]) -> None:
    """Colour and comment the cells; a merged cell is marked at its first. A comment of the site's stays above ours."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    order = list(IssueLevel)
    for (title, address), lines in list(marks.items())[:MOST_MARKS]:
        cell = _first_of_merged(book[title], address)
        level = min((line.level for line in lines), key=order.index)
        cell.fill = PatternFill("solid", fgColor=FILLS[level])
        texts = dict.fromkeys(
            f"{ASKS[line.level]}. {line.title}: {line.sentence} {line.what_to_do}".strip() for line in lines
        )
        old = [cell.comment.text] if cell.comment else []
        comment = Comment(plain("\n\n".join([*old, *texts]), 8_000), AUTHOR)
        comment.width, comment.height = 340, min(90 + 22 * sum(len(text) // 48 + 1 for text in texts), 420)
        cell.comment = comment


def _first_of_merged(sheet: Worksheet, address: str) -> Any:
    for merged in sheet.merged_cells.ranges:
        if address in merged:
            return sheet.cell(merged.min_row, merged.min_col)
    return sheet[address]


def _add_list(book: Workbook, name: str, notes: Sequence[str], lines: Sequence[IssueLine], row_word: str) -> None:
    """Put the list before all sheets, and select only it: two selected sheets would both take what is typed."""
    sheet = book.create_sheet(TITLE, 0)
    fill_sheet(sheet, name, notes, lines, row_word)
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    book.active = 0
