"""What the audit found, for programs and for people.

A sentence names tables, how many atoms, and how wide an interval is: no cell, no code, no count of people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tfc_platform.disclosure.audit.problem import Interval

__all__ = ["AuditReport", "TableAudit", "contradiction", "names", "undecided", "worked_out"]


@dataclass(frozen=True)
class TableAudit:
    """One table in the joint audit.

    `atoms`: how many atoms its cells sum over; `failing`: how many of them break P1, whichever tables give them away;
    `narrowest`: the narrowest attacker's interval of an atom of this table that may be a small group and is not certainly empty
    (restricted: it belongs in no log); none where there is no such atom, or where the audit could not be done.
    `pinned_by`: the tables whose cells together give the failing atoms away.
    """

    table: str
    cells: int
    atoms: int
    failing: int
    narrowest: Interval | None
    pinned_by: tuple[str, ...]


@dataclass(frozen=True)
class AuditReport:
    """The verdict over everything published together. `reasons` is empty exactly where it passed.

    `failing`: how many atoms break P1; `programmes`: linear programmes solved; `components` and `distinct`: connected parts of
    the system, and how many differ in matrix or bounds, so that they had to be solved; `given_away_before`: atoms that earlier
    releases give away by themselves, which nothing can take back.
    """

    passed: bool
    tables: tuple[TableAudit, ...]
    reasons: tuple[str, ...]
    atoms: int
    cells: int
    failing: int
    components: int
    distinct: int
    programmes: int
    seconds: float
    given_away_before: int = 0


def worked_out(tables: Iterable[str], failing: int, width: float, least_upper: int) -> str:
    """The sentence for atoms that these tables together give away."""
    return (
        f"{failing} combinations of codes can be worked out too closely from {names(tables)}{_together(tables)}: "
        f"the narrowest interval that is left is {width:.4g} wide, and none may end below {least_upper}."
    )


def contradiction(tables: Iterable[str]) -> str:
    """The sentence for cells that no dataset could have."""
    return f"The figures of {names(tables)} contradict each other: they cannot all be true."


def undecided(tables: Iterable[str], why: str) -> str:
    """The sentence for a part that the solver did not finish."""
    return f"It could not be decided whether {names(tables)} can be worked out: {why}."


def _together(tables: Iterable[str]) -> str:
    return " together" if len(set(tables)) > 1 else ""


def names(tables: Iterable[str]) -> str:
    """Tables in a sentence."""
    names = sorted(set(tables))
    if len(names) == 1:
        return f"table {names[0]}"
    return f"tables {', '.join(names[:-1])} and {names[-1]}"
