"""Consent and approval over the nights: what the returns say, in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tfc_platform.disclosure.policy import load_policy
from tfc_platform.release.approvals import ApprovalSaid, ConsentSaid, consent_since, is_edited
from tfc_platform.release.story_selection import StoryText, publishable

TOLD = date(2025, 5, 20)
MAY, JUNE, JULY, AUGUST = (date(2026, month, 1) for month in (5, 6, 7, 8))


def said(*statements: tuple[str, date], consent_on: date | None = None) -> list[ConsentSaid]:
    return [ConsentSaid("here", "A-1", consent, consent_on, night) for consent, night in statements]


SINCE = [
    ("nothing ever changed", [("share", MAY), ("share", JUNE)], None, TOLD),
    ("it was told and nothing is known of the nights", [], None, TOLD),
    ("given anew in July", [("internal", MAY), ("share", JULY)], None, JULY),
    ("taken back and given anew", [("share", MAY), ("withdrawn", JUNE), ("share", JULY)], None, JULY),
    ("the first night that saw it again counts", [("withdrawn", MAY), ("share", JUNE), ("share", JULY)], None, JUNE),
    ("the return gives a day", [("share", MAY)], date(2026, 3, 3), date(2026, 3, 3)),
    ("a day before it was told is none", [("share", MAY)], date(2024, 3, 3), TOLD),
    ("a day after the change is believed", [("internal", MAY), ("share", AUGUST)], JULY, JULY),
    ("a day before the last withdrawal is not", [("withdrawn", JUNE), ("share", AUGUST)], MAY, AUGUST),
    ("one that is only ahead of the night is kept", [("share", MAY)], date(2099, 1, 1), date(2099, 1, 1)),
]


@pytest.mark.parametrize(("why", "statements", "consent_on", "since"), SINCE, ids=[case[0] for case in SINCE])
def test_since_when_consent_stands(
    why: str, statements: list[tuple[str, date]], consent_on: date | None, since: date
) -> None:
    now = ConsentSaid("here", "A-1", "share", consent_on, AUGUST)
    assert consent_since(said(*statements), TOLD, now) == since


def test_an_approval_is_bound_to_the_text_with_which_it_first_came() -> None:
    came = [ApprovalSaid("A-1", "aaa", MAY, MAY), ApprovalSaid("A-1", "bbb", MAY, JUNE)]
    assert is_edited(came, "A-1", MAY, "bbb")
    assert not is_edited(came, "A-1", MAY, "aaa"), "the text that was approved may come back"
    assert not is_edited(came, "A-1", JULY, "ccc"), "a new approval may have a new text"
    assert not is_edited(came, "A-2", MAY, "ddd"), "another story's approval says nothing of this one"


Make = Callable[..., StoryText]
VOID = [
    ({"is_edited": True}, "the text was changed after its approval: approve it anew, with the new date"),
    ({"approved_on": None}, "the approval has no date"),
    ({"approved_on": date(2025, 5, 19)}, "the approval is older than the story"),
    ({"consent_on": date(2026, 4, 21)}, "the approval is older than the consent: approve it anew"),
    (
        {"approved_on": date(2099, 1, 1), "approved_at_latest": MAY, "consent_on": JUNE},
        "the approval is older than the consent: approve it anew",
    ),
    ({"is_told_twice": True}, "two returns have a story of this id"),
]


@pytest.mark.parametrize(("changes", "rule"), VOID, ids=[case[1] for case in VOID])
def test_a_void_approval_publishes_nothing_and_says_why(
    make_story: Make, changes: dict[str, object], rule: str
) -> None:
    passed, blocked = publishable([make_story(**changes)], load_policy())
    assert passed == ()
    assert [item.message for item in blocked] == [f"Story GL-001 of glasgow is not published: {rule}."]


@pytest.mark.parametrize(
    "changes",
    [
        {"approved_on": date(2025, 5, 20)},
        {"consent_on": date(2026, 4, 20)},
        {"approved_on": AUGUST, "approved_at_latest": JUNE, "consent_on": JUNE},
    ],
)
def test_an_approval_of_the_same_day_stands(make_story: Make, changes: dict[str, object]) -> None:
    passed, blocked = publishable([make_story(**changes)], load_policy())
    assert len(passed) == 1
    assert blocked == ()


def test_the_finder_can_block_and_never_approve(make_story: Make) -> None:
    def find(text: str) -> tuple[str, ...]:
        return ("known_staff", "name_position") if "Wren" in text else ()

    named = make_story(text="Wren rang on 01632 960123.")
    passed, blocked = publishable([named, make_story("GL-002")], load_policy(), find)
    assert [story.story_id for story in passed] == ["GL-002"]
    assert [item.rule for item in blocked] == [
        "the screen's rule uk_phone",
        "the finder's rule known_staff",
        "the finder's rule name_position",
    ]
    assert publishable([make_story(consent="internal")], load_policy(), find)[0] == (), "no finding gives consent"
    assert all("Wren" not in item.message for item in blocked)
