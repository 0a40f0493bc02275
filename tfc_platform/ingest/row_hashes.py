"""Which rows of a file may be the same row, found by a number for each row.

The number is made from Python's hashes of the row's texts, so that it holds for one process. Rows that differ may have one
number: who needs to know for certain compares those few.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from tfc_platform.sheets.cell_columns import Bools, CellColumn, ColumnChunk

__all__ = ["Hashes", "SeenRows", "repeated", "row_hashes"]

Hashes = np.ndarray[Any, np.dtype[np.uint64]]


@dataclass
class SeenRows:
    """The rows of a file that came before.

    :param repeated: the numbers that more than one row of the file has, sorted.
    :param said: of rows that may come again the identity, with a digest of what the row says.
    """

    repeated: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))
    said: dict[bytes, bytes] = field(default_factory=dict)

    def may_repeat(self, hashes: Hashes) -> Bools:
        """For each row whether another one of the file may be the same."""
        return np.isin(hashes, self.repeated) if len(self.repeated) else np.zeros(len(hashes), np.bool_)


@lru_cache(maxsize=4096)
def _factor(place: int | str) -> np.uint64:
    """An odd number for a place, by which the hash of what is there is multiplied."""
    return np.uint64(int.from_bytes(hashlib.blake2b(repr(place).encode(), digest_size=8).digest()) | 1)


def _text_hashes(column: CellColumn) -> Hashes:
    """The hash of each row's text; that of a blank is 0."""
    return np.fromiter(map(hash, column.texts), np.int64, len(column.texts)).view(np.uint64)[column.codes]


def row_hashes(chunk: ColumnChunk, keys: Sequence[int], sheet: str | None) -> Hashes:
    """Each row's number: of its key where all of it is filled, else of all its cells and their sheet.

    :param keys: the columns of the tool's own id.
    """
    numbers = np.full(len(chunk), hash(sheet or "") & 0xFFFFFFFF, np.uint64)
    for place, column in enumerate(chunk.columns):
        numbers += _factor(place) * _text_hashes(column)
    if keys:
        of_key = np.full(len(chunk), _factor("key"), np.uint64)
        is_whole = np.ones(len(chunk), np.bool_)
        for place, index in enumerate(keys):
            column = chunk.column(index)
            of_key += _factor(f"key {place}") * _text_hashes(column)
            is_whole &= column.where(column.texts)
        numbers = np.where(is_whole, of_key, numbers)
    return numbers


def repeated(hashes: Iterable[Hashes]) -> Hashes:
    """The numbers that come more than once."""
    ordered = np.sort(np.concatenate([np.zeros(0, np.uint64), *hashes]))
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
