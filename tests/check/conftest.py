"""What the tests of checks share: small warehouses made by hand, and one import of Great Expectations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tfc_platform import schemas

Con = duckdb.DuckDBPyConnection
MakeTable = Callable[[str, Mapping[str, str], list[dict[str, Any]]], None]


@pytest.fixture
def con() -> Iterator[Con]:
    """An empty database with the schemas of the warehouse."""
    connection = duckdb.connect(config={"threads": 2})
    for schema in ("lake", "intermediate", "marts"):
        connection.execute(f"create schema {schema}")
    yield connection
    connection.close()


@pytest.fixture
def table(con: Con) -> MakeTable:
    """Make a table of rows; what a row leaves out is null."""

    def make(relation: str, columns: Mapping[str, str], rows: list[dict[str, Any]]) -> None:
        unknown = {name for row in rows for name in row} - set(columns)
        assert not unknown, f"{relation} has no column {unknown}"
        definition = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        con.execute(f"create or replace table {relation} ({definition})")
        marks = ", ".join("?" for _ in columns)
        for row in rows:
            con.execute(f"insert into {relation} values ({marks})", [row.get(name) for name in columns])

    return make


@pytest.fixture
def lake_columns() -> Callable[[str], dict[str, str]]:
    """The columns of a view of the lake, as DuckDB types."""

    def columns(name: str) -> dict[str, str]:
        empty = pa.Table.from_pylist([], schema=schemas.SCHEMAS[name])
        relation = duckdb.arrow(empty)
        return dict(zip(relation.columns, (str(kind) for kind in relation.types), strict=True))

    return columns
