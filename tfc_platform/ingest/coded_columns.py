"""Columns of text on their way to Parquet: the different texts once, and a code a row. Parquet keeps them so too.

On the disk they are plain text: nothing of this is in a file's schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from tfc_platform.schemas import RECORDS

__all__ = ["coded", "coded_schema", "constant"]

Places = np.ndarray[Any, np.dtype[np.signedinteger[Any]]]
TEXT = pa.dictionary(pa.int32(), pa.string())


def _type(kind: pa.DataType) -> pa.DataType:
    return TEXT if pa.types.is_string(kind) else kind


@lru_cache(maxsize=16)
def coded_schema(record: str) -> pa.Schema:
    """A record's schema with its texts coded."""
    return pa.schema([field.with_type(_type(field.type)) for field in RECORDS[record]])


def coded(values: Sequence[Any], codes: Places, kind: pa.DataType) -> pa.Array:
    """A column of values.

    :param values: the different ones; those that no row has are left out, so that no file has them.
    :param codes: for each row the place of its value.
    :param kind: the type of the values as a record has it.
    """
    used = np.flatnonzero(np.bincount(codes, minlength=len(values)))
    place_of = np.zeros(len(values), np.int32)
    if not pa.types.is_string(kind):
        place_of[used] = np.arange(len(used))
        return pa.array([values[place] for place in used.tolist()], kind).take(pa.array(place_of[codes]))
    lacks = np.fromiter((value is None for value in values), np.bool_, len(values))
    used = used[~lacks[used]]
    place_of[used] = np.arange(len(used))
    texts = pa.array([values[place] for place in used.tolist()], kind)
    mask = lacks[codes] if lacks.any() else None
    return pa.DictionaryArray.from_arrays(pa.array(place_of[codes], mask=mask), texts)


def constant(value: Any, rows: int, kind: pa.DataType) -> pa.Array:
    """A column that holds one value in every row."""
    if value is None or not pa.types.is_string(kind):
        return pa.repeat(pa.scalar(value, kind), rows).cast(_type(kind)) if rows else pa.array([], _type(kind))
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([value], kind))
