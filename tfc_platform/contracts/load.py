"""Reading the contracts' folders: the package's own and those that TFC_CONTRACTS adds.

Belongs here: finding, parsing and checking the files, and one digest of each thing that a receipt depends on. Every
fault is a `ConfigurationError` that names the file and the key. Does not belong: what a contract means.

A folder holds `sources/*.yaml` (contracts), `sites.yaml`, and `reference/`, `indicators/`, `codebooks/`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from tfc_platform.contracts.model import Contract, normal
from tfc_platform.files import canonical_json, sha256_text
from tfc_platform.records import REFERENCE
from tfc_platform.settings import ConfigurationError

__all__ = ["PACKAGED", "Catalogue", "load_catalogue"]

PACKAGED = Path(__file__).resolve().parent
CENTRAL = "central"  # the central team's own folder of the landing zone: it sends, but is no place
UNASSIGNED = "unassigned"  # where a file is put down that no site's folder holds


class Site(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    site: str
    name: str
    nation: str


class Activity(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    site: str
    activity: str
    name: str
    tier: str
    audience: str
    designed_hours: float | None


class Alias(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    site: str
    alias: str
    activity: str
    valid_from: date | None
    valid_to: date | None


class Venue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    postcode: str
    site: str
    area: str
    small_area_code: str


class FootprintArea(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    site: str
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


class Indicator(BaseModel):
    """A site's own indicator, as data: what is counted, over what, and against which target."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    site: str
    indicator: str
    name: str
    base: str
    numerator_field: str | None = None
    numerator_in: tuple[str, ...] = ()
    denominator_field: str | None = None
    denominator_in: tuple[str, ...] = ()
    measure: str
    period: str
    target: float
    direction: str


Row = TypeVar("Row", bound=BaseModel)


@dataclass(frozen=True)
class Catalogue:
    """All contracts and reference data that one night works by."""

    sites: tuple[Site, ...]
    contracts: tuple[Contract, ...]
    activities: tuple[Activity, ...]
    aliases: tuple[Alias, ...]
    venues: tuple[Venue, ...]
    areas: tuple[FootprintArea, ...]
    indicators: tuple[Indicator, ...]
    codebooks: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def senders(self) -> tuple[str, ...]:
        """Every folder of the landing zone that has a contract: the sites, then the central team."""
        named = {site for contract in self.contracts for site in contract.sites}
        known = [site.site for site in self.sites]
        return (*known, *sorted(named - set(known)))

    def of(self, site: str) -> tuple[Contract, ...]:
        return tuple(contract for contract in self.contracts if site in contract.sites)

    @cached_property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Every [site, source], in the order of the sites."""
        return tuple((site, contract.source) for site in self.senders for contract in self.of(site))

    def contract(self, site: str, source: str) -> Contract:
        return next(contract for contract in self.of(site) if contract.source == source)

    @cached_property
    def _aliases(self) -> dict[tuple[str, str], list[Alias]]:
        found: dict[tuple[str, str], list[Alias]] = {}
        for alias in self.aliases:
            found.setdefault((alias.site, normal(alias.alias)), []).append(alias)
        return found

    def activity(self, site: str, written: str, on: date | None) -> str | None:
        """The programme's activity that a name stands for at a site on a day; None where no alias knows it."""
        for alias in self._aliases.get((site, normal(written)), ()):
            after = alias.valid_from is None or on is None or on >= alias.valid_from
            before = alias.valid_to is None or on is None or on <= alias.valid_to
            if after and before:
                return alias.activity
        return None

    @cached_property
    def _venues(self) -> dict[tuple[str, str], Venue]:
        return {(venue.site, normal(venue.postcode).replace(" ", "")): venue for venue in self.venues}

    def venue(self, site: str, postcode: str) -> Venue | None:
        return self._venues.get((site, normal(postcode).replace(" ", "")))

    @cached_property
    def _areas(self) -> dict[tuple[str, str], str]:
        return {(area.site, normal(area.area)): area.area for area in self.areas}

    def area(self, site: str, written: str) -> str | None:
        """The name of a footprint's area however a form writes it (`chell_heath`, `Chell Heath`)."""
        return self._areas.get((site, normal(written.replace("_", " "))))

    def digest(self, site: str, contract: Contract) -> str:
        """Changes whenever this source's files would be read otherwise: a receipt holds for one digest."""
        of_site = [
            item.model_dump(mode="json") for item in (*self.aliases, *self.venues, *self.areas) if item.site == site
        ]
        return sha256_text(canonical_json([contract.model_dump(mode="json"), of_site]))[:16]

    def reference_tables(self) -> dict[str, pa.Table]:
        """The reference data as `records.REFERENCE` shapes it."""
        rows: dict[str, Iterable[BaseModel]] = {
            "ref_site": self.sites,
            "ref_activity": self.activities,
            "ref_footprint_area": self.areas,
            "ref_local_indicator": self.indicators,
        }
        return {
            name: pa.Table.from_pylist([row.model_dump() for row in found], schema=REFERENCE[name])
            for name, found in rows.items()
        }


def _say(path: Path, error: ValidationError) -> ConfigurationError:
    """The first fault, by file and key. pydantic's own text would repeat the value: the message alone is kept."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "(the whole file)"
    return ConfigurationError(f"{path.parent.name}/{path.name}: {key}: {first['msg']}")


def _yaml(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        place = getattr(error, "problem_mark", None)
        where = f" line {place.line + 1}" if place is not None else ""
        raise ConfigurationError(f"{path.parent.name}/{path.name}:{where} is not YAML that can be read.") from None


def _contracts(paths: Iterable[Path]) -> list[Contract]:
    found = []
    for path in paths:
        try:
            found.append(Contract.model_validate(_yaml(path)))
        except ValidationError as error:
            raise _say(path, error) from None
    return found


def _table(paths: Iterable[Path], model: type[Row]) -> list[Row]:
    """Rows of a reference table in CSV, from every folder that has it. An empty cell is no value."""
    rows = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as stream:
            for number, row in enumerate(csv.DictReader(stream), start=2):
                try:
                    rows.append(model.model_validate({key: value or None for key, value in row.items()}))
                except ValidationError as error:
                    raise ConfigurationError(f"{_say(path, error)} (line {number})") from None
    return rows


def _list(paths: Iterable[Path], model: type[Row]) -> list[Row]:
    rows: list[Row] = []
    for path in paths:
        try:
            rows.extend(TypeAdapter(list[model]).validate_python(_yaml(path) or []))  # type: ignore[valid-type]
        except ValidationError as error:
            raise _say(path, error) from None
    return rows


def _refuse_twice(catalogue: Catalogue) -> None:
    seen: set[tuple[str, str]] = set()
    known = {site.site for site in catalogue.sites} | {CENTRAL}
    for contract in catalogue.contracts:
        for site in contract.sites:
            if site not in known:
                raise ConfigurationError(f"sources: {contract.source}: {site!r} stands in no sites.yaml.")
            if (site, contract.source) in seen:
                raise ConfigurationError(f"sources: {site} has two contracts for {contract.source!r}.")
            seen.add((site, contract.source))
    activities = {(item.site, item.activity) for item in catalogue.activities}
    for alias in catalogue.aliases:
        if (alias.site, alias.activity) not in activities:
            raise ConfigurationError(
                f"reference/activity_aliases.csv: {alias.site} has no activity {alias.activity!r} in activities.csv."
            )


def load_catalogue(folders: Sequence[Path] = ()) -> Catalogue:
    """Read the package's contracts and those of further folders.

    :raises ConfigurationError: on an unknown key, a wrong value, or two contracts for one source.
    """
    roots = [PACKAGED, *folders]

    def files(pattern: str) -> list[Path]:
        return [path for root in roots for path in sorted(root.glob(pattern))]

    catalogue = Catalogue(
        sites=tuple(_list(files("sites.yaml"), Site)),
        contracts=tuple(_contracts(files("sources/**/*.yaml"))),
        activities=tuple(_table(files("reference/activities.csv"), Activity)),
        aliases=tuple(_table(files("reference/activity_aliases.csv"), Alias)),
        venues=tuple(_table(files("reference/venues.csv"), Venue)),
        areas=tuple(_table(files("reference/footprint_areas.csv"), FootprintArea)),
        indicators=tuple(_list(files("indicators/*.yaml"), Indicator)),
    )
    _refuse_twice(catalogue)
    return catalogue
