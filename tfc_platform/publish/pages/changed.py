"""What changed between waves beyond noise: the release's own comparisons, and no other.

Belongs here: the section. Only what the release calls comparable is compared, by its adjusted p-value; two intervals that
do not overlap say nothing here. Does not belong: working out any change.
"""

from __future__ import annotations

from typing import Any

from tfc_platform.publish.html import text
from tfc_platform.publish.pages.charts import Interval, draw, intervals
from tfc_platform.publish.pages.figures import Release, Row
from tfc_platform.publish.pages.outcomes import indicator_words, leading, populations, unit_of
from tfc_platform.publish.pages.parts import Section, between, cell, chart, number, table
from tfc_platform.publish.pages.reached import state_of
from tfc_platform.publish.pages.words import WITHHELD, humane, join, short, wave_words

__all__ = ["NOISE", "beyond_noise", "changed"]

NOISE = 0.05  # of the adjusted p-value, as it is published: to two decimals
_DESIGNS = {"panel": "the same people twice", "repeated_cross_section": "different people each time"}


def beyond_noise(row: Row) -> bool:
    adjusted = row.value("p_adjusted")
    return adjusted is not None and adjusted < NOISE and row.value("difference") is not None


def changed(release: Release, site: str | None = None) -> Section:
    """Of all sites, or of one."""
    found = Section("changed", "What changed beyond noise")
    where = {} if site is None else {"site": site}
    rows = release.rows("outcome_change", **where)
    if not rows:
        found.answers.append("No change is published yet: it is, once two waves are locked.")
        return found
    judged = number(release.count("outcome_change", "p_adjusted", value__from=0, **where))
    beyond = number(release.count("outcome_change", "p_adjusted", value__below=NOISE, **where))
    apart = number(release.count("outcome_change", "difference", status="not_comparable", **where))
    hidden = number(release.count("outcome_change", "difference", status=sorted(WITHHELD), **where))
    found.answers.append(
        f"Of {judged} changes that can be judged, {beyond} are beyond noise (adjusted p below {NOISE}). {apart} cannot be "
        f"compared, {hidden} are withheld."
    )
    chosen = leading(release, {str(row["indicator"]) for row in rows})
    told = [row for row in rows if beyond_noise(row) and (row["indicator"] in chosen or site is not None)]
    found.answers += _told(release, told, site)
    found.body.append(
        "<p>There is no comparison group: a change may have been brought about by the programme, by other things, or both. "
        "A change of the same people and one of different people are not to be compared with each other.</p>"
    )
    if site is not None:
        found.body.append(_chart(release, rows, chosen, site))
    for population in populations(release, "outcome_change"):
        mine = [row for row in rows if row["population"] == population]
        if mine:
            found.body.append(_population(release, population, mine, chosen, site))
    return found


def _chart(release: Release, rows: list[Row], chosen: list[str], site: str | None) -> str:
    """The leading scales: a panel a scale with a row a site, or of one site a panel a population with a row a scale."""
    places = {name: place for place, name in enumerate(release.sites)}
    shown = sorted(
        (row for row in rows if row["indicator"] in chosen),
        key=lambda row: (
            str(row["population"]),
            chosen.index(row["indicator"]),
            places.get(row["site"], len(places)),
            str(row["design"]),
        ),
    )
    marks = [
        Interval(
            _name(release, row["indicator"]) if site is None else humane(row["population"]),
            short(release.site_name(row["site"])) if site is None else _name(release, row["indicator"]),
            row.value("ci_low"),
            row.value("difference"),
            row.value("ci_high"),
            beyond_noise(row),
            state_of(row.figures.get("difference")),
        )
        for row in shown
    ]
    named = humane(rows[0]["population"]) if site is None else "Scales"
    svg = draw(
        intervals(marks, "Difference in points", None, 0),
        f"changed-{str(rows[0]['population']).replace('_', '-')}" if site is None else "changed-scales",
        f"{named}: change from the earlier wave to the later",
        "A mark is a difference, the line its 95% interval; filled diamonds are beyond noise. The upright line is no change.",
    )
    return chart([svg], f"{text(named)}: change between waves. ◆ beyond noise, ○ within it", "")


def _told(release: Release, rows: list[Row], site: str | None) -> list[str]:
    """A sentence a site and population, with each difference and its interval."""
    groups: dict[tuple[Any, Any], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["site"], row["population"]), []).append(row)
    places = {name: place for place, name in enumerate(release.sites)}
    sentences = []
    for (place, population), members in sorted(
        groups.items(), key=lambda item: (places.get(item[0][0], 99), str(item[0][1]))
    ):
        parts = [
            f"{indicator_words(release, row['indicator'])} {cell(row, 'difference', signed=True)} "
            f"({between(row, signed=True)})"
            for row in members
        ]
        name = "" if site is not None else f"{text(release.site_name(place))}, "
        said = text(humane(population))
        sentences.append(f"{name}{said if site is not None else said.lower()}: {'; '.join(parts)} points.")
    return sentences


def _population(release: Release, population: str, rows: list[Row], chosen: list[str], site: str | None) -> str:
    places = {name: place for place, name in enumerate(release.sites)}
    order = [*chosen, *sorted({str(row["indicator"]) for row in rows} - set(chosen))]
    rows = sorted(
        rows, key=lambda row: (order.index(row["indicator"]), places.get(row["site"], 99), str(row["design"]))
    )
    named = text(humane(population))
    told = [
        row for row in rows if site is not None or release.indicator(row["indicator"]).get("kind", "scale") == "scale"
    ]
    lines = [
        (
            indicator_words(release, row["indicator"]),
            *((text(release.site_name(row["site"])),) if site is None else ()),
            f'<span class="period">{text(wave_words(row["wave_from"]))} to {text(wave_words(row["wave_to"]))}</span>',
            cell(row, "difference", signed=True),
            between(row, signed=True),
            cell(row, "p_adjusted", "p"),
            "yes" if beyond_noise(row) else "no" if row.value("p_adjusted") is not None else "–",
            text(join([_DESIGNS.get(str(row["design"]), humane(row["design"]).lower()), *row.notes])),
        )
        for row in told
    ]
    heads = (
        *("Indicator", *(("Site",) if site is None else ()), "Waves"),
        *("#Difference, points", "95% interval", "#Adjusted p", "Beyond noise", "Who was asked; note"),
    )
    caption = f"{named}: change between waves. An adjusted p of 0.00 is below 0.005."
    drawn = _chart(release, rows, chosen, None) if site is None else ""
    return f"<h3>{named}</h3>{drawn}" + table(caption, heads, lines, fold=f"{named}: all changes")


def _name(release: Release, code: Any) -> str:
    return str(release.indicator(str(code)).get("name", code))
