"""Windows of the programme's calendar: contracts name them, and their end is seen before it comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tfc_platform.contracts.calendar import CalendarWindow, ending_windows
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.settings import ConfigurationError

Folder = Callable[..., Path]
CALENDAR = "- {name: choir_year, description: The choir's year, first: 2026-01-01, last: 2026-12-31}\n"


def with_calendar(folder: Folder, text: str, contract: str, named: str) -> Path:
    root = folder(contract.replace("type: date, required", f"type: date, within: {named}, required"))
    (root / "calendar.yaml").write_text(text)
    return root


def test_a_contract_names_a_window(folder: Folder, contract_text: str) -> None:
    catalogue = load_catalogue([with_calendar(folder, CALENDAR, contract_text, "choir_year")])
    column = catalogue.contract("elsewhere", "activity").columns["session_on"]
    assert column.within == (date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("text", "named", "told"),
    [
        (CALENDAR, "choir_years", "columns.session_on.within: .*'choir_years' is no window of calendar.yaml"),
        (CALENDAR * 2, "choir_year", "the window 'choir_year' is given twice"),
        (CALENDAR.replace("2026-12-31", "2025-12-31"), "choir_year", "calendar.yaml: .*first: later than last"),
    ],
)
def test_a_wrong_calendar_is_refused(folder: Folder, contract_text: str, text: str, named: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        load_catalogue([with_calendar(folder, text, contract_text, named)])


@pytest.mark.parametrize(
    ("as_of", "names"),
    [("2026-11-01", []), ("2026-11-02", ["year"]), ("2026-12-31", ["year"]), ("2027-05-01", ["year"])],
)
def test_a_window_is_reported_sixty_days_before_it_ends(as_of: str, names: list[str]) -> None:
    days = {"first": date(2026, 1, 1), "last": date(2026, 12, 31), "description": "A window"}
    calendar = [CalendarWindow(name="year", **days), CalendarWindow(name="over", **days, is_final=True)]
    assert [window.name for window in ending_windows(calendar, date.fromisoformat(as_of))] == names
