"""The research database: the marts as they passed the gate, whole and read-only, for named researchers.

The marts are pseudonymised and not disclosure-controlled, so they stay in the restricted zone. The warehouse itself is never
published: a failed check leaves it as it is, and it has one writer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tfc_platform.atomic_io import canonical_json, sha256_text, write_json
from tfc_platform.check.digest import table_digest
from tfc_platform.file_lock import file_lock
from tfc_platform.gate import GateVerdict
from tfc_platform.settings import Places
from tfc_platform.sql_text import quote_identifier, quote_literal
from tfc_platform.versions import (
    building,
    clear_leftovers,
    current_id,
    forget,
    install,
    switch,
    version_ids,
)

__all__ = [
    "ATTACH_OPTIONS",
    "UNCOMPRESSED",
    "DatabaseView",
    "Described",
    "GateClosed",
    "PublishedVersion",
    "ReferenceTable",
    "ResearchExtras",
    "create_views",
    "descriptions_of",
    "publication_lock",
    "publish_research",
]

SCHEMA = "marts"
# DuckDB 2.0's own format cannot be read by the 1.x that analysts have. 1.2 and later read this one.
STORAGE_VERSION = "v1.2.0"
# A column takes a block at least: with the usual 256 KiB, a dozen small tables would make a file of megabytes.
BLOCK_BYTES = 16_384
ATTACH_OPTIONS = f"storage_version '{STORAGE_VERSION}', block_size {BLOCK_BYTES}"
# Each compression of DuckDB's that was tried pads its segments with bytes of uninitialised memory (2.0.0: FSST, dictionary,
# RLE, ALP): files of equal content differ, and hold fragments of what the process had in mind, such as a hidden figure.
UNCOMPRESSED = "set force_compression = 'uncompressed'"
# The checks' own results are complete only after the checks: nothing can have judged them.
EVIDENCE_TABLES = frozenset({"mart_data_quality"})
DIGEST_SHOWN = 12

# Questions that are asked every day. A view is made where its mart is there.
VIEWS: dict[str, tuple[str, str, str]] = {
    "held_sources": (
        "mart_source_state",
        "select site, source, held_since, held_reason from {mart} where is_held",
        "Sources whose last good return still counts. One row a site and source.",
    ),
    "overdue_returns": (
        "mart_expected_return",
        "select site, source, return_key, due_on from {mart} where status = 'overdue'",
        "Returns that were due and have not come. One row a return.",
    ),
    "failed_checks": (
        "mart_data_quality",
        "select site, source, check_id, severity, gate_effect from {mart} where not passed",
        "Checks that the data did not pass. One row a site, source and check.",
    ),
}

TableDigest = Callable[[duckdb.DuckDBPyConnection, str], str]


class GateClosed(Exception):  # noqa: N818  # a decision, not a fault
    """Nothing is published, and `reasons` says why, in sentences that name tables and checks, never cells."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("The gate is closed. " + " ".join(self.reasons))


@dataclass(frozen=True)
class PublishedVersion:
    """A version that readers now see. `notes` are sentences for the night's report."""

    id: str
    path: Path
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Described:
    """What a table holds, and each of its columns."""

    table: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DatabaseView:
    """A view of a database: schema, name, query and comment, the comments of columns, and the table that it needs.

    `columns` may have columns that the view lacks. A view that needs no table in particular has an empty `reads`.
    """

    schema: str
    name: str
    query: str
    comment: str
    columns: Mapping[str, str]
    reads: str = ""


@dataclass(frozen=True)
class ReferenceTable:
    """A table beside the marts that no return has made: a code list, or what the measures mean."""

    name: str
    content: pa.Table
    described: Described


@dataclass(frozen=True)
class ResearchExtras:
    """What the research database has besides the marts. A view is made where its mart is there."""

    tables: tuple[ReferenceTable, ...] = ()
    views: tuple[DatabaseView, ...] = ()
    schema_version: str | None = None


def descriptions_of(manifest: Mapping[str, Any]) -> dict[str, Described]:
    """The descriptions of the models in dbt's manifest, by the table's name."""
    return {
        str(node.get("alias") or node["name"]): Described(
            str(node.get("description") or ""),
            {name: str(column.get("description") or "") for name, column in node.get("columns", {}).items()},
        )
        for node in manifest.get("nodes", {}).values()
        if node.get("resource_type") == "model" and node.get("schema") == SCHEMA
    }


def publication_lock(places: Places) -> Path:
    """The file whose lock lets one publication or rollback run at a time."""
    return places.evidence / "publication.lock"


def publish_research(
    places: Places,
    warehouse_file: Path,
    verdict: GateVerdict,
    judged: Mapping[str, str],
    as_of: date,
    *,
    keep: int,
    descriptions: Mapping[str, Described] | None = None,
    digest: TableDigest = table_digest,
    evidence_tables: frozenset[str] = EVIDENCE_TABLES,
    extras: ResearchExtras | None = None,
) -> PublishedVersion | None:
    """Copy the marts to `research/<id>/tfc.duckdb` and let `research/current` name it; none where nothing is new.

    `judged` has, by the mart's name, the digest of the rows that the gate's evidence is about. Whoever calls this, the
    copy itself is compared with it: a gate that judged other rows, or not all tables, publishes nothing. `keep` is how
    many earlier versions stay. `extras` are no figures, so nothing judges them.

    :raises GateClosed: where the verdict is closed, or the copied tables are not those that were judged.
    """
    if not verdict.open:
        raise GateClosed(verdict.reasons or ("The verdict gives no reason.",))
    root = places.research
    with file_lock(publication_lock(places)):
        clear_leftovers(root)
        with building(root) as folder:
            extras = extras or ResearchExtras()
            tables = _copy(warehouse_file, folder, descriptions or {}, digest, extras)
            reasons = _differences(tables, judged, evidence_tables)
            if reasons:
                raise GateClosed(reasons)
            contents = {name: state["content"] for name, state in tables.items()} | _contents(extras)
            content = sha256_text(canonical_json(contents))
            before = current_id(root)
            if before is not None and _manifest(root / before).get("content") == content:
                return None
            version = f"{as_of.isoformat()}-{content[:DIGEST_SHOWN]}"
            number = 1 + max((_number(root / name) for name in version_ids(root)), default=0)
            about = {
                "id": version,
                "number": number,
                "as_of": as_of,
                "content": content,
                "tables": tables,
                "schema_version": extras.schema_version,
            }
            write_json(folder / "manifest.json", about)
            path = install(folder, root, version, keep_from_others=True, same=_same_content)
            switch(root, version)
        _forget_old(root, version, keep)
        return PublishedVersion(version, path)


def _contents(extras: ResearchExtras) -> dict[str, Any]:
    """What makes the extras new: other code lists, views or words are another version, also where no mart has changed."""
    said = {
        table.name: [str(table.content.schema), table.content.to_pylist(), asdict(table.described)]
        for table in extras.tables
    }
    return said | {f"{view.schema}.{view.name}": asdict(view) for view in extras.views}


def _copy(
    warehouse_file: Path,
    folder: Path,
    descriptions: Mapping[str, Described],
    digest: TableDigest,
    extras: ResearchExtras,
) -> dict[str, dict[str, Any]]:
    """Write the marts to a fresh file; by table its rows, the digest of its rows as copied, and that of all of it."""
    with duckdb.connect(config={"temp_directory": str(folder / ".spill")}) as con:
        con.execute(UNCOMPRESSED)
        con.execute(f"attach {quote_literal(str(warehouse_file))} as warehouse (read_only)")
        con.execute(f"attach {quote_literal(str(folder / 'tfc.duckdb'))} as research ({ATTACH_OPTIONS})")
        con.execute("begin")  # one transaction: each statement of its own would wait for the disk
        con.execute(f"create schema research.{SCHEMA}")
        for table in extras.tables:
            _add_table(con, f"research.{SCHEMA}.{quote_identifier(table.name)}", table)
        tables = {}
        for name, columns in _relations(con).items():
            described = descriptions.get(name, Described(""))
            target = f"research.{SCHEMA}.{quote_identifier(name)}"
            # The order of rows would otherwise be that of the threads: equal marts would give other bytes.
            con.execute(f"create table {target} as from warehouse.{SCHEMA}.{quote_identifier(name)} order by all")
            words = [
                ("column", f"{target}.{quote_identifier(column)}", described.columns.get(column, ""))
                for column in columns
            ]
            _comment(con, ("table", target, described.table), *words)
            rows = con.execute(f"select count(*) from {target}").fetchone()
            judged = digest(con, target)
            said = [described.table, dict(described.columns), columns]
            tables[name] = {
                "rows": rows[0] if rows else 0,
                "digest": judged,
                "content": sha256_text(canonical_json([judged, said])),
            }
        con.execute("use research")
        create_views(
            con, "research", [view for view in (*_own_views(descriptions), *extras.views) if view.reads in tables]
        )
        con.execute("use memory")
        con.execute("commit")
        con.execute("checkpoint research")
        con.execute("detach research")
    return tables


def _relations(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The columns of tables and views alike: a view over files in the lake becomes a table that needs no lake."""
    columns: dict[str, list[str]] = {}
    for name, column in con.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = 'warehouse' and schema_name = $1 order by table_name, column_index",
        [SCHEMA],
    ).fetchall():
        columns.setdefault(name, []).append(column)
    return columns


def _add_table(con: duckdb.DuckDBPyConnection, target: str, table: ReferenceTable) -> None:
    con.register("incoming", table.content)
    con.execute(f"create table {target} as from incoming")
    con.unregister("incoming")
    words = [("column", f"{target}.{quote_identifier(c)}", text) for c, text in table.described.columns.items()]
    _comment(con, ("table", target, table.described.table), *words)


def _own_views(descriptions: Mapping[str, Described]) -> list[DatabaseView]:
    """The questions of every day; a column has the words of its mart."""
    return [
        DatabaseView(
            *(SCHEMA, name, query.format(mart=f"{SCHEMA}.{mart}"), comment),
            columns=descriptions.get(mart, Described("")).columns,
            reads=mart,
        )
        for name, (mart, query, comment) in VIEWS.items()
    ]


def create_views(con: duckdb.DuckDBPyConnection, database: str, views: Sequence[DatabaseView]) -> None:
    """Make views, their schemas where they are new, and their comments, in the attached `database`, which is in use.

    A view names its tables without the name under which the file is attached, so that it works under any.
    """
    for schema in dict.fromkeys(view.schema for view in views):
        con.execute(f"create schema if not exists {schema}")
    for view in views:
        target = f"{view.schema}.{quote_identifier(view.name)}"
        con.execute(f"create view {target} as {view.query}")
    of_views: dict[tuple[str, str], list[str]] = {}
    for schema, name, column in con.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where database_name = $1 "
        "order by table_name, column_index",
        [database],
    ).fetchall():
        of_views.setdefault((schema, name), []).append(column)
    for view in views:
        target = f"{view.schema}.{quote_identifier(view.name)}"
        words = [
            ("column", f"{target}.{quote_identifier(column)}", view.columns.get(column, ""))
            for column in of_views[view.schema, view.name]
        ]
        _comment(con, ("view", target, view.comment), *words)


def _differences(
    tables: Mapping[str, Mapping[str, Any]], judged: Mapping[str, str], evidence_tables: frozenset[str]
) -> list[str]:
    if not tables:
        return ["The warehouse holds no marts."]
    judged = {name.removeprefix(f"{SCHEMA}."): value for name, value in judged.items()}
    reasons = [f"{name} was judged and is not in the warehouse." for name in sorted(set(judged) - set(tables))]
    for name in tables:
        if name not in judged and name not in evidence_tables:
            reasons.append(f"{name} was not judged.")
        elif name in judged and judged[name] != tables[name]["digest"]:
            reasons.append(f"{name} is not the table that was judged: its rows have changed since.")
    return reasons


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # a version that cannot say what it is, is no version to be the same as
    return content if isinstance(content, dict) else {}


def _number(folder: Path) -> int:
    return int(_manifest(folder).get("number", 0))


def _same_content(one: Path, other: Path) -> bool:
    return bool(_manifest(one).get("content", 1) == _manifest(other).get("content", 2))


def _forget_old(root: Path, current: str, keep: int) -> None:
    others = sorted(
        (name for name in version_ids(root) if name != current), key=lambda name: (_number(root / name), name)
    )
    forget(root, others[: max(0, len(others) - keep)])


def _comment(con: duckdb.DuckDBPyConnection, *words: tuple[str, str, str]) -> None:
    """Comment on things, each given as its kind, its name and what is said of it; nothing is said where that is empty."""
    con.execute(
        "".join(
            f"comment on {kind} {what} is {quote_literal(' '.join(text.split()))};"
            for kind, what, text in words
            if text
        )
    )
