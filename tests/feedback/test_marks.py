"""Marked copies: the cells are those that were sent, those with an issue are marked, and what cannot be carried is said."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest
import python_calamine
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.worksheet.formula import ArrayFormula

from tfc_platform.contracts.model import Contract
from tfc_platform.feedback.receipts import marked_workbook
from tfc_platform.feedback.receipts.issue_sheet import FILLS, TITLE
from tfc_platform.feedback.receipts.marked_workbook import LARGEST, marked_copy
from tfc_platform.feedback.receipts.schema import (
    BrokenRule,
    IssueLevel,
    IssuePlace,
    IssueSentence,
    ReceiptFile,
    RowTally,
)
from tfc_platform.ingest.erased_rows import without_rows

from .conftest import BOOK, LOG, book_file

WORDS = "Write how many people came."


def contract(text: str) -> Contract:
    return Contract.model_validate(yaml.safe_load(text))


def rule(*places: IssuePlace, level: IssueLevel = IssueLevel.CORRECT, name: str = "invalid_attendance") -> BrokenRule:
    said = (IssueSentence(sentence="This is no count of people.", places=places),)
    return BrokenRule(
        rule=name, title="No count", level=level, severity="error", what_to_do=WORDS, refused=1, said=said
    )


def file(name: str, *rules: BrokenRule, **more: Any) -> ReceiptFile:
    tally = RowTally(received=0, used=0, waiting=0, refused=0, left_out={}, duplicate=0, not_data=0)
    numbers = dict.fromkeys(("received", "accepted", "rejected", "duplicate", "not_data"), 0)
    given = {"source": "book", "sha256": "0" * 64, "received_on": date(2025, 7, 1), "status": "accepted", "cause": None}
    known = {"return_key": None, "period": None, "counts": True, "is_open": False, "asks": True, "message": None}
    rest = {"tally": tally, "superseded_by": None, "issues": (), "rules": rules}
    return ReceiptFile(file=f"elsewhere/{name}", **{**given, **known, **numbers, **rest, **more})


def book_copy(content: bytes, *rules: BrokenRule) -> Any:
    return openpyxl.load_workbook(io.BytesIO(marked_copy(content, file("book/book.xlsx", *rules), contract(BOOK))))


def notes_of(book: Any) -> str:
    return " ".join(str(cell.value) for cell in book[TITLE]["A"] if isinstance(cell.value, str))


SHEET = [
    ("Date", "Activity", "People", "Total"),
    (date(2025, 4, 1), "Choir", "lots", "=C2"),
    (None, "Choir", 3, "=SUM(C2:C3)"),
]


def test_a_cell_is_marked_commented_and_linked_and_its_value_stays() -> None:
    copy = book_copy(book_file({"May 25": SHEET}), rule(IssuePlace(sheet="May 25", row=2, column="People")))
    assert copy.sheetnames == [TITLE, "May 25"]
    cell = copy["May 25"]["C2"]
    assert cell.value == "lots"
    assert cell.fill.fgColor.rgb == FILLS[IssueLevel.CORRECT]
    assert cell.comment.text == f"Correct: not counted. No count: This is no count of people. {WORDS}"
    assert [other.comment for row in copy["May 25"].iter_rows() for other in row if other.coordinate != "C2"] == [
        None
    ] * 11
    links = [cell for row in copy[TITLE].iter_rows() for cell in row if cell.hyperlink]
    assert [(link.value, link.hyperlink.location) for link in links] == [("C2", "'May 25'!C2")]
    assert copy["May 25"]["D3"].value == "=SUM(C2:C3)"
    assert copy.active.title == TITLE
    assert [sheet.sheet_view.tabSelected for sheet in copy.worksheets] == [True, False]


@pytest.mark.parametrize(
    ("place", "marked"),
    [
        (IssuePlace(sheet="One", row=3, column="People", cell="C3"), "C3"),
        (IssuePlace(sheet="One", row=3, column="people"), "C3"),
        (IssuePlace(sheet="One", row=3, column="column 7"), "G3"),
        (IssuePlace(sheet="One", row=3), "B3"),
        (IssuePlace(sheet="One", column="Activity"), "B1"),
        (IssuePlace(row=2, column="Date"), "A2"),
        (IssuePlace(sheet="Another", row=2), None),
        (IssuePlace(sheet="One"), None),
    ],
)
def test_which_cell_a_place_means(place: IssuePlace, marked: str | None) -> None:
    copy = book_copy(book_file({"One": SHEET, "Two": []}), rule(place))
    found = [cell.coordinate for row in copy["One"].iter_rows() for cell in row if cell.comment]
    assert found == ([marked] if marked else [])
    assert copy[TITLE].max_row > 4, "the list has it all the same"


def test_all_issues_of_a_cell_stand_in_one_comment_under_the_senders_own() -> None:
    book = openpyxl.load_workbook(io.BytesIO(book_file({"One": SHEET})))
    book["One"]["C2"].comment = Comment("Asked Jo about it", "Team")
    book["One"].merge_cells("A3:B3")
    stream = io.BytesIO()
    book.save(stream)
    place = IssuePlace(sheet="One", row=2, column="People")
    copy = book_copy(
        stream.getvalue(),
        rule(place),
        rule(place, level=IssueLevel.CHECK),
        rule(IssuePlace(sheet="One", row=3, cell="B3")),
    )
    text = copy["One"]["C2"].comment.text
    assert text.startswith("Asked Jo about it\n\nCorrect: not counted. ")
    assert "Please check. " in text
    assert copy["One"]["A3"].comment, "of merged cells the first"


def test_what_a_copy_may_lack_is_said() -> None:
    stream = io.BytesIO(book_file({"One": SHEET}))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
        archive.writestr("xl/charts/chart1.xml", b"<c/>")
    notes = notes_of(book_copy(stream.getvalue(), rule(IssuePlace(sheet="One", row=2))))
    assert "Charts, pictures, macros and the like of your workbook may be missing" in notes
    assert "It does not replace your file" in notes


def list_only(content: bytes, name: str = "book/book.xlsx", of: str = BOOK, **more: Any) -> str:
    place = rule(IssuePlace(sheet=None, row=2, column="People"))
    copy = openpyxl.load_workbook(io.BytesIO(marked_copy(content, file(name, place, **more), contract(of))))
    assert copy.sheetnames == [TITLE]
    assert "This is no count of people." in " ".join(str(cell.value) for cell in copy[TITLE]["G"])
    return notes_of(copy)


def test_where_a_copy_would_be_too_large_there_is_only_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "too large" in list_only(book_file({"One": SHEET}) + b"\0" * LARGEST)
    assert "too large" in list_only(b"a,b\n" * (LARGEST // 4 + 1), "log/log.csv", LOG)
    stream = io.BytesIO(book_file({"One": SHEET}))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b"0" * (LARGEST + 1))
    assert "too large" in list_only(stream.getvalue()), "also what is small until it is unpacked"
    monkeypatch.setattr(marked_workbook, "MOST_CELLS", 3)
    assert "too large" in list_only(b"a,b\n1,2\n3,4\n", "log/log.csv", LOG)


def test_a_workbook_that_openpyxl_cannot_open_becomes_a_workbook_of_its_cells(tmp_path: Path) -> None:
    """A Strict Open XML workbook: openpyxl sees no sheet in it."""
    strict = io.BytesIO()
    ordinary = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(io.BytesIO(book_file({"One": SHEET}))) as book, zipfile.ZipFile(strict, "w") as other:
        for name in book.namelist():
            part = book.read(name).replace(ordinary, b"http://purl.oclc.org/ooxml/spreadsheetml/main")
            part = part.replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"
            )
            other.writestr(name, part)
    copy = book_copy(strict.getvalue(), rule(IssuePlace(sheet="One", row=2, column="People")))
    assert copy.sheetnames == [TITLE, "One"]
    assert copy["One"]["C2"].value == "lots"
    assert copy["One"]["C2"].comment


def test_a_file_that_nobody_can_read_any_more_gets_the_list() -> None:
    assert "cannot be read as it was before" in list_only(b"PK\x03\x04 damaged")


def test_the_cases_of_an_spss_file_are_marked_below_the_names_of_their_variables(tmp_path: Path) -> None:
    pyreadstat.write_sav(pd.DataFrame({"Age": [30.0, 40.0], "People": [1.0, 2.0]}), tmp_path / "book.sav")
    of = file("book/book.sav", rule(IssuePlace(row=2, column="People")), read_as={"format": "sav"})
    spss = contract(BOOK.replace("format: workbook", "format: spss"))
    copy = openpyxl.load_workbook(io.BytesIO(marked_copy((tmp_path / "book.sav").read_bytes(), of, spss)))
    sheet = copy["Return"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["Age", "People"], [30, 1], [40, 2]]
    assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment] == ["B3"]
    assert "case 1 is on row 2" in notes_of(copy)
    assert "Case" in [cell.value for row in copy[TITLE].iter_rows() for cell in row]


def test_submissions_of_a_json_file_are_marked(tmp_path: Path) -> None:
    content = b'[{"Date": "01/04/2025", "People": "lots", "child/a": [{"age": 3}]}, {"Date": "x", "People": 3}]'
    of = file(
        "book/book.json", rule(IssuePlace(row=1, column="People"), IssuePlace(sheet="child/a", row=1, column="age"))
    )
    copy = openpyxl.load_workbook(io.BytesIO(marked_copy(content, of, contract(LOG))))
    assert copy.sheetnames == [TITLE, "Return", "child_a"]
    marked = [(sheet.title, cell.value) for sheet in copy for row in sheet.iter_rows() for cell in row if cell.comment]
    assert marked == [("Return", "lots"), ("child_a", 3)]


def test_a_file_with_erased_rows_becomes_a_workbook_of_the_cells_that_are_left() -> None:
    kept = without_rows(book_file({"One": SHEET}), {"One": {3}}, contract(BOOK).read)
    copy = book_copy(kept, rule(IssuePlace(sheet="One", row=2, column="People", cell="C2")))
    assert [cell.value for cell in copy["One"][1]] == ["Date", "Activity", "People", "Total"]
    assert copy["One"]["C2"].comment
    assert copy["One"].max_row == 2


def test_the_list_has_what_to_do_under_a_header_that_stays_in_sight() -> None:
    sheet = book_copy(book_file({"One": SHEET}), rule(IssuePlace(sheet="One", row=2)))[TITLE]
    header = next(row for row in sheet.iter_rows() if row[0].value == "No")
    column = [cell.value for cell in header].index("What to do")
    assert sheet.cell(header[0].row + 1, column + 1).value == WORDS
    assert sheet.freeze_panes == f"A{header[0].row + 1}"


def csv_copy(content: bytes, *rules: BrokenRule) -> Any:
    return openpyxl.load_workbook(io.BytesIO(marked_copy(content, file("log/log.csv", *rules), contract(LOG))))


def test_a_csv_becomes_a_workbook_of_the_same_texts_each_in_its_line() -> None:
    content = b'Date,Notes,People\n01/04/2025,"two\nlines",lots\n02/04/2025,=HYPERLINK("x"),007\n'
    copy = csv_copy(content, rule(IssuePlace(row=2, column="People"), IssuePlace(row=4, column="Notes")))
    sheet = copy["Return"]
    assert [cell.value for cell in sheet[2]] == ["01/04/2025", "two\nlines", "lots"]
    assert sheet["A3"].value is None, "the second line of a quoted text"
    assert [(cell.value, cell.data_type) for cell in sheet[4]] == [
        ("02/04/2025", "s"),
        ('=HYPERLINK("x")', "s"),
        ("007", "s"),
    ]
    assert sheet["B4"].quotePrefix
    assert sheet["C2"].comment
    assert sheet["B4"].comment
    assert "made of log.csv" in notes_of(copy)


def test_texts_that_a_workbook_cannot_hold_are_said() -> None:
    copy = csv_copy(b"Date,Notes\n01/04/2025,a\x0bb\n", rule(IssuePlace(row=2, column="Date")))
    assert copy["Return"]["B2"].value == "a\ufffdb"
    assert "shown as �" in notes_of(copy)


def test_a_columns_name_is_no_formula_in_the_list() -> None:
    copy = csv_copy(b'"=cmd|x",People\n1,lots\n', rule(IssuePlace(row=2, column="=cmd|x")))
    cells = [cell for row in copy[TITLE].iter_rows() for cell in row]
    assert [cell.value for cell in cells if "cmd" in str(cell.value)] == ["\t=cmd|x"]
    assert all(cell.data_type != "f" for cell in cells)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12)
VALUES = st.one_of(
    st.none(),
    TEXTS,
    st.sampled_from(["=1+1", "=SUM(A1:A2)", "007", " a ", "_x000D_", "#REF!", "TRUE", "a\nb", "'x", "1e5"]),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
    st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1)).map(lambda value: value.replace(microsecond=0)),
    st.dates(date(1901, 1, 1), date(2100, 1, 1)),
    st.times().map(lambda value: value.replace(microsecond=0)),
)


def saved(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def values(book: Any, title: str, but: set[tuple[int, int]]) -> dict[tuple[int, int], Any]:
    """What calamine reads of a sheet, by place; a formula has no value before a program has worked it out."""
    rows = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
    return {
        (r, c): value
        for r, row in enumerate(rows, 1)
        for c, value in enumerate(row, 1)
        if value != "" and (r, c) not in but
    }


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(st.lists(VALUES, max_size=4), min_size=1, max_size=5), at=st.integers(1, 5), old_mac=st.booleans())
def test_all_values_and_formulas_of_a_workbook_read_back_equal(rows: list[list[Any]], at: int, old_mac: bool) -> None:
    book = openpyxl.Workbook()
    if old_mac:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        rows = [[None if isinstance(cell, date) and cell.year < 1905 else cell for cell in row] for row in rows]
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    sheet["F9"] = ArrayFormula("F9:F10", "=A1:A2*2")
    book.create_sheet("Hidden").sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    content = stream.getvalue()
    copy = book_copy(content, rule(IssuePlace(sheet=sheet.title, row=at)))
    original = openpyxl.load_workbook(io.BytesIO(content))
    assert copy.sheetnames == [TITLE, *original.sheetnames]
    assert copy["Hidden"].sheet_state == "hidden"
    one, other = (python_calamine.load_workbook(io.BytesIO(made)) for made in (content, saved(copy)))
    formulas = {
        (cell.row, cell.column) for line in original[sheet.title].iter_rows() for cell in line if cell.data_type == "f"
    }
    assert values(other, sheet.title, formulas) == values(one, sheet.title, formulas), "also to another reader"
    for line in original[sheet.title].iter_rows():
        for cell in line:
            other = copy[sheet.title][cell.coordinate]
            if isinstance(cell.value, ArrayFormula):
                assert vars(other.value) == vars(cell.value)
            elif cell.value is not None:
                assert (other.value, other.data_type) == (cell.value, cell.data_type), cell.coordinate


@settings(max_examples=15, deadline=None)
@example(rows=[["0", " "], ["\t", "a"]])
@given(rows=st.lists(st.lists(TEXTS, min_size=1, max_size=4), min_size=1, max_size=5))
def test_all_cells_of_a_csv_read_back_equal(rows: list[list[str]]) -> None:
    assume(any(cell.strip() for row in rows for cell in row))  # a file of blanks is none that was read
    # A column of its own whose cells hold `;` is a table by `;` as well: which one it is, no reader can tell.
    assume(min(map(len, rows)) > 1 or not re.search(r"[;|\t]", "".join(cell for row in rows for cell in row)))
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    copy = csv_copy(b"\xef\xbb\xbf" + stream.getvalue().encode(), rule(IssuePlace(row=1)))
    assert copy.sheetnames == [TITLE, "Return"], notes_of(copy)
    found = {(c.row, c.column): c.value for line in copy["Return"].iter_rows() for c in line if c.value is not None}
    wanted = {(r, c): cell for r, row in enumerate(rows, 1) for c, cell in enumerate(row, 1) if cell}
    assert found == wanted


def test_a_time_is_no_date() -> None:
    copy = book_copy(
        book_file({"One": [("a", "b"), (time(9, 30), datetime(2025, 4, 1, 9, 30))]}), rule(IssuePlace(row=2))
    )
    assert [cell.value for cell in copy["One"][2]] == [time(9, 30), datetime(2025, 4, 1, 9, 30)]
