"""Big workbooks, row by row: the same cells as the ordinary way gives, errors and formulas without a value too."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfc_platform.contracts.model import Reading
from tfc_platform.ingest.row_identities import open_whole
from tfc_platform.sheets.readers import xlsx, xlsx_stream
from tfc_platform.sheets.sheet_model import CellError, Grid, Sheet, Unreadable, text_of

BOOK = Reading(format="workbook")
Book = Callable[..., bytes]


def said(sheets: list[Sheet]) -> list[tuple[str | None, list[tuple[int, list[object]]]]]:
    """Each row as its sender would write it: 4 and 4.0 are one, and so are a day and its midnight."""
    return [
        (
            sheet.name,
            [(row.number, [c if isinstance(c, CellError) else text_of(c) for c in row.cells]) for row in sheet.rows],
        )
        for sheet in sheets
    ]


@pytest.fixture
def big(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Grid]:
    """A workbook read as if it were big."""

    def read(content: bytes, reading: Reading = BOOK) -> Grid:
        with monkeypatch.context() as patch:
            patch.setattr(xlsx_stream, "BIG", 0)
            patch.setattr(xlsx_stream, "PIECE", 64)
            return xlsx.read(content, reading)

    return read


ROWS = [
    ["Date", "People", "Notes"],
    [datetime(2025, 4, 3), 12, "a note"],
    [],
    [date(2025, 4, 4), 2.5, None, True],
    [None, "", "\u00a0", None, time(10, 30)],
    [None, None, None, "far"],
]


def test_plain_cells_are_those_of_the_ordinary_way(big: Any, book_of: Book) -> None:
    content = book_of({"One": ROWS, "Two": [["x"]]})
    assert xlsx_stream._is_plain(content)
    assert said(big(content).sheets) == said(xlsx.read(content, BOOK).sheets)
    assert len(said(big(content).sheets)[0][1]) > 3


def test_a_table_that_does_not_begin_in_the_first_cell_keeps_its_addresses(big: Any, book_of: Book) -> None:
    def move(book: openpyxl.Workbook) -> None:
        book["One"].insert_rows(1, amount=4)
        book["One"].insert_cols(1, amount=2)

    content = book_of({"One": ROWS}, move)
    found = said(big(content).sheets)
    assert found == said(xlsx.read(content, BOOK).sheets)
    assert found[0][1][0] == (5, ["", "", "Date", "People", "Notes"])


@pytest.mark.parametrize("cell", ["=1+1", "#REF!"])
def test_an_error_and_a_formula_without_a_value_are_no_blanks(big: Any, book_of: Book, cell: str) -> None:
    content = book_of({"One": [*ROWS, ["03/04/2025", cell, "n"]]})
    assert not xlsx_stream._is_plain(content)
    found = said(big(content).sheets)
    assert found == said(xlsx.read(content, BOOK).sheets)
    what = "formula without a calculated value" if cell.startswith("=") else cell
    assert CellError(what, "formula" if cell.startswith("=") else "error") in found[0][1][-1][1]


def test_a_calculated_formula_is_its_value(big: Any) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("One")
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_formula(1, 0, "=2+3", None, 5)
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
    content = stream.getvalue()
    assert said(big(content).sheets) == said(xlsx.read(content, BOOK).sheets)
    assert said(big(content).sheets)[0][1][1][1][0] == "5"


def test_rows_can_be_gone_through_again(big: Any, book_of: Book) -> None:
    for extra in ([], [["=1+1"]]):
        (sheet,) = big(book_of({"One": [*ROWS, *extra]})).sheets
        assert list(sheet.rows) == list(sheet.rows)
        assert sheet.head(1) == list(sheet.rows)[:1]


def test_hidden_sheets_and_sheets_of_other_names_are_said(big: Any, book_of: Book) -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book["Lists"].sheet_state = "hidden"

    content = book_of({"April 25": ROWS, "Lists": [["x"]], "Plan": [["y"]]}, hide)
    found = big(content, Reading(format="workbook", sheets="April.*"))
    assert [sheet.name for sheet in found.sheets] == ["April 25"]
    assert found.unread == [("Lists", "hidden"), ("Plan", "name")]
    assert ("April 25", "not_looked_for", xlsx_stream.NOT_LOOKED) in [one[:3] for one in found.warnings]
    assert not [one for one in xlsx.read(content, BOOK).warnings if one[1] == "not_looked_for"], "only of big ones"


def test_an_erasure_looks_through_hidden_sheets_too(monkeypatch: pytest.MonkeyPatch, book_of: Book) -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book["Lists"].sheet_state = "hidden"

    content = book_of({"One": ROWS, "Lists": [["an id"]]}, hide)
    ordinary = open_whole(content, BOOK)
    monkeypatch.setattr(xlsx_stream, "BIG", 0)
    big = open_whole(content, BOOK)
    assert said([*big.sheets, *big.aside]) == said([*ordinary.sheets, *ordinary.aside])
    assert [sheet.name for sheet in big.aside] == ["Lists"]


@pytest.mark.parametrize("extra", [[], [["=1+1"]]])
def test_a_damaged_one_is_a_sentence(big: Any, book_of: Book, extra: list[list[object]]) -> None:
    whole = zipfile.ZipFile(io.BytesIO(book_of({"One": [*ROWS, *extra]})))
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        for name in whole.namelist():
            content = whole.read(name)
            archive.writestr(name, content[:-30] if name.startswith("xl/worksheets/") else content)
    with pytest.raises(Unreadable, match=r"damaged or incomplete: save it again"):
        big(broken.getvalue())


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1000, 10**6),
    st.floats(-1000, 1000).map(lambda value: round(value, 3)),
    st.text("abc é’,;=<&\"' \n", max_size=6).filter(lambda text: not text.startswith("=")),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    st.sampled_from(["=1+1", "#N/A"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, max_size=5), min_size=1, max_size=6))
def test_any_cells_are_those_of_the_ordinary_way(big: Any, book_of: Book, rows: list[list[object]]) -> None:
    content = book_of({"One": rows})
    ordinary = [(name, [row for row in found if any(row[1])]) for name, found in said(xlsx.read(content, BOOK).sheets)]
    assert [(name, [(n, trimmed(cells)) for n, cells in found]) for name, found in said(big(content).sheets)] == [
        (name, [(n, trimmed(cells)) for n, cells in found]) for name, found in ordinary
    ]


def trimmed(cells: list[object]) -> list[object]:
    """Without the blanks at the end, which are no cells."""
    while cells and cells[-1] == "":
        cells = cells[:-1]
    return cells


def test_a_stray_cell_in_a_far_corner_is_no_reason_to_make_all_that_lie_before_it(
    big: Any, book_of: Book, monkeypatch: Any
) -> None:
    """calamine would make a cell for each of 1,048,576 times 16,384 places, and the process would end."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "Date", "far"
    out = io.BytesIO()
    book.save(out)
    (sheet,) = big(out.getvalue()).sheets
    assert [(row.number, len(row.cells)) for row in sheet.rows] == [(1, 1), (1_048_576, 16_384)]
