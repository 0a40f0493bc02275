"""The words of pages: plain ones, and those that young people are asked to read."""

from __future__ import annotations

import re

from tests.release.page_reader import Read
from tests.release.paged import made
from tfc_platform.disclosure.policy import load_policy
from tfc_platform.pages.write_pages import pages

POLICY = load_policy()


def test_the_page_for_young_people_has_no_terms_of_the_trade(written: dict[str, str]) -> None:
    plain = Read(written["young-people.html"]).plain.lower()
    for word in (
        "interval",
        "estimate",
        "suppress",
        "withheld",
        "disclosure",
        "comparable",
        "footnote",
        "wave",
        "quarter",
        "adjusted",
        "mean ",
    ):
        assert word not in plain, word
    assert "0800 1111" in plain
    sentences = [s for s in re.split(r"[.!?]\s", Read(written["young-people.html"]).plain) if len(s.split()) > 3]
    prose = [s for s in sentences if "script" not in s and "town" not in s.lower()]
    assert sum(len(s.split()) for s in prose) / len(prose) < 16


def test_an_option_was_chosen_and_nobody_agreed_with_it() -> None:
    said, found = made()
    labels = {**said["labels"], "indicators": {**said["labels"]["indicators"]}}
    labels["indicators"]["K1"] = {
        "kind": "item",
        "constructs": [],
        "reversed": False,
        "option": True,
        "wording": "Library",
    }
    pages_of = pages({**said, "labels": labels}, found, POLICY)
    plain, site = pages_of["young-people.html"], pages_of["sites/ashby.html"]
    assert "“Library”" in plain
    assert "out of every hundred chose this" in plain
    assert "From some lists they could choose as many as they liked." in plain
    assert "agree with some sentences" not in plain
    assert 'Chose: Library <span class="code">K1</span>' in site
    assert "in per cent who agreed or chose (or disagreed" in site
    assert "{release" not in site


def test_pages_use_plain_words(written: dict[str, str]) -> None:
    """Words that the house does not use; texts of the release itself (stories, notes, names) are left out."""
    unwanted = re.compile(
        r"\b(mend(ed|s)?|nought|newest|thereof|wherein|persons|stands?|withheld|beyond noise|goes on counting|what became of|"
        r"good return|locked)\b",
        re.IGNORECASE,
    )
    for path, page in written.items():
        assert not unwanted.findall(Read(page).plain), path
