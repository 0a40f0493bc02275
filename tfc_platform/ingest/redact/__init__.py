"""Emptying rows in the bytes of a file: one module a format, each of which leaves every other byte of data as it was.

`REDACTORS` is the table of them by what the bytes are, as `take_in.readers.READERS` is of the readers. What is emptied stays in
its place, so that the row numbers of all other rows are what they were. A format that is not in the table cannot be redacted: a
file of it that holds an erased record is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set

from tfc_platform.contracts.model import Reading
from tfc_platform.ingest.redact import csv_text, spss, workbook
from tfc_platform.ingest.redact.failure import CannotRedact
from tfc_platform.sheets.sheet_model import Format

__all__ = ["REDACTORS", "CannotRedact", "Rows"]

Rows = Mapping[str | None, Set[int]]  # sheet (None where a format has none) → row numbers as the sender sees them

REDACTORS: dict[Format, Callable[[bytes, Rows, Reading], bytes]] = {
    "csv": csv_text.redact,
    "xlsx": workbook.redact,
    "xlsm": workbook.redact,
    "sav": spss.redact,
    "zsav": spss.redact,
}
