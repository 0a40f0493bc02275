"""Read the marts that the register names, and make released tables of them: those that are not about people."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from tfc_platform.publication.publication_register import Measure, Register, TableSpec
from tfc_platform.publication.released_table import (
    CellValue,
    Figure,
    FigureRow,
    ReleaseError,
    ReleaseTable,
    Status,
    TableHeading,
    figure_table,
)
from tfc_platform.settings import ConfigurationError

__all__ = ["WideTable", "long_table", "read_marts"]


@dataclass(frozen=True)
class WideTable:
    """The rows of one mart that the register lets out, before protection: they stay in memory.

    A row: keys, attributes, one number (or none) a measure, then what the `unit_column`s say.
    """

    spec: TableSpec
    kinds: tuple[pa.DataType, ...]
    rows: tuple[tuple[CellValue, ...], ...]


def read_marts(research_file: Path, register: Register) -> tuple[WideTable, ...]:
    """Read what the register names, and no other column.

    :raises ConfigurationError: where the register names a mart or a column that is not there: rather no release than
        one with a hole that nobody meant.
    """
    with duckdb.connect(str(research_file), read_only=True) as con:
        return tuple(_read(con, spec) for spec in register.tables)


def _read(con: duckdb.DuckDBPyConnection, spec: TableSpec) -> WideTable:
    known = {
        row[0]
        for row in con.execute(
            "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = $1", [spec.mart]
        ).fetchall()
    }
    if not known:
        raise ConfigurationError(f"publication_register.yaml: tables: there is no mart {spec.mart!r}.")
    for column in _columns_of(spec):
        if column not in known:
            raise ConfigurationError(
                f"publication_register.yaml: tables.{spec.table}: {spec.mart} has no column {column!r}."
            )
    table = con.sql(_query(spec), params=list(spec.only.values())).to_arrow_table()
    width = len(spec.keys) + len(spec.attributes)
    return WideTable(
        spec,
        tuple(_kind(field.type) for field in list(table.schema)[:width]),
        tuple(zip(*(column.to_pylist() for column in table.columns), strict=True)),
    )


def _columns_of(spec: TableSpec) -> list[str]:
    measured = [name for measure in spec.measures for name in (measure.column, measure.unit_column) if name]
    return [*(column.column for column in (*spec.keys, *spec.attributes)), *measured, *spec.only]


def _query(spec: TableSpec) -> str:
    """SQL over names of the register, which are letters, digits and underscores."""
    keys = [f'"{column.column}"' for column in (*spec.keys, *spec.attributes)]
    measures = [_measure(spec, measure) for measure in spec.measures]
    units = [f'"{measure.unit_column}"' for measure in spec.measures if measure.unit_column]
    columns = [f"{text} as c{number}" for number, text in enumerate([*keys, *measures, *units])]
    where = " and ".join(f'"{column}" = ${number}' for number, column in enumerate(spec.only, start=1))
    group = "" if spec.aggregate == "none" else f" group by {', '.join(keys)}"
    return f'select {", ".join(columns)} from marts."{spec.mart}"' + (f" where {where}" if where else "") + group


def _measure(spec: TableSpec, measure: Measure) -> str:
    if spec.aggregate == "count":
        return "count(*)::double"
    # `all`: 1 where every row of the group has it, so a failed check cannot hide behind a passed one.
    return f'min("{measure.column}"::double)' if spec.aggregate == "all" else f'"{measure.column}"::double'


def _kind(kind: pa.DataType) -> pa.DataType:
    """One type for each sort of key, so that a mart's change from INTEGER to BIGINT is no new release."""
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_date(kind) or pa.types.is_boolean(kind):
        return kind
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return pa.float64()
    return pa.string()


def long_table(
    wide: WideTable,
    register: Register,
    held_note: Callable[[TableSpec, str | None], str | None],
) -> ReleaseTable:
    """One row a figure, sorted by keys and then in the register's order of measures.

    `held_note` gives, for a table and a site, the note on its figures where a source of theirs is held.

    :raises ReleaseError: where two rows have the same keys, or a row's own unit is about people.
    """
    spec = wide.spec
    width = len(spec.keys)
    labels = width + len(spec.attributes)
    site = next((number for number, key in enumerate(spec.keys) if key.name == "site"), None)
    rows = []
    for row in wide.rows:
        note = held_note(spec, None if site is None else row[site])
        cells = tuple(_plain(cell, kind) for cell, kind in zip(row[:labels], wide.kinds, strict=True))
        rows.append(FigureRow(cells[:width], cells[width:], _figures(spec, row[labels:], register, note)))
    heading = TableHeading(
        spec.table,
        spec.title,
        spec.description,
        tuple(key.name for key in spec.keys),
        tuple(attribute.name for attribute in spec.attributes),
        wide.kinds,
        "; ".join(f"{measure.name}: {measure.label} ({_unit(measure, register)})" for measure in spec.measures),
    )
    return figure_table(heading, rows, register.columns)


def _figures(spec: TableSpec, cells: Sequence[CellValue], register: Register, note: str | None) -> list[Figure]:
    named = iter(cells[len(spec.measures) :])
    figures = []
    for measure, raw in zip(spec.measures, cells, strict=False):
        unit = next(named) if measure.unit_column else measure.unit
        if register.about_persons(unit):
            raise ReleaseError(f"{spec.table} holds figures about people, which only person_tables may hold.")
        value = float(raw) if raw is not None and math.isfinite(raw) else None
        status = Status.NOT_AVAILABLE if value is None else Status.HELD if note else Status.SHOWN
        figures.append(Figure(measure.name, value, status.value, note))
    return figures


def _unit(measure: Measure, register: Register) -> str:
    return register.units[measure.unit].label if measure.unit else f"unit as {measure.unit_column} says"


def _plain(cell: CellValue, kind: pa.DataType) -> CellValue:
    return str(cell) if cell is not None and pa.types.is_string(kind) else cell
