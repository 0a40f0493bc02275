"""What every reader gives, whatever the format: sheets of rows of cells with the address that the sender sees.

Belongs here: those shapes, the error a reader raises, and how a cell is said as text. Does not belong: any format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from typing import NamedTuple

__all__ = ["Cell", "CellError", "Grid", "LazyRows", "Row", "Sheet", "Unreadable", "is_blank", "text_of"]


class Unreadable(Exception):  # noqa: N818 (named as the status that it leads to)
    """The file cannot be read as what its name says. The message is a sentence for its sender."""


@dataclass(frozen=True)
class CellError:
    """A cell that holds no value: a spreadsheet error, or a formula that was never calculated."""

    what: str


Cell = str | int | float | bool | datetime | date | time | CellError | None


class Row(NamedTuple):
    number: int  # the sheet's row, the line on which a CSV record starts, the SPSS case
    cells: tuple[Cell, ...]

    def at(self, index: int) -> Cell:
        """The cell in a column, counted from 0; a row that ends before it is blank there."""
        return self.cells[index] if index < len(self.cells) else None


@dataclass(frozen=True)
class LazyRows:
    """Rows that are read anew each time that somebody goes through them, so that a long sheet is never in memory whole.

    `begin` must give the same rows each time, and may raise no `Unreadable`: a reader has been through them once.
    """

    begin: Callable[[], Iterator[Row]]

    def __iter__(self) -> Iterator[Row]:
        return self.begin()


@dataclass(frozen=True)
class Sheet:
    """A sheet's rows can be gone through more than once; they have no length and no index, since they may be lazy."""

    name: str | None
    rows: Iterable[Row]

    def head(self, count: int) -> list[Row]:
        """The first rows, at most so many."""
        return list(islice(self.rows, count))

    def after(self, count: int) -> Iterator[Row]:
        """All rows but the first so many."""
        return islice(self.rows, count, None)


@dataclass(frozen=True)
class Grid:
    """The sheets that are read, those that are not (by name, with why), and what the reader noticed."""

    sheets: list[Sheet]
    unread: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str | None, str, str]] = field(default_factory=list)  # sheet, reason, sentence


def is_blank(cell: Cell) -> bool:
    if type(cell) is str and cell.isascii():  # nearly every cell, and the rest of the test says the same of it
        return not cell or cell.isspace()
    return cell is None or (isinstance(cell, str) and not cell.replace("\u200b", "").replace("\ufeff", "").strip())


def text_of(cell: Cell) -> str:
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
    return str(cell).replace("\u00a0", " ").replace("\u200b", "").replace("\ufeff", "").strip()
