"""The programme's calendar: named windows of days that contracts refer to, in one place, so that it is seen when one ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from tfc_platform.contracts.parse import read_list
from tfc_platform.settings import ConfigurationError
from tfc_platform.strict_yaml import StrictModel

__all__ = ["CalendarWindow", "DateWindow", "ending_windows", "read_calendar"]

WARNED_BEFORE = timedelta(days=60)


class CalendarWindow(StrictModel):
    """A window of the programme's calendar, by its first and last day."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str
    first: date
    last: date
    is_final: bool = False  # a wave that is over: it is not going to be extended

    @model_validator(mode="after")
    def _in_order(self) -> CalendarWindow:
        if self.first > self.last:
            raise ValueError("first: later than last")
        return self


def _named_window(value: Any, info: ValidationInfo) -> Any:
    """The days of a window that a contract names; its own days where it writes them."""
    if not isinstance(value, str):
        return value
    windows: Mapping[str, CalendarWindow] = (info.context or {}).get("calendar", {})
    if value not in windows:
        raise ValueError(f"{value!r} is no window of calendar.yaml")
    return windows[value].first, windows[value].last


# Two days, or the name of a window of the calendar.
DateWindow = Annotated[tuple[date, date], BeforeValidator(_named_window)]


def read_calendar(paths: Iterable[Path]) -> dict[str, CalendarWindow]:
    """The windows of all folders, by name.

    :raises ConfigurationError: naming file and key, or a window that is given twice.
    """
    calendar: dict[str, CalendarWindow] = {}
    for window in read_list(paths, CalendarWindow):
        if window.name in calendar:
            raise ConfigurationError(f"calendar.yaml: the window {window.name!r} is given twice.")
        calendar[window.name] = window
    return calendar


def ending_windows(calendar: Iterable[CalendarWindow], as_of: date) -> list[CalendarWindow]:
    """The windows that end within 60 days of a day, or have ended, but those whose end is final; the first to end first."""
    ending = (window for window in calendar if not window.is_final and window.last < as_of + WARNED_BEFORE)
    return sorted(ending, key=lambda window: (window.last, window.name))
