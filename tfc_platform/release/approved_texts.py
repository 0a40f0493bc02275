"""Read the approved texts of stories from the text store, with what the returns say of their consent and approval."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

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
from tfc_platform.release.story_selection import StoryText
from tfc_platform.sheets.sheet_model import text_of

__all__ = ["approved_texts"]

Row = dict[str, Any]


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
    """Every story of a site's latest good return that has an approval tonight, with the text that was approved.

    Where two sites use one id, each has a story here that says so: nobody knows which one was approved.
    """
    stories: dict[str, list[Row]] = {}
    for receipt in night.admitted:
        for row in _rows(intake, receipt, "story"):
            stories.setdefault(row["story_id"], []).append(row)
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
    return approved


def _story(
    story: Row, approval: Row, text: str | None, said: list[ConsentSaid], approvals: list[ApprovalSaid], as_of: date
) -> StoryText:
    story_id, approved_on = story["story_id"], approval["approved_on"]
    now = ConsentSaid(story["site"], story_id, story["consent"], story["consent_on"], as_of)
    # A return that waits (held) can take consent back; it cannot give it.
    consent = said[-1].consent if said and said[-1].consent != now.consent and now.consent == "share" else now.consent
    first = first_said(approvals, story_id, approved_on)
    stated = approval["stated_sha256"]
    return StoryText(
        story_id=story_id,
        site=story["site"],
        told_on=story["told_on"],
        change_domain=story["change_domain"],
        consent=consent,
        text_sha256=str(stated).lower() if stated else approval["text_sha256"],
        text=text,
        approved_on=approved_on,
        # A date ahead of the night that saw it first would outlast every later change of consent.
        approved_at_latest=min(approved_on, first.seen_on) if first is not None else approved_on,
        consent_on=consent_since(said, story["told_on"], now),
        is_edited=is_edited(approvals, story_id, approved_on, approval["text_sha256"]),
    )
