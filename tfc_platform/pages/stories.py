"""Stories of change: approved texts, and how many stories were told. Every text in a release was approved by a person."""

from __future__ import annotations

from typing import Any

from tfc_platform.pages.formatting import humane, period_words
from tfc_platform.pages.page_figures import ReleaseView
from tfc_platform.pages.view_models import (
    Content,
    PageSection,
    Paragraph,
    PeriodText,
    Quotation,
    Quotations,
    cell,
    period_text,
)

__all__ = ["quotation", "stories_section"]

_FIRST = 4  # stories that are open; the others are folded up


def stories_section(release: ReleaseView, site: str | None = None) -> PageSection:
    """Of all sites, or of one."""
    section = PageSection("stories", "Stories of change")
    for row in release.rows("story_domain") if site is None else ():
        section.answers.append(
            ("Stories told in ", period_text(row["year"]), ", at all sites together: ", cell(row, "stories"), ".")
        )
    stories = [story for story in release.records("stories") if site is None or story["site"] == site]
    if not stories:
        section.add(Paragraph("This release has no approved story."))
        return section
    quotes = tuple(quotation(release, story) for story in stories)
    section.add(
        Paragraph(
            "A person approved each of these texts, and the teller agreed to share the story. The words are not the tellers' own."
        ),
        Quotations(quotes[:_FIRST], quotes[_FIRST:]),
    )
    return section


def quotation(release: ReleaseView, story: dict[str, Any]) -> Quotation:
    """A story with its site, quarter and kind of change."""
    source: list[Content] = [release.site_name(story["site"])]
    if story["quarter"]:
        source += [", ", PeriodText(period_words(story["quarter"]))]
    if story["change_domain"]:
        source.append(f". {humane(story['change_domain'])}")
    return Quotation(str(story["story_id"]), str(story["text"]), tuple(source))
