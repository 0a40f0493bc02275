"""The rules for one cell (R4 to R8): whether it is shown, and to what it is rounded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

from tfc_platform.disclosure.policy import DisclosurePolicy, PanelLimits, SurveyLimits

__all__ = [
    "enough_heads",
    "enough_pairs",
    "enough_people",
    "enough_respondents",
    "mean_is_open",
    "numerators",
    "pairs_are_safe",
    "published_interval",
    "published_percentage",
    "round_half_up",
    "rounded",
]


def rounded(value: float, base: int) -> int:
    """To the nearest multiple of `base`; what lies halfway (hours alone can) goes up."""
    return math.floor(value / base + 0.5) * base


def round_half_up(value: float, decimals: int = 0) -> float:
    """To so many decimals, a half away from zero, as tables of official statistics do; Python would go to the even one."""
    scale = 10**decimals
    size = math.floor(abs(value) * scale + 0.5) / scale
    return math.copysign(size, value) if size else 0.0


def enough_people(count: float, policy: DisclosurePolicy) -> bool:
    """R4: zero is not told from nine."""
    return count >= policy.threshold_persons


def enough_heads(sessions: int, largest_session: int | None, policy: DisclosurePolicy) -> bool:
    """R5: at least so many sessions, and at least so many people for certain, those of the largest single session."""
    limits = policy.head_count
    return sessions >= limits.sessions and (largest_session or 0) >= limits.largest_session


def enough_respondents(
    base: int, positive: int | None, clusters: int, limits: SurveyLimits, effective: float | None = None
) -> bool:
    """R7. `positive` is the numerator of a percentage, unweighted; none for a mean, which has no numerator.

    `effective` is the base in effect (Kish 1965, section 11.7): of weighted answers one can count as much as all others.
    """
    parts = (positive, base - positive) if positive is not None else ()
    smallest = base if effective is None else min(base, effective)
    return smallest >= limits.base and clusters >= limits.clusters and all(part >= limits.part for part in parts)


def enough_pairs(pairs: int, improved: int, same: int, worse: int, limits: PanelLimits) -> bool:
    """R8: so many pairs, and so many who improved, stayed and got worse."""
    return pairs >= limits.pairs and min(improved, same, worse) >= limits.part


def pairs_are_safe(pairs: int, bases: tuple[int, int], limits: PanelLimits) -> bool:
    """R8: whether nobody, or enough people, of each wave are in no pair: then the number of pairs may be beside the bases."""
    rests = [base - pairs for base in bases]
    return all(rest == 0 or rest >= limits.rest for rest in rests)


def mean_is_open(
    mean: float,
    interval: tuple[float | None, float | None],
    base: int,
    ends: Sequence[float],
    decimals: int,
    policy: DisclosurePolicy,
    is_simple: bool = True,
) -> bool:
    """R7 of a mean, by what is published: nine have to be possible who had another score than the lowest, the highest, or
    whatever all others had.

    A mean at the end of its scale tells what everybody answered, and so does an interval without width, anywhere. `ends` are
    the scale's lowest two and highest two scores: each who had another one takes the mean so far from the end at least. And so
    far at least from what the others had: the interval of a simple sample (`is_simple`) gives the sum of squares. That of another
    sample is wider by the design, or narrower, and a reader cannot tell by how much: there only an interval without width tells.
    """
    low, second, last_but_one, high = ends
    least, step = policy.survey.part, min(second - low, high - last_but_one)
    if 10**-decimals >= step:
        return True  # rounded to a score or more: a score's worth off for half of all is nothing that shows
    squares: float | None = None
    if interval[0] is not None and interval[1] is not None:
        from scipy.special import stdtrit

        width = (interval[1] - interval[0]) / 2
        squares = (base - 1) * base * (width / stdtrit(base - 1, 0.975)) ** 2
        if squares < least * step**2:
            return False
    for distance, step in ((mean - low, second - low), (high - mean, high - last_but_one)):
        others = base * distance / step
        if squares is not None and is_simple:
            size = (high - low) / step
            others = (others * (size + 1) - squares / step**2 - base * (distance / step) ** 2) / size
        if others < least:
            return False
    return True


@cache
def numerators(base: int, policy: DisclosurePolicy) -> dict[int, frozenset[int]]:
    """For each whole percentage that can stand beside a rounded `base`, the numerators that a reader has to reckon with.

    The reader knows the rules: the true base rounds to `base` and is no smaller than R7 allows, and so is each part.
    """
    limits, half = policy.survey, policy.rounding_base // 2
    found: dict[int, set[int]] = {}
    for n in range(max(base - half, limits.base), base + half + 1):
        for count in range(limits.part, n - limits.part + 1):
            found.setdefault((200 * count + n) // (2 * n), set()).add(count)  # `round_half_up(100 * count / n)`
    return {percent: frozenset(counts) for percent, counts in sorted(found.items())}


@cache
def _classes(base: int, policy: DisclosurePolicy) -> dict[int, int]:
    """Each whole percentage that can be beside `base`, and the one that is published for it.

    Neighbours are taken together, from the lowest up, until two or more numerators are behind each class; what is left at
    the end joins the last one. Published is the one that most numerators explain, of several the nearest to the middle.
    """
    classes: list[list[int]] = []
    behind: set[int] = set()
    for percent, found in numerators(base, policy).items():
        if not classes or len(behind) > 1:
            classes.append([])
            behind = set()
        classes[-1].append(percent)
        behind |= found
    if len(behind) == 1 and len(classes) > 1:
        classes[-2:] = [classes[-2] + classes[-1]]
    behind_each = numerators(base, policy)

    def fits_best(members: list[int]) -> int:
        middle = (members[0] + members[-1]) / 2
        return min(members, key=lambda percent: (-len(behind_each[percent]), abs(percent - middle), percent))

    return {percent: fits_best(members) for members in classes for percent in members}


def published_percentage(estimate: float, base: int, weighted: bool, policy: DisclosurePolicy) -> int:
    """The whole percentage that is published beside a rounded `base` (R7).

    Of an unweighted one the numerator would follow where a single one fits percentage and base. Such percentages are
    published as their neighbours are, so that at least two numerators are behind each: one or two points, where the
    interval is ten times as wide. A weighted percentage has no numerator.
    """
    percent = int(round_half_up(estimate))
    return percent if weighted else _classes(base, policy).get(percent, percent)


def published_interval(
    interval: tuple[float, float], percent: int, base: int, is_simple: bool
) -> tuple[float | None, float | None]:
    """The 95% interval of an unweighted percentage, about the published `percent` and not about the exact one.

    Both ends of a logit interval (Lumley 2010, section 2.3) give its middle, and the middle of the exact one gives the numerator.
    So the interval is that of the published percentage. Its width is the one worked out (`interval`), in effect answers; of a
    simple random sample (`is_simple`) it is that of the published base, since there the width gives the base.
    All in per cent; none where there is no interval.
    """
    low, high = (end / 100 for end in interval)
    share = percent / 100
    if not (0 < low <= high < 1 and 0 < share < 1):
        return interval if 0 <= low <= high <= 1 else (None, None)
    if is_simple:
        from scipy.special import stdtrit

        half = float(stdtrit(base - 1, 0.975)) / math.sqrt((base - 1) * share * (1 - share))
    else:
        middle = _expit((_logit(low) + _logit(high)) / 2)
        width = (_logit(high) - _logit(low)) / 2
        half = width * math.sqrt(middle * (1 - middle) / (share * (1 - share)))
    return 100 * _expit(_logit(share) - half), 100 * _expit(_logit(share) + half)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _expit(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
