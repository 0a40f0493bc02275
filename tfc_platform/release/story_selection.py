"""Which approved texts of stories, learning items and claims are released. A person approves; this module can only block."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import pyarrow as pa

from tfc_platform.atomic_io import sha256_text
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.publication.released_table import ReleaseColumn, ReleaseTable

__all__ = [
    "SHARE",
    "Blocked",
    "StoryText",
    "TextKind",
    "contribution_table",
    "learning_table",
    "publishable",
    "stories_table",
]

SHARE = "share"


class TextKind(StrEnum):
    """What an approved text is of."""

    STORY = "story"
    LEARNING = "learning item"
    CONTRIBUTION = "contribution claim"


@dataclass(frozen=True)
class StoryText:
    """A story, learning item or contribution claim: the approved text, its digest as it was approved, and the dates.

    `approved_on` is the date that the approval bears; `approved_at_latest` no later than the night that saw it first.
    `consent_on`: since when consent to share holds, as far as the returns say (`approvals.consent_since`). The text is left
    out of `repr`: it may not reach a log through a traceback. Of a learning item or a claim `story_id` is its id and
    `told_on` the day of noting or claiming. Both are a team's, so nobody's consent is needed: `consent` is `share`.
    `outcome` is a claim's.
    """

    story_id: str
    site: str
    told_on: date | None
    change_domain: str | None
    consent: str
    text_sha256: str
    text: str | None = field(repr=False)
    approved_on: date | None = None
    approved_at_latest: date | None = None
    consent_on: date | None = None
    is_edited: bool = False  # this approval, by its date, came with another text before
    is_told_twice: bool = False  # two returns have a story of this id
    kind: TextKind = TextKind.STORY
    outcome: str | None = None


@dataclass(frozen=True)
class Blocked:
    """An approved text that is not published, and which rule says so; never the text."""

    story_id: str
    site: str
    rule: str
    kind: TextKind = TextKind.STORY

    @property
    def message(self) -> str:
        return f"{self.kind.value.capitalize()} {self.story_id} of {self.site} is not published: {self.rule}."


def _finds_nothing(text: str) -> tuple[str, ...]:
    return ()


def publishable(
    stories: Iterable[StoryText], policy: DisclosurePolicy, find: Callable[[str], Iterable[str]] = _finds_nothing
) -> tuple[tuple[StoryText, ...], tuple[Blocked, ...]]:
    """The stories whose text may be published, by id, and those that are held back, each with every rule against it.

    A story without consent to share is no finding: it is left out without a word.

    :param find: the finder of names (`finder.Finder.find`): the rules that a text breaks. It can block and never approve.
    """
    # A set: an approval that was sent twice, word for word, is one.
    shared = sorted(
        {story for story in stories if story.consent == SHARE},
        key=lambda story: (story.story_id, story.site, story.text_sha256),
    )
    times = Counter(story.story_id for story in shared)
    passed, blocked = [], []
    for story in shared:
        if story.is_told_twice:
            rules = [f"two returns have a {story.kind} of this id"]
        elif times[story.story_id] > 1:
            rules = ["it has two approved texts"]
        else:
            rules = _void(story) or _screened(story.text or "", policy, find)
        if rules:
            blocked += [Blocked(story.story_id, story.site, rule, story.kind) for rule in rules]
        else:
            passed.append(story)
    return tuple(passed), tuple(dict.fromkeys(blocked))


def _void(story: StoryText) -> list[str]:
    """Why there is no approval of this text that holds, or nothing."""
    if story.text is None or not story.text.strip():
        return ["the approved text is missing"]
    if sha256_text(story.text) != story.text_sha256:
        return ["the text is not the one that was approved"]
    if story.is_edited:
        return ["the text was changed after its approval: approve it anew, with the new date"]
    if story.approved_on is None:
        return ["the approval has no date"]
    if story.told_on is not None and story.approved_on < story.told_on:
        return [f"the approval is older than the {story.kind}"]
    latest = story.approved_at_latest or story.approved_on
    if story.consent_on is not None and latest < story.consent_on:
        return ["the approval is older than the consent: approve it anew"]
    return []


def _screened(text: str, policy: DisclosurePolicy, find: Callable[[str], Iterable[str]]) -> list[str]:
    # Written wide, or with invisible characters between its digits, a number is still a number.
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    rules = [f"the screen's rule {rule.id}" for rule in policy.story_screen if rule.expression.search(plain)]
    return rules + [f"the finder's rule {rule}" for rule in find(text)]


def stories_table(stories: Iterable[StoryText]) -> ReleaseTable:
    """The table `stories`: site and quarter only, because a day and a place say who it was."""
    return ReleaseTable(
        name="stories",
        title="Stories of change",
        description=(
            "Texts that a person approved, of stories whose teller agreed to share them. Not the tellers' own words."
        ),
        columns=(
            ReleaseColumn("story_id", pa.string(), "The story."),
            ReleaseColumn("site", pa.string(), "The site."),
            ReleaseColumn(
                "quarter", pa.string(), "The calendar quarter in which it was told; 2025-Q2 is April to June 2025."
            ),
            ReleaseColumn("change_domain", pa.string(), "What changed."),
            ReleaseColumn("text", pa.string(), "The approved text."),
        ),
        keys=1,
        rows=tuple((s.story_id, s.site, _quarter(s.told_on), s.change_domain, s.text) for s in stories),
    )


def learning_table(items: Iterable[StoryText]) -> ReleaseTable:
    """The table `learning`: what a site noticed and tried, in words that a person approved."""
    return ReleaseTable(
        name="learning",
        title="What was learned",
        description="What sites noticed and tried: texts that a person approved. The table learning_action says who got them.",
        columns=(
            ReleaseColumn("learning_id", pa.string(), "The learning item."),
            ReleaseColumn("site", pa.string(), "The site that noted it."),
            ReleaseColumn(
                "quarter", pa.string(), "The calendar quarter in which it was noted; 2025-Q2 is April to June."
            ),
            ReleaseColumn("text", pa.string(), "The approved text."),
        ),
        keys=1,
        rows=tuple((item.story_id, item.site, _quarter(item.told_on), item.text) for item in items),
    )


def contribution_table(claims: Iterable[StoryText]) -> ReleaseTable:
    """The table `contribution`: where a site judges that its work made a difference, in words that a person approved."""
    return ReleaseTable(
        name="contribution",
        title="Contribution claims",
        description=(
            "Where sites judge that their work contributed to a change: texts that a person approved. The table evidence has "
            "the judgement of every claim."
        ),
        columns=(
            ReleaseColumn("claim_id", pa.string(), "The claim."),
            ReleaseColumn("site", pa.string(), "The site that makes it."),
            ReleaseColumn("quarter", pa.string(), "The calendar quarter of the claim; 2025-Q2 is April to June 2025."),
            ReleaseColumn("outcome", pa.string(), "The outcome of the framework that changed."),
            ReleaseColumn("text", pa.string(), "The approved text."),
        ),
        keys=1,
        rows=tuple((c.story_id, c.site, _quarter(c.told_on), c.outcome, c.text) for c in claims),
    )


def _quarter(day: date | None) -> str | None:
    return None if day is None else f"{day.year}-Q{(day.month + 2) // 3}"
