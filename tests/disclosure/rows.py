"""Rows of the small world: sessions, stories and respondents, before anything is counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tfc_platform.disclosure.lock_calendar import quarter_of

__all__ = ["Respondent", "Session", "Story"]


@dataclass(frozen=True)
class Session:
    """A delivered or cancelled session. `area` and `small_area` are those of the venue; `low` is none where nobody counted."""

    id: str
    site: str
    on: date
    activity: str
    unit: str
    area: str
    small_area: str
    low: int | None
    high: int | None = None
    hours: float | None = 2.0
    status: str = "delivered"

    @property
    def delivered(self) -> bool:
        return self.status == "delivered"

    @property
    def quarter(self) -> str:
        return quarter_of(self.on)


@dataclass(frozen=True)
class Story:
    id: str
    site: str
    on: date
    domain: str
    teller: str
    consent: str = "share"
    selected: bool = False

    @property
    def counted(self) -> bool:
        return self.consent in ("share", "internal")


@dataclass(frozen=True)
class Respondent:
    """One answer, from 1 to 5 (4 and 5 are positive); none is in no base. Persons with the same `panel` are linked."""

    id: str
    site: str
    wave: str
    area: str | None
    answer: int | None
    panel: str | None = None
    cluster: str | None = None


# ---------------------------------------------------------------------------------------------------------- intermediate
