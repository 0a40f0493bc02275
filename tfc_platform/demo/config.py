"""Read what the demonstration is made of: `sites.yaml`, `wording.yaml` and the reference data of the contracts."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from tfc_platform.strict_yaml import load_yaml

__all__ = ["DemoActivity", "DemoAlias", "DemoPlan", "DemoVenue", "SitePlan", "load", "months"]

HERE = Path(__file__).resolve().parent
REFERENCE = HERE.parent / "contracts" / "reference"


@dataclass(frozen=True)
class DemoActivity:
    key: str
    tier: str
    audience: str


@dataclass(frozen=True)
class DemoAlias:
    """A name that people write for an activity, from and to the days for which it holds (both included)."""

    text: str
    activity: str
    valid_from: date | None
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or day >= self.valid_from) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class DemoVenue:
    postcode: str
    area: str


@dataclass(frozen=True)
class SitePlan:
    """One site: its reference data, and its settings as they are in `sites.yaml`."""

    key: str
    settings: Mapping[str, Any]
    activities: tuple[DemoActivity, ...]
    aliases: tuple[DemoAlias, ...]
    venues: tuple[DemoVenue, ...]

    @property
    def areas(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(venue.area for venue in self.venues))

    def names_of(self, activity: str, day: date) -> list[str]:
        """The names that the site may use for the activity on that day. Raises ValueError where there is none."""
        names = [alias.text for alias in self.aliases if alias.activity == activity and alias.holds_on(day)]
        if not names:
            raise ValueError(f"activity_aliases.csv: {self.key} has no name for {activity} on {day.isoformat()}")
        return names


@dataclass(frozen=True)
class DemoPlan:
    """All that the generator reads: programme-wide settings, wording, and the sites in the order of the file."""

    settings: Mapping[str, Any]
    wording: Mapping[str, Any]
    sites: tuple[SitePlan, ...]


def months(first: str, last: str) -> Iterator[date]:
    """The first days of the months from `first` to `last` (both `YYYY-MM`, both included)."""
    year, month = (int(part) for part in first.split("-"))
    while f"{year:04d}-{month:02d}" <= last:
        yield date(year, month, 1)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def load() -> DemoPlan:
    """The plan. Raises ValueError where a name meant to be unknown is in truth an alias: it would be miscounted."""
    settings = load_yaml(HERE / "sites.yaml")
    wording = load_yaml(HERE / "wording.yaml")
    activities, aliases, venues = _rows("activities.csv"), _rows("activity_aliases.csv"), _rows("venues.csv")
    sites = tuple(
        SitePlan(
            key=key,
            settings=site,
            activities=tuple(
                DemoActivity(r["activity"], r["tier"], r["audience"]) for r in activities if r["site"] == key
            ),
            aliases=tuple(
                DemoAlias(r["alias"], r["activity"], _day(r["valid_from"]), _day(r["valid_to"]))
                for r in aliases
                if r["site"] == key
            ),
            venues=tuple(DemoVenue(r["postcode"], r["area"]) for r in venues if r["site"] == key),
        )
        for key, site in settings["sites"].items()
    )
    for site in sites:
        known = {alias.text.casefold() for alias in site.aliases}
        if clash := [name for name in site.settings["unmapped"] if name.casefold() in known]:
            raise ValueError(f"sites.yaml, sites.{site.key}.unmapped: {clash[0]!r} is an alias in activity_aliases.csv")
    return DemoPlan(settings, wording, sites)
