"""Two nights of other returns of the same shapes: nothing is fitted to the programme's sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from .nights import FIRST, SECOND, Home, agree, demo, planted_flags, sessions, wrong_totals

SEEDS = (31, 87)


@dataclass(frozen=True)
class Nights:
    home: Home
    answers: dict[str, Any]
    first_sessions: list[dict[str, Any]]


@pytest.fixture(scope="module", params=SEEDS)
def nights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    home = Home(tmp_path_factory.mktemp(f"demo-{request.param}"))
    first = demo(home, request.param).as_dict()
    home.good_night(FIRST)
    agree(home, first)
    assert home.flags() >= planted_flags(first)
    before = sessions(home)
    second = demo(home, request.param, night=2).as_dict()
    home.good_night(SECOND)
    return Nights(home, second, before)


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
