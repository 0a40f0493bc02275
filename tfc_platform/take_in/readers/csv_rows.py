"""The records of a delimited text, parsed anew from its bytes each time that somebody goes through them.

Belongs here: decoding in pieces, strict parsing, the line on which a record starts. Does not belong: which encoding a file is
in, or which separator (`csv_text`).

A long text is never a `str` as a whole, and its rows are never in memory all at once: what is held is the bytes alone. A short
one is parsed once and kept, because going through it again would cost more than its memory.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from tfc_platform.take_in.grid import LazyRows, Row, Unreadable

__all__ = ["LONGEST_CELL", "PIECE", "decodes", "rows_of"]

LONGEST_CELL = 10_000_000
KEPT = 8 * 2**20  # bytes; a text up to this size is parsed once
PIECE = 2**20  # bytes that are decoded at a time


def decodes(content: bytes, encoding: str) -> int | None:
    """The place of the first byte that `encoding` cannot read, or None; in pieces, so that no text is put together.

    The place is that of the piece's error, which is exact in an encoding of single bytes and in UTF-8.
    """

    decoder = codecs.getincrementaldecoder(encoding)("strict")
    view = memoryview(content)
    for start in range(0, max(len(view), 1), PIECE):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(bytes(view[start : start + PIECE]), final=start + PIECE >= len(view))
        except UnicodeDecodeError as error:
            return start - pending + error.start
    return None


def _why(message: str) -> str:
    """The parser's complaint in words that a sender can act on; the parser's own name no cell, but help nobody."""
    if "field larger" in message:
        return "one of its cells is longer than any text, so a quotation mark may be missing"
    if "unexpected end" in message:
        return "a quotation mark opens and does not close"
    return "a quotation mark stands where neither a cell begins nor ends"


def rows_of(content: bytes, encoding: str, delimiter: str, drop_nul: bool = False) -> Iterable[Row]:
    """The records, each with the line on which it starts; an empty line is none.

    :param encoding: one that reads all of `content` (`decodes`).
    :param drop_nul: take out NUL characters before parsing.
    :raises Unreadable: naming the line on which the first broken record starts; never while the rows are gone through.
    """

    def begin() -> Iterator[Row]:
        lines = _lines(content, encoding, delimiter, drop_nul)
        start = 1
        try:
            for cells in lines:
                if cells:
                    yield Row(start, tuple(cells))
                start = lines.line_num + 1
        except csv.Error as error:
            raise Unreadable(f"The record that starts on line {start} is broken: {_why(str(error))}.") from None

    if len(content) <= KEPT:
        return list(begin())
    try:
        deque(_lines(content, encoding, delimiter, drop_nul), maxlen=0)
    except csv.Error:
        deque(begin(), maxlen=0)  # says where
    return LazyRows(begin)


def _lines(content: bytes, encoding: str, delimiter: str, drop_nul: bool) -> Any:
    csv.field_size_limit(LONGEST_CELL)
    text: Iterable[str] = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    if drop_nul:
        text = (line.replace("\x00", "") for line in text)
    return csv.reader(text, delimiter=delimiter, strict=True)
