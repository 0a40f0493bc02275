"""Names as people mean them, and the `*` of contracts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.contracts.column_names import Header
from tfc_platform.contracts.names import applies, normal, wildcard


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("  Speak   Out\u00a0Stay Safe ", "speak out stay safe"),
        ("Don’t know", "don't know"),
        ("Don`t know", "don't know"),
        ("Don´t know", "don't know"),
        ("No – cancelled", "no - cancelled"),
        ("No — cancelled", "no - cancelled"),
        ("\ufeffsite\u200b", "site"),
        ("ＩＤ", "id"),
        ("Straße", "strasse"),
        (4, "4"),
    ],
)
def test_normal(written: object, meant: str) -> None:
    assert normal(written) == meant


@given(st.text())
def test_normal_is_settled_after_one_time(text: str) -> None:
    once = normal(text)
    assert "  " not in once
    assert once == once.strip()
    if text.isascii():
        assert normal(once) == once


def test_a_star_stays_in_its_folder_where_it_is_told_to() -> None:
    pattern = re.compile(wildcard("activity/log*.csv", crosses="/"))
    assert pattern.fullmatch("activity/log 2025 (1).csv")
    assert not pattern.fullmatch("activity/log/old/2024.csv")
    assert not pattern.fullmatch("activity/log.csvx")


def test_brackets_and_question_marks_of_headers_are_themselves() -> None:
    assert Header(name="[Q1] Who came? *").matches("[q1] who came? (all)")
    assert not Header(name="[Q1] Who came? *").matches("q who came! (all)")
    assert not Header(name="Total.").matches("Totals")


def test_when() -> None:
    assert applies({}, {})
    assert applies({"wave": "w1"}, {"wave": "w1", "population": "x"})
    assert applies({"wave": ["w1", "w2"]}, {"wave": "w2"})
    assert not applies({"wave": "w1"}, {"wave": "w2"})
    assert not applies({"wave": "w1"}, {})
