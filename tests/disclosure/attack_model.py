"""The integer programme in which the attacker of its own writes down what releases leave open.

Its people are whole numbers by period, codes and run of versions. It shares no code with the audit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

__all__ = ["MOST", "Codes", "Fits", "Model", "People", "Target", "Weights", "judge"]

FLOW = 10  # R2
T, WIDTH = 9, 5
MOST = 10**4
Weights = Mapping[int, float]
Codes = tuple[str, ...]
Fits = Callable[[Codes], bool]


@dataclass(frozen=True)
class Target:
    """A group whose size the attacker wants: the people of a version, or who came with it, or left before it; by their codes."""

    what: str  # "in", "came", "left"
    period: tuple[str, ...]
    version: int
    codes: tuple[str | None, ...]


@dataclass
class Model:
    """An integer programme that grows; `people` are its variables by period, codes and run of versions."""

    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    lines: list[tuple[Weights, float, float]] = field(default_factory=list)
    people: dict[tuple[Any, ...], int] = field(default_factory=dict)
    seen: set[tuple[Any, ...]] = field(default_factory=set)

    def variable(self, high: float = MOST, whole: bool = True) -> int:
        self.low.append(0)
        self.high.append(high)
        self.whole.append(int(whole))
        return len(self.low) - 1

    def flag(self) -> int:
        return self.variable(1)

    def add(self, weights: Weights, low: float, high: float) -> None:
        if weights:
            self.lines.append((weights, low, high))

    def once(self, *what: Any) -> bool:
        """Whether this is said for the first time."""
        is_new = what not in self.seen
        self.seen.add(what)
        return is_new

    def none_or(self, people: Sequence[int], least: int) -> None:
        """Together nobody, or so many."""
        if people:
            some = self.flag()
            self.add({**dict.fromkeys(people, 1.0), some: -least}, 0, np.inf)
            self.add({**dict.fromkeys(people, 1.0), some: -MOST}, -np.inf, 0)

    def solve(self, aim: Weights, extra: Iterable[tuple[Weights, float, float]] = ()) -> Any:
        lines = [*self.lines, *extra]
        entries = [(number, place, weight) for number, (one, _, _) in enumerate(lines) for place, weight in one.items()]
        rows, columns, weights = zip(*entries, strict=True)
        shape = (len(lines), len(self.low))
        cost = np.zeros(len(self.low))
        for place, weight in aim.items():
            cost[place] = weight
        return milp(
            cost,
            constraints=LinearConstraint(
                csr_array((weights, (rows, columns)), shape=shape), [one[1] for one in lines], [one[2] for one in lines]
            ),
            bounds=Bounds(self.low, self.high),
            integrality=self.whole,
        )

    def broken(self, target: Weights, truth: int) -> tuple[float, float] | None:
        """The interval of a group, where it is too narrow; none where nine are possible, or a width of five."""
        if self.solve({}, [(target, T, np.inf)]).status == 0:
            return None
        ends = []
        for sign in (1, -1):
            solved = self.solve({place: sign * weight for place, weight in target.items()})
            assert solved.status == 0, "the attacker's constraints contradict each other"
            ends.append(sign * solved.fun)
        low, high = ends
        assert low - 1e-6 <= truth <= high + 1e-6, "the attacker is wrong"
        return None if high - low >= WIDTH - 1e-6 else (low, high)


def _runs(versions: Iterable[int]) -> list[tuple[int, int]]:
    known = sorted(set(versions))
    return [(first, last) for first in known for last in known if first <= last]


class People:
    """People of one period by codes, in runs of its versions."""

    def __init__(self, model: Model, period: tuple[str, ...], codes: Sequence[Codes], known: Iterable[int]):
        self.model, self.period, self.codes, self.known = model, period, list(codes), sorted(set(known))
        for code in self.codes:
            for run in _runs(self.known):
                model.people[period, code, run] = model.variable()

    def inside(self, version: int, fits: Fits) -> list[int]:
        return self._of(lambda first, last: first <= version <= last, fits)

    def came(self, version: int, fits: Fits) -> list[int]:
        return self._of(lambda first, _: first == version, fits)

    def left(self, version: int, fits: Fits) -> list[int]:
        return self._of(lambda _, last: last == version - 1, fits)

    def _of(self, chosen: Callable[[int, int], bool], fits: Fits) -> list[int]:
        return [
            self.model.people[self.period, code, run]
            for code in self.codes
            if fits(code)
            for run in _runs(self.known)
            if chosen(*run)
        ]

    def flows(self, fits: Fits) -> None:
        """A published cell gains nobody or ten, and loses nobody or ten."""
        for _, version in pairwise(self.known):
            self.model.none_or(self.came(version, fits), FLOW)
            self.model.none_or(self.left(version, fits), FLOW)

    def weights(self, target: Target) -> Weights:
        def fits(code: Codes) -> bool:
            return all(want in (None, one) for want, one in zip(target.codes, code, strict=True))

        choose = {"in": self.inside, "came": self.came, "left": self.left}[target.what]
        return dict.fromkeys(choose(target.version, fits), 1.0)


def judge(model: Model, parts: Mapping[tuple[str, ...], People], targets: Mapping[Target, int]) -> list[str]:
    assert model.solve({}).status == 0, "the attacker's constraints contradict each other"
    failing = []
    for target, truth in targets.items():
        if target.period in parts and (found := model.broken(parts[target.period].weights(target), truth)) is not None:
            failing.append(f"{target} is {truth}: {found}")
    return failing
