"""Dates, periods, codes and statuses in words.

Belongs here: how something is written in plain English. Does not belong: figures (`figures`), or HTML (`parts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

__all__ = [
    "STATUSES",
    "WITHHELD",
    "date_words",
    "humane",
    "join",
    "month_words",
    "period_bounds",
    "period_words",
    "quarter_months",
    "reporting_year",
    "short",
    "wave_words",
    "year_range",
]

STATUSES = (
    ("shown", "shown", "The figure as counted. It is not about persons."),
    ("rounded", "rounded", "A figure about persons, rounded; a percentage to a whole one."),
    (
        "suppressed",
        "withheld",
        "Too few persons to show, nobody among them, or too few sessions or answers. The value is in none of the files.",
    ),
    ("suppressed_secondary", "withheld", "Hidden so that another figure cannot be worked out from it."),
    ("not_applicable", "does not apply", "There can be no such figure here."),
    (
        "not_available",
        "not available",
        "There is no figure: it was not recorded, cannot be worked out, or its period is not locked yet.",
    ),
    ("not_comparable", "not comparable", "The two waves cannot be compared."),
    (
        "held",
        "held",
        "A figure from an earlier return, because the newest one cannot count yet; the note says since when.",
    ),
)
WITHHELD = frozenset({"suppressed", "suppressed_secondary"})
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def humane(code: Any) -> str:
    """A code as a word of a sentence: `young_people` is Young people. What holds capitals already is left alone."""
    words = str(code).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def join(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def short(name: str) -> str:
    """A name without what stands in brackets: a label of a chart is narrow."""
    return name.partition(" (")[0]


def date_words(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def month_words(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.year}"


def quarter_months(quarter: str) -> str | None:
    """`2025-Q2` is April to June 2025; None where it is no quarter."""
    year, _, number = quarter.partition("-Q")
    if not (year.isdigit() and number in ("1", "2", "3", "4")):
        return None
    first = 3 * (int(number) - 1)
    return f"{_MONTHS[first]} to {_MONTHS[first + 2]} {year}"


def period_words(period: Any) -> str:
    """A month, quarter or reporting year as a reader says it; anything else as it stands."""
    if isinstance(period, date):
        return month_words(period)
    written = str(period)
    months = quarter_months(written)
    if months:
        return months
    year, _, month = written.partition("-")
    if len(year) == 4 and year.isdigit() and len(month) == 2 and month.isdigit():
        if int(month) == (int(year) + 1) % 100:
            return f"April {year} to March {int(year) + 1}"
        if 1 <= int(month) <= 12:
            return month_words(date(int(year), int(month), 1))
    return written


def reporting_year(day: date) -> int:
    """The calendar year in which the reporting year (April to March) of a day began."""
    return day.year if day.month >= 4 else day.year - 1


def year_range(start: int) -> tuple[date, date]:
    """The first day of a reporting year, and the first day after it."""
    return date(start, 4, 1), date(start + 1, 4, 1)


def period_bounds(period: Any) -> tuple[date, date] | None:
    """The first day of a month, quarter or reporting year, and the first day after it; None of anything else."""
    if isinstance(period, date):
        return period, _months_later(period, 1)
    year, _, rest = str(period).partition("-")
    if not (len(year) == 4 and year.isdigit()):
        return None
    if quarter_months(str(period)):
        first = date(int(year), 3 * int(rest[1]) - 2, 1)
        return first, _months_later(first, 3)
    if len(rest) == 2 and rest.isdigit():
        if int(rest) == (int(year) + 1) % 100:
            return year_range(int(year))
        if 1 <= int(rest) <= 12:
            first = date(int(year), int(rest), 1)
            return first, _months_later(first, 1)
    return None


def _months_later(day: date, months: int) -> date:
    later = day.month - 1 + months
    return date(day.year + later // 12, later % 12 + 1, 1)


def wave_words(wave: Any) -> str:
    """`w2` is wave 2."""
    written = str(wave)
    return f"wave {written[1:]}" if written[:1] == "w" and written[1:].isdigit() else written.replace("_", " ")
