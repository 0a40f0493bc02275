"""Bytes before any library reads them: what is not what its name says is refused with a sentence for its sender."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from tfc_platform.take_in import sniff
from tfc_platform.take_in.grid import Unreadable

KINDS = ("csv", "workbook", "spss")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def archive(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return content.getvalue()


def refusal(content: bytes, kind: str) -> str:
    with pytest.raises(Unreadable) as caught:
        sniff.check(content, kind)
    return str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", [b"", b"  \r\n\n", b"\xef\xbb\xbf", b"\x00" * 600, b"\xff\xfe\n\x00"])
def test_empty(kind: str, content: bytes) -> None:
    assert refusal(content, kind).startswith("The file is empty")


@pytest.mark.parametrize("kind", KINDS)
def test_protected_and_old_office_files(kind: str) -> None:
    assert "protected by a password" in refusal(OLE + b"x" * 600 + "EncryptedPackage".encode("utf-16-le"), kind)
    assert "old Excel (.xls)" in refusal(OLE + b"x" * 600, kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "start", [b"<!DOCTYPE html>", b"\xef\xbb\xbf\r\n <HTML><body>", b"<?xml version='1.0'?><html/>", b"<table>"]
)
def test_a_web_page(kind: str, start: bytes) -> None:
    assert "web page" in refusal(start + b" Log in", kind)


def test_a_truncated_workbook(book_of: Callable[..., bytes]) -> None:
    whole = book_of({"A": [["a"] * 20] * 50})
    sniff.check(whole, "workbook")
    for length in (4, 100, len(whole) // 2, len(whole) - 10):
        assert "damaged or incomplete" in refusal(whole[:length], "workbook")
    assert "damaged or not an Excel workbook" in refusal(b"Date,Activity\n1,2\n", "workbook")


def test_a_word_file_under_the_name_of_a_workbook() -> None:
    assert "not an Excel workbook" in refusal(archive({"word/document.xml": b"<w/>"}), "workbook")


def test_a_zip_bomb_is_not_opened() -> None:
    assert "unpacks to far more" in refusal(archive({"xl/workbook.xml": b"\0" * 3_000_000}), "workbook")


def test_a_member_outside_is_not_opened() -> None:
    for name in ("../xl/evil", "xl/../../evil", "/etc/passwd"):
        assert "unsafe path" in refusal(archive({name: b"x", "xl/workbook.xml": b"<x/>"}), "workbook")
    sniff.check(archive({"xl/a..b.xml": b"<x/>"}), "workbook")


@pytest.mark.parametrize(
    "content",
    [
        archive({"xl/a": b""}),
        b"$FL2@(#)",
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
        bytes(range(256)) * 8,
    ],
)
def test_binary_files_under_the_name_of_a_csv(content: bytes) -> None:
    assert "not a CSV" in refusal(content, "csv")


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\r\n1,2\r\n",
        "caf\xe9,b\n1,2\n".encode("cp1252"),
        "a,b\n1,é\n".encode("utf-16"),
        b"a,b\n1,\x002\n" * 20,
        b"<5,b\n",
    ],
)
def test_texts_pass(content: bytes) -> None:
    sniff.check(content, "csv")


def test_spss() -> None:
    sniff.check(b"$FL2@(#) SPSS", "spss")
    sniff.check(b"$FL3@(#) SPSS", "spss")
    assert "not an SPSS file" in refusal(b"PK\x03\x04", "spss")
