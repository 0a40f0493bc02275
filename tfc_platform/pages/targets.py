"""The sites' own indicators against the targets that they set.

Belongs here: the section. Does not belong: indicators that count persons; they are not in a release.
"""

from __future__ import annotations

from typing import Any

from tfc_platform.pages.charts import Bar, bars, draw
from tfc_platform.pages.components import Section, cell, chart, period, table
from tfc_platform.pages.formatting import humane, join
from tfc_platform.pages.html import text
from tfc_platform.pages.page_figures import Release, Row
from tfc_platform.pages.periods import is_whole, newest_whole
from tfc_platform.pages.reach import state_of

__all__ = ["targets"]

_DIRECTIONS = {"at_least": "at least", "at_most": "at most"}
_SHOWN = 5  # periods of an indicator that a chart shows


def targets(release: Release, site: str | None = None) -> Section:
    """Of all sites, each indicator's newest whole period; or of one, all periods."""
    found = Section(
        "targets", "Sites' own indicators against their targets" if site is None else "Own indicators against targets"
    )
    groups: dict[tuple[Any, Any], list[Row]] = {}
    for row in release.rows("local_indicator", **({} if site is None else {"site": site})):
        groups.setdefault((row["site"], row["indicator"]), []).append(row)
    if not groups:
        found.body.append("<p>No indicator of a site's own is in this release.</p>")
        return found
    places = {name: place for place, name in enumerate(release.sites)}
    ordered = sorted(groups.items(), key=lambda item: (places.get(item[0][0], 99), str(item[0][1])))
    newest = [row for row in (_newest(release, place, rows) for (place, _), rows in ordered) if row is not None]
    for met, words in ((1, "Target met"), (0, "Target missed")):
        told = [
            f"{_named(release, row, site)} ({_against(row)}, {period(row['period'])})"
            for row in newest
            if row.value("met") == met
        ]
        if told:
            found.answers.append(f"{words} in the newest whole period: {join(told)}.")
    unended = [(place, name) for (place, name), rows in ordered if _newest(release, place, rows) is None]
    if unended:
        found.answers.append(
            "No whole period yet: " + join([_named(release, groups[key][0], site) for key in unended]) + "."
        )
    found.body.append(_chart(release, [rows for _, rows in ordered], site))
    return found


def _newest(release: Release, place: Any, rows: list[Row]) -> Row | None:
    chosen = newest_whole(release, place, [row["period"] for row in rows])
    return next((row for row in rows if row["period"] == chosen), None)


def _unit(row: Row) -> str | None:
    return "percent" if row["indicator_measure"] == "percent" else None


def _against(row: Row) -> str:
    target = row.figures.get("target")
    value = cell(row, "indicator_value", _unit(row))
    if target is None or target.value is None:
        return value
    return f"{value} against {_DIRECTIONS.get(str(row['direction']), '')} {cell(row, 'target', _unit(row))}"


def _named(release: Release, row: Row, site: str | None) -> str:
    name = text(row["name"] or humane(row["indicator"]))
    return name if site is not None else f"{text(release.site_name(row['site']))}: {name}"


def _chart(release: Release, groups: list[list[Row]], site: str | None) -> str:
    """A small chart an indicator, since each has a unit of its own, and one table."""
    drawn, lines = [], []
    for group in groups:
        rows = sorted(group, key=lambda row: str(row["period"]))
        unit = "per cent" if _unit(rows[0]) else humane(rows[0]["base"]).lower()
        marks = [
            Bar(
                "",
                str(row["period"]) if is_whole(release, row["site"], row["period"]) else f"{row['period']}, in part",
                row.value("indicator_value"),
                None,
                row.value("target"),
                state_of(row.figures.get("indicator_value")),
            )
            for row in rows[-_SHOWN:]
        ]
        svg = draw(
            bars(marks, humane(unit)),
            f"targets-{text(rows[0]['site'])}-{text(rows[0]['indicator'])}".replace("_", "-"),
            f"{release.site_name(rows[0]['site'])}: {rows[0]['name']}, against its target, by period",
            "Bars from nought. The upright black line is the target.",
        )
        drawn.append(f'<p class="panel">{_named(release, rows[0], site)}</p>{svg}')
        lines += [
            (
                _named(release, row, site),
                period(row["period"]) + ("" if is_whole(release, row["site"], row["period"]) else " (in part)"),
                cell(row, "indicator_value", _unit(row)),
                f"{_DIRECTIONS.get(str(row['direction']), '')} {cell(row, 'target', _unit(row))}",
                cell(row, "met", "yes_no"),
                text("Percentage of " if _unit(row) else "") + text(humane(row["base"]).lower()),
            )
            for row in rows
        ]
    heads = ("Indicator", "Period", "#Value", "#Target", "Met", "Counts")
    caption = (
        "Each site's own indicators, as it defined them. In part: the period has not ended, or a return that belongs to it is "
        "overdue, so a missed target may still be met."
    )
    its_table = table(caption, heads, lines, fold="All values and targets")
    return chart(drawn, "Values by period; the upright black line is the target", its_table)
