"""Which names are meant for one another, and above all which are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.ingest.header_similarity import is_alike, is_near

NEAR = [
    ("Date\n(dd/mm/yy)", "Date"),
    ("Date of session (DD/MM/YYYY)", "Date of session"),
    ("Adults Attended*", "Adults attended"),
    ("Duration(hours)", "Duration (hours)"),
    ("Venueward", "Venue ward"),
    ("Post-code", "Postcode"),
    ("Childern attended", "Children attended"),
    ("Children atended", "Children attended"),
    ("Actvities", "Activities"),
    ("Adult attended", "Adults attended"),
    ("venue_ward", "Venue ward"),
]
COUNTS = [
    ("No. children attended", "Children attended"),
    ("Number of children attended", "Children attended"),
    ("Children attended", "No. of children attended"),
]
# Each of these would put what somebody wrote into another field.
FAR = [
    ("Adults attended", "Children attended"),
    ("Date", "Date of birth"),
    ("Date of birth", "Date"),
    ("K1", "K2"),
    ("Q5_1", "Q5_11"),
    ("Q5_1 1", "Q5_11"),
    ("Q51", "Q5_1"),
    ("No. of sessions", "No. attending"),
    ("No. of sessions", "Session"),
    ("Duration (mins)", "Duration (hours)"),
    ("Children registered", "Children attended"),
    ("Children attended", "Children attended in total"),
    ("Total", "Children attended"),
    ("Able", "Unable"),
    ("Important", "Unimportant"),
    ("Inclusive", "Exclusive"),
    ("Referred", "Referrer"),
    ("Attendee", "Attended"),
    ("% attended", "Attended"),
    ("Ward", "Word"),
    ("Site", "Sites"),
    ("Statement 1", "Statement 2"),
    ("I would report it", "I would not report it"),
    ("Start date", "End date"),
    ("Mother attended", "Father attended"),
    ("Prenatal", "Postnatal"),
    ("Antenatal", "Postnatal"),
    ("Wave 1 score", "Wave 2 score"),
    ("Notes", "Date"),
    ("", "Date"),
    ("(dd/mm/yy)", "Date"),
]


@pytest.mark.parametrize(("name", "wanted"), NEAR)
def test_near(name: str, wanted: str) -> None:
    assert is_near(name, wanted)
    assert is_near(name, wanted, is_count=True) or "(dd" in name.lower()


@pytest.mark.parametrize(("name", "wanted"), COUNTS)
def test_number_of_says_nothing_of_a_count(name: str, wanted: str) -> None:
    assert is_near(name, wanted, is_count=True)
    assert not is_near(name, wanted), "of a yes or no, a number is something else"


@pytest.mark.parametrize(("name", "wanted"), FAR)
def test_far(name: str, wanted: str) -> None:
    for is_count in (False, True):
        assert not is_near(name, wanted, is_count=is_count)
        assert not is_near(wanted, name, is_count=is_count)


def test_synonyms_are_the_contracts_own() -> None:
    assert not is_near("Children present", "Children attended")
    assert is_near("Children present", "Children attended", {"present": "attended"})
    assert not is_near("Adults present", "Children attended", {"present": "attended"})


WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_ .()", min_size=1, max_size=20)


@given(WORDS, WORDS, st.booleans())
def test_nearness_has_no_direction_and_keeps_every_digit(one: str, other: str, is_count: bool) -> None:
    assert is_near(one, other, is_count=is_count) == is_near(other, one, is_count=is_count)
    if is_near(one, other, is_count=is_count):
        assert [c for c in one if c.isdigit()] == [c for c in other if c.isdigit()]


@pytest.mark.parametrize(
    ("name", "personal"),
    [
        ("E mail", "Email"),
        ("Emails", "Email"),
        ("Note", "Notes"),
        ("Notes (confidential)", "Notes"),
        ("Tracking link 2", "Tracking Link"),
    ],
)
def test_alike(name: str, personal: str) -> None:
    assert is_alike(name, personal)


@pytest.mark.parametrize(("name", "personal"), [("Date", "Notes"), ("Hours", "Email"), ("Room", "Name"), ("", "Name")])
def test_unlike(name: str, personal: str) -> None:
    assert not is_alike(name, personal)
