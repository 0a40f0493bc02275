"""Delimited text: a record becomes as many empty lines as it had, in the file's own encoding and line ends."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Set
from itertools import accumulate

from tfc_platform.contracts.model import Reading
from tfc_platform.ingest.redact.failure import CannotRedact
from tfc_platform.sheets.readers.csv_text import LONGEST_CELL, MARKS, MIXED, decode, delimiter_of
from tfc_platform.sheets.sheet_model import Unreadable

__all__ = ["redact"]


def _records(text: str, delimiter: str) -> Iterator[tuple[int, int, int]]:
    """Each record: the line on which it starts, counted from 1, and where in the text it starts and ends."""
    lines = list(io.StringIO(text, newline=""))
    ends = [0, *accumulate(map(len, lines))]
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
    start = 0
    for _ in reader:
        yield start + 1, ends[start], ends[reader.line_num]
        start = reader.line_num


def _blank(text: str, end: str) -> str:
    """As many empty lines as a record has."""
    lines = list(io.StringIO(text, newline=""))
    return end * sum(line.endswith(("\r", "\n")) for line in lines)


def _line_end(text: str) -> str:
    """What ends an emptied line: as the file does it. Beside a lone CR an LF would join it to one end of two characters."""
    if re.search(r"\r(?!\n)", text):
        return "\r\n"
    return "\r\n" if "\r\n" in text else "\n"


def _codec(content: bytes, encoding: str) -> tuple[bytes, str]:
    """The byte order mark, which decoding takes away, and the codec of what follows it."""
    mark = next((mark for mark in MARKS if content.startswith(mark)), b"")
    if mark == codecs.BOM_UTF8:
        return mark, "utf-8"
    if mark:
        return mark, "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    return b"", encoding


def redact(content: bytes, rows: Mapping[str | None, Set[int]], reading: Reading) -> bytes:
    """:raises CannotRedact: where the text cannot be decoded or cut into records."""
    try:
        text, encoding = decode(content)
    except Unreadable:
        raise CannotRedact("The text is in no encoding that can be read.") from None
    delimiter = delimiter_of(content, encoding, reading.delimiter)
    mark, codec = _codec(content, encoding)
    if (
        encoding == MIXED
    ):  # separators, quotation marks and line ends are the same bytes in both: each byte stands for itself
        codec = "latin-1"
        text = content[len(mark) :].decode(codec)
    # The reader takes NULs out before it looks for lines; the places are those of the text that still has them.
    kept = [place for place, character in enumerate(text) if character != "\x00"] if "\x00" in text else None
    plain = text.replace("\x00", "")
    wanted = rows.get(None, set())
    pieces, done, line_end = [], 0, _line_end(plain)
    try:
        for line, start, end in _records(plain, delimiter):
            if line in wanted:
                first, last = (start, end) if kept is None else (kept[start], kept[end - 1] + 1)
                pieces += [text[done:first], _blank(plain[start:end], line_end)]
                done = last
    except csv.Error:
        raise CannotRedact("The text cannot be cut into records.") from None
    return mark + "".join([*pieces, text[done:]]).encode(codec)
