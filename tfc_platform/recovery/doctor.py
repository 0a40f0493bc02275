"""The table of `tfc doctor`: a row for each place of a home."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tfc_platform.home_inventory import HOME_PLACES, place_of
from tfc_platform.sealed_files import FileDamage, home_files
from tfc_platform.settings import Places

__all__ = ["rows_of"]


def rows_of(places: Places, damage: Sequence[FileDamage]) -> list[dict[str, Any]]:
    """A row a place that holds files or lacks some: `place, kind, files, state, to_do`."""
    held = Counter(place.name for below in home_files(places) if (place := place_of(below)) is not None)
    rows = []
    for place in HOME_PLACES:
        own = [item for item in damage if item.place.name == place.name]
        if not own and not held[place.name]:
            continue
        problems = Counter(item.problem for item in own)
        state = ", ".join(f"{number} {problem}" for problem, number in sorted(problems.items())) or "good"
        rows.append(
            {
                "place": place.name,
                "kind": "derived" if place.is_derived else "kept",
                "files": held[place.name],
                "state": state,
                "to_do": place.remedy if own else "",
            }
        )
    return rows
