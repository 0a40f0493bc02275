"""Emptying rows in the bytes of each format: what stood in them is gone, and every other row reads as before, where it was.

The readers that say so are the csv module, openpyxl and pyreadstat, not the platform's own.
"""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment

from tfc_platform.contracts.model import Reading
from tfc_platform.ingest.erased_rows import without_rows
from tfc_platform.ingest.redact import CannotRedact, csv_text, spss, workbook

SECRET = "Quizzwörthy & Sons é"


def records(content: bytes, encoding: str, delimiter: str = ",") -> dict[int, list[str]]:
    """Each record by the line on which it starts."""
    reader, start, found = csv.reader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter), 1, {}
    for cells in reader:
        if cells:
            found[start] = cells
        start = reader.line_num + 1
    return found


cell = st.text(st.characters(codec="cp1252", exclude_characters="\x00\x1a"), max_size=8) | st.sampled_from(
    ["", 'a "quoted" word', "two\nlines", "three\r\nmore\r\nlines", "a,b;c", SECRET]
)


@given(
    rows=st.lists(st.lists(cell, min_size=2, max_size=4), min_size=1, max_size=6),
    which=st.sets(st.integers(0, 5)),
    delimiter=st.sampled_from([",", ";", "\t"]),
    end=st.sampled_from(["\r\n", "\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_csv_the_other_records_stay_on_their_lines(
    rows: list[list[str]], which: set[int], delimiter: str, end: str, encoding: str
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    content = out.getvalue().encode(encoding)
    if encoding == "cp1252":
        try:  # bytes that happen to be UTF-8 are read as that
            content.decode("utf-8")
            encoding = "utf-8"
        except UnicodeDecodeError:
            pass
    before = records(content, encoding, delimiter)
    gone = {line for place, line in enumerate(sorted(before)) if place in which}
    redacted = csv_text.redact(content, {None: gone}, Reading(format="csv", delimiter=delimiter))
    try:
        after = records(redacted, encoding, delimiter)
    except UnicodeDecodeError:
        pytest.fail("the encoding changed")
    assert after == {line: cells for line, cells in before.items() if line not in gone}
    assert redacted[:2] == content[:2] or encoding not in ("utf-8-sig", "utf-16")


def test_csv_without_rows_the_bytes_are_the_same() -> None:
    content = "id,note\r\n1,é\r\n".encode("cp1252")
    assert csv_text.redact(content, {None: set()}, Reading(format="csv")) == content


def test_csv_of_two_bytes_a_letter_keeps_its_mark_and_its_order() -> None:
    content = b"\xfe\xff" + "id,note\r\n1,secret\r\n2,x\r\n".encode("utf-16-be")
    redacted = csv_text.redact(content, {None: {2}}, Reading(format="csv"))
    assert redacted == b"\xfe\xff" + "id,note\r\n\r\n2,x\r\n".encode("utf-16-be")


def test_csv_nul_bytes_around_a_record_stay_and_those_in_it_go() -> None:
    content = b"id,note\r\n1,se\x00cret\r\n2,\x00x\r\n"
    assert csv_text.redact(content, {None: {2}}, Reading(format="csv")) == b"id,note\r\n\r\n2,\x00x\r\n"


def test_csv_that_no_parser_can_cut_is_refused() -> None:
    with pytest.raises(CannotRedact, match="The text cannot be cut into records"):
        csv_text.redact(b'a,b\r\n1,"x\r\n2,y\r\n', {None: {2}}, Reading(format="csv"))


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
        note="a document line",
        **how,
    )
    return path.read_bytes()


def cases(content: bytes, folder: Path) -> tuple[dict[str, list[Any]], Any]:
    path = folder / "read.sav"
    path.write_bytes(content)
    frame, meta = pyreadstat.read_sav(path, user_missing=True)
    return frame.astype(object).where(frame.notna(), None).to_dict("list"), meta


@pytest.mark.parametrize("how", [{}, {"row_compress": True}, {"compress": True}], ids=["plain", "bytecode", "zsav"])
def test_spss_a_case_becomes_missing_and_all_else_stays(tmp_path: Path, how: dict[str, Any]) -> None:
    content = sav(tmp_path, **how)
    before, meta = cases(content, tmp_path)
    redacted = spss.redact(content, {None: {1, 13, 40}}, Reading(format="spss"))
    after, meta_after = cases(redacted, tmp_path)
    for name, values in before.items():
        blank = None if name in ("q1", "share") else ""
        assert after[name] == [blank if place in (0, 12, 39) else value for place, value in enumerate(values)]
    for what in ("column_names", "column_labels", "variable_value_labels", "missing_ranges", "notes"):
        assert getattr(meta_after, what) == getattr(meta, what)


def test_spss_cut_short_is_refused() -> None:
    with pytest.raises(CannotRedact):
        spss.redact(b"$FL2" + bytes(200), {None: {1}}, Reading(format="spss"))


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
    sheet["C4"].hyperlink = "mailto:person3@example.org"
    sheet["C6"].hyperlink = "mailto:person5@example.org"
    sheet["B6"].comment = Comment("all well", "worker")
    sheet["F1"] = "=SUM(D2:D8)"
    sheet["F4"] = '=B4&"!"'
    hidden = found.create_sheet("Copy")
    hidden.sheet_state = "hidden"
    hidden.append(["Name", "ID"])
    hidden.append(["first", "R_000000000001"])
    hidden.append([SECRET, "R_000000000003"])
    found.properties.title = f"Export for {SECRET}"
    return found


def saved(found: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    found.save(out)
    return out.getvalue()


def values(content: bytes) -> dict[tuple[str, int], list[Any]]:
    found = openpyxl.load_workbook(io.BytesIO(content))
    return {
        (sheet.title, number): list(row)
        for sheet in found.worksheets
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1)
        if any(value is not None for value in row)
    }


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


ROWS = {"Data & more": {4}, "Copy": {3}}


def test_workbook_the_other_rows_stay_and_nothing_of_the_row_is_left_in_any_part() -> None:
    content = saved(book())
    redacted = workbook.redact(content, ROWS, Reading(format="workbook"))
    assert values(redacted) == {place: row for place, row in values(content).items() if place[1] not in ROWS[place[0]]}
    for name, part in members(redacted).items():
        text = part.decode("utf-8", "ignore")
        for secret in ("Quizzwörthy", "R_000000000003", "person3@example.org"):
            assert secret not in text, name
    found = openpyxl.load_workbook(io.BytesIO(redacted))
    assert found["Data & more"]["B6"].comment.text == "all well"
    assert found["Data & more"]["C6"].hyperlink.target == "mailto:person5@example.org"
    assert found["Data & more"]["C4"].hyperlink is None
    assert found["Copy"].sheet_state == "hidden"


def test_workbook_parts_that_hold_nothing_of_the_row_are_the_same_bytes() -> None:
    content = saved(book())
    before, after = members(content), members(workbook.redact(content, ROWS, Reading(format="workbook")))
    touched = {name for name in before if before[name] != after.get(name)}
    assert {"xl/styles.xml", "xl/theme/theme1.xml", "xl/workbook.xml", "[Content_Types].xml"}.isdisjoint(touched)
    assert before.keys() == after.keys()


def with_parts(content: bytes, changed: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in (members(content) | changed).items():
            archive.writestr(name, part)
    return out.getvalue()


def test_workbook_calculated_values_of_the_other_rows_stay() -> None:
    """What openpyxl would lose on saving: a formula's result. Made by hand, since openpyxl writes none."""
    content = saved(book())
    sheet = members(content)["xl/worksheets/sheet1.xml"]
    calculated = sheet.replace(b"<f>SUM(D2:D8)</f><v/>", b"<f>SUM(D2:D8)</f><v>28</v>").replace(
        b"<f>SUM(D2:D8)</f><v />", b"<f>SUM(D2:D8)</f><v>28</v>"
    )
    assert calculated != sheet
    redacted = workbook.redact(
        with_parts(content, {"xl/worksheets/sheet1.xml": calculated}), ROWS, Reading(format="workbook")
    )
    assert openpyxl.load_workbook(io.BytesIO(redacted), data_only=True)["Data & more"]["F1"].value == 28


def test_workbook_the_order_of_calculation_goes_with_what_names_it() -> None:
    content = saved(book())
    parts = members(content)
    types = parts["[Content_Types].xml"].replace(
        b"</Types>", b'<Override PartName="/xl/calcChain.xml" ContentType="x"/></Types>'
    )
    relations = parts["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>",
        b'<Relationship Id="rId99" Type="http://x/calcChain" Target="calcChain.xml"/></Relationships>',
    )
    chain = b'<calcChain xmlns="x"><c r="F4" i="1"/><c r="F1"/></calcChain>'
    changed = {"[Content_Types].xml": types, "xl/_rels/workbook.xml.rels": relations, "xl/calcChain.xml": chain}
    after = members(workbook.redact(with_parts(content, changed), ROWS, Reading(format="workbook")))
    assert "xl/calcChain.xml" not in after
    assert b"calcChain" not in after["[Content_Types].xml"] + after["xl/_rels/workbook.xml.rels"]


def test_workbook_the_cache_of_a_pivot_table_is_emptied() -> None:
    records_part = b'<pivotCacheRecords xmlns="x" count="2"><r><s v="Quizz"/></r><r><n v="1"/></r></pivotCacheRecords>'
    definition = (
        b'<pivotCacheDefinition xmlns="x"><sharedItems count="1"><s v="Quizz"/></sharedItems></pivotCacheDefinition>'
    )
    changed = {
        "xl/pivotCache/pivotCacheRecords1.xml": records_part,
        "xl/pivotCache/pivotCacheDefinition1.xml": definition,
    }
    after = members(workbook.redact(with_parts(saved(book()), changed), ROWS, Reading(format="workbook")))
    assert (
        after["xl/pivotCache/pivotCacheRecords1.xml"] == b'<pivotCacheRecords xmlns="x" count="2"></pivotCacheRecords>'
    )
    assert b"Quizz" not in after["xl/pivotCache/pivotCacheDefinition1.xml"]


def test_workbook_equal_bytes_give_equal_bytes() -> None:
    content = saved(book())
    first, second = (workbook.redact(content, ROWS, Reading(format="workbook")) for _ in range(2))
    assert first == second


def test_workbook_without_the_sheet_is_refused() -> None:
    with pytest.raises(CannotRedact, match="A sheet of the workbook cannot be found"):
        workbook.redact(saved(book()), {"Nowhere": {1}}, Reading(format="workbook"))


def test_a_redaction_that_would_change_another_row_is_refused() -> None:
    """Another separator than the contract's, known by the rows that it makes: without them the names would be one cell."""
    content = b"A log\nid;note\n1;x\n"
    with pytest.raises(CannotRedact, match="would change others"):
        without_rows(content, {None: {3}}, Reading(format="csv"))


def test_rows_of_a_text_in_two_encodings() -> None:
    content = "id,note\n1,é\n2,ł\n".encode() + "3,é\n4,é\n".encode("cp1252")
    left = without_rows(content, {None: {3, 4}}, Reading(format="csv"))
    assert left == "id,note\n1,é\n\n\n".encode() + "4,é\n".encode("cp1252")


def test_a_format_that_cannot_be_redacted() -> None:
    content = b"<table><tr><td>id</td><td>note</td></tr><tr><td>1</td><td>x</td></tr></table>"
    with pytest.raises(CannotRedact, match="No row can be taken out of a file of this format"):
        without_rows(content, {None: {2}}, Reading(format="workbook"))
