"""What is planted is really there, in personal columns and free text alone, and could be nobody's."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.demo.config import load
from tfc_platform.demo.people import capacity, surname

# What holds people in the four tools' layouts, from the README of the returns.
PERSONAL = {
    "Notes", "Comments", "Anything else we should know?", "notes", "comments", "Q9_TEXT", "12. Anything else?", "story",
    "staff_commentary", "Email", "Name", "IP Address", "IPAddress", "RecipientLastName", "RecipientEmail",
    "about/phone", "postcode", "evidence_details",
}  # fmt: skip
SYLLABLES = load().wording["names"]["surname"]
SHAPES = [
    r"07700 900\d{3}",
    r"[a-z]+\d+@example\.org",
    r"203\.0\.113\.\d{1,3}",
    r"PL5 \d[CIKMOV]{2}",
    r"[^\d@]{4,}",
]


def test_every_canary_occurs_and_only_where_people_are(nights: Any) -> None:
    read = [n for n, a in nights.second.files.items() if a["status"] in ("accepted", "superseded", "held", "rejected")]
    personal, coded = [], []
    for name in read:
        for cell in nights.cells(name):
            (personal if cell.column in PERSONAL else coded).append(cell.text)
    lock = next(name for name in nights.second.files if "~$" in name)
    personal.append((nights.landing / lock).read_bytes().decode("cp1252"))
    everything, elsewhere = "\n".join(personal), set(coded)
    canaries = nights.second.canaries
    assert len(canaries) == len(set(canaries)) > 5000
    assert not [canary for canary in canaries if canary not in everything]
    assert not elsewhere & set(canaries)
    coded_text = "\n".join(elsewhere)
    assert not [canary for canary in canaries if canary in coded_text]


def test_canaries_have_shapes_that_are_nobodys(nights: Any) -> None:
    odd = [c for c in nights.second.canaries if not any(re.fullmatch(shape, c) for shape in SHAPES)]
    assert not odd
    for shape in SHAPES:
        assert any(re.fullmatch(shape, canary) for canary in nights.second.canaries), shape


def test_approved_texts_and_reference_data_hold_no_canary(nights: Any) -> None:
    published = "\n".join(cell.text for cell in nights.cells("central/story_approvals.csv"))
    plan = load()
    words = [area for site in plan.sites for area in site.areas]
    words += [alias.text for site in plan.sites for alias in site.aliases]
    words += [partner for site in plan.sites for partner in site.settings["partners"]]
    words += [venue.postcode for site in plan.sites for venue in site.venues]
    haystack = published + "\n" + "\n".join(words)
    assert not [canary for canary in nights.second.canaries if canary in haystack]


def test_nobody_shares_a_surname() -> None:
    every = [surname(number, SYLLABLES) for number in range(capacity(SYLLABLES))]
    assert len(set(every)) == len(every)


@given(st.integers(0, 10**6), st.integers(1, 10**4))
def test_names_are_pronounceable_strings(number: int, step: int) -> None:
    name = surname(number * step % capacity(SYLLABLES), SYLLABLES)
    assert name[0].isupper()
    assert name.isalpha()
