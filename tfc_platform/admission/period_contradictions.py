"""Whether the dates of a return's rows contradict the period that its key or a sheet's name gives.

A file whose contract has a month in its name is judged row by row when it is read; this is for all other names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from tfc_platform.admission.arrivals import ContentHold
from tfc_platform.admission.return_periods import NamedPeriod, period_of
from tfc_platform.admission.return_rows import ReturnRows
from tfc_platform.ingest.ingest_result import RowIssue
from tfc_platform.schemas import RECORDS
from tfc_platform.sql_text import quote_identifier

__all__ = ["contradicted_periods", "day_column"]

FEWEST = 3  # rows outside a period, before more than half of them say that the name is wrong
SHEET = "{count} of {rows} rows of a sheet have dates outside {period}, which the sheet's name says"
FILE = "{count} of {rows} rows have dates outside {period}, which the file's name says"
ADVICE = "Send the period's own rows, or correct the name, and send the file again."
Outside = tuple[str | None, int, int, NamedPeriod]  # sheet (None: of the whole file), rows outside, rows, the period


def day_column(record: str) -> str | None:
    """The day of what a row is about: the record's first date."""
    return next((field.name for field in RECORDS[record] if pa.types.is_date(field.type)), None)


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
    day = day_column(item.contract.record)
    if day is None or item.main_file is None:
        return
    sheets = _days(item, day)
    of_file = period_of(item.arrival.return_key or "")
    if of_file is not None:
        yield from _count(None, [counted for days in sheets.values() for counted in days], of_file)
    for sheet, days in sheets.items():
        period = period_of(sheet or "")
        if period is not None:
            yield from _count(sheet, days, period)


def _count(sheet: str | None, days: Sequence[tuple[date, int]], period: NamedPeriod) -> Iterator[Outside]:
    outside = sum(rows for day, rows in days if not period.holds(day))
    if outside:
        yield sheet, outside, sum(rows for _, rows in days), period


def _days(item: ReturnRows, day: str) -> dict[str | None, list[tuple[date, int]]]:
    """Of each sheet the days of its rows, with how many rows each has."""
    column = quote_identifier(day)
    sql = f"select sheet, {column}, count(*) from read_parquet(?) where {column} is not null group by all order by all"
    found: dict[str | None, list[tuple[date, int]]] = {}
    with duckdb.connect() as con:
        for sheet, on, rows in con.execute(sql, [str(item.main_file)]).fetchall():
            found.setdefault(sheet, []).append((on, rows))
    return found
