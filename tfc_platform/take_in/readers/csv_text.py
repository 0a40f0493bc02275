"""Delimited text: decoded by a ladder that never guesses, then parsed strictly, every cell kept as text.

Statistical detection of encodings is wrong on small British files; DuckDB's own reader loses malformed lines in silence.
"""

from __future__ import annotations

import codecs
import csv
import io

from tfc_platform.contracts.model import Reading
from tfc_platform.take_in.grid import Grid, Row, Sheet, Unreadable

__all__ = ["decode", "read"]

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
LADDER = ("utf-8", "cp1252")
LONGEST_CELL = 10_000_000


def decode(content: bytes) -> tuple[str, str]:
    """The text and the encoding that it was in: a byte order mark, strict UTF-8, then Windows-1252.

    :raises Unreadable: naming the first line that none of them can read.
    """
    marked = next((encoding for mark, encoding in MARKS.items() if content.startswith(mark)), None)
    place = 0
    for encoding in (marked,) if marked else LADDER:
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError as error:
            place = error.start
    line = content.count(b"\n", 0, place) + 1
    raise Unreadable(f"Line {line} is in no encoding that can be read. Save the file as CSV UTF-8 and send it again.")


def _why(message: str) -> str:
    """The parser's complaint in words that a sender can act on; the parser's own name no cell, but help nobody."""
    if "field larger" in message:
        return "one of its cells is longer than any text, so a quotation mark may be missing"
    if "unexpected end" in message:
        return "a quotation mark opens and does not close"
    return "a quotation mark stands where neither a cell begins nor ends"


def read(content: bytes, reading: Reading) -> Grid:
    text, encoding = decode(content)
    warnings: list[tuple[str | None, str, str]] = []
    if encoding in LADDER and encoding != reading.encoding and not content.isascii():
        warnings.append((None, "encoding", f"Read as {encoding}, though this export is usually in {reading.encoding}."))
    if "\x00" in text:
        text = text.replace("\x00", "")
        warnings.append((None, "nul_bytes", "The file holds NUL bytes, which were taken out."))
    csv.field_size_limit(LONGEST_CELL)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=reading.delimiter, strict=True)
    rows: list[Row] = []
    start = 1
    try:
        for cells in lines:
            if cells:
                rows.append(Row(start, tuple(cells)))
            start = lines.line_num + 1
    except csv.Error as error:
        raise Unreadable(f"The record that starts on line {start} is broken: {_why(str(error))}.") from None
    return Grid([Sheet(None, rows)], warnings=warnings)
