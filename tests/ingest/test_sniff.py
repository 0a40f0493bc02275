"""Bytes before any library reads them: what they are, whatever the name says, and what may not be opened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from tfc_platform.sheets import file_format
from tfc_platform.sheets.sheet_model import Unreadable

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def archive(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return content.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        file_format.recognise(content)
    return str(caught.value)


@pytest.mark.parametrize("content", [b"", b"  \r\n\n", b"\xef\xbb\xbf", b"\x00" * 600, b"\xff\xfe\n\x00"])
def test_empty(content: bytes) -> None:
    assert refusal(content).startswith("The file is empty")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"a,b\r\n1,2\r\n", "csv"),
        ("caf\xe9,b\n1,2\n".encode("cp1252"), "csv"),
        ("a,b\n1,é\n".encode("utf-16"), "csv"),
        ("Date\tPeople\n3/4/25\t5\n".encode("utf-16-le"), "csv"),
        ("Date\tPeople\n3/4/25\t5\n".encode("utf-16-be"), "csv"),
        (b"a,b\n1,\x002\n" * 20, "csv"),
        (b"<5,b\n", "csv"),
        (b"PKcode,b\n1,2\n", "csv"),
        (b"[note],b\n1,2\n", "csv"),
        (b'[{"a": 1}]', "json"),
        (b'{"results": []}\n', "json"),
        (b"<html><table><tr><td>1</td></tr></table>", "html"),
        (b"\xef\xbb\xbf\r\n <TABLE>", "html"),
        (b"$FL2@(#) SPSS", "sav"),
        (b"$FL3@(#) SPSS", "zsav"),
        (b"<stata_dta><header>", "dta"),
        (b"s\x02\x01\x00" + b"x" * 200, "dta"),
        (archive({"xl/workbook.xml": b"<w/>"}), "xlsx"),
        (archive({"xl/workbook.xml": b"<w/>", "xl/vbaProject.bin": b"x"}), "xlsm"),
        (archive({"xl/workbook.bin": b"x"}), "xlsb"),
        (archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}), "ods"),
        (archive({"answers.csv": b"a,b"}), "zip"),
    ],
)
def test_what_the_bytes_are(content: bytes, found: str) -> None:
    assert file_format.recognise(content) == found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7\n", "a PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "an image"),
        (b"{\\rtf1", "text document"),
        (b"\x1f\x8b\x08" + b"x" * 99, "gzip"),
        (bytes(range(256)) * 8, "not a CSV, a workbook or an SPSS file"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related", "saved web page"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "save it as .xlsx"),
        (archive({"word/document.xml": b"<w/>"}), "a Word document"),
        (
            archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}),
            "a document, not a table",
        ),
        (OLE + b"x" * 600 + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (OLE + b"x" * 600, "damaged or incomplete"),
    ],
)
def test_what_is_no_table_is_named(content: bytes, words: str) -> None:
    assert words in refusal(content)


def test_a_protected_open_document() -> None:
    manifest = b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    content = archive({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": b"?"})
    assert "password" in refusal(content)


def test_a_truncated_workbook(book_of: Callable[..., bytes]) -> None:
    whole = book_of({"A": [["a"] * 20] * 50})
    assert file_format.recognise(whole) == "xlsx"
    for length in (4, 100, len(whole) // 2, len(whole) - 10):
        assert "damaged or incomplete" in refusal(whole[:length])


@pytest.mark.parametrize(
    ("found", "name", "words"),
    [
        ("csv", "log.xlsx", "extension is .xlsx"),
        ("xlsx", "log.csv", "extension is .csv"),
        ("html", "log.xls", "Save it as .xlsx"),
    ],
)
def test_a_name_that_says_another_format(found: file_format.Format, name: str, words: str) -> None:
    assert words in (file_format.extension_warning(found, name) or "")


@pytest.mark.parametrize(
    ("found", "name"), [("csv", "log.CSV"), ("csv", "log.txt"), ("zsav", "w1.sav"), ("csv", "log.2025"), ("csv", None)]
)
def test_a_name_that_says_nothing_else(found: file_format.Format, name: str | None) -> None:
    assert file_format.extension_warning(found, name) is None
