"""A release's tables as files: Parquet, CSV, DuckDB.

Belongs here: writing tables that are already protected, the same table always to the same bytes. Does not belong: what
is in them. Nothing here ever sees a value that was hidden, so no statistic, dictionary or free page can hold one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from tfc_platform.publish.research import ATTACH_OPTIONS, UNCOMPRESSED
from tfc_platform.publish.tables import ReleaseTable

__all__ = ["csv_cell", "safe_text", "write_csv", "write_database", "write_parquet"]

# A spreadsheet program takes a text that opens so for a formula, and runs it. The wide forms count too.
_FORMULA = tuple("=+-@\t\r＝＋－＠")
_MARK = '"'
_QUOTED = re.compile(r'^\t|[,"\r\n]')


def write_parquet(table: ReleaseTable, target: Path) -> None:
    pq.write_table(table.arrow(), target, compression="zstd")


def safe_text(text: str) -> str:
    """Text that no spreadsheet program runs as a formula: a tab before what could be one.

    An apostrophe would not outlive a file's being opened and saved again; the tab does (OWASP, CSV injection).
    """
    return "\t" + text if text.startswith(_FORMULA) else text


def csv_cell(cell: Any) -> str:
    """A cell of a CSV file: empty for none, ISO dates, numbers in the shortest form that reads back the same."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if math.isfinite(cell) and cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return safe_text(cell.replace("\r\n", "\n")) if isinstance(cell, str) else str(cell)


def write_csv(table: ReleaseTable, target: Path) -> None:
    """UTF-8 without a mark, lines that end with a line feed, one header row."""
    with target.open("w", encoding="utf-8", newline="") as stream:
        stream.write(_line(column.name for column in table.columns))
        stream.writelines(_line(csv_cell(cell) for cell in row) for row in table.rows)


def _line(fields: Iterable[str]) -> str:
    """A line as `csv` writes it, and quotation marks round a tab that stands first: some readers would drop it."""
    return (
        ",".join(f'"{field.replace(_MARK, _MARK * 2)}"' if _QUOTED.search(field) else field for field in fields) + "\n"
    )


def write_database(tables: Sequence[ReleaseTable], target: Path) -> None:
    """A fresh DuckDB file, schema `main`, with comments, that DuckDB 1.2 and later can open.

    One thread writes it: several fill the row groups of a large table (more than 122,880 rows) in an order of their own.
    """
    with duckdb.connect(config={"temp_directory": str(target.parent / ".spill"), "threads": 1}) as con:
        con.execute(UNCOMPRESSED)
        con.execute(f"attach {_text(str(target))} as release ({ATTACH_OPTIONS})")
        con.execute("begin")  # one transaction: each statement of its own would wait for the disk
        for table in tables:
            con.register("incoming", table.arrow())
            con.execute(f'create table release.main."{table.name}" as from incoming')
            con.unregister("incoming")
            con.execute(f'comment on table release.main."{table.name}" is {_text(table.description)}')
            for column in table.columns:
                name = f'release.main."{table.name}"."{column.name}"'
                con.execute(f"comment on column {name} is {_text(column.description)}")
        con.execute("commit")
        con.execute("checkpoint release")
        con.execute("detach release")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
