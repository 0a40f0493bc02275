"""Stories of change: texts that a person approved, and how many were told.

Belongs here: the section. Does not belong: choosing or screening texts; what is in the release's table passed.
"""

from __future__ import annotations

from typing import Any

from tfc_platform.pages.components import Section, cell, period
from tfc_platform.pages.formatting import humane
from tfc_platform.pages.html import text
from tfc_platform.pages.page_figures import Release

__all__ = ["quotations", "told"]

_FIRST = 4  # stories that stand open; the others are folded up


def told(release: Release, site: str | None = None) -> Section:
    """Of all sites, or of one."""
    found = Section("stories", "Stories of change")
    for row in release.rows("story_domain") if site is None else ():
        found.answers.append(f"Stories told in {period(row['year'])}, at all sites together: {cell(row, 'stories')}.")
    stories = [story for story in release.records("stories") if site is None or story["site"] == site]
    if not stories:
        found.body.append("<p>No approved text of a story is in this release.</p>")
        return found
    found.body.append(
        "<p>These texts were approved by a person, and the teller agreed to share the story. They are not the "
        "tellers' own words.</p>"
    )
    found.body.append(quotations(release, stories[:_FIRST]))
    if len(stories) > _FIRST:
        found.body.append(
            f"<details><summary>All other stories</summary>{quotations(release, stories[_FIRST:])}</details>"
        )
    return found


def quotations(release: Release, stories: list[dict[str, Any]]) -> str:
    return "".join(
        f'<blockquote data-story="{text(story["story_id"])}"><p>{text(story["text"])}</p><footer>'
        f"{text(release.site_name(story['site']))}"
        + (f", {period(story['quarter'])}" if story["quarter"] else "")
        + (f". {text(humane(story['change_domain']))}" if story["change_domain"] else "")
        + "</footer></blockquote>"
        for story in stories
    )
