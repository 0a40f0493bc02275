"""Cells that a program has written otherwise: codes as 4.0, a decimal comma, an apostrophe before a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.ingest.values.rewritten import known_form, uses_other_decimal

Make = Callable[..., Contract]
Read = Callable[..., FileReading]


def reasons(found: FileReading) -> set[str]:
    return {issue.reason for issue in found.result.issues}


@pytest.mark.parametrize(
    ("text", "known", "form"),
    [
        ("4.0", {"4"}, "4"),
        ("-99.00", {"-99"}, "-99"),
        ("4,0", {"4"}, "4"),
        ("'4", {"4"}, "4"),
        ("’4.0", {"4"}, "4"),
        ("4.0", {"4.0", "4"}, "4.0"),  # the contract's own form comes first
        ("4.5", {"4"}, "4.5"),
        ("4.0", {"agree"}, "4.0"),
        ("40", {"4"}, "40"),
    ],
)
def test_the_form_of_a_code_that_is_known(text: str, known: set[str], form: str) -> None:
    assert known_form(text, known) == form


@pytest.mark.parametrize(
    ("texts", "decimal", "other"),
    [
        (["1,5", "2"], "point", True),
        (["1,5", "2.5"], "point", False),  # both signs: nobody can tell
        (["1,5", "1,234"], "point", False),  # a comma between thousands
        (["1", "2", ""], "point", False),
        (["1.5"], "comma", True),
        (["1,5"], "comma", False),
    ],
)
def test_the_decimal_sign_of_a_column(texts: list[str], decimal: str, other: bool) -> None:
    assert uses_other_decimal(texts, decimal) is other


def test_a_decimal_comma_is_read_by_the_whole_column(contract: Make, read: Read, csv_of: Any, session: Any) -> None:
    found = read(csv_of([session(0, Hours="1,5"), session(1, Hours="2")]), contract())
    assert found.result.columns["activity"]["hours"] == [1.5, 2.0]
    assert "decimal_sign" in reasons(found)
    mixed = read(csv_of([session(0, Hours="1,5"), session(1, Hours="2.5")]), contract())
    assert mixed.result.columns["activity"]["hours"] == [None, 2.5]
    assert "invalid_number" in reasons(mixed)


def test_an_apostrophe_before_a_date(contract: Make, read: Read, csv_of: Any, session: Any) -> None:
    found = read(csv_of([session(0, Date="'03/04/2025", People="12"), session(1, Date="'soon")]), contract())
    assert (found.result.accepted, found.result.rejected) == (1, 1)
    assert found.result.columns["activity"]["attendance_low"] == [12]
    assert found.result.checks.changed() == {"leading_apostrophe": 1}
