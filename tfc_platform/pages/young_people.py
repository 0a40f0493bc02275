"""The page for young people, in plain words: what was done, what young people said, what is not known yet and why.

The figures are those of the other pages. It names nobody to talk to but Childline, whose number is public.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tfc_platform.pages.delivery import during
from tfc_platform.pages.findings import is_clear
from tfc_platform.pages.indicators import populations_of, wave_order
from tfc_platform.pages.page_figures import ReleaseRow, ReleaseView
from tfc_platform.pages.periods import delivery_year, year_code
from tfc_platform.pages.stories import quotation
from tfc_platform.pages.view_models import (
    BulletList,
    Content,
    PageSection,
    Paragraph,
    Quotations,
    cell,
    figure_text,
    joined,
    period_text,
)

__all__ = ["QuestionCard", "QuestionRow", "question_cards", "young_people_sections"]

POPULATION = "young_people"
AUDIENCES = ("children", "young_people")
FIGURES = 10  # of people in a row of a card


@dataclass(frozen=True)
class QuestionRow:
    """A site's answer: `filled` of ten figures of people, and a sentence; none is filled where there is no figure."""

    filled: int | None
    sentence: Content


@dataclass(frozen=True)
class QuestionCard:
    """One question with the answers of each site's latest survey."""

    question: str
    rows: tuple[QuestionRow, ...]


def young_people_sections(release: ReleaseView) -> tuple[list[PageSection], list[PageSection]]:
    """The sections of the page: before the cards of the questions, and after them."""
    return [_done(release), _asked(release)], [_changed(release), _unknown(release), _stories(release)]


def _done(release: ReleaseView) -> PageSection:
    section = PageSection("done", "What was done")
    year = delivery_year(release)
    lines: list[Content] = []
    for site in release.sites if year is not None else ():
        total = release.sum(
            "delivery", "sessions_delivered", site=site, audience=list(AUDIENCES), **during(*year or ())
        )
        if total is not None:
            lines.append((f"{release.site_name(site)}: ", figure_text(total)))
    if year is None or not lines:
        section.add(Paragraph("We have no numbers for this yet."))
        return section
    section.add(
        Paragraph(
            "Together for Childhood wants children to be safe. People from many services work on this with you and your families."
        ),
        Paragraph(
            ("There were this many group sessions for children and young people in ", period_text(year_code(year)), ":")
        ),
        BulletList(tuple(lines)),
    )
    return section


def _latest(release: ReleaseView) -> dict[str, list[ReleaseRow]]:
    """By question, the rows of each site's latest published survey, in the order of the sites. Questions with words only."""
    rows = [
        row
        for row in release.rows("outcome_indicator", population=POPULATION, breakdown="all")
        if release.indicator(row["indicator"]).get("wording")
    ]
    latest: dict[Any, str] = {}
    for row in rows:
        waves = (latest.get(row["site"], str(row["wave"])), str(row["wave"]))
        latest[row["site"]] = max(waves, key=lambda wave: wave_order(release, wave))
    by_question: dict[str, list[ReleaseRow]] = {}
    for row in sorted(release.by_site(rows), key=lambda row: str(row["indicator"])):
        if row["wave"] == latest[row["site"]]:
            by_question.setdefault(str(row["indicator"]), []).append(row)
    return by_question


def _answer(release: ReleaseView, code: str) -> str:
    """What the counted answer was."""
    entry = release.indicator(code)
    return "disagreed" if entry.get("reversed") else "chose this" if entry.get("option") else "agreed"


def _asked(release: ReleaseView) -> PageSection:
    section = PageSection("said", "What young people told us")
    questions = _latest(release)
    if not questions:
        section.add(Paragraph("We have no answers to show yet."))
        return section
    options = {code for code in questions if release.indicator(code).get("option")}
    if set(questions) - options:
        section.add(
            Paragraph(
                "We asked young people if they agree with some sentences. Each card shows how many out of every hundred gave the "
                "more hopeful answer. Each small figure is ten people out of a hundred."
            )
        )
    if options:
        section.add(
            Paragraph("From some lists they could choose as many as they liked. There you see how many chose each.")
        )
    section.add(Paragraph("Not everybody was asked. So each number could be a bit lower or higher: we say how far."))
    return section


def question_cards(release: ReleaseView) -> list[QuestionCard]:
    """A card for each question that the release may show in words."""
    return [
        QuestionCard(str(release.indicator(code)["wording"]), tuple(_question_row(release, code, row) for row in rows))
        for code, rows in _latest(release).items()
    ]


def _question_row(release: ReleaseView, code: str, row: ReleaseRow) -> QuestionRow:
    name, estimate = release.site_name(row["site"]), row.value("estimate")
    if estimate is None:
        return QuestionRow(None, (f"{name}: ", cell(row, "estimate"), ", to keep people safe."))
    sentence: list[Content] = [f"{name}: ", cell(row, "estimate"), f" out of every hundred {_answer(release, code)}"]
    if row.value("ci_low") is not None and row.value("ci_high") is not None:
        sentence += [" (it could be ", cell(row, "ci_low"), " to ", cell(row, "ci_high"), ")"]
    return QuestionRow(round(estimate / FIGURES), (*sentence, "."))


def _changed(release: ReleaseView) -> PageSection:
    section = PageSection("changed", "What has changed")
    rows = [
        row
        for row in release.rows("outcome_change", population=POPULATION)
        if release.indicator(row["indicator"]).get("wording")
    ]
    if not rows:
        section.add(
            Paragraph(
                "We cannot say yet. We have to ask a second time, wait until all answers are in, and then compare."
            )
        )
        return section
    clear = [row for row in rows if is_clear(row)]
    if clear:
        section.answers += [_clear_change(release, row) for row in clear]
        section.add(
            Paragraph("These numbers changed by more than chance would explain."),
            Paragraph("We do not know why. Many things can change at once."),
        )
    elif any(row["family"] == "exploratory" and row.value("p_adjusted") is not None for row in rows):
        section.add(
            Paragraph("We do not claim a change of a single question: with many questions some move by chance.")
        )
    elif any(row.value("p_adjusted") is not None for row in rows):
        section.add(Paragraph("Where we can compare, nothing changed by more than chance would explain."))
    apart = _sites(release, rows, ("not_comparable",))
    if apart is not None:
        section.add(
            Paragraph(
                (
                    *("In ", apart, " we asked twice, but the two sets of answers cannot be compared fairly. "),
                    "So we do not say what changed.",
                )
            )
        )
    few = _sites(release, rows, ("suppressed", "suppressed_secondary"))
    if few is not None:
        section.add(Paragraph(("In ", few, " some numbers are not shown, to keep people safe.")))
    return section


def _clear_change(release: ReleaseView, row: ReleaseRow) -> Content:
    code = str(row["indicator"])
    more = "More" if (row.value("difference") or 0) > 0 else "Fewer"
    return (
        f"{release.site_name(row['site'])}. “{release.indicator(code)['wording']}” ",
        f"{more} {_answer(release, code)} than before (",
        cell(row, "difference", signed=True),
        " out of every hundred).",
    )


def _sites(release: ReleaseView, rows: list[ReleaseRow], statuses: tuple[str, ...]) -> Content | None:
    """The sites with a change of one of these statuses; none where there is none."""
    sites = dict.fromkeys(row["site"] for row in release.by_site(rows) if row.figures["difference"].status in statuses)
    return joined([release.site_name(site) for site in sites]) if sites else None


def _unknown(release: ReleaseView) -> PageSection:
    section = PageSection("unknown", "What we do not know yet, and why")
    if POPULATION not in populations_of(release, "outcome_indicator"):
        section.answers.append("We have no answers from young people that we may show yet.")
    section.answers += [
        "Sometimes only a few people answered. Then we do not show the number, so that nobody can be picked out.",
        "Some numbers come late. We wait until a time is over and everything has come in, and then we show it.",
        "We count how often people came. We do not count who they were. One person who comes ten times counts ten times.",
    ]
    return section


def _stories(release: ReleaseView) -> PageSection:
    section = PageSection("stories", "Stories of change")
    stories = {story["site"]: story for story in release.records("stories")}.values()
    if not stories:
        section.add(Paragraph("There is no story to share yet."))
        return section
    section.add(
        Paragraph("People agreed to share these. We changed the words, so that nobody knows who they are."),
        Quotations(tuple(quotation(release, story) for story in stories)),
    )
    return section
