"""Writing what was taken in: typed Parquet to the lake, texts to the text store, flags to the site's queue.

Belongs here: where each goes, and its bytes. Does not belong: in which order (`run`), or the receipt (`lake`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tfc_platform.files import atomic, canonical_json, sha256_text, write_json
from tfc_platform.records import ROW_ISSUE
from tfc_platform.settings import Places
from tfc_platform.take_in.taken import Flag, Issue, Taken

__all__ = ["NAME", "TEXT", "raise_flags", "write_issues", "write_names", "write_records", "write_texts"]

TEXT = pa.schema(
    [
        pa.field("file_sha256", pa.string(), nullable=False),
        pa.field("sheet", pa.string()),
        pa.field("row_number", pa.int64(), nullable=False),
        pa.field("column_name", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
    ]
)
# Neither row nor column: a token by row would link one person's rows by name.
NAME = pa.schema(
    [
        pa.field("file_sha256", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("token", pa.string(), nullable=False),
    ]
)


def _write(table: pa.Table, target: Path) -> None:
    with atomic(target) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def write_records(places: Places, site: str, stem: str, tables: Mapping[str, pa.Table]) -> dict[str, dict[str, Any]]:
    """One Parquet file a record; gives each record's path below the lake and its number of rows."""
    written = {}
    for record, table in sorted(tables.items()):
        path = f"{record}/{site}/{stem}.parquet"
        _write(table, places.lake / path)
        written[record] = {"path": path, "rows": table.num_rows}
    return written


def write_issues(places: Places, site: str, source: str, sha256: str, stem: str, issues: Sequence[Issue]) -> str | None:
    """The row issues of one file; gives their path below the lake, or None where there is none."""
    if not issues:
        return None
    rows = [
        {
            "site": site,
            "source": source,
            "file_sha256": sha256,
            "sheet": issue.sheet,
            "row_number": issue.row,
            "column_name": issue.column,
            "cell": issue.cell,
            "severity": issue.severity,
            "disposition": issue.disposition,
            "reason": issue.reason,
            "message": issue.message,
        }
        for issue in issues
    ]
    path = f"row_issue/{site}/{stem}.parquet"
    _write(pa.Table.from_pylist(rows, schema=ROW_ISSUE), places.lake / path)
    return path


def write_texts(places: Places, site: str, sha256: str, stem: str, taken: Taken) -> str | None:
    """The free texts of one file; gives their path below the text store, or None where there is none."""
    if not taken.texts:
        return None
    rows = [
        {"file_sha256": sha256, "sheet": sheet, "row_number": row, "column_name": column, "text": text}
        for sheet, row, column, text in taken.texts
    ]
    path = f"{site}/{stem}.parquet"
    _write(pa.Table.from_pylist(rows, schema=TEXT), places.text / path)
    return path


def write_names(places: Places, site: str, sha256: str, stem: str, taken: Taken) -> str | None:
    """The tokens of the names in one file, sorted; gives their path below the gazetteer, or None where there is none."""
    if not taken.names:
        return None
    rows = [{"file_sha256": sha256, "kind": kind, "token": token} for kind, token in sorted(taken.names)]
    path = f"{site}/{stem}.parquet"
    _write(pa.Table.from_pylist(rows, schema=NAME), places.gazetteer / path)
    return path


def raise_flags(places: Places, site: str, file: str, sha256: str, flags: Sequence[Flag], at: datetime) -> None:
    """Add to the site's queue what is not in it: a flag is raised once, however often its file is read, and never closed."""
    if not flags:
        return
    queue = places.sites / site / "flags" / f"{sha256}.json"
    known: dict[str, dict[str, Any]] = {}
    if queue.exists():
        known = {flag["id"]: flag for flag in json.loads(queue.read_text())}
    before = json.dumps(known)
    for flag in flags:
        # One flag a cell: where the rules have changed since, it says the rules of now and keeps its history.
        name = sha256_text(canonical_json([sha256, flag.sheet, flag.row, flag.column]))[:16]
        raised = {"raised_at": at.isoformat(timespec="seconds"), "acknowledged_at": None}
        known[name] = {"id": name, "site": site, "file": file, **raised, **known.get(name, {}), **asdict(flag)}
    if json.dumps(known) != before:
        queue.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        write_json(queue, list(known.values()))
