"""What a message may repeat: figures and closed vocabularies; never a name, a number to ring, or an address."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.contracts.column_names import Column
from tfc_platform.ingest.quotable_cells import quotable, said
from tfc_platform.sheets.sheet_model import CellError


def column(kind: str, **other: Any) -> Column:
    codes = {"codes": {"East Marsh": "e"}} if kind == "category" else {}
    return Column.model_validate({"header": "x", "type": kind, **codes, **other})


SAID = """
31/02/2024|01/15/2024|7/8 Feb|w/c 12 Feb|w/c 12/02/2024|TBC|Mar-24|15 Jan 24|Mon 22nd January 2024|2024-03-23T10:00:00Z
2024-03-23 10:00:00+01:00|3.4.25|<5|approx 20|12-15|c.30|-3|twenty|18.5|1,024|12 (inc. 2 siblings)|~20|20+|N/A|nil|none
90 min|1.5 hours|1,5|12 adults 15 kids|twenty five|15th of May|?20
""".strip().replace("\n", "|")
NOT_SAID = """
07700 900123|07700900123|0770 090 0123|01472-829123|(01472) 829 123|829 1234|829-1234|+44 7700 900123|943 476 5919|9434765919
943-476-5919|Jamie Wilkins|Jamie|J. Wilkins 12|jamie@example.org|12 Weelsby St|DN32 7RB|QQ 12 34 56 C|May|June April
with Mrs May|20 with Dawn|ask Sue|01/02/2024 Ann|45306|12345|1 2 3 4 5|ring 829|April Rose 3|=cmd|' /C calc'!A0|Łukasz 3
2024-03-23T10:00:00Z 2024-03-23|12 children and 4 staff and 6 adults|five@six|07700/900/123|07.70.09.00.12.34
""".strip().replace("\n", "|")


@pytest.mark.parametrize("written", SAID.split("|"))
@pytest.mark.parametrize("kind", ["date", "attendance", "number"])
def test_figures_are_said(kind: str, written: str) -> None:
    assert quotable(f" {written}\u00a0", column(kind)) == written


@pytest.mark.parametrize("written", NOT_SAID.split("|"))
@pytest.mark.parametrize("kind", ["date", "attendance", "number"])
def test_persons_are_not(kind: str, written: str) -> None:
    assert quotable(written, column(kind)) is None
    assert said(written, column(kind)) == "This"


@pytest.mark.parametrize("kind", ["token", "panel", "id", "partners", "postcode", "text_digest", "activity", "flag"])
def test_other_columns_are_never_said(kind: str) -> None:
    assert quotable("12", column(kind)) is None
    assert quotable("TBC", column(kind)) is None


def test_cells_that_are_no_text() -> None:
    assert quotable(-3, column("attendance")) == "-3"
    assert quotable(18.5, column("attendance")) == "18.5"
    assert quotable(7700900123, column("attendance")) is None
    assert quotable(datetime(2042, 1, 2, 3), column("date")) == "02/01/2042"
    assert quotable(date(1900, 1, 2), column("date")) == "02/01/1900"
    for cell in (None, "", " ", True, CellError("#REF!")):
        assert quotable(cell, column("attendance")) is None
    assert quotable(time(1, 30), column("number")) == "01:30:00"


def test_a_closed_vocabulary_is_said_where_its_contract_says_so() -> None:
    assert quotable("Narnia", column("category")) is None
    for kind in ("category", "area", "site"):
        assert quotable(" Narnia ", column(kind, quote=True)) == "Narnia"
        assert quotable("St Mary's-by-the-Sea", column(kind, quote=True)) == "St Mary's-by-the-Sea"
        assert quotable("12 Weelsby St", column(kind, quote=True)) is None, "a digit is no part of a name"
        assert quotable("a@b", column(kind, quote=True)) is None
        assert quotable("x" * 41, column(kind, quote=True)) is None
        assert quotable(12, column(kind, quote=True)) is None
    assert said("Narnia", column("area", quote=True)) == "“Narnia”"


def test_a_contract_may_not_ask_for_more() -> None:
    with pytest.raises(ValueError, match="quote"):
        column("partners", quote=True)


# The words of the test's own list: what people write for dates and counts, and no more.
LIST = (
    "january february march april may june july august september october november december monday tuesday wednesday"
    " thursday friday saturday sunday jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri"
    " sat sun st nd rd th of the am pm t z utc gmt bst c ca circa approx approximately about around est estimated over"
    " under less fewer more than at least most to and or plus inc incl including hour hours hr hrs h min mins minute"
    " minutes day days week weeks month months session sessions wc w commencing beginning adults adult children child kids"
    " kid parents parent people siblings sibling families family staff tbc tba tbd n a na nil none nothing zero unknown"
    " one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
    " nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred dozen half"
)
WORDS = set(LIST.split())


@given(st.one_of(st.text(max_size=40), st.text("0123456789 abcdeJS@/.-+()", max_size=20)))
def test_no_other_word_and_no_long_number_comes_through(text: str) -> None:
    for kind in ("date", "attendance", "number"):
        found = quotable(text, column(kind))
        if found is None:
            continue
        assert set(re.findall(r"[^\W\d_]+", found.casefold())) <= WORDS
        assert "@" not in found
        assert len(found) <= 30
        assert not re.search(r"\d{5}", found)


@given(st.integers(10**6, 10**11 - 1), st.lists(st.integers(1, 10), max_size=4), st.sampled_from([" ", "-", ".", "/"]))
def test_no_telephone_or_nhs_number_however_it_is_parted(number: int, cuts: list[int], mark: str) -> None:
    digits = f"0{number}"
    parts = [digits[start:end] for start, end in zip([0, *sorted(set(cuts))], [*sorted(set(cuts)), 99], strict=True)]
    written = mark.join(part for part in parts if part)
    groups = [len(part) for part in parts if part]
    is_date = groups in ([2, 2, 4], [1, 2, 4], [2, 1, 4], [4, 2, 2], [1, 1, 4], [4, 1, 2], [4, 2, 1], [4, 1, 1])
    if not is_date:
        assert quotable(written, column("attendance")) is None


@given(st.text(st.characters(categories=["L"]), min_size=1, max_size=15), st.integers(0, 99))
def test_a_name_beside_a_count_is_never_said(name: str, count: int) -> None:
    if name.casefold() not in WORDS:
        assert quotable(f"{count} {name}", column("attendance")) is None
