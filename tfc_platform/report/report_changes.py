"""The report's headline changes between waves, and trends over three or more, as the release reads them.

A change is claimed only where the release claims one; all other headlines are given with the reason why nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tfc_platform.publication.released_table import ReleaseTable
from tfc_platform.report.plan import PlannedChanges
from tfc_platform.report.report_figures import FigureRecord, rows_of, wave_number

__all__ = ["HeadlineChange", "headline_changes"]

_FIGURES = {
    "change": ("difference", "ci_low", "ci_high", "smallest_change"),
    "trend": ("rise", "rise_low", "rise_high", "smallest_rise"),
}
_CLAIMS = ("change", "no_clear_change")


@dataclass(frozen=True)
class HeadlineChange:
    """One declared comparison: the difference with its interval, and the verdict. `kind` is `change` or `trend`."""

    kind: str
    site: str
    population: str
    indicator: str
    design: str
    wave_from: str
    wave_to: str
    is_baseline: bool
    value: float | None
    low: float | None
    high: float | None
    smallest: float | None
    status: str
    reading: str
    note: str | None


def headline_changes(
    planned: PlannedChanges, tables: Mapping[str, ReleaseTable], sites: Sequence[str]
) -> list[HeadlineChange]:
    """Of each site and population the headlines up to its latest wave: changes first, then trends."""
    found = []
    for kind, name in (("change", planned.table), ("trend", planned.trend)):
        table = tables.get(name)
        rows: dict[tuple[object, ...], list[FigureRecord]] = {}
        for row in rows_of(table) if table is not None else []:
            if row["site"] in sites and row.get("family") == "headline":
                key = tuple(
                    row.get(label) for label in ("site", "population", "indicator", "design", "wave_from", "wave_to")
                )
                rows.setdefault(key, []).append(row)
        latest: dict[tuple[str, str], str] = {}
        for group in rows.values():
            survey = (group[0]["site"], group[0]["population"])
            latest[survey] = max(latest.get(survey, ""), group[0]["wave_to"], key=wave_number)
        found += [
            _change(kind, group)
            for group in rows.values()
            if group[0]["wave_to"] == latest[group[0]["site"], group[0]["population"]]
        ]
    return found


def _change(kind: str, rows: Sequence[FigureRecord]) -> HeadlineChange:
    first = rows[0]
    by_measure = {row["measure"]: row for row in rows}
    value, low, high, smallest = (by_measure.get(name, {}).get("value") for name in _FIGURES[kind])
    main = by_measure.get(_FIGURES[kind][0], first)
    reading = first.get("reading") or ""
    return HeadlineChange(
        kind=kind,
        site=first["site"],
        population=first["population"],
        indicator=first["indicator"],
        design=first.get("design") or "",
        wave_from=first["wave_from"],
        wave_to=first["wave_to"],
        is_baseline=first.get("comparison") == "baseline",
        value=value,
        low=low,
        high=high,
        smallest=smallest,
        status=main["status"],
        # What is hidden claims nothing, whatever its label.
        reading=reading if value is not None or reading not in _CLAIMS else "",
        note=main.get("note"),
    )
