"""Looking at bytes before any library does: what format they are, whatever the name says, and whether they may be opened.

Each refusal is `Unreadable` with a sentence that says what to send instead.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath

from tfc_platform.sheets.sheet_model import Format, Unreadable
from tfc_platform.sheets.zip_members import DAMAGED, members_of

__all__ = [
    "EXTENSIONS",
    "KEPT_CELLS",
    "OLE",
    "SPSS",
    "WEB_PAGE",
    "ZIP",
    "extension_warning",
    "is_temporary",
    "recognise",
    "unmarked_utf16",
]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
OTHER_ZIPS = (b"PK\x05\x06", b"PK\x07\x08")  # an empty archive, a part of several
SPSS = (b"$FL2", b"$FL3")
KEPT_CELLS = b'{"kept_cells":'  # what the platform itself keeps of a file once rows were erased from it
PORTABLE = (456, b"SPSSPORT")  # place, line ends aside, behind five ways of saying what the file is
STATA_OLD = range(0x68, 0x74)  # versions 104 to 115 begin with their number; 117 on with a tag
STATA = b"<stata_dta>"
NOTHING = b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"  # spaces, NULs and byte order marks: a file of these alone is empty
CONTROLS = bytes(code for code in range(1, 32) if code not in b"\t\n\v\f\r\x1a")
UTF16 = (b"\xff\xfe", b"\xfe\xff")
TEMPORARY = ("~$", "._", ".~lock")  # what office programs leave beside an open file
SYSTEM = {".ds_store", "thumbs.db", "desktop.ini"}
LOOKED_AT = 4096  # bytes of the start
PROTECTED = "The file is protected by a password. Remove the password and send it again."
WEB_PAGE = "The file is a web page (HTML), not the export itself. Download the export and send that."
SEND_EXPORT = "Send the export itself, as it comes from the tool: a CSV, a workbook or an SPSS file."

OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"II*\x00", "an image"),
    (b"MM\x00*", "an image"),
    (b"RIFF", "an image, a film or a sound"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"Rar!", "a packed archive (RAR)"),
    (b"7z\xbc\xaf\x27\x1c", "a packed archive (7-Zip)"),
    (b"\x1f\x8b", "a packed file (gzip)"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a database"),
)
# A member that tells what an Office or other document is; `/` at the end: any member below.
DOCUMENTS = (
    ("word/", "a Word document"),
    ("ppt/", "a PowerPoint presentation"),
    ("Index/", "an Apple Numbers or Pages document"),
    ("AndroidManifest.xml", "an app"),
)
OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.spreadsheet-template": "ods",
}
EXTENSIONS: dict[Format, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".txt", ".tab"),
    "xlsx": (".xlsx", ".xltx"),
    "xlsm": (".xlsm", ".xltm"),
    "xls": (".xls", ".xlt"),
    "xlsb": (".xlsb",),
    "ods": (".ods", ".ots"),
    "sav": (".sav",),
    "zsav": (".zsav", ".sav"),
    "por": (".por",),
    "dta": (".dta",),
    "json": (".json",),
    "html": (".html", ".htm"),
    "zip": (".zip",),
}
CALLED: dict[Format, str] = {
    "csv": "a text with separators (CSV)",
    "xls": "an old Excel workbook (.xls)",
    "ods": "an OpenDocument workbook (.ods)",
    "html": "an HTML table",
    "sav": "an SPSS file (.sav)",
    "zsav": "an SPSS file (.sav)",
    "por": "an SPSS portable file (.por)",
    "dta": "a Stata file (.dta)",
    "json": "a JSON export",
    "zip": "a zip archive",
}


def is_temporary(name: str) -> bool:
    """Whether a file is one that office programs or systems leave beside others, by its name."""
    return name.startswith(TEMPORARY) or name.casefold() in SYSTEM


def _start(content: bytes) -> bytes:
    return content[:LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n")


def _markup(start: bytes) -> Format | None:
    """HTML, or None where the text is no markup. Whether a page holds a table, its reader finds out.

    :raises Unreadable: for other markup.
    """
    lower = start[:1024].lower()
    if lower.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta", b"<body", b"<div", b"<style")):
        return "html"
    if lower.startswith((b"<?xml", b"<!doctype", b"<!--")):
        if b"schemas-microsoft-com:office:spreadsheet" in lower or b"<workbook" in lower:
            raise Unreadable("The file is an XML spreadsheet of 2003. Open it, save it as .xlsx and send it again.")
        return "html"
    if lower.startswith(b"mime-version:") or b"content-type: multipart/related" in lower:
        raise Unreadable("The file is a saved web page (MHTML). Open it, save it as .xlsx and send it again.")
    return None


def _is_binary(content: bytes) -> bool:
    """Whether bytes are no text: by control characters, which only NUL-padded exports hold."""
    start = content[:LOOKED_AT]
    return len(start.translate(None, CONTROLS)) < 0.99 * len(start) and not start.startswith(UTF16)


def _of_zip(content: bytes) -> Format:
    members = members_of(content)
    names = {member.filename for member in members}
    kind = next((member for member in members if member.filename == "mimetype"), None)
    if kind is not None and kind.file_size < 200:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = OPEN_DOCUMENT.get(archive.read(kind).strip())
        if found is None:
            raise Unreadable(f"The file is a document, not a table. {SEND_EXPORT}")
        manifest = "META-INF/manifest.xml"
        if manifest in names:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if b"encryption-data" in archive.read(manifest):
                    raise Unreadable(PROTECTED)
        return "ods"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(name.startswith("xl/") for name in names):
        return "xlsm" if any(name.endswith("vbaProject.bin") for name in names) else "xlsx"
    for mark, called in DOCUMENTS:
        if any(name.startswith(mark) if mark.endswith("/") else name == mark for name in names):
            raise Unreadable(
                f"The file is not an Excel workbook, whatever its name says: it is {called}. {SEND_EXPORT}"
            )
    return "zip"


def _of_ole(content: bytes) -> Format:
    """An old Office container: an .xls, or what stands in its place.

    :raises Unreadable: where it is encrypted, damaged or no workbook.
    """
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Unreadable(PROTECTED)
    import msoffcrypto
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(content)) as container:
            streams = {"/".join(parts).casefold() for parts in container.listdir()}
    except Exception:  # the library stumbles over damaged containers in many ways
        raise Unreadable(DAMAGED) from None
    if not streams & {"workbook", "book"}:
        raise Unreadable(f"The file is an old Office file and no workbook. {SEND_EXPORT}")
    try:
        encrypted = msoffcrypto.OfficeFile(io.BytesIO(content)).is_encrypted()
    except Exception:
        encrypted = False  # older than the library knows; the reader finds out
    if encrypted:
        raise Unreadable(PROTECTED)
    return "xls"


def unmarked_utf16(content: bytes) -> str | None:
    """The encoding of text without a mark whose every other byte is zero, as Latin letters are in UTF-16; else None."""
    start = content[: LOOKED_AT // 2 * 2]
    for encoding, zero in (("utf-16-le", 1), ("utf-16-be", 0)):
        zeros = start[zero::2].count(0)
        if len(content) >= 4 and zeros > 0.9 * len(start[zero::2]) and not start[1 - zero :: 2].count(0):
            return encoding
    return None


def _of_text(content: bytes) -> Format:
    start = _start(content)
    found = _markup(start)
    if found is not None:
        return found
    if start[:1] in (b"{", b"[") and _is_json(content):
        return "json"
    if _is_binary(content) and unmarked_utf16(content) is None:
        raise Unreadable(f"The file is not a CSV, a workbook or an SPSS file, whatever its name says. {SEND_EXPORT}")
    return "csv"


def _is_json(content: bytes) -> bool:
    """Whether the text begins and ends as JSON does: a CSV may begin with a bracket in its first cell."""
    start, end = _start(content), content[-64:].rstrip(b" \t\r\n\x00")
    closed = end.endswith(b"}" if start.startswith(b"{") else b"]")
    return closed and re.match(rb'[\[{]\s*(["\[{}\]]|-?\d)', start) is not None


def recognise(content: bytes) -> Format:
    """What the bytes are.

    :raises Unreadable: where they may not be opened, or are nothing that holds a table: with a sentence for the sender.
    """
    if not content.strip(NOTHING):
        raise Unreadable("The file is empty: nothing was saved in it. Export it again and send it again.")
    if content.startswith((ZIP, *OTHER_ZIPS)):
        return _of_zip(content)
    if content.startswith(OLE):
        return _of_ole(content)
    if content.startswith(KEPT_CELLS):
        return "cells"
    if content.startswith(SPSS):
        return "sav" if content.startswith(SPSS[0]) else "zsav"
    if content[:1000].translate(None, b"\r\n")[PORTABLE[0] :].startswith(PORTABLE[1]):
        return "por"
    if content.startswith(STATA) or (content[0] in STATA_OLD and content[1:3] in (b"\x01\x01", b"\x02\x01")):
        return "dta"
    for magic, called in OTHERS:
        if content.startswith(magic):
            raise Unreadable(f"The file is {called}, not a table. {SEND_EXPORT}")
    return _of_text(content)


def extension_warning(found: Format, name: str | None) -> str | None:
    """What to tell the sender of a file whose name says another format than its bytes are."""
    extension = PurePosixPath(name or "").suffix.lower()
    if not extension or extension in EXTENSIONS[found] or not any(extension in known for known in EXTENSIONS.values()):
        return None
    ending = EXTENSIONS[found][0]
    called = CALLED.get(found, f"an Excel workbook ({ending})")
    advice = "Save it as .xlsx" if found == "html" else f"Send it with the extension {ending}"
    return f"The file's extension is {extension}, but it is {called} and was read as that. {advice} next time."
