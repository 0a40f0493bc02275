"""The pages of a release as files: which page has which sections. Equal releases have equal pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.pages.audit_page import audit_sections
from tfc_platform.pages.delivery import delivery_section
from tfc_platform.pages.evidence import evidence_sections
from tfc_platform.pages.learning_items import learning_section
from tfc_platform.pages.outcome_change import change_section
from tfc_platform.pages.outcomes import outcomes_section
from tfc_platform.pages.overview import overview
from tfc_platform.pages.page_figures import ReleaseView
from tfc_platform.pages.process import process_section
from tfc_platform.pages.reach import reach_section
from tfc_platform.pages.release_changes import changes_section, files_section, statuses_section
from tfc_platform.pages.rendering import LAYOUT_PACKAGE, render
from tfc_platform.pages.stories import stories_section
from tfc_platform.pages.submissions import submissions_section
from tfc_platform.pages.targets import targets_section
from tfc_platform.pages.view_models import CodeText, Content, date_text
from tfc_platform.pages.young_people import FIGURES, question_cards, young_people_sections
from tfc_platform.publication.released_table import ReleaseTable

__all__ = ["pages", "write_pages"]

INDEX, DETAIL, ABOUT = "index.html", "all-figures.html", "about.html"
YOUNG_PEOPLE, AUDIT, EVIDENCE = "young-people.html", "audit.html", "evidence.html"
EVIDENCE_TITLE = "What is known about why"
_FIGURES_OF_ALL = (
    *(delivery_section, reach_section, outcomes_section, change_section),
    *(targets_section, process_section, stories_section, learning_section),
)
_FIGURES_OF_A_SITE = (*_FIGURES_OF_ALL, submissions_section, changes_section)


@dataclass(frozen=True)
class PageLink:
    text: str
    href: str
    is_current: bool


@dataclass(frozen=True)
class PageFrame:
    """What the layout shows around the sections of a page."""

    title: str
    heading: Content
    lead: tuple[Content, ...]
    links: tuple[PageLink, ...]
    release: Content
    night: Content


def pages(manifest: Mapping[str, Any], tables: Sequence[ReleaseTable], policy: DisclosurePolicy) -> dict[str, str]:
    """Every page by its path in the release. Equal arguments give equal pages."""
    release = ReleaseView(manifest, tables)
    return {
        INDEX: _index(release),
        DETAIL: _sections_page(
            release,
            DETAIL,
            "All figures, all sites",
            "Every finding of the first page with all its figures. Single questions, months and areas are on the sites' pages.",
            [build(release) for build in _FIGURES_OF_ALL],
        ),
        **{site_file(site): _site(release, site) for site in release.sites},
        **_evidence(release),
        YOUNG_PEOPLE: _young_people(release),
        ABOUT: _sections_page(
            release,
            ABOUT,
            "About this release",
            "Late returns, what changed since the last release, how to read a figure, and the figures as files.",
            [build(release) for build in (submissions_section, changes_section, statuses_section, files_section)],
        ),
        AUDIT: _sections_page(
            release,
            AUDIT,
            "How we protect privacy",
            "What readers could try to work out about small groups of people, and what we found when we tried it ourselves.",
            audit_sections(release, policy),
        ),
    }


def write_pages(
    folder: Path, manifest: Mapping[str, Any], tables: Sequence[ReleaseTable], policy: DisclosurePolicy
) -> None:
    """Write the pages into a release's folder."""
    for path, content in pages(manifest, tables, policy).items():
        target = folder / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(content, encoding="utf-8")


def site_file(site: str) -> str:
    """The page of a site, from the release's folder. A site's code is a folder's name: letters, digits, underscores."""
    return f"sites/{site}.html"


def _frame(release: ReleaseView, here: str, title: str, heading: Content, lead: tuple[Content, ...]) -> PageFrame:
    up = "../" * here.count("/")
    places = [
        (INDEX, "Overview"),
        (DETAIL, "All figures"),
        *((site_file(site), release.site_name(site)) for site in release.sites),
        *([(EVIDENCE, EVIDENCE_TITLE)] if "evidence" in release.tables else []),
        (YOUNG_PEOPLE, "For young people"),
        (ABOUT, "About this release"),
        (AUDIT, "How we protect privacy"),
    ]
    return PageFrame(
        title=title,
        heading=heading,
        lead=lead,
        links=tuple(PageLink(name, up + path, path == here) for path, name in places),
        release=CodeText(str(release.manifest["id"])),
        night=date_text(release.as_of),
    )


def _sections_page(release: ReleaseView, here: str, title: str, lead: Content, sections: Sequence[Any]) -> str:
    frame = _frame(release, here, f"{title} – Together for Childhood", title, (lead,))
    return render(LAYOUT_PACKAGE, "release_page.html.j2", page=frame, sections=sections)


def _index(release: ReleaseView) -> str:
    view = overview(release)
    frame = _frame(release, INDEX, "Together for Childhood: results", view.heading, view.lead)
    return render(LAYOUT_PACKAGE, "overview.html.j2", page=frame, view=view, about=ABOUT, detail=DETAIL)


def _site(release: ReleaseView, site: str) -> str:
    lead = "This site's figures through time, and beside those of all sites where they may be compared."
    sections = [build(release, site) for build in _FIGURES_OF_A_SITE]
    return _sections_page(release, site_file(site), release.site_name(site), lead, sections)


def _evidence(release: ReleaseView) -> dict[str, str]:
    """The page for the board; none where the contracts have no framework."""
    if "evidence" not in release.tables:
        return {}
    lead = (
        "What should change, what was found, and what speaks for or against it. Pieces of evidence are never added up."
    )
    return {EVIDENCE: _sections_page(release, EVIDENCE, EVIDENCE_TITLE, lead, evidence_sections(release))}


def _young_people(release: ReleaseView) -> str:
    lead = "Together for Childhood, in plain words. The numbers are the same as on the other pages."
    frame = _frame(release, YOUNG_PEOPLE, "For young people – Together for Childhood", "For young people", (lead,))
    before, after = young_people_sections(release)
    return render(
        LAYOUT_PACKAGE,
        "young_people.html.j2",
        page=frame,
        before=before,
        cards=question_cards(release),
        after=after,
        figures=FIGURES,
    )
