"""Delimited text: decoded by a ladder that never guesses, then parsed strictly, every cell kept as text.

Statistical detection of encodings is wrong on small British files; DuckDB's own reader loses malformed lines in silence.
"""

from __future__ import annotations

import codecs

from tfc_platform.contracts.model import Reading
from tfc_platform.take_in.grid import Grid, Sheet, Unreadable
from tfc_platform.take_in.readers.csv_rows import LONGEST_CELL, PIECE, decodes, rows_of

__all__ = ["LONGEST_CELL", "MARKS", "decode", "encoding_of", "read"]

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
LADDER = ("utf-8", "cp1252")


def encoding_of(content: bytes) -> str:
    """The encoding that text is in: by a byte order mark, else strict UTF-8, else Windows-1252.

    :raises Unreadable: naming the first line that none of them can read.
    """
    marked = next((encoding for mark, encoding in MARKS.items() if content.startswith(mark)), None)
    place = None
    for encoding in (marked,) if marked else LADDER:
        place = decodes(content, encoding)
        if place is None:
            return encoding
    line = content.count(b"\n", 0, place) + 1
    raise Unreadable(f"Line {line} is in no encoding that can be read. Save the file as CSV UTF-8 and send it again.")


def decode(content: bytes) -> tuple[str, str]:
    """The text as a whole and the encoding that it was in.

    :raises Unreadable: as `encoding_of`.
    """
    encoding = encoding_of(content)
    return content.decode(encoding), encoding


def _has_nul(content: bytes, encoding: str) -> bool:
    """Whether the text holds a NUL; half of the bytes of UTF-16 are zero and mean none."""
    if not encoding.startswith("utf-16"):
        return b"\x00" in content
    pieces = (content[start : start + PIECE] for start in range(0, len(content), PIECE))
    return any("\x00" in piece for piece in codecs.iterdecode(pieces, encoding))


def read(content: bytes, reading: Reading) -> Grid:
    encoding = encoding_of(content)
    warnings: list[tuple[str | None, str, str]] = []
    if encoding in LADDER and encoding != reading.encoding and not content.isascii():
        warnings.append((None, "encoding", f"Read as {encoding}, though this export is usually in {reading.encoding}."))
    has_nul = _has_nul(content, encoding)
    if has_nul:
        warnings.append((None, "nul_bytes", "The file holds NUL bytes, which were taken out."))
    rows = rows_of(content, encoding, reading.delimiter, drop_nul=has_nul)
    return Grid([Sheet(None, rows)], warnings=warnings)
