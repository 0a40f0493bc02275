"""Approved texts: consent, the approval's digest and the screen are looked at again for each release."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tfc_platform.disclosure.policy import load_policy
from tfc_platform.release.story_selection import StoryText, publishable, stories_table

Make = Callable[..., StoryText]
POLICY = load_policy()


def blocked(*stories: StoryText) -> list[str]:
    return [item.message for item in publishable(stories, POLICY)[1]]


def published(*stories: StoryText) -> list[str]:
    return [item.story_id for item in publishable(stories, POLICY)[0]]


def test_an_approved_text_of_a_shared_story_is_published(make_story: Make) -> None:
    assert published(make_story()) == ["GL-001"]
    assert blocked(make_story()) == []


@pytest.mark.parametrize("consent", ["internal", "withdrawn", "Share", "", "yes"])
def test_without_consent_to_share_a_story_is_left_out(make_story: Make, consent: str) -> None:
    assert published(make_story(consent=consent)) == []
    assert blocked(make_story(consent=consent)) == []


def test_an_edit_after_the_approval_voids_it(make_story: Make) -> None:
    edited = make_story(text_sha256=hashlib.sha256(b"What was approved.").hexdigest())
    assert published(edited) == []
    assert blocked(edited) == ["Story GL-001 of glasgow is not published: the text is not the one that was approved."]


@pytest.mark.parametrize("text", [None, "", "  \n"])
def test_a_missing_text_is_said(make_story: Make, text: str | None) -> None:
    assert published(make_story(text=text)) == []
    assert blocked(make_story(text=text)) == ["Story GL-001 of glasgow is not published: the approved text is missing."]


def test_two_different_texts_of_one_story_are_neither_published(make_story: Make) -> None:
    two = make_story(), make_story(text="Another text.")
    assert published(*two) == []
    assert blocked(*two) == ["Story GL-001 of glasgow is not published: it has two approved texts."]
    assert published(make_story(), make_story()) == ["GL-001"]


# Numbers and addresses are made up, in ranges that are set aside for such use where there are any.
IDENTIFYING: list[tuple[str, str]] = [
    ("mail_address", "Write to jo.bloggs@example.org about it."),
    ("mail_address", "Write to jo＠example．org about it."),
    ("uk_phone", "Ring 01632 960 123 for her."),
    ("uk_phone", "Ring (0141) 496-0123."),
    ("uk_phone", "Ring +44 7700 900123."),
    ("uk_phone", "Ring 0\u200b7700900123."),
    ("uk_phone", "Ring 07700\u00a0900\u00a0123."),
    ("uk_phone", "Ring +44 (0)20 7946 0018."),
    ("postcode", "They live at ZZ99 3VZ."),
    ("postcode", "They live at m1 1ae."),
    ("postcode", "They live at EC1A1BB."),
    ("nhs_number", "Her number is 999 000 0000."),
    ("nhs_number", "Her number is 999-000-0000."),
    ("nhs_number", "Her number is 9990000000."),
    ("nhs_number", "Her CHI is 311290 9999."),
    ("national_insurance", "Hers is AB 12 34 56 C."),
    ("web_address", "See https://example.org/jo for more."),
    ("handle", "Find @jo_bloggs there."),
]


@pytest.mark.parametrize(("rule", "text"), IDENTIFYING)
def test_the_screen_blocks_what_leads_to_a_person(make_story: Make, rule: str, text: str) -> None:
    assert published(make_story(text=text)) == []
    (message,) = blocked(make_story(text=text))
    assert message == f"Story GL-001 of glasgow is not published: the screen's rule {rule}."


@pytest.mark.parametrize(
    "text",
    [
        "In 2025 we met 12 times, on 3 April 2025 and on 04/05/2025.",
        "About 1,200 people came; 15-20 stayed. It cost £1,250.00.",
        "K1 and T2 rose from 40.5 to 62.",
        "The P1 class and Room B2 took part @ noon.",
        "She said: 'I can ask for help now.'",
    ],
)
def test_the_screen_lets_ordinary_sentences_pass(make_story: Make, text: str) -> None:
    assert published(make_story(text=text)) == ["GL-001"]


def test_a_text_never_stands_in_a_message_or_in_the_shown_form_of_a_story(make_story: Make) -> None:
    secret = make_story(text="Ring 01632 960123 and ask for Zebedee.")
    assert "Zebedee" not in repr(secret)
    assert "Zebedee" not in " ".join(blocked(secret))


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2025, 3, 31), "2025-Q1"),
        (date(2025, 4, 1), "2025-Q2"),
        (date(2025, 12, 31), "2025-Q4"),
        (None, None),
    ],
)
def test_a_story_is_dated_to_its_quarter(make_story: Make, day: Any, quarter: str | None) -> None:
    table = stories_table([make_story(told_on=day)])
    assert table.rows == (("GL-001", "glasgow", quarter, "confidence", "A mother found a place to ask."),)
    assert [column.name for column in table.columns] == ["story_id", "site", "quarter", "change_domain", "text"]
