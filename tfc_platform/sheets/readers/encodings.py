"""Which encoding a text is in, by a ladder that never guesses by frequency, and its lines as text.

A byte order mark, strict UTF-8, UTF-16 without its mark (every other byte of Latin letters is zero), then Windows-1252. A text
that was put together from two exports is in two encodings: then each line goes up the ladder for itself.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator

from tfc_platform.sheets.file_format import unmarked_utf16
from tfc_platform.sheets.sheet_model import Unreadable

__all__ = [
    "LADDER",
    "MARKS",
    "MIXED",
    "PIECE",
    "decodes",
    "encoding_of",
    "lines_of",
    "other_lines",
    "seems_twice_encoded",
    "undo_double_encoding",
]

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
LADDER = ("utf-8", "cp1252")
MIXED = "utf-8 and cp1252"  # each line in one of them
PIECE = 2**20  # bytes that are decoded at a time
# UTF-8 read as Windows-1252 and written as UTF-8 again: the first byte of a letter became one of ÂÃÄÅÐÑØÙàáâïð, the next ones
# what Windows-1252 has at 80 to BF. Other first bytes would be letters that no export of ours holds, and `É”` is good text.
TWICE = re.compile(
    rb"\xc3[\x82-\x85\x90\x91\x98\x99\xa0-\xa2\xaf\xb0]"
    rb"(?:\xc2[\x80-\xbf]|\xc5[\x92\x93\xa0\xa1\xb8\xbd\xbe]|\xc6\x92|\xcb[\x86\x9c]|\xe2\x80[\x93-\xba]|\xe2\x82\xac|\xe2\x84\xa2)"
)
FOREIGN = re.compile(r"[^\x00-\x7f]+")
FIRST = frozenset("ÂÃÄÅÐÑØÙàáâïð")


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


def _no_encoding(content: bytes, place: int) -> Unreadable:
    line = content.count(b"\n", 0, place) + 1
    return Unreadable(f"Line {line} is in no encoding that can be read. Save the file as CSV UTF-8 and send it again.")


def encoding_of(content: bytes) -> str:
    """The encoding that text is in; `MIXED` where its lines are in two.

    :raises Unreadable: naming the first line that none of them can read.
    """
    marked = next((encoding for mark, encoding in MARKS.items() if content.startswith(mark)), None)
    encoding = marked or unmarked_utf16(content) or "utf-8"
    place = decodes(content, encoding)
    if place is None:
        return encoding
    if encoding.startswith("utf-16"):
        raise _no_encoding(content, place)
    has_utf8 = False
    place = 0
    for line in io.BytesIO(content):
        if not line.isascii():
            try:
                line.decode("utf-8")
                has_utf8 = True
            except UnicodeDecodeError:
                try:
                    line.decode("cp1252")
                except UnicodeDecodeError as error:
                    raise _no_encoding(content, place + error.start) from None
        place += len(line)
    return MIXED if has_utf8 or marked else "cp1252"


def _each_line(content: bytes) -> Iterator[str]:
    start = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    stream = io.BytesIO(content)
    stream.seek(start)
    for line in stream:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text = line.decode("cp1252")
        yield from io.StringIO(text, newline="")


def lines_of(content: bytes, encoding: str) -> Iterable[str]:
    """The lines of a text with their ends as they are, of an encoding that `encoding_of` gave."""
    if encoding == MIXED:
        return _each_line(content)
    return io.TextIOWrapper(io.BytesIO(content), encoding, newline="")


def other_lines(content: bytes) -> list[int]:
    """The lines of a mixed text that are in Windows-1252, counted from 1."""
    found = []
    for number, line in enumerate(io.BytesIO(content), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            found.append(number)
    return found


def seems_twice_encoded(content: bytes) -> bool:
    """Whether UTF-8 text holds what looks as if it had been encoded twice."""
    return not content.isascii() and TWICE.search(content) is not None


def _byte(character: str) -> bytes:
    """The byte of a character in Windows-1252 as browsers have it: its five gaps are the bytes themselves."""
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")


def undo_double_encoding(line: str) -> str:
    """A line as it was before it was encoded a second time; the line itself where any part of it cannot have been.

    Exact: what it gives, encoded twice, is what it was given.
    """
    if line.isascii():
        return line
    runs = FOREIGN.findall(line)
    if not any(run[0] in FIRST for run in runs):
        return line
    repaired = {}
    for run in runs:
        try:
            repaired[run] = b"".join(map(_byte, run)).decode("utf-8")
        except UnicodeError:
            return line
    return FOREIGN.sub(lambda found: repaired[found.group()], line)
