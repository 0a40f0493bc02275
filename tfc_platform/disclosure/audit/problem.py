"""What is audited: universes of atoms, and the published cells that sum over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Atom", "Interval", "ProblemError", "PublishedCell", "Universe"]


class Atom(NamedTuple):
    """One possible combination of all codes of a universe, in the order of its variables."""

    universe: str
    codes: tuple[str, ...]


class Interval(NamedTuple):
    """The lowest and the highest value that agree with all that is published; `high` is none where nothing bounds it.

    `low` is none only for a difference, which can be without a bound below.
    """

    low: float | None
    high: float | None

    @property
    def width(self) -> float:
        return float("inf") if self.low is None or self.high is None else self.high - self.low


class ProblemError(ValueError):
    """Universes and cells that do not belong together. The message names table and variable, never a code."""


@dataclass(frozen=True)
class Universe:
    """What is counted in one unit: people, say. An atom is one possible combination of all variables' codes.

    `variables` are pairs of a variable and its closed code list. `impossible` says of a combination (variable → code) that
    it cannot be, from the register and never from data; it is called once for each combination with a mapping that it must
    not keep. The number of combinations is the product of the code lists: 300,000 cost under a second.
    `zero_is_safe`: whether an atom may be known to be empty. Of answers it may not: that nobody of an area agreed tells what
    each of them answered.

    :raises ProblemError: where a variable or a code is named twice, or there is none.
    """

    name: str
    variables: tuple[tuple[str, tuple[str, ...]], ...]
    impossible: Callable[[Mapping[str, str]], bool] | None = None
    zero_is_safe: bool = True

    def __post_init__(self) -> None:
        names = [variable for variable, _ in self.variables]
        if not names or len(set(names)) < len(names):
            raise ProblemError(f"Universe {self.name} needs variables, and each of them once.")
        for variable, codes in self.variables:
            if not codes or len(set(codes)) < len(codes):
                raise ProblemError(f"Variable {variable} of universe {self.name} needs codes, and each of them once.")

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(codes) for _, codes in self.variables)


@dataclass(frozen=True)
class PublishedCell:
    """One figure as an attacker reads it: the sum over `where` lies in [low, high].

    `where` maps a variable to the codes that the cell sums over; a variable that is not named is summed over whole. `also` are
    further such sums that belong to the same one; no atom is in two of them. `high` is
    none where nothing bounds the figure above (a secondary suppression). `key` is the cell's identity for `repair`, and is never
    shown. The same figure in several tables or releases is given as often as it was published.

    :raises ProblemError: where the interval is empty or begins below zero.
    """

    table: str
    universe: str
    where: Mapping[str, frozenset[str]]
    low: int
    high: int | None
    key: tuple[object, ...] = ()
    also: tuple[Mapping[str, frozenset[str]], ...] = ()

    def __post_init__(self) -> None:
        if self.low < 0 or (self.high is not None and self.high < self.low):
            raise ProblemError(f"A cell of table {self.table} has an interval that is empty or begins below zero.")
