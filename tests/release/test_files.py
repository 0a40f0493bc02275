"""The files of a release, and putting a version in its place, each on its own."""

from __future__ import annotations

import csv
import io
import time
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.atomic_io import sha256_file
from tfc_platform.publication.released_table import ReleaseColumn, ReleaseTable
from tfc_platform.release.sav import has_sav, write_sav
from tfc_platform.release.story_selection import StoryText, stories_table
from tfc_platform.release.table_files import _line, csv_cell, safe_text, write_csv, write_database, write_parquet
from tfc_platform.release.workbook import WorkbookCover, write_workbook
from tfc_platform.versions import install


def table(rows: int) -> ReleaseTable:
    columns = (ReleaseColumn("key", pa.string(), "It's a key."), ReleaseColumn("value", pa.float64(), "A number."))
    cells = tuple((f"a text that is long enough to be compressed, number {n}", n / 7) for n in range(rows))
    return ReleaseTable("many", "Many", "Many rows.", columns, 1, cells)


def figures(rows: int) -> ReleaseTable:
    """Columns as the release has them: keys that repeat, figures with gaps, a status, a note."""
    columns = (
        ReleaseColumn("site", pa.string(), "A site."),
        ReleaseColumn("measure", pa.string(), "A measure."),
        ReleaseColumn("value", pa.float64(), "A figure."),
        ReleaseColumn("count", pa.int64(), "A count."),
        ReleaseColumn("status", pa.string(), "Its status."),
        ReleaseColumn("note", pa.string(), "A note."),
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


def test_a_large_table_is_the_same_bytes_whatever_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than a row group: with the threads of the machine, one and four of them gave two files."""
    connect, written = duckdb.connect, set()
    for threads in (1, 4):

        def on_a_machine(*arguments: Any, config: dict[str, Any], threads: int = threads) -> Any:
            return connect(*arguments, config={"threads": threads, **config})

        monkeypatch.setattr(duckdb, "connect", on_a_machine)
        write_database([figures(130_000)], tmp_path / f"{threads}.duckdb")
        written.add(sha256_file(tmp_path / f"{threads}.duckdb"))
    assert len(written) == 1


def stories(text: str, sha256: str) -> ReleaseTable:
    told = StoryText("GL-001", "glasgow", date(2025, 5, 20), "confidence", "share", sha256, text)
    return stories_table([told])


def written_everywhere(folder: Path, tables: list[ReleaseTable]) -> dict[str, bytes]:
    folder.mkdir()
    for number, item in enumerate(tables):
        write_parquet(item, folder / f"{number}.parquet")
        write_csv(item, folder / f"{number}.csv")
    write_database(tables, folder / "tfc.duckdb")
    write_workbook(tables, WorkbookCover("A release", ["2026-05-01"], []), date(2026, 5, 1), folder / "tables.xlsx")
    for number, item in enumerate(tables):
        if has_sav(item):
            write_sav(item, folder / f"{number}.sav")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_no_file_knows_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same tables years later, by the clocks that Python, zip files and the workbook's writer look at."""
    tables = [figures(60), stories("A text.", "a" * 64)]
    now = written_everywhere(tmp_path / "now", tables)
    later = time.time() + 40_000_000

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.fromtimestamp(later, tz)

    monkeypatch.setattr(time, "time", lambda: later)
    monkeypatch.setattr("openpyxl.packaging.core.datetime.datetime", Later, raising=False)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    try:
        assert written_everywhere(tmp_path / "later", tables) == now
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_story_leaves_its_text_alone_and_neither_its_digest_nor_its_day(tmp_path: Path) -> None:
    """Whether the text is one that somebody guesses can be seen anyway; who else was asked, and when, cannot."""
    first = written_everywhere(tmp_path / "first", [stories("A text.", "a" * 64)])
    assert written_everywhere(tmp_path / "second", [stories("A text.", "b" * 64)]) == first
    assert not any(b"2025-05-20" in content or b"aaaaaaaa" in content for content in first.values())


def test_the_statistics_of_parquet_are_of_what_is_shown(tmp_path: Path) -> None:
    """Smallest and greatest value, and the count of gaps, are a reader's own sums over the rows."""
    shown = figures(60)
    write_parquet(shown, tmp_path / "t.parquet")
    meta = pq.read_metadata(tmp_path / "t.parquet")
    for number, column in enumerate(shown.columns):
        cells = [row[number] for row in shown.rows]
        present = [cell for cell in cells if cell is not None]
        found = meta.row_group(0).column(number).statistics
        assert found.null_count == len(cells) - len(present), column.name
        if present:
            assert (found.min, found.max) == (min(present), max(present)), column.name


def test_a_database_has_no_page_that_it_does_not_use(tmp_path: Path) -> None:
    """A free block would hold what stood there before."""
    write_database([figures(1700), table(3000), stories("A text.", "a" * 64)], tmp_path / "t.duckdb")
    with duckdb.connect(str(tmp_path / "t.duckdb"), read_only=True) as con:
        size = con.execute(
            "select total_blocks, used_blocks, free_blocks, wal_size from pragma_database_size()"
        ).fetchall()
    ((blocks, used, free, wal),) = size
    assert (free, wal) == (0, "0 bytes")
    assert blocks == used


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


def test_cells_that_python_takes_for_equal_are_written_as_what_they_are(tmp_path: Path) -> None:
    write_csv(replace(table(0), rows=((True, 1), (1, True), (0, False), (False, 0.5))), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "key,value\ntrue,1\n1,true\n0,false\nfalse,0.5\n"


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
        ("-1", "\t-1"),
        (-1, "-1"),
        ("\tx", "\t\tx"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\nb"),
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
    assert not safe_text(text).startswith(("=", "+", "-", "@", "\r"))
    assert safe_text(text) in (text, f"\t{text}")


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"])), min_size=2, max_size=4)
    )
)
def test_a_line_is_what_a_reader_of_csv_takes_apart_again(rows: list[list[str]]) -> None:
    text = "".join(_line(row) for row in rows)
    assert list(csv.reader(io.StringIO(text, newline=""))) == rows


def test_a_tab_that_stands_first_is_in_quotation_marks() -> None:
    """Readers that drop spaces around a cell must not drop the tab, which keeps a formula from being run."""
    texts = ["=cmd|' /C calc'!A0", "@SUM(1+1)*cmd", "-2+3+cmd", '=HYPERLINK("http://example.org","click")']
    line = _line(csv_cell(cell) for cell in [*texts, -2.5, -3, None])
    assert line == (
        '"\t=cmd|\' /C calc\'!A0","\t@SUM(1+1)*cmd","\t-2+3+cmd","\t=HYPERLINK(""http://example.org"",""click"")",-2.5,-3,\n'
    )


def test_a_version_comes_into_its_place_by_a_rename(tmp_path: Path) -> None:
    """A copy could be killed half-way; a rename has happened or has not."""
    folder = tmp_path / ".building-x"
    (folder / "csv").mkdir(parents=True)
    (folder / "csv" / "a.csv").write_text("a")
    before = (folder.stat().st_ino, (folder / "csv" / "a.csv").stat().st_ino)
    target = install(folder, tmp_path, "v1", keep_from_others=False, same=lambda _one, _other: False)
    assert (target.stat().st_ino, (target / "csv" / "a.csv").stat().st_ino) == before
    assert not folder.exists()
