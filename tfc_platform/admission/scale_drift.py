"""Whether an instrument seems turned round, or an end of its scale unused, beside another survey that asked the same.

A survey tool renumbers answers when its choices are edited, and every answer still looks valid. What gives it away is that the
items' means are mirrored, several together, or that nobody gives the highest answer any more. A real change moves items too: it
is allowed for, up to `LARGEST_CHANGE` standard deviations towards or away from what each item measures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

__all__ = ["EndUse", "ItemPair", "is_turned", "is_turned_beside_others", "turned_items", "unused_end"]

LARGEST_CHANGE = 0.6  # in standard deviations, of what people really think
LEAST_MISFIT = 0.4  # in standard deviations: how badly the answers fit as they are, before they are taken for mirrored
BETTER_FIT = 0.5  # how much of that misfit may be left once they are mirrored
LEAST_OFF, CLOSE = (
    0.55,
    1 / 3,
)  # beside the other sites' change: how far off, and how much of that the mirror may be off
FEWEST_ITEMS = 3
FEWEST_ANSWERS = 30
ITEM_MISFIT, ITEM_FIT, ITEM_DISTANCE = 0.8, 0.3, 0.5  # of an item by itself: beside the other items' change
UNUSED_BY_CHANCE = 0.0001  # the probability that nobody of so many uses an end that a known share uses


@dataclass(frozen=True)
class ItemPair:
    """An item in two surveys: means as distances from the middle of its scale, in standard deviations of an answer.

    `key` is 1, or -1 where agreeing is the worse answer; `answers` the smaller number of the two.
    """

    item: str
    before: float
    now: float
    key: int
    answers: int

    @classmethod
    def of(
        cls,
        item: str,
        before: tuple[float, float, int],
        now: tuple[float, float, int],
        scale: tuple[int, int],
        is_reversed: bool,
    ) -> ItemPair | None:
        """The pair; None where nobody's answers differ.

        :param before: mean, variance and number of the answers; `now` alike.
        :param scale: the lowest and the highest value.
        """
        spread = math.sqrt((before[1] + now[1]) / 2)
        if not spread:
            return None
        middle = (scale[0] + scale[1]) / 2
        means = (before[0] - middle) / spread, (now[0] - middle) / spread
        return cls(item, *means, -1 if is_reversed else 1, min(before[2], now[2]))


def _misfit(pairs: Sequence[ItemPair], sign: int) -> float:
    """How far the means now are from those before (mirrored: sign -1), after the real change that explains most.

    As a root mean square, in standard deviations.
    """
    moved = [(pair.now - sign * pair.before) * pair.key for pair in pairs]
    change = max(-LARGEST_CHANGE, min(LARGEST_CHANGE, sum(moved) / len(moved)))
    return math.sqrt(sum((value - change) ** 2 for value in moved) / len(moved))


def _enough(pairs: Sequence[ItemPair]) -> list[ItemPair]:
    return [pair for pair in pairs if pair.answers >= FEWEST_ANSWERS]


def is_turned(pairs: Sequence[ItemPair]) -> bool:
    """Whether the items of an instrument fit much better mirrored than as they are."""
    known = _enough(pairs)
    if len(known) < FEWEST_ITEMS:
        return False
    as_it_is = _misfit(known, 1)
    return as_it_is >= LEAST_MISFIT and _misfit(known, -1) <= BETTER_FIT * as_it_is


def is_turned_beside_others(pairs: Sequence[ItemPair], changes: Mapping[str, float]) -> bool:
    """Whether an instrument whose means were near the middle is where the mirror of what was expected would be.

    Near the middle a mirrored scale moves no item further than a large real change does. What other sites' people show is a
    better guess then: expected is the mean before and the mean change of the others. The answers have to be off it by more than
    0.55 standard deviations, two standard errors aside, and their mirror close to it.

    :param changes: for each item the change at the other sites, in standard deviations.
    """
    known = [pair for pair in _enough(pairs) if pair.item in changes]
    if len(known) < FEWEST_ITEMS:
        return False
    expected = sum((pair.before + changes[pair.item]) * pair.key for pair in known) / len(known)
    now = sum(pair.now * pair.key for pair in known) / len(known)
    error = math.sqrt(2 / min(pair.answers for pair in known))  # at most: of items that all go together
    off = abs(now - expected)
    return off - 2 * error >= LEAST_OFF and abs(-now - expected) <= CLOSE * off


def turned_items(pairs: Sequence[ItemPair]) -> list[str]:
    """Single items that are mirrored while the others of their instrument are not."""
    known = _enough(pairs)
    if len(known) < FEWEST_ITEMS:
        return []
    turned = []
    for pair in known:
        others = [(other.now - other.before) * other.key for other in known if other is not pair]
        change = max(-LARGEST_CHANGE, min(LARGEST_CHANGE, median(others))) * pair.key
        if (
            abs(pair.before) >= ITEM_DISTANCE
            and abs(pair.now - pair.before - change) >= ITEM_MISFIT
            and min(abs(pair.now + pair.before - change), abs(pair.now + pair.before + change)) <= ITEM_FIT
        ):
            turned.append(pair.item)
    return turned if len(turned) < len(known) / 2 else []


@dataclass(frozen=True)
class EndUse:
    """How many people of a survey gave an answer of a scale, and how many of them the end's to any item."""

    people: int
    at_end: int


def unused_end(before: Mapping[str, EndUse], now: Mapping[str, EndUse]) -> str | None:
    """The end (`highest`, `lowest`) that nobody uses now though people did before, beyond chance; None where there is none."""
    for end in sorted(before.keys() & now.keys()):
        known, use = before[end], now[end]
        if known.people < FEWEST_ANSWERS or use.at_end or not known.at_end:
            continue
        if (1 - known.at_end / known.people) ** use.people < UNUSED_BY_CHANCE:
            return end
    return None
