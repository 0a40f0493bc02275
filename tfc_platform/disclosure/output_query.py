"""An analyst's query, taken apart: which mart it reads, what it groups by, and the mart's rows behind each of its rows.

DuckDB's own parser gives the query as a tree (`json_serialize_sql`). What is not understood is not refused: it is run, and a
person has to judge it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Timer
from typing import Any

import duckdb

__all__ = ["OutputColumn", "OutputQuery", "OutputRow", "QueryError", "open_research", "output_rows", "parse_query"]

Node = dict[str, Any]
_COMPARING = {"COMPARISON", "CONJUNCTION", "OPERATOR", "CASE", "BETWEEN"}
_UNDERSTOOD = {"COLUMN_REF", "CONSTANT", "FUNCTION", "CAST", *_COMPARING}
_OF_SUMS = {"+", "-", "*", "/", "round", "floor", "ceil", "sum"}  # what a figure may be made of
SECONDS = 60.0


class QueryError(ValueError):
    """A query that is not run. The message never quotes a cell."""


@dataclass(frozen=True)
class OutputColumn:
    """A column of the output. `refers_to`: the mart's columns in it; `is_sum`: a plain column or sums of them, nothing else;
    `is_group`: it is what the query groups by."""

    name: str
    refers_to: frozenset[str]
    is_sum: bool
    is_group: bool = False


@dataclass(frozen=True)
class OutputQuery:
    """A query of one mart. `used`: the mart's columns that choose or group rows. `unclear`: why a person has to judge it."""

    sql: str
    mart: str | None
    columns: tuple[OutputColumn, ...]
    used: frozenset[str]
    unclear: str | None
    rows_sql: str = ""  # the output, with what it is grouped by at the end
    parts_sql: str = ""  # each of the mart's rows, behind what it is grouped by
    groups: int = 0


@dataclass(frozen=True)
class OutputRow:
    """A row of the output, and the mart's rows that it sums over."""

    values: tuple[Any, ...]
    parts: tuple[Mapping[str, Any], ...]


def open_research(path: Path) -> duckdb.DuckDBPyConnection:
    """A research database that can only be read, by queries that can reach nothing else."""
    names = ("enable_external_access", "autoload_known_extensions", "autoinstall_known_extensions")
    settings: dict[str, Any] = dict.fromkeys(names, "false")
    connection = duckdb.connect(str(path), read_only=True, config=settings)
    connection.execute("use marts")
    connection.execute("set lock_configuration = true")
    return connection


def parse_query(connection: duckdb.DuckDBPyConnection, sql: str) -> OutputQuery:
    """The query, taken apart.

    :raises QueryError: where it is not one SELECT, or reads anything but tables of the research database.
    """
    tree = json.loads(connection.execute("select json_serialize_sql(?::varchar)", [sql]).fetchall()[0][0])
    if tree.get("error"):
        raise QueryError("This is no query that reads: one SELECT is needed, and nothing else.")
    if len(tree["statements"]) != 1:
        raise QueryError("One SELECT is needed: the file has several statements.")
    marts = {
        str(row[0])
        for row in connection.execute(
            "select distinct table_name from duckdb_columns() where schema_name = 'marts'"
        ).fetchall()
    }
    named_here = {str(one["key"]) for node in _nodes(tree) for one in node.get("cte_map", {}).get("map", ())}
    for node in _nodes(tree):
        if node.get("type") == "TABLE_FUNCTION":
            raise QueryError("The query calls a function that gives a table: only the marts can be read.")
        if node.get("type") == "BASE_TABLE":
            schema = str(node.get("schema_name") or "marts").lower()
            name = str(node["table_name"])
            if schema != "marts" or node.get("catalog_name") or (name not in named_here and name.lower() not in marts):
                raise QueryError("The query reads something that is no mart.")
    statement = tree["statements"][0]
    reason = _why_unclear(statement["node"])
    if reason is not None:
        return OutputQuery(sql, None, (), frozenset(), reason)
    return _taken_apart(connection, sql, statement)


def _taken_apart(connection: duckdb.DuckDBPyConnection, sql: str, statement: Node) -> OutputQuery:
    node = statement["node"]
    mart = str(node["from_table"]["table_name"]).lower()
    names = [
        str(row[0])
        for row in connection.execute(
            "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = ? order by column_index",
            [mart],
        ).fetchall()
    ]
    aggregates = {
        str(row[0])
        for row in connection.execute(
            "select distinct function_name from duckdb_functions() where function_type = 'aggregate'"
        ).fetchall()
    }
    items = [one for item in node["select_list"] for one in _without_star(item, names)]
    groups, unclear = _groups(node, items, names, aggregates)
    is_grouped = bool(groups) or any(_calls(item, aggregates) for item in items)
    keyed = groups if is_grouped else []
    rows_node = {**node, "select_list": [*items, *(_plain(group) for group in keyed)]}
    if node["aggregate_handling"] == "FORCE_AGGREGATES":
        rows_node |= {"aggregate_handling": "STANDARD_HANDLING"}
    rows_node |= {"group_expressions": keyed, "group_sets": [list(range(len(keyed)))] if keyed else []}
    shown = keyed if is_grouped else items
    parts_node = {
        **node,
        "select_list": [*map(_plain, shown), *(_column(name) for name in names)],
        "group_expressions": [],
        "group_sets": [],
        "aggregate_handling": "STANDARD_HANDLING",
        "having": None,
    }
    if is_grouped:
        parts_node["modifiers"] = []
    used = frozenset().union(*(_columns(part) for part in (*keyed, node["where_clause"] or {})))
    columns = tuple(
        OutputColumn(
            _alias(item, number),
            _columns(item),
            _is_sum(item),
            not is_grouped or _meaning(item) in map(_meaning, keyed),
        )
        for number, item in enumerate(items)
    )
    return OutputQuery(
        sql,
        mart,
        columns,
        used,
        unclear,
        _as_sql(connection, statement, rows_node) if is_grouped else "",
        _as_sql(connection, statement, parts_node),
        len(shown),
    )


def output_rows(
    connection: duckdb.DuckDBPyConnection, query: OutputQuery, seconds: float = SECONDS
) -> tuple[OutputQuery, list[OutputRow]]:
    """The rows of the output; without the mart's rows behind them where the query is unclear.

    :raises QueryError: where DuckDB refuses the query, or it takes longer than `seconds`.
    """
    timer = Timer(seconds, connection.interrupt)
    timer.start()
    try:
        if query.mart is None or query.unclear is not None:
            cursor = connection.execute(query.sql)
            columns = tuple(OutputColumn(str(one[0]), frozenset(), False) for one in cursor.description or ())
            return replace(query, columns=columns), [OutputRow(row, ()) for row in cursor.fetchall()]
        cursor = connection.execute(query.parts_sql)
        names = [str(one[0]) for one in (cursor.description or ())[query.groups :]]
        found = cursor.fetchall()
        parts = [(row[: query.groups], dict(zip(names, row[query.groups :], strict=True))) for row in found]
        if not query.rows_sql:
            return query, [OutputRow(values, (part,)) for values, part in parts]
        behind: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
        for key, part in parts:
            behind.setdefault(key, []).append(part)
        width = len(query.columns)
        rows = connection.execute(query.rows_sql).fetchall()
        return query, [OutputRow(row[:width], tuple(behind.get(row[width:], ()))) for row in rows]
    except duckdb.InterruptException:
        raise QueryError(f"The query took longer than {seconds:.0f} seconds.") from None
    except duckdb.Error as error:  # its message can quote a cell
        raise QueryError(f"DuckDB refuses the query ({type(error).__name__}).") from None
    finally:
        timer.cancel()


# ------------------------------------------------------------------------------------------------------------------ the tree


def _nodes(tree: Any) -> Iterator[Node]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def _why_unclear(node: Node) -> str | None:
    if node["type"] != "SELECT_NODE" or node["cte_map"]["map"]:
        return "It puts several queries together."
    if node["from_table"]["type"] != "BASE_TABLE":
        return "It reads no single mart."
    if any(modifier["type"] != "ORDER_MODIFIER" for modifier in node["modifiers"]):
        return "DISTINCT or LIMIT lets figures decide which rows are shown."
    if node["having"] or node["qualify"] or node["sample"] or node["from_table"]["sample"]:
        return "HAVING, QUALIFY or a sample lets figures decide which rows are shown."
    if len(node["group_sets"]) > 1:
        return "It groups in several ways at once."
    for part in (*node["select_list"], node["where_clause"] or {}, *node["group_expressions"]):
        kinds = {one["class"] for one in _nodes(part) if "class" in one}
        if kinds - _UNDERSTOOD - {"STAR"}:
            return "It has a part that is not understood: a subquery or a window, say."
    return None


def _groups(
    node: Node, items: Sequence[Node], names: Sequence[str], aggregates: set[str]
) -> tuple[list[Node], str | None]:
    """What the query groups by: also by place (`group by 1`), by another name, or by all."""
    if node["aggregate_handling"] == "FORCE_AGGREGATES":
        return [item for item in items if not _calls(item, aggregates)], None
    by_alias = {str(item["alias"]).lower(): item for item in items if item.get("alias")}
    groups = []
    for group in node["group_expressions"]:
        if group["class"] == "CONSTANT":
            place = str(group.get("literal", {}).get("text", ""))
            if not place.isdigit() or not 0 < int(place) <= len(items):
                return [], "It groups by something that is no column."
            groups.append(items[int(place) - 1])
        elif group["class"] == "COLUMN_REF" and (name := str(group["column_names"][-1]).lower()) not in names:
            groups.append(by_alias.get(name, group))
        else:
            groups.append(group)
    return groups, None


def _without_star(item: Node, names: Sequence[str]) -> list[Node]:
    return [_column(name) for name in names] if item["class"] == "STAR" else [item]


def _column(name: str) -> Node:
    return {"class": "COLUMN_REF", "type": "COLUMN_REF", "alias": "", "column_names": [name]}


def _plain(item: Node) -> Node:
    return {**item, "alias": ""}


def _meaning(item: Any) -> Any:
    """A part of the tree without where it is written and what it is called."""
    if isinstance(item, list):
        return [_meaning(one) for one in item]
    if not isinstance(item, dict):
        return item
    return {
        name: _meaning(value)
        for name, value in item.items()
        if name != "alias" and not name.startswith("query_location")
    }


def _alias(item: Node, number: int) -> str:
    if item.get("alias"):
        return str(item["alias"])
    return str(item["column_names"][-1]) if item["class"] == "COLUMN_REF" else f"column_{number + 1}"


def _columns(item: Node) -> frozenset[str]:
    return frozenset(str(one["column_names"][-1]).lower() for one in _nodes(item) if one.get("class") == "COLUMN_REF")


def _calls(item: Node, functions: set[str]) -> bool:
    return any(str(one.get("function_name", "")).lower() in functions for one in _nodes(item))


def _is_sum(item: Node) -> bool:
    """A column, or a sum of one; numbers and arithmetic about them. A share of a group (CASE, FILTER) is another group."""
    for one in _nodes(item):
        kind = one.get("class")
        if kind == "FUNCTION" and (
            str(one["function_name"]).lower() not in _OF_SUMS or one.get("filter") or one.get("distinct")
        ):
            return False
        if kind is not None and kind not in ("COLUMN_REF", "CONSTANT", "FUNCTION", "CAST"):
            return False
    sums = [one for one in _nodes(item) if str(one.get("function_name", "")).lower() == "sum"]
    return all(one["arguments"][0]["expression"]["class"] == "COLUMN_REF" for one in sums)


def _as_sql(connection: duckdb.DuckDBPyConnection, statement: Node, node: Node) -> str:
    tree = {"error": False, "statements": [{**statement, "node": node}]}
    return str(connection.execute("select json_deserialize_sql(?::json)", [json.dumps(tree)]).fetchall()[0][0])
