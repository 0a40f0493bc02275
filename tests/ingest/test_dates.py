"""Dates: UK order by explicit formats; what does not exist is no date, and day and month never change places."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.ingest.values.dates import FORMATS, parse_date

ALL = tuple(FORMATS)
UK = ("d/m/y", "d month y", "y-m-d")
MONTHS = [date(2025, month, 1).strftime("%B") for month in range(1, 13)]


THE_THIRD_OF_APRIL = """
3/4/25 | 03/04/2025 | 3.4.25 | 3 April 2025 | 2025-04-03
3-4-25 | 03.04.2025 | 3rd April 2025 | 3 apr 25 | 3-Apr-25 | 03 April, 2025 | Thu 3 April 2025
Thursday, 3rd of April 2025 | 3\u00a0April\u00a02025 | 03/04/2025 14:30 | 2025-04-03 09:07:00
2025-04-03T00:30:00.000+01:00 | 2025-04-03T16:17:00Z
"""  # the README's forms, then others
NO_DATE = """
31/04/2025 | 30/02/2025 | 29/02/2025 | 00/04/2025 | 3/0/2025 | 04/13/2025 | 12/31/2025 | 31/11/25 | 31 June 2025
3/4/225 | 3/4/0025 | 3/4/2205 | 3 Aprill 2025 | April 3, 2025 | 3 Apr | April 2025 | 2025 | 45750 | TBC | 3 ma 2025
3/4/2025 and 10/4/2025 | 03-04/2025x | 2025/04/03 ? |
"""


def forms(table: str) -> list[str]:
    return [form.strip(" ") for line in table.strip().splitlines() for form in line.split("|")]


@pytest.mark.parametrize("written", forms(THE_THIRD_OF_APRIL))
def test_the_third_of_april(written: str) -> None:
    assert parse_date(written, UK) == date(2025, 4, 3)


@pytest.mark.parametrize("written", forms(NO_DATE))
def test_no_date(written: str) -> None:
    assert parse_date(written, UK) is None


@pytest.mark.parametrize("cell", [None, 45750, 45750.0, True])
def test_a_number_is_no_date(cell: object) -> None:
    assert parse_date(cell, ALL) is None  # type: ignore[arg-type]


def test_a_cell_that_is_a_date() -> None:
    assert parse_date(datetime(2025, 4, 3, 10), ()) == date(2025, 4, 3)
    assert parse_date(date(2025, 4, 3), ()) == date(2025, 4, 3)
    assert parse_date(date(205, 4, 3), ()) is None, "a slip of the finger in the year"


def test_a_leap_day() -> None:
    assert parse_date("29/02/2024", UK) == date(2024, 2, 29)


def test_the_year_of_the_sheet() -> None:
    assert parse_date("3 April", ("d month",), year=2025) == date(2025, 4, 3)
    assert parse_date("Sat 29 Feb", ("d month",), year=2024) == date(2024, 2, 29)
    assert parse_date("29 Feb", ("d month",), year=2025) is None
    assert parse_date("3 April", ("d month",)) is None, "no year anywhere"
    assert parse_date("3 April 2024", ("d month y", "d month"), year=2025) == date(2024, 4, 3), (
        "its own year goes first"
    )


def test_a_month_stands_for_its_first_day() -> None:
    assert parse_date("Sept 2025", ("month y",)) == date(2025, 9, 1)


def test_only_the_formats_of_the_contract() -> None:
    assert parse_date("2025-04-03", ("d/m/y",)) is None
    assert parse_date("03/04/2025", ("y-m-d",)) is None


def _short(name: str) -> str:
    return name[:3]


WRITERS: dict[str, list[Callable[[date], str]]] = {
    "d/m/y": [
        lambda day: f"{day.day}/{day.month}/{day.year % 100:02}",
        lambda day: f"{day.day:02}/{day.month:02}/{day.year}",
        lambda day: f"{day.day}.{day.month}.{day.year % 100:02}",
        lambda day: f"{day.day:02}-{day.month:02}-{day.year}",
    ],
    "d month y": [
        lambda day: f"{day.day} {MONTHS[day.month - 1]} {day.year}",
        lambda day: f"{day.day:02}-{_short(MONTHS[day.month - 1])}-{day.year % 100:02}",
        lambda day: f"{_short(day.strftime('%A'))} {day.day}th {MONTHS[day.month - 1].upper()}, {day.year}",
    ],
    "y-m-d": [lambda day: day.isoformat(), lambda day: f"{day.isoformat()}T23:59:59+01:00"],
}
WRITTEN = st.sampled_from([(name, writer) for name, writers in WRITERS.items() for writer in writers])


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), WRITTEN)
def test_what_is_written_is_what_is_read(day: date, written: tuple[str, Callable[[date], str]]) -> None:
    name, writer = written
    assert parse_date(writer(day), (name,)) == day
    assert parse_date(writer(day), ALL, year=1999) == day, "no other format takes it for another day"


@given(st.integers(0, 40), st.integers(0, 40), st.integers(2000, 2099), st.sampled_from("/.-"))
def test_day_and_month_never_change_places(first: int, second: int, year: int, mark: str) -> None:
    found = parse_date(f"{first}{mark}{second}{mark}{year}", ALL, year=1999)
    assert found is None or (found.day, found.month, found.year) == (first, second, year)
    exists = second in range(1, 13) and first in range(1, 29)
    assert found is not None or not exists


@given(st.text(max_size=25))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = parse_date(text, ALL, year=2025)
    assert found is None or any(letter.isdigit() for letter in text)
