"""Numbers, hours, bands, suggestions and odd dates: what is read, what is not, and what is said of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.contracts.column_names import Column
from tfc_platform.ingest.values.attendance import Attendance, no_count, parse_attendance
from tfc_platform.ingest.values.bands import mangled_band
from tfc_platform.ingest.values.dates import no_date, read_date, serial_of
from tfc_platform.ingest.values.numbers import hours_of, number_of
from tfc_platform.ingest.values.suggestions import suggestion

UK = ("d/m/y", "d month y", "y-m-d")


def column(kind: str = "attendance", **other: Any) -> Column:
    return Column.model_validate({"header": "x", "type": kind, **other})


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,5", 1.5),
        ("1.024,5", 1024.5),
        ("-2", -2.0),
        (",5", 0.5),
        (1.5, 1.5),
        ("1.5", None),
        ("1,5,5", None),
        ("1.02", None),
    ],
)
def test_a_decimal_comma(cell: Any, number: float | None) -> None:
    assert number_of(cell, "comma") == number


@pytest.mark.parametrize(
    ("cell", "number"), [("1,024", 1024.0), ("1,5", None), ("x", None), (True, None), (None, None)]
)
def test_a_decimal_point(cell: Any, number: float | None) -> None:
    assert number_of(cell) == number


@pytest.mark.parametrize(
    ("cell", "hours"),
    [
        ("1.5 hours", 1.5),
        ("2 hrs", 2.0),
        ("90 min", 1.5),
        ("90 Minutes", 1.5),
        ("1h 30m", 1.5),
        ("1 hour and 15 mins", 1.25),
        ("1h30", 1.5),
        ("1:30", 1.5),
        (time(1, 30), 1.5),
        ("2h", 2.0),
        ("1.5", None),
        ("2 days", None),
        ("half an hour", None),
        ("1:75", None),
        (None, None),
    ],
)
def test_hours_with_a_unit(cell: Any, hours: float | None) -> None:
    assert hours_of(cell) == hours


def test_hours_with_a_decimal_comma() -> None:
    assert hours_of("1,5 hours", "comma") == 1.5
    assert hours_of("1,5 hours") is None


@pytest.mark.parametrize(
    ("cell", "codes", "says"),
    [
        (
            "5-Jan",
            ["1-5", "6-10"],
            "“5-Jan” is a date: a spreadsheet program turned a band into one: did you mean 1-5?",
        ),
        ("10-Jun", ["1-5", "6-10"], "did you mean 6-10?"),
        ("Jan-05", ["1-5", "6-10"], "did you mean 1-5?"),
        ("5-Jan", ["1-5", "5-1"], "did you mean 1-5 or 5-1?"),
        ("25-Jun", ["1-5", "6-25"], "did you mean 6-25?"),
        ("Jun-25", ["6-25"], "did you mean 6-25?"),
        (
            datetime(2025, 6, 1),
            ["1-5", "6-25"],
            "“01/06/2025” is a date: a spreadsheet program turned a band into one: did you mean 6-25?",
        ),
        (datetime(2026, 1, 5), ["1-5", "6-10"], "did you mean 1-5?"),
        ("2026-01-05", ["1 to 5 years"], "did you mean 1 to 5 years?"),
        ("05/01/2026", ["1-5"], "did you mean 1-5?"),
        ("7-Mar", ["1-5"], "turned a band into one. Format the column as text"),
    ],
)
def test_bands_that_became_dates(cell: Any, codes: list[str], says: str) -> None:
    found = mangled_band(cell, codes)
    assert found is not None
    assert says in found


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("5-Jan", ["Yes", "No"]),
        ("1-5", ["1-5"]),
        ("Jan", ["1-5"]),
        (5, ["1-5"]),
        ("5-Janet", ["1-5"]),
        ("Ann 5-Jan", ["1-5"]),
        (None, ["1-5"]),
    ],
)
def test_what_is_no_mangled_band(cell: Any, codes: list[str]) -> None:
    found = mangled_band(cell, codes)
    assert found is None or "Janet" not in found
    if cell != "5-Janet":
        assert found is None


@given(st.integers(1, 12), st.integers(1, 28))
def test_every_band_that_can_become_a_date_is_found_again(low: int, high: int) -> None:
    """As a US and a British spreadsheet program read `low-high`."""
    band = f"{low}-{high}"
    for day in {datetime(2026, low, high), datetime(2026, high, low) if high <= 12 else datetime(2026, low, high)}:
        found = mangled_band(day, [band])
        assert found is not None
        assert f"mean {band}?" in found


def test_the_nearest_listed_value_or_a_short_list() -> None:
    wards = ["East Marsh", "West Marsh", "South"]
    assert suggestion("East March", wards) == " Is “East Marsh” meant?"
    assert suggestion("Grimbsy", ["Grimsby", "Plymouth"]) == " Is “Grimsby” meant?"
    assert suggestion("Narnia", wards) == " It can be: East Marsh, West Marsh, South."
    assert suggestion("Narnia", [f"Ward {number} Town" for number in range(13)]) == ""
    assert suggestion("Narnia", []) == ""


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("<5", "is a bound, not a count"),
        ("20+", "is a bound, not a count"),
        ("12-15", "is a range"),
        ("approx 20", "is an estimate"),
        ("c.30", "is an estimate"),
        ("-3", "is less than none"),
        (-3, "is less than none"),
        ("18.5", "is no whole number"),
        (18.5, "is no whole number"),
        ("200000", "is more people than can come at once"),
        ("twenty", "is no count of people"),
        ("TBC", "is no count of people"),
        (datetime(2025, 10, 5), "is a date: a spreadsheet program may have turned a range"),
        ("5-Oct", "is a date"),
        ("Oct-05", "is a date"),
        ("12 (inc. 2 siblings)", "is no count of people"),
    ],
)
def test_why_a_cell_is_no_count(cell: Any, says: str) -> None:
    assert parse_attendance(cell, column(kinds=["exact"])) is None
    assert no_count(cell).startswith(says)


def test_words_for_none_for_not_counted_and_for_either() -> None:
    words = column(zero=["nil", "none"], unknown=["n/a"], ask=["-"])
    assert parse_attendance("NIL", words) == parse_attendance("0", words) == Attendance(0, 0, "exact")
    assert parse_attendance("N/A", words) == parse_attendance("-", words) == parse_attendance("", words)
    assert parse_attendance("-", words) == Attendance(None, None, "unknown")
    assert parse_attendance("nil", column()) is None, "no word means anything that the contract does not say"
    with pytest.raises(ValueError, match="'nil' is given twice"):
        column(zero=["nil"], ask=["Nil"])


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("31/02/2024", "a day that does not exist"),
        ("01/15/2024", "the month seems to stand before the day"),
        ("7/8 Feb", "several days"),
        ("12 and 13 Feb", "several days"),
        ("w/c 12/02/2024", "is a week"),
        ("week commencing 12 Feb", "is a week"),
        ("Mar-24", "a month and no day"),
        ("45306", "spreadsheet's count of days (it would be 15/01/2024)"),
        (45306, "spreadsheet's count of days (it would be 15/01/2024)"),
        ("03/04/2205", "a year that cannot be right"),
        ("TBC", "is no date. Write day, month and year"),
        (None, "is no date"),
    ],
)
def test_why_a_cell_is_no_date(cell: Any, says: str) -> None:
    assert read_date(cell, UK) is None
    assert says in no_date(cell)


@pytest.mark.parametrize("cell", ["Mon 23rd January 2024", "Monday, 23 January 2024"])
def test_a_weekday_that_is_not_the_dates(cell: str) -> None:
    found = read_date(cell, UK)
    assert found is not None
    assert found.day == date(2024, 1, 23)
    assert found.odd is not None
    assert found.odd[0] == "wrong_weekday"
    assert "The date is a Tuesday, and Monday stands beside it" in found.odd[1]
    assert read_date("Tue 23rd January 2024", UK) == (date(2024, 1, 23), None)


def test_the_serials_of_excel() -> None:
    """45306 is 15 January 2024 in Excel; 30000 is 18 February 1982."""
    assert serial_of("45306") == serial_of(45306) == serial_of(45306.75) == serial_of("45306.5") == date(2024, 1, 15)
    assert serial_of("30000") == date(1982, 2, 18)
    for other in ("29999", "60000", 29999, 60000, "4530", "45306x", True, None, date(2024, 1, 15)):
        assert serial_of(other) is None
    found = read_date("45306", UK, serials=True)
    assert found is not None
    assert (found.day, found.odd and found.odd[0]) == (date(2024, 1, 15), "excel_serial")
    assert read_date("45306", UK) is None


def test_times_with_a_zone_are_days_in_london() -> None:
    assert read_date("2024-06-30T23:30:00Z", UK) == (date(2024, 7, 1), None), "London is an hour ahead in summer"
    assert read_date("2024-01-31T23:30:00Z", UK) == (date(2024, 1, 31), None)
    assert read_date("2024-06-30T23:30:00+0100", UK) == (date(2024, 6, 30), None)
    assert read_date(datetime(2024, 6, 30, 23, 30, tzinfo=UTC), UK) == (date(2024, 7, 1), None)
    assert read_date("2024-06-30T25:30:00Z", UK) == (date(2024, 6, 30), None)
    assert read_date("2024-06-30T23:30:00+99:00", UK) == (date(2024, 6, 30), None)


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("31/03/2024 01:30", "did not exist"),
        ("2024-10-27 01:30", "came twice"),
        (datetime(2024, 3, 31, 1, 30), "did not exist"),
    ],
)
def test_a_time_when_the_clocks_change(cell: Any, says: str) -> None:
    found = read_date(cell, UK)
    assert found is not None
    assert found.odd is not None
    assert found.odd[0] == "clock_change"
    assert says in found.odd[1]


@pytest.mark.parametrize("cell", ["31/03/2024 02:30", "31/03/2024", "2024-10-27 02:30", "31/03/2024 00:59"])
def test_other_times_of_those_days(cell: str) -> None:
    found = read_date(cell, UK)
    assert found is not None
    assert found.odd is None
