"""Looking at bytes before any library does: empty, truncated, encrypted, another format, or too much when unpacked.

Belongs here: what can be told from size, magic and a zip's list of members. Does not belong: reading cells.
Each refusal is `Unreadable` with a sentence that says what to send instead.
"""

from __future__ import annotations

import io
import zipfile

from tfc_platform.take_in.grid import Unreadable

__all__ = ["check"]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
SPSS = (b"$FL2", b"$FL3")
MOST_UNPACKED = 2**30  # bytes; the longest sheet that Excel holds is, with ten columns, about half of it
NOTHING = b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"  # spaces, NULs and byte order marks: a file of these alone is empty
CONTROLS = bytes(code for code in range(1, 32) if code not in b"\t\n\v\f\r\x1a")
UTF16 = (b"\xff\xfe", b"\xfe\xff")
MOST_RATIO = 200  # real workbooks unpack to about ten times their size


def _is_markup(content: bytes) -> bool:
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table"))


def _is_binary(content: bytes) -> bool:
    """Whether bytes are no text: by their magic, or by control characters, which only NUL-padded exports hold."""
    if content.startswith((ZIP, *SPSS, b"%PDF")):
        return True
    start = content[:4096]
    return len(start.translate(None, CONTROLS)) < 0.99 * len(start) and not start.startswith(UTF16)


def _check_zip(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise Unreadable("The file is damaged or incomplete: save it again and send it again.") from None
    if any(member.filename.startswith("/") or ".." in member.filename.split("/") for member in members):
        raise Unreadable("The file holds a member with an unsafe path. It was not opened.")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(len(content), 1024):
        raise Unreadable("The file unpacks to far more than a return holds. It was not opened.")
    if not any(member.filename.startswith("xl/") for member in members):
        raise Unreadable(
            "The file is not an Excel workbook, whatever its name says. Save it as .xlsx and send it again."
        )


def check(content: bytes, kind: str) -> None:
    """Refuse bytes that are not what `kind` (csv, workbook, spss) says.

    :raises Unreadable: with a sentence for the sender.
    """
    if not content.strip(NOTHING):
        raise Unreadable("The file is empty: nothing was saved in it. Export it again and send it again.")
    if content.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Unreadable("The file is protected by a password. Remove the password and send it again.")
        raise Unreadable("The file is an old Excel (.xls) or another Office file. Save it as .xlsx and send it again.")
    if _is_markup(content):
        raise Unreadable("The file is a web page (HTML), not the export itself. Download the export and send that.")
    if kind == "workbook":
        if not content.startswith(b"PK"):
            raise Unreadable(
                "The file is damaged or not an Excel workbook, whatever its name says. Send it again as .xlsx."
            )
        _check_zip(content)
    elif kind == "spss" and not content.startswith(SPSS):
        raise Unreadable("The file is damaged or not an SPSS file (.sav). Ask for it again and send that.")
    elif kind == "csv" and _is_binary(content):
        raise Unreadable("The file is not a CSV, whatever its name says. Export it again as CSV.")
