"""What every reader gives, whatever the format: sheets of rows of cells with the address that the sender sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from tfc_platform.sheets.cell_columns import ColumnChunk

__all__ = [
    "BOOKS",
    "UNCALCULATED",
    "Beside",
    "CellError",
    "CellPlace",
    "CellValue",
    "Format",
    "Grid",
    "LazyRows",
    "Marks",
    "ReadAs",
    "ReaderNotice",
    "Sheet",
    "SheetRow",
    "Unreadable",
    "Unsafe",
    "Variable",
    "cell_address",
    "is_blank",
    "letters_of",
    "text_of",
    "texts_of",
]


class Unreadable(Exception):  # noqa: N818 (named as the status that it leads to)
    """The file cannot be read as what its name says. The message is a sentence for its sender."""


class Unsafe(Unreadable):
    """The file could do harm to whoever opens it, and was not opened."""


UNCALCULATED = "formula without a calculated value"
Format = Literal[
    "csv", "xlsx", "xlsm", "xls", "xlsb", "ods", "sav", "zsav", "por", "dta", "json", "html", "zip", "cells"
]
BOOKS = frozenset[Format]({"xlsx", "xlsm", "xls", "xlsb", "ods"})  # formats whose cells have addresses


class ReadAs(NamedTuple):
    """What the bytes really were, whatever the name and the contract say."""

    format: Format
    encoding: str | None = None  # of a text; None for a binary format
    delimiter: str | None = None  # of a delimited text


class ReaderNotice(NamedTuple):
    """What a reader noticed: the rule's name and a sentence that repeats no cell."""

    sheet: str | None
    reason: str
    message: str
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True)
class Variable:
    """What a statistical file itself says of a column. `missing` has codes as `99` and ranges as `97..99`."""

    name: str
    label: str | None
    kind: Literal["number", "text", "date", "datetime", "time"]
    codes: dict[str, str] = field(default_factory=dict)  # value to label
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellError:
    """A cell that holds no value: a spreadsheet error by its own name (`#REF!`), or a formula that was never calculated."""

    what: str
    kind: Literal["error", "formula"] = "error"


CellValue = str | int | float | bool | datetime | date | time | timedelta | CellError | None


class SheetRow(NamedTuple):
    number: int  # the sheet's row, the line on which a CSV record starts, the SPSS case
    cells: tuple[CellValue, ...]

    def at(self, index: int) -> CellValue:
        """The cell in a column, counted from 0; a row that ends before it is blank there."""
        return self.cells[index] if index < len(self.cells) else None


CellPlace = tuple[int, int]  # row and column of a sheet, both from 1


@dataclass(frozen=True)
class Marks:
    """What a sheet says beside its cells: what is coloured, struck through or commented on, and what is merged."""

    fills: dict[CellPlace, str] = field(
        default_factory=dict
    )  # place to the colour's own name, by which colours are told apart
    struck: frozenset[CellPlace] = frozenset()
    comments: frozenset[CellPlace] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()  # first row, first column, last row, last column


@dataclass(frozen=True)
class LazyRows:
    """Rows that are read anew each time that somebody goes through them, so that a long sheet is never in memory whole.

    `begin` must give the same rows each time, and may raise no `Unreadable`: a reader has been through them once.
    """

    begin: Callable[[], Iterator[SheetRow]]

    def __iter__(self) -> Iterator[SheetRow]:
        return self.begin()


@dataclass(frozen=True)
class Beside:
    """What of a sheet's rows stands elsewhere: entries of a repeated group have their submissions' cells beside their own."""

    elsewhere: frozenset[int]  # columns whose cells stand on the sheet of the submissions
    link: int  # the column by which an entry names its submission
    orphans: Mapping[int, str]  # the row of an entry without a submission → why it has none


@dataclass(frozen=True)
class Sheet:
    """A sheet's rows can be gone through more than once; they have no length and no index, since they may be lazy."""

    name: str | None
    rows: Iterable[SheetRow]
    marks: Marks = field(default_factory=Marks)
    is_repeat: bool = False  # of a repeated group: its rows are entries of submissions, which another sheet has
    beside: Beside | None = None

    def address(self, row: SheetRow, index: int) -> str | None:
        """A cell's address on this sheet; none where it is a submission's and stands on another one."""
        return None if index in self.elsewhere else cell_address(row.number, index)

    @property
    def elsewhere(self) -> frozenset[int]:
        """The columns whose cells stand on another sheet."""
        return self.beside.elsewhere if self.beside is not None else frozenset()

    @cached_property
    def chunks(self) -> list[ColumnChunk]:
        """All rows as columns, some thousand rows at a time; they are read once."""
        from tfc_platform.sheets.cell_columns import ColumnRows, chunks_of

        return self.rows.chunks if isinstance(self.rows, ColumnRows) else list(chunks_of(self.rows))

    def chunks_after(self, count: int) -> Iterator[ColumnChunk]:
        """The columns of all rows but the first so many."""
        for chunk in self.chunks:
            if count < len(chunk):
                yield chunk.after(count) if count else chunk
            count = max(count - len(chunk), 0)

    def head(self, count: int) -> list[SheetRow]:
        """The first rows, at most so many."""
        return list(islice(self.rows, count))

    def after(self, count: int) -> Iterator[SheetRow]:
        """All rows but the first so many."""
        return islice(self.rows, count, None)


@dataclass(frozen=True)
class Grid:
    """The sheets that are read, those that are not (by name, with why), and what the reader noticed."""

    sheets: list[Sheet]
    unread: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[ReaderNotice] = field(default_factory=list)
    read_as: ReadAs | None = None
    variables: tuple[Variable, ...] = ()
    aside: tuple[Sheet, ...] = ()  # sheets that are not read, for those who look for a record to erase
    hidden: dict[str, int] = field(default_factory=dict)  # rows and columns (which are read), sheets (which are not)


def cell_address(row_number: int, index: int) -> str:
    """A cell as a spreadsheet names it: row 3 of the fifth column (index 4) is `E3`."""
    return f"{letters_of(index)}{row_number}"


def letters_of(index: int) -> str:
    """A column's letters in a spreadsheet: 0 is A, 26 is AA."""
    letters, number = "", index + 1
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def is_blank(cell: CellValue) -> bool:
    if type(cell) is str and cell.isascii():  # nearly every cell, and the rest of the test says the same of it
        return not cell or cell.isspace()
    return cell is None or (isinstance(cell, str) and not cell.replace("\u200b", "").replace("\ufeff", "").strip())


def text_of(cell: CellValue) -> str:
    """A cell as its sender would write it: 4.0 is `4`, a date is ISO, a blank is empty."""
    if type(cell) is str and cell.isascii():  # nearly every cell, and the last line says the same of it
        return cell.strip()
    if cell is None or isinstance(cell, CellError):
        return ""
    if isinstance(cell, bool):
        return "True" if cell else "False"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time(0):
        return cell.date().isoformat()
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return _span(cell)
    return str(cell).replace("\u00a0", " ").replace("\u200b", "").replace("\ufeff", "").strip()


def texts_of(cells: Iterable[CellValue]) -> list[str]:
    """`text_of` of each cell of a row."""
    return [cell.strip() if type(cell) is str and cell.isascii() else text_of(cell) for cell in cells]


def _span(cell: timedelta) -> str:
    """A duration as Excel shows it, `25:30:00`: hours do not turn into days."""
    seconds = round(abs(cell).total_seconds())
    sign = "-" if cell < timedelta(0) else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
