"""Which indicators represent all the others, what they are called, and in what unit they are printed."""

from __future__ import annotations

import re
from typing import Any

from tfc_platform.pages.formatting import humane, wave_words
from tfc_platform.pages.page_figures import ReleaseRow, ReleaseView
from tfc_platform.pages.view_models import Content, PeriodText, SmallText

__all__ = [
    "headline_scales",
    "indicator_name",
    "indicator_words",
    "leading_scales",
    "populations_of",
    "same_range",
    "scale_range",
    "unit_of",
    "wave_order",
    "wave_text",
]


def populations_of(release: ReleaseView, *tables: str) -> tuple[str, ...]:
    return tuple(sorted({str(row["population"]) for table in tables for row in release.rows(table)}))


def leading_scales(release: ReleaseView, codes: set[str]) -> list[str]:
    """The scales that represent all items: in the codebook's order, each item once. Without scales, the codes themselves."""
    taken: set[str] = set()
    chosen = []
    for code in release.indicator_codes:
        entry = release.indicator(code)
        items = set(entry.get("items", ()))
        if code in codes and entry.get("kind") == "scale" and not items & taken:
            chosen.append(code)
            taken |= items
    # Those that share their range most come first: they are in one chart.
    ranges = [scale_range(release, code) for code in chosen]
    chosen.sort(key=lambda code: -ranges.count(scale_range(release, code)))
    return chosen or sorted(codes)


def headline_scales(release: ReleaseView) -> list[str]:
    """The leading scales that the most surveys asked for, and that share one range: the columns of the first page's table."""
    asked: dict[str, set[tuple[Any, Any]]] = {}
    for table in ("outcome_change", "outcome_indicator"):
        for row in release.rows(table):
            asked.setdefault(str(row["indicator"]), set()).add((row["site"], row["population"]))
    leading = leading_scales(release, set(asked))
    most = max((len(asked[code]) for code in leading), default=0)
    common = [code for code in leading if len(asked[code]) == most]
    return same_range(release, common)


def same_range(release: ReleaseView, codes: list[str]) -> list[str]:
    """Those of the codes that have the range of the first: points of two ranges never share an axis."""
    return [code for code in codes if scale_range(release, code) == scale_range(release, codes[0])]


def scale_range(release: ReleaseView, code: str) -> tuple[float, float]:
    """The lowest and the highest value that an indicator can have."""
    low, high = release.indicator(code).get("range", (0, 100))
    return float(low), float(high)


def indicator_name(release: ReleaseView, code: Any) -> str:
    """A scale's name; of an item, its wording where the release carries it, else its code."""
    entry = release.indicator(str(code))
    return str(entry.get("name") or entry.get("wording") or code)


def indicator_words(release: ReleaseView, code: Any) -> Content:
    """A scale's name, or an item's wording with its code: with "Disagreed" before a reversed item, "Chose" before an option."""
    entry = release.indicator(str(code))
    if entry.get("kind") == "scale":
        return str(entry.get("name", humane(code)))
    wording = entry.get("wording")
    if wording is None:
        return SmallText(str(code))
    how = "Disagreed: " if entry.get("reversed") else "Chose: " if entry.get("option") else ""
    return (f"{how}{wording} ", SmallText(str(code)))


def wave_order(release: ReleaseView, wave: Any) -> tuple[str, list[tuple[int, str]]]:
    """What waves are sorted by: when their returns were due, then the numbers in their names."""
    due = [
        str(row["due_on"])
        for row in release.rows("expected_return")
        if str(row["return_key"]).partition(" ")[2] == str(wave)
    ]
    parts = re.findall(r"\d+|\D+", str(wave))
    return min(due, default=""), [(int(part), "") if part.isdigit() else (0, part) for part in parts]


def unit_of(row: ReleaseRow) -> str | None:
    return "percent" if str(row["indicator_measure"]).startswith("percent") else None


def wave_text(wave: Any) -> PeriodText:
    return PeriodText(wave_words(wave))
