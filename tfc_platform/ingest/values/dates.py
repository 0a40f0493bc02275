"""Dates as people write them, by explicit formats only: a library's guess turns 3 April into 4 March.

A day and a month that do not exist give None, never a neighbour.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from tfc_platform.sheets.sheet_model import CellValue

__all__ = ["FORMATS", "SERIALS", "Dated", "Order", "no_date", "order_of", "parse_date", "read_date", "serial_of"]

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
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
YEARS = range(1900, 2100)  # a year outside is a slip of the finger, whatever the column
SERIALS = range(30_000, 60_000)  # days since the end of 1899, as Excel counts them: 1982 to 2064
LONDON = "Europe/London"
_MONTH = r"(?P<name>[a-z]{3,9})\.?"
_DAY = r"(?:(?P<week>mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?(?P<d>\d{1,2})(?:st|nd|rd|th)?(?: of)?"
# `15:00`, `15:00:00.5Z`, `3:00:00 pm gmt+1` (the direct download of Google Forms)
_TIME = (
    r"(?:[ t](?P<time>\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?(?: ?(?P<half>am|pm))?"
    r"(?P<zone>z|[+-]\d{2}:?\d{2}| (?:gmt|utc|bst)(?:[+-]\d{1,2}(?::?\d{2})?)?)?)?"
)
FORMATS: dict[str, re.Pattern[str]] = {
    "d/m/y": re.compile(r"(?P<d>\d{1,2})[/.\-](?P<m>\d{1,2})[/.\-](?P<y>\d{4}|\d{2})" + _TIME),
    "d month y": re.compile(_DAY + r"[ \-]" + _MONTH + r",?[ \-](?P<y>\d{4}|\d{2})"),
    "d month": re.compile(_DAY + r"[ \-]" + _MONTH),
    "y-m-d": re.compile(r"(?P<y>\d{4})([-/])(?P<m>\d{1,2})\2(?P<d>\d{1,2})" + _TIME),
    "month y": re.compile(_MONTH + r",?[ \-](?P<y>\d{4}|\d{2})"),
}
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")


class Dated(NamedTuple):
    """A date that was read, and what is odd about it: the rule's name and a sentence that repeats nothing."""

    day: date
    odd: tuple[str, str] | None = None


Order = Literal["day_first", "month_first", "either", "true_low", "true_high"]


def _plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").replace("\u200b", "").split()).casefold()


def _month(name: str) -> int | None:
    return next((number for number, month in enumerate(MONTHS, start=1) if month.startswith(name)), None)


def _in_london(moment: datetime) -> Dated:
    """The day of a moment in London; a local time that the change of the clocks leaves out, or makes twice, is said."""
    zone = ZoneInfo(LONDON)
    if moment.tzinfo is not None:
        try:
            return Dated(moment.astimezone(zone).date())
        except OverflowError:  # at the ends of the calendar
            return Dated(moment.date())
    if moment.time() == time(0):
        return Dated(moment.date())
    local = moment.replace(tzinfo=zone)
    if local.utcoffset() == local.replace(fold=1).utcoffset():
        return Dated(moment.date())
    there = local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == moment
    what = "came twice" if there else "did not exist"
    message = f"On this day the clocks changed, and this time of day {what} in London: the date alone is kept."
    return Dated(moment.date(), ("clock_change", message))


def _offset(zone: str | None) -> str:
    """A zone as Python reads it: `z`, `+01:00`, `gmt+1`, `bst`."""
    if not zone:
        return ""
    name = zone.strip()
    hours = re.fullmatch(r"(?:gmt|utc|bst)?([+-]\d{1,2})(?::?(\d{2}))?", name)
    if hours is not None:
        return f"{hours[1][0]}{hours[1][1:].zfill(2)}:{hours[2] or '00'}"
    return "+01:00" if name == "bst" else "+00:00"


def _at(day: date, written: str, zone: str | None, half: str | None = None) -> Dated:
    """The day of a written time of day, in London where the time says its zone.

    :param half: `am` or `pm`, where the clock has twelve hours.
    """
    offset = _offset(zone)
    clock = written.zfill(8 if written.count(":") > 1 else 5)
    if half is not None and 1 <= int(clock[:2]) <= 12:
        clock = f"{int(clock[:2]) % 12 + (12 if half == 'pm' else 0):02}{clock[2:]}"
    try:
        moment = datetime.fromisoformat(f"{day.isoformat()}T{clock}{offset}")
    except ValueError:  # 24:00, or a slip: the day was written all the same
        return Dated(day)
    return _in_london(moment)


def _of_weekday(day: date, week: str) -> Dated:
    actual = WEEKDAYS[day.weekday()]
    if actual.casefold().startswith(week):
        return Dated(day)
    written = next(name for name in WEEKDAYS if name.casefold().startswith(week))
    message = f"The date is a {actual}, and {written} stands beside it: check which of the two is right."
    return Dated(day, ("wrong_weekday", message))


@lru_cache(maxsize=8192)
def _read_text(text: str, formats: tuple[str, ...], year: int | None) -> Dated | None:
    """One text by the formats. Few dates stand in many rows, so they are remembered."""
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
            day = date(of_year, month, int(parts.get("d") or 1))
        except ValueError:
            continue
        if parts.get("week"):
            return _of_weekday(day, parts["week"])
        return _at(day, parts["time"], parts["zone"], parts["half"]) if parts.get("time") else Dated(day)
    return None


def serial_of(cell: CellValue) -> date | None:
    """The day that a bare number stands for where Excel's count of days lost its format; None for any other cell."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, str):
        found = _SERIAL.fullmatch(_plain(cell))
        days = int(found[1]) if found else 0
    else:
        days = int(cell) if isinstance(cell, int | float) and SERIALS.start <= cell < SERIALS.stop else 0
    return date(1899, 12, 30) + timedelta(days=days) if days in SERIALS else None


def read_date(
    cell: CellValue, formats: tuple[str, ...], year: int | None = None, serials: bool = False
) -> Dated | None:
    """The date that a cell holds by one of `formats`, with what is odd about it, or None.

    A time with a zone gives the day in London.

    :param year: the year that stands elsewhere (a sheet's name), for formats without one.
    :param serials: whether a bare number of days is a date; that it was one is said.
    """
    if isinstance(cell, datetime | date):
        found = _in_london(cell) if isinstance(cell, datetime) else Dated(cell)
        return found if found.day.year in YEARS else None
    if serials and (day := serial_of(cell)) is not None:
        return Dated(day, ("excel_serial", ""))
    return _read_text(_plain(cell), formats, year) if isinstance(cell, str) else None


def parse_date(cell: CellValue, formats: tuple[str, ...], year: int | None = None) -> date | None:
    """The date alone that a cell holds by one of `formats`, or None."""
    found = read_date(cell, formats, year)
    return found.day if found is not None else None


@lru_cache(maxsize=8192)
def _order_of_text(text: str) -> Order | None:
    found = FORMATS["d/m/y"].fullmatch(text)
    if not found:
        return None
    first, second = int(found["d"]), int(found["m"])
    if not (1 <= first <= 31 and 1 <= second <= 31) or first == second:
        return None  # the same in either order, or no date in any
    if first <= 12 and second <= 12:
        return "either"
    if first > 12 and second > 12:
        return None
    return "day_first" if first > 12 else "month_first"


def order_of(cell: CellValue) -> Order | None:
    """What a cell shows of the order of day and month; None where it shows nothing (ISO, a month's name, no date).

    `either` could be read both ways. A true date is `true_low` up to the 12th, when it may have been turned round
    before it became one, and `true_high` after it.
    """
    if isinstance(cell, datetime | date):
        return "true_low" if cell.day <= 12 else "true_high"
    return _order_of_text(_plain(cell)) if isinstance(cell, str) else None


_SEVERAL = re.compile(r"\d{1,2} ?(?:[/&+,]|and|to) ?\d{1,2}(?:st|nd|rd|th)? [a-z]{3,9}.*")
_WEEK = re.compile(r"(?:w/?c|week (?:of|commencing|beginning))\b.*")


def no_date(cell: CellValue) -> str:
    """What to say of a cell that is no date, as the end of a sentence whose subject is the cell."""
    if (day := serial_of(cell)) is not None and not isinstance(cell, datetime | date):
        return f"is a spreadsheet's count of days (it would be {day:%d/%m/%Y}), no date. Format the column as dates."
    text = _plain(cell) if isinstance(cell, str) else ""
    if _order_of_text(text) == "month_first":
        return "is no date with the day first: the month seems to stand before the day. Write 31/01/2025."
    found = FORMATS["d/m/y"].fullmatch(text)
    if found and int(found["d"]) <= 31 and 1 <= int(found["m"]) <= 12:
        if len(found["y"]) == 2 or int(found["y"]) in YEARS:
            return "is a day that does not exist in that month. Write the right day."
        return "has a year that cannot be right. Write the right year."
    if _WEEK.fullmatch(text):
        return "is a week, no day. Write the day on which it took place."
    if _SEVERAL.fullmatch(text):
        return "may be several days. Write a row for each day."
    if FORMATS["month y"].fullmatch(text):
        return "has a month and no day. Write day, month and year."
    return "is no date. Write day, month and year, as 03/04/2025."
