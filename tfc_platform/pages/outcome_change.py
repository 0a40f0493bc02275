"""What changed between waves beyond noise: the release's own comparisons, and no other.

Belongs here: the section. Only what the release calls comparable is compared, by its adjusted p-value; two intervals that
do not overlap say nothing here. Does not belong: working out any change.
"""

from __future__ import annotations

from typing import Any

from tfc_platform.pages.charts import Interval, draw, intervals
from tfc_platform.pages.components import Section, between, cell, chart, number, table
from tfc_platform.pages.formatting import WITHHELD, humane, short, wave_words
from tfc_platform.pages.html import text
from tfc_platform.pages.outcomes import bounds, headed, in_turn, indicator_words, leading, populations
from tfc_platform.pages.page_figures import Release, Row
from tfc_platform.pages.reach import state_of

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
    groups = [
        (population, mine)
        for population in populations(release, "outcome_change")
        if (mine := [row for row in rows if row["population"] == population])
    ]
    drawn = in_turn([_charts(release, population, mine, chosen, site) for population, mine in groups])
    found.body.append(
        chart(drawn, "Change between waves. ◆ beyond noise, ○ within it; the upright line is no change", "")
    )
    found.body += [_table(release, population, mine, chosen, site) for population, mine in groups]
    return found


def _charts(release: Release, population: str, rows: list[Row], chosen: list[str], site: str | None) -> list[str]:
    """Of the leading scales, those of one range together: points of two ranges are not the same points."""
    places = {name: place for place, name in enumerate(release.sites)}
    by_range: dict[tuple[float, float], list[Interval]] = {}
    for code in chosen:
        mine = [row for row in rows if row["indicator"] == code]
        for row in sorted(mine, key=lambda row: (places.get(row["site"], len(places)), str(row["design"]))):
            mark = Interval(
                _name(release, code) if site is None else "",
                short(release.site_name(row["site"])) if site is None else _name(release, code),
                row.value("ci_low"),
                row.value("difference"),
                row.value("ci_high"),
                beyond_noise(row),
                state_of(row.figures.get("difference")),
            )
            by_range.setdefault(bounds(release, code), []).append(mark)
    return [
        headed(
            population,
            list(dict.fromkeys(mark.panel or mark.label for mark in marks)),
            draw(
                intervals(marks, f"Difference, points of {low:g} to {high:g}", None, 0),
                f"changed-{population.replace('_', '-')}-{place}",
                f"{humane(population)}: change from the earlier wave to the later",
                "A mark is a difference, the line its 95% interval; filled diamonds are beyond noise.",
            ),
        )
        for place, ((low, high), marks) in enumerate(by_range.items())
    ]


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


def _table(release: Release, population: str, rows: list[Row], chosen: list[str], site: str | None) -> str:
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
            text("; ".join([_DESIGNS.get(str(row["design"]), humane(row["design"]).lower()), *row.notes])),
        )
        for row in told
    ]
    heads = (
        *("Indicator", *(("Site",) if site is None else ()), "Waves"),
        *("#Difference, points", "95% interval", "#Adjusted p", "Beyond noise", "Who was asked; note"),
    )
    caption = f"{named}: change between waves. An adjusted p of 0.00 is below 0.005."
    return table(caption, heads, lines, fold=f"{named}: all changes")


def _name(release: Release, code: Any) -> str:
    return str(release.indicator(str(code)).get("name", code))
