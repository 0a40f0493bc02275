"""Delimited text and workbooks with the same bytes whenever they are made."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

from tfc_platform.demo.file_ledgers import FileLedger

__all__ = ["Delimited", "Rendered", "stamped_zip", "workbook_bytes"]

# Zip entries and workbooks carry a time; one moment for all keeps the bytes the same.
STAMP = datetime(2026, 5, 1, 9, 0, 0)


@dataclass
class Rendered:
    """A file's bytes and its account."""

    content: bytes
    ledger: FileLedger = field(default_factory=FileLedger)


class Delimited:
    """A delimited file in the making; knows at which physical line each record starts (the first is 1)."""

    def __init__(self, delimiter: str = ",", quote_all: bool = False, line_end: str = "\r\n") -> None:
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(
            self._text,
            delimiter=delimiter,
            quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL,
            lineterminator=line_end,
        )
        self._line = 1

    def record(self, cells: Sequence[object]) -> int:
        """Write a record (none of whose cells but free text holds a line break); give the line where it starts."""
        started = self._line
        self._writer.writerow(["" if cell is None else cell for cell in cells])
        self._line += 1 + sum(cell.count("\n") for cell in cells if isinstance(cell, str))
        return started

    def encoded(self, encoding: str) -> bytes:
        """The bytes; a character that the encoding lacks becomes a question mark, as council systems do it."""
        return self._text.getvalue().encode(encoding, "replace")


def stamped_zip(parts: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip of the named parts, in order, without the time at which it was made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, date_time=STAMP.timetuple()[:6])
            entry.create_system = 3  # else it is that of the machine
            archive.writestr(entry, content, compress_type=zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def workbook_bytes(workbook: Workbook) -> bytes:
    """The workbook's bytes. Workbook.save would stamp it, so its writer is called as save calls it, and packed anew."""
    workbook.properties.created = workbook.properties.modified = STAMP
    loose = io.BytesIO()
    ExcelWriter(workbook, zipfile.ZipFile(loose, "w", zipfile.ZIP_STORED)).save()
    with zipfile.ZipFile(loose) as archive:
        return stamped_zip([(name, archive.read(name)) for name in archive.namelist()])
