"""CSV: encodings by a ladder, strict quotation marks, and the line that the sender sees."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.readers.csv_text import decode, read
from tfc_platform.sheets.sheet_model import Grid, Unreadable


def grid(content: bytes, **reading: str) -> Grid:
    return read(content, Reading.model_validate({"format": "csv", **reading}))


def cells(found: Grid) -> list[tuple[object, ...]]:
    return [row.cells for row in found.sheets[0].rows]


TEXT = "Łucjan,café – £5\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode(encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    assert decode(mark + TEXT.encode(encoding))[0] == TEXT


def test_windows_1252_is_read_and_said_where_it_is_not_usual() -> None:
    content = "café – £5\n".encode("cp1252")
    assert cells(grid(content)) == [("café – £5",)]
    assert [notice.reason for notice in grid(content).warnings] == ["encoding"]
    assert grid(content, encoding="cp1252").warnings == []
    assert grid(b"plain\n", encoding="cp1252").warnings == [], "plain letters are the same in both"


def test_what_no_encoding_reads_names_its_line() -> None:
    with pytest.raises(Unreadable, match="Line 3 is in no encoding"):
        grid(b"a\nb\nc\x81\n")


def test_lines_are_those_of_the_sender() -> None:
    content = b'Date,Notes\n1,"two\nlines"\n\n2,x\n3,"a\r\nb\r\nc"\n4,y\n'
    assert [row.number for row in grid(content).sheets[0].rows] == [1, 2, 5, 6, 9]


def test_an_unclosed_quotation_mark_names_the_line_on_which_it_opens() -> None:
    with pytest.raises(Unreadable, match="starts on line 3 is broken: a quotation mark opens and does not close"):
        grid(b'a,b\n1,2\n3,"open\n4,5\n6,7\n')


def test_a_quotation_mark_inside_a_cell() -> None:
    with pytest.raises(Unreadable, match="line 2 is broken: a quotation mark stands where"):
        grid(b'a,b\n1,"x" y\n')


def test_no_message_repeats_a_cell() -> None:
    with pytest.raises(Unreadable) as caught:
        grid(b'a,b\n1,"Zorvanna" said\n')
    assert "Zorvanna" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_very_long_cell_is_kept_whole() -> None:
    text = "x" * 200_000
    assert cells(grid(f"a,b\n1,{text}\n".encode()))[1] == ("1", text)


def test_nul_bytes_are_taken_out_and_said() -> None:
    found = grid(b"a,b\n1,\x002\n")
    assert cells(found) == [("a", "b"), ("1", "2")]
    assert [notice.reason for notice in found.warnings] == ["nul_bytes"]


def test_old_line_ends_and_other_separators() -> None:
    assert cells(grid(b"a;b\r1;2\r", delimiter=";")) == [("a", "b"), ("1", "2")]


def is_encoded_twice(written: str, cell: str) -> bool:
    """Whether a text is what a program shows that takes the UTF-8 of a cell for Windows-1252 or for Latin-1."""
    shown = cell.encode()
    return len(shown) == len(written) and all(
        letter in (chr(byte), bytes([byte]).decode("cp1252", "replace"))
        for letter, byte in zip(written, shown, strict=True)
    )


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\x00\ufeff", exclude_categories=["Cs"])), min_size=2),
        min_size=1,
    )
)
@example([["Ø\x80", ""]])  # by chance the bytes of one letter, encoded twice: no reader can tell
@example([["Ã©", "x"], ["é", "y"]])
def test_what_a_correct_writer_wrote_is_what_is_read(rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    found = grid(text.getvalue().encode())
    is_said = any(notice.reason == "encoded_twice" for notice in found.warnings)
    for read_cells, row in zip(cells(found), rows, strict=True):
        for cell, written in zip(read_cells, row, strict=True):
            assert cell == written or (is_said and is_encoded_twice(written, str(cell)))


def test_a_separator_that_breaks_the_first_record_is_not_the_files() -> None:
    """Every cell quoted, as KoboToolbox writes it: by a comma the first record is no record at all."""
    content = b'"a";"b";"c"\n"1";"x, y";"2"\n"1";"2";"3"\n'
    assert cells(grid(content, delimiter=",")) == [("a", "b", "c"), ("1", "x, y", "2"), ("1", "2", "3")]
