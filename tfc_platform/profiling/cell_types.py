"""What one cell looks like, with no contract to say what it means.

Dates go through `take_in`'s own formats: what is a date here is one that a contract can read.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from tfc_platform.contracts.column_names import Column
from tfc_platform.ingest.values.attendance import parse_attendance
from tfc_platform.ingest.values.dates import parse_date
from tfc_platform.sheets.sheet_model import CellError, CellValue, is_blank

__all__ = ["cell_type", "date_order", "has_time", "is_datetime", "is_number"]

INTEGER = re.compile(r"[+-]?\d{1,18}(?:\.0+)?")
NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
SLASHED = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?:[ ,t].*)?", re.IGNORECASE)
ISO = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ t].*)?", re.IGNORECASE)
CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?: ?[ap]m)?", re.IGNORECASE)
LATER = re.compile(r".*\d[ t,]+\d{1,2}:\d{2}", re.IGNORECASE)
FLAGS = frozenset({"yes", "no", "y", "n", "true", "false", "ja", "nein", "oui", "non", "sí", "si", "tak", "nie"})
TOKEN = re.compile(r"(?=.*\d)[A-Za-z0-9_:\-{}.]{6,64}")
WORDS = ("d month y", "d month", "month y")
SERIALS = range(30_000, 60_000)  # 1982 to 2064, as spreadsheets number the days
_ATTENDANCE = Column.model_validate(
    {"header": "?", "type": "attendance", "unknown": ["n/a", "-", "tbc", "full class", "not counted", "unknown"]}
)


def is_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None


def has_time(text: str) -> bool:
    """Whether a written date goes on with a time of day."""
    return LATER.match(text) is not None


def date_order(text: str) -> str | None:
    """`iso`, `words`, `day_first`, `month_first` or `ambiguous`; None where it is no date.

    `13/02/2026` can only be day first, `02/13/2026` only month first, and `03/04/2026` either.
    """
    written = text.strip()
    if ISO.fullmatch(written):
        year_first = written.replace("/", "-")
        return "iso" if parse_date(year_first.split()[0].split("T")[0], ("y-m-d",)) else None
    if found := SLASHED.fullmatch(written):
        first, second = int(found[1]), int(found[2])
        if not (1 <= first <= 31 and 1 <= second <= 31 and min(first, second) <= 12):
            return None
        if first > 12:
            return "day_first"
        if second > 12:
            return "month_first"
        return "ambiguous"
    if any(letter.isalpha() for letter in written[:12]) and parse_date(written, WORDS, year=2000):
        return "words"
    return None


def is_datetime(cell: CellValue) -> bool:
    """Whether a cell is a moment: a true one, or a written date with a time."""
    if isinstance(cell, datetime):
        return True
    return isinstance(cell, str) and has_time(cell) and date_order(cell) is not None


def cell_type(cell: CellValue) -> str:
    """The class of a cell: blank, error, integer, decimal, true_date, true_datetime, time, iso, words, day_first,
    month_first, ambiguous (each of the five with `+time` where a time follows), flag, attendance, token or text.
    """
    if is_blank(cell):
        return "blank"
    if isinstance(cell, CellError):
        return "error"
    if isinstance(cell, bool):
        return "flag"
    if isinstance(cell, int):
        return "integer"
    if isinstance(cell, float):
        return "integer" if cell.is_integer() else "decimal"
    if isinstance(cell, datetime):
        return "true_date" if cell.time() == time(0) else "true_datetime"
    if isinstance(cell, date):
        return "true_date"
    if isinstance(cell, time | timedelta):
        return "time"
    return _look_at_text(" ".join(str(cell).split()))


def _look_at_text(text: str) -> str:
    if INTEGER.fullmatch(text):
        return "integer"
    if NUMBER.fullmatch(text):
        return "decimal"
    if len(text) > 64:
        return "text"
    if text.casefold() in FLAGS:
        return "flag"
    if CLOCK.fullmatch(text):
        return "time"
    if order := date_order(text):
        return f"{order}+time" if has_time(text) else order
    if parse_attendance(text, _ATTENDANCE) is not None:
        return "attendance"
    return "token" if TOKEN.fullmatch(text) else "text"
