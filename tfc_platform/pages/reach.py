"""Who was reached, and how sure the counts are: attendances of locked periods, casework, small areas.

Belongs here: the section. Everything in it is about persons, so figures are shown one by one and never added.
Does not belong: deciding what may be shown.
"""

from __future__ import annotations

from tfc_platform.pages.charts import Bar, bars, draw
from tfc_platform.pages.components import Section, cell, chart, number, period, table
from tfc_platform.pages.formatting import WITHHELD, join
from tfc_platform.pages.html import text
from tfc_platform.pages.page_figures import Figure, Release, Row

__all__ = ["reached", "state_of"]

_LOW, _HIGH = "attendances_low", "attendances_high"


def state_of(figure: Figure | None) -> str | None:
    """What a chart writes where there is no value."""
    if figure is None:
        return "no figure"
    if figure.value is not None:
        return None
    if figure.status in WITHHELD:
        return "withheld"
    return "not locked yet" if figure.is_not_locked else figure.status.replace("_", " ")


def reached(release: Release, site: str | None = None) -> Section:
    """Of all sites, or of one beside the others."""
    found = Section("reached", "Who was reached, and how sure the counts are")
    years = release.rows("reach_year")
    newest = max((row["year"] for row in years), default=None)
    if newest is None:
        found.answers.append(
            "Attendances of a year are not published yet: they are, once the four quarters of a year are locked."
        )
    else:
        rows = _ordered(release, [row for row in years if row["year"] == newest])
        told = rows if site is None else [row for row in rows if row["site"] == site]
        if told:
            found.answers.append(
                f"Attendances at group sessions in {period(newest)}: "
                + join([f"{text(release.site_name(row['site']))} {_range(row)}" for row in told])
                + ". An attendance is not a person."
            )
    found.answers += _known(release, site)
    found.body += [
        _years(release, years, site),
        _quarters(release, site),
        _areas(release, site),
        _casework(release, site),
    ]
    return found


def _attendances(release: Release) -> str:
    return f"Attendances are {release.nearest}. One who comes ten times is ten attendances."


def _ordered(release: Release, rows: list[Row]) -> list[Row]:
    places = {site: place for place, site in enumerate(release.sites)}
    return sorted(rows, key=lambda row: places.get(row["site"], len(places)))


def _range(row: Row) -> str:
    """`at least 9,020`, and up to what was written where that is shown."""
    low = f"at least {cell(row, _LOW)}" if row.value(_LOW) is not None else cell(row, _LOW)
    high = row.value(_HIGH)
    return low if high is None or high == row.value(_LOW) else f"{low} and at most {cell(row, _HIGH)}"


def _known(release: Release, site: str | None) -> list[str]:
    """How many sessions' attendance was recorded: a sum of sessions of groups, which are no persons."""
    where = {} if site is None else {"site": site}
    known = release.sum("process", "sessions_with_attendance", **where)
    total = release.sum("process", "sessions_delivered", **where)
    if known is None or total is None:
        return []
    return [
        f"Attendance was recorded for {number(known)} of the {number(total)} group sessions in this release. Where it was not, "
        "it is unknown and not counted as nought."
    ]


def _years(release: Release, years: list[Row], site: str | None) -> str:
    rows = _ordered(release, years)
    if site is not None:
        return _years_table(release, rows, site)
    marks = [
        Bar(
            str(row["year"]),
            release.site_name(row["site"]),
            row.value(_LOW),
            row.value(_HIGH),
            None,
            state_of(row.figures.get(_LOW)),
        )
        for row in rows
    ]
    svg = draw(
        bars(marks, "Attendances"),
        "reach-year",
        "Attendances at group sessions, by site and year",
        "Bars from nought to the least number; hollow from there to the most, as far as was written.",
    )
    title = "Attendances at group sessions in a year: at least (filled), and up to (hollow)"
    return chart([svg], title, _years_table(release, rows, None))


def _years_table(release: Release, rows: list[Row], site: str | None) -> str:
    lines = [
        (
            f"<strong>{text(release.site_name(row['site']))}</strong>"
            if row["site"] == site
            else text(release.site_name(row["site"])),
            period(row["year"]),
            cell(row, _LOW),
            cell(row, _HIGH),
            cell(row, "sessions_delivered"),
        )
        for row in rows
    ]
    heads = ("Site", "Year", "#Attendances at least", "#At most", "#Sessions")
    caption = f"Attendances at group sessions by reporting year. {_attendances(release)}"
    return table(caption, heads, lines)


def _quarters(release: Release, site: str | None) -> str:
    if site is None:
        return ""
    rows = [row for row in release.rows("reach", site=site) if not _is_na(row, _LOW)]
    shown = [row for row in rows if not row.figures[_LOW].is_not_locked]
    marks = [
        Bar(
            release.activity_name(site, row["activity"]),
            str(row["quarter"]),
            row.value(_LOW),
            row.value(_HIGH),
            None,
            state_of(row.figures.get(_LOW)),
        )
        for row in sorted(shown, key=lambda row: (release.activity_name(site, row["activity"]), str(row["quarter"])))
    ]
    svg = draw(
        bars(marks, "Attendances"),
        "reach-quarter",
        "Attendances by activity and quarter",
        "A panel an activity. Filled: at least. Hollow: up to. A dashed ring: withheld.",
    )
    lines = [
        (
            text(release.activity_name(site, row["activity"])),
            period(row["quarter"]),
            cell(row, _LOW),
            cell(row, _HIGH),
            cell(row, "sessions_delivered"),
            cell(row, "sessions_unknown"),
        )
        for row in sorted(rows, key=lambda row: (release.activity_name(site, row["activity"]), str(row["quarter"])))
    ]
    heads = ("Activity", "Quarter", "#Attendances at least", "#At most", "#Sessions", "#Sessions not recorded")
    shown_table = table(
        f"Attendances by activity and quarter. {_attendances(release)}",
        heads,
        lines,
        fold="All figures by activity and quarter",
    )
    return chart([svg], "Attendances by activity and quarter", shown_table)


def _is_na(row: Row, measure: str) -> bool:
    figure = row.figures.get(measure)
    return figure is None or figure.status == "not_applicable"


def _areas(release: Release, site: str | None) -> str:
    if site is None:
        return ""
    rows = [row for row in release.rows("reach_area", site=site) if not row.figures[_LOW].is_not_locked]
    newest = max((str(row["quarter"]) for row in rows), default=None)
    rows = [row for row in rows if row["quarter"] == newest]
    if newest is None:
        return ""
    lines = [
        (
            f'{text(row["area"] or "Area not known")} <span class="code">{text(row["small_area_code"])}</span>',
            f'<span class="code">{text(row["nation_quintile"] if row["nation_quintile"] is not None else "–")}</span>',
            cell(row, _LOW),
            cell(row, "population"),
            cell(row, "rate_per_1000"),
        )
        for row in rows
    ]
    index = next((str(row["index_name"]) for row in rows if row["index_name"]), None)
    caption = (
        f"Attendances by the small area of the venue, {period(newest)}. Where participants live is not known. "
        "Quintile: of deprivation within the nation, the first is the most deprived"
        + (f' (<span class="code">{text(index)}</span>).' if index else ".")
    )
    heads = ("Small area", "Quintile", "#Attendances at least", "#Residents", "#Attendances per 1,000 residents")
    return "<h3>By small area</h3>" + table(caption, heads, lines, fold="All small areas")


def _casework(release: Release, site: str | None) -> str:
    rows = [
        row
        for row in release.rows("casework", **({} if site is None else {"site": site}))
        if not _is_na(row, "sessions_delivered")
    ]
    if not rows:
        return ""
    if site is None:
        locked = [str(row["quarter"]) for row in rows if not row.figures["sessions_delivered"].is_not_locked]
        rows = [row for row in rows if locked and row["quarter"] == max(locked)]
    lines = [
        (
            text(release.site_name(row["site"])),
            text(release.activity_name(row["site"], row["activity"])),
            period(row["quarter"]),
            cell(row, "sessions_delivered"),
            cell(row, "hours"),
        )
        for row in _ordered(release, rows)
    ]
    caption = (
        f"Sessions with single families. Each counts as a person: {release.nearest}, and withheld {release.fewest}."
    )
    return "<h3>Work with single families</h3>" + table(
        caption, ("Site", "Activity", "Quarter", "#Sessions", "#Hours"), lines, fold="All quarters"
    )
