"""The period that a return's key or a sheet's name gives: a month, a quarter, a half-year or a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["NamedPeriod", "period_of"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_WORD = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_BY_WORD = re.compile(rf"(?P<month>{_MONTH_WORD})\W*(?P<year>\d{{4}}|\d{{2}})", re.IGNORECASE)
_BY_NUMBER = re.compile(r"(?P<year>\d{4})\W?(?P<month>0[1-9]|1[0-2])")
_PART = re.compile(
    r"(?P<year>\d{4})(?:[-/](?P<next>\d{2}|\d{4}))?(?:\W*(?P<kind>[hq])(?P<number>[1-4]))?", re.IGNORECASE
)
YEAR_STARTS_IN = 4  # a year that is written as two, 2025-26, is the reporting year: it begins in April


@dataclass(frozen=True, order=True)
class NamedPeriod:
    """A period by its first and last day."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def _months(year: int, month: int, count: int) -> NamedPeriod:
    """So many months from one on; a month above 12 is of the next year."""
    first = date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
    after = month + count
    return NamedPeriod(first, date(year + (after - 1) // 12, (after - 1) % 12 + 1, 1) - timedelta(days=1))


def period_of(text: str) -> NamedPeriod | None:
    """The period that a whole name is, or None where it is none: `May 25`, `2025-06`, `2025-26 H1`, `2025 Q3`, `2025-26`.

    Parts of a year that is written as two years are counted from April, those of a calendar year from January.
    """
    plain = " ".join(text.replace("_", " ").split())
    by_word = _BY_WORD.fullmatch(plain)
    if by_word is not None:
        year = int(by_word["year"])
        return _months(year + 2000 if year < 100 else year, _MONTHS.index(by_word["month"][:3].lower()) + 1, 1)
    part = _PART.fullmatch(plain)
    if part is not None and not _is_month(part):
        return _part_of_year(part)
    by_number = _BY_NUMBER.fullmatch(plain)
    return _months(int(by_number["year"]), int(by_number["month"]), 1) if by_number is not None else None


def _is_month(part: re.Match[str]) -> bool:
    """`2025-06` is June, `2025-26` a reporting year: the second is the year after the first."""
    return part["next"] is not None and int(part["next"]) % 100 != (int(part["year"]) + 1) % 100


def _part_of_year(part: re.Match[str]) -> NamedPeriod | None:
    start = YEAR_STARTS_IN if part["next"] is not None else 1
    kind, number = (part["kind"] or "").lower(), int(part["number"] or 1)
    if kind == "h" and number > 2:
        return None
    length = {"h": 6, "q": 3, "": 12}[kind]
    return _months(int(part["year"]), start + (number - 1) * length, length)
