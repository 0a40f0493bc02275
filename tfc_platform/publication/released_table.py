"""The shape of a released table, one row a figure, and the one way to make such a table from rows of figures.

A hidden value is never in a `Figure`: nothing after this module can write, log or compress it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple

import pyarrow as pa

__all__ = [
    "FIGURE_COLUMNS",
    "HIDDEN",
    "CellValue",
    "Figure",
    "FigureRow",
    "ReleaseColumn",
    "ReleaseError",
    "ReleaseTable",
    "Status",
    "TableHeading",
    "described_column",
    "figure_columns",
    "figure_table",
    "none_last",
]

# The columns that follow a row's keys and attributes in every released table of figures.
FIGURE_COLUMNS = ("measure", "value", "status", "note")
CellValue = Any  # of a key or attribute: text, whole number, date, truth value or none


class ReleaseError(Exception):
    """A release cannot be made; the message names the table, never a cell."""


class Status(StrEnum):
    """What a reader may make of a figure."""

    SHOWN = "shown"
    ROUNDED = "rounded"
    SUPPRESSED = "suppressed"
    SUPPRESSED_SECONDARY = "suppressed_secondary"
    NOT_APPLICABLE = "not_applicable"
    NOT_AVAILABLE = "not_available"
    NOT_COMPARABLE = "not_comparable"
    HELD = "held"


HIDDEN = frozenset({Status.SUPPRESSED, Status.SUPPRESSED_SECONDARY})


class Figure(NamedTuple):
    """The last four columns of a released row. The value of a hidden figure is none."""

    measure: str
    value: float | None
    status: str
    note: str | None


class FigureRow(NamedTuple):
    """The figures of one set of keys, in the order of the table's measures."""

    keys: tuple[CellValue, ...]
    attributes: tuple[CellValue, ...]
    figures: Sequence[Figure]


@dataclass(frozen=True)
class ReleaseColumn:
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
    columns: tuple[ReleaseColumn, ...]
    keys: int
    rows: tuple[tuple[CellValue, ...], ...]

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the rows."""
        return pa.schema([pa.field(column.name, column.kind) for column in self.columns])

    @property
    def key_names(self) -> tuple[str, ...]:
        """The names of the key columns."""
        return tuple(column.name for column in self.columns[: self.keys])

    def arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(self.columns)
        arrays = [pa.array(values, kind.type) for values, kind in zip(columns, self.schema, strict=True)]
        return pa.Table.from_arrays(arrays, schema=self.schema)


def figure_columns(measures: str) -> tuple[ReleaseColumn, ...]:
    """The columns of a figure; `measures` says what each measure counts, in which unit."""
    return (
        ReleaseColumn("measure", pa.string(), f"What the figure counts. {measures}."),
        ReleaseColumn("value", pa.float64(), "The figure; empty where the status says why."),
        ReleaseColumn(
            "status", pa.string(), "Whether the figure is shown, rounded, suppressed, not available or held."
        ),
        ReleaseColumn("note", pa.string(), "What a reader should know of this figure."),
    )


@dataclass(frozen=True)
class TableHeading:
    """What a released table is called, and what its key and attribute columns and its measures are.

    `kinds` are the Arrow types of keys and attributes, in their order; `measures` is the sentence for `figure_columns`.
    """

    name: str
    title: str
    description: str
    keys: tuple[str, ...]
    attributes: tuple[str, ...]
    kinds: tuple[pa.DataType, ...]
    measures: str


def described_column(descriptions: Mapping[str, str], table: str, column: str) -> str:
    """What a column of a table means: the sentence under `table.column`, else that under `column`."""
    return descriptions.get(f"{table}.{column}") or descriptions[column]


def none_last(keys: tuple[CellValue, ...]) -> tuple[CellValue, ...]:
    """A sort key: each key by its value, a missing one after all others."""
    return tuple((cell is None, "" if cell is None else cell) for cell in keys)


def figure_table(
    heading: TableHeading,
    rows: Iterable[FigureRow],
    descriptions: Mapping[str, str],
    order: Callable[[tuple[CellValue, ...]], tuple[CellValue, ...]] = none_last,
) -> ReleaseTable:
    """A released table, one row a figure, sorted by keys (`order`) and then by the order of the measures.

    `descriptions` has a sentence for each key and attribute, under its name or under `table.name`.

    :raises ReleaseError: where two rows have the same keys.
    """
    names = (*heading.keys, *heading.attributes)
    columns = [
        ReleaseColumn(name, kind, described_column(descriptions, heading.name, name))
        for name, kind in zip(names, heading.kinds, strict=True)
    ]
    ordered = sorted(rows, key=lambda row: order(row.keys))
    for earlier, later in pairwise(ordered):
        if earlier.keys == later.keys:
            raise ReleaseError(f"{heading.name} has two rows with the same {', '.join(heading.keys)}.")
    return ReleaseTable(
        heading.name,
        heading.title,
        heading.description,
        (*columns, *figure_columns(heading.measures)),
        len(heading.keys),
        tuple((*row.keys, *row.attributes, *figure) for row in ordered for figure in row.figures),
    )
