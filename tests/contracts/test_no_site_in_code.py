"""A site is data: no module and no model names one, nor a tool's or an activity's own name."""

from __future__ import annotations

import re
from collections.abc import Set
from functools import cache
from pathlib import Path

from tfc_platform.contracts.catalogue import load_catalogue

PROJECT = Path(__file__).resolve().parents[2]
SOURCES = [
    *sorted((PROJECT / "tfc_platform").rglob("*.py")),
    *sorted(path for path in (PROJECT / "dbt_project").rglob("*.sql") if "target" not in path.parts),
]


@cache
def names() -> frozenset[str]:
    """Sites and the areas of their footprints, which nobody can mistake for another word, from the contracts."""
    catalogue = load_catalogue()
    return frozenset({site.site for site in catalogue.sites} | {area.area.casefold() for area in catalogue.areas})


def test_the_search_finds_a_name_and_there_is_much_to_search() -> None:
    assert len(SOURCES) > 40
    assert len(names()) > 8
    name = sorted(names())[0]
    assert found_in(f"if site == '{name}_x' or site == '{name}':", {name}) == {name}


def found_in(text: str, wanted: Set[str]) -> set[str]:
    pattern = re.compile(rf"(?<![a-z])(?:{'|'.join(map(re.escape, sorted(wanted)))})(?![a-z])", re.IGNORECASE)
    return {found.casefold() for found in pattern.findall(text)}


def test_no_module_names_a_site() -> None:
    found = {str(path.relative_to(PROJECT)): found_in(path.read_text(encoding="utf-8"), names()) for path in SOURCES}
    assert {path: words for path, words in found.items() if words} == {}
