"""Writing what was taken in: typed Parquet to the lake, texts to the text store, flags to the site's queue."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from tfc_platform.atomic_io import canonical_json, sha256_text, write_json
from tfc_platform.ingest.ingest_result import FreeText, RowIssue, SafeguardingFlag
from tfc_platform.ingest.spool import Amendments, Spool
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.schemas import ROW_ISSUE
from tfc_platform.settings import Places

__all__ = ["NAME", "TEXT", "Shelf", "raise_flags", "write_issues", "write_names", "write_records", "write_texts"]

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


@dataclass
class Shelf:
    """Where the rows, issues, texts and names of one return go. It is the `Drain` of a long one: what is full goes to the
    disk before the rest is read, under temporary names; nothing is in its place before it is written whole.
    """

    places: Places
    site: str
    source: str
    sha256: str
    stem: str
    spool: Spool = field(default_factory=Spool)

    def record_path(self, record: str) -> str:
        """Of a record's rows, and of the issues (`row_issue`): below the lake."""
        return f"{record}/{self.site}/{self.stem}.parquet"

    @property
    def own_path(self) -> str:
        """Below the text store and the gazetteer."""
        return f"{self.site}/{self.stem}.parquet"

    def take_rows(self, record: str, table: pa.Table) -> None:
        self.spool.add(self.places.lake / self.record_path(record), table)

    def take_issues(self, issues: Sequence[RowIssue]) -> None:
        self.spool.add(self.places.lake / self.record_path("row_issue"), _issue_table(self, issues))

    def take_texts(self, texts: Sequence[FreeText]) -> None:
        self.spool.add(self.places.text / self.own_path, _text_table(self, texts))


def write_records(
    shelf: Shelf, tables: Mapping[str, pa.Table], amended: Mapping[str, Amendments] | None = None
) -> dict[str, dict[str, Any]]:
    """One Parquet file a record; gives each record's path below the lake and its number of rows.

    :param tables: each record's rows that the shelf has not taken yet.
    :param amended: what has changed in those that it has.
    """
    written = {}
    for record, table in sorted(tables.items()):
        path = shelf.record_path(record)
        target = shelf.places.lake / path
        shelf.take_rows(record, table)
        if amended and amended.get(record):
            shelf.spool.amend(target, amended[record])
        written[record] = {"path": path, "rows": shelf.spool.place(target)}
    return written


def _issue_table(shelf: Shelf, issues: Sequence[RowIssue]) -> pa.Table:
    rows = [
        {
            "site": shelf.site,
            "source": shelf.source,
            "file_sha256": shelf.sha256,
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
    return pa.Table.from_pylist(rows, schema=ROW_ISSUE)


def write_issues(shelf: Shelf, issues: Sequence[RowIssue]) -> str | None:
    """The row issues of one file; gives their path below the lake, or None where there is none."""
    path = shelf.record_path("row_issue")
    target = shelf.places.lake / path
    if issues:
        shelf.take_issues(issues)
    if target not in shelf.spool:
        return None
    shelf.spool.place(target)
    return path


def _text_table(shelf: Shelf, texts: Sequence[FreeText]) -> pa.Table:
    sheets, rows, columns, words = zip(*texts, strict=True)
    values = {"file_sha256": [shelf.sha256] * len(texts), "sheet": sheets, "row_number": rows, "column_name": columns}
    return pa.Table.from_pydict({**values, "text": words}, schema=TEXT)


def write_texts(shelf: Shelf, texts: Sequence[FreeText]) -> str | None:
    """The free texts of one file; gives their path below the text store, or None where there is none."""
    target = shelf.places.text / shelf.own_path
    if texts:
        shelf.take_texts(texts)
    if target not in shelf.spool:
        return None
    shelf.spool.place(target)
    return shelf.own_path


def write_names(shelf: Shelf, names: Set[tuple[str, str]]) -> str | None:
    """The tokens of the names in one file, sorted; gives their path below the gazetteer, or None where there is none."""
    if not names:
        return None
    rows = [{"file_sha256": shelf.sha256, "kind": kind, "token": token} for kind, token in sorted(names)]
    target = shelf.places.gazetteer / shelf.own_path
    shelf.spool.add(target, pa.Table.from_pylist(rows, schema=NAME))
    shelf.spool.place(target)
    return shelf.own_path


def raise_flags(
    shelf: Shelf, file: str, flags: Sequence[SafeguardingFlag], at: datetime, pseudonyms: Pseudonyms
) -> None:
    """Add to the site's queue what is not in it: a flag is raised once, however often its file is read, and never closed.

    A flag is a pointer to one cell. Flags with the same `disclosure` point to the same text in several files of the site, such
    as cumulative exports and corrected versions; a text that is twice in one file is two. The disclosure is a keyed token: nobody
    without the key can try out texts.

    :param file: the path of the file in the landing zone.
    """
    if not flags:
        return
    site, sha256 = shelf.site, shelf.sha256
    queue = shelf.places.sites / site / "flags" / f"{sha256}.json"
    known: dict[str, dict[str, Any]] = {}
    if queue.exists():
        known = {flag["id"]: flag for flag in json.loads(queue.read_text())}
    before, times = json.dumps(known), Counter[str]()
    for flag in flags:
        # One flag a cell: where the rules have changed since, it has the rules of now and keeps its history.
        name = sha256_text(canonical_json([sha256, flag.sheet, flag.row, flag.column]))[:16]
        times[flag.digest] += 1
        disclosure = pseudonyms.token(f"disclosure:{site}", f"{flag.digest}:{times[flag.digest]}")[:16]
        raised = {"raised_at": at.isoformat(timespec="seconds"), "acknowledged_at": None}
        pointer = {"sheet": flag.sheet, "row": flag.row, "column": flag.column, "rule": flag.rule}
        history = {"id": name, "site": site, "file": file, **raised, **known.get(name, {})}
        known[name] = {**history, **pointer, "disclosure": disclosure}
    if json.dumps(known) != before:
        queue.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        write_json(queue, list(known.values()))
