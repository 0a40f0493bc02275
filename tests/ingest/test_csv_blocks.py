"""A long text by blocks gives the records that the `csv` module gives, with their lines, or its error."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tfc_platform.sheets.readers import csv_blocks, csv_rows
from tfc_platform.sheets.sheet_model import Unreadable

Records = list[tuple[int, tuple[str, ...]]] | str


def by_csv_module(text: str, delimiter: str) -> Records:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found, start = [], 1
    try:
        for cells in reader:
            if cells:
                found.append((start, tuple(cells)))
            start = reader.line_num + 1
    except csv.Error:
        return f"line {start} is broken"
    return found


def by_blocks(content: bytes, encoding: str, delimiter: str) -> Records:
    try:
        rows = csv_rows.rows_of(content, encoding, delimiter)
        return [(row.number, tuple(str(cell) for cell in row.cells)) for row in rows]
    except Unreadable as error:
        said = str(error)
        return said[said.index("line ") : said.index(" is broken") + len(" is broken")]


PIECES = [
    '"',
    '""',
    ",",
    ";",
    "\n",
    "\r\n",
    "\r",
    "a",
    "é",
    " ",
    "\x0b",
    "\u2028",
    '"x"',
    '"a,b"',
    '"a\nb"',
    "1,2\n",
    "3,4\r\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from([",", ";"]), st.integers(1, 40))
@example('1,"two\nlines"\n\n2,x\n3,"a\r\nb"\n', ",", 4)
@example('a,b\n1,""\n"","""x"""\n', ",", 1)
@example('a,b\n1,"open\n2,3\n', ",", 3)
@example("a,b\r\n\r\n1,2", ",", 2)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_blocks_of_any_size_give_the_same_records(
    monkeypatch: pytest.MonkeyPatch, text: str, delimiter: str, size: int
) -> None:
    monkeypatch.setattr(csv_rows, "KEPT", -1)
    monkeypatch.setattr(csv_blocks, "BLOCK", size)
    wanted = by_csv_module(text, delimiter)
    assert by_blocks(text.encode(), "utf-8", delimiter) == wanted
    assert by_blocks(text.encode("utf-16-le"), "utf-16-le", delimiter) == wanted


def test_a_regular_text_is_read_by_columns() -> None:
    """So that what is tested above is not the `csv` module twice."""
    content = b'a,b\n1,"x, y"\n\n2,"two\nlines"\n' * 500
    blocks = list(csv_blocks.blocks_of(content, 0, ",", 300))
    assert len(blocks) > 10
    chunks = [csv_blocks.columns_of_block(block, ",", 1) for block in blocks if isinstance(block, csv_blocks.Block)]
    assert sum(len(chunk) for chunk in chunks if chunk is not None) == 1500


def test_a_cell_longer_than_any_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "KEPT", -1)
    content = b"a,b\n1," + b"x" * (csv_rows.LONGEST_CELL + 1) + b"\n"
    assert by_blocks(content, "utf-8", ",") == "line 2 is broken"
