"""What was delivered, and where: group sessions and hours by site and activity.

Belongs here: the section's sentences, chart and tables. Sessions of groups are what the programme did, not people: they are
shown as counted and may be added. Does not belong: casework (`reached`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from tfc_platform.pages.charts import Bar, bars, draw
from tfc_platform.pages.components import Section, cell, chart, number, period, table
from tfc_platform.pages.formatting import humane, join
from tfc_platform.pages.html import text
from tfc_platform.pages.page_figures import Number, Release
from tfc_platform.pages.periods import delivery_year

__all__ = ["delivered"]

_MEASURES = (
    ("sessions_delivered", "Sessions delivered"),
    ("sessions_cancelled", "Cancelled"),
    ("hours", "Hours known"),
)


def delivered(release: Release, site: str | None = None) -> Section:
    """Of all sites, or of one."""
    found = Section("delivered", "What was delivered")
    year = delivery_year(release)
    if year is None:
        found.body.append("<p>No sessions are in this release.</p>")
        return found
    start, after = year
    during: dict[str, Any] = {"month__from": start, "month__before": after}
    named = period(f"{start.year}-{after.year % 100:02d}")
    places = release.sites if site is None else (site,)
    lines = []
    drawn: dict[str, list[Bar]] = {}
    for place in places:
        for row, sums in _activities(release, place, during):
            name = release.activity_name(place, row["activity"])
            lines.append(
                (
                    *((text(release.site_name(place)),) if site is None else ()),
                    text(name),
                    text(humane(row["audience"] or "not recorded")),
                    text(humane(row["tier"] or "not recorded")),
                    *(_sum(sums[measure]) for measure, _ in _MEASURES),
                )
            )
            total = sums["sessions_delivered"]
            if total is not None:
                drawn.setdefault(place, []).append(Bar("", name, total.value))
    sentence = join([_told(release, place, during) for place in places])
    end = "" if after <= release.as_of else " so far"
    found.answers.append(f"Sessions with groups delivered in {named}{end}: {sentence}.")
    if site is not None:
        found.answers.append(
            f"All sites together: {_sum(release.sum('delivery', 'sessions_delivered', **during))} sessions."
        )
    heads = (*(("Site",) if site is None else ()), "Activity", "For", "Tier", *(f"#{head}" for _, head in _MEASURES))
    # One scale for all, so that a site's bars can be held against another's.
    top = max((mark.value or 0 for marks in drawn.values() for mark in marks), default=0)
    charts = [
        f'<p class="panel">{text(release.site_name(place))}</p>'
        + draw(
            bars(marks, "Sessions delivered", top=top),
            f"delivered-{place.replace('_', '-')}",
            f"{release.site_name(place)}: group sessions delivered, by activity",
            "Bars from nought, the most sessions first. The figures stand in the table that follows.",
        )
        for place, marks in drawn.items()
    ]
    caption = f"Group sessions by activity, {named}. Boards are among them; work with single families is not."
    fold = "All figures of this chart" if site is None else ""
    found.body.append(chart(charts, f"Group sessions delivered, {named}", table(caption, heads, lines, fold=fold)))
    if site is not None:
        found.body.append(_by_month(release, site))
    return found


def _sum(found: Number | None) -> str:
    if found is None:
        return '<span class="none">not available</span>'
    mark = ' <abbr class="mark" title="held: from an earlier return">held</abbr>' if found.status == "held" else ""
    return number(found) + mark


def _told(release: Release, place: str, during: dict[str, Any]) -> str:
    return (
        f"{text(release.site_name(place))} {_sum(release.sum('delivery', 'sessions_delivered', site=place, **during))}"
    )


def _activities(release: Release, place: str, during: dict[str, Any]) -> list[tuple[Any, dict[str, Number | None]]]:
    """A site's activities of the year with their sums, the most sessions first."""
    first: dict[str, Any] = {}
    for row in release.rows("delivery", site=place):
        if isinstance(row["month"], date) and during["month__from"] <= row["month"] < during["month__before"]:
            first.setdefault(row["activity"], row)
    found = [
        (
            row,
            {
                measure: release.sum("delivery", measure, site=place, activity=activity, **during)
                for measure, _ in _MEASURES
            },
        )
        for activity, row in first.items()
    ]
    return sorted(found, key=lambda item: (-_value(item[1]["sessions_delivered"]), str(item[0]["activity"])))


def _value(found: Number | None) -> float:
    return -1 if found is None else found.value


def _by_month(release: Release, site: str) -> str:
    rows = release.rows("delivery", site=site)
    months = sorted({row["month"] for row in rows if isinstance(row["month"], date)})
    activities = sorted({row["activity"] for row in rows}, key=lambda code: release.activity_name(site, code))
    of = {(row["month"], row["activity"]): row for row in rows}
    lines = [
        (
            period(month),
            *(
                cell(of[month, activity], "sessions_delivered") if (month, activity) in of else "–"
                for activity in activities
            ),
        )
        for month in months
    ]
    heads = ("Month", *(f"#{text(release.activity_name(site, activity))}" for activity in activities))
    return table(
        "Group sessions delivered by month. A dash: no session was returned.", heads, lines, fold="Sessions by month"
    )
