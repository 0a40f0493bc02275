"""The tables of the warehouse after a build: their columns with types, and how many rows they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tfc_platform.sql_text import quote_identifier

__all__ = ["WarehouseColumn", "WarehouseTable", "read_catalogue"]


@dataclass(frozen=True)
class WarehouseColumn:
    name: str
    type: str


@dataclass(frozen=True)
class WarehouseTable:
    """A table or view. `rows` is null for a view that was not counted."""

    schema: str
    name: str
    kind: str
    columns: tuple[WarehouseColumn, ...]
    rows: int | None


def read_catalogue(
    database_file: Path, schemas: Sequence[str] = ("staging", "intermediate", "marts")
) -> dict[str, WarehouseTable]:
    """The tables and views of `schemas`, by `schema.name`.

    Rows of tables come from DuckDB's own statistics; a mart that is a view is counted, since its readers see a table.
    """
    with duckdb.connect(str(database_file), read_only=True) as connection:
        relations = connection.execute(
            """
            select schema_name, table_name, 'table' from duckdb_tables()
            where database_name = current_database() and list_contains(?, schema_name)
            union all
            select schema_name, view_name, 'view' from duckdb_views()
            where database_name = current_database() and not internal and list_contains(?, schema_name)
            order by all
            """,
            [list(schemas), list(schemas)],
        ).fetchall()
        columns: dict[tuple[str, str], list[WarehouseColumn]] = {}
        for schema, table, name, kind in connection.execute(
            """
            select schema_name, table_name, column_name, data_type from duckdb_columns()
            where database_name = current_database() and list_contains(?, schema_name)
            order by schema_name, table_name, column_index
            """,
            [list(schemas)],
        ).fetchall():
            columns.setdefault((schema, table), []).append(WarehouseColumn(name, kind))
        counted = [(s, t) for s, t, kind in relations if kind == "table" or s == "marts"]
        rows = _count(connection, counted)
    return {
        f"{schema}.{name}": WarehouseTable(
            schema, name, kind, tuple(columns.get((schema, name), ())), rows.get((schema, name))
        )
        for schema, name, kind in relations
    }


def _count(connection: duckdb.DuckDBPyConnection, relations: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    if not relations:
        return {}
    # One statement; DuckDB answers count(*) of a table from its statistics.
    parts = [
        f"select {n}, count(*) from {quote_identifier(s)}.{quote_identifier(t)}" for n, (s, t) in enumerate(relations)
    ]
    counts = connection.execute(" union all ".join(parts)).fetchall()
    return {relations[n]: count for n, count in counts}
