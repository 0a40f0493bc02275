"""The plain files: stories, their approvals, the learning log, what was done with its items, and contribution claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tfc_platform.demo.contribution_claims import ContributionClaim
from tfc_platform.demo.data_entry_errors import uk_date
from tfc_platform.demo.file_ledgers import ACCEPTED, FileLedger
from tfc_platform.demo.sessions import LearningAction, LearningItem
from tfc_platform.demo.story_texts import Story
from tfc_platform.demo.writers.containers import Delimited, Rendered

__all__ = ["render_actions", "render_approvals", "render_claims", "render_learning", "render_stories"]

STORY_COLUMNS = [
    "story_id", "told_on", "teller_role", "activity", "change_domain", "change_level", "consent", "story",
    "staff_commentary", "selected_by_workshop",
]  # fmt: skip

CLAIM_COLUMNS = [
    "claim_id", "claimed_on", "outcome", "activity", "evidence", "strength", "alternatives_considered", "what_changed",
    "what_we_did", "what_else_may_explain_it", "evidence_details",
]  # fmt: skip


def _day(day: date | None) -> str:
    return uk_date(day, "{dd}/{mm}/{yyyy}") if day else ""


def _table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> Rendered:
    ledger, out = FileLedger(), Delimited()
    out.record(headings)
    for row in rows:
        out.record(row)
        ledger.row(ACCEPTED)
    return Rendered(out.encoded("utf-8"), ledger)


def render_stories(stories: Sequence[Story]) -> Rendered:
    ledger, out = FileLedger(), Delimited()
    out.record(STORY_COLUMNS)
    for story in stories:
        line = out.record([
            story.story_id, _day(story.told_on), story.teller_role, story.activity, story.domain, story.level,
            story.consent, story.told.text, story.commentary.text, "yes" if story.selected else "no",
        ])  # fmt: skip
        ledger.row(ACCEPTED)
        ledger.remark(story.told, line, "story")
        ledger.remark(story.commentary, line, "staff_commentary")
    return Rendered(out.encoded("utf-8"), ledger)


def render_approvals(
    stories: Sequence[Story], learning: Mapping[str, str], approved_by: str, approved_on: date
) -> Rendered:
    """Approved texts of stories, then those of learning items by their ids."""
    approved = {story.story_id: story.approved_text for story in stories if story.approved_text is not None}
    return _table(
        ["story_id", "approved_text", "approved_by", "approved_on"],
        [[name, text, approved_by, _day(approved_on)] for name, text in [*approved.items(), *learning.items()]],
    )


def render_learning(items: Sequence[LearningItem]) -> Rendered:
    return _table(
        ["learning_id", "noted_on", "source", "activity", "insight", "recommended_action"],
        [[i.learning_id, _day(i.noted_on), i.source, i.activity, i.insight, i.recommended] for i in items],
    )


def render_claims(claims: Sequence[ContributionClaim]) -> Rendered:
    ledger, out = FileLedger(), Delimited()
    out.record(CLAIM_COLUMNS)
    for claim in claims:
        line = out.record([
            claim.claim_id, _day(claim.claimed_on), claim.outcome, claim.activity, claim.evidence, claim.strength,
            "yes" if claim.considered else "no", claim.changed, claim.did, claim.otherwise, claim.details.text,
        ])  # fmt: skip
        ledger.row(ACCEPTED)
        ledger.remark(claim.details, line, "evidence_details")
    return Rendered(out.encoded("utf-8"), ledger)


def render_actions(actions: Sequence[LearningAction]) -> Rendered:
    return _table(
        ["learning_id", "to_site", "sent_on", "received_on", "adopted_on", "status"],
        [
            [a.learning_id, a.to_site, _day(a.sent_on), _day(a.received_on), _day(a.adopted_on), a.status]
            for a in actions
        ],
    )
