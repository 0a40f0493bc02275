"""Attendance as practitioners write it: the programme's table, row by row, and nothing made out of words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.contracts.column_names import Column
from tfc_platform.ingest.values.attendance import MOST, UNKNOWN, Attendance, parse_attendance
from tfc_platform.sheets.sheet_model import CellError

COLUMN = Column.model_validate({"header": "People", "type": "attendance", "unknown": ["n/a", "-", "full class", "TBC"]})


@pytest.mark.parametrize(
    ("cell", "low", "high", "kind"),
    [
        # the README's table
        ("20", 20, 20, "exact"),
        ("approx 20", 20, 20, "estimate"),
        ("~20", 20, 20, "estimate"),
        ("c.20", 20, 20, "estimate"),
        ("about 20", 20, 20, "estimate"),
        ("20+", 20, None, "lower_bound"),
        ("15-20", 15, 20, "range"),
        ("<5", 1, 4, "range"),
        ("12 adults 15 kids", 27, 27, "exact"),
        # the same as others write it
        (20, 20, 20, "exact"),
        (20.0, 20, 20, "exact"),
        (0, 0, 0, "exact"),
        ("20.0", 20, 20, "exact"),
        ("1,024", 1024, 1024, "exact"),
        ("Approx. 20", 20, 20, "estimate"),
        ("c. 1,200", 1200, 1200, "estimate"),
        ("20 +", 20, None, "lower_bound"),
        ("15 – 20", 15, 20, "range"),
        ("15 to 20", 15, 20, "range"),
        ("20-20", 20, 20, "range"),
        ("under 5", 1, 4, "range"),
        ("< 10", 1, 9, "range"),
        ("12 adults, 15 children and 2 babies", 29, 29, "exact"),
        ("3 parents + 4 toddlers", 7, 7, "exact"),
        ("1 young people", 1, 1, "exact"),
        ("\u00a020 ", 20, 20, "exact"),
    ],
)
def test_a_statement_of_a_number(cell: Any, low: int, high: int | None, kind: str) -> None:
    assert parse_attendance(cell, COLUMN) == Attendance(low, high, kind)


@pytest.mark.parametrize("cell", [None, "", "  ", "\u00a0", "n/a", "N/A", "-", "–", "full class", "Full  Class", "tbc"])
def test_nobody_counted_is_unknown_and_not_zero(cell: Any) -> None:
    assert parse_attendance(cell, COLUMN) == UNKNOWN == Attendance(None, None, "unknown")


WORDS = """
-3 | 18.5 | #REF! | #N/A | lots | a few | twenty | 20 or so | 20-15 | <1 | 12 families | 2 classes of 30 | 1,2 | 10,24 | 20%
£20 | 2025-10-15 | 12 adults 15 | 07700 900123 | 1,000,000,000,000 | 20++ | +20
"""
NUMBERS = [-3, 18.5, float("nan"), float("inf"), True, CellError("#REF!"), 7700900123, MOST + 1, f"{MOST + 1}+"]


@pytest.mark.parametrize(
    "cell", [*NUMBERS, *(word.strip() for word in WORDS.replace("\n", "|").split("|") if word.strip())]
)
def test_words_and_impossible_numbers_are_an_error(cell: Any) -> None:
    assert parse_attendance(cell, COLUMN) is None


@pytest.mark.parametrize("cell", ["12¹", "¹", "②", "㉑", "½"])
def test_a_number_above_the_line_is_no_digit(cell: str) -> None:
    assert parse_attendance(cell, COLUMN) is None
    assert parse_attendance("１２", COLUMN) == Attendance(12, 12, "exact"), "as some keyboards write it"


def test_the_contract_says_which_statements_it_takes() -> None:
    strict = Column.model_validate({"header": "People", "type": "attendance", "kinds": ["exact"]})
    assert parse_attendance("20", strict) == Attendance(20, 20, "exact")
    assert parse_attendance("20+", strict) is None
    assert parse_attendance("full class", strict) is None, "its words for unknown are its own"


@given(st.one_of(st.text(max_size=20), st.from_regex(r"[~<c]?\.?\d{1,7}[-+, ]{0,2}(\d{1,5})?( adults?| kids)?")))
def test_low_is_never_above_high_and_no_number_comes_out_of_words(text: str) -> None:
    found = parse_attendance(text, COLUMN)
    if found is None or found == UNKNOWN:
        return
    assert found.low is not None
    assert 0 <= found.low <= MOST
    assert found.high is None or found.low <= found.high
    assert (found.high is None) == (found.kind == "lower_bound")
    assert re.search(r"\d", text), "there was no number in it"


@given(st.integers(0, MOST))
def test_a_number_is_itself(number: int) -> None:
    for cell in (number, str(number), f"{number:,}", float(number)):
        assert parse_attendance(cell, COLUMN) == Attendance(number, number, "exact")


@given(st.lists(st.integers(0, 500), min_size=1, max_size=6), st.sampled_from([", ", " ", " and ", " + ", " & ", "/"]))
def test_groups_add_up(counts: list[int], separator: str) -> None:
    text = separator.join(
        f"{count} {who}" for count, who in zip(counts, ["adults", "kids", "babies"] * 2, strict=False)
    )
    assert parse_attendance(text, COLUMN) == Attendance(sum(counts), sum(counts), "exact")
