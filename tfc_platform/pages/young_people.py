"""The page for young people, in plain words: what was done, what young people said, what is not known yet and why.

Belongs here: that page. Short sentences, no terms of the trade, and the same figures as elsewhere. Does not belong: a list of
people to talk to; nobody has given one. Childline's number is public.
"""

from __future__ import annotations

from typing import Any

from tfc_platform.pages.charts import Interval, draw, intervals
from tfc_platform.pages.components import Section, between, cell, chart, number, period, section, table
from tfc_platform.pages.formatting import join
from tfc_platform.pages.html import text
from tfc_platform.pages.outcome_change import beyond_noise
from tfc_platform.pages.outcomes import populations
from tfc_platform.pages.page_figures import Release, Row
from tfc_platform.pages.periods import delivery_year
from tfc_platform.pages.reach import state_of
from tfc_platform.pages.stories import quotations

__all__ = ["young_people"]

POPULATION = "young_people"
AUDIENCES = ("children", "young_people")
_HELP = (
    "<p>If you are worried about yourself or a friend, talk to an adult you trust. You can also call Childline, free, at any "
    'time of day or night: <a href="tel:08001111">0800 1111</a>. You do not have to give your name.</p>'
)


def young_people(release: Release) -> list[str]:
    """The parts of the page."""
    return [
        '<div class="plain">',
        f'<section class="short" aria-labelledby="help-title"><h2 id="help-title">If something worries you</h2>{_HELP}</section>',
        section(_done(release)),
        section(_said(release)),
        section(_changed(release)),
        section(_unknown(release)),
        section(_stories(release)),
        "</div>",
    ]


def _done(release: Release) -> Section:
    found = Section("done", "What was done")
    year = delivery_year(release)
    parts = []
    if year is not None:
        for site in release.sites:
            total = release.sum(
                "delivery",
                "sessions_delivered",
                site=site,
                audience=list(AUDIENCES),
                month__from=year[0],
                month__before=year[1],
            )
            if total is not None:
                parts.append(f"{text(release.site_name(site))}: {number(total)}")
    if year is None or not parts:
        found.body.append("<p>We have no numbers for this yet.</p>")
        return found
    named = period(f"{year[0].year}-{year[1].year % 100:02d}")
    found.body.append(
        "<p>Together for Childhood wants children to be safe. People from many services work on this with you and your "
        "families.</p>"
        f"<p>This is how many group sessions there were for children and young people in {named}:</p>"
        "<ul>" + "".join(f"<li>{part}</li>" for part in parts) + "</ul>"
    )
    return found


def _latest(release: Release) -> dict[str, list[Row]]:
    """By question, the rows of each site's latest published wave, in the order of the sites. Questions with words only."""
    rows = [
        row
        for row in release.rows("outcome_indicator", population=POPULATION, breakdown="all")
        if release.indicator(row["indicator"]).get("wording")
    ]
    latest: dict[Any, str] = {}
    for row in rows:
        latest[row["site"]] = max(latest.get(row["site"], ""), str(row["wave"]))
    found: dict[str, list[Row]] = {}
    places = {site: place for place, site in enumerate(release.sites)}
    for row in sorted(rows, key=lambda row: (str(row["indicator"]), places.get(row["site"], 99))):
        if row["wave"] == latest[row["site"]]:
            found.setdefault(str(row["indicator"]), []).append(row)
    return found


def _question(release: Release, code: str) -> str:
    said = release.indicator(code)
    how = "Disagreed" if said.get("reversed") else "Chose" if said.get("option") else "Agreed"
    return f"{how}: “{said['wording']}”"


def _said(release: Release) -> Section:
    found = Section("said", "What young people told us")
    questions = _latest(release)
    if not questions:
        found.body.append("<p>We have no answers to show yet.</p>")
        return found
    options = {code for code in questions if release.indicator(code).get("option")}
    asked = []
    if set(questions) - options:
        asked.append(
            "We asked young people if they agree with some sentences. Here you see how many out of every hundred gave the more "
            "hopeful answer."
        )
    if options:
        asked.append("From some lists they could choose as many as they liked. There you see how many chose each.")
    found.body.append(
        f"<p>{' '.join(asked)} Not everybody was asked, so each number could be a bit lower or higher. The line in the picture, "
        "and the last column of the table, show how far.</p>"
    )
    marks, lines = [], []
    for code, rows in questions.items():
        panel = _question(release, code)
        for row in rows:
            name = release.site_name(row["site"])
            marks.append(
                Interval(
                    panel,
                    name.partition(" (")[0],
                    row.value("ci_low"),
                    row.value("estimate"),
                    row.value("ci_high"),
                    True,
                    "not shown" if state_of(row.figures.get("estimate")) else None,
                )
            )
            lines.append(
                (text(_question(release, code)), text(name), _plain(cell(row, "estimate")), _plain(between(row)))
            )
    svg = draw(
        intervals(marks, "Out of every hundred", (0, 100)),
        "said",
        "What young people said, by place",
        "A mark is how many out of a hundred; the line shows how much lower or higher it could be.",
    )
    heads = ("Sentence", "Place", "#Out of every hundred", "Could be")
    found.body.append(
        chart(
            [svg],
            "What young people said",
            table("What young people said, place by place", heads, lines, fold="All the numbers"),
        )
    )
    return found


def _plain(cell_html: str) -> str:
    return cell_html.replace(">withheld<", ">not shown<")


def _changed(release: Release) -> Section:
    found = Section("changed", "What has changed")
    rows = [
        row
        for row in release.rows("outcome_change", population=POPULATION)
        if release.indicator(row["indicator"]).get("wording")
    ]
    if not rows:
        found.body.append(
            "<p>We cannot say yet. We have to ask a second time, wait until all answers are in, and then compare.</p>"
        )
        return found
    moved = [row for row in rows if beyond_noise(row)]
    if moved:
        found.body.append("<p>These numbers changed by more than chance would explain:</p><ul>")
        found.body.append(
            "".join(
                f"<li>{text(release.site_name(row['site']))}. {text(_question(release, str(row['indicator'])))}: "
                f"{'more' if (row.value('difference') or 0) > 0 else 'fewer'} than before "
                f"({cell(row, 'difference', signed=True)} out of every hundred).</li>"
                for row in moved
            )
            + "</ul><p>We do not know why. Many things can change at once.</p>"
        )
    elif any(row.value("p_adjusted") is not None for row in rows):
        found.body.append("<p>Where we can compare, nothing changed by more than chance would explain.</p>")
    apart = dict.fromkeys(row["site"] for row in rows if row.figures["difference"].status == "not_comparable")
    if apart:
        found.body.append(
            f"<p>In {join([text(release.site_name(site)) for site in apart])} we asked twice, but the two sets of answers cannot "
            "be compared fairly. So we do not say what changed.</p>"
        )
    few = dict.fromkeys(row["site"] for row in rows if row.figures["difference"].status.startswith("suppressed"))
    if few:
        found.body.append(
            f"<p>In {join([text(release.site_name(site)) for site in few])} some numbers are not shown, to keep people safe.</p>"
        )
    return found


def _unknown(release: Release) -> Section:
    found = Section("unknown", "What we do not know yet, and why")
    reasons = [
        "Sometimes only a few people answered. Then we do not show the number, so that nobody can be picked out.",
        "Some numbers come late. We wait until a time is over and everything has come in, and then we show it.",
        "We count how often people came. We do not count who they were. One person who comes ten times counts ten times.",
    ]
    if POPULATION not in populations(release, "outcome_indicator"):
        reasons.insert(0, "We have no answers from young people that we may show yet.")
    found.body.append("<ul>" + "".join(f"<li>{reason}</li>" for reason in reasons) + "</ul>")
    return found


def _stories(release: Release) -> Section:
    found = Section("stories", "Stories of change")
    stories = list({story["site"]: story for story in release.records("stories")}.values())
    if not stories:
        found.body.append("<p>There is no story to share yet.</p>")
        return found
    found.body.append("<p>People agreed to share these. We changed the words, so that nobody knows who they are.</p>")
    found.body.append(quotations(release, stories))
    return found
