"""What people know, think and do: survey estimates by site, population and wave, each with its interval."""

from __future__ import annotations

from typing import Any

from tfc_platform.pages.charts import ChartText, IntervalMark, SeriesPoint, interval_chart, series_chart
from tfc_platform.pages.formatting import HIDDEN, code_words, humane, short, wave_words
from tfc_platform.pages.indicators import (
    indicator_name,
    indicator_words,
    leading_scales,
    populations_of,
    same_range,
    scale_range,
    unit_of,
    wave_order,
    wave_text,
)
from tfc_platform.pages.page_figures import ReleaseRow, ReleaseView
from tfc_platform.pages.reach import missing_state
from tfc_platform.pages.view_models import (
    Content,
    MissingText,
    PageSection,
    Paragraph,
    Subheading,
    cell,
    columns,
    data_table,
    figure_text,
    interval_text,
    joined,
)

__all__ = ["outcomes_section", "waiting_surveys"]


def outcomes_section(release: ReleaseView, site: str | None = None) -> PageSection:
    """Of all sites, or of one with its waves, questions and areas."""
    section = PageSection("outcomes", "What people know, think and do")
    rows = [row for row in release.rows("outcome_indicator") if row["breakdown"] == "all"]
    if site is not None:
        rows = [row for row in rows if row["site"] == site]
    section.answers += _published(release, rows, site)
    if not rows:
        return section
    section.add(
        Paragraph(
            "The line through a mark is the 95% interval: the range in which the true figure may well be. Sites are designed "
            "differently, so no average over them is given."
        )
    )
    by_population = [
        (population, mine)
        for population in populations_of(release, "outcome_indicator")
        if (mine := [row for row in rows if row["population"] == population])
    ]
    if site is None:
        for population, mine in by_population:
            section.add(_scales_chart(release, population, mine), _scales_table(release, population, mine))
        return section
    section.add(_waves_chart(release, by_population), _questions_chart(release, by_population))
    section.add(*(_site_table(release, population, mine) for population, mine in by_population))
    _add_beside(section, release, site)
    _add_areas(section, release, site)
    return section


def _published(release: ReleaseView, rows: list[ReleaseRow], site: str | None) -> list[Content]:
    surveys: list[Content] = []
    for population in populations_of(release, "outcome_indicator"):
        waves = _waves(release, [row for row in rows if row["population"] == population])
        if waves:
            surveys.append((code_words("populations", population), " ", joined([wave_text(wave) for wave in waves])))
    if not surveys:
        return ["No survey figures are published yet. They are once a wave is final."]
    where = {"breakdown": "all", **({} if site is None else {"site": site})}
    shown = release.count("outcome_indicator", "estimate", value__from=-1e9, **where)
    hidden = release.count("outcome_indicator", "estimate", status=sorted(HIDDEN), **where)
    published: Content = ("Published surveys: ", joined(surveys), ".")
    counted: Content = (
        *(figure_text(shown), " estimates are shown, each with its interval; ", figure_text(hidden)),
        " are not shown. The tables give the reason for each.",
    )
    waiting = waiting_surveys(release, site)
    return [published, counted, *([("Returned, but not final yet: ", joined(waiting), ".")] if waiting else [])]


def waiting_surveys(release: ReleaseView, site: str | None = None) -> list[Content]:
    """Surveys that were returned, by the expected returns, and of which no figure is published."""
    rows = [row for row in release.rows("outcome_indicator") if site is None or row["site"] == site]
    published = {(row["site"], f"{row['population']} {row['wave']}") for row in rows}
    known = {str(row["population"]) for row in release.rows("outcome_indicator")}
    waiting: list[Content] = []
    for row in release.rows("expected_return", return_status="received"):
        population, _, wave = str(row["return_key"]).partition(" ")
        if (
            population in known
            and (site is None or row["site"] == site)
            and (row["site"], row["return_key"]) not in published
        ):
            name = f"{release.site_name(row['site'])} {code_words('populations', population).lower()} "
            waiting.append((name, wave_text(wave)))
    return waiting


def _waves(release: ReleaseView, rows: list[ReleaseRow]) -> list[str]:
    """The waves of the rows in their order."""
    return sorted({str(row["wave"]) for row in rows}, key=lambda wave: wave_order(release, wave))


def _last_two(release: ReleaseView, rows: list[ReleaseRow]) -> list[ReleaseRow]:
    """A chart has room for two waves of a row; earlier ones are in the table."""
    waves = _waves(release, rows)[-2:]
    return [row for row in rows if row["wave"] in waves]


def _mark(label: str, row: ReleaseRow, latest: str, panel: str = "") -> IntervalMark:
    return IntervalMark(
        label,
        row.value("ci_low"),
        row.value("estimate"),
        row.value("ci_high"),
        row["wave"] == latest,
        missing_state(row.figures.get("estimate")),
        panel,
    )


def _scales_chart(release: ReleaseView, population: str, rows: list[ReleaseRow]) -> Any:
    """The leading scales that share a range: a panel each, a row for each site, two waves one above the other."""
    codes = same_range(release, leading_scales(release, {str(row["indicator"]) for row in rows}))
    latest = _waves(release, rows)[-1]
    marks = [
        _mark(short(release.site_name(row["site"])), row, latest, indicator_name(release, code))
        for code in codes
        for row in release.by_site(sorted(_last_two(release, rows), key=lambda row: wave_order(release, row["wave"])))
        if row["indicator"] == code
    ]
    low, high = scale_range(release, codes[0])
    name = code_words("populations", population)
    text = ChartText(
        f"outcomes-{population.replace('_', '-')}",
        f"{name}: mean scores by site and wave",
        "A mark is an estimate, the line its 95% interval. A hollow circle is an earlier wave, a diamond the latest.",
        f"Mean score, out of {low:g} to {high:g}",
    )
    return interval_chart(f"{name}: mean scores by site. ○ earlier wave, ◆ latest wave", text, marks)


def _scales_table(release: ReleaseView, population: str, rows: list[ReleaseRow]) -> Any:
    codes = {str(row["indicator"]) for row in rows}
    leading = leading_scales(release, codes)
    lines = [
        (
            *(indicator_words(release, code), release.site_name(row["site"]), wave_text(row["wave"])),
            *(cell(row, "estimate", unit_of(row)), interval_text(row), cell(row, "n"), _notes(row)),
        )
        for code in [*leading, *sorted(codes - set(leading))]
        if release.indicator(code).get("kind", "scale") == "scale"
        for row in release.by_site(sorted(rows, key=lambda row: wave_order(release, row["wave"])))
        if row["indicator"] == code
    ]
    name = code_words("populations", population)
    caption = (
        f"{name}: scales by site and wave. Means are rounded; the number of responses is {release.nearest}. Single questions "
        "are on each site's page."
    )
    heads = columns("Scale", "Site", "Wave", "#Mean", "95% interval", "#Responses", "Note")
    return data_table(caption, heads, lines, fold=f"Table: {name.lower()}, all scales")


def _waves_chart(release: ReleaseView, by_population: list[tuple[str, list[ReleaseRow]]]) -> Any:
    """A site's leading scales through the waves: a panel for each population and scale."""
    points = []
    for population, rows in by_population:
        codes = same_range(release, leading_scales(release, {str(row["indicator"]) for row in rows}))
        points += [
            SeriesPoint(
                wave_words(row["wave"]).capitalize(),
                row.value("estimate"),
                row.value("ci_low"),
                row.value("ci_high"),
                missing_state(row.figures.get("estimate")),
                f"{code_words('populations', population)}: {indicator_name(release, code)}",
            )
            for code in codes
            for row in sorted(rows, key=lambda row: wave_order(release, row["wave"]))
            if row["indicator"] == code
        ]
    text = ChartText(
        "outcomes-waves",
        "Mean scores by wave",
        "A panel for each group of people and scale; upright lines are 95% intervals. The tables have the figures.",
        "Mean score",
    )
    return series_chart("Mean scores by wave, with 95% intervals", text, points, zero=False)


def _questions_chart(release: ReleaseView, by_population: list[tuple[str, list[ReleaseRow]]]) -> Any:
    """A site's single questions: a panel for each population, a row for each question."""
    marks = []
    for population, rows in by_population:
        latest = _waves(release, rows)[-1]
        for row in _last_two(
            release, sorted(rows, key=lambda row: (str(row["indicator"]), wave_order(release, row["wave"])))
        ):
            if unit_of(row) == "percent":
                star = "*" if release.indicator(row["indicator"]).get("reversed") else ""
                label = indicator_name(release, row["indicator"]) + star
                marks.append(_mark(label, row, latest, code_words("populations", population)))
    verb = _agreed(release, [row for _, rows in by_population for row in rows])
    text = ChartText(
        "outcomes-questions",
        f"Per cent who {verb}, by question and wave",
        "A mark is an estimate, the line its 95% interval. A hollow circle is an earlier wave, a diamond the latest.",
        f"Per cent who {verb}",
    )
    caption = (
        f"Per cent who {verb}, by question. ○ earlier wave, ◆ latest wave, * disagreed, where that is the better answer"
    )
    return interval_chart(caption, text, marks)


def _agreed(release: ReleaseView, rows: list[ReleaseRow]) -> str:
    has_options = any(release.indicator(row["indicator"]).get("option") for row in rows)
    return "agreed or chose" if has_options else "agreed"


def _site_table(release: ReleaseView, population: str, rows: list[ReleaseRow]) -> Any:
    order = {code: place for place, code in enumerate(release.indicator_codes)}
    lines = [
        (
            *(indicator_words(release, row["indicator"]), wave_text(row["wave"]), cell(row, "estimate", unit_of(row))),
            *(interval_text(row, unit_of(row)), cell(row, "n"), _notes(row)),
        )
        for row in sorted(
            rows,
            key=lambda row: (order.get(row["indicator"], 999), str(row["indicator"]), wave_order(release, row["wave"])),
        )
    ]
    name = code_words("populations", population)
    caption = (
        f"{name}: questions in per cent who {_agreed(release, rows)} (or disagreed, where that is the better answer), scales as "
        f"means. The number of responses is {release.nearest}."
    )
    heads = columns("Question or scale", "Wave", "#Estimate", "95% interval", "#Responses", "Note")
    return data_table(caption, heads, lines, fold=f"Table: {name.lower()}, all questions and scales")


def _notes(row: ReleaseRow) -> str:
    """Notes of figures that have a value; of the others they are footnotes."""
    return " ".join(
        dict.fromkeys(f.note for f in row.figures.values() if f.note and f.value is not None and f.status != "held")
    )


def _add_beside(section: PageSection, release: ReleaseView, site: str) -> None:
    """The leading scales of each population's latest wave, a column for each site: side by side, and never averaged."""
    rows = release.rows("outcome_indicator", breakdown="all")
    lines = []
    for population in populations_of(release, "outcome_indicator"):
        mine = [row for row in rows if row["population"] == population]
        if not mine:
            continue
        latest = _waves(release, mine)[-1]
        by_key = {(row["site"], row["indicator"]): row for row in mine if row["wave"] == latest}
        for code in leading_scales(release, {str(row["indicator"]) for row in mine}):
            cells = [_estimate_with_interval(by_key.get((name, code))) for name in release.sites]
            head = (
                code_words("populations", population),
                ", ",
                wave_text(latest),
                ": ",
                indicator_words(release, code),
            )
            lines.append((head, *cells))
    if not lines:
        return
    heads = columns(
        "Group; scale",
        *(f"#{release.site_name(name)}{' (this site)' if name == site else ''}" for name in release.sites),
    )
    caption = "Scales of the latest wave, with 95% intervals. Sites are designed differently: no average is given."
    section.add(Subheading("Beside the other sites"), data_table(caption, heads, lines))


def _estimate_with_interval(row: ReleaseRow | None) -> Content:
    if row is None:
        return MissingText("not_available", "not published")
    if row.value("estimate") is None:
        return cell(row, "estimate")
    return (cell(row, "estimate", unit_of(row)), " (", interval_text(row, unit_of(row)), ")")


def _add_areas(section: PageSection, release: ReleaseView, site: str) -> None:
    rows = [row for row in release.rows("outcome_indicator", site=site) if row["breakdown"] != "all"]
    chosen = set(leading_scales(release, {str(row["indicator"]) for row in rows}))
    lines = [
        (
            *(humane(row["breakdown_value"]), code_words("populations", row["population"])),
            *(indicator_words(release, row["indicator"]), wave_text(row["wave"])),
            *(cell(row, "estimate", unit_of(row)), interval_text(row, unit_of(row)), cell(row, "n")),
        )
        for row in rows
        if row["indicator"] in chosen
    ]
    if lines:
        heads = columns("Area", "Group", "Scale", "Wave", "#Mean", "95% interval", "#Responses")
        caption = "Scales by area, where enough people answered. Single questions by area are in the files."
        section.add(Subheading("By area"), data_table(caption, heads, lines, fold="Table: scales by area"))
