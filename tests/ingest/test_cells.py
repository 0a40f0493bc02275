"""Cells by the type of their column: what is taken, what is not, and that a problem never repeats the cell."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.column_names import Column
from tfc_platform.ingest.cell_values import TYPES, CellContext, value_of
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.sheets.sheet_model import CellError


@pytest.fixture
def context(catalogue: Catalogue, pseudonyms: Pseudonyms) -> CellContext:
    return CellContext("here", catalogue, pseudonyms, "log:here", "panel:here")


def column(kind: str, **other: Any) -> Column:
    if kind == "category" and "codes" not in other:
        other.setdefault("open", True)
    return Column.model_validate({"header": "x", "type": kind, **other})


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1.5", 1.5), (1.5, 1.5), ("1,024", 1024.0), ("1,024.25", 1024.25), (".5", 0.5), ("-2", -2.0), ("1e-05", 1e-05)],
)
def test_numbers(context: CellContext, cell: Any, value: float) -> None:
    assert value_of(cell, column("number"), context) == (value, None)


@pytest.mark.parametrize(
    "cell",
    [
        "1,5",
        "1,02",
        "2 hrs",
        "90 mins",
        "nan",
        "inf",
        "1_000",
        float("inf"),
        "1e99",
        CellError("#VALUE!"),
        True,
        "1.2.3",
    ],
)
def test_no_numbers(context: CellContext, cell: Any) -> None:
    value, problem = value_of(cell, column("number"), context)
    assert value is None
    assert problem is not None
    assert problem.reason == "invalid_number"


def test_a_number_has_its_bounds(context: CellContext) -> None:
    hours = column("number", least=0, most=24)
    assert value_of("24", hours, context)[0] == 24
    assert value_of("24.5", hours, context)[0] is None
    assert value_of("-0.5", hours, context)[0] is None
    assert value_of(" ", hours, context) == (None, None)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e14, max_value=1e14))
def test_a_float_is_itself(number: float) -> None:
    found, problem = TYPES["number"](number, column("number"), None)  # type: ignore[arg-type]
    assert problem is None
    assert math.isclose(found, number, abs_tol=1e-9)


def test_categories_are_a_closed_list(context: CellContext) -> None:
    closed = column("category", codes={"Don’t know": "dont_know", 1: "one"})
    assert value_of("don't KNOW", closed, context) == ("dont_know", None)
    assert value_of(1.0, closed, context) == ("one", None)
    assert value_of(None, closed, context) == (None, None)
    value, problem = value_of("Quillon", closed, context)
    assert (value, problem and problem.reason) == (None, "invalid_code")
    needed = column("category", codes={"a": "a"}, invalid="reject")
    assert value_of("", needed, context)[1] is not None, "a missing answer that a row needs"


def test_an_open_category_takes_a_name_and_no_sentence_or_number(context: CellContext) -> None:
    school = column("category")
    assert value_of(" St  Mary's 2 ", school, context) == ("St Mary's 2", None)
    for cell in ("ring 07700900123", "a@example.org", "x" * 61):
        assert value_of(cell, school, context)[0] is None


@pytest.mark.parametrize(
    ("cell", "value"), [("Yes", True), ("y", True), (1, True), (False, False), ("", False), ("no", False)]
)
def test_flags(context: CellContext, cell: Any, value: bool) -> None:
    assert value_of(cell, column("flag"), context) == (value, None)


def test_a_flag_that_is_neither(context: CellContext) -> None:
    assert value_of("maybe", column("flag"), context)[1] is not None


def test_ids_are_what_the_contract_says_they_look_like(context: CellContext) -> None:
    ids = column("id", pattern=r"[A-Z]{2}-\d{3}")
    assert value_of("GL-001", ids, context) == ("GL-001", None)
    assert value_of("Quillon", ids, context)[0] is None
    assert value_of("GL-001 Quillon", ids, context)[0] is None


def test_tokens_say_nothing_and_link_within_their_purpose_alone(context: CellContext) -> None:
    token = value_of("R_123", column("token"), context)[0]
    assert token == value_of(" R_123 ", column("token"), context)[0]
    assert len(token) == 32
    assert "123" not in token or set(token) <= set("0123456789abcdef")
    assert token != value_of("R_123", column("panel"), context)[0]
    other = CellContext("there", context.catalogue, context.pseudonyms, "log:there", "panel:there")
    assert token != value_of("R_123", column("token"), other)[0]
    assert value_of("", column("token"), context) == (None, None)


def test_partners_are_countable_and_unreadable(context: CellContext) -> None:
    tokens, _ = value_of("Police; Big Local;POLICE ; ", column("partners"), context)
    assert len(tokens) == 2
    assert tokens == sorted(tokens)
    assert value_of("big_local police", column("partners", separator=" "), context)[0] == tokens
    assert value_of(None, column("partners"), context)[0] == []


def test_activities_by_alias_and_date(context: CellContext) -> None:
    activity = column("activity")
    assert value_of("CHOIR", activity, context) == ("choir", None)
    value, problem = value_of("Kids' Choir", activity, CellContext(**{**vars(context), "on": date(2025, 8, 31)}))
    assert (value, problem and problem.reason) == ("unmapped", "unmapped_activity")
    assert value_of("Kids' Choir", activity, CellContext(**{**vars(context), "on": date(2025, 9, 1)})) == (
        "choir",
        None,
    )


def test_places(context: CellContext) -> None:
    assert value_of("ab12cd", column("postcode"), context) == ("E01", None)
    assert value_of("ZZ1 1ZZ", column("postcode"), context)[1].reason == "unknown_venue"  # type: ignore[union-attr]
    assert value_of("old_town", column("area"), context) == ("Old Town", None)
    assert value_of("New Town", column("area"), context)[1].reason == "unknown_area"  # type: ignore[union-attr]
    assert value_of("There", column("site"), context) == ("there", None)
    assert value_of("Nowhere", column("site"), context)[1] is not None


def test_a_date_that_has_not_come_yet_is_no_fault(context: CellContext) -> None:
    assert value_of("", column("date"), context) == (None, None)
    assert value_of("", column("date", invalid="reject"), context)[1].reason == "invalid_date"  # type: ignore[union-attr]


def test_a_period_holds_its_first_and_last_day(context: CellContext) -> None:
    year = column("date", within=["2025-04-01", "2026-04-30"])
    assert value_of("01/04/2025", year, context)[0] == date(2025, 4, 1)
    assert value_of("30/04/2026", year, context)[0] == date(2026, 4, 30)
    for outside in ("31/03/2025", "01/05/2026"):
        value, problem = value_of(outside, year, context)
        assert value is None
        assert problem is not None
        assert problem.reason == "date_outside_period"
        assert "01/04/2025 to 30/04/2026" in problem.message


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_no_problem_repeats_its_cell(context: CellContext, kind: str) -> None:
    secret = "Zorvanna 07700 900570"
    _, problem = value_of(secret, column(kind, codes={"a": "b"}) if kind == "category" else column(kind), context)
    assert problem is None or "orvanna" not in problem.message
