"""A name's period, by the calendar."""

from __future__ import annotations

from datetime import date

import pytest

from tfc_platform.admission.return_periods import NamedPeriod, period_of


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("May 25", "2025-05-01", "2025-05-31"),
        ("september 2025", "2025-09-01", "2025-09-30"),
        ("Sept 25", "2025-09-01", "2025-09-30"),
        ("Dec_2025", "2025-12-01", "2025-12-31"),
        ("2025-06", "2025-06-01", "2025-06-30"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-26", "2025-04-01", "2026-03-31"),
        ("2025-26 H1", "2025-04-01", "2025-09-30"),
        ("2025-26 H2", "2025-10-01", "2026-03-31"),
        ("2025/26 Q4", "2026-01-01", "2026-03-31"),
        ("2025 H1", "2025-01-01", "2025-06-30"),
        ("2025 Q3", "2025-07-01", "2025-09-30"),
        ("2009-10", "2009-04-01", "2010-03-31"),
        ("2025", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_name_that_is_a_period(text: str, first: str, last: str) -> None:
    assert period_of(text) == NamedPeriod(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "text", ["", "all stories", "community w1", "Sheet1", "2025-13", "2025-26 H3", "May", "Maypole 25"]
)
def test_a_name_that_is_none(text: str) -> None:
    assert period_of(text) is None
