"""The records of a delimited text, each with the line on which it starts.

A long text is never a `str` as a whole, and is kept as columns: each different cell of some thousand rows once. The `csv` module
reads what `csv_blocks` leaves in doubt.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator

from tfc_platform.sheets.cell_columns import ColumnChunk, ColumnRows, chunks_of
from tfc_platform.sheets.readers.csv_blocks import blocks_of, columns_of_block
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

    if len(content) <= KEPT:
        return list(_records(_lines(content, encoding, drop_nul, is_mended), delimiter))
    if encoding in ("utf-8", "utf-8-sig") and not drop_nul and not is_mended:
        start = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
        return ColumnRows(list(_chunks(content, start, delimiter)))
    text = io.BytesIO()
    for line in _lines(content, encoding, drop_nul, is_mended):
        text.write(line.encode())
    return ColumnRows(list(_chunks(text.getvalue(), 0, delimiter)))


def _lines(content: bytes, encoding: str, drop_nul: bool, is_mended: bool) -> Iterable[str]:
    text = lines_of(content, encoding)
    if drop_nul:
        text = (line.replace("\x00", "") for line in text)
    return map(undo_double_encoding, text) if is_mended else text


def _records(lines: Iterable[str], delimiter: str, first_line: int = 1) -> Iterator[SheetRow]:
    """The records as the `csv` module parts them.

    :param first_line: the number of the first line.
    :raises Unreadable: naming the line on which the first broken record starts.
    """
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    start = first_line
    try:
        for cells in reader:
            if cells:
                yield SheetRow(start, tuple(cells))
            start = reader.line_num + first_line
    except csv.Error as error:
        raise Unreadable(f"The record that starts on line {start} is broken: {_why(str(error))}.") from None


def _chunks(content: bytes, start: int, delimiter: str) -> Iterator[ColumnChunk]:
    """The records of a text in UTF-8 as columns.

    :param start: the first byte of the text.
    """
    line = 1
    for block in blocks_of(content, start, delimiter):
        if isinstance(block, int):
            yield from chunks_of(_records(lines_of(content[block:], "utf-8"), delimiter, line))
            return
        chunk = columns_of_block(block, delimiter, line)
        if chunk is None:
            yield from chunks_of(_records(lines_of(block.content, "utf-8"), delimiter, line))
        else:
            yield chunk
        line += block.line_count
