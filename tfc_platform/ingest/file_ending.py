"""How a delimited text or an HTML table ends: an upload that stopped leaves its last row without its last cells."""

from __future__ import annotations

import csv
from itertools import pairwise

__all__ = ["CUT", "LINE", "OPEN", "ending_of"]

LINE = "line"  # with the end of a row
OPEN = "open"  # without the end of a line, as some programs write; the last row has all its cells
CUT = "cut"  # in the middle of a row
WHOLE = 4 * 2**20  # bytes; of a longer file the last of them are looked at
COMPARED = 5  # rows before the last one, whose width is the table's


def ending_of(content: bytes, read_as: dict[str, str | None]) -> str | None:
    """How a file ends: `line`, `open` or `cut`; None where its format says nothing of it.

    A text ends in the middle of a row where its last line has no end, and fewer cells than each of the rows before it, which
    agree; a note under the table, whose one cell is longer than their first, is none.

    :param read_as: format, encoding and delimiter, as the file was read.
    """
    if read_as.get("format") == "html":
        return LINE if b"</table" in content[-WHOLE:].lower() else CUT
    delimiter = read_as.get("delimiter")
    if read_as.get("format") != "csv" or not delimiter:
        return None
    is_wide = "16" in (read_as.get("encoding") or "")
    if len(content) > WHOLE and is_wide:
        return None  # a part of it may begin in the middle of a character
    encoding = "utf-16" if is_wide else "latin-1"  # separators, marks and ends of lines are the same in all others
    tail = content[-WHOLE:].decode(encoding, "replace").rstrip("\0 ")
    if tail.endswith(("\n", "\r")):
        return LINE
    if len(content) > WHOLE:
        tail = tail.partition("\n")[2]
    try:
        rows = [row for row in csv.reader(tail.splitlines(keepends=True), delimiter=delimiter) if any(row)]
    except csv.Error:
        return None
    rows = rows[-COMPARED - 1 :]
    if len(rows) < 3 or any(len(one) != len(other) for one, other in pairwise(rows[:-1])):
        return OPEN
    last, width = rows[-1], len(rows[0])
    is_note = len(last) == 1 and len(last[0]) > max(len(row[0]) for row in rows[:-1])
    return CUT if len(last) < width and not is_note else OPEN
