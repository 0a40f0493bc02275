"""What changed between waves by more than chance: the release's own comparisons, and no other.

Only what the release reads as a change is called one. That two intervals do not overlap says nothing here.
"""

from __future__ import annotations

from typing import Any

from tfc_platform.pages.charts import ChartText, IntervalMark, interval_chart
from tfc_platform.pages.findings import is_clear, why_no_comparison
from tfc_platform.pages.formatting import HIDDEN, code_words, humane, short
from tfc_platform.pages.indicators import (
    indicator_name,
    indicator_words,
    leading_scales,
    populations_of,
    same_range,
    scale_range,
    wave_order,
    wave_text,
)
from tfc_platform.pages.outcome_trend import trend_sentences, trend_table
from tfc_platform.pages.page_figures import ReleaseRow, ReleaseView
from tfc_platform.pages.reach import missing_state
from tfc_platform.pages.view_models import (
    Content,
    PageSection,
    Paragraph,
    cell,
    columns,
    data_table,
    figure_text,
    interval_text,
)

__all__ = ["change_section"]

_DESIGNS = {
    "panel": "the same people twice",
    "repeated_cross_section": "different people each time",
    "common_clusters": "different people, of the schools in both waves",
}


def change_section(release: ReleaseView, site: str | None = None) -> PageSection:
    """Of all sites, or of one."""
    section = PageSection("changed", "What changed by more than chance")
    where = {} if site is None else {"site": site}
    rows = release.rows("outcome_change", **where)
    if not rows:
        section.answers.append("No change is published yet. It is once two waves are final.")
        return section
    judged = figure_text(release.count("outcome_change", "p_adjusted", value__from=0, family="headline", **where))
    clear = figure_text(release.count("outcome_change", "difference", reading="change", **where))
    explored = figure_text(release.count("outcome_change", "p_adjusted", value__from=0, family="exploratory", **where))
    apart = figure_text(release.count("outcome_change", "difference", status="not_comparable", **where))
    hidden = figure_text(release.count("outcome_change", "difference", status=sorted(HIDDEN), **where))
    section.answers.append(
        (
            *(
                clear,
                " of ",
                judged,
                " headline comparisons show a clear change. Their questions were declared beforehand. ",
            ),
            *(explored, " others are exploratory: they show where to look, and no change is claimed. "),
            *(apart, " cannot be compared, ", hidden, " are not shown: the tables give the reasons."),
        )
    )
    leading = leading_scales(release, {str(row["indicator"]) for row in rows})
    clear_rows = [row for row in rows if is_clear(row) and (row["indicator"] in leading or site is not None)]
    section.answers += _clear_changes(release, clear_rows, leading, site)
    section.answers += trend_sentences(release, site, leading)
    section.add(
        Paragraph(
            "There is no comparison group: the programme, other things, or both may have caused a change. Changes among the "
            "same people and among different people must not be compared with each other."
        ),
        _chart(release, rows, leading, site),
    )
    for population in populations_of(release, "outcome_change"):
        mine = [row for row in rows if row["population"] == population]
        section.add(_table(release, population, mine, leading, site))
    section.add(trend_table(release, site))
    return section


def _chart(release: ReleaseView, rows: list[ReleaseRow], leading: list[str], site: str | None) -> Any:
    """The leading scales that share a range: a panel each, a row for each population, site and design.

    A population that was asked and has no comparison has a row with the reason in a word.
    """
    codes = same_range(release, leading)
    sites = release.sites if site is None else (site,)
    marks = []
    for code in codes:
        for population in populations_of(release, "outcome_change", "outcome_indicator"):
            for place in sites:
                mine = [row for row in rows if (row["population"], row["site"]) == (population, place)]
                name = code_words("populations", population)
                name += f": {short(release.site_name(place))}" if site is None else ""
                if not mine:
                    word, _ = why_no_comparison(release, place, population)
                    marks.append(IntervalMark(name, state=word, panel=indicator_name(release, code)))
                marks += _marks(release, [row for row in mine if row["indicator"] == code], name)
    low, high = scale_range(release, codes[0])
    text = ChartText(
        "changed",
        "Change between waves, by group of people and scale",
        "A mark is a difference, the line its 95% interval. A filled diamond is a clear change.",
        f"Difference, points of {low:g} to {high:g}",
    )
    caption = "Change from the wave before to the latest wave. ◆ clear change, ○ no clear change; the upright line is no change"
    return interval_chart(caption, text, marks, reference=0, signed=True)


def _marks(release: ReleaseView, rows: list[ReleaseRow], name: str) -> list[IntervalMark]:
    """The latest change of one indicator, population and site: two where it was measured by two designs."""
    latest = max((str(row["wave_to"]) for row in rows), key=lambda wave: wave_order(release, wave), default="")
    last_rows = [
        row
        for row in rows
        if row["wave_to"] == latest
        # Designs that have no figure are in the table; one design has one row at least.
        and row["comparison"] != "baseline"
        and (row["family"] != "exploratory" or len({other["design"] for other in rows}) == 1)
    ] or [row for row in rows if row["wave_to"] == latest]
    return [
        IntervalMark(
            name + (f" ({_DESIGNS.get(str(row['design']), row['design'])})" if len(last_rows) > 1 else ""),
            row.value("ci_low"),
            row.value("difference"),
            row.value("ci_high"),
            is_clear(row),
            missing_state(row.figures.get("difference")),
            indicator_name(release, row["indicator"]),
        )
        for row in last_rows
    ]


def _place(code: Any, leading: list[str]) -> tuple[int, str]:
    """The leading scales first, in their order."""
    return (leading.index(code) if code in leading else len(leading), str(code))


def _clear_changes(release: ReleaseView, rows: list[ReleaseRow], leading: list[str], site: str | None) -> list[Content]:
    """A sentence for each site and population, with each clear difference and its interval."""
    groups: dict[tuple[Any, Any], list[ReleaseRow]] = {}
    for row in release.by_site(sorted(rows, key=lambda row: _place(row["indicator"], leading))):
        groups.setdefault((row["site"], row["population"]), []).append(row)
    sentences: list[Content] = []
    for (place, population), members in groups.items():
        name = code_words("populations", population)
        content: list[Content] = [name if site is not None else f"{release.site_name(place)}, {name.lower()}", ": "]
        for number, row in enumerate(members):
            content += ["; " if number else "", indicator_words(release, row["indicator"]), " "]
            content += [cell(row, "difference", signed=True), " (", interval_text(row, signed=True), ")"]
        sentences.append((*content, " points."))
    return sentences


def _table(release: ReleaseView, population: str, rows: list[ReleaseRow], leading: list[str], site: str | None) -> Any:
    shown = [
        row for row in rows if site is not None or release.indicator(row["indicator"]).get("kind", "scale") == "scale"
    ]
    lines = [
        (
            indicator_words(release, row["indicator"]),
            *((release.site_name(row["site"]),) if site is None else ()),
            _wave_pair(row),
            cell(row, "difference", signed=True),
            interval_text(row, signed=True),
            cell(row, "p_adjusted", "p"),
            _claim(row),
            cell(row, "smallest_change") if row.value("smallest_change") is not None else "–",
            "; ".join([_DESIGNS.get(str(row["design"]), humane(row["design"]).lower()), *_notes(row)]),
        )
        for row in sorted(release.by_site(shown), key=lambda row: _place(row["indicator"], leading))
    ]
    heads = columns(
        *("Indicator", *(("Site",) if site is None else ()), "Waves", "#Difference, points", "95% interval"),
        *("#Adjusted p", "Clear change", "#Smallest change that would show", "Who was asked; note"),
    )
    name = code_words("populations", population)
    return data_table(f"{name}: change between waves", heads, lines, fold=f"Table: {name.lower()}, all changes")


def _wave_pair(row: ReleaseRow) -> Content:
    since = (" (baseline)",) if row["comparison"] == "baseline" else ()
    return (wave_text(row["wave_from"]), " to ", wave_text(row["wave_to"]), *since)


def _claim(row: ReleaseRow) -> str:
    if row.value("p_adjusted") is None:
        return "–"
    if row["family"] == "exploratory":
        return "exploratory"
    return "yes" if is_clear(row) else "no"


def _notes(row: ReleaseRow) -> list[str]:
    """Notes of figures that have a value; of the others they are footnotes."""
    return list(dict.fromkeys(f.note for f in row.figures.values() if f.note and f.value is not None))
