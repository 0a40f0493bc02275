"""Delimited text: which separator it has, what is said of its encoding, and its records, every cell kept as text.

Statistical detection is wrong on small British files; DuckDB's own reader loses malformed lines in silence. So the encoding is
found by a ladder (`encodings`), and another separator than the contract's is taken only where the contract's gives no table.
"""

from __future__ import annotations

import codecs
import csv
from itertools import islice

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.readers.csv_rows import LONGEST_CELL, rows_of
from tfc_platform.sheets.readers.encodings import (
    LADDER,
    MARKS,
    MIXED,
    PIECE,
    encoding_of,
    lines_of,
    other_lines,
    seems_twice_encoded,
    undo_double_encoding,
)
from tfc_platform.sheets.sheet_model import Grid, ReadAs, ReaderNotice, Sheet

__all__ = ["LONGEST_CELL", "MARKS", "MIXED", "decode", "delimiter_of", "encoding_of", "read"]

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical line"}
LOOKED_AT = 30  # records, as far as a header is looked for
NAMED = 10  # lines that a message names


def decode(content: bytes) -> tuple[str, str]:
    """The text as a whole and the encoding that it was in; text that was encoded twice stays as it is.

    :raises Unreadable: as `encoding_of`.
    """
    encoding = encoding_of(content)
    return "".join(lines_of(content, encoding)), encoding


def _widths(content: bytes, encoding: str, delimiter: str) -> list[int]:
    """How many fields each of the first records has; none where the separator makes them break."""
    csv.field_size_limit(LONGEST_CELL)
    lines = (line.replace("\x00", "") for line in lines_of(content, encoding))
    try:
        return [len(cells) for cells in islice(csv.reader(lines, delimiter=delimiter, strict=True), LOOKED_AT) if cells]
    except csv.Error:
        return []


def _table(widths: list[int]) -> tuple[int, int] | None:
    """The first record of the widest table that these records make (two at least, of one width), and its width.

    A header alone is a table where no other record stands.
    """
    alone = len(widths) == 1
    wide = [width for width in widths if width > 1 and (alone or widths.count(width) > 1)]
    return (widths.index(max(wide)), max(wide)) if wide else None


def delimiter_of(content: bytes, encoding: str, declared: str) -> str:
    """The separator of a text: the declared one, unless another makes a table of records that have one field by it.

    By structure alone: how many fields records have, not what their cells hold.
    """
    widths = _widths(content, encoding, declared)
    if widths and min(widths) > 1:
        return declared
    own = _table(widths)
    best, most = declared, own[1] if own else 1
    for other in DELIMITERS:
        found = _table(_widths(content, encoding, other)) if other != declared else None
        if found is None or found[1] <= most:
            continue
        first, width = found
        # By a separator that is not the file's, quoted cells break the very first record: then there is no width at all.
        if not widths or (first < len(widths) and widths[first] == 1):
            best, most = other, width
    return best


def _has_nul(content: bytes, encoding: str) -> bool:
    """Whether the text holds a NUL; half of the bytes of UTF-16 are zero and mean none."""
    if not encoding.startswith("utf-16"):
        return b"\x00" in content
    pieces = (content[start : start + PIECE] for start in range(0, len(content), PIECE))
    return any("\x00" in piece for piece in codecs.iterdecode(pieces, encoding))


def _named(lines: list[int]) -> str:
    """`line 3`, `lines 3, 5 and 20 more`."""
    first = ", ".join(map(str, lines[:NAMED]))
    more = f" and {len(lines) - NAMED} more" if len(lines) > NAMED else ""
    return f"line{'' if len(lines) == 1 else 's'} {first}{more}"


def _encoding_notices(content: bytes, encoding: str, reading: Reading, twice: list[int] | None) -> list[ReaderNotice]:
    found = []
    if encoding == MIXED:
        lines = _named(other_lines(content))
        message = (
            f"The file is in two encodings: UTF-8, and Windows-1252 on {lines}. Each line was read in its own, no row was"
            " dropped. Save the whole file as CSV UTF-8 next time."
        )
        found.append(ReaderNotice(None, "encoding", message))
    elif encoding in LADDER and encoding != reading.encoding and not content.isascii():
        message = f"Read in the encoding {encoding}, though this export is usually in {reading.encoding}."
        found.append(ReaderNotice(None, "encoding", message))
    if twice:
        message = (
            f"Text was encoded twice before it came, on {_named(twice)}: the encoding was put right there, exactly. Save the"
            " export as CSV UTF-8 once and do not open and save it in between."
        )
        found.append(ReaderNotice(None, "encoded_twice", message, row=twice[0]))
    elif twice is not None:
        message = (
            "Text looks as if it had been encoded twice, as “Ã©” for “é”, and could not be put right: check its encoding"
            " and export it again."
        )
        found.append(ReaderNotice(None, "encoded_twice", message))
    return found


def read(content: bytes, reading: Reading) -> Grid:
    encoding = encoding_of(content)
    twice = None
    if encoding in ("utf-8", "utf-8-sig") and seems_twice_encoded(content):
        lines = enumerate(lines_of(content, encoding), start=1)
        twice = [number for number, line in lines if undo_double_encoding(line) != line]
    notices = _encoding_notices(content, encoding, reading, twice)
    has_nul = _has_nul(content, encoding)
    if has_nul:
        notices.append(ReaderNotice(None, "nul_bytes", "The file holds NUL bytes, which were taken out."))
    delimiter = delimiter_of(content, encoding, reading.delimiter)
    if delimiter != reading.delimiter:
        what = f"The separator is {DELIMITERS[delimiter]}, not {DELIMITERS.get(reading.delimiter, 'the usual one')}"
        message = f"{what}: the file was read with it. Check that numbers with a decimal comma were understood."
        notices.append(ReaderNotice(None, "separator", message))
    rows = rows_of(content, encoding, delimiter, drop_nul=has_nul, is_mended=bool(twice))
    return Grid([Sheet(None, rows)], warnings=notices, read_as=ReadAs("csv", encoding, delimiter))
