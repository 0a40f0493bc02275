"""Writing the pages: which sections stand on which page, in which order.

Belongs here: the pages as wholes and their files. Does not belong: what a section says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tfc_platform.pages.components import Section, answers, day, section
from tfc_platform.pages.delivery import delivered
from tfc_platform.pages.html import text
from tfc_platform.pages.layout import YOUNG_PEOPLE, page, site_file
from tfc_platform.pages.learning_items import learning
from tfc_platform.pages.outcome_change import changed
from tfc_platform.pages.outcomes import outcomes
from tfc_platform.pages.page_figures import Release
from tfc_platform.pages.process import process
from tfc_platform.pages.reach import reached
from tfc_platform.pages.release_changes import about, since, statuses
from tfc_platform.pages.stories import told
from tfc_platform.pages.submissions import returns
from tfc_platform.pages.targets import targets
from tfc_platform.pages.young_people import young_people
from tfc_platform.publication.released_table import ReleaseTable

__all__ = ["pages", "write_pages"]

_SECTIONS = (delivered, reached, outcomes, changed, targets, process, told, learning, returns, since)


def pages(manifest: Mapping[str, Any], tables: Sequence[ReleaseTable]) -> dict[str, str]:
    """Every page by its path in the release. Equal arguments give equal pages."""
    release = Release(manifest, tables)
    return {
        "index.html": _index(release),
        **{site_file(site): _site(release, site) for site in release.sites},
        YOUNG_PEOPLE: _young_people(release),
    }


def write_pages(folder: Path, manifest: Mapping[str, Any], tables: Sequence[ReleaseTable]) -> None:
    """Write the pages into a release's folder."""
    for path, content in pages(manifest, tables).items():
        target = folder / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(content, encoding="utf-8")


def _index(release: Release) -> str:
    sections = [build(release) for build in _SECTIONS]
    lead = (
        '<p class="lead">What the programme\'s places delivered, whom it reached, what people know, think and do, and what was '
        f"learnt: what may be told of it on {day(release.as_of)}.</p>"
    )
    parts = [_short(sections), *map(section, sections), section(statuses(release)), section(about(release))]
    return page(release, "index.html", "Together for Childhood: the evaluation's figures", lead, parts)


def _site(release: Release, site: str) -> str:
    sections = [build(release, site) for build in _SECTIONS]
    lead = (
        f'<p class="lead">Figures of this site, beside those of all sites where they may stand together, on '
        f"{day(release.as_of)}.</p>"
        '<p><a href="../index.html">Back to all sites</a></p>'
    )
    return page(
        release, site_file(site), text(release.site_name(site)), lead, [_short(sections), *map(section, sections)]
    )


def _young_people(release: Release) -> str:
    lead = '<p class="lead">Together for Childhood, in plain words. The numbers are the same as on the other pages.</p>'
    return page(release, YOUNG_PEOPLE, "For young people", lead, young_people(release))


def _short(sections: Sequence[Section]) -> str:
    """The answers first: of each section its first sentence, with the way to the rest."""
    lines = [
        f'{one.answers[0]} <a href="#{one.id}" aria-label="More: {one.title}">More</a>'
        for one in sections
        if one.answers
    ]
    return f'<section class="short" aria-labelledby="short-title"><h2 id="short-title">In short</h2>{answers(lines)}</section>'
