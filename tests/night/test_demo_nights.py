"""Two nights of other returns of the same shapes: nothing is fitted to the programme's sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from .analysts import readers
from .nights import FIRST, SECOND, Home, agree, demo, planted_flags, sessions, wrong_totals

SEED = 31  # another than that of `test_questions`, which agrees as well


@dataclass(frozen=True)
class Nights:
    home: Home
    answers: dict[str, Any]
    first_sessions: list[dict[str, Any]]
    read_meanwhile: dict[str, list[Any]]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    home = Home(tmp_path_factory.mktemp("demo"))
    first = demo(home, SEED).as_dict()
    home.good_night(FIRST)
    agree(home, first)
    assert home.flags() >= planted_flags(first)
    before = sessions(home)
    second = demo(home, SEED, night=2).as_dict()
    with readers(home) as seen:
        home.good_night(SECOND)
    return Nights(home, second, before, seen)


def test_both_nights_agree_with_the_answers(nights: Nights) -> None:
    agree(nights.home, nights.answers)


def test_every_planted_disclosure_is_flagged_with_few_beside(nights: Nights) -> None:
    planted, found = planted_flags(nights.answers), nights.home.flags()
    assert found >= planted
    # High recall over precision, but a queue that cries wolf is read by nobody.
    assert len(found - planted) <= 0.1 * len(planted)


def test_wrong_totals_are_found(nights: Nights) -> None:
    assert wrong_totals(nights.home) == {(item["file"], item["sheet"]) for item in nights.answers["totals_wrong"]}


def test_one_site_gains_a_month_two_are_held(nights: Nights) -> None:
    gained = [row for row in sessions(nights.home) if row not in nights.first_sessions]
    assert {(row["site"], row["month"]) for row in gained} == {("grimsby", "2026-04")}
    held = {(item["site"], item["source"], item["since"]) for item in nights.home.manifest()["held"]}
    assert held == {("plymouth", "activity", SECOND.isoformat()), ("stoke", "activity", SECOND.isoformat())}


def test_analysts_who_read_all_night_see_the_one_or_the_other_and_no_error(nights: Nights) -> None:
    seen = nights.read_meanwhile
    assert seen["errors"] == []
    for place, rows in (("research", len(nights.first_sessions)), ("releases", None)):
        assert len(seen[place]) > 10
        versions = list(dict.fromkeys(version for version, _ in seen[place]))
        assert len(versions) == 2, versions  # never back, and never a third
        counts = {version: {count for v, count in seen[place] if v == version} for version in versions}
        assert all(len(found) == 1 for found in counts.values())  # a version never changes under its reader
        assert rows is None or counts[versions[0]] == {rows}
