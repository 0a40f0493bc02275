"""Mirrored scales are seen, and real changes are not taken for them: by simulation, with seeds.

Answers are drawn from a normal opinion that is rounded to five points, with items that go together as in a real instrument. The
draws do not use the variances that the rule assumes. Decision 0064 has the same rates from more runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from tfc_platform.admission.scale_drift import EndUse, InstrumentAnswers, TurnedItems, turned_items, unused_end

RUNS = 40
ITEMS = 9
Draw = np.random.Generator
WHOLE, NONE = np.ones(ITEMS, dtype=bool), np.zeros(ITEMS, dtype=bool)
SOME = np.arange(ITEMS) < 3


@dataclass(frozen=True)
class World:
    """Two waves at some sites, of which the first site's second wave is judged; all sizes in standard deviations of an opinion.

    `level`: from the middle of the scale. `profile`: how far items differ. `change`: of this site, beside a rise of 0.25.
    """

    sites: int = 4
    level: float = 0.2
    profile: float = 0.2
    change: float = 0.0
    item_change: float = 0.1
    people: tuple[int, int] = (60, 400)
    schools: int = 0

    def draw(self, draw: Draw, turned: np.ndarray = NONE) -> tuple[InstrumentAnswers, list[InstrumentAnswers]]:
        profile, moved = draw.normal(0, self.profile, ITEMS), draw.normal(0, self.item_change, ITEMS)
        surveys = []
        for site in range(self.sites):
            means = self.level + profile + draw.normal(0, 0.05, ITEMS) + (draw.normal(0, 0.15) if site else 0)
            change = 0.25 + (draw.normal(0, 0.07) if site else self.change) + moved
            for wave in (1, 2):
                at = means + (wave - 1) * (change + draw.normal(0, self.item_change / 2, ITEMS))
                is_judged = site == 0 and wave == 2
                surveys.append(self._survey(draw, f"s{site}", f"w{wave}", at, turned if is_judged else NONE))
        return surveys.pop(1), surveys

    def _survey(self, draw: Draw, site: str, wave: str, means: np.ndarray, turned: np.ndarray) -> InstrumentAnswers:
        count = int(draw.integers(*self.people, endpoint=True))
        shared = draw.normal(size=(count, 1))
        if self.schools:  # an intraclass correlation of 0.1 of what a person's answers share
            school = draw.normal(size=self.schools)[draw.integers(0, self.schools, count)]
            shared = np.sqrt(0.9) * shared + np.sqrt(0.1) * school[:, None]
        opinion = means + np.sqrt(0.4) * shared + np.sqrt(0.6) * draw.normal(size=(count, ITEMS))
        answers = np.clip(np.round(opinion), -2, 2) * np.where(turned, -1, 1)
        people = np.array([f"{site} {wave} {number}" for number in range(count)])
        return InstrumentAnswers(site, wave, tuple(f"Q{number}" for number in range(ITEMS)), people, answers, {})


def judged(world: World, seed: int, turned: np.ndarray = NONE, runs: int = RUNS) -> list[TurnedItems]:
    """What is beyond doubt in so many draws of a world."""
    draw = np.random.default_rng(seed)
    likeliest = [turned_items(*world.draw(draw, turned)) for _ in range(runs)]
    return [items for items in likeliest if items is not None and items.is_beyond_doubt]


@pytest.mark.parametrize("sites", [1, 4])
@pytest.mark.parametrize("profile", [0.0, 0.2])
@pytest.mark.parametrize("change", [-0.5, 0.0, 0.3])
def test_a_real_change_is_not_taken_for_a_mirrored_scale(sites: int, profile: float, change: float) -> None:
    """Also of one site against the others, of items that move by themselves, and of people in 12 schools."""
    world = World(sites=sites, profile=profile, change=change, item_change=0.15, schools=12)
    assert len(judged(world, 20251201)) <= 1


@pytest.mark.parametrize(
    ("world", "least"),
    [
        (World(profile=0.0, level=0.0), 0.7),
        (World(profile=0.0, level=0.2), 0.9),
        (World(profile=0.2, level=0.0), 0.95),
        (World(sites=1, profile=0.2, level=0.0, people=(150, 400)), 0.9),
        (World(sites=1, profile=0.2, level=0.2, people=(60, 100)), 0.75),
        (World(sites=1, profile=0.0, level=0.6), 0.95),
    ],
)
def test_a_mirrored_scale_is_seen(world: World, least: float) -> None:
    """By how far from the middle it is, how far its items differ, and how many people and sites there are."""
    found = judged(world, 20251202, WHOLE)
    assert len(found) / RUNS >= least
    assert all(items.is_whole for items in found)


def test_items_alike_about_the_middle_at_one_site_show_nothing() -> None:
    """Their distribution is symmetric: nothing tells it from its mirror. Decision 0064 says so."""
    assert len(judged(World(sites=1, profile=0.0, level=-0.1), 20251203, WHOLE)) <= 2


@pytest.mark.parametrize("sites", [1, 4])
def test_items_that_are_turned_by_themselves_are_named(sites: int) -> None:
    found = judged(World(sites=sites, level=0.1), 20251204, SOME, 20)
    assert [items.items for items in found] == [("Q0", "Q1", "Q2")] * 20


def test_items_that_were_turned_before_export_are_seen_beside_other_sites() -> None:
    """A first wave whose items that are worded the other way are reversed already, so that the contract reverses them again."""
    draw = np.random.default_rng(20251205)
    now, others = World(level=0.0, profile=0.0).draw(draw, SOME)
    first = [replace(other, wave="w2") for other in others if other.site != now.site]
    found = turned_items(now, first)
    assert found is not None
    assert found.is_beyond_doubt
    assert found.items == ("Q0", "Q1", "Q2")


def test_people_who_answered_twice_show_a_mirror_in_the_middle() -> None:
    """Who agreed before disagrees now: at one site, with items alike, where the means say nothing."""
    draw = np.random.default_rng(20251206)
    before, _ = World(sites=1, level=-0.1, profile=0.0, people=(200, 200)).draw(draw)
    noise = draw.integers(-1, 2, before.answers.shape)
    now = replace(before, wave="w2", answers=np.clip(before.answers + noise, -2, 2))
    as_it_is, mirrored = turned_items(now, [before]), turned_items(replace(now, answers=-now.answers), [before])
    assert as_it_is is not None
    assert mirrored is not None
    assert (as_it_is.is_beyond_doubt, mirrored.is_beyond_doubt) == (False, True)
    assert mirrored.is_whole


def test_another_instrument_of_the_survey_shows_a_mirror_in_the_middle() -> None:
    """Well-being goes with the answers in the first wave, and against them in the second."""
    draw = np.random.default_rng(20251207)
    now, others = World(sites=3, level=-0.2, profile=0.0, people=(200, 200)).draw(draw)
    other_scores = [{"wellbeing": survey.scores() + draw.normal(0, 0.5, survey.count)} for survey in (now, *others)]
    now = replace(now, other_scores=other_scores[0])
    others = [replace(other, other_scores=scores) for other, scores in zip(others, other_scores[1:], strict=True)]
    mirrored = turned_items(replace(now, answers=-now.answers), others)
    as_it_is = turned_items(now, others)
    assert as_it_is is not None
    assert mirrored is not None
    assert (as_it_is.is_beyond_doubt, mirrored.is_beyond_doubt) == (False, True)


def test_few_people_or_items_say_nothing() -> None:
    now, others = World(level=0.9, people=(30, 30)).draw(np.random.default_rng(1))
    mirrored = replace(now, answers=-now.answers)
    assert turned_items(mirrored, others) is not None
    assert turned_items(replace(mirrored, answers=mirrored.answers[:29], people=now.people[:29]), others) is None
    assert turned_items(mirrored.only(("Q0", "Q1")), others) is None
    assert turned_items(replace(mirrored, answers=np.ones((30, ITEMS))), others) is None


@pytest.mark.parametrize(
    ("before", "now", "end"),
    [
        (EndUse(300, 90), EndUse(40, 0), "highest"),  # 0.7 ** 40 = 6e-7
        (EndUse(300, 90), EndUse(20, 0), None),  # 0.7 ** 20 = 8e-4
        (EndUse(300, 3), EndUse(300, 0), None),
        (EndUse(300, 90), EndUse(300, 1), None),
        (EndUse(20, 10), EndUse(300, 0), None),
        (EndUse(300, 0), EndUse(300, 0), None),
    ],
)
def test_an_end_that_nobody_uses_any_more(before: EndUse, now: EndUse, end: str | None) -> None:
    assert unused_end({"highest": before}, {"highest": now}) == end
