"""A release's tables as Parquet, CSV and DuckDB files: the same table always gives the same bytes.

A hidden value is not in a table, so no statistic, dictionary or free page of a file can hold one.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tfc_platform.publication.released_table import ReleaseError, ReleaseTable
from tfc_platform.release.description import ReleaseDescription
from tfc_platform.release.metrics import Metric
from tfc_platform.release.questions import Question, question_views
from tfc_platform.release.wide_views import release_views
from tfc_platform.research import ATTACH_OPTIONS, UNCOMPRESSED, create_views
from tfc_platform.sql_text import quote_identifier, quote_literal

__all__ = ["check_row_counts", "csv_cell", "one_newline", "safe_text", "write_csv", "write_database", "write_parquet"]

# A spreadsheet program takes a text that opens so for a formula, and runs it. The wide forms count too.
_FORMULA = tuple("=+-@\t\r＝＋－＠")
_MARK = '"'
_QUOTED = re.compile(r'^\t|[,"\r\n]')


def write_parquet(
    table: ReleaseTable,
    target: Path,
    metrics: Sequence[Metric] = (),
    description: ReleaseDescription | None = None,
    policy: str = "",
) -> None:
    """A Parquet file that says in its metadata what it holds.

    Each field has its `description`. The file has `title`, `description`, `keys`, and, where they are given, `licence`,
    `publisher`, `disclosure_policy_version`, and by measure `units`, `labels`, `definitions`, `disclosure_rules`, each a
    JSON object.
    """
    said = {"title": table.title, "description": table.description, "keys": _json(list(table.key_names))}
    if policy:
        said["disclosure_policy_version"] = policy
    if description is not None:
        said |= {"licence": description.licence.title, "publisher": description.publisher.name}
    if metrics:
        said |= {
            "units": _json({metric.measure: metric.unit for metric in metrics}),
            "labels": _json({metric.measure: metric.label for metric in metrics}),
            "definitions": _json({metric.measure: metric.definition for metric in metrics}),
            "disclosure_rules": _json({metric.measure: metric.disclosure_rule for metric in metrics}),
        }
    fields = [pa.field(c.name, c.kind, metadata={"description": c.description}) for c in table.columns]
    pq.write_table(table.arrow().cast(pa.schema(fields, metadata=said)), target, compression="zstd")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def safe_text(text: str) -> str:
    """Text that no spreadsheet program runs as a formula: a tab before what could be one.

    An apostrophe would not outlive a file's being opened and saved again; the tab does (OWASP, CSV injection).
    """
    return "\t" + text if text.startswith(_FORMULA) else text


def one_newline(text: str) -> str:
    """Line feeds only: a carriage return by itself would end the row for many readers, and no writer of CSV quotes it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


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
    return safe_text(one_newline(cell)) if isinstance(cell, str) else str(cell)


def write_csv(table: ReleaseTable, target: Path) -> None:
    """UTF-8 without a mark, lines that end with a line feed, one header row."""
    written = lru_cache(maxsize=None, typed=True)(lambda cell: _quoted(csv_cell(cell)))  # most are in many rows
    with target.open("w", encoding="utf-8", newline="") as stream:
        stream.write(_line(column.name for column in table.columns))
        stream.writelines(",".join(map(written, row)) + "\n" for row in table.rows)


def _line(fields: Iterable[str]) -> str:
    return ",".join(map(_quoted, fields)) + "\n"


def _quoted(field: str) -> str:
    """A field as `csv` writes it, and quotation marks round a tab that is first: some readers would drop it."""
    return f'"{field.replace(_MARK, _MARK * 2)}"' if _QUOTED.search(field) else field


def write_database(
    tables: Sequence[ReleaseTable],
    target: Path,
    about: Mapping[str, Any] | None = None,
    questions: Sequence[Question] = (),
) -> None:
    """A fresh DuckDB file that DuckDB 1.2 and later can open: tables in `main`, views in `questions` and
    `wide`, all with comments.

    `about` is the manifest; without it there are no views. One thread writes the file: several fill the row groups of a large
    table (more than 122,880 rows) in an order of their own.
    """
    with duckdb.connect(config={"temp_directory": str(target.parent / ".spill"), "threads": 1}) as con:
        con.execute(UNCOMPRESSED)
        con.execute(f"attach {quote_literal(str(target))} as release ({ATTACH_OPTIONS})")
        con.execute("begin")  # one transaction: each statement of its own would wait for the disk
        for table in tables:
            con.register("incoming", table.arrow())
            con.execute(f'create table release.main."{table.name}" as from incoming')
            con.unregister("incoming")
            name = f'release.main."{table.name}"'
            said = [f"comment on table {name} is {quote_literal(table.description)}"]
            said += [f'comment on column {name}."{c.name}" is {quote_literal(c.description)}' for c in table.columns]
            con.execute(";".join(said))
        if about is not None:
            con.execute("use release")
            create_views(con, "release", [*question_views(tables, about, questions), *release_views(tables)])
            con.execute("use memory")
        con.execute("commit")
        con.execute("checkpoint release")
        con.execute("detach release")


def check_row_counts(folder: Path, tables: Sequence[ReleaseTable]) -> None:
    """Count the rows of each table in its Parquet, CSV, SPSS and DuckDB files.

    :raises ReleaseError: naming the first file whose table has another number of rows, or that cannot be read.
    """
    with duckdb.connect(str(folder / "tfc.duckdb"), read_only=True) as con:
        for table in tables:
            counted = {
                f"parquet/{table.name}.parquet": lambda file: pq.read_metadata(file).num_rows,
                f"csv/{table.name}.csv": _count_lines,
                f"sav/{table.name}.sav": _count_cases,
            }
            if _count_records(con, table.name) != len(table.rows):
                raise ReleaseError(f"tfc.duckdb: table {table.name} has not the rows that were written to it.")
            for file, count in counted.items():
                is_none = file.startswith("sav/") and not (folder / file).exists()
                if not is_none and _count(count, folder / file) != len(table.rows):
                    raise ReleaseError(f"{file}: table {table.name} has not the rows that were written to it.")


def _count(count: Callable[[Path], int], file: Path) -> int | None:
    """None where a reader fails: its message may quote a cell."""
    try:
        return count(file)
    except Exception:
        return None


def _count_records(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row = con.execute(f"select count(*) from main.{quote_identifier(table)}").fetchone()
    return int(row[0]) if row else 0


def _count_lines(file: Path) -> int:
    with file.open(encoding="utf-8", newline="") as stream:
        return sum(1 for _ in csv.reader(stream)) - 1


def _count_cases(file: Path) -> int:
    import pyreadstat

    return int(pyreadstat.read_sav(str(file), metadataonly=True)[1].number_rows)
