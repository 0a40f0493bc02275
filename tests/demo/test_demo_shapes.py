"""The demonstration's files have the shapes of the sample's: the same contracts must read both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyreadstat
import pytest

pytestmark = pytest.mark.shared


def form(name: str) -> str:
    """A file's name without its numbers: months, versions and counts differ, the form must not."""
    return re.sub(r"\d+", "9", name) if "/activity/" in name else name


def files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def pairs(nights: Any, shared: Path, suffix: str) -> Iterator[tuple[Path, Path]]:
    """Each readable file of the sample with one of ours of the same form, by its own name where there is one."""
    written = {1: nights.first.written, 2: nights.second.written}
    for night, ours in written.items():
        for name, theirs in files(shared / "returns" / f"night{night}").items():
            if not name.endswith(suffix) or "draft" in name or "~$" in name or not theirs.stat().st_size:
                continue
            same = name if name in ours and (nights.landing / name).stat().st_size else None
            like = [own for own in ours if form(own) == form(name) and (nights.landing / own).stat().st_size]
            yield theirs, nights.landing / (same or like[0])


@pytest.mark.parametrize("night", [1, 2])
def test_names_are_of_the_same_forms(nights: Any, shared: Path, night: int) -> None:
    ours = nights.first.written if night == 1 else nights.second.written
    # The sample was made before sites sent contribution claims.
    known = {form(name) for name in ours if "contribution" not in name}
    assert known == {form(name) for name in files(shared / "returns" / f"night{night}")}


def test_delimited_files_are_alike(nights: Any, shared: Path) -> None:
    seen = 0
    for theirs, ours in pairs(nights, shared, ".csv"):
        a, b = theirs.read_bytes(), ours.read_bytes()
        assert a[:3] == b[:3], f"{ours.name}: byte order mark or first heading"
        assert (b"\r\n" in a) == (b"\r\n" in b), f"{ours.name}: line ends"
        lines = 3 if "qualtrics" in ours.name else 1
        if theirs.name == ours.name or "activity_" not in ours.name:
            assert a.splitlines()[:lines] == b.splitlines()[:lines], f"{ours.name}: headings"
        if "activity_" in ours.name:
            assert [line.count(b",") for line in a.splitlines()[-2:]] == [
                line.count(b",") for line in b.splitlines()[-2:]
            ]
            with pytest.raises(UnicodeDecodeError):
                b.decode("utf-8")
            b.decode("cp1252")
        else:
            b.decode("utf-8")
        seen += 1
    assert seen > 25


def _outline(book: openpyxl.Workbook) -> dict[str, Any]:
    """Of each sheet: whether it is hidden, what is merged, and its headings."""
    sheets = {}
    for sheet in book.worksheets:
        headings = 4 if sheet.sheet_state == "visible" and " " in sheet.title else 2 if sheet.title == "Sheet" else 1
        rows = list(sheet.iter_rows(max_row=headings, values_only=True))
        sheets[sheet.title] = (sheet.sheet_state, sorted(map(str, sheet.merged_cells.ranges)), rows)
    return sheets


def _kinds(book: openpyxl.Workbook) -> set[tuple[int, str, str]]:
    """Which kinds of cell the columns hold: the column's number, the type, and for a date its number format."""
    found = set()
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=5, max_row=min(sheet.max_row, 250)):
            filled = [cell for cell in row if cell.value is not None]
            found |= {(c.column, c.data_type, c.number_format if c.data_type == "d" else "") for c in filled}
    return found


def test_workbooks_are_alike(nights: Any, shared: Path) -> None:
    seen = 0
    for theirs, ours in pairs(nights, shared, ".xlsx"):
        a, b = openpyxl.load_workbook(theirs), openpyxl.load_workbook(ours)
        assert _outline(a) == _outline(b), ours.name
        # A spreadsheet error in a count comes by lot.
        assert {kind for kind in _kinds(a) ^ _kinds(b) if kind[1] != "e"} == set(), ours.name
        hidden = [sheet for sheet in b.worksheets if sheet.sheet_state == "hidden"]
        for sheet in hidden:
            assert [row[5] for row in sheet.iter_rows(min_row=2, values_only=True)] == [999] * 5
        assert bool(hidden) == ("activity log" in ours.name)
        seen += 1
    assert seen == 11


def test_spss_files_are_alike(nights: Any, shared: Path) -> None:
    seen = 0
    for theirs, ours in pairs(nights, shared, ".sav"):
        _, of_a = pyreadstat.read_sav(theirs, metadataonly=True, user_missing=True)
        b, of_b = pyreadstat.read_sav(ours, user_missing=True)
        assert of_a.column_names == of_b.column_names
        assert of_a.variable_value_labels == of_b.variable_value_labels
        assert of_a.missing_ranges == of_b.missing_ranges
        assert of_a.file_encoding == of_b.file_encoding
        types = [{name: kind[0] for name, kind in of.original_variable_types.items()} for of in (of_a, of_b)]
        assert types[0] == types[1], "text stays text, numbers numbers"
        answers = [name for name in of_a.column_names if re.fullmatch(r"[qw]\d", name)]
        assert set(b[answers].stack()) <= {1, 2, 3, 4, 5, 97, 98, 99}
        seen += 1
    assert seen == 6


def test_size_is_like_the_samples(nights: Any) -> None:
    """Of professionals there are more than in the samples, so that a figure of a sector can be shown at all."""
    accepted = {name: a["accepted"] for name, a in nights.first.files.items() if "/surveys/" in name}
    professionals = sum(number for name, number in accepted.items() if "professionals" in name)
    surveys = sum(accepted.values()) - professionals
    sessions = sum(s.get("delivered", 0) + s.get("cancelled", 0) for s in nights.first.sessions)
    assert 4500 < surveys < 5400
    assert 1800 < professionals < 2250
    assert 1300 < sessions < 1700
