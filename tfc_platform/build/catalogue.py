"""What stands in the warehouse after a build: tables, their columns with types and comments, and how many rows they hold.

Belongs here: reading and describing the catalogue of a DuckDB file, in one go. Does not belong: reading its rows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

__all__ = ["Column", "Table", "describe", "read"]


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    comment: str | None


@dataclass(frozen=True)
class Table:
    """A table or view. `rows` is null for a view that was not counted."""

    schema: str
    name: str
    kind: str
    comment: str | None
    columns: tuple[Column, ...]
    rows: int | None


def read(database_file: Path, schemas: Sequence[str] = ("staging", "intermediate", "marts")) -> dict[str, Table]:
    """The tables and views of `schemas`, by `schema.name`.

    Rows of tables come from DuckDB's own statistics; a mart that is a view is counted, since its readers see a table.
    """
    with duckdb.connect(str(database_file), read_only=True) as connection:
        relations = connection.execute(
            """
            select schema_name, table_name, 'table', comment from duckdb_tables()
            where database_name = current_database() and list_contains(?, schema_name)
            union all
            select schema_name, view_name, 'view', comment from duckdb_views()
            where database_name = current_database() and not internal and list_contains(?, schema_name)
            order by all
            """,
            [list(schemas), list(schemas)],
        ).fetchall()
        columns: dict[tuple[str, str], list[Column]] = {}
        for schema, table, name, kind, comment in connection.execute(
            """
            select schema_name, table_name, column_name, data_type, comment from duckdb_columns()
            where database_name = current_database() and list_contains(?, schema_name)
            order by schema_name, table_name, column_index
            """,
            [list(schemas)],
        ).fetchall():
            columns.setdefault((schema, table), []).append(Column(name, kind, comment))
        counted = [(s, t) for s, t, kind, _ in relations if kind == "table" or s == "marts"]
        rows = _count(connection, counted)
    return {
        f"{schema}.{name}": Table(
            schema, name, kind, comment, tuple(columns.get((schema, name), ())), rows.get((schema, name))
        )
        for schema, name, kind, comment in relations
    }


def describe(
    database_file: Path, manifest: Manifest, schemas: Sequence[str] = ("marts",), only: Collection[str] | None = None
) -> None:
    """Comment the models of `schemas` that stand in the file, and their columns, with the dbt project's descriptions.

    `only` are the unique ids of those that were just built; without it all are commented. dbt can do it itself, by some
    statements a model with all that dbt does around a statement; here it is one transaction.
    """
    with duckdb.connect(str(database_file)) as connection:
        columns = connection.execute(
            """
            select schema_name, table_name, column_name from duckdb_columns()
            where database_name = current_database() and list_contains(?, schema_name)
            """,
            [list(schemas)],
        ).fetchall()
        standing: dict[tuple[str, str], set[str]] = {}
        for schema, table, column in columns:
            standing.setdefault((schema, table), set()).add(column)
        statements = ["begin"]
        for node in manifest.nodes.values():
            is_wanted = str(node.resource_type) == "model" and (only is None or node.unique_id in only)
            found = standing.get((node.schema, node.alias)) if is_wanted else None
            if found is None:
                continue
            relation = f"{_name(node.schema)}.{_name(node.alias)}"
            kind = "view" if node.config.materialized == "view" else "table"
            statements.append(f"comment on {kind} {relation} is {_text(node.description)}")
            for column in node.columns.values():
                if column.name in found:
                    words = _text(column.description)
                    statements.append(f"comment on column {relation}.{_name(column.name)} is {words}")
        connection.execute(";\n".join([*statements, "commit"]))


def _count(connection: duckdb.DuckDBPyConnection, relations: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    if not relations:
        return {}
    # One statement; DuckDB answers count(*) of a table from its statistics.
    parts = [f"select {n}, count(*) from {_name(s)}.{_name(t)}" for n, (s, t) in enumerate(relations)]
    found = connection.execute(" union all ".join(parts)).fetchall()
    return {relations[n]: count for n, count in found}


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + " ".join(value.split()).replace("'", "''") + "'"
