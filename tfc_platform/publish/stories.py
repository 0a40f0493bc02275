"""Which approved texts of stories go into a release.

Belongs here: checking, at each release, consent, that the text is the one that was approved, and the screen that can
block a text. Does not belong: finding the texts (the caller reads the text store), or approving one: a person does.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from tfc_platform.files import sha256_text
from tfc_platform.protect.policy import DisclosurePolicy
from tfc_platform.publish.tables import Column, ReleaseTable

__all__ = ["Blocked", "StoryText", "publishable", "stories_table"]

SHARE = "share"


@dataclass(frozen=True)
class StoryText:
    """A story with the text that a person approved, and that text's digest as it was approved.

    The text is left out of `repr`: it may not reach a log through a traceback.
    """

    story_id: str
    site: str
    told_on: date | None
    change_domain: str | None
    consent: str
    text_sha256: str
    text: str | None = field(repr=False)


@dataclass(frozen=True)
class Blocked:
    """An approved text that is not published, and which rule says so; never the text."""

    story_id: str
    site: str
    rule: str

    @property
    def message(self) -> str:
        return f"Story {self.story_id} of {self.site} is not published: {self.rule}."


def publishable(
    stories: Iterable[StoryText], policy: DisclosurePolicy
) -> tuple[tuple[StoryText, ...], tuple[Blocked, ...]]:
    """The stories whose text may be published, by id, and those that are held back.

    A story without consent to share is no finding: it is left out without a word.
    """
    # A set: an approval that was sent twice, word for word, is one.
    shared = sorted({story for story in stories if story.consent == SHARE}, key=lambda story: story.story_id)
    times = Counter(story.story_id for story in shared)
    passed, blocked = [], []
    for story in shared:
        rule = "it has two approved texts" if times[story.story_id] > 1 else _objection(story, policy)
        if rule is None:
            passed.append(story)
        else:
            blocked.append(Blocked(story.story_id, story.site, rule))
    return tuple(passed), tuple(dict.fromkeys(blocked))


def _objection(story: StoryText, policy: DisclosurePolicy) -> str | None:
    if story.text is None or not story.text.strip():
        return "the approved text is missing"
    if sha256_text(story.text) != story.text_sha256:
        return "the text is not the one that was approved"
    # Written wide, or with invisible characters between its digits, a number is still a number.
    plain = "".join(c for c in unicodedata.normalize("NFKC", story.text) if unicodedata.category(c) != "Cf")
    return next((f"the screen's rule {rule.id}" for rule in policy.story_screen if rule.expression.search(plain)), None)


def stories_table(stories: Iterable[StoryText]) -> ReleaseTable:
    """The table `stories`: site and quarter only, because a day and a place say who it was."""
    return ReleaseTable(
        name="stories",
        title="Stories of change",
        description=(
            "Texts that a person approved, of stories whose teller agreed to share them. Not the tellers' own words."
        ),
        columns=(
            Column("story_id", pa.string(), "The story."),
            Column("site", pa.string(), "The site."),
            Column("quarter", pa.string(), "The calendar quarter in which it was told; 2025-Q2 is April to June 2025."),
            Column("change_domain", pa.string(), "What changed."),
            Column("text", pa.string(), "The approved text."),
        ),
        keys=1,
        rows=tuple((s.story_id, s.site, _quarter(s.told_on), s.change_domain, s.text) for s in stories),
    )


def _quarter(day: date | None) -> str | None:
    return None if day is None else f"{day.year}-Q{(day.month + 2) // 3}"
