"""For a figure of the restricted marts: the files and row numbers behind it.

The facts behind a mart are found by dbt's lineage. They are those of the warehouse, so a build that was not published explains
nothing. No cell is given.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from tfc_platform.pipeline import read_build
from tfc_platform.settings import ConfigurationError, Places
from tfc_platform.sql_text import quote_identifier

__all__ = ["Origin", "explain"]

MOST_NAMED = 12  # values that a sentence names one by one


@dataclass(frozen=True)
class Origin:
    """A row of a return that a figure is made from, as its sender sees it."""

    fact: str
    file: str
    sheet: str | None
    row: int


def facts_behind(manifest: Mapping[str, Any], mart: str) -> list[str]:
    """The facts that a mart is made from, by dbt's lineage: `intermediate.fct_…`."""
    nodes = manifest["nodes"]
    start = [name for name, node in nodes.items() if node.get("alias") == mart and node.get("schema") == "marts"]
    facts, open_ones, seen = [], list(start), set(start)
    while open_ones:
        for parent in nodes[open_ones.pop()]["depends_on"]["nodes"]:
            node = nodes.get(parent)
            if node is None or parent in seen:
                continue
            seen.add(parent)
            if node["alias"].startswith("fct_"):
                facts.append(f"{node['schema']}.{node['alias']}")
            else:
                open_ones.append(parent)
    return sorted(facts)


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    return [str(row[0]) for row in con.execute(f"describe {relation}").fetchall()]


def _ends(key: str, value: str) -> tuple[str, str]:
    """The first and the last value that a key chooses: `2025-04..2025-06` is a range, and a month may be written 2025-04."""
    first, is_range, last = value.partition("..")
    return _whole_month(key, first), _whole_month(key, last if is_range else first)


def _require_known(con: duckdb.DuckDBPyConnection, facts: Mapping[str, Sequence[str]], key: str, value: str) -> None:
    """:raises ConfigurationError: where no row of any fact has a value that the key chooses; near values are named."""
    column, known = quote_identifier(key), set[str]()
    for fact in (fact for fact, columns in facts.items() if key in columns):
        query = f"select distinct cast({column} as varchar) from {fact} where {column} is not null"
        known |= {found for (found,) in con.execute(query).fetchall()}
    first, last = _ends(key, value)
    if any(first <= found <= last for found in known):
        return
    near = [] if value[:1].isdigit() else difflib.get_close_matches(value, sorted(known), n=3)  # days are not misspelt
    if near:
        advice = f"Did you mean {' or '.join(near)}?"
    elif len(known) <= MOST_NAMED:
        advice = f"There are {', '.join(sorted(known))}."
    else:
        advice = f"They go from {min(known)} to {max(known)}."
    raise ConfigurationError(f"No row has {key}={value}. {advice}")


def _rows(con: duckdb.DuckDBPyConnection, fact: str, keys: Mapping[str, str]) -> list[Origin]:
    where = " and ".join(f"cast(fact.{quote_identifier(key)} as varchar) between ? and ?" for key in keys)
    rows = con.execute(
        f"""
        select file.file, fact.sheet, fact.row_number
        from {fact} as fact
        left join (select file_sha256, site, min(file) as file from lake.submission group by all) as file
            on fact.file_sha256 = file.file_sha256 and fact.site = file.site
        where {where or "true"}
        order by all
        """,
        [end for key, value in keys.items() for end in _ends(key, value)],
    ).fetchall()
    unlisted = "(an earlier content of a file that has since been replaced)"
    return [Origin(fact.partition(".")[2], file or unlisted, sheet, int(row)) for file, sheet, row in rows]


def explain(places: Places, manifest: Mapping[str, Any], table: str, pairs: Sequence[str]) -> list[Origin]:
    """The rows behind the figures of a mart that the keys choose.

    :param pairs: `key=value`, each a column of the mart; `first..last` is a range, and a month may be written 2025-04.
    :raises ConfigurationError: for a table, key or value that there is none of, or where the warehouse is not what was published.
    """
    mart = table if table.startswith("mart_") else f"mart_{table}"
    build = read_build(places)
    if build is None or not (places.evidence / build["build_id"] / "published.json").is_file():
        raise ConfigurationError("The last build was not published, so it explains nothing. Run `tfc nightly` first.")
    facts = facts_behind(manifest, mart)
    if not facts:
        raise ConfigurationError(f"{mart} is not made from rows of returns, or there is no such mart.")
    keys = dict(pair.partition("=")[::2] for pair in pairs)
    with duckdb.connect(str(places.warehouse_file), read_only=True) as con:
        of_fact = {fact: _columns(con, fact) for fact in facts}
        for key in keys:
            if not any(key in columns for columns in of_fact.values()):
                known = sorted(
                    set(_columns(con, f"marts.{mart}")) & {name for names in of_fact.values() for name in names}
                )
                raise ConfigurationError(f"{mart} cannot be explained by {key!r}. It can by {', '.join(known)}.")
            _require_known(con, of_fact, key, keys[key])
        return [
            origin
            for fact, columns in of_fact.items()
            if set(keys) <= set(columns)
            for origin in _rows(con, fact, keys)
        ]


def _whole_month(key: str, value: str) -> str:
    return f"{value}-01" if key == "month" and len(value) == 7 else value
