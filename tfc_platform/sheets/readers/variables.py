"""What SPSS and Stata files say of their columns, and their cases as rows; shared by the readers of both.

The first row of the grid is the variables' names as the file has them; each further row is a case, numbered from 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from tfc_platform.sheets.cell_columns import CHUNK, CellColumn, ColumnChunk, ColumnRows
from tfc_platform.sheets.sheet_model import Grid, ReadAs, ReaderNotice, Sheet, SheetRow, Variable, text_of

__all__ = ["Kind", "cases_of", "grid_of", "variables_of"]

Kind = Literal["number", "text", "date", "datetime", "time"]


def cases_of(names: Sequence[str], columns: Mapping[str, Sequence[Any]]) -> ColumnRows:
    """The names as row 0, then every case.

    :raises ValueError: where the columns differ in length.
    """
    counts = {len(columns[name]) for name in names}
    if len(counts) > 1:
        raise ValueError("columns of one file that differ in length")
    return ColumnRows([ColumnChunk.of([SheetRow(0, tuple(names))]), *_chunks(names, columns, max(counts, default=0))])


def _chunks(names: Sequence[str], columns: Mapping[str, Sequence[Any]], count: int) -> Iterator[ColumnChunk]:
    for first in range(0, count, CHUNK):
        last = min(first + CHUNK, count)
        numbers = np.arange(first + 1, last + 1, dtype=np.int64)
        cells = [CellColumn.of(columns[name][first:last], nan_is_blank=True) for name in names]
        yield ColumnChunk(numbers, np.full(len(numbers), len(names), np.int64), cells)


def _range(span: Any) -> str:
    if not isinstance(span, Mapping):
        return text_of(span)
    low, high = span["lo"], span["hi"]
    return text_of(low) if low == high else f"{_end(low)}..{_end(high)}"


def _end(value: Any) -> str:
    """An end of a range; an open end, which the file gives as the furthest number, is left out."""
    is_open = isinstance(value, float) and (math.isinf(value) or abs(value) > 1e300)
    return "" if is_open else text_of(value)


def variables_of(meta: Any, kind_of: Callable[[str], Kind]) -> tuple[Variable, ...]:
    """:param kind_of: a variable's kind by its format in the file."""
    found = []
    for name, label in zip(meta.column_names, meta.column_labels, strict=True):
        codes = {text_of(value): str(text) for value, text in meta.variable_value_labels.get(name, {}).items()}
        spans = [*(meta.missing_ranges or {}).get(name, []), *(meta.missing_user_values or {}).get(name, [])]
        kind: Kind = "text" if meta.readstat_variable_types.get(name) == "string" else "number"
        if kind == "number":
            kind = kind_of(str(meta.original_variable_types.get(name, "")))
        found.append(Variable(name, label or None, kind, codes, tuple(map(_range, spans))))
    return tuple(found)


def grid_of(
    rows: Iterable[SheetRow], variables: tuple[Variable, ...], read_as: ReadAs, notices: Sequence[ReaderNotice] = ()
) -> Grid:
    return Grid([Sheet(None, rows)], warnings=list(notices), read_as=read_as, variables=variables)
