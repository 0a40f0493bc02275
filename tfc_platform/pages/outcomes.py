"""What people know, think and do: survey estimates by site, population and wave, each with its interval.

Belongs here: the section, and which indicators stand for all. Does not belong: what changed (`changes_waves`).
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from tfc_platform.pages.charts import Interval, draw, intervals
from tfc_platform.pages.components import Section, between, cell, chart, number, table
from tfc_platform.pages.formatting import humane, join, short, wave_words
from tfc_platform.pages.html import text
from tfc_platform.pages.page_figures import Release, Row
from tfc_platform.pages.reach import state_of

__all__ = ["bounds", "headed", "in_turn", "indicator_words", "leading", "outcomes", "populations", "unit_of"]


def populations(release: Release, table_name: str) -> tuple[str, ...]:
    return tuple(sorted({str(row["population"]) for row in release.rows(table_name)}))


def leading(release: Release, codes: set[str]) -> list[str]:
    """The scales that stand for all items: in the codebook's order, each item once. Without scales, the codes themselves."""
    labels = release.manifest.get("labels", {}).get("indicators", {})
    taken: set[str] = set()
    chosen = []
    for code, said in labels.items():
        items = set(said.get("items", ()))
        if code in codes and said.get("kind") == "scale" and not items & taken:
            chosen.append(code)
            taken |= items
    # Those that share their range most come first: they stand in one chart.
    ranges = [bounds(release, code) for code in chosen]
    chosen.sort(key=lambda code: -ranges.count(bounds(release, code)))
    return chosen or sorted(codes)


def indicator_words(release: Release, code: Any) -> str:
    """A scale's name, or an item's wording with its code; of a reversed item, that people disagreed with it, and of an option
    that they chose it."""
    said = release.indicator(str(code))
    if said.get("kind") == "scale":
        return text(said.get("name", humane(code)))
    wording = said.get("wording")
    shown = f'<span class="code">{text(code)}</span>'
    if wording is None:
        return shown
    how = "Disagreed: " if said.get("reversed") else "Chose: " if said.get("option") else ""
    return f"{how}{text(wording)} {shown}"


def unit_of(row: Row) -> str | None:
    return "percent" if str(row["indicator_measure"]).startswith("percent") else None


def bounds(release: Release, code: str) -> tuple[float, float]:
    """The scale of a chart: what the indicator can be."""
    low, high = release.indicator(code).get("range", (0, 100))
    return float(low), float(high)


def outcomes(release: Release, site: str | None = None) -> Section:
    """Of all sites, or of one with its items and areas."""
    found = Section("outcomes", "What people know, think and do")
    rows = [row for row in release.rows("outcome_indicator") if row["breakdown"] == "all"]
    if site is not None:
        rows = [row for row in rows if row["site"] == site]
    found.answers += _published(release, rows, site)
    if rows:
        found.body.append(
            "<p>The line through a mark is the 95% interval: where the true figure may well lie. Scales "
            "run from their lowest to their highest possible value.</p>"
        )
    groups = [
        (population, mine)
        for population in populations(release, "outcome_indicator")
        if (mine := [row for row in rows if row["population"] == population])
    ]
    build = _of_sites if site is None else _of_one
    parts = [build(release, population, mine) for population, mine in groups]
    title = "Scales by site and wave" if site is None else "Questions by wave"
    star = "" if site is None else " (* disagreed, where that is the better answer)"
    found.body.append(
        chart(in_turn([drawn for drawn, _ in parts]), f"{title}. ○ earlier wave, ◆ latest wave{star}", "")
    )
    found.body += [its_table for _, its_table in parts]
    if site is not None:
        found.body += [_beside(release, site), _by_area(release, site)]
    return found


def _published(release: Release, rows: list[Row], site: str | None) -> list[str]:
    told = []
    for population in populations(release, "outcome_indicator"):
        waves = sorted({str(row["wave"]) for row in rows if row["population"] == population})
        if waves:
            told.append(f"{text(humane(population))}: {join([_wave(wave) for wave in waves])}")
    if not told:
        return ["No survey figures are published yet: a wave is, once it is locked."]
    where = {"breakdown": "all", **({} if site is None else {"site": site})}
    shown = release.count("outcome_indicator", "estimate", value__from=-1e9, **where)
    hidden = release.count("outcome_indicator", "estimate", status=["suppressed", "suppressed_secondary"], **where)
    return [
        f"Published surveys. {'; '.join(told)}.",
        f"{number(shown)} estimates for everybody asked are shown, each with its interval; {number(hidden)} are withheld, "
        "because too few answered.",
        *_waiting(release, rows, site),
    ]


def _waiting(release: Release, rows: list[Row], site: str | None) -> list[str]:
    """Surveys that were returned, as the expected returns say, and of which no figure is published."""
    there = {(row["site"], f"{row['population']} {row['wave']}") for row in rows}
    known = {str(row["population"]) for row in rows}
    waiting = []
    for row in release.rows("expected_return", return_status="received"):
        population, _, wave = str(row["return_key"]).partition(" ")
        if (
            population in known
            and (site is None or row["site"] == site)
            and (row["site"], row["return_key"]) not in there
        ):
            waiting.append(f"{text(release.site_name(row['site']))}, {text(humane(population).lower())} {_wave(wave)}")
    return [f"Returned and not published yet, because the wave is not locked: {'; '.join(waiting)}."] if waiting else []


def _wave(wave: Any) -> str:
    return f'<span class="period">{text(wave_words(wave))}</span>'


def _mark(panel: str, label: str, row: Row, latest: str) -> Interval:
    return Interval(
        panel,
        label,
        row.value("ci_low"),
        row.value("estimate"),
        row.value("ci_high"),
        row["wave"] == latest,
        state_of(row.figures.get("estimate")),
    )


def _of_sites(release: Release, population: str, rows: list[Row]) -> tuple[list[str], str]:
    """Charts of the leading scales, those of one range together, and a table of every scale."""
    codes = {str(row["indicator"]) for row in rows}
    places = {site: place for place, site in enumerate(release.sites)}
    latest = max(str(row["wave"]) for row in rows)
    rows = sorted(rows, key=lambda row: (places.get(row["site"], 99), str(row["wave"])))
    by_range: dict[tuple[float, float], list[Interval]] = {}
    for code in leading(release, codes):
        name = str(release.indicator(code).get("name", code))
        for row in _last_two(rows):
            if row["indicator"] == code:
                label = short(release.site_name(row["site"]))
                by_range.setdefault(bounds(release, code), []).append(_mark(name, label, row, latest))
    drawn = [
        headed(
            population,
            list(dict.fromkeys(mark.panel for mark in marks)),
            draw(
                intervals(marks, f"Mean score ({low:g} to {high:g})", (low, high)),
                f"outcomes-{population.replace('_', '-')}-{place}",
                f"{humane(population)}: {join(list(dict.fromkeys(mark.panel for mark in marks)))}, by site and wave",
                "A mark is an estimate, the line its 95% interval; a hollow circle is an earlier wave, a diamond the latest.",
            ),
        )
        for place, ((low, high), marks) in enumerate(by_range.items())
    ]
    chosen = leading(release, codes)
    order = [*chosen, *sorted(code for code in codes if code not in chosen)]
    lines = [
        (
            indicator_words(release, code),
            text(release.site_name(row["site"])),
            _wave(row["wave"]),
            cell(row, "estimate", unit_of(row)),
            between(row),
            cell(row, "n"),
            _notes(row),
        )
        for code in order
        if release.indicator(code).get("kind", "scale") == "scale"
        for row in rows
        if row["indicator"] == code
    ]
    heads = ("Scale", "Site", "Wave", "#Mean", "95% interval", "#Asked and answered", "Note")
    caption = (
        f"{text(humane(population))}: scales by site and wave. Means are rounded, how many answered is {release.nearest}. Single "
        "questions are on each site's page. Sites are different designs: no average over them is given."
    )
    return drawn, table(caption, heads, lines, fold=f"{text(humane(population))}: all scales")


def headed(population: str, scales: list[str], drawn: str) -> str:
    """A chart under what it is of; a chart of one scale does not name it itself."""
    name = humane(population) + (f": {scales[0]}" if len(scales) == 1 and scales[0] else "")
    return f'<p class="panel">{text(name)}</p>{drawn}' if drawn else ""


def in_turn(drawn: list[list[str]]) -> list[str]:
    """The first chart of each population, then the second: alike beside alike."""
    return [svg for same in zip_longest(*drawn, fillvalue="") for svg in same if svg]


def _last_two(rows: list[Row]) -> list[Row]:
    """A chart has room for two waves of a row; earlier ones are in the table."""
    waves = sorted({str(row["wave"]) for row in rows})[-2:]
    return [row for row in rows if row["wave"] in waves]


def _of_one(release: Release, population: str, rows: list[Row]) -> tuple[list[str], str]:
    """A chart of the questions, and a table of questions and scales."""
    latest = max(str(row["wave"]) for row in rows)
    marks = []
    for row in _last_two(sorted(rows, key=lambda row: (str(row["indicator"]), str(row["wave"])))):
        if unit_of(row) == "percent":
            group = ", ".join(str(name).lower() for name in release.indicator(row["indicator"]).get("constructs", ()))
            marks.append(_mark("", f"{row['indicator']} {group}".strip(), row, latest))
    agreed = "agreed or chose" if any(release.indicator(row["indicator"]).get("option") for row in rows) else "agreed"
    drawn = draw(
        intervals(marks, f"Per cent who {agreed}*", (0, 100)),
        f"outcomes-{population.replace('_', '-')}",
        f"{humane(population)}: per cent who {agreed}, by question and wave",
        "A mark is an estimate, the line its 95% interval; a hollow circle is an earlier wave, a diamond the latest.",
    )
    order = {code: place for place, code in enumerate([*release.manifest.get("labels", {}).get("indicators", {})])}
    lines = [
        (
            indicator_words(release, row["indicator"]),
            _wave(row["wave"]),
            cell(row, "estimate", unit_of(row)),
            between(row, unit=unit_of(row)),
            cell(row, "n"),
            _notes(row),
        )
        for row in sorted(
            rows, key=lambda row: (order.get(row["indicator"], 999), str(row["indicator"]), str(row["wave"]))
        )
    ]
    heads = ("Question or scale", "Wave", "#Estimate", "95% interval", "#Asked and answered", "Note")
    caption = (
        f"{text(humane(population))}: questions in per cent who {agreed} (or disagreed, where that is the better answer: *), "
        f"scales as means. How many answered is {release.nearest}."
    )
    title = text(humane(population))
    return [headed(population, [], drawn)], table(caption, heads, lines, fold=f"{title}: all figures")


def _notes(row: Row) -> str:
    return text(" ".join(row.notes)) if row.notes else ""


def _beside(release: Release, site: str) -> str:
    """The leading scales of each population's latest wave, a column a site: side by side, and never averaged."""
    rows = release.rows("outcome_indicator", breakdown="all")
    lines = []
    for population in populations(release, "outcome_indicator"):
        mine = [row for row in rows if row["population"] == population]
        latest = max(str(row["wave"]) for row in mine)
        of = {(row["site"], row["indicator"]): row for row in mine if row["wave"] == latest}
        for code in leading(release, {str(row["indicator"]) for row in mine}):
            cells = [
                f"{cell(row, 'estimate', unit_of(row))}<br>{between(row, unit=unit_of(row))}"
                if (row := of.get((name, code))) and row.value("estimate") is not None
                else cell(row, "estimate")
                if row
                else '<span class="none">not published</span>'
                for name in release.sites
            ]
            lines.append((f"{text(humane(population))}, {_wave(latest)}: {indicator_words(release, code)}", *cells))
    heads = [f"#{text(release.site_name(name))}" + (" (this site)" if name == site else "") for name in release.sites]
    caption = "Scales of the latest wave, with 95% intervals. Sites are different designs: no average is given."
    return ("<h3>Beside the other sites</h3>" if lines else "") + table(caption, ("Asked; scale", *heads), lines)


def _by_area(release: Release, site: str) -> str:
    rows = [row for row in release.rows("outcome_indicator", site=site) if row["breakdown"] != "all"]
    chosen = set(leading(release, {str(row["indicator"]) for row in rows}))
    lines = [
        (
            text(humane(row["breakdown_value"])),
            text(humane(row["population"])),
            indicator_words(release, row["indicator"]),
            _wave(row["wave"]),
            cell(row, "estimate", unit_of(row)),
            between(row, unit=unit_of(row)),
            cell(row, "n"),
        )
        for row in rows
        if row["indicator"] in chosen
    ]
    if not lines:
        return ""
    heads = ("Area", "Asked", "Scale", "Wave", "#Mean", "95% interval", "#Asked and answered")
    caption = "Scales by area, where enough people were asked. Single questions by area stand in the files."
    return "<h3>By area</h3>" + table(caption, heads, lines, fold="Scales by area")
