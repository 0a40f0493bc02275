"""How a text ends: whole, open, or in the middle of a row."""

from __future__ import annotations

import pytest

from tfc_platform.ingest.file_ending import ending_of

TABLE = "Date,Activity,People,Notes\n" + "".join(f"{day:02}/04/2025,Choir,{day},a note\n" for day in range(1, 9))
CASES: dict[str, tuple[str, str]] = {
    "whole": (TABLE, "line"),
    "with Windows' ends of lines": (TABLE.replace("\n", "\r\n"), "line"),
    "without the last end of a line": (TABLE[:-1], "open"),
    "cut in a cell that is not the last": (TABLE + "09/04/2025,Choi", "cut"),
    "cut in the first cell": (TABLE + "09/", "cut"),
    "cut behind a separator": (TABLE + "09/04/2025,Choir,", "cut"),
    "cut in the last cell": (TABLE + "09/04/2025,Choir,9,a no", "open"),
    "cut in a text in quotation marks": (TABLE + '09/04/2025,"Choir, and', "cut"),
    "a note under the table": (TABLE + "Exported by the form on 2 May 2025", "open"),
    "rows of several widths say nothing": (TABLE + "09/04/2025,Choir\n10/04/2025,Choir,1\n11/04", "open"),
    "a header and one row": ("Date,Activity\n01/04", "open"),
    "a text of several lines in a cell": (TABLE + '09/04/2025,Choir,9,"a note\nof two lines"', "open"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_texts(case: str, encoding: str) -> None:
    text, wanted = CASES[case]
    read_as = {"format": "csv", "encoding": encoding, "delimiter": ","}
    assert ending_of(text.encode(encoding), read_as) == wanted


def test_a_long_text_is_judged_by_its_last_rows() -> None:
    row = "01/04/2025,Choir,1,a note\n"
    long = row * (6 * 2**20 // len(row))
    read_as: dict[str, str | None] = {"format": "csv", "encoding": "utf-8", "delimiter": ","}
    assert ending_of(long.encode(), read_as) == "line"
    assert ending_of((long + "02/04/2025,Ch").encode(), read_as) == "cut"
    assert ending_of((long + row[:-1]).encode(), read_as) == "open"


def test_tables_of_other_formats() -> None:
    assert ending_of(b"<table><tr><td>1</td></tr></table>", {"format": "html"}) == "line"
    assert ending_of(b"<table><tr><td>1</td></tr><tr><td", {"format": "html"}) == "cut"
    assert ending_of(b"PK", {"format": "xlsx"}) is None
