"""Digests of tables, whole and by site, so that evidence can say which rows it judged.

A digest shows an accident (a table that was built again, a copy that went wrong), not a forger: DuckDB's `hash` is fast
and not cryptographic. It holds within one version of DuckDB: compare it within a night and do not keep it.
A digest of few rows can be guessed from their possible values, so it stays in the restricted zone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb

from tfc_platform.atomic_io import canonical_json, sha256_text
from tfc_platform.sql_text import quote_identifier

__all__ = ["ALL_SITES", "TableState", "TableStates", "combined", "few_threads", "table_digest", "table_states"]

ALL_SITES = "all"
SMALL = 64 * 2**20  # bytes of a database file
# A list hashes as its elements do in DuckDB 2.0: [], [NULL] and NULL are one. Their JSON text tells them apart.
_NESTED = re.compile(r"\]$|^(STRUCT|MAP|UNION|VARIANT)\b", re.IGNORECASE)


@dataclass(frozen=True)
class TableState:
    """How many rows a table (or one site's part of it) has, and their digest."""

    rows: int
    digest: str


@dataclass(frozen=True)
class _Columns:
    names: tuple[str, ...]
    types: tuple[str, ...]

    @property
    def row_hash(self) -> str:
        """SQL for the hash of one row. The outer hash leaves no sum of columns that two tables could share."""
        parts = (
            f"to_json({quote_identifier(name)})::varchar" if _NESTED.search(kind) else quote_identifier(name)
            for name, kind in zip(self.names, self.types, strict=True)
        )
        return f"hash(hash({', '.join(parts)}))::hugeint"

    def digest(self, rows: int, total: int) -> str:
        return sha256_text(canonical_json([self.names, self.types, rows, str(total)]))


def few_threads(con: duckdb.DuckDBPyConnection, database_file: Path) -> None:
    """Use one thread for a small database: many small queries cost a fifth more when several threads share each of them."""
    if database_file.stat().st_size < SMALL:
        con.execute("set threads = 1")


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> _Columns:
    described = con.execute(f"describe select * from {relation}").fetchall()
    return _Columns(tuple(row[0] for row in described), tuple(str(row[1]) for row in described))


def _all_columns(con: duckdb.DuckDBPyConnection) -> dict[str, _Columns]:
    """The columns of all relations, by `schema.name` and by `database.schema.name`, in one query."""
    columns: dict[str, tuple[list[str], list[str]]] = {}
    for is_current, database, relation, name, kind in con.execute(
        "select database_name = current_database(), database_name, schema_name || '.' || table_name, column_name, data_type"
        " from duckdb_columns() where not internal order by database_name, schema_name, table_name, column_index"
    ).fetchall():
        for key in (f"{database}.{relation}", relation) if is_current else (f"{database}.{relation}",):
            names, kinds = columns.setdefault(key, ([], []))
            names.append(name)
            kinds.append(kind)
    return {key: _Columns(tuple(names), tuple(kinds)) for key, (names, kinds) in columns.items()}


def table_digest(
    con: duckdb.DuckDBPyConnection, relation: str, where: str | None = None, parameters: Sequence[object] = ()
) -> str:
    """The digest of the rows of `relation` that `where` lets through: equal for equal tables, whatever their order.

    It changes with any cell, the number of equal rows, and the names, types and order of the columns; not with the
    order of rows or the number of threads. `relation` and `where` are SQL of our own, never text from a return.

    :raises duckdb.Error: where there is no such relation.
    """
    columns = _columns(con, relation)
    condition = f" where {where}" if where else ""
    row = con.execute(
        f"select count(*), coalesce(sum({columns.row_hash}), 0)::varchar from {relation}{condition}", list(parameters)
    ).fetchone()
    assert row is not None  # an aggregate without `group by` always gives one row
    return columns.digest(int(row[0]), int(row[1]))


def table_states(
    con: duckdb.DuckDBPyConnection, relation: str, columns: _Columns | None = None
) -> tuple[dict[str, TableState], TableState]:
    """The state of `relation` by site and, under `ALL_SITES`, whole; and the state of a site that has no row.

    One scan. A relation without a column `site` has its whole state only; rows whose site is null are under `""`.

    :param columns: those of the relation, where they are known already.
    :raises duckdb.Error: where there is no such relation.
    """
    columns = columns or _columns(con, relation)
    by_site = "site" in columns.names
    site = "coalesce(site::varchar, '')" if by_site else "null"
    groups = con.execute(
        f"select {site}, count(*), sum({columns.row_hash})::varchar from {relation} group by 1"
    ).fetchall()
    sums = [(name, int(rows), int(total)) for name, rows, total in groups]
    states = {name: TableState(rows, columns.digest(rows, total)) for name, rows, total in sums if by_site}
    rows, total = sum(rows for _, rows, _ in sums), sum(total for _, _, total in sums)
    states[ALL_SITES] = TableState(rows, columns.digest(rows, total))
    return states, TableState(0, columns.digest(0, 0))


def combined(digests: Iterable[str]) -> str:
    """One digest for data in several tables; of one table it is that table's own."""
    parts = list(digests)
    return parts[0] if len(parts) == 1 else hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass
class TableStates:
    """The states of the tables of one database, each worked out once.

    `elsewhere` says where a table is instead, so that the states of a copy have the original's name:
    `{"marts.mart_reach": "copy.marts.mart_reach"}`.
    """

    con: duckdb.DuckDBPyConnection
    elsewhere: dict[str, str] = field(default_factory=dict)
    _known: dict[str, tuple[dict[str, TableState], TableState] | None] = field(default_factory=dict, repr=False)

    @cached_property
    def _columns(self) -> dict[str, _Columns]:
        try:
            return _all_columns(self.con)
        except duckdb.Error:  # one view that cannot be read takes no other table's columns with it
            return {}

    def columns(self, relation: str) -> tuple[str, ...]:
        """The names of a relation's columns.

        :raises duckdb.Error: where there is no such relation.
        """
        place = self.elsewhere.get(relation, relation)
        return (self._columns.get(place) or _columns(self.con, place)).names

    def _of(self, relation: str) -> tuple[dict[str, TableState], TableState] | None:
        if relation not in self._known:
            place = self.elsewhere.get(relation, relation)
            try:
                self._known[relation] = table_states(self.con, place, self._columns.get(place))
            except duckdb.Error:  # its text may hold cells; that there is no state is all that anyone needs
                self._known[relation] = None
        return self._known[relation]

    def get(self, relation: str, site: str = ALL_SITES) -> TableState | None:
        """The state of one site's rows (or of all); none where the relation cannot be read."""
        known = self._of(relation)
        if known is None:
            return None
        states, empty = known
        return states.get(site, empty)

    def sites(self, relation: str) -> tuple[str, ...]:
        """The sites that have rows in `relation`."""
        known = self._of(relation)
        return () if known is None else tuple(sorted(site for site in known[0] if site != ALL_SITES))

    def digest(self, relations: Iterable[str], site: str) -> str:
        """The digest of one site's rows in several relations together; empty where one of them cannot be read."""
        states = [self.get(relation, site) for relation in relations]
        if not states or any(state is None for state in states):
            return ""
        return combined(state.digest for state in states if state is not None)
