"""What the rows of a table are: names joined from header rows, totals, notes, and a header that comes again.

Profiling and ingest both go by these functions, so that they never disagree about a file.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from itertools import islice
from typing import Literal

import numpy as np

from tfc_platform.contracts.names import normal
from tfc_platform.sheets.cell_columns import Bools, ColumnChunk
from tfc_platform.sheets.import_ids import distinct_names
from tfc_platform.sheets.sheet_model import LazyRows, Sheet, SheetRow, is_blank, text_of

__all__ = [
    "HeaderJoin",
    "RepeatedHeader",
    "carry_right",
    "filled_cells",
    "header_words",
    "is_total_label",
    "join_header",
    "split_at_headers",
]

HeaderJoin = Literal["first", "last", "path"]
LONGEST_LABEL = 60  # characters of a cell that may be the word for a total
MOVED = 0.6  # of a row's filled cells that are names of columns, and it is a header with its columns in another order
LOOKED_AT = 4  # cells of a row, one of which a header names before the row is compared whole
HALF = 0.5  # of the names, at least, that such a row has


def filled_cells(row: SheetRow) -> list[tuple[int, object]]:
    """The cells of a row that hold anything, each with its column."""
    return [(index, cell) for index, cell in enumerate(row.cells) if not is_blank(cell)]


def header_words(block: Sequence[SheetRow]) -> list[list[str]]:
    """The texts of header rows, all of one width."""
    width = max((len(row.cells) for row in block), default=0)
    return [[" ".join(text_of(row.at(index)).split()) for index in range(width)] for row in block]


def carry_right(line: Sequence[str]) -> list[str]:
    """A line with each blank filled from the cell before it: a merged cell names all columns up to the next."""
    above, carried = "", []
    for text in line:
        above = text or above
        carried.append(above)
    return carried


def join_header(block: Sequence[SheetRow], join: HeaderJoin) -> tuple[str, ...]:
    """The names of the columns from one or more header rows.

    :param join: `first`, the first row names the columns; `last`, the lowest filled cell is the name; `path`, the upper row
        names groups and the lower rows add the part.
    """
    words = header_words(block)
    if not words:
        return ()
    if join == "first":
        return distinct_names(words)
    columns = range(len(words[0]))
    if join == "last":
        return tuple(next((line[i] for line in reversed(words) if line[i]), "") for i in columns)
    names = []
    for i, above in enumerate(carry_right(words[0])):
        parts = [line[i] for line in words[1:] if line[i]]
        names.append(" | ".join([above, *parts]) if parts else words[0][i])
    return tuple(names)


def _first_letters(words: Iterable[str]) -> frozenset[str]:
    """What a cell may begin with that is one of some words once it is `normal`: of a cell outside ASCII it is not known."""
    letters = {word[:1] for word in words}
    return frozenset(letters | {letter.upper() for letter in letters} | set(string.whitespace) | {"`"})


def _may_be(cell: str, letters: frozenset[str]) -> bool:
    return cell[:1] in letters or not cell.isascii()


@lru_cache(maxsize=64)
def _total_letters(label: str) -> frozenset[str]:
    return _first_letters([normal(label), "grand", "sub", "total", "sum", "overall"])


@lru_cache(maxsize=64)
def _total_pattern(label: str) -> re.Pattern[str]:
    return re.compile(rf"(grand |sub-?)?({re.escape(normal(label))}|total|sum|overall)s?( (for|of|in) .*)?\s*:?")


def is_total_label(cell: object, label: str = "total") -> bool:
    """Whether a cell is the word that begins a row of totals.

    :param label: a further word for it, which the contract gives.
    """
    return (
        isinstance(cell, str)
        and len(cell) <= LONGEST_LABEL
        and _may_be(cell, _total_letters(label))
        and _total_pattern(label).fullmatch(normal(cell)) is not None
    )


class RepeatedHeader:
    """Finds a row below the header that is a header too.

    :param names: of the columns.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = [normal(name) for name in names]
        self._known = frozenset(self._names) - {""}
        self._letters = _first_letters(self._known)

    def may_begin(self, cell: object) -> bool:
        """Whether a cell is the name of a column, so that its row may be a header."""
        return isinstance(cell, str) and _may_be(cell, self._letters) and normal(cell) in self._known

    def possible(self, chunk: ColumnChunk) -> Bools:
        """For each row whether one of its first cells is the name of a column: no other row is a header."""
        found = np.zeros(len(chunk), np.bool_)
        for column in chunk.columns[:LOOKED_AT]:
            found |= column.where_cell(self.may_begin)
        return found

    def kind(self, row: SheetRow) -> Literal["same", "moved"] | None:
        """`same`, the names in their places; `moved`, most of the names in other places; None for any other row."""
        if not any(map(self.may_begin, row.cells[:LOOKED_AT])):
            return None
        filled = filled_cells(row)
        texts = [(index, normal(cell)) for index, cell in filled if isinstance(cell, str)]
        if len(texts) < 2 or len(texts) < len(filled):
            return None
        if all(index < len(self._names) and text == self._names[index] for index, text in texts):
            return "same"
        hits = {text for _, text in texts} & self._known
        is_moved = len(hits) >= max(2.0, MOVED * len(texts), HALF * len(self._known))
        return "moved" if is_moved else None


def split_at_headers(sheet: Sheet, names: Sequence[str], first_data: int) -> list[Sheet]:
    """A sheet parted where a header with its columns in other places stands among its rows; the sheet itself where none does.

    :param names: of the columns.
    :param first_data: index of the first row under the header.
    """
    header = RepeatedHeader(names)
    cuts, first = list[int](), first_data
    for chunk in sheet.chunks_after(first_data):
        cuts += [
            first + int(place)
            for place in np.flatnonzero(header.possible(chunk))
            if header.kind(chunk.row(int(place))) == "moved"
        ]
        first += len(chunk)
    if not cuts:
        return [sheet]
    spans = zip([0, *cuts], [*cuts, None], strict=True)
    return [replace(sheet, rows=LazyRows(partial(_rows_between, sheet, start, stop))) for start, stop in spans]


def _rows_between(sheet: Sheet, start: int, stop: int | None) -> Iterator[SheetRow]:
    return islice(sheet.rows, start, stop)
