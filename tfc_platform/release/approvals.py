"""Which approval of a story holds tonight, and since when its teller has agreed to share it.

A return says what holds, and seldom since when. So each arrival is a statement with the date of its night. Where the latest
says `share` and an earlier one did not, consent was given anew in between, and an approval from before it is void.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tfc_platform.ingest.intake import Intake, content_key, reading_digest
from tfc_platform.ingest.lake import read_receipts, read_sightings
from tfc_platform.parquet import read_parquet

__all__ = ["ApprovalSaid", "ConsentSaid", "approvals_said", "consent_since", "consents_said", "first_said", "is_edited"]

SHARE = "share"


@dataclass(frozen=True)
class ConsentSaid:
    """What one arrival says of a story's consent. `seen_on` is the date of the night that saw it first."""

    site: str
    story_id: str
    consent: str
    consent_on: date | None
    seen_on: date


@dataclass(frozen=True)
class ApprovalSaid:
    """What one arrival says of an approval."""

    story_id: str
    text_sha256: str
    approved_on: date
    seen_on: date


def consent_since(said: Sequence[ConsentSaid], told_on: date | None, now: ConsentSaid) -> date | None:
    """The day since which a story's consent to share stands, as far as the returns say; None where nothing says.

    The day that tonight's return gives for it, and no day before it was told. That day is not believed, and where none is
    given none is needed, against a night that saw another consent later: then consent is as old as the night that first saw
    it given anew.

    :param said: every statement about this story, in the order of arrival.
    """
    days = [day for day in (told_on, now.consent_on) if day is not None]
    other = max((place for place, item in enumerate(said) if item.consent != SHARE), default=None)
    if other is not None:
        again = next((item.seen_on for item in said[other + 1 :] if item.consent == SHARE), said[other].seen_on)
        if now.consent_on is None or now.consent_on < said[other].seen_on:
            days.append(again)
    return max(days, default=None)


def first_said(said: Iterable[ApprovalSaid], story_id: str, approved_on: date) -> ApprovalSaid | None:
    """The first statement of an approval, in the order of arrival: it binds the text that was approved on that day."""
    return next((item for item in said if item.story_id == story_id and item.approved_on == approved_on), None)


def is_edited(said: Iterable[ApprovalSaid], story_id: str, approved_on: date, text_sha256: str) -> bool:
    """Whether the text of an approval differs from that with which this very approval, by its date, first came."""
    first = first_said(said, story_id, approved_on)
    return first is not None and first.text_sha256 != text_sha256


def _statements(intake: Intake, record: str) -> Iterator[tuple[str, date, dict[str, Any]]]:
    """The rows of a record in every return that ever came and could be read, also of those that were held, by arrival."""
    catalogue, places = intake.catalogue, intake.settings.places
    for site in catalogue.senders:
        contracts = {item.source: item for item in catalogue.of(site) if item.record == record}
        receipts = {
            source: read_receipts(
                places,
                site,
                source,
                reading_digest(catalogue, site, contract, intake.rules, intake.pseudonyms, intake.mappings),
            )
            for source, contract in contracts.items()
        }
        for sighting in read_sightings(places, site) if contracts else ():
            contract = contracts.get(sighting.source or "")
            if contract is None:
                continue
            key = content_key(contract, sighting.path.rsplit("/", 1)[-1], sighting.sha256)
            receipt = receipts[contract.source].get(key)
            table = receipt.records.get(record) if receipt is not None else None
            for row in read_parquet(places.lake / table["path"]).to_pylist() if table is not None else ():
                yield site, sighting.seen_on, row


def consents_said(intake: Intake) -> list[ConsentSaid]:
    """Every statement of a story's consent, by site in the order of arrival."""
    return [
        ConsentSaid(site, row["story_id"], row["consent"], row["consent_on"], seen_on)
        for site, seen_on, row in _statements(intake, "story")
    ]


def approvals_said(intake: Intake) -> list[ApprovalSaid]:
    """Every statement of an approval, in the order of arrival."""
    return [
        ApprovalSaid(row["story_id"], row["text_sha256"], row["approved_on"], seen_on)
        for _, seen_on, row in _statements(intake, "story_approval")
    ]
