"""The dates of a column together: what proves their order, what leaves it open, and what a spreadsheet program did to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.ingest.date_order import DateOrder, listed
from tfc_platform.ingest.values.dates import order_of


def seen(cells: Iterable[Any]) -> DateOrder:
    order = DateOrder("Date")
    for row, cell in enumerate(cells, start=2):
        kind = order_of(cell)
        if kind is not None and order.see(kind):
            order.place(kind, str(row), str(cell))
    return order


def test_what_one_date_shows() -> None:
    assert order_of("15/01/2024") == "day_first"
    assert order_of("01/15/2024") == order_of("1.15.24") == "month_first"
    assert order_of("03/04/2024") == "either"
    for nothing in (
        "03/03/2024",
        "2024-01-15",
        "15 Jan 2024",
        "31/31/2024",
        "00/01/2024",
        "TBC",
        "",
        None,
        45306,
        "40/01/2024",
    ):
        assert order_of(nothing) is None, nothing
    assert order_of(datetime(2024, 1, 12)) == "true_low"
    assert order_of(date(2024, 1, 13)) == "true_high"


def test_the_month_first_throughout() -> None:
    fault = seen(["01/15/2024", "02/05/2024", "04/22/2024"]).fault()
    assert fault is not None
    assert "date order" in fault
    assert "rows 2 (“01/15/2024”), 4 (“04/22/2024”)" in fault
    assert "3 (" not in fault, "what could be either proves nothing"


def test_both_orders() -> None:
    fault = seen(["15/01/2024", "02/13/2024"]).fault()
    assert fault is not None
    assert "month first in row 3 (“02/13/2024”), day first in row 2 (“15/01/2024”)" in fault


def test_months_first_beside_true_dates() -> None:
    fault = seen([datetime(2024, 1, 20), "02/13/2024"]).fault()
    assert fault is not None
    assert "true dates in others" in fault


def test_dates_that_a_spreadsheet_program_swapped() -> None:
    low = [datetime(2024, 5, 2), datetime(2024, 12, 2), datetime(2024, 4, 3)]
    fault = seen([*low, "15/01/2024", "22/01/2024"]).fault()
    assert fault is not None
    assert "in doubt" in fault
    assert "rows 5 (“15/01/2024”), 6 (“22/01/2024”)" in fault
    assert "US dates" in fault
    for innocent in (
        [*low[:2], "15/01/2024"],  # so few may be chance
        [*low, datetime(2024, 5, 20), "15/01/2024"],  # a true date after the 12th was never text
        [*low, "15/01/2024", "03/04/2024"],  # text up to the 12th would have been swapped too
        [*low, "15 January 2024"],
        low,
    ):
        assert seen(innocent).fault() is None, innocent


def test_nothing_that_shows_the_order() -> None:
    notice = seen(["03/04/2024", "05/06/2024", "7/8/24"]).notice()
    assert notice is not None
    assert "3 dates are ambiguous" in notice
    assert "read as day/month/year" in notice
    single = seen(["03/04/2024"]).notice()
    assert single is not None
    assert "1 date is ambiguous" in single
    assert seen(["03/04/2024", "15/01/2024"]).notice() is None
    assert seen(["2024-01-02", datetime(2024, 3, 4), "03/03/2024"]).notice() is None


@given(st.lists(st.dates(date(2001, 1, 1), date(2060, 12, 31)), max_size=40), st.sampled_from(["text", "iso", "true"]))
def test_a_column_in_british_order_is_never_held(days: list[date], kind: str) -> None:
    write = {"text": lambda day: f"{day:%d/%m/%Y}", "iso": lambda day: day.isoformat(), "true": lambda day: day}[kind]
    assert seen(write(day) for day in days).fault() is None


@given(st.lists(st.dates(date(2001, 1, 1), date(2060, 12, 31)), max_size=40))
def test_a_column_in_american_order_is_held_where_it_shows(days: list[date]) -> None:
    order = seen(f"{day:%m/%d/%Y}" for day in days)
    assert (order.fault() is not None) == any(day.day > 12 for day in days)
    if order.fault() is None:
        assert (order.notice() is not None) == any(day.day != day.month for day in days)


def test_a_year_as_a_spreadsheet_program_set_to_us_dates_reads_it() -> None:
    """Each British text with a day up to the 12th becomes a true date with day and month swapped; the rest stay text."""
    days = [date(2025, 1, 1) + timedelta(days=9 * number) for number in range(40)]
    cells = [date(day.year, day.day, day.month) if day.day <= 12 else f"{day:%d/%m/%Y}" for day in days]
    assert seen(cells).fault() is not None


@pytest.mark.parametrize(
    ("places", "count", "words"),
    [(["2"], 1, "row 2"), (["2", "3"], 2, "rows 2, 3"), (["2", "3"], 9, "rows 2, 3 and 7 more")],
)
def test_a_list_of_rows(places: list[str], count: int, words: str) -> None:
    assert listed(places, count) == words
