"""The schema `lake` of the warehouse: one view for each table that Python hands to dbt, over exactly the files admitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tfc_platform import schemas
from tfc_platform.sql_text import quote_identifier, quote_literal

__all__ = ["LakeFileError", "column_type", "make_views"]

_TYPES: dict[pa.DataType, str] = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP WITH TIME ZONE",
    pa.list_(pa.string()): "VARCHAR[]",
}


class LakeFileError(Exception):
    """A Parquet file is missing or is not of its table's schema. The message names table, file and column, never a value."""


def column_type(kind: pa.DataType) -> str:
    """The DuckDB type of a lake column.

    :raises LakeFileError: for an Arrow type that no lake table has used so far: add it here, deliberately.
    """
    try:
        return _TYPES[kind]
    except KeyError:
        raise LakeFileError(f"The lake has no DuckDB type for Arrow's {kind}.") from None


def make_views(
    warehouse_file: Path,
    files: Mapping[str, Sequence[Path]],
    schemas: Mapping[str, pa.Schema] = schemas.SCHEMAS,
) -> None:
    """Make schema `lake` anew in `warehouse_file`: one view for each schema, over exactly the files given for it.

    A table that `files` does not name, or names with no file, becomes a view of the same columns without rows. All views
    are replaced in one transaction, and the connection is closed before returning, so that dbt can open the file.

    :raises LakeFileError: naming table, file and column, where a file is missing, unreadable or of another schema.
        Types are settled here so that no query of the build has to cast a value, and so none can quote one in an error.
    """
    unknown = sorted(set(files) - set(schemas))
    if unknown:
        raise LakeFileError(f"The lake has no table named {', '.join(unknown)}.")
    statements = [
        f"create or replace view lake.{quote_identifier(table)} as {_select(table, schema, files.get(table, ()))}"
        for table, schema in schemas.items()
    ]
    warehouse_file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(warehouse_file)) as connection:
        connection.execute("begin")
        connection.execute("create schema if not exists lake")
        for statement in statements:
            connection.execute(statement)
        connection.execute("commit")


def _select(table: str, schema: pa.Schema, files: Sequence[Path]) -> str:
    if not files:
        nulls = ", ".join(
            f"cast(null as {column_type(field.type)}) as {quote_identifier(field.name)}" for field in schema
        )
        return f"select {nulls} where false"
    for file in files:
        _require_schema(table, schema, file)
    # The columns' types are those of the files, which were just compared: a cast here would only cost a copy.
    columns = ", ".join(quote_identifier(field.name) for field in schema)
    paths = ", ".join(quote_literal(str(file)) for file in files)
    return f"select {columns} from read_parquet([{paths}], hive_partitioning = false)"


def _require_schema(table: str, schema: pa.Schema, file: Path) -> None:
    try:
        file_schema = pq.read_schema(file)
    except (OSError, pa.ArrowException) as error:
        raise LakeFileError(f"{table}: {file.name} cannot be read ({type(error).__name__}).") from None
    types = {field.name: field.type for field in file_schema}
    for field in schema:
        if field.name not in types:
            raise LakeFileError(f"{table}: {file.name} has no column {field.name}.")
        if types[field.name] != field.type:
            raise LakeFileError(f"{table}: {file.name}: {field.name} is {types[field.name]} and must be {field.type}.")
