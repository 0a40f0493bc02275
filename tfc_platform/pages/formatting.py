"""Dates, periods, codes, numbers and statuses in plain English. The words of codes are data: `words.yaml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from tfc_platform.strict_yaml import load_yaml

__all__ = [
    "HIDDEN",
    "code_words",
    "date_words",
    "humane",
    "join",
    "missing_reason",
    "missing_word",
    "month_words",
    "period_bounds",
    "period_words",
    "quarter_label",
    "quarter_months",
    "quarters_between",
    "reporting_year",
    "short",
    "status_words",
    "wave_words",
    "written_number",
    "year_range",
]

HIDDEN = frozenset({"suppressed", "suppressed_secondary"})
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@cache
def _words() -> Mapping[str, Any]:
    words: dict[str, Any] = load_yaml(Path(__file__).parent / "words.yaml")
    return words


def status_words() -> Sequence[tuple[str, str, str]]:
    """Every status of a figure with its word on a page and its meaning, in the order in which they are explained."""
    return [(status, entry["word"], entry["meaning"]) for status, entry in _words()["statuses"].items()]


def code_words(kind: str, code: Any) -> str:
    """A code as readers call it, by `words.yaml`; one that is not in there in its own words.

    :param kind: `populations` or `sources`.
    """
    return str(_words()[kind].get(str(code)) or humane(code))


def missing_word(status: str, is_not_final: bool) -> str:
    """What is printed in place of a figure without a value."""
    if is_not_final:
        return "not final yet"
    entry = _words()["statuses"].get(status)
    return str(entry["word"]) if entry else humane(status).lower()


def missing_reason(status: str, note: str | None) -> str:
    """Why a figure has no value: the release's own note, else what its status says; empty where the word says all."""
    entry = _words()["statuses"].get(status, {})
    return note or str(entry.get("reason", ""))


def written_number(value: float, unit: str | None = None, signed: bool = False) -> str:
    """A figure as it is printed: a share as per cent, else up to two decimals; a minus that nobody takes for a hyphen."""
    if unit == "share":
        return f"{value * 100:.0f}%"
    if unit == "whole_percent":
        return f"{value:.0f}%"
    if unit == "p" and 0 <= value < 0.005:
        return "<0.01"
    plain = f"{abs(value):.2f}" if unit == "p" else f"{abs(value):,.2f}".rstrip("0").rstrip(".")
    sign = "−" if value < 0 and plain.strip("0.") else "+" if signed and value > 0 else ""
    return sign + plain + ("%" if unit == "percent" else "")


def humane(code: Any) -> str:
    """A code as a word of a sentence: `young_people` is Young people. What holds capitals already is left as it is."""
    words = str(code).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def join(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def short(name: str) -> str:
    """A name without what is in brackets: a label of a chart is narrow."""
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
    """A month, quarter or reporting year as a reader says it; anything else as it is."""
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


def quarter_label(quarter: str) -> str:
    """`2025-Q2` as a label of a chart: `Apr–Jun` over `2025`; anything else as it is."""
    bounds = period_bounds(quarter) if quarter_months(quarter) else None
    if bounds is None:
        return quarter
    first = bounds[0].month - 1
    return f"{_MONTHS[first][:3]}–{_MONTHS[first + 2][:3]}\n{bounds[0].year}"


def quarters_between(first: date, last: date) -> list[tuple[str, date, date]]:
    """The calendar quarters from one month to another: code, first day, first day after."""
    quarters = []
    start = date(first.year, 3 * ((first.month - 1) // 3) + 1, 1)
    while start <= last:
        after = _months_later(start, 3)
        quarters.append((f"{start.year}-Q{(start.month + 2) // 3}", start, after))
        start = after
    return quarters
