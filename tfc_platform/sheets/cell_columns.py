"""Rows as columns: of each column its different cells, and for every row which of them it has.

So a question about a cell is asked once for each different cell, and answered for all rows by taking. Text is encoded by Arrow;
cells of other types keep their type, since 1, 1.0 and True are equal to Python and are not one cell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, zip_longest
from typing import Any

import numpy as np
import pyarrow as pa

from tfc_platform.sheets.sheet_model import CellValue, SheetRow, is_blank, text_of

__all__ = ["Bools", "CellColumn", "Codes", "ColumnChunk", "ColumnRows", "chunks_of", "combined", "key_of"]

CHUNK = 20_000  # rows that are looked at together
Codes = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


def key_of(cell: CellValue) -> Hashable:
    """What tells a cell from all others: 1, 1.0 and True are equal to Python and are not one cell."""
    return cell if type(cell) is str else (type(cell), cell)


@dataclass(frozen=True)
class CellColumn:
    """One column of some rows: `cells` are its different cells, `codes` says for each row which it has."""

    codes: Codes
    cells: list[CellValue]

    @classmethod
    def of(cls, column: Sequence[CellValue], nan_is_blank: bool = False, empty_is_blank: bool = False) -> CellColumn:
        """The column of cells, in the order of the rows.

        :param nan_is_blank: whether a number that is none is a blank cell.
        :param empty_is_blank: whether a text without a letter is a blank cell.
        """
        if empty_is_blank and "" in column:
            column = [None if type(cell) is str and not cell else cell for cell in column]
        kinds = set(map(type, column)) - {type(None)}
        arrow = pa.string() if kinds <= {str} else pa.float64() if kinds == {float} else None
        if arrow is not None:
            try:
                encoded = pa.array(column, arrow, from_pandas=nan_is_blank).dictionary_encode("encode")
            except UnicodeEncodeError:  # half of a surrogate pair, which no UTF-8 has
                pass
            else:
                return cls.of_arrow(encoded)
        if nan_is_blank:
            column = [None if isinstance(cell, float) and math.isnan(cell) else cell for cell in column]
        places: dict[Hashable, int] = {}
        codes = np.fromiter((places.setdefault(key_of(cell), len(places)) for cell in column), np.int64, len(column))
        first = np.zeros(len(places), np.int64)
        first[codes[::-1]] = np.arange(len(column))[::-1]
        return cls(codes, [column[place] for place in first.tolist()])

    @classmethod
    def of_arrow(cls, encoded: pa.DictionaryArray) -> CellColumn:
        """The column of an encoded array."""
        return cls(encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist())

    @classmethod
    def blank(cls, rows: int) -> CellColumn:
        """A column of rows that end before it."""
        return cls(np.zeros(rows, np.int64), [None])

    @cached_property
    def texts(self) -> list[str]:
        """`text_of` each different cell."""
        return [text_of(cell) for cell in self.cells]

    @cached_property
    def blank_cells(self) -> list[bool]:
        """Whether each different cell is blank."""
        return [is_blank(cell) for cell in self.cells]

    def after(self, count: int) -> CellColumn:
        """The column of all rows but the first so many."""
        return self._with(self.codes[count:])

    def rows_where(self, wanted: Bools) -> CellColumn:
        """The column of some of the rows."""
        return self._with(self.codes[wanted])

    def _with(self, codes: Codes) -> CellColumn:
        used = np.flatnonzero(np.bincount(codes, minlength=len(self.cells)))
        place_of = np.zeros(len(self.cells), np.int64)
        place_of[used] = np.arange(len(used))
        return CellColumn(place_of[codes], [self.cells[code] for code in used.tolist()])

    def code_counts(self, rows: Codes | None = None) -> Iterator[tuple[int, int]]:
        """The code of each different cell with how many rows have it, in the order in which they come first.

        :param rows: the places of the rows that are counted; all where it is None.
        """
        counts = np.bincount(self.codes if rows is None else self.codes[rows], minlength=len(self.cells))
        return ((code, int(counts[code])) for code in np.flatnonzero(counts).tolist())

    def counted(self) -> Iterator[tuple[CellValue, int]]:
        """Each different cell with how many rows have it, in the order in which they come first."""
        return ((self.cells[code], count) for code, count in self.code_counts())

    def where(self, test: Iterable[Any]) -> Bools:
        """For every row the answer to a question.

        :param test: the answer for each different cell.
        """
        return np.fromiter(map(bool, test), np.bool_, len(self.cells))[self.codes]

    def where_cell(self, test: Callable[[CellValue], Any]) -> Bools:
        """For every row whether a test holds for its cell."""
        return self.where(map(test, self.cells))


@dataclass(frozen=True)
class ColumnChunk:
    """Some rows of a sheet that follow each other: their numbers, how many cells each has, and their columns."""

    numbers: Codes
    widths: Codes
    columns: list[CellColumn]

    @classmethod
    def of(cls, rows: Sequence[SheetRow]) -> ColumnChunk:
        """The columns of some rows."""
        count = len(rows)
        numbers = np.fromiter((row.number for row in rows), np.int64, count)
        widths = np.fromiter((len(row.cells) for row in rows), np.int64, count)
        return cls(numbers, widths, [CellColumn.of(cells) for cells in zip_longest(*(row.cells for row in rows))])

    def __len__(self) -> int:
        return len(self.numbers)

    def column(self, index: int) -> CellColumn:
        """A column by its index; blank where no row reaches it."""
        return self.columns[index] if index < len(self.columns) else CellColumn.blank(len(self))

    def row(self, place: int) -> SheetRow:
        """One of the rows, counted from 0."""
        columns = islice(self.columns, int(self.widths[place]))
        return SheetRow(int(self.numbers[place]), tuple(column.cells[column.codes[place]] for column in columns))

    def rows_where(self, wanted: Bools) -> ColumnChunk:
        """Some of the rows."""
        columns = [column.rows_where(wanted) for column in self.columns]
        return ColumnChunk(self.numbers[wanted], self.widths[wanted], columns)

    def after(self, count: int) -> ColumnChunk:
        """All rows but the first so many."""
        return ColumnChunk(self.numbers[count:], self.widths[count:], [column.after(count) for column in self.columns])


class ColumnRows:
    """Rows that are held as columns, from the first time on that somebody asks for them."""

    def __init__(self, chunks: Iterable[ColumnChunk]) -> None:
        self._given = iter(chunks)

    @cached_property
    def chunks(self) -> list[ColumnChunk]:
        """All rows, some thousand at a time."""
        return list(self._given)

    def __iter__(self) -> Iterator[SheetRow]:
        return (chunk.row(place) for chunk in self.chunks for place in range(len(chunk)))


def chunks_of(rows: Iterable[SheetRow], size: int | None = None) -> Iterator[ColumnChunk]:
    """Rows as columns, some thousand rows at a time.

    :param size: rows of a chunk.
    """
    remaining = iter(rows)
    while some := list(islice(remaining, size or CHUNK)):
        yield ColumnChunk.of(some)


def combined(columns: Sequence[CellColumn]) -> tuple[Codes, Codes]:
    """Several columns as one: for each row the number of its combination, and for each combination a row that has it."""
    whole = np.zeros(len(columns[0].codes), np.int64)
    for column in columns:
        whole = np.unique(whole * len(column.cells) + column.codes, return_inverse=True)[1]
    _, first, codes = np.unique(whole, return_index=True, return_inverse=True)
    return codes, first
