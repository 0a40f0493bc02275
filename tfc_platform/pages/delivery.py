"""What was delivered: group sessions and hours by site and activity. Sessions are not people, so they may be added."""

from __future__ import annotations

from datetime import date
from typing import Any

from tfc_platform.pages.charts import BarMark, ChartText, SeriesPoint, bar_chart, series_chart
from tfc_platform.pages.formatting import humane, quarter_label, quarters_between
from tfc_platform.pages.page_figures import ReleaseRow, ReleaseView, SourcedNumber
from tfc_platform.pages.periods import delivery_year, year_code
from tfc_platform.pages.view_models import (
    Content,
    MissingText,
    PageSection,
    Paragraph,
    cell,
    columns,
    data_table,
    figure_text,
    joined,
    period_text,
)

__all__ = ["delivery_section", "during", "sum_text"]

MEASURES = (
    ("sessions_delivered", "Sessions delivered"),
    ("sessions_cancelled", "Cancelled"),
    ("hours", "Hours known"),
)


def during(start: date, after: date) -> dict[str, Any]:
    """The bounds of a sum over months: from a day, and before another."""
    return {"month__from": start, "month__before": after}


def sum_text(number: SourcedNumber | None) -> Content:
    """A sum, or that one of its parts is not available."""
    return MissingText("not_available", "not available") if number is None else figure_text(number)


def delivery_section(release: ReleaseView, site: str | None = None) -> PageSection:
    """Of all sites, or of one with its series over quarters and months."""
    section = PageSection("delivered", "What was delivered")
    year = delivery_year(release)
    if year is None:
        section.add(Paragraph("No sessions are in this release."))
        return section
    bounds, named = during(*year), period_text(year_code(year))
    sites = release.sites if site is None else (site,)
    totals = [
        (release.site_name(place), " ", sum_text(release.sum("delivery", "sessions_delivered", site=place, **bounds)))
        for place in sites
    ]
    end = "" if year[1] <= release.as_of else " so far"
    section.answers.append(("Group sessions delivered in ", named, end, ": ", joined(totals), "."))
    if site is not None:
        together = release.sum("delivery", "sessions_delivered", **bounds)
        section.answers.append(("All sites together: ", sum_text(together), " sessions."))
    _add_activities(section, release, site, bounds, named)
    if site is not None:
        _add_series(section, release, site)
    return section


def _add_activities(
    section: PageSection, release: ReleaseView, site: str | None, bounds: dict[str, Any], named: Content
) -> None:
    lines, marks = [], []
    for place in release.sites if site is None else (site,):
        for row, sums in _activities(release, place, bounds):
            name = release.activity_name(place, row["activity"])
            lines.append(
                (
                    *((release.site_name(place),) if site is None else ()),
                    name,
                    humane(row["audience"] or "not recorded"),
                    humane(row["tier"] or "not recorded"),
                    *(sum_text(sums[measure]) for measure, _ in MEASURES),
                )
            )
            total = sums["sessions_delivered"]
            panel = release.site_name(place) if site is None else ""
            marks.append(BarMark(name, None if total is None else total.value, panel=panel))
    caption = ("Group sessions delivered by activity, ", named)
    text = ChartText(
        "delivered",
        "Group sessions delivered, by activity",
        "Bars from zero. The table below has the figures.",
        "Sessions",
    )
    heads = columns(
        *(("Site",) if site is None else ()), "Activity", "For", "Tier", *(f"#{head}" for _, head in MEASURES)
    )
    explained = (
        "Group sessions by activity, ",
        named,
        ". Board meetings are included; one-to-one work with families is not.",
    )
    section.add(
        bar_chart(caption, text, marks), data_table(explained, heads, lines, fold="Table: group sessions by activity")
    )


def _activities(
    release: ReleaseView, site: str, bounds: dict[str, Any]
) -> list[tuple[ReleaseRow, dict[str, SourcedNumber | None]]]:
    """A site's activities of the year with their sums, the most sessions first."""
    first: dict[str, ReleaseRow] = {}
    for row in release.rows("delivery", site=site):
        if isinstance(row["month"], date) and bounds["month__from"] <= row["month"] < bounds["month__before"]:
            first.setdefault(row["activity"], row)
    activities = [
        (
            row,
            {
                measure: release.sum("delivery", measure, site=site, activity=activity, **bounds)
                for measure, _ in MEASURES
            },
        )
        for activity, row in first.items()
    ]
    return sorted(activities, key=lambda item: (-_value(item[1]["sessions_delivered"]), str(item[0]["activity"])))


def _value(number: SourcedNumber | None) -> float:
    return -1 if number is None else number.value


def _add_series(section: PageSection, release: ReleaseView, site: str) -> None:
    """A site's sessions through time: a chart by quarter, tables by quarter and by month."""
    rows = [row for row in release.rows("delivery", site=site) if isinstance(row["month"], date)]
    if not rows:
        return
    months = sorted({row["month"] for row in rows})
    points, lines = [], []
    for code, start, after in quarters_between(months[0], months[-1]):
        sums = [release.sum("delivery", measure, site=site, **during(start, after)) for measure, _ in MEASURES]
        value = None if sums[0] is None else sums[0].value
        points.append(SeriesPoint(quarter_label(code), value, state="not available" if value is None else ""))
        lines.append((period_text(code), *map(sum_text, sums)))
    text = ChartText(
        "delivered-quarters",
        "Group sessions by quarter",
        "A line through the quarters, each with its value.",
        "Sessions",
    )
    section.add(
        series_chart("Group sessions by quarter", text, points, per_row=1),
        data_table(
            "Group sessions by quarter. The latest quarter may not be complete.",
            columns("Quarter", *(f"#{head}" for _, head in MEASURES)),
            lines,
        ),
        _by_month(release, site, rows, months),
    )


def _by_month(release: ReleaseView, site: str, rows: list[ReleaseRow], months: list[date]) -> Any:
    activities = sorted({row["activity"] for row in rows}, key=lambda code: release.activity_name(site, code))
    by_key = {(row["month"], row["activity"]): row for row in rows}
    lines = [
        (
            period_text(month),
            *(
                cell(by_key[month, activity], "sessions_delivered") if (month, activity) in by_key else "–"
                for activity in activities
            ),
        )
        for month in months
    ]
    heads = columns("Month", *(f"#{release.activity_name(site, activity)}" for activity in activities))
    return data_table(
        "Group sessions delivered by month. A dash: no session was returned.",
        heads,
        lines,
        fold="Table: sessions by month",
    )
