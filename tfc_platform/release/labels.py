"""What a reader calls the codes of a release: sites, activities, indicators and units, from contracts and register.

An item's wording is given only where its codebook may reproduce it.
"""

from __future__ import annotations

from typing import Any

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.codebooks import Codebook
from tfc_platform.publication.publication_register import Measure, Register

__all__ = ["release_labels"]


def release_labels(catalogue: Catalogue, register: Register) -> dict[str, Any]:
    """`sites` in the contracts' order, `activities` by site, `indicators` by code, `units` by table and measure."""
    activities: dict[str, dict[str, str]] = {}
    for item in catalogue.activities:
        activities.setdefault(item.site, {})[item.activity] = item.name
    return {
        "sites": [{"site": site.site, "name": site.name, "nation": site.nation} for site in catalogue.sites],
        "activities": activities,
        "indicators": _indicators(catalogue.codebooks, _options(catalogue)),
        "units": {
            **{table.table: {measure.name: _unit(measure) for measure in table.measures} for table in register.tables},
            **{
                table.table: {measure.name: measure.unit for measure in getattr(table, "measures", ())}
                for table in register.person_tables
            },
        },
    }


def _unit(measure: Measure) -> str:
    return measure.unit or f"as {measure.unit_column}"


def _options(catalogue: Catalogue) -> set[tuple[str, str]]:
    """Instrument and item of every option of a question with several choices: chosen, where other items are agreed with."""
    surveys = [contract.survey for contract in catalogue.contracts if contract.survey]
    return {
        (question.instrument or survey.instrument, item)
        for survey in surveys
        for question in survey.choices
        for item in question.items
    }


def _indicators(codebooks: tuple[Codebook, ...], options: set[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    """Of a code that two codebooks use, only what both say: a release names no instrument with its figures."""
    indicators: dict[str, dict[str, Any]] = {}
    for book in codebooks:
        for code in (code for code in (*book.scales, *book.items) if code in book.indicators):
            said = _scale(book, code) if code in book.scales else _item(book, code, options)
            if code in indicators:
                said = {key: value for key, value in said.items() if indicators[code].get(key) == value}
            indicators[code] = said
    return indicators


def _scale(book: Codebook, code: str) -> dict[str, Any]:
    scale = book.scales[code]
    return {
        "kind": "scale",
        "name": scale.name,
        "items": list(scale.members),
        "range": list(scale.range),
        "higher_is": scale.higher_is,
    }


def _item(book: Codebook, code: str, options: set[tuple[str, str]]) -> dict[str, Any]:
    item = book.items[code]
    said: dict[str, Any] = {
        "kind": "item",
        "constructs": [book.scales[name].name if name in book.scales else name for name in item.constructs],
        "reversed": code in book.reversed,
        "option": (book.instrument, code) in options,
    }
    if item.wording is not None and book.wording != "not_reproduced":
        said["wording"] = item.wording
    return said
