"""The estimators' own SQL, rendered with plain Jinja from the dbt project's macros and run in DuckDB: what dbt runs at night."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pyarrow as pa

from tfc_platform.build import statistics

MACROS = Path(__file__).resolve().parents[2] / "dbt_project" / "macros"
ORACLE = Path(__file__).parent / "oracle"
Row = dict[str, Any]
_TEXTS, _NUMBERS = ("id", "side", "stratum", "cluster", "area"), ("y", "y_from", "y_to", "weight", "population")
PEOPLE = pa.schema([(name, pa.string()) for name in _TEXTS] + [(name, pa.float64()) for name in _NUMBERS])


@cache
def expected(name: str) -> list[dict[str, str]]:
    """R's figures, of one file of oracle/expected."""
    with (ORACLE / "expected" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, autoescape=False)


@cache
def _source() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(MACROS.glob("survey_*.sql")))


@cache
def _template(call: str) -> jinja2.Template:
    return _environment().from_string(_source() + "\n{{ " + call + " }}")


def render(call: str, **arguments: Any) -> str:
    """The SQL of one macro call, such as `survey_estimates(relation, by)`, whose names are `arguments`."""
    return _template(call).render(**arguments)


def connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2})
    statistics.register(connection)
    return connection


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def load(connection: duckdb.DuckDBPyConnection, name: str, people: Iterable[Row]) -> None:
    """A table of people from dictionaries with the columns of the designs; what is left out is null."""
    connection.register("of_python", pa.Table.from_pylist(list(people), schema=PEOPLE))
    connection.execute(f"create or replace table {name} as from of_python")


def estimates(connection: duckdb.DuckDBPyConnection, relation: str, by: Sequence[str], **arguments: Any) -> list[Row]:
    """`survey_estimates` with keyword arguments as in the macro."""
    return rows(connection, _call(connection, "survey_estimates", relation, by, arguments))


def contrast(connection: duckdb.DuckDBPyConnection, relation: str, by: Sequence[str], **arguments: Any) -> list[Row]:
    """`survey_contrast` with keyword arguments as in the macro."""
    return rows(connection, _call(connection, "survey_contrast", relation, by, arguments))


def paired(connection: duckdb.DuckDBPyConnection, relation: str, by: Sequence[str], **arguments: Any) -> list[Row]:
    """`survey_paired` with keyword arguments as in the macro."""
    return rows(connection, _call(connection, "survey_paired", relation, by, arguments))


def _call(
    connection: duckdb.DuckDBPyConnection, macro: str, relation: str, by: Sequence[str], arguments: dict[str, Any]
) -> str:
    given = "".join(f", {name}={name}" for name in arguments)
    return render(f"{macro}(relation, by{given})", relation=relation, by=list(by), **arguments)
