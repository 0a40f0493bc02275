"""What a published mean tells of scores: every dataset of small scales, grouped by what is published of it.

For each group the brute force looks for a score that all had, or all but fewer than nine, in every dataset that there can be.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t as student

from tests.disclosure.programme import POPULATION, SCALE
from tests.disclosure.world import make_world
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.disclosure import cell_rules
from tfc_platform.disclosure.policy import load_policy

POLICY = load_policy()
FEWEST, HALF = 30, 2  # R7, and the rounding of a base
T = 9


@cache
def tables(people: int, scores: int) -> np.ndarray:
    """Every way in which so many people can have the scores: a row a way, how many had each."""
    if scores == 1:
        return np.array([[people]], np.int16)
    parts = []
    for first in range(people + 1):
        rest = tables(people - first, scores - 1)
        parts.append(np.hstack([np.full((len(rest), 1), first, np.int16), rest]))
    return np.vstack(parts)


def rounded(values: np.ndarray, unit: float) -> np.ndarray:
    return np.floor(values / unit + 0.5).astype(int)


def groups(base: int, scores: int, step: float, decimals: int) -> tuple[list[tuple[float, float, float]], np.ndarray]:
    """What can be published beside a base, and of each the fewest that can have had another score than each one."""
    levels, unit = np.arange(scores) * step, 10.0**-decimals
    published, others = [], []
    for people in range(max(base - HALF, FEWEST), base + HALF + 1):
        counts = tables(people, scores)
        mean = counts @ levels / people
        variance = np.maximum(counts @ levels**2 - people * mean**2, 0) / (people - 1)
        width = student.ppf(0.975, people - 1) * np.sqrt(variance / people)
        published.append(np.stack([rounded(one, unit) for one in (mean, mean - width, mean + width)], 1))
        others.append(people - counts)
    kinds, group = np.unique(np.vstack(published), axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    starts = np.searchsorted(group.ravel()[order], np.arange(len(kinds)))
    most = np.maximum.reduceat(np.vstack(others)[order], starts)
    return [(mean * unit, low * unit, high * unit) for mean, low, high in kinds.tolist()], most


@pytest.mark.parametrize(
    ("scores", "step", "decimals", "base"),
    [(3, 50.0, 0, 30), (3, 50.0, 0, 60), (4, 100 / 3, 0, 30), (5, 25.0, 0, 30), (5, 1.0, 0, 30), (5, 1.0, 1, 30)],
)
def test_no_mean_tells_that_all_but_a_few_had_one_score(scores: int, step: float, decimals: int, base: int) -> None:
    kinds, most = groups(base, scores, step, decimals)
    levels = [number * step for number in range(scores)]
    ends = [*levels[:2], *levels[-2:]]
    given_away = shown = 0
    for (mean, low, high), others in zip(kinds, most, strict=True):
        is_given_away = others.min() < T
        given_away += is_given_away
        is_shown = cell_rules.mean_is_open(mean, (low, high), base, ends, decimals, POLICY)
        shown += is_shown
        assert not (is_given_away and is_shown), (mean, low, high, others)
    assert shown > len(kinds) / 2, "the rule is for the ends"
    assert given_away or step == 1.0


@pytest.mark.parametrize(
    ("mean", "interval", "is_simple", "is_shown"),
    [
        (50, (20, 80), False, True),  # three schools: the interval is wide by the design
        (50, (50, 50), False, False),
        (99, (97, 100), False, False),  # 4 steps of 8.33 from the end, whoever was drawn how
        (97, (94, 99), False, True),
        (97, (94, 99), True, True),
        (97, (None, None), True, True),
        (0, (None, None), True, False),
    ],
)
def test_means_of_thirty_five_by_hand(
    mean: float, interval: tuple[float | None, float | None], is_simple: bool, is_shown: bool
) -> None:
    """Three items of five points: the scores go from 0 to 100 in twelve steps of 8.33."""
    ends = (0.0, 100 / 12, 1100 / 12, 100.0)
    assert cell_rules.mean_is_open(mean, interval, 35, ends, 0, POLICY, is_simple) is is_shown


@pytest.mark.parametrize(("positive", "other", "is_shown"), [(80, 0, False), (77, 3, False), (40, 40, True)])
def test_a_mean_that_tells_every_answer_is_withheld_and_so_is_its_change(
    tmp_path: Path, positive: int, other: int, is_shown: bool
) -> None:
    """All 80 answered 5: a mean of 100 from 100 to 100 says so. In the second wave half of them did."""
    world = make_world(tmp_path, sites=("north",), quarters=1)
    for wave, (first, second) in {"w1": (positive, other), "w2": (40, 40)}.items():
        for area in ("Hill", "Shore", None):
            world.set_answers("north", wave, area, first if area == "Hill" else 0, second if area == "Hill" else 0)
    world.write()
    assert world.release(world.lock_day("w2")).published is not None
    status = "rounded" if is_shown else "suppressed"
    estimates = world.figures("outcome_indicator")
    assert estimates["north", POPULATION, "w1", SCALE, "all", "all"]["estimate"][1] == status
    assert estimates["north", POPULATION, "w2", SCALE, "all", "all"]["estimate"] == (63, "rounded")
    change = world.figures("outcome_change")["north", POPULATION, SCALE, "repeated_cross_section", "w1", "w2"]
    assert change["difference"][1] == status, "beside the second wave's mean it is the first one's"


def test_scales_have_enough_scores() -> None:
    """Mean and interval are two equations: of a scale with few scores they tell how many had each. None is so short."""
    lengths = {
        f"{book.instrument} {scale}": len(book.scores(scale))
        for book in load_catalogue().codebooks
        for scale in book.scales
    }
    assert lengths
    assert min(lengths.values()) >= 10
