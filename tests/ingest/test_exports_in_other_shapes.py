"""Tables in HTML, JSON and zips, SPSS's and Stata's other formats, and texts in other encodings and with other separators."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.readers import open_grid
from tfc_platform.sheets.readers.encodings import undo_double_encoding
from tfc_platform.sheets.sheet_model import Grid, Sheet, Unreadable, Variable, text_of


def grid(content: bytes, name: str | None = None, **reading: Any) -> Grid:
    return open_grid(content, Reading.model_validate({"format": "csv", **reading}), name)


def rows(sheet: Sheet) -> list[tuple[str, ...]]:
    return [tuple(map(text_of, row.cells)) for row in sheet.rows]


def said(found: Grid) -> dict[str, str]:
    return {notice.reason: notice.message for notice in found.warnings}


TABLE = "<table><tr><th>Date<th>Acti<b>vity</b></tr><tr><td>3/4/25</td><td>Caf&eacute;<br>club</td></tr></table>"


def test_an_html_table() -> None:
    found = grid(f"<html><script>var a = '<td>no</td>';</script><body><p>Export</p>{TABLE}".encode(), "log.xls")
    assert rows(found.sheets[0]) == [("Date", "Activity"), ("3/4/25", "Café club")]
    assert "HTML" in said(found)["html_table"]
    assert "extension" in said(found)["extension"]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<html><form><input type=password></form>" + TABLE, "web page"),
        ("<html><h1>Sign in</h1>", "web page"),
        ("<table><tr><td>" + TABLE + "</td></tr></table>", "web page"),
        ("<table><tr><td>alone</td></tr></table>", "web page"),
        (TABLE + TABLE, "2 tables"),
    ],
)
def test_a_page_that_is_no_table(page: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        grid(page.encode())


def test_kobo_json() -> None:
    found = grid(json.dumps({"count": 2, "results": [
        {"_id": 1, "about": {"ward": "South"}, "tools": ["a", "b"], "kids": [{"age": 4}, {"age": 7}]},
        {"_id": 2, "extra": None, "about": {"ward": "East"}},
    ]}).encode())  # fmt: skip
    main, kids = found.sheets
    assert rows(main) == [
        ("_id", "about/ward", "tools", "_index", "extra"),
        ("1", "South", "a b", "1", ""),
        ("2", "East", "", "2", ""),
    ]
    assert (kids.name, kids.is_repeat) == ("kids", True)
    assert rows(kids) == [("age", "_parent_index"), ("4", "1"), ("7", "1")]


def test_smartsurvey_json() -> None:
    response = {
        "id": 7, "status": "completed", "date_started": "2025-04-03T10:00:00Z", "variables": [{"label": "site", "value": "x"}],
        "pages": [{"questions": [
            {"title": "How was it?", "answers": [{"choice_title": "Good"}, {"choice_title": "Long"}]},
            {"title": "Rate", "answers": [{"row_title": name, "column_title": n} for name, n in (("Room", "5"), ("Food", "2"))]},
            {"title": "More?", "answers": []},
        ]}],
    }  # fmt: skip
    found = grid(json.dumps([response]).encode())
    assert rows(found.sheets[0]) == [
        ("id", "status", "date_started", "site", "How was it?", "Rate [Room]", "Rate [Food]", "More?"),
        ("7", "completed", "2025-04-03T10:00:00Z", "x", "Good;Long", "5", "2", ""),
    ]


@pytest.mark.parametrize("content", [b'[{"a": 1}, {"a"]', b'{"a": [1, 2]}' + b"}", b"[" * 5000 + b"]" * 5000])
def test_json_that_is_none(content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"damaged or incomplete|no list"):
        grid(content)


def zipped(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return content.getvalue()


MAIN, REPEAT = b"SubmissionDate,ward,KEY\n2025-04-03,South,u1\n", b"age,PARENT_KEY,KEY\n4,u1,k1\n7,u9,k2\n"


def test_a_zip_with_one_table() -> None:
    found = grid(zipped({"export/log.csv": MAIN, "__MACOSX/._log.csv": b"x", "read me.txt": b"hello"}))
    assert rows(found.sheets[0])[1] == ("2025-04-03", "South", "u1")
    assert found.read_as is not None
    assert found.read_as.format == "csv"
    assert "1 other files" in said(found)["zip"]


def test_an_odk_zip() -> None:
    found = grid(zipped({"f-kids.csv": REPEAT, "f.csv": MAIN, "media/a.jpg": b"x", "f - audit.csv": b"event,node\n"}))
    assert [(sheet.name, sheet.is_repeat) for sheet in found.sheets] == [(None, False), ("f-kids", True)]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"a.csv": MAIN, "b.csv": MAIN}, "2 tables"),
        ({"a.txt": b"x"}, "no table"),
        ({"a.zip": zipped({"b.csv": MAIN})}, "another archive"),
        ({"a.csv": zipped({"b.csv": MAIN})}, "another archive"),
        ({"a.xlsx": b"%PDF"}, "a PDF"),
    ],
)
def test_a_zip_that_is_no_delivery(members: dict[str, bytes], words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        grid(zipped(members))


FRAME = pd.DataFrame({"Q1": [1.0, 98.0, None], "SAID": ["x", "ŵy", ""], "ON": [date(2025, 4, 3)] * 3})
LABELS = {"variable_value_labels": {"Q1": {1: "Yes", 98: "Refused"}}, "column_labels": ["Agreed?", "", ""]}


def test_spss_says_what_its_columns_are(tmp_path: Path) -> None:
    ranges = {"Q1": [{"lo": 97, "hi": 99}], "SAID": ["x"]}
    pyreadstat.write_sav(FRAME, str(tmp_path / "a"), compress=True, missing_ranges=ranges, **LABELS)
    found = grid((tmp_path / "a").read_bytes(), "wave.sav")
    assert found.read_as == ("zsav", "UTF-8", None)
    assert found.variables == (
        Variable("Q1", "Agreed?", "number", {"1": "Yes", "98": "Refused"}, ("97..99",)),
        Variable("SAID", None, "text", {}, ("x",)),
        Variable("ON", None, "date", {}, ()),
    )
    assert rows(found.sheets[0])[1:] == [("1", "x", "2025-04-03"), ("98", "ŵy", "2025-04-03"), ("", "", "2025-04-03")]


def test_spss_portable(tmp_path: Path) -> None:
    pyreadstat.write_por(FRAME.assign(SAID=["x", "y", ""]), str(tmp_path / "a"))
    found = grid((tmp_path / "a").read_bytes(), "wave.por")
    assert found.read_as is not None
    assert found.read_as.format == "por"
    assert rows(found.sheets[0])[:2] == [("Q1", "SAID", "ON"), ("1", "x", "2025-04-03")]


@pytest.mark.parametrize("version", [8, 12, 13, 15])
def test_stata_keeps_tagged_missing_values(tmp_path: Path, version: int) -> None:
    frame = FRAME.assign(Q1=[1, 2, "a"], SAID=["x", "y", "z"])
    tags = {"missing_user_values": {"Q1": ["a"]}, "variable_value_labels": {"Q1": {1: "Yes", "a": "Refused"}}}
    pyreadstat.write_dta(frame, str(tmp_path / "a"), version=version, **tags)
    found = grid((tmp_path / "a").read_bytes(), "wave.dta")
    assert rows(found.sheets[0])[1:] == [("1", "x", "2025-04-03"), ("2", "y", "2025-04-03"), ("a", "z", "2025-04-03")]
    assert found.variables[0] == Variable("Q1", None, "number", {"1": "Yes", "a": "Refused"}, ("a",))
    with pytest.raises(Unreadable, match="Stata file is damaged"):
        grid((tmp_path / "a").read_bytes()[:200])


LINES = "Date;Who;People\n3/4/25;Siân Łuc;1,5\n4/4/25;–;2,5\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_than_the_contract_s(encoding: str, separator: str) -> None:
    found = grid(LINES.replace(";", separator).encode(encoding))
    assert rows(found.sheets[0]) == [("Date", "Who", "People"), ("3/4/25", "Siân Łuc", "1,5"), ("4/4/25", "–", "2,5")]
    assert found.read_as is not None
    assert found.read_as.delimiter == separator
    assert "separator" in said(found)


@pytest.mark.parametrize(
    "content",
    [b"a,b\n1;x,2\n3;y,4\n", b"a;b\n", b"a\nb;c\n", b"Log of sessions; all\nDate,People\n3/4/25,5\n4/4/25,6\n"],
)
def test_the_contract_s_separator_holds_where_it_makes_a_table(content: bytes) -> None:
    expected = ";" if content == b"a;b\n" else ","
    found = grid(content)
    assert found.read_as is not None
    assert found.read_as.delimiter == expected


def test_two_encodings_in_one_file() -> None:
    content = "a,b\n1,Łucjan\n".encode() + "2,café – £5\n".encode("cp1252") + "3,ŵ\n".encode()
    found = grid(content)
    assert rows(found.sheets[0])[1:] == [("1", "Łucjan"), ("2", "café – £5"), ("3", "ŵ")]
    assert "Windows-1252 on line 3." in said(found)["encoding"]


def twice(text: str) -> str:
    """What a program does that takes UTF-8 for Windows-1252, with browsers' reading of its five gaps."""
    return "".join(
        bytes([byte]).decode("cp1252" if byte not in (129, 141, 143, 144, 157) else "latin-1") for byte in text.encode()
    )


@given(st.text(st.sampled_from("abc ,1éèñöŵŷŁążć£–“”’€é👧🏽’ñ")))
def test_text_encoded_twice_is_put_right_exactly(text: str) -> None:
    assert undo_double_encoding(twice(text)) == text


@pytest.mark.parametrize(
    "text", ["“CAFÉ”", "CAFÉ”", "Â", "Zürich – “Öl”", "naïve ½", "Ã§a and é", "für 5 € – Straße", "Ångström"]
)
def test_good_text_stays_as_it_is(text: str) -> None:
    assert undo_double_encoding(text) == text


def test_a_file_encoded_twice() -> None:
    found = grid(("a,b\n1,ok\n" + twice("2,Siân – “cwtch”\n")).encode())
    assert rows(found.sheets[0])[2] == ("2", "Siân – “cwtch”")
    assert "on line 3: the encoding was put right" in said(found)["encoded_twice"]
    mixed = grid("a,b\n1,SiÃ¢n and é\n".encode())
    assert rows(mixed.sheets[0])[1] == ("1", "SiÃ¢n and é")
    assert "could not be put right" in said(mixed)["encoded_twice"]
