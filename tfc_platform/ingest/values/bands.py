"""Bands (`1-5`, `6-10`) that a spreadsheet program has turned into dates: `5-Jan`, `Jun-25`, or a true date.

Nothing is ever corrected: two bands can become one date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

from tfc_platform.contracts.names import normal
from tfc_platform.sheets.sheet_model import CellValue, text_of

__all__ = ["mangled_band"]

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BAND = re.compile(r"(\d{1,2}) ?(?:-|to) ?(\d{1,2})(?: .*)?")
_DAY_MONTH = re.compile(rf"(\d{{1,2}})-({'|'.join(MONTHS)})[a-z]*")
_MONTH_NUMBER = re.compile(rf"({'|'.join(MONTHS)})[a-z]*-(\d{{2}}|\d{{4}})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ t]00:00:00)?")
_UK = re.compile(r"(\d{2})/(\d{2})/(\d{4})")


def _pairs(cell: CellValue) -> tuple[str, list[tuple[int, int]]] | None:
    """How the date is said, and the pairs of numbers that can have become it."""
    if isinstance(cell, datetime | date):
        return _of_day(cell.year, cell.month, cell.day)
    if not isinstance(cell, str):
        return None
    text = normal(text_of(cell))
    if found := _DAY_MONTH.fullmatch(text):
        day, month = int(found[1]), MONTHS.index(found[2]) + 1
        return f"{day}-{found[2].title()}", [(month, day), (day, month)]
    if found := _MONTH_NUMBER.fullmatch(text):
        month, number = MONTHS.index(found[1]) + 1, int(found[2]) % 100
        return f"{found[1].title()}-{found[2]}", [(month, number), (number, month)]
    if found := _ISO.fullmatch(text):
        return _of_day(int(found[1]), int(found[2]), int(found[3]))
    if found := _UK.fullmatch(text):
        return _of_day(int(found[3]), int(found[2]), int(found[1]))
    return None


def _of_day(year: int, month: int, day: int) -> tuple[str, list[tuple[int, int]]]:
    pairs = [(month, day), (day, month)]
    if day == 1:  # 6-25 becomes June 2025, and its first day
        pairs.append((month, year % 100))
    return f"{day:02}/{month:02}/{year}", pairs


def mangled_band(cell: CellValue, codes: Iterable[str]) -> str | None:
    """The sentence about a cell that is a date where bands are expected; None where it is none, or no code is a band."""
    bands = {(int(found[1]), int(found[2])): code for code in codes if (found := _BAND.fullmatch(normal(code)))}
    read = _pairs(cell) if bands else None
    if read is None:
        return None
    written, pairs = read
    meant = list(dict.fromkeys(bands[pair] for pair in pairs if pair in bands))
    guess = f": did you mean {' or '.join(meant)}?" if meant else "."
    return (
        f"“{written}” is a date: a spreadsheet program turned a band into one{guess} Format the column as text and write"
        " the band again."
    )
