"""Which of the programme's sites a cell names."""

from __future__ import annotations

from collections.abc import Sequence

from tfc_platform.contracts.names import normal
from tfc_platform.contracts.reference import Site
from tfc_platform.sheets.sheet_model import CellValue, text_of

__all__ = ["names_of_site", "site_of", "suggestion"]

SLIPS = (
    2  # edits (optimal string alignment) of a name of at least six letters that is still taken for a slip; one below
)
LONG = 6


def names_of_site(site: Site) -> tuple[str, ...]:
    return (site.site, site.name, *site.aliases)


def site_of(sites: Sequence[Site], cell: CellValue) -> Site | None:
    """The site that a cell names, whatever its case and spaces; None where it names none."""
    text = normal(text_of(cell))
    return next((site for site in sites if any(normal(name) == text for name in names_of_site(site))), None)


def suggestion(sites: Sequence[Site], cell: CellValue) -> str | None:
    """The one site's name that a cell may be a slip for."""
    from rapidfuzz.distance import OSA

    text = normal(text_of(cell))
    near = {
        site.name
        for site in sites
        for name in names_of_site(site)
        if OSA.distance(text, normal(name)) <= (SLIPS if len(name) >= LONG else 1)
    }
    return near.pop() if len(near) == 1 else None
