"""The closed code lists of a snapshot's grid, from contracts, codebooks and reference data.

A snapshot keeps the lists that held when it locked, so that a new activity or venue changes no published table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.contracts.names import applies
from tfc_platform.contracts.reference import FootprintArea
from tfc_platform.disclosure.lock_calendar import Period

__all__ = ["Codes", "code_lists"]

# Dimension to its codes, each with what describes it: an activity's unit, an area's index and population.
Codes = Mapping[str, Sequence[Mapping[str, Any]]]


def code_lists(catalogue: Catalogue, period: Period) -> Codes:
    """The code lists of one snapshot: by dimension, each code with what describes it."""
    if period.record == "activity":
        return {
            "activity": [
                # What nobody has declared is somebody's own: a session of one person or family.
                {"activity": item.activity, "audience_unit": item.audience_unit or "individual"}
                for item in catalogue.activities
                if item.site == period.site
            ],
            "small_area_code": _small_areas(catalogue, period.site),
            "area": _areas(catalogue, period.site),
        }
    contract = catalogue.contract(period.site, period.source)
    if period.record == "story":
        return {
            name: [{name: code} for code in sorted(set(contract.columns[name].codes.values()))]
            for name in ("change_domain", "teller_role")
            if name in contract.columns
        }
    return _survey(catalogue, contract, period)


def _small_areas(catalogue: Catalogue, site: str) -> list[dict[str, Any]]:
    """The small areas in which the site has a venue: elsewhere no session can be."""
    venues = {venue.small_area_code for venue in catalogue.venues if venue.site == site}
    return [
        {
            "small_area_code": item.small_area_code,
            "area": item.area,
            "index_name": item.index,
            "nation_quintile": item.nation_quintile,
            "population": _population(item),
        }
        for item in sorted(catalogue.areas, key=lambda item: item.small_area_code)
        if item.site == site and item.small_area_code in venues
    ]


def _areas(catalogue: Catalogue, site: str) -> list[dict[str, Any]]:
    """The areas of the footprint in which the site has a venue, with all who live in them."""
    with_venue = {item["area"] for item in _small_areas(catalogue, site)}
    inside = [item for item in catalogue.areas if item.site == site and item.area in with_venue]
    return [
        {"area": area, "population": sum(_population(item) for item in inside if item.area == area)}
        for area in sorted({item.area for item in inside})
    ]


def _population(item: FootprintArea) -> int:
    return item.pop_0_4 + item.pop_5_11 + item.pop_12_17 + item.pop_18_plus


def _survey(catalogue: Catalogue, contract: Contract, period: Period) -> Codes:
    population, wave = period.name.split(" ", 1)
    facts = {"population": population, "wave": wave}
    found: dict[str, list[dict[str, Any]]] = {"indicator": _indicators(catalogue, contract, facts)}
    columns = contract.fields(facts)
    # Linked people are compared as pairs, everybody as two samples, and those of the same schools where schools differ.
    designs = {"panel": "panel_id" in columns, "repeated_cross_section": True, "common_clusters": "cluster" in columns}
    found["design"] = [{"design": design} for design, is_there in designs.items() if is_there]
    for name in ("area", "sector"):
        column = columns.get(name)
        if column is None:
            continue
        if column.type == "area":
            codes = {area.area for area in catalogue.areas if area.site == period.site}
        else:
            codes = set(column.codes.values())
        found[name] = [{name: code} for code in sorted(codes)]
    return found


def _indicators(catalogue: Catalogue, contract: Contract, facts: dict[str, str]) -> list[dict[str, Any]]:
    """What the survey's instruments give: an item's percentage, a scale's mean, the share in a band."""
    assert contract.survey is not None
    groups = [group for group in contract.survey.questions if applies(group.when, facts)]
    asked = sorted({group.instrument or contract.survey.instrument for group in groups})
    items = {item for group in groups for item in group.items}
    found: list[dict[str, Any]] = []
    for codebook in catalogue.codebooks:
        if codebook.instrument not in asked:
            continue
        for item, what in codebook.items.items():
            if item in items and codebook.responses[what.response].positive_from is not None:
                found.append({"indicator": item, "measure": "percent_positive"})
        for scale, made in codebook.scales.items():
            scores = [float(score) for score in sorted(codebook.scores(scale))]
            ends = [*scores[:2], *scores[-2:]]  # what a mean near an end tells depends on them
            found.append({"indicator": scale, "measure": "scale_mean", "ends": ends})
            for banding, bands in made.bands.items():
                found += [
                    {"indicator": f"{scale}:{banding}:{band.band}", "measure": "percent_in_band"} for band in bands
                ]
    return found
