"""Mirrored scales are seen, and real changes are not taken for them: by simulation, with seeds.

Answers are drawn from a normal opinion that is rounded to the scale, with items that go together as in a real instrument.
"""

from __future__ import annotations

import numpy as np
import pytest

from tfc_platform.admission.scale_drift import (
    EndUse,
    ItemPair,
    is_turned,
    is_turned_beside_others,
    turned_items,
    unused_end,
)

RUNS = 200
ITEMS = 9
Draw = np.random.Generator


def answers(draw: Draw, people: int, means: np.ndarray, spread: float) -> np.ndarray:
    shared = draw.normal(size=(people, 1))
    own = draw.normal(size=(people, len(means)))
    return np.clip(np.round(means + spread * (np.sqrt(0.4) * shared + np.sqrt(0.6) * own)), 1, 5)


def pairs(before: np.ndarray, now: np.ndarray, keys: np.ndarray) -> list[ItemPair]:
    found = []
    for number, key in enumerate(keys):
        moments = [(wave[:, number].mean(), wave[:, number].var(ddof=1), len(wave)) for wave in (before, now)]
        found.append(ItemPair.of(str(number), moments[0], moments[1], (1, 5), bool(key < 0)))
    return [pair for pair in found if pair is not None]


def two_waves(draw: Draw, level: float, change: float, turned: bool) -> tuple[list[ItemPair], np.ndarray]:
    """Pairs of a survey of 60 to 400 people in each wave; a quarter of the items is worded the other way."""
    keys = np.where(draw.random(ITEMS) < 0.25, -1, 1)
    spread = draw.uniform(0.7, 1.2)
    means = 3 + (level + draw.normal(0, 0.2, ITEMS)) * spread * keys
    moved = means + (change + draw.normal(0, 0.1, ITEMS)) * spread * keys
    first, second = draw.integers(60, 400, 2)
    now = answers(draw, int(second), moved, spread)
    return pairs(answers(draw, int(first), means, spread), 6 - now if turned else now, keys), keys


@pytest.mark.parametrize("change", [-0.5, 0.0, 0.5])
def test_a_real_change_is_not_taken_for_a_mirrored_scale(change: float) -> None:
    draw = np.random.default_rng(20251201)
    waves = [two_waves(draw, draw.uniform(-0.2, 1.2), change, False)[0] for _ in range(RUNS)]
    assert sum(is_turned(found) for found in waves) == 0
    assert sum(bool(turned_items(found)) for found in waves) <= 2


@pytest.mark.parametrize(("level", "least"), [(0.6, 0.85), (0.9, 0.98)])
def test_a_mirrored_scale_is_seen(level: float, least: float) -> None:
    draw = np.random.default_rng(20251202)
    found = [is_turned(two_waves(draw, level, draw.uniform(-0.2, 0.5), True)[0]) for _ in range(RUNS)]
    assert sum(found) / RUNS >= least


def beside_others(draw: Draw, own_change: float, turned: bool) -> bool:
    """A site near the middle of the scale beside three others that rise by 0.3."""
    found, keys = two_waves(draw, draw.uniform(0.1, 0.3), 0.3 + own_change, turned)
    rise = {str(number): 0.3 * key + draw.normal(0, 0.05) for number, key in enumerate(keys)}
    return is_turned_beside_others(found, rise)


def test_near_the_middle_the_other_sites_tell_a_mirror_from_a_change() -> None:
    draw = np.random.default_rng(20251203)
    assert sum(beside_others(draw, 0, True) for _ in range(RUNS)) / RUNS >= 0.6
    assert sum(beside_others(draw, 0, False) for _ in range(RUNS)) == 0
    assert sum(beside_others(draw, -0.5, False) for _ in range(RUNS)) / RUNS <= 0.02


def test_a_single_mirrored_item_is_named() -> None:
    before = [ItemPair(str(number), 0.8, 0.9, 1, 200) for number in range(5)]
    assert turned_items([*before, ItemPair("odd", 0.8, -0.9, 1, 200)]) == ["odd"]
    assert turned_items([*before, ItemPair("odd", 0.8, 0.4, 1, 200)]) == []
    assert not is_turned([*before, ItemPair("odd", 0.8, -0.9, 1, 200)])


def test_few_answers_or_items_say_nothing() -> None:
    assert not is_turned([ItemPair(str(number), 0.9, -0.9, 1, 29) for number in range(9)])
    assert not is_turned([ItemPair(str(number), 0.9, -0.9, 1, 200) for number in range(2)])
    assert is_turned([ItemPair(str(number), 0.9, -0.9, 1, 200) for number in range(3)])


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
