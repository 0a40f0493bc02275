"""What the published tables about persons are made of, and the keys of their cells.

Belongs here: the one record that the tables' modules share. Does not belong: making it (`night`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tfc_platform.protect.calendar import Period
from tfc_platform.protect.code_lists import Codes
from tfc_platform.protect.figures import Figure, Status
from tfc_platform.protect.released import Cell
from tfc_platform.protect.snapshots import Snapshot

__all__ = ["NOT_LOCKED", "CellKey", "Locked", "alike"]

# A published cell: its table and its keys in the table's order. Sticky secondary suppressions are kept by it.
CellKey = tuple[str, tuple[Cell, ...]]
NOT_LOCKED = "Not locked yet: returns that it needs have not come."


@dataclass(frozen=True)
class Locked:
    """What the tables are made of: the periods whose day has come, their snapshots, and what else was decided.

    `codes` gives the codes of a period without a snapshot; `secondary` are cells that stay hidden for good; `excepted`
    are cells for which an exception lifts the rule on clusters or sessions.
    """

    periods: Sequence[Period]
    snapshots: Mapping[str, Snapshot]
    codes: Callable[[Period], Codes]
    secondary: frozenset[CellKey] = frozenset()
    excepted: frozenset[CellKey] = frozenset()
    _known: dict[str, Codes] = field(default_factory=dict, repr=False)

    def of(self, record: str) -> list[Period]:
        return [period for period in self.periods if period.record == record]

    def snapshot(self, period: Period) -> Snapshot | None:
        return self.snapshots.get(period.id)

    def codes_of(self, period: Period) -> Codes:
        snapshot = self.snapshot(period)
        if snapshot is not None:
            return snapshot.codes
        if period.id not in self._known:
            self._known[period.id] = self.codes(period)
        return self._known[period.id]


def alike(status: Status, measures: Sequence[str], note: str | None = None) -> list[Figure]:
    """The figures of a row that shows none."""
    return [Figure(name, None, status.value, note) for name in measures]
