"""A year's figures from the tables of one release: added up where that is right, else as they were released.

A sum leaves nothing out in silence: it says of how many periods it is, and where one of its figures is suppressed there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tfc_platform.disclosure.lock_calendar import quarter_of, quarters_of_year, year_of
from tfc_platform.publication.released_table import ReleaseTable
from tfc_platform.release.metrics import Metric
from tfc_platform.report.plan import PlannedEstimates, PlannedLearning, PlannedMeasure, PlannedSection

__all__ = [
    "ALL",
    "ItemCounts",
    "ReportFigure",
    "SurveyEstimate",
    "check_year",
    "estimates",
    "in_year",
    "learning_items",
    "rows_of",
    "section_figures",
    "sites_of",
    "wave_number",
    "with_before",
    "year_before",
]

ALL = "all"  # the key of all sites together, as in a release
WITH_VALUE = ("shown", "rounded", "held")
HIDDEN = ("suppressed", "suppressed_secondary")
FigureRecord = Mapping[str, Any]


@dataclass(frozen=True)
class ReportFigure:
    """A figure of the report.

    `site` may be `all`; `value` is empty where `status` says why. `periods`: how many of the year's it is made of, `of` how many
    there are; both 1 for a figure that is as it was released.
    """

    table: str
    site: str
    label: str
    period: str
    measure: str
    unit: str
    definition: str
    value: float | None
    status: str
    note: str | None
    detail: str = ""  # the activity, by its key, or the name of a site's own indicator
    periods: int = 1
    of: int = 1
    before: float | None = None  # the same figure of the year before, where both are whole


@dataclass(frozen=True)
class SurveyEstimate:
    """A survey estimate with its interval, and the unweighted number of answers behind it."""

    site: str
    population: str
    wave: str
    indicator: str
    measure: str
    values: dict[str, float | None]
    status: str


@dataclass(frozen=True)
class ItemCounts:
    """How many learning items a site noted in the year, and how many of them reached a state or went further."""

    site: str
    noted: int
    sent: int
    received: int
    adopted: int


def year_before(year: str) -> str:
    first = int(year[:4]) - 1
    return f"{first}-{(first + 1) % 100:02d}"


def with_before(figures: Sequence[ReportFigure], earlier: Sequence[ReportFigure], year: str) -> list[ReportFigure]:
    """The figures of a year, each with that of the year before: only where both are of all their periods."""
    known = {
        (figure.site, figure.detail, figure.measure): figure.value
        for figure in earlier
        if figure.period == year_before(year) and figure.periods == figure.of
    }
    return [
        replace(figure, before=known.get((figure.site, figure.detail, figure.measure)))
        if figure.period == year and figure.periods == figure.of
        else figure
        for figure in figures
    ]


def check_year(year: str) -> str:
    """A reporting year, April to March, as `2025-26`.

    :raises ValueError: with a sentence, where it is none.
    """
    if re.fullmatch(r"\d{4}-\d{2}", year) is None or (int(year[:4]) + 1) % 100 != int(year[-2:]):
        raise ValueError(f"{year!r} is not a reporting year: write it as 2025-26, for April 2025 to March 2026.")
    return year


def in_year(value: Any, year: str) -> bool:
    """Whether a released period (a month's first day, `2025-Q2`, `2025-05`, `2025-26`) lies in a reporting year."""
    if isinstance(value, date):
        return year_of(quarter_of(value)) == year
    if not isinstance(value, str):
        return False
    if re.fullmatch(r"\d{4}-Q[1-4]", value):
        return value in quarters_of_year(year)
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value) and value != year:
        return in_year(date.fromisoformat(f"{value}-01"), year)
    return value == year


def rows_of(table: ReleaseTable) -> list[dict[str, Any]]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


def sites_of(tables: Iterable[ReleaseTable], senders: Sequence[str] = ()) -> tuple[str, ...]:
    """The sites of a release, in the order of their keys; without those that send for all of them (`senders`)."""
    sites = {row["site"] for table in tables if "site" in table.key_names for row in rows_of(table)}
    return tuple(sorted(site for site in sites if site and site not in (ALL, *senders)))


def _metric_words(metrics: Sequence[Metric], measure: str) -> tuple[str, str, str]:
    """A measure's label, unit and definition by the release's dictionary; by its own name where that has none."""
    known = next((metric for metric in metrics if metric.measure == measure), None)
    return (known.label, known.unit, known.definition) if known else (measure.replace("_", " "), "", "")


def section_figures(
    section: PlannedSection, table: ReleaseTable | None, metrics: Sequence[Metric], year: str, sites: Sequence[str]
) -> list[ReportFigure]:
    """The figures of one section: a year's sum by site and for all sites, or each released figure of the year.

    :param metrics: what the release's dictionary says of the table (`release.metrics.metrics_in`).
    """
    rows = [row for row in rows_of(table) if in_year(row[section.period], year)] if table is not None else []
    figures: list[ReportFigure] = []
    for measure in section.measures:
        of_measure = [row for row in rows if row["measure"] == measure.name]
        if measure.adds_over:
            figures += _sums(section, measure, of_measure, metrics, year, sites)
        else:
            # Where there can be no figure there is nothing to report.
            of_measure = [row for row in of_measure if row["status"] != "not_applicable"]
            figures += [_as_released(section, measure, row, metrics) for row in of_measure]
    return figures


def _as_released(
    section: PlannedSection, measure: PlannedMeasure, row: FigureRecord, metrics: Sequence[Metric]
) -> ReportFigure:
    period = row[section.period]
    label, unit, definition = _metric_words(metrics, measure.name)
    if "indicator_measure" in row:  # a site's own indicator says itself whether it is a percentage or counts something
        unit = "per cent" if "percent" in str(row["indicator_measure"]) else str(row.get("base") or unit)
    detail = row[section.label] if section.label is not None else row.get("activity")
    return ReportFigure(
        table=section.table,
        site=row["site"],
        label=label,
        detail="" if detail in (None, ALL) else str(detail),
        period=period.strftime("%Y-%m") if isinstance(period, date) else str(period),
        measure=measure.name,
        unit=unit.replace("_", " "),
        definition=definition,
        value=row["value"],
        status=row["status"],
        note=row["note"],
    )


def _sums(
    section: PlannedSection,
    measure: PlannedMeasure,
    rows: Sequence[FigureRecord],
    metrics: Sequence[Metric],
    year: str,
    sites: Sequence[str],
) -> list[ReportFigure]:
    whole = 12 if section.period == "month" else 4
    label, unit, definition = _metric_words(metrics, measure.name)

    def of(site: str, added: tuple[float | None, str, str | None], periods: int) -> ReportFigure:
        value, status, note = added
        return ReportFigure(
            table=section.table,
            site=site,
            label=label,
            period=year,
            measure=measure.name,
            unit=unit,
            definition=definition,
            value=value,
            status=status,
            note=note,
            periods=periods,
            of=whole,
        )

    figures = []
    for site in sites:
        of_site = [row for row in rows if row["site"] == site]
        periods = {row[section.period] for row in of_site if row["status"] in WITH_VALUE}
        figures.append(of(site, _added(of_site), len(periods)))
    if len(sites) > 1:
        figures.append(of(ALL, _together(figures), min(figure.periods for figure in figures)))
    return figures


def _added(rows: Sequence[FigureRecord]) -> tuple[float | None, str, str | None]:
    """The sum of a site's figures: none where there is none, or where one of them is hidden."""
    if any(row["status"] in HIDDEN for row in rows):
        return None, "not_available", "One of the figures is suppressed, so that no sum is given."
    values = [row["value"] for row in rows if row["status"] in WITH_VALUE and row["value"] is not None]
    if not values:
        return None, "not_available", "There is no figure of this year."
    held = sorted({row["note"] for row in rows if row["status"] == "held" and row["note"]})
    return float(sum(values)), "held" if held else "shown", " ".join(held) or None


def _together(figures: Sequence[ReportFigure]) -> tuple[float | None, str, str | None]:
    """All sites' sum: of every site, or there is none, for a total without a site is read as one with it."""
    missing = [figure.site for figure in figures if figure.value is None]
    if missing:
        return None, "not_available", f"There is no figure of {', '.join(missing)}."
    held = [figure.site for figure in figures if figure.status == "held"]
    note = f"With earlier figures of {', '.join(held)}, which are held." if held else None
    return float(sum(figure.value or 0 for figure in figures)), "held" if held else "shown", note


def estimates(planned: PlannedEstimates, table: ReleaseTable | None, sites: Sequence[str]) -> list[SurveyEstimate]:
    """The estimates of each site's and population's latest released wave, for everybody."""
    rows = [
        row
        for row in (rows_of(table) if table is not None else [])
        if row["site"] in sites and all(row[key] == value for key, value in planned.where.items())
    ]
    latest: dict[tuple[str, str], str] = {}
    for row in rows:
        key = row["site"], row["population"]
        latest[key] = max(latest.get(key, ""), row["wave"], key=wave_number)
    by_name: dict[tuple[str, ...], SurveyEstimate] = {}
    for row in rows:
        if latest[row["site"], row["population"]] != row["wave"]:
            continue
        name = (row["site"], row["population"], row["wave"], row["indicator"], str(row.get("indicator_measure") or ""))
        estimate = by_name.setdefault(name, SurveyEstimate(*name, values={}, status="shown"))
        estimate.values[row["measure"]] = row["value"]
        if row["measure"] == "estimate":
            by_name[name] = SurveyEstimate(*name, values=estimate.values, status=row["status"])
    return list(by_name.values())


def wave_number(wave: str) -> tuple[int, str]:
    digits = re.sub(r"\D", "", wave)
    return (int(digits) if digits else -1, wave)


def learning_items(
    planned: PlannedLearning, table: ReleaseTable | None, year: str, sites: Sequence[str]
) -> list[ItemCounts]:
    """By site, how many items it noted in the year and how far they got; an item that was sent to several sites counts once."""
    steps: dict[str, dict[str, set[str]]] = {}
    for row in rows_of(table) if table is not None else []:
        if in_year(row["noted_on"], year):
            of_site = steps.setdefault(
                row["site"], {"noted": set(), "sent": set(), "received": set(), "adopted": set()}
            )
            of_site["noted"].add(row["learning_id"])
            for step in ("sent", "received", "adopted"):
                if row[f"{step}_on"] is not None:
                    of_site[step].add(row["learning_id"])
    return [ItemCounts(site, *(len(items) for items in steps[site].values())) for site in sites if site in steps]
