"""A second line for the same story cannot give consent; it can take it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tfc_platform.ingest.reading_verdict import FileReading

HEADER = ("id", "told", "domain", "consent", "text")
COLUMNS = {
    "story_id": {"header": "id", "type": "id", "required": True, "invalid": "reject"},
    "told_on": {"header": "told", "type": "date", "required": True, "invalid": "reject"},
    "consent": {
        "header": "consent",
        "type": "category",
        "required": True,
        "invalid": "reject",
        "codes": {"share": "share", "internal": "internal", "withdrawn": "withdrawn"},
        "prevails": ["withdrawn", "internal", "share"],
    },
}


@pytest.fixture
def consents(read: Callable[..., FileReading], contract: Callable[..., Any], csv_of: Any) -> Callable[..., FileReading]:
    def take(*said: str) -> FileReading:
        rows = [("A-1", "01/04/2025", "x", consent, f"text {number}") for number, consent in enumerate(said)]
        stories = contract(record="story", columns=COLUMNS, key=["story_id"], free_text=["text"], ignored=["domain"])
        return read(csv_of(rows, HEADER), contract=stories)

    return take


@pytest.mark.parametrize(
    ("said", "holds", "warned"),
    [
        (("share", "withdrawn"), "withdrawn", 1),
        (("share", "internal", "share"), "internal", 1),
        (("withdrawn", "share"), "withdrawn", 0),
        (("share", "share"), "share", 0),
        (("share", "perhaps not"), "withdrawn", 1),
        (("share", ""), "withdrawn", 1),
    ],
)
def test_the_stricter_consent_holds(consents: Callable[..., FileReading], said: Any, holds: str, warned: int) -> None:
    result = consents(*said).result
    assert result.columns["story"]["consent"] == [holds]
    assert (result.received, result.accepted, result.duplicate, result.rejected) == (len(said), 1, len(said) - 1, 0)
    loud = [issue for issue in result.issues if issue.severity == "warn" and issue.reason == "duplicate"]
    assert len(loud) == warned
    assert {issue.message for issue in loud} <= {
        "The same row came before in this file with another consent: the stricter of the two holds."
    }


def test_a_second_line_does_not_revive_a_rejected_first_one(consents: Callable[..., FileReading]) -> None:
    result = consents("perhaps", "share").result
    assert (result.accepted, result.rejected, result.duplicate) == (0, 1, 1)
