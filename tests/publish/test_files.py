"""The files of a release, and putting a version in its place, each on its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.publish.formats import csv_cell, safe_text, write_csv, write_database, write_parquet
from tfc_platform.publish.tables import Column, ReleaseTable
from tfc_platform.publish.versions import install


def table(rows: int) -> ReleaseTable:
    columns = (Column("key", pa.string(), "It's a key."), Column("value", pa.float64(), "A number."))
    cells = tuple((f"a text that is long enough to be compressed, number {n}", n / 7) for n in range(rows))
    return ReleaseTable("many", "Many", "Many rows.", columns, 1, cells)


def figures(rows: int) -> ReleaseTable:
    """Columns as the release has them: keys that repeat, figures with gaps, a status, a note."""
    columns = (
        Column("site", pa.string(), "A site."),
        Column("measure", pa.string(), "A measure."),
        Column("value", pa.float64(), "A figure."),
        Column("count", pa.int64(), "A count."),
        Column("status", pa.string(), "Its status."),
        Column("note", pa.string(), "A note."),
    )
    cells = tuple(
        (
            f"site {n // 40}",
            f"m{n % 7}",
            round((n % 97) / 13, 4) if n % 5 else None,
            n % 11,
            "shown" if n % 5 else "suppressed",
            None,
        )
        for n in range(rows)
    )
    return ReleaseTable("figures", "Figures", "Figures.", columns, 2, cells)


def test_equal_tables_are_written_to_equal_bytes(tmp_path: Path) -> None:
    written = set()
    for number in range(4):
        file = tmp_path / f"{number}.duckdb"
        write_database([figures(1700), table(3000)], file)
        written.add(file.read_bytes())
    assert len(written) == 1
    with duckdb.connect(str(tmp_path / "0.duckdb"), read_only=True) as con:
        assert con.execute("from many").fetchall() == list(table(3000).rows)


def test_nothing_is_compressed(tmp_path: Path) -> None:
    """DuckDB's compressions pad with uninitialised memory: now and then a file differs, and holds what it does not show."""
    write_database([figures(1700), table(3000)], tmp_path / "t.duckdb")
    with duckdb.connect(str(tmp_path / "t.duckdb"), read_only=True) as con:
        found = {
            kind for name in ("figures", "many") for (kind,) in con.execute(
                f"select distinct compression from pragma_storage_info('{name}')"
            ).fetchall()
        }  # fmt: skip
    assert "Uncompressed" in found
    # These have no segment at all: one value for all rows, or no gap.
    assert found <= {"Uncompressed", "Constant", "Empty Validity"}


def test_an_empty_table_keeps_its_columns(tmp_path: Path) -> None:
    write_parquet(table(0), tmp_path / "t.parquet")
    write_csv(table(0), tmp_path / "t.csv")
    assert duckdb.sql(f"from '{tmp_path}/t.parquet'").columns == ["key", "value"]
    assert (tmp_path / "t.csv").read_text() == "key,value\n"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (None, ""),
        (12.0, "12"),
        (-0.5, "-0.5"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e300, "1e+300"),
        (True, "true"),
        (3, "3"),
        (date(2025, 4, 1), "2025-04-01"),
        ("plain", "plain"),
        ("-1", "'-1"),
        ("\tx", "'\tx"),
        ("a\r\nb", "a\nb"),
        ("a=b", "a=b"),
    ],
)
def test_a_cell_of_a_csv_file(cell: Any, written: str) -> None:
    assert csv_cell(cell) == written


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_as_it_was(number: float) -> None:
    assert float(csv_cell(number)) == number


@given(st.text())
def test_no_text_opens_as_a_formula(text: str) -> None:
    assert not safe_text(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert safe_text(text).endswith(text)


def test_a_version_comes_into_its_place_by_a_rename(tmp_path: Path) -> None:
    """A copy could be killed half-way; a rename has happened or has not."""
    folder = tmp_path / ".building-x"
    (folder / "csv").mkdir(parents=True)
    (folder / "csv" / "a.csv").write_text("a")
    before = (folder.stat().st_ino, (folder / "csv" / "a.csv").stat().st_ino)
    target = install(folder, tmp_path, "v1", keep_from_others=False, same=lambda _one, _other: False)
    assert (target.stat().st_ino, (target / "csv" / "a.csv").stat().st_ino) == before
    assert not folder.exists()
