"""What should have come: due on a day, overdue from the next."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tfc_platform.admission.expected_returns import expected_returns
from tfc_platform.contracts.model import Contract


def contract(**expects: Any) -> Contract:
    return Contract.model_validate(
        {
            "source": "log",
            "sites": ["here"],
            "record": "story",
            "owner": "team",
            "description": "x",
            "files": "*.csv",
            "return": {"key": "all"},
            "read": {"format": "csv"},
            "columns": {},
            "expects": expects,
        }
    )


MONTHLY = contract(monthly_from=date(2025, 11, 1), days_after_month=5)


@pytest.mark.parametrize(
    ("as_of", "wanted"),
    [
        ("2025-11-30", []),
        ("2025-12-01", [("2025-11", "2025-12-05", "not_yet_due")]),
        ("2025-12-05", [("2025-11", "2025-12-05", "not_yet_due")]),
        ("2025-12-06", [("2025-11", "2025-12-05", "overdue")]),
        ("2026-01-06", [("2025-11", "2025-12-05", "overdue"), ("2025-12", "2026-01-05", "overdue")]),
    ],
)
def test_a_month_is_due_some_days_after_it(as_of: str, wanted: list[tuple[str, str, str]]) -> None:
    found = expected_returns(MONTHLY, "here", date.fromisoformat(as_of), set(), set())
    assert [(item.return_key, item.due_on.isoformat(), item.status) for item in found] == wanted
    assert all((item.site, item.source) == ("here", "log") for item in found)


def test_a_month_came_by_its_own_return_or_in_another() -> None:
    found = expected_returns(MONTHLY, "here", date(2026, 2, 10), {"2025-11"}, {"2025-12"})
    assert {item.return_key: item.status for item in found} == {
        "2025-11": "received",
        "2025-12": "received",
        "2026-01": "overdue",
    }


def test_a_month_without_days_is_due_on_its_last() -> None:
    (found,) = expected_returns(
        contract(monthly_from=date(2026, 2, 1), days_after_month=0), "here", date(2026, 3, 1), set(), set()
    )
    assert (found.due_on, found.status) == (date(2026, 2, 28), "overdue")


def test_listed_returns_are_there_from_the_first_day() -> None:
    waves = contract(returns={"staff w2": date(2026, 8, 31), "staff w1": date(2024, 8, 31)})
    found = expected_returns(waves, "here", date(2026, 5, 1), {"staff w1"}, set())
    assert [(item.return_key, item.status) for item in found] == [("staff w1", "received"), ("staff w2", "not_yet_due")]


def test_a_source_of_which_nothing_is_expected() -> None:
    assert expected_returns(contract(), "here", date(2026, 5, 1), set(), set()) == []
