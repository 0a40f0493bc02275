"""Read approved texts (stories, learning items, contribution claims) with what returns say of consent and approval."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from tfc_platform.admission.admit import Night
from tfc_platform.ingest.intake import Intake
from tfc_platform.ingest.lake import Receipt
from tfc_platform.parquet import read_parquet
from tfc_platform.release.approvals import (
    ApprovalSaid,
    ConsentSaid,
    approvals_said,
    consent_since,
    consents_said,
    first_said,
    is_edited,
)
from tfc_platform.release.story_selection import SHARE, StoryText, TextKind
from tfc_platform.sheets.sheet_model import text_of

__all__ = ["approved_texts"]

Row = dict[str, Any]


class _NotedRecord(NamedTuple):
    """The columns of a record of texts that are a team's, and the kind of such a text."""

    key: str
    day: str
    kind: TextKind


NOTED = {
    "learning_item": _NotedRecord("learning_id", "noted_on", TextKind.LEARNING),
    "contribution_claim": _NotedRecord("claim_id", "claimed_on", TextKind.CONTRIBUTION),
}


def _rows(intake: Intake, receipt: Receipt, record: str) -> list[Row]:
    table = receipt.records.get(record)
    return read_parquet(intake.settings.places.lake / table["path"]).to_pylist() if table else []


def _texts(intake: Intake, receipt: Receipt) -> dict[tuple[object, ...], list[str]]:
    if receipt.texts is None:
        return {}
    by_place: dict[tuple[object, ...], list[str]] = {}
    for row in read_parquet(intake.settings.places.text / receipt.texts).to_pylist():
        by_place.setdefault((row["file_sha256"], row["sheet"], row["row_number"]), []).append(row["text"])
    return by_place


def approved_texts(intake: Intake, night: Night) -> list[StoryText]:
    """Every story, learning item and claim of a site's latest good return that has an approval tonight, with the text.

    Where two sites use one id, each has a story here that says so: nobody knows which one was approved. An id that a story and
    a learning item or claim share has two texts here, and neither is published.
    """
    stories: dict[str, list[Row]] = {}
    for receipt in night.admitted:
        for row in _rows(intake, receipt, "story"):
            stories.setdefault(row["story_id"], []).append(row)
    noted = {record: _noted(intake, night, record) for record in NOTED}
    consents: dict[tuple[str, str], list[ConsentSaid]] = {}
    for item in consents_said(intake):
        consents.setdefault((item.site, item.story_id), []).append(item)
    approvals = approvals_said(intake)
    approved = []
    for receipt in night.admitted:
        rows = _rows(intake, receipt, "story_approval")
        texts = _texts(intake, receipt) if rows else {}
        for row in rows:
            written = texts.get((row["file_sha256"], row["sheet"], row["row_number"]), [])
            text = text_of(written[0]) if len(written) == 1 else None
            told = stories.get(row["story_id"], [])
            for story in told:
                said = consents.get((story["site"], story["story_id"]), [])
                made = _story(story, row, text, said, approvals, intake.settings.as_of)
                approved.append(replace(made, is_told_twice=len(told) > 1))
            for record, by_id in noted.items():
                sites = by_id.get(row["story_id"], {})
                for site, team_row in sites.items():
                    made = _approved(row, text, site, team_row[NOTED[record].day], approvals)
                    kind = NOTED[record].kind
                    approved.append(
                        replace(made, is_told_twice=len(sites) > 1, kind=kind, outcome=team_row.get("outcome"))
                    )
    return approved


def _noted(intake: Intake, night: Night, record: str) -> dict[str, dict[str, Row]]:
    """By id of a learning item or claim each site that has one, with the row of the first day on which it noted it."""
    names = NOTED[record]
    noted: dict[str, dict[str, Row]] = {}
    for receipt in night.admitted:
        for row in _rows(intake, receipt, record):
            of_sites = noted.setdefault(row[names.key], {})
            earlier = of_sites.get(row["site"])
            if earlier is None or (row[names.day] or date.max) < (earlier[names.day] or date.max):
                of_sites[row["site"]] = row
    return noted


def _approved(
    approval: Row, text: str | None, site: str, told_on: date | None, approvals: list[ApprovalSaid]
) -> StoryText:
    """What the approval itself says; of a text that needs no consent, all."""
    name, approved_on = approval["story_id"], approval["approved_on"]
    first = first_said(approvals, name, approved_on)
    stated = approval["stated_sha256"]
    return StoryText(
        story_id=name,
        site=site,
        told_on=told_on,
        change_domain=None,
        consent=SHARE,
        text_sha256=str(stated).lower() if stated else approval["text_sha256"],
        text=text,
        approved_on=approved_on,
        # A date ahead of the night that saw it first would outlast every later change of consent.
        approved_at_latest=min(approved_on, first.seen_on) if first is not None else approved_on,
        is_edited=is_edited(approvals, name, approved_on, approval["text_sha256"]),
    )


def _story(
    story: Row, approval: Row, text: str | None, said: list[ConsentSaid], approvals: list[ApprovalSaid], as_of: date
) -> StoryText:
    now = ConsentSaid(story["site"], story["story_id"], story["consent"], story["consent_on"], as_of)
    # A return that waits (held) can take consent back; it cannot give it.
    consent = said[-1].consent if said and said[-1].consent != now.consent and now.consent == SHARE else now.consent
    return replace(
        _approved(approval, text, story["site"], story["told_on"], approvals),
        change_domain=story["change_domain"],
        consent=consent,
        consent_on=consent_since(said, story["told_on"], now),
    )
