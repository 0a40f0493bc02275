"""Old, binary, Strict and OpenDocument workbooks: the same cells as in an ordinary one, and what each kind cannot show is said.

`files/log.xls` was written with xlwt 1.3: a blank row above the header and one within, a hidden sheet.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.readers import open_grid
from tfc_platform.sheets.readers.xlsx import STRICT
from tfc_platform.sheets.sheet_model import UNCALCULATED, CellError, CellValue, Grid, Unreadable, text_of

FILES = Path(__file__).resolve().parent / "files"


def grid(content: bytes, name: str | None = None) -> Grid:
    return open_grid(content, Reading(format="workbook"), name)


def cells(found: Grid, sheet: int = 0) -> list[tuple[int, tuple[CellValue, ...]]]:
    return [(row.number, row.cells) for row in found.sheets[sheet].rows]


def reasons(found: Grid) -> list[str]:
    return [notice.reason for notice in found.warnings]


def test_an_old_workbook() -> None:
    found = grid((FILES / "log.xls").read_bytes(), "log.xls")
    assert found.read_as == ("xls", None, None)
    assert [(number, tuple(map(text_of, row))) for number, row in cells(found)] == [
        (2, ("Date", "Activity", "People", "Share", "Start")),
        (3, ("2025-04-03", "Siân’s choir", "12", "0.5", "14:30:00")),
        (5, ("2025-04-10", "Choir", "7", "", "")),
    ]
    assert found.unread == [("Old", "hidden")]
    assert reasons(found) == ["format_limits", "hidden_sheet"], "that errors cannot be seen is said"


def test_a_damaged_old_workbook() -> None:
    content = (FILES / "log.xls").read_bytes()
    with pytest.raises(Unreadable, match="damaged or incomplete"):
        grid(content[:3000])


def _record(kind: int, data: bytes) -> bytes:
    number = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    return number + bytes([len(data)]) + data


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def binary_workbook(corner: int = 2) -> bytes:
    """An .xlsb by hand ([MS-XLSB] 2.1.7): one sheet with a header and one row, in the row `corner`."""
    sheet = _record(129, b"") + _record(148, struct.pack("<4I", 0, corner - 1, 0, 1)) + _record(145, b"")
    for row in (0, corner - 1):
        sheet += _record(0, struct.pack("<I", row) + bytes(13))
        for column in (0, 1):
            head = struct.pack("<2I", column, 0)
            text = (("Activity", "People") if row == 0 else ("Choir", ""))[column]
            sheet += _record(6, head + _text(text)) if text else _record(5, head + struct.pack("<d", 12.0))
    sheet += _record(146, b"") + _record(130, b"")
    book = _record(131, b"") + _record(143, b"")
    book += (
        _record(156, struct.pack("<2I", 0, 1) + _text("rId1") + _text("Apr 25")) + _record(144, b"") + _record(132, b"")
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    link = f'<Relationship Id="rId1" Type="{office}/%s" Target="%s"/>'
    relation = f'<Relationships xmlns="{package}/relationships">{link}</Relationships>'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"/>')
        file.writestr("_rels/.rels", relation % ("officeDocument", "xl/workbook.bin"))
        file.writestr("xl/workbook.bin", book)
        file.writestr("xl/_rels/workbook.bin.rels", relation % ("worksheet", "worksheets/sheet1.bin"))
        file.writestr("xl/worksheets/sheet1.bin", sheet)
    return content.getvalue()


def test_a_binary_workbook() -> None:
    found = grid(binary_workbook(), "log.xlsb")
    assert (found.read_as, found.sheets[0].name) == (("xlsb", None, None), "Apr 25")
    assert cells(found) == [(1, ("Activity", "People")), (2, ("Choir", 12))]


def test_a_reader_that_asks_for_memory_without_end_ends_alone(book_of: Callable[..., bytes]) -> None:
    """calamine holds a sheet as a rectangle: a stray cell in the furthest corner makes it ask for 500 GB and abort."""

    def change(book: openpyxl.Workbook) -> None:
        book["A"]["XFD1048576"] = 1

    ordinary = grid(book_of({"A": [["Activity", "People"], ["Choir", 12]]}, change))
    assert [number for number, _ in cells(ordinary)] == [1, 2, 1048576]
    found = grid(binary_workbook(corner=65_536))
    assert [number for number, _ in cells(found)] == [1, 65_536]


def test_strict_open_xml(book_of: Callable[..., bytes]) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["A"]["A2"] = "#REF!"
        book["A"]["A2"].data_type = "e"
        book["A"].row_dimensions[3].hidden = True

    ordinary = book_of({"A": [["Day", "n"], ["x", 1], [datetime(2025, 4, 3), "=1+1"]]}, change)
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ordinary)) as plain, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as strict:
        for member in plain.infolist():
            part = plain.read(member)
            for name, other in STRICT.items():
                part = part.replace(other, name)
            strict.writestr(member.filename, part)
    assert not openpyxl.load_workbook(io.BytesIO(content.getvalue())).worksheets, "else the test tries nothing"
    found = grid(content.getvalue())
    assert cells(found) == [
        (1, ("Day", "n")),
        (2, (CellError("#REF!"), 1)),
        (3, (datetime(2025, 4, 3), CellError(UNCALCULATED, "formula"))),
    ]
    assert found.hidden == {"rows": 1}


def open_document(tables: str, styles: str = "") -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    calc = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    xml = (
        f"<office:document-content {spaces} {calc}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        file.writestr("content.xml", xml)
        file.writestr("META-INF/manifest.xml", "<x/>")
    return content.getvalue()


def told(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def valued(kind: str, attribute: str, value: str, shown: str = "?") -> str:
    of_cell = f'office:value-type="{kind}" office:{attribute}="{value}"'
    return f"<table:table-cell {of_cell}><text:p>{shown}</text:p></table:table-cell>"


def row(*cells: str, **attributes: object) -> str:
    said = " ".join(f'table:{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<table:table-row {said}>{''.join(cells)}</table:table-row>"


def blank(times: int) -> str:
    return f'<table:table-cell table:number-columns-repeated="{times}"/>'


REMARKED = (
    '<table:table-cell office:value-type="string"><office:annotation><text:p>a remark</text:p></office:annotation>'
    "<text:p>one</text:p><text:p>two</text:p></table:table-cell>"
)
WRONG = (
    '<table:table-cell table:formula="of:=1/0" office:value-type="string" calcext:value-type="error">'
    "<text:p>#DIV/0!</text:p></table:table-cell>"
)
SPACED = told("two<text:s/><text:s text:c='2'/>spaces")
ROWS = "".join(
    [
        '<table:table table:name="Apr 25"><table:table-column/><table:table-column table:visibility="collapse"/>',
        row(blank(1024), number_rows_repeated=2),
        row(told("Date"), told("Note"), told("People")),
        row(valued("date", "date-value", "2025-04-03"), SPACED, valued("float", "value", "12")),
        row(valued("time", "time-value", "PT14H30M00S"), REMARKED, WRONG, visibility="filter"),
        row(
            valued("boolean", "boolean-value", "true"),
            "<table:covered-table-cell/>",
            valued("float", "value", "0.5"),
            blank(9999),
            number_rows_repeated=2,
        ),
        row(blank(16384), number_rows_repeated=1_048_000),
        "</table:table>",
    ]
)
HIDDEN = (
    '<table:table table:name="Old" table:style-name="ta2"><table:table-row>'
    + told("x")
    + "</table:table-row></table:table>"
)
STYLES = (
    '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>'
)


def test_an_open_document() -> None:
    found = grid(open_document(ROWS + HIDDEN, STYLES), "log.ods")
    assert found.read_as == ("ods", None, None)
    assert cells(found) == [
        (3, ("Date", "Note", "People")),
        (4, (date(2025, 4, 3), "two   spaces", 12)),
        (5, (time(14, 30), "one\ntwo", CellError("#DIV/0!"))),
        (6, (True, None, 0.5)),
        (7, (True, None, 0.5)),
    ]
    assert found.unread == [("Old", "hidden")]
    assert found.hidden == {"sheets": 1}
    assert reasons(found)[0] == "format_limits", "hidden rows and columns cannot be seen, which is said"


@pytest.mark.parametrize(
    "repeated",
    [
        row(told("x") * 9, number_rows_repeated=1_048_576),
        row('<table:table-cell table:number-columns-repeated="999999999" office:value-type="float" office:value="1"/>'),
    ],
)
def test_cells_repeated_without_measure(repeated: str) -> None:
    with pytest.raises(Unreadable, match="repeats cells beyond"):
        grid(open_document(f'<table:table table:name="A">{repeated}</table:table>'))


def test_durations_are_not_days() -> None:
    found = grid(open_document(f'<table:table table:name="A"><table:table-row>{valued("time", "time-value", "PT25H30M00S")}'
                               "</table:table-row></table:table>"))  # fmt: skip
    assert cells(found) == [(1, (timedelta(hours=25, minutes=30),))]
    assert text_of(timedelta(hours=25, minutes=30)) == "25:30:00"


def test_a_second_count_of_the_rows(book_of: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    content = book_of({"A": [["a"], ["b"], ["=1+1"]]})
    assert "row_count" not in reasons(grid(content)), "a formula without a value is a blank to the second reader alone"
    monkeypatch.setattr("tfc_platform.sheets.readers.calamine.row_counts", lambda _: {"A": 5})
    assert [notice.message for notice in grid(content).warnings if notice.reason == "row_count"] == [
        "The sheet A has 2 filled rows by one reader and 5 by another: check it."
    ]
    monkeypatch.setattr("tfc_platform.sheets.readers.calamine.row_counts", lambda _: None)
    assert "could not open" in grid(content).warnings[0].message


def test_macros_and_links_are_said_and_left_alone(book_of: Callable[..., bytes]) -> None:
    content = io.BytesIO(book_of({"A": [["a"], ["b"]]}))
    with zipfile.ZipFile(content, "a") as file:
        file.writestr("xl/vbaProject.bin", b"not run")
    found = grid(content.getvalue(), "log.xlsm")
    assert found.read_as is not None
    assert found.read_as.format == "xlsm"
    assert "were not run" in found.warnings[0].message
