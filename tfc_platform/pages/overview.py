"""The first page of a release: main points, what to be careful about, and five findings with a chart and its table each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tfc_platform.pages.charts import BarMark, ChartText, bar_chart
from tfc_platform.pages.delivery import MEASURES, during, sum_text
from tfc_platform.pages.findings import (
    SENT,
    ChangeDirection,
    ChangeVerdict,
    PopulationFinding,
    delivery_heading,
    delivery_point,
    learning_heading,
    outcome_heading,
    outcome_points,
    population_findings,
    reach_heading,
    stories_heading,
    stories_point,
    story_domains,
)
from tfc_platform.pages.formatting import code_words, humane, month_words, period_words, short
from tfc_platform.pages.indicators import headline_scales, indicator_name, scale_range
from tfc_platform.pages.learning_items import OPEN, days_waiting, item_counts
from tfc_platform.pages.outcomes import waiting_surveys
from tfc_platform.pages.page_figures import ReleaseView
from tfc_platform.pages.periods import covered_period, delivery_year, year_code
from tfc_platform.pages.reach import HIGH, LOW, latest_year, year_marks
from tfc_platform.pages.stories import quotation
from tfc_platform.pages.submissions import held_sentences, overdue_sentence
from tfc_platform.pages.view_models import (
    Content,
    MissingText,
    PageSection,
    PeriodText,
    Quotations,
    StrongText,
    cell,
    columns,
    data_table,
    figure_text,
    footnote_mark,
    interval_text,
    joined,
    period_text,
)

__all__ = ["Overview", "overview"]

_SYMBOLS = {ChangeDirection.RISE: "▲", ChangeDirection.FALL: "▼", ChangeDirection.NO_CLEAR_CHANGE: "●"}
_SPOKEN = {
    ChangeDirection.RISE: "clear rise",
    ChangeDirection.FALL: "clear fall",
    ChangeDirection.NO_CLEAR_CHANGE: "no clear change",
}


@dataclass(frozen=True)
class VerdictCell:
    """One verdict: symbol, its words for who does not see it, difference and interval; or in words why there is none."""

    verdict: str
    symbol: str
    spoken: str
    difference: Content
    interval: Content


@dataclass(frozen=True)
class VerdictTable:
    """A block of rows for each population, a row for each site, a column for each scale."""

    caption: Content
    scales: tuple[str, ...]
    groups: tuple[tuple[str, tuple[tuple[str, tuple[VerdictCell, ...]], ...]], ...]
    footnotes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Overview:
    """All that the first page shows."""

    heading: Content
    lead: tuple[Content, ...]
    points: tuple[Content, ...]
    cautions: tuple[Content, ...]
    outcomes: PageSection
    verdicts: VerdictTable | None
    sections: tuple[PageSection, ...]


def overview(release: ReleaseView) -> Overview:
    """The first page, from the release."""
    scales = headline_scales(release)
    findings = population_findings(release, scales) if scales else []
    heading: list[Content] = ["Together for Childhood"]
    covered = covered_period(release)
    if covered is not None:
        heading += [": results to ", PeriodText(month_words(covered[1]))]
    span = () if covered is None else (PeriodText(month_words(covered[0])), " to ", PeriodText(month_words(covered[1])))
    names = joined([short(release.site_name(site)) for site in release.sites])
    lead: Content = (names, ". Group sessions and attendances are those of ", span, ".") if span else names
    return Overview(
        heading=tuple(heading),
        lead=(lead,) if release.sites else (),
        points=(
            *outcome_points(release, findings),
            *delivery_point(release),
            *_reach_point(release),
            *_learning_point(release),
            *stories_point(release),
        ),
        cautions=tuple(_cautions(release, findings)),
        outcomes=PageSection("changed", outcome_heading(findings)),
        verdicts=_verdict_table(release, scales, findings),
        sections=(_delivery(release), _reach(release), _learning(release), _stories(release)),
    )


def _reach_point(release: ReleaseView) -> list[Content]:
    rows = latest_year(release)
    if not any(row.value(LOW) is not None for row in rows):
        return []
    return [(StrongText(reach_heading(release)), ". An attendance is not a person.")]


def _learning_point(release: ReleaseView) -> list[Content]:
    rows = release.rows("learning_action")
    if not rows:
        return []
    days = days_waiting(release, rows)
    waits = () if days is None else ("; the oldest item without an answer has waited ", days, " days")
    return [(StrongText(learning_heading(release)), *waits, ".")]


def _cautions(release: ReleaseView, findings: Sequence[PopulationFinding]) -> list[Content]:
    """What may mislead: previous files, late returns, surveys that are not final, and that nothing shows a cause."""
    cautions: list[Content] = [*held_sentences(release)]
    overdue = overdue_sentence(release)
    if overdue is not None:
        cautions.append((overdue, " Figures of the months they cover are missing."))
    waiting = waiting_surveys(release)
    if waiting:
        cautions.append(("Surveys returned, but not final yet: ", joined(waiting), "."))
    if any(one.verdict is not ChangeDirection.CANNOT_SAY for one in findings):
        cautions.append("There is no comparison group: other things may also explain a change.")
    cautions.append("Someone who comes ten times is counted ten times. Attendances of sites must not be added.")
    return cautions


def _verdict_table(
    release: ReleaseView, scales: Sequence[str], findings: Sequence[PopulationFinding]
) -> VerdictTable | None:
    if not findings or not scales:
        return None
    footnotes: dict[str, str] = {}
    groups = tuple(
        (
            code_words("populations", one.population),
            tuple(
                (
                    short(release.site_name(site)),
                    tuple(_verdict_cell(item, footnotes) for item in one.verdicts if item.site == site),
                )
                for site in release.sites
            ),
        )
        for one in findings
    )
    low, high = scale_range(release, scales[0])
    caption = (
        f"Change in mean score, points of {low:g} to {high:g}, from the wave before to the latest wave, with its 95% interval. "
        "▲ clear rise, ▼ clear fall, ● no clear change: among so many comparisons chance may explain it, "
        "also where the interval leaves out zero."
    )
    names = tuple(indicator_name(release, scale) for scale in scales)
    return VerdictTable(caption, names, groups, tuple((mark, note) for note, mark in footnotes.items()))


def _verdict_cell(item: ChangeVerdict, footnotes: dict[str, str]) -> VerdictCell:
    if item.row is None or item.verdict is ChangeDirection.CANNOT_SAY:
        word = MissingText("none", item.word, item.reason, footnote_mark(item.reason, footnotes))
        return VerdictCell(item.verdict.value, "", "", word, "")
    return VerdictCell(
        item.verdict.value,
        _SYMBOLS[item.verdict],
        _SPOKEN[item.verdict],
        cell(item.row, "difference", signed=True),
        interval_text(item.row, signed=True),
    )


def _delivery(release: ReleaseView) -> PageSection:
    section = PageSection("delivered", delivery_heading(release))
    year = delivery_year(release)
    if year is None:
        return section
    marks, lines = [], []
    for site in release.sites:
        sums = [release.sum("delivery", measure, site=site, **during(*year)) for measure, _ in MEASURES]
        name = short(release.site_name(site))
        marks.append(
            BarMark(name, None if sums[0] is None else sums[0].value, state="not available" if sums[0] is None else "")
        )
        lines.append((name, *map(sum_text, sums)))
    named = period_words(year_code(year))
    text = ChartText("delivered", f"Group sessions delivered, {named}, by site", "Bars from zero.", "Sessions")
    caption = ("Group sessions, ", period_text(year_code(year)))
    heads = columns("Site", *(f"#{head}" for _, head in MEASURES))
    section.add(
        bar_chart(caption, text, marks, with_narrow=True), _hidden_table("group sessions", caption, heads, lines)
    )
    return section


def _hidden_table(name: str, caption: Content, heads: Any, lines: Sequence[Sequence[Content]]) -> Any:
    """The table behind a chart: folded up on a screen, open on paper."""
    return data_table(caption, heads, lines, fold=f"Table: {name}", always_folded=True)


def _reach(release: ReleaseView) -> PageSection:
    section = PageSection("reached", reach_heading(release))
    rows = latest_year(release)
    if not rows:
        return section
    caption = ("Attendances at group sessions, ", period_text(rows[0]["year"]), ": at least (filled), up to (hollow)")
    text = ChartText(
        "reached",
        "Attendances at group sessions in a year, by site",
        "Bars from zero to the lowest number that is certain; hollow from there to the highest that was written.",
        "Attendances",
    )
    lines = [(short(release.site_name(row["site"])), cell(row, LOW), cell(row, HIGH)) for row in rows]
    heads = columns("Site", "#At least", "#At most")
    section.add(
        bar_chart(caption, text, year_marks(release, rows), with_narrow=True),
        _hidden_table("attendances", f"Attendances, {release.nearest}", heads, lines),
    )
    return section


def _learning(release: ReleaseView) -> PageSection:
    section = PageSection("learning", learning_heading(release))
    rows = release.rows("learning_action")
    if not rows:
        return section
    marks, lines = [], []
    for site in release.sites:
        name = short(release.site_name(site))
        sent = release.count("learning_action", "days_to_send", to_site=site, action_status=list(SENT))
        adopted = release.count("learning_action", "days_to_send", to_site=site, action_status="adopted")
        marks.append(BarMark(name, adopted.value, sent.value, written=f"{adopted.value:g} of {sent.value:g}"))
        oldest = days_waiting(release, [row for row in rows if row["to_site"] == site])
        lines.append(
            (
                *(name, figure_text(sent), figure_text(adopted)),
                *(item_counts(release, to_site=site, action_status=list(OPEN)), oldest or "–"),
            )
        )
    caption = "Learning sent to each site: adopted (filled), no answer yet (hollow)"
    text = ChartText(
        "learning", "Learning sent to each site, and how much of it was adopted", "Bars from zero.", "Items"
    )
    heads = columns("Site", "#Sent to it", "#Adopted", "#No answer yet", "#Days the oldest has waited")
    section.add(
        bar_chart(caption, text, marks, with_narrow=True),
        _hidden_table(
            "learning", "Learning sent to each site. An item that was sent to two sites counts twice.", heads, lines
        ),
    )
    return section


def _stories(release: ReleaseView) -> PageSection:
    section = PageSection("stories", stories_heading(release))
    domains = story_domains(release)
    if not domains:
        return section
    marks = [BarMark(humane(domain), count.value) for domain, count in domains]
    text = ChartText("stories", "Stories approved for sharing, by kind of change", "Bars from zero.", "Stories")
    lines = [(humane(domain), figure_text(count)) for domain, count in domains]
    caption = "Stories approved for sharing, by kind of change"
    story = release.records("stories")[0]
    section.add(
        bar_chart(caption, text, marks, with_narrow=True),
        _hidden_table("stories", caption, columns("Kind of change", "#Stories"), lines),
        Quotations((quotation(release, dict(story)),)),
    )
    return section
