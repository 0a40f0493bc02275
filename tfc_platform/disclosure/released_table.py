"""The shape of a published table, for those about persons and those that are not.

Belongs here: columns, rows and their Arrow form. Does not belong: filling one, or writing it to files (`publish.formats`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

__all__ = ["FIGURE_COLUMNS", "Cell", "Column", "ReleaseError", "ReleaseTable", "figure_columns"]

# The columns that follow a row's keys and attributes in every released table of figures.
FIGURE_COLUMNS = ("measure", "value", "status", "note")
Cell = Any  # of a key or attribute: text, whole number, date, truth value or none


class ReleaseError(Exception):
    """A release cannot be made; the message names the table, never a cell."""


@dataclass(frozen=True)
class Column:
    """A column of a released table."""

    name: str
    kind: pa.DataType
    description: str


@dataclass(frozen=True)
class ReleaseTable:
    """A table as it is released. The first `keys` columns and `measure` identify a row."""

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    keys: int
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(column.name, column.kind) for column in self.columns])

    @property
    def key_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns[: self.keys])

    def arrow(self) -> pa.Table:
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(self.columns)
        arrays = [pa.array(values, kind.type) for values, kind in zip(columns, self.schema, strict=True)]
        return pa.Table.from_arrays(arrays, schema=self.schema)


def figure_columns(measures: str) -> tuple[Column, ...]:
    """The columns of a figure; `measures` says what each measure counts, in which unit."""
    return (
        Column("measure", pa.string(), f"What the figure counts. {measures}."),
        Column("value", pa.float64(), "The figure; empty where the status says why."),
        Column("status", pa.string(), "Whether the figure is shown, rounded, suppressed, not available or held."),
        Column("note", pa.string(), "What a reader should know of this figure."),
    )
