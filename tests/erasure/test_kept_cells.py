"""The table of cells that is kept of a file with erased rows: what was in them is gone, every other row reads as in the original.

What the other rows are is read by the csv module, openpyxl and pyreadstat, not by the platform's readers.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from tfc_platform.contracts.model import Reading
from tfc_platform.ingest.erased_rows import without_rows
from tfc_platform.sheets.readers import kept_cells, open_grid
from tfc_platform.sheets.sheet_model import CellError, Grid, ReadAs, Sheet, SheetRow, Unreadable, Variable, is_blank

SECRET = "Quizzwörthy & Sons é"
BOOK = Reading(format="workbook")
TEXT = Reading(format="csv")


def records(content: bytes, encoding: str, delimiter: str = ",") -> dict[int, list[str]]:
    """Each record by the line on which it starts."""
    reader, start, found = csv.reader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter), 1, {}
    for cells in reader:
        if cells:
            found[start] = cells
        start = reader.line_num + 1
    return found


def rows_of(grid: Grid) -> dict[tuple[str | None, int], list[Any]]:
    return {
        (sheet.name, row.number): list(row.cells)
        for sheet in [*grid.sheets, *grid.aside]
        for row in sheet.rows
        if not all(map(is_blank, row.cells))
    }


cell = st.text(st.sampled_from("abz09 éłŵ€'\"-,;\t"), max_size=8) | st.sampled_from(
    ["", 'a "quoted" word', "two\nlines", "three\r\nmore\r\nlines", "a,b;c", SECRET]
)


@given(
    rows=st.lists(st.lists(cell, min_size=2, max_size=4), min_size=1, max_size=6),
    which=st.sets(st.integers(0, 5)),
    delimiter=st.sampled_from([",", ";", "\t"]),
    end=st.sampled_from(["\r\n", "\n"]),
    encoding=st.sampled_from(["utf-8-sig", "utf-16"]),
)
def test_text_the_other_records_have_their_lines(
    rows: list[list[str]], which: set[int], delimiter: str, end: str, encoding: str
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([["id", "note"], *rows])
    content, reading = out.getvalue().encode(encoding), Reading(format="csv", delimiter=delimiter)
    before = records(content, encoding, delimiter)
    gone = {line for place, line in enumerate(sorted(before)) if place in which}
    after = open_grid(without_rows(content, {None: gone}, reading), reading)
    assert {row.number: list(row.cells) for row in after.sheets[0].rows} == {
        line: cells for line, cells in before.items() if line not in gone
    }


def test_text_in_two_encodings() -> None:
    content = "id,note\n1,é\n2,ł\n".encode() + "3,é\n4,é\n".encode("cp1252")
    left = open_grid(without_rows(content, {None: {3, 4}}, TEXT), TEXT)
    assert [(row.number, row.cells) for row in left.sheets[0].rows] == [
        (1, ("id", "note")),
        (2, ("1", "é")),
        (5, ("4", "é")),
    ]


def test_the_separator_stays_that_of_the_whole_file() -> None:
    """Another one than the contract's, known by the rows that it makes: without them the names would be one cell."""
    left = open_grid(without_rows(b"A log\nid;note\n1;x\n2;y\n", {None: {3, 4}}, TEXT), TEXT)
    assert [row.cells for row in left.sheets[0].rows] == [("A log",), ("id", "note")]
    assert left.read_as is not None
    assert left.read_as.delimiter == ";"


def sav(folder: Path, **how: Any) -> bytes:
    frame = pandas.DataFrame(
        {
            "serial": [f"w{number:06d}" for number in range(40)],
            "q1": [float(number % 7) if number % 5 else None for number in range(40)],
            "share": [number / 3 for number in range(40)],
            "comments": ["" if number % 3 else f"{SECRET} {number} " + "long text " * 30 for number in range(40)],
        }
    )
    path = folder / "file.sav"
    pyreadstat.write_sav(
        frame,
        path,
        column_labels={"q1": "How far do you agree?"},
        variable_value_labels={"q1": {1.0: "no", 5.0: "yes"}},
        missing_ranges={"q1": [97.0, 98.0, 99.0]},
        **how,
    )
    return path.read_bytes()


@pytest.mark.parametrize("how", [{}, {"row_compress": True}, {"compress": True}], ids=["plain", "bytecode", "zsav"])
def test_spss_a_case_is_gone_and_all_else_is_there(tmp_path: Path, how: dict[str, Any]) -> None:
    content, reading = sav(tmp_path, **how), Reading(format="spss")
    frame, _ = pyreadstat.read_sav(tmp_path / "file.sav", user_missing=True)
    kept = without_rows(content, {None: {1, 13, 40}}, reading)
    after = open_grid(kept, reading)
    names, *cases = after.sheets[0].rows
    assert names.cells == ("serial", "q1", "share", "comments")
    wanted = frame.drop(index=[0, 12, 39]).astype(object)
    assert {case.number: list(case.cells) for case in cases} == {
        index + 1: list(values) for index, *values in wanted.where(wanted.notna(), None).itertuples()
    }
    assert after.variables[1] == Variable(
        "q1", "How far do you agree?", "number", {"1": "no", "5": "yes"}, ("97", "98", "99")
    )
    assert f"{SECRET} 0 ".encode() not in kept
    assert json.dumps(f"{SECRET} 12 ")[1:-1].encode() not in kept


def book() -> openpyxl.Workbook:
    found = openpyxl.Workbook()
    sheet = found.active
    assert sheet is not None
    sheet.title = "Data & more"
    sheet.append(["ID", "Name", "Email", "Count", "Answer"])
    for number in range(1, 8):
        sheet.append([f"R_{number:012d}", f"Name of {number}", f"person{number}@example.org", number, "Agree"])
    sheet["B4"] = SECRET
    sheet["B4"].comment = Comment(f"{SECRET} rang again", "worker")
    sheet["B4"].fill = sheet["B7"].fill = PatternFill("solid", fgColor="FFFF0000")
    sheet["C4"].hyperlink = "mailto:person3@example.org"
    sheet["B6"].comment = Comment("all well", "worker")
    sheet["E6"] = datetime(2026, 4, 1, 9, 30)
    hidden = found.create_sheet("Copy")
    hidden.sheet_state = "hidden"
    hidden.append(["Name", "ID"])
    hidden.append(["first", "R_000000000001"])
    hidden.append([SECRET, "R_000000000003"])
    found.create_sheet("Notes").append(["nothing", "that", "is read"])
    found.properties.title = f"Export for {SECRET}"
    return found


def saved(found: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    found.save(out)
    return out.getvalue()


ROWS = {"Data & more": {4}, "Copy": {3}}
ONE_SHEET = Reading(format="workbook", sheets="Data.*")


def test_workbook_the_other_rows_are_there_and_nothing_of_the_row_is() -> None:
    content = saved(book())
    whole = {
        (sheet.title, number): list(row)
        for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1)
    }
    kept = without_rows(content, ROWS, BOOK)
    after = open_grid(kept, BOOK)
    assert rows_of(after) == {place: row for place, row in whole.items() if place[1] not in ROWS.get(place[0], ())}
    for secret in ("Quizzw", "R_000000000003", "person3@example.org"):
        assert secret.encode() not in kept
    assert [sheet.name for sheet in after.sheets] == ["Data & more", "Notes"]
    assert after.unread == [("Copy", "hidden")]


def test_workbook_marks_of_the_other_rows_are_there() -> None:
    after = open_grid(without_rows(saved(book()), ROWS, BOOK), BOOK).sheets[0].marks
    assert set(after.fills) == {(7, 2)}
    assert after.comments == {(6, 2)}


def test_workbook_a_hidden_sheet_is_reported_with_the_rows_that_are_left() -> None:
    after = open_grid(without_rows(saved(book()), ROWS, BOOK), BOOK)
    (notice,) = [notice for notice in after.warnings if notice.sheet == "Copy"]
    assert "it holds 2 filled rows" in notice.message


def test_workbook_a_changed_contract_chooses_its_sheets_anew() -> None:
    content = saved(book())
    for first, later, names in ((ONE_SHEET, BOOK, ["Data & more", "Notes"]), (BOOK, ONE_SHEET, ["Data & more"])):
        kept = without_rows(content, ROWS, first)
        whole, after = open_grid(content, later), open_grid(kept, later)
        assert sorted(sheet.name or "" for sheet in after.sheets) == names
        assert sorted(after.unread) == sorted(whole.unread)
        assert {notice[:2] for notice in after.warnings} == {notice[:2] for notice in whole.warnings}


def test_workbook_calculated_values_are_kept_as_last_saved() -> None:
    """Made by hand, since openpyxl writes no value of a formula."""
    made = book()
    made["Data & more"]["F1"] = "=SUM(D2:D8)"
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(made))) as archive, zipfile.ZipFile(out, "w") as other:
        for name in archive.namelist():
            part = archive.read(name)
            for end in (b"<v/>", b"<v />", b"<v></v>"):
                part = part.replace(b"<f>SUM(D2:D8)</f>" + end, b"<f>SUM(D2:D8)</f><v>28</v>")
            other.writestr(name, part)
    after = open_grid(without_rows(out.getvalue(), ROWS, BOOK), BOOK)
    assert rows_of(after)[("Data & more", 1)][5] == 28


def page() -> bytes:
    rows = "".join(f"<tr><td>R_{n}</td><td>person {n}</td><td>{n}</td></tr>" for n in range(1, 6))
    return f"<html><table><tr><td>id</td><td>name</td><td>count</td></tr>{rows}</table></html>".encode()


def submissions() -> bytes:
    return json.dumps(
        [{"id": f"R_{n}", "name": f"person {n}", "child": [{"age": n}, {"age": n + 1}]} for n in range(1, 6)]
    ).encode()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("export.csv", "id,name\r\n" + "".join(f"R_{n},person {n}\r\n" for n in range(1, 6)))
        archive.writestr("media/a.jpg", b"\xff\xd8\xff")
    return out.getvalue()


def stata(write: Callable[..., None], name: str) -> bytes:
    frame = pandas.DataFrame({"id": [f"R_{n}" for n in range(1, 6)], "name": [f"person {n}" for n in range(1, 6)]})
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        write(frame, f"{folder}/{name}")
        return Path(folder, name).read_bytes()


OTHERS = {
    "html": (page, {None: {3}}),
    "json": (submissions, {None: {3}, "child": {5, 6}}),
    "zip": (zipped, {None: {3}}),
    "dta": (lambda: stata(pyreadstat.write_dta, "a.dta"), {None: {3}}),
    "por": (lambda: stata(pyreadstat.write_por, "a.por"), {None: {3}}),
}


@pytest.mark.parametrize("format_", OTHERS)
def test_any_other_format_reads_as_the_original_without_the_rows(format_: str) -> None:
    make, erased = OTHERS[format_]
    content = make()
    whole = open_grid(content, TEXT, f"log.{format_}")
    kept = without_rows(content, erased, TEXT)
    after = open_grid(kept, TEXT, f"log.{format_}")
    assert rows_of(after) == {
        place: cells for place, cells in rows_of(whole).items() if place[1] not in erased.get(place[0], ())
    }
    assert len(rows_of(after)) < len(rows_of(whole))
    for what in ("unread", "warnings", "read_as", "variables", "hidden"):
        assert getattr(after, what) == getattr(whole, what)
    assert [sheet.is_repeat for sheet in after.sheets] == [sheet.is_repeat for sheet in whole.sheets]
    assert open_grid(kept, TEXT, "log.xlsx").warnings == open_grid(content, TEXT, "log.xlsx").warnings


@pytest.mark.parametrize("make", [page, submissions, zipped, lambda: saved(book())])
def test_one_row_after_another_leaves_the_same_bytes_as_both_at_once(make: Callable[[], bytes]) -> None:
    content = make()
    names = [sheet.name for sheet in open_grid(content, BOOK).sheets]
    once = without_rows(content, {name: {2, 3} for name in names}, BOOK)
    first = without_rows(content, {names[0]: {3}}, BOOK)
    assert without_rows(first, {name: {2, 3} for name in names}, BOOK) == once
    assert first != once


values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None), max_size=6)
    | st.datetimes()
    | st.dates()
    | st.times()
    | st.timedeltas()
    | st.builds(CellError, st.text(max_size=5), st.sampled_from(["error", "formula"]))
)


@given(st.lists(st.lists(values, max_size=5), max_size=5))
def test_a_cell_of_any_kind_is_what_it_was(rows: list[list[Any]]) -> None:
    made = [SheetRow(number, tuple(row)) for number, row in enumerate(rows, start=7)]
    read = kept_cells.read(
        kept_cells.write(Grid([Sheet("One", made)], read_as=ReadAs("xlsx")), "xlsx", {}), BOOK
    ).sheets[0]
    assert list(read.rows) == made
    assert [[type(one) for one in row.cells] for row in read.rows] == [[type(one) for one in row] for row in rows]


def test_kinds_that_resemble_each_other_stay_apart() -> None:
    """1, 1.0 and true are equal in Python, and a day is not its midnight."""
    cells = (1, 1.0, True, date(2026, 4, 1), datetime(2026, 4, 1), time(0), timedelta(hours=25), "1", "")
    grid = Grid([Sheet(None, [SheetRow(1, cells)])], read_as=ReadAs("xls"))
    (row,) = kept_cells.read(kept_cells.write(grid, "xls", {}), BOOK).sheets[0].rows
    assert [(type(one), one) for one in row.cells] == [(type(one), one) for one in cells]


def test_a_long_table_is_read_row_by_row_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = without_rows(saved(book()), ROWS, BOOK)
    ordinary = rows_of(open_grid(kept, BOOK))
    monkeypatch.setattr(kept_cells, "IN_MEMORY", 0)
    lazily = open_grid(kept, BOOK)
    assert not isinstance(lazily.sheets[0].rows, list)
    assert rows_of(lazily) == rows_of(lazily) == ordinary


@given(st.integers(0, 10_000), st.binary(max_size=3))
def test_a_damaged_table_is_a_sentence(at: int, other: bytes) -> None:
    kept = without_rows(zipped(), {None: {3}}, TEXT)
    place = at % len(kept)
    broken = kept_cells.KEPT_CELLS + kept[place:] if at % 2 else kept[:place] + other + kept[place + 2 :]
    with contextlib.suppress(Unreadable):
        open_grid(broken, TEXT)
