"""The records of a delimited text, parsed anew from its bytes each time that somebody goes through them.

A long text is never a `str` as a whole, and its rows are never in memory all at once: what is held is the bytes alone. A short
one is parsed once and kept, because going through it again would cost more than its memory.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from tfc_platform.sheets.readers.encodings import lines_of, undo_double_encoding
from tfc_platform.sheets.sheet_model import LazyRows, SheetRow, Unreadable

__all__ = ["LONGEST_CELL", "rows_of"]

LONGEST_CELL = 10_000_000
KEPT = 8 * 2**20  # bytes; a text up to this size is parsed once


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
    :raises Unreadable: naming the line on which the first broken record starts; never while the rows are gone through.
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

    if len(content) <= KEPT:
        return list(begin())
    try:
        deque(_lines(content, encoding, delimiter, drop_nul, is_mended), maxlen=0)
    except csv.Error:
        deque(begin(), maxlen=0)  # says where
    return LazyRows(begin)


def _lines(content: bytes, encoding: str, delimiter: str, drop_nul: bool, is_mended: bool) -> Any:
    csv.field_size_limit(LONGEST_CELL)
    text = lines_of(content, encoding)
    if drop_nul:
        text = (line.replace("\x00", "") for line in text)
    if is_mended:
        text = map(undo_double_encoding, text)
    return csv.reader(text, delimiter=delimiter, strict=True)
