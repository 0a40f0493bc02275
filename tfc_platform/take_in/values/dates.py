"""Dates as people write them, by explicit formats only: a library's guess turns 3 April into 4 March.

Belongs here: the formats that a contract can name. A day and a month that do not exist give None, never a neighbour.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from tfc_platform.take_in.grid import Cell

__all__ = ["FORMATS", "parse_date"]

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
YEARS = range(1900, 2100)  # a year outside is a slip of the finger, whatever the column
_MONTH = r"(?P<name>[a-z]{3,9})\.?"
_DAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?(?P<d>\d{1,2})(?:st|nd|rd|th)?(?: of)?"
_TIME = r"(?:[ t]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?"
FORMATS: dict[str, re.Pattern[str]] = {
    "d/m/y": re.compile(r"(?P<d>\d{1,2})[/.\-](?P<m>\d{1,2})[/.\-](?P<y>\d{4}|\d{2})" + _TIME),
    "d month y": re.compile(_DAY + r"[ \-]" + _MONTH + r",?[ \-](?P<y>\d{4}|\d{2})"),
    "d month": re.compile(_DAY + r"[ \-]" + _MONTH),
    "y-m-d": re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})" + _TIME),
    "month y": re.compile(_MONTH + r",?[ \-](?P<y>\d{4}|\d{2})"),
}


def _month(name: str) -> int | None:
    return next((number for number, month in enumerate(MONTHS, start=1) if month.startswith(name)), None)


def parse_date(cell: Cell, formats: tuple[str, ...], year: int | None = None) -> date | None:
    """The date that a cell holds by one of `formats`, or None.

    :param year: the year that stands elsewhere (a sheet's name), for formats without one.
    """
    if isinstance(cell, datetime | date):
        day = cell.date() if isinstance(cell, datetime) else cell
        return day if day.year in YEARS else None
    if not isinstance(cell, str):
        return None
    text = " ".join(cell.replace("\u00a0", " ").replace("\u200b", "").split()).casefold()
    for name in formats:
        found = FORMATS[name].fullmatch(text)
        if not found:
            continue
        parts = found.groupdict()
        month = int(parts["m"]) if parts.get("m") else _month(parts["name"])
        written = parts.get("y")
        of_year = (int(written) + 2000 if len(written) == 2 else int(written)) if written else year
        if month is None or of_year is None or of_year not in YEARS:
            continue
        try:
            return date(of_year, month, int(parts.get("d") or 1))
        except ValueError:
            continue
    return None
