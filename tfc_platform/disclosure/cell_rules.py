"""The rules for one cell (R4 to R8): whether it is shown, and to what it is rounded. Pure functions, tested at each boundary.

Belongs here: nothing but these rules. Does not belong: which cells there are (`tables`), or whether many together are safe
(`audit`).
"""

from __future__ import annotations

import math
from functools import cache

from tfc_platform.disclosure.policy import DisclosurePolicy, PanelLimits, SurveyLimits

__all__ = [
    "enough_heads",
    "enough_pairs",
    "enough_persons",
    "enough_respondents",
    "numerators",
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


def enough_persons(count: float, policy: DisclosurePolicy) -> bool:
    """R4: zero is not told from nine."""
    return count >= policy.threshold_persons


def enough_heads(sessions: int, largest_session: int | None, policy: DisclosurePolicy) -> bool:
    """R5: at least so many sessions, and at least so many people for certain, those of the largest single session."""
    limits = policy.head_count
    return sessions >= limits.sessions and (largest_session or 0) >= limits.largest_session


def enough_respondents(base: int, positive: int | None, clusters: int, limits: SurveyLimits) -> bool:
    """R7. `positive` is the numerator of a percentage, unweighted; none for a mean, which has no numerator."""
    parts = (positive, base - positive) if positive is not None else ()
    return base >= limits.base and clusters >= limits.clusters and all(part >= limits.part for part in parts)


def enough_pairs(pairs: int, improved: int, same: int, worse: int, bases: tuple[int, int], limits: PanelLimits) -> bool:
    """R8: so many pairs, so many who improved, stayed and got worse, and nobody or enough of each wave in no pair."""
    rests = [base - pairs for base in bases]
    return (
        pairs >= limits.pairs
        and min(improved, same, worse) >= limits.part
        and all(rest == 0 or rest >= limits.rest for rest in rests)
    )


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
