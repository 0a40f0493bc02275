"""Whether the dates of a return's rows contradict the period that its key or a sheet's name gives.

A file whose contract has a month in its name is judged row by row when it is read; this is for all other names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from tfc_platform.admission.arrivals import ContentHold
from tfc_platform.admission.return_periods import NamedPeriod, period_of
from tfc_platform.admission.return_rows import ReturnRows
from tfc_platform.ingest.ingest_result import RowIssue

__all__ = ["contradicted_periods"]

FEWEST = 3  # rows outside a period, before more than half of them say that the name is wrong
SHEET = "{count} of {rows} rows of a sheet have dates outside {period}, which the sheet's name says"
FILE = "{count} of {rows} rows have dates outside {period}, which the file's name says"
ADVICE = "Send the period's own rows, or correct the name, and send the file again."
Outside = tuple[str | None, int, int, NamedPeriod]  # sheet (None: of the whole file), rows outside, rows, the period


def contradicted_periods(item: ReturnRows) -> tuple[ContentHold | None, Sequence[RowIssue]]:
    """Why a return is held for its dates, or None; and what its site should check.

    More than half of a sheet's or file's rows outside the period hold the return, beyond a slip or two.
    """
    issues, held = [], None
    for sheet, count, rows, period in _outside(item):
        what = (SHEET if sheet is not None else FILE).format(count=count, rows=rows, period=_words(period))
        issues.append(
            RowIssue(sheet, None, None, "warn", "dates_outside_name", f"{what}: check the dates, or the name.")
        )
        if held is None and count >= FEWEST and 2 * count > rows:
            held = ContentHold(f"{what}: it seems to be a copy, or another period's. {ADVICE}", "other_period")
    return held, issues


def _words(period: NamedPeriod) -> str:
    if (period.last - period.first).days < 31:
        return f"{period.first:%B %Y}"
    return f"{period.first:%B %Y} to {period.last:%B %Y}"


def _outside(item: ReturnRows) -> Iterator[Outside]:
    of_file = period_of(item.arrival.return_key or "")
    if of_file is not None:
        yield from _count(None, [counted for days in item.days.values() for counted in days], of_file)
    for sheet, days in item.days.items():
        period = period_of(sheet or "")
        if period is not None:
            yield from _count(sheet, days, period)


def _count(sheet: str | None, days: Sequence[tuple[date | None, int]], period: NamedPeriod) -> Iterator[Outside]:
    dated = [(day, rows) for day, rows in days if day is not None]
    outside = sum(rows for day, rows in dated if not period.holds(day))
    if outside:
        yield sheet, outside, sum(rows for _, rows in dated), period
