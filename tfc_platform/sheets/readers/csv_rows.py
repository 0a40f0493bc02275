"""The records of a delimited text, each with the line on which it starts.

A long text is never a `str` as a whole, and is kept as columns: each different cell of some thousand rows once.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from tfc_platform.sheets.cell_columns import ColumnRows, chunks_of
from tfc_platform.sheets.readers.encodings import lines_of, undo_double_encoding
from tfc_platform.sheets.sheet_model import SheetRow, Unreadable

__all__ = ["LONGEST_CELL", "rows_of"]

LONGEST_CELL = 10_000_000
KEPT = 8 * 2**20  # bytes; a text up to this size is kept as rows


def _why(message: str) -> str:
    """The parser's complaint in words that a sender can act on; the parser's own name no cell, but help nobody."""
    if "field larger" in message:
        return "one of its cells is longer than any text, so a quotation mark may be missing"
    if "unexpected end" in message:
        return "a quotation mark opens and does not close"
    return "a quotation mark stands where neither a cell begins nor ends"


def rows_of(
    content: bytes, encoding: str, delimiter: str, drop_nul: bool = False, is_mended: bool = False
) -> Iterable[SheetRow]:
    """The records, each with the line on which it starts; an empty line is none.

    :param encoding: that of `encodings.encoding_of`.
    :param drop_nul: take out NUL characters before parsing.
    :param is_mended: put lines right that were encoded twice.
    :raises Unreadable: naming the line on which the first broken record starts.
    """

    def begin() -> Iterator[SheetRow]:
        lines = _lines(content, encoding, delimiter, drop_nul, is_mended)
        start = 1
        try:
            for cells in lines:
                if cells:
                    yield SheetRow(start, tuple(cells))
                start = lines.line_num + 1
        except csv.Error as error:
            raise Unreadable(f"The record that starts on line {start} is broken: {_why(str(error))}.") from None

    return list(begin()) if len(content) <= KEPT else ColumnRows(chunks_of(begin()))


def _lines(content: bytes, encoding: str, delimiter: str, drop_nul: bool, is_mended: bool) -> Any:
    csv.field_size_limit(LONGEST_CELL)
    text = lines_of(content, encoding)
    if drop_nul:
        text = (line.replace("\x00", "") for line in text)
    if is_mended:
        text = map(undo_double_encoding, text)
    return csv.reader(text, delimiter=delimiter, strict=True)
