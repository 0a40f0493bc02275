"""Whatever a release holds reads back the same from each of its formats; a file with fewer rows stops the release."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.release.read_back import compare_files
from tfc_platform.publication.released_table import ReleaseColumn, ReleaseError, ReleaseTable
from tfc_platform.release import publish
from tfc_platform.release.sav import has_sav, write_sav
from tfc_platform.release.table_files import check_row_counts, write_csv, write_database, write_parquet
from tfc_platform.release.workbook import WorkbookCover, write_workbook

COLUMNS = (
    ReleaseColumn("site", pa.string(), "The site."),
    ReleaseColumn("on", pa.date32(), "The day."),
    ReleaseColumn("quintile", pa.int64(), "Of deprivation."),
    ReleaseColumn("open", pa.bool_(), "Whether it is open."),
    ReleaseColumn("measure", pa.string(), "The measure."),
    ReleaseColumn("value", pa.float64(), "The figure."),
    ReleaseColumn("status", pa.string(), "Whether it is shown."),
    ReleaseColumn("note", pa.string(), "A note."),
)
SECRET = "Westbrook"  # a cell that no message may quote
ROWS = (
    (SECRET, date(2025, 5, 1), 1, True, "hours", 0.1 + 0.2, "shown", None),
    ("=1+1", None, None, False, "hours", None, "suppressed", "Weighted."),
    ("-", date(2026, 1, 31), 5, None, "sessions", 1e300, "held", "From an earlier return."),
    (None, None, 2, True, "sessions", None, "not_available", "Weighted."),
)


def figures(rows: tuple[Any, ...] = ROWS, name: str = "reach") -> ReleaseTable:
    return ReleaseTable(name, "Reach", "Attendances.", COLUMNS, 4, rows)


def texts(*rows: str) -> ReleaseTable:
    column = ReleaseColumn("text", pa.string(), "The approved text.")
    return ReleaseTable("stories", "Stories", "Texts.", (column,), 1, tuple((row,) for row in rows))


TABLES = [
    figures(),
    figures((), "empty"),
    texts(
        "A text.",
        "two\r\nlines",
        "\ttab",
        "x\x07y",
        "=\U0001f600",
        "long " * 7000,
        "[a](b) and [c](d)",
        "مرحبا",
        "cost: $$5$$",
    ),
]


def write_all(folder: Path, tables: list[ReleaseTable]) -> None:
    for kind in ("csv", "parquet", "sav"):
        (folder / kind).mkdir(parents=True)
    for table in tables:
        write_csv(table, folder / "csv" / f"{table.name}.csv")
        write_parquet(table, folder / "parquet" / f"{table.name}.parquet")
        if has_sav(table):
            write_sav(table, folder / "sav" / f"{table.name}.sav")
    write_database(tables, folder / "tfc.duckdb")
    write_workbook(tables, WorkbookCover("A release", [], []), date(2026, 5, 1), folder / "tables.xlsx")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "release"
    write_all(folder, TABLES)
    return folder


def test_what_was_written_is_read_again(written: Path) -> None:
    compare_files(written, TABLES)


def _csv(folder: Path) -> None:
    file = folder / "csv" / "reach.csv"
    file.write_text(file.read_text().replace("0.30000000000000004", "0.3"))


def _csv_row(folder: Path) -> None:
    file = folder / "csv" / "reach.csv"
    file.write_text("\n".join(file.read_text().split("\n")[:-2]) + "\n")


def _csv_text(folder: Path) -> None:
    file = folder / "csv" / "reach.csv"
    file.write_text(file.read_text().replace("\t=1+1", "\t\t=1+1"))


def _parquet(folder: Path) -> None:
    file = folder / "parquet" / "reach.parquet"
    pq.write_table(pq.read_table(file).slice(0, 3), file)


def _no_parquet(folder: Path) -> None:
    (folder / "parquet" / "reach.parquet").unlink()


def _duckdb(folder: Path) -> None:
    with duckdb.connect(str(folder / "tfc.duckdb")) as con:
        con.execute("update main.reach set status = 'shown' where status = 'suppressed'")


def _fewer_records(folder: Path) -> None:
    with duckdb.connect(str(folder / "tfc.duckdb")) as con:
        con.execute("delete from main.reach where status = 'suppressed'")


def _duckdb_column(folder: Path) -> None:
    with duckdb.connect(str(folder / "tfc.duckdb")) as con:
        con.execute("alter table main.reach rename column quintile to fifth")


def _sheet(cell: str, value: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        book = openpyxl.load_workbook(folder / "tables.xlsx")
        book["reach"][cell] = value
        book.save(folder / "tables.xlsx")

    return change


def _empty_sheet(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    sheet = book["empty"]
    sheet.cell(sheet.max_row, 1).value = "a row"
    book.save(folder / "tables.xlsx")


def _sav(**changes: Any) -> Callable[[Path], None]:
    return lambda folder: write_sav(replace(figures(), **changes), folder / "sav" / "reach.sav")


TOP = 9  # the row of the headers on the sheet reach
OTHER_STATUS = (*ROWS[:-1], (*ROWS[-1][:6], "suppressed", None))
OTHER_LABEL = (replace(COLUMNS[0], description="A place."), *COLUMNS[1:])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_csv, "csv/reach.csv: table reach is not what was written to it."),
        (_csv_row, "csv/reach.csv: table reach cannot be read again."),
        (_csv_text, "csv/reach.csv: table reach is not what was written to it."),
        (lambda folder: (folder / "csv" / "reach.csv").write_bytes(b"\xff"), "csv/reach.csv: table reach cannot be read again."),
        (_parquet, "parquet/reach.parquet: table reach is not what was written to it."),
        (_no_parquet, "parquet/reach.parquet: table reach cannot be read again."),
        (_duckdb, "tfc.duckdb: table reach is not what was written to it."),
        (_duckdb_column, "tfc.duckdb: table reach is not what was written to it."),
        (_sheet(f"F{TOP + 1}", 0.4), "tables.xlsx: table reach is not what was written to it."),
        (_sheet(f"F{TOP + 2}", "[x]"), "tables.xlsx: table reach is not what was written to it."),
        (_sheet(f"F{TOP + 2}", 0), "tables.xlsx: table reach is not what was written to it."),
        (_sheet(f"H{TOP + 2}", "[note 2]"), "tables.xlsx: table reach is not what was written to it."),
        (_sheet(f"B{TOP + 1}", date(2025, 5, 2)), "tables.xlsx: table reach is not what was written to it."),
        (_sheet(f"C{TOP}", "fifth"), "tables.xlsx: table reach cannot be read again."),
        (_empty_sheet, "tables.xlsx: table empty is not what was written to it."),
        (lambda folder: (folder / "tables.xlsx").write_bytes(b"PK"), "tables.xlsx cannot be read again."),
        (_sav(rows=ROWS[:-1]), "sav/reach.sav: table reach cannot be read again."),
        (_sav(rows=OTHER_STATUS), "sav/reach.sav: table reach is not what was written to it."),
        (_sav(columns=OTHER_LABEL), "sav/reach.sav: the labels of reach are not what was written to it."),
    ],
)  # fmt: skip
def test_the_readers_find_what_is_not_what_was_written(
    written: Path, tmp_path: Path, change: Callable[[Path], Any], said: str
) -> None:
    folder = tmp_path / "release"
    shutil.copytree(written, folder)
    change(folder)
    with pytest.raises(ReleaseError) as caught:
        compare_files(folder, TABLES)
    assert str(caught.value) == said
    assert SECRET not in str(caught.value)


def test_a_writer_that_drops_a_row_publishes_nothing(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = small.night()
    small.change("mart_delivery", 0, sessions_delivered=4)
    small.warehouse()
    small.research()
    monkeypatch.setattr(
        publish, "write_csv", lambda table, target: write_csv(replace(table, rows=table.rows[1:]), target)
    )
    with pytest.raises(
        ReleaseError, match=r"^csv/delivery.csv: table delivery has not the rows that were written to it"
    ):
        small.release()
    assert (small.places.releases / "current").resolve() == first.path
    assert [path.name for path in small.places.releases.iterdir() if path.is_dir() and not path.is_symlink()] == [
        first.id
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_csv_row, "csv/reach.csv"),
        (lambda folder: (folder / "csv" / "reach.csv").write_bytes(b"\xff"), "csv/reach.csv"),
        (_parquet, "parquet/reach.parquet"),
        (_no_parquet, "parquet/reach.parquet"),
        (_sav(rows=ROWS[:-1]), "sav/reach.sav"),
        (_fewer_records, "tfc.duckdb"),
    ],
)
def test_rows_are_counted_before_a_release_is_published(
    written: Path, tmp_path: Path, change: Callable[[Path], Any], said: str
) -> None:
    check_row_counts(written, TABLES)
    folder = tmp_path / "release"
    shutil.copytree(written, folder)
    change(folder)
    with pytest.raises(ReleaseError, match=rf"^{said}: table reach has not the rows that were written to it.$"):
        check_row_counts(folder, TABLES)


WRITABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
KEYS = st.text(WRITABLE, min_size=1, max_size=12)
# The 16 digits that a workbook has of a number would make the very largest ones infinite: no figure is near them.
NUMBERS = st.none() | st.floats(-1e300, 1e300, allow_subnormal=False)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(KEYS, NUMBERS), max_size=6), st.lists(st.text(WRITABLE, min_size=1, max_size=40), max_size=4))
def test_whatever_a_release_holds_reads_back_the_same(tmp_path: Path, rows: list[Any], told: list[str]) -> None:
    shown = tuple(
        (key, None, None, None, "hours", number, "suppressed" if number is None else "shown", None)
        for key, number in rows
    )
    folder = tmp_path / "any"
    shutil.rmtree(folder, ignore_errors=True)
    write_all(folder, [figures(shown), texts(*told)])
    compare_files(folder, [figures(shown), texts(*told)])
