"""Read the folders of contracts: the own one of the package and those that TFC_CONTRACTS adds.

A folder holds `sites.yaml`, `calendar.yaml`, `sources/**/*.yaml` (contracts), `reference/*.csv`, `indicators/*.yaml`,
`codebooks/*.yaml`, `comparability/*.yaml` and `framework.yaml`; none is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import BaseModel

from tfc_platform.atomic_io import canonical_json, sha256_text
from tfc_platform.contracts.calendar import CalendarWindow, read_calendar
from tfc_platform.contracts.codebooks import Codebook, Comparability
from tfc_platform.contracts.equity import HarmonisedCode, ResidentGroup, check_equity, codes_by_field
from tfc_platform.contracts.framework import Framework, KnownNames, read_framework
from tfc_platform.contracts.headlines import HeadlineFamily, headline_rows, read_headlines, wave_rows
from tfc_platform.contracts.instruments import check_survey, codebook_rows, read_codebooks, read_comparability
from tfc_platform.contracts.kept_files import PATTERNS, ContractFault, ContractFiles
from tfc_platform.contracts.model import Contract, normal
from tfc_platform.contracts.parse import read_list, read_one, read_table
from tfc_platform.contracts.reference import (
    CENTRAL,
    UNASSIGNED,
    Activity,
    Alias,
    FootprintArea,
    Indicator,
    OfSite,
    Site,
    Venue,
    check_reference,
)
from tfc_platform.schemas import REFERENCE
from tfc_platform.settings import ConfigurationError, Settings
from tfc_platform.strict_yaml import load_yaml

# What no reading depends on: limits of `hold` that admission judges by, and how a wave was asked.
NOT_READ = {"hold": {"rows_lost", "ids_lost", "period_lost"}, "survey": {"modes"}}

__all__ = [
    "CENTRAL",
    "PACKAGED",
    "UNASSIGNED",
    "Catalogue",
    "keep_contracts",
    "load_catalogue",
    "load_nightly_catalogue",
]

PACKAGED = Path(__file__).resolve().parent


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
    codebooks: tuple[Codebook, ...] = ()
    comparability: tuple[Comparability, ...] = ()
    calendar: tuple[CalendarWindow, ...] = ()
    resident_groups: tuple[ResidentGroup, ...] = ()
    harmonised_codes: tuple[HarmonisedCode, ...] = ()
    framework: Framework = field(default_factory=Framework)
    headlines: tuple[HeadlineFamily, ...] = ()
    faults: tuple[ContractFault, ...] = ()  # contract files in error, in place of which their last good state is used

    @cached_property
    def senders(self) -> tuple[str, ...]:
        """Every folder of the landing zone that has a contract: the sites, then the central team."""
        named = {site for contract in self.contracts for site in contract.sites}
        known = [site.site for site in self.sites]
        return (*known, *sorted(named - set(known)))

    def of(self, site: str) -> tuple[Contract, ...]:
        """The contracts of a sender."""
        return tuple(contract for contract in self.contracts if site in contract.sites)

    @cached_property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Every [site, source], in the order of the sites."""
        return tuple((site, contract.source) for site in self.senders for contract in self.of(site))

    def contract(self, site: str, source: str) -> Contract:
        """The contract of a source of a sender; StopIteration where there is none."""
        return next(contract for contract in self.of(site) if contract.source == source)

    @cached_property
    def _aliases(self) -> dict[tuple[str, str], list[Alias]]:
        by_name: dict[tuple[str, str], list[Alias]] = {}
        for alias in self.aliases:
            by_name.setdefault((alias.site, normal(alias.alias)), []).append(alias)
        return by_name

    def activity(self, site: str, written: str, on: date | None) -> str | None:
        """The programme's activity that a name means at a site on a day; None where no alias knows it."""
        for alias in self._aliases.get((site, normal(written)), ()):
            if alias.holds(on):
                return alias.activity
        return None

    @cached_property
    def _venues(self) -> dict[tuple[str, str], Venue]:
        return {(venue.site, normal(venue.postcode).replace(" ", "")): venue for venue in self.venues}

    def venue(self, site: str, postcode: str) -> Venue | None:
        """The venue of a site at a postcode, or none."""
        return self._venues.get((site, normal(postcode).replace(" ", "")))

    @cached_property
    def _areas(self) -> dict[tuple[str, str], str]:
        return {(area.site, normal(area.area)): area.area for area in self.areas}

    def area(self, site: str, written: str) -> str | None:
        """The name of a footprint's area however a form writes it (`the_meadows`, `The Meadows`)."""
        return self._areas.get((site, normal(written.replace("_", " "))))

    def digest(self, site: str, contract: Contract) -> str:
        """Changes whenever this source's files would be read otherwise: a receipt holds for one digest."""
        key = (site, id(contract))
        if key not in self._digests:
            self._digests[key] = self._digest(site, contract), contract
        return self._digests[key][0]

    @cached_property
    def _digests(self) -> dict[tuple[str, int], tuple[str, Contract]]:
        """By site and contract; the contract is kept beside its digest, for its number is its own only while it lives."""
        return {}

    def _digest(self, site: str, contract: Contract) -> str:
        rows: list[OfSite] = [item for item in (*self.aliases, *self.venues, *self.areas) if item.site == site]
        if any(column.type == "site" for column in contract.columns.values()):
            rows += self.sites
        said = contract.model_dump(mode="json", exclude=NOT_READ)
        return sha256_text(canonical_json([said, *(row.model_dump(mode="json") for row in rows)]))[:16]

    def reference_tables(self) -> dict[str, pa.Table]:
        """The reference data as `schemas.REFERENCE` shapes it."""
        rows: dict[str, Iterable[BaseModel]] = {
            "ref_site": self.sites,
            "ref_activity": self.activities,
            "ref_footprint_area": self.areas,
            "ref_local_indicator": self.indicators,
            "ref_resident_group": self.resident_groups,
        }
        tables = {name: [row.model_dump() for row in found] for name, found in rows.items()}
        tables |= codebook_rows(self.codebooks, self.comparability) | self.framework.reference_rows()
        tables |= {"ref_wave": wave_rows(self.contracts), "ref_headline": headline_rows(self.headlines)}
        return {name: pa.Table.from_pylist(found, schema=REFERENCE[name]) for name, found in tables.items()}


def _read_contracts(
    files: ContractFiles,
    sites: Iterable[Site],
    codebooks: Mapping[str, Codebook],
    calendar: Mapping[str, CalendarWindow],
    harmonised: Mapping[str, Set[str]],
) -> list[Contract]:
    """The contracts of all folders: each of known senders, and one for each [site, source].

    Where states of files are kept, one in error becomes a fault of the sites that it is about, and its kept state is used.
    """
    known = frozenset({site.site for site in sites} | {CENTRAL})
    seen: dict[tuple[str, str], str] = {}
    contracts = []

    def read(path: Path, name: str) -> Contract:
        contract = read_one(path, Contract, {"calendar": calendar})
        for site in contract.sites:
            if site not in known:
                raise ConfigurationError(f"{name}: sites: {site!r} is in no sites.yaml.")
            if (site, contract.source) in seen:
                other = seen[(site, contract.source)]
                raise ConfigurationError(
                    f"{name}: source: {site} has two contracts for {contract.source!r}, the other in {other}."
                )
        check_survey(name, contract, codebooks)
        check_equity(name, contract, harmonised)
        return contract

    for path in files.of("sources/**/*.yaml"):
        name = f"{path.parent.name}/{path.name}"
        contract: Contract | None
        try:
            contract = read(path, name)
        except ConfigurationError as error:
            if files.kept is None:
                raise
            kept = files.kept_state(path)
            fault = _own_words(path, ContractFault(name, str(error)), known)
            try:
                contract = read(kept, name) if kept is not None else None
            except ConfigurationError:
                contract = None
            if contract is not None:
                fault = replace(fault, sites=tuple(contract.sites), source=contract.source)
            files.faults.append(fault)
        if contract is None:
            continue
        seen |= dict.fromkeys(((site, contract.source) for site in contract.sites), name)
        contracts.append(contract)
    return contracts


def _own_words(path: Path, fault: ContractFault, known: frozenset[str]) -> ContractFault:
    """The fault with the known senders and the source that a file in error names itself, or the sender whose folder it is in."""
    try:
        content = load_yaml(path)
    except ConfigurationError:
        content = None
    values = content if isinstance(content, dict) else {}
    named, source = values.get("sites"), values.get("source")
    sites = known & {site for site in named if isinstance(site, str)} if isinstance(named, list) else frozenset[str]()
    sites = sites or known & {path.parent.name}
    return replace(fault, sites=tuple(sorted(sites)), source=source if sites and isinstance(source, str) else None)


def load_catalogue(
    folders: Sequence[Path] = (), kept: Path | None = None, left_out: frozenset[Path] = frozenset()
) -> Catalogue:
    """Read the package's contracts and those of further folders.

    :param kept: a folder of the files' last good states. With it a contract in error is a fault of its own sites, in
        `Catalogue.faults`, and the others load.
    :param left_out: folders of which nothing is read.
    :raises ConfigurationError: naming file and key: an unknown key, a wrong value, two contracts for one source, a site,
        an activity, an instrument or an item that is nowhere, or a name that is given twice; or a folder without any
        contract.
    """
    _require_contracts(folders)
    files = ContractFiles([PACKAGED, *folders], kept, left_out)
    sites = files.read("sites.yaml", lambda paths: read_list(paths, Site))
    codebooks = files.read("codebooks/*.yaml", read_codebooks)
    calendar = files.read("calendar.yaml", read_calendar)
    harmonised = files.read("reference/harmonised_codes.csv", partial(read_table, model=HarmonisedCode))
    contracts = tuple(_read_contracts(files, sites, codebooks, calendar, codes_by_field(harmonised)))
    if not contracts:
        raise ConfigurationError("There is no contract: TFC_CONTRACTS names a folder with contracts of sites.")
    comparability = files.read("comparability/*.yaml", lambda paths: read_comparability(paths, codebooks, sites))
    reference = _read_reference(files)
    known = KnownNames(
        sites,
        codebooks,
        reference["activities"],
        _category_values(files, contracts, "story", "change_domain"),
        _category_values(files, contracts, "learning_item", "learning_tag"),
    )
    catalogue = Catalogue(
        sites=tuple(sites),
        contracts=contracts,
        codebooks=tuple(codebooks.values()),
        comparability=tuple(comparability),
        calendar=tuple(calendar.values()),
        harmonised_codes=tuple(harmonised),
        framework=files.read("framework.yaml", partial(read_framework, known=known)),
        headlines=tuple(files.read("headlines.yaml", lambda paths: read_headlines(paths, codebooks))),
        **reference,
    )
    check_reference(
        catalogue.sites,
        catalogue.activities,
        catalogue.aliases,
        catalogue.venues,
        catalogue.areas,
        catalogue.indicators,
    )
    return replace(catalogue, faults=tuple(files.faults))


def _require_contracts(folders: Iterable[Path]) -> None:
    for folder in folders:
        if not any(next(folder.glob(pattern), None) for pattern in PATTERNS):
            raise ConfigurationError(
                f"TFC_CONTRACTS names {str(folder)!r}, which holds no contract. Correct it, or leave it out."
            )


def _category_values(
    files: ContractFiles, contracts: Iterable[Contract], record: str, field_name: str
) -> frozenset[str] | None:
    """What a field of a record can hold by the contracts; None where a contract in error may have said more."""
    if files.faults:
        return None
    return frozenset(
        str(value)
        for contract in contracts
        if contract.record == record
        for name, column in contract.columns.items()
        if name.split("@")[0] == field_name
        for value in (column.codes or {}).values()
    )


def _read_reference(files: ContractFiles) -> dict[str, Any]:
    tables: dict[str, tuple[str, type[BaseModel]]] = {
        "activities": ("reference/activities.csv", Activity),
        "aliases": ("reference/activity_aliases.csv", Alias),
        "venues": ("reference/venues.csv", Venue),
        "areas": ("reference/footprint_areas.csv", FootprintArea),
        "resident_groups": ("reference/resident_groups.csv", ResidentGroup),
    }
    read: dict[str, Any] = {
        name: tuple(files.read(pattern, partial(read_table, model=model))) for name, (pattern, model) in tables.items()
    }
    return read | {"indicators": tuple(files.read("indicators/*.yaml", lambda paths: read_list(paths, Indicator)))}


def kept_contracts(settings: Settings) -> Path:
    """Where the last good states of the contract files are."""
    return settings.places.lake / "contracts"


def load_nightly_catalogue(settings: Settings) -> Catalogue:
    """The contracts that a night works by: one in error stops the sites that it is about, and no other.

    A further folder that cannot be read and of which nothing was ever right is left out as a whole: no figure depends on it.

    :raises ConfigurationError: where something else is wrong that is nobody's own, and no earlier state of it is kept.
    """
    kept = kept_contracts(settings)
    _require_contracts(settings.contracts)
    try:
        return load_catalogue(settings.contracts, kept)
    except ConfigurationError as error:
        files = ContractFiles([PACKAGED, *settings.contracts], kept)
        new = frozenset(folder for folder in settings.contracts if not files.has_kept(folder))
        if not new or not files.has_kept(PACKAGED):
            raise
        catalogue = load_catalogue(settings.contracts, kept, new)
        faults = [ContractFault(f"{folder.name}/", str(error)) for folder in sorted(new)]
        return replace(catalogue, faults=(*catalogue.faults, *faults))


def keep_contracts(settings: Settings, catalogue: Catalogue) -> None:
    """Keep the state of every contract file that is right."""
    in_error = {fault.file for fault in catalogue.faults}
    left_out = frozenset(folder for folder in settings.contracts if f"{folder.name}/" in in_error)
    files = ContractFiles([PACKAGED, *settings.contracts], kept_contracts(settings), left_out)
    files.keep(in_error)
