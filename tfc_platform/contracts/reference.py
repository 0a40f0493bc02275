"""The strict models of the programme's reference data, and what no two rows may say at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from tfc_platform.contracts.names import normal
from tfc_platform.settings import ConfigurationError
from tfc_platform.strict_yaml import StrictModel

__all__ = [
    "CENTRAL",
    "UNASSIGNED",
    "Activity",
    "Alias",
    "FootprintArea",
    "Indicator",
    "OfSite",
    "Site",
    "Venue",
    "check_reference",
]

CENTRAL = "central"  # the central team's own folder of the landing zone: it sends, but is no place
UNASSIGNED = "unassigned"  # where a file is put down that no sender's folder holds
BOARDS = "system"  # the tier of work with boards
RESERVED = frozenset({CENTRAL, UNASSIGNED})


class OfSite(StrictModel):
    """A row that belongs to one site."""

    site: str


class Site(OfSite):
    """A site, and the names under which rows may give it."""

    site: str = Field(pattern=r"^[a-z][a-z0-9_]*$")  # a folder of the landing zone and of every place
    name: str
    nation: str
    aliases: tuple[str, ...] = ()  # other names under which rows may say that they are of the site


class Activity(OfSite):
    """An activity of the programme at a site, as it was designed."""

    activity: str
    name: str
    tier: str
    audience: str
    designed_hours: float | None
    # Whether a session is a group's, or one person's or family's (casework): then sessions and hours count people too.
    # None: nobody has declared it, and the marts take it as `individual`.
    audience_unit: Literal["group", "individual"] | None = None


class Alias(OfSite):
    """A name that people write for an activity, from and to the days for which it holds (both included)."""

    alias: str
    activity: str
    valid_from: date | None
    valid_to: date | None

    def holds(self, on: date | None) -> bool:
        """Whether the name is that of its activity on a day; where the day is unknown, it does."""
        if on is None:
            return True
        return (self.valid_from or date.min) <= on <= (self.valid_to or date.max)

    def overlaps(self, other: Alias) -> bool:
        """Whether both hold on some day."""
        first = max(self.valid_from or date.min, other.valid_from or date.min)
        return first <= min(self.valid_to or date.max, other.valid_to or date.max)


class Venue(OfSite):
    """Where sessions are held: postcode, area and official small area."""

    postcode: str
    area: str
    small_area_code: str


class FootprintArea(OfSite):
    """A small area of a site's footprint, with its deprivation and its residents by age."""

    area: str
    small_area_code: str
    small_area_kind: str
    index: str
    rank: int
    areas_in_nation: int
    nation_quintile: int
    pop_0_4: int
    pop_5_11: int
    pop_12_17: int
    pop_18_plus: int
    pop_year: int


class Indicator(OfSite):
    """A site's own indicator, as data: what is counted, over what, and against which target."""

    indicator: str
    name: str
    base: Literal["sessions", "attendances", "hours", "stories", "learning_items"]
    numerator_field: str | None = None
    numerator_in: tuple[str, ...] | None = None
    denominator_field: str | None = None
    denominator_in: tuple[str, ...] | None = None
    measure: Literal["count", "percent"]
    period: Literal["month", "quarter", "year"]
    target: float | None = None
    direction: Literal["at_least", "at_most"]

    @model_validator(mode="after")
    def _field_and_values(self) -> Indicator:
        for part in ("numerator", "denominator"):
            if (getattr(self, f"{part}_field") is None) != (getattr(self, f"{part}_in") is None):
                raise ValueError(f"{part}_field and {part}_in come together or not at all")
        return self


def _refuse_doubled(where: str, rows: Iterable[OfSite], key: str) -> None:
    seen = set()
    for row in rows:
        name = (row.site, normal(getattr(row, key)))
        if name in seen:
            raise ConfigurationError(f"{where}: {key}: {row.site} has {getattr(row, key)!r} twice.")
        seen.add(name)


def _refuse_unknown_sites(where: str, rows: Iterable[OfSite], known: Collection[str]) -> None:
    for row in rows:
        if row.site not in known:
            raise ConfigurationError(f"{where}: site: {row.site!r} is in no sites.yaml.")


def _check_aliases(aliases: Sequence[Alias], activities: Collection[tuple[str, str]]) -> None:
    where = "reference/activity_aliases.csv"
    by_name: dict[tuple[str, str], list[Alias]] = {}
    for alias in aliases:
        if (alias.site, alias.activity) not in activities:
            raise ConfigurationError(
                f"{where}: activity: {alias.site} has no activity {alias.activity!r} in activities.csv."
            )
        others = by_name.setdefault((alias.site, normal(alias.alias)), [])
        if any(other.activity != alias.activity and other.overlaps(alias) for other in others):
            raise ConfigurationError(
                f"{where}: alias: {alias.alias!r} of {alias.site} is a name of two activities at one time."
            )
        others.append(alias)


def _check_boards(activities: Iterable[Activity]) -> None:
    # Boards are counted without any threshold for people: what is one person's cannot be among them.
    for item in activities:
        if item.tier == BOARDS and item.audience_unit == "individual":
            raise ConfigurationError(
                f"reference/activities.csv: audience_unit: {item.site}'s {item.activity!r} is of tier {BOARDS!r}, work"
                " with boards, and cannot be individual."
            )


def check_reference(
    sites: Sequence[Site],
    activities: Sequence[Activity],
    aliases: Sequence[Alias],
    venues: Sequence[Venue],
    areas: Sequence[FootprintArea],
    indicators: Sequence[Indicator],
) -> None:
    """Refuse what cannot be true at once: a second row for the same thing would count it twice, or hide the first.

    :raises ConfigurationError: naming the file, the key and the name.
    """
    known = {site.site for site in sites}
    for reserved in RESERVED & known:
        raise ConfigurationError(f"sites.yaml: site: {reserved!r} is a name of the platform's own.")
    _refuse_doubled("sites.yaml", sites, "site")
    tables: list[tuple[str, Sequence[OfSite], str]] = [
        ("reference/activities.csv", activities, "activity"),
        ("reference/activity_aliases.csv", aliases, ""),
        ("reference/venues.csv", venues, "postcode"),
        ("reference/footprint_areas.csv", areas, "small_area_code"),
        ("indicators", indicators, "indicator"),
    ]
    for where, rows, key in tables:
        _refuse_unknown_sites(where, rows, known)
        if key:
            _refuse_doubled(where, rows, key)
    _check_boards(activities)
    _check_aliases(aliases, {(item.site, item.activity) for item in activities})
