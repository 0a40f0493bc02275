"""Whether words stand in a text as a pattern asks.

Groups are numbers here, and places are counted in words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["LONGEST", "Pattern", "Span", "Step", "anchored", "stand"]

LONGEST = 8  # words in a phrase
_FAR = 2**62

Span = tuple[int, int]  # the places of a phrase's first and last word


@dataclass(frozen=True)
class Step:
    """One element of a pattern: what may stand there, and how far from the element before it."""

    groups: frozenset[int]
    gap: int
    either_side: bool
    set_aside: bool


@dataclass(frozen=True)
class Pattern:
    """Elements one after another, and the rule that they set off."""

    owner: str
    steps: tuple[Step, ...]


def anchored(index: Mapping[int, list[Pattern]], spans: Mapping[int, list[Span]]) -> list[Pattern]:
    """The patterns that can stand in a text at all, by the groups that the text holds."""
    present = spans.keys()
    found = {id(pattern): pattern for group in present for pattern in index.get(group, ())}
    return [pattern for pattern in found.values() if not any(step.groups.isdisjoint(present) for step in pattern.steps)]


def stand(steps: tuple[Step, ...], spans: Mapping[int, list[Span]]) -> list[list[Span]]:
    """For each element of a pattern, its places in a full match; empty where the pattern does not match.

    Work grows with the text and not with the number of ways to match, so that no text, however odd, holds up a night.
    """
    reached: list[list[Span]] = []
    for step in steps:
        candidates = sorted({span for group in step.groups for span in spans.get(group, ())})
        if reached:
            candidates = sorted({span for before in reached[-1] for span in _next(step, before, candidates)})
        if not candidates:
            return []
        reached.append(candidates)
    for index in range(len(steps) - 2, -1, -1):
        after = reached[index + 1]
        reached[index] = [span for span in reached[index] if next(_next(steps[index + 1], span, after), None)]
    return reached


def _next(step: Step, before: Span, candidates: list[Span]) -> Iterator[Span]:
    """Those of `candidates` (sorted) near enough to the place `before`. A text may be a whole book, so: bisected."""
    first = before[0] - step.gap - LONGEST if step.either_side else before[1] + 1
    last = before[1] + 1 + step.gap
    for start, end in candidates[bisect_left(candidates, (first, 0)) : bisect_right(candidates, (last, _FAR))]:
        if start > before[1] or (end < before[0] and before[0] - end - 1 <= step.gap):
            yield start, end
