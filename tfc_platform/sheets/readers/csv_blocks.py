"""Records of a delimited text as columns: Arrow parts the cells, and NumPy finds the line on which each record starts.

Arrow is asked only about blocks of which the quotation marks and the records' widths leave no doubt, so that it and the `csv`
module give the same cells. It says neither the line of a record nor that a quotation mark does not close.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc_csv

from tfc_platform.sheets.cell_columns import CellColumn, Codes, ColumnChunk

__all__ = ["BLOCK", "Block", "blocks_of", "columns_of_block"]

BLOCK = 4 * 2**20  # bytes
LONGEST_BLOCK = 8 * 2**20  # bytes, so that no cell in a block is longer than a text may have
NEWLINE, RETURN, QUOTE = b'\n\r"'


@dataclass(frozen=True)
class Block:
    """Some whole records.

    :param content: in UTF-8, ending with a new line.
    :param lines: of each record, blank ones aside, the line on which it starts, counted from 0 at the start of the block.
    :param widths: how many cells each has.
    :param line_count: how many lines the block has.
    """

    content: bytes
    lines: Codes
    widths: Codes
    line_count: int


def blocks_of(content: bytes, start: int, delimiter: str, size: int | None = None) -> Iterator[Block | int]:
    """The text in blocks of whole records. At the first place of which the quotation marks leave doubt it gives that place.

    :param content: in UTF-8.
    :param start: the first byte of the text.
    :param size: bytes of a block; it has more where a record has.
    """
    if len(delimiter) != 1 or not delimiter.isascii():
        yield start
        return
    end = len(content)
    while start < end:
        length, block = size or BLOCK, None
        while block is None:
            stop = content.rfind(b"\n", start, start + length) + 1 if start + length < end else end
            block = _block(content[start:stop], ord(delimiter), is_last=stop == end) if stop else None
            if block is None and (stop == end or length >= LONGEST_BLOCK):
                yield start
                return
            length *= 2
        start += len(block.content)
        yield block


def _block(part: bytes, delimiter: int, is_last: bool) -> Block | None:
    """The whole records of a part; None where there are none, or where it is not plain which they are."""
    if part.count(b"\r") != part.count(b"\r\n"):
        return None  # a return by itself ends a line too
    content = part if part.endswith(b"\n") else part + b"\n"
    data = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(data == NEWLINE)
    separators = data == delimiter
    outside = np.ones(len(ends), np.bool_)
    if b'"' in content:
        is_quote = data == QUOTE
        inside = (np.cumsum(is_quote, dtype=np.uint8) & 1).astype(np.bool_)
        if not _is_plain(data, np.flatnonzero(is_quote), inside, delimiter):
            return None
        outside = ~inside[ends]
        separators &= ~inside
    records = np.flatnonzero(outside)  # of each record the line on which it ends
    if not len(records) or (is_last and not outside[-1]):
        return None
    last = ends[records]
    if last[-1] + 1 < len(content):  # the last record goes on in the next block
        content, data = content[: last[-1] + 1], data[: last[-1] + 1]
    first = np.concatenate([[0], last[:-1] + 1])
    length = last - first
    is_blank = (length == 0) | ((length == 1) & (data[first] == RETURN))
    at = np.searchsorted(np.flatnonzero(separators), np.concatenate([first, [len(content)]]))
    lines = np.concatenate([[0], records[:-1] + 1])
    return Block(content, lines[~is_blank], (np.diff(at) + 1)[~is_blank], int(records[-1]) + 1)


def _is_plain(data: Any, quotes: Codes, inside: Any, delimiter: int) -> bool:
    """Whether each quotation mark begins or ends a cell, or is one of two that mean one."""
    opens = inside[quotes]
    before = np.where(quotes > 0, data[quotes - 1], NEWLINE)
    after = data[np.minimum(quotes + 1, len(data) - 1)]
    may_open = (before == delimiter) | (before == NEWLINE) | (before == QUOTE)
    may_close = (after == delimiter) | (after == NEWLINE) | (after == RETURN) | (after == QUOTE)
    return bool(np.where(opens, may_open, may_close).all())


def columns_of_block(block: Block, delimiter: str, first_line: int) -> ColumnChunk | None:
    """The block's records as columns; None where they differ in width or Arrow does not read them as it should.

    :param first_line: that of the block, counted from 1.
    """
    count = len(block.widths)
    if not count or (block.widths != block.widths[0]).any():
        return None
    width = int(block.widths[0])
    kind = pa.dictionary(pa.int32(), pa.string())
    names = [str(place) for place in range(width)]
    try:
        table = pc_csv.read_csv(
            io.BytesIO(block.content),
            pc_csv.ReadOptions(use_threads=False, block_size=len(block.content) + 1, column_names=names),
            pc_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            pc_csv.ConvertOptions(column_types=dict.fromkeys(names, kind), null_values=[], strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != count:
        return None
    numbers = block.lines + first_line
    columns = [CellColumn.of_arrow(table.column(place).combine_chunks()) for place in range(width)]
    return ColumnChunk(numbers, np.full(count, width, np.int64), columns)
