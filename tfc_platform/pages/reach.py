"""Who was reached: attendances of final periods, one-to-one work, small areas.

All of it is about people, so figures are shown one by one and never added.
"""

from __future__ import annotations

from typing import Any

from tfc_platform.pages.charts import BarMark, ChartText, SeriesPoint, bar_chart, series_chart
from tfc_platform.pages.formatting import missing_word, quarter_label, short
from tfc_platform.pages.page_figures import PublishedFigure, ReleaseRow, ReleaseView
from tfc_platform.pages.view_models import (
    Content,
    PageSection,
    SmallText,
    StrongText,
    Subheading,
    cell,
    columns,
    data_table,
    figure_text,
    joined,
    period_text,
)

__all__ = ["HIGH", "LOW", "latest_year", "missing_state", "reach_section", "year_marks"]

LOW, HIGH = "attendances_low", "attendances_high"


def missing_state(figure: PublishedFigure | None) -> str:
    """The word that a chart writes where there is no value; empty where there is one."""
    if figure is None:
        return "no figure"
    return "" if figure.value is not None else missing_word(figure.status, figure.is_not_final)


def latest_year(release: ReleaseView) -> list[ReleaseRow]:
    """Each site's attendances in the latest reporting year that is published, in the order of the sites."""
    rows = release.rows("reach_year")
    latest = max((row["year"] for row in rows), default=None)
    return release.by_site(row for row in rows if row["year"] == latest)


def year_marks(release: ReleaseView, rows: list[ReleaseRow]) -> list[BarMark]:
    """A bar for each site: filled to the lowest number that is certain, hollow to the highest that was written."""
    return [
        BarMark(
            short(release.site_name(row["site"])),
            row.value(LOW),
            row.value(HIGH),
            state=missing_state(row.figures.get(LOW)),
        )
        for row in rows
    ]


def reach_section(release: ReleaseView, site: str | None = None) -> PageSection:
    """Of all sites, or of one beside the others with its quarters and areas."""
    section = PageSection("reached", "Who was reached")
    rows = latest_year(release)
    if not rows:
        section.answers.append(
            "Attendances of a year are not published yet. They are once the four quarters of a year are final."
        )
    of_interest = [row for row in rows if site is None or row["site"] == site]
    if of_interest:
        ranges = joined([(release.site_name(row["site"]), " ", _range(row)) for row in of_interest])
        section.answers.append(
            (
                "Attendances at group sessions in ",
                period_text(of_interest[0]["year"]),
                ": ",
                ranges,
                ". An attendance is not a person.",
            )
        )
    section.answers += _recorded(release, site)
    if site is None:
        text = ChartText(
            "reach-year",
            "Attendances at group sessions, by site",
            "Bars from zero to the lowest number that is certain; hollow from there to the highest that was written.",
            "Attendances",
        )
        section.add(
            bar_chart(
                "Attendances at group sessions in a year: at least (filled), and up to (hollow)",
                text,
                year_marks(release, rows),
            )
        )
    section.add(_years_table(release, site))
    if site is not None:
        _add_quarters(section, release, site)
        _add_areas(section, release, site)
    _add_casework(section, release, site)
    return section


def _attendances(release: ReleaseView) -> str:
    return f"Attendances are {release.nearest}. Someone who comes ten times is counted ten times."


def _range(row: ReleaseRow) -> Content:
    """`at least 9,020`, and up to what was written where that is shown."""
    low: Content = ("at least ", cell(row, LOW)) if row.value(LOW) is not None else cell(row, LOW)
    high = row.value(HIGH)
    return low if high is None or high == row.value(LOW) else (low, " and at most ", cell(row, HIGH))


def _recorded(release: ReleaseView, site: str | None) -> list[Content]:
    """How many sessions' attendance was recorded: a sum of group sessions, which are not people."""
    where = {} if site is None else {"site": site}
    recorded = release.sum("process", "sessions_with_attendance", **where)
    total = release.sum("process", "sessions_delivered", **where)
    if recorded is None or total is None:
        return []
    return [
        (
            *("Attendance was recorded for ", figure_text(recorded), " of the ", figure_text(total)),
            " group sessions in this release. Where it was not, it is unknown and not counted as zero.",
        )
    ]


def _years_table(release: ReleaseView, site: str | None) -> Any:
    lines = [
        (
            StrongText(release.site_name(row["site"])) if row["site"] == site else release.site_name(row["site"]),
            period_text(row["year"]),
            cell(row, LOW),
            cell(row, HIGH),
            cell(row, "sessions_delivered"),
        )
        for row in release.by_site(release.rows("reach_year"))
    ]
    heads = columns("Site", "Year", "#Attendances at least", "#At most", "#Sessions")
    return data_table(f"Attendances at group sessions by reporting year. {_attendances(release)}", heads, lines)


def _add_quarters(section: PageSection, release: ReleaseView, site: str) -> None:
    def name(row: ReleaseRow) -> str:
        return release.activity_name(site, row["activity"])

    rows = sorted(
        (row for row in release.rows("reach", site=site) if not _is_not_applicable(row, LOW)),
        key=lambda row: (name(row), str(row["quarter"])),
    )
    points = [
        SeriesPoint(
            quarter_label(str(row["quarter"])),
            row.value(LOW),
            state=missing_state(row.figures.get(LOW)),
            panel=name(row),
        )
        for row in rows
        if not row.figures[LOW].is_not_final
    ]
    lines = [
        (
            *(name(row), period_text(row["quarter"]), cell(row, LOW), cell(row, HIGH)),
            *(cell(row, "sessions_delivered"), cell(row, "sessions_unknown")),
        )
        for row in rows
    ]
    text = ChartText(
        "reach-quarter",
        "Attendances by activity and quarter",
        "A panel for each activity with its quarters. The figures are the lowest numbers that are certain.",
        "Attendances",
    )
    heads = columns(
        *("Activity", "Quarter", "#Attendances at least", "#At most", "#Sessions", "#Sessions not recorded")
    )
    section.add(
        series_chart("Attendances by activity and quarter, at least", text, points, per_row=2),
        data_table(
            f"Attendances by activity and quarter. {_attendances(release)}",
            heads,
            lines,
            fold="Table: attendances by activity and quarter",
        ),
    )


def _is_not_applicable(row: ReleaseRow, measure: str) -> bool:
    figure = row.figures.get(measure)
    return figure is None or figure.status == "not_applicable"


def _add_areas(section: PageSection, release: ReleaseView, site: str) -> None:
    rows = [row for row in release.rows("reach_area", site=site) if not row.figures[LOW].is_not_final]
    latest = max((str(row["quarter"]) for row in rows), default=None)
    if latest is None:
        return
    rows = [row for row in rows if row["quarter"] == latest]
    lines = [
        (
            (row["area"] or "Area not known", " ", SmallText(str(row["small_area_code"]))),
            SmallText("–" if row["nation_quintile"] is None else str(row["nation_quintile"])),
            cell(row, LOW),
            cell(row, "population"),
            cell(row, "rate_per_1000"),
        )
        for row in rows
    ]
    index = next((str(row["index_name"]) for row in rows if row["index_name"]), None)
    caption: Content = (
        "Attendances by the small area of the venue, ",
        period_text(latest),
        ". Where participants live is not known. Fifth: of deprivation within the nation; the first is the most deprived",
        (" (", SmallText(index), ").") if index else ".",
    )
    heads = columns("Small area", "Fifth", "#Attendances at least", "#Residents", "#Attendances per 1,000 residents")
    section.add(Subheading("By small area"), data_table(caption, heads, lines, fold="Table: small areas"))


def _add_casework(section: PageSection, release: ReleaseView, site: str | None) -> None:
    rows = [
        row
        for row in release.rows("casework", **({} if site is None else {"site": site}))
        if not _is_not_applicable(row, "sessions_delivered")
    ]
    if site is None:
        final = [str(row["quarter"]) for row in rows if not row.figures["sessions_delivered"].is_not_final]
        rows = [row for row in rows if final and row["quarter"] == max(final)]
    if not rows:
        return
    lines = [
        (
            release.site_name(row["site"]),
            release.activity_name(row["site"], row["activity"]),
            period_text(row["quarter"]),
            cell(row, "sessions_delivered"),
            cell(row, "hours"),
        )
        for row in release.by_site(rows)
    ]
    caption = f"One-to-one sessions. Each is about a person: {release.nearest}, and not shown {release.fewest}."
    heads = columns("Site", "Activity", "Quarter", "#Sessions", "#Hours")
    section.add(
        Subheading("One-to-one work with families (casework)"),
        data_table(caption, heads, lines, fold="Table: one-to-one sessions by quarter"),
    )
