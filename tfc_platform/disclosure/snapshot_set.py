"""What the published tables about persons are made of, and the keys of their cells.

Belongs here: the one record that the tables' modules share. Does not belong: making it (`night`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tfc_platform.disclosure.code_lists import Codes
from tfc_platform.disclosure.lock_calendar import Period
from tfc_platform.disclosure.snapshots import Snapshot
from tfc_platform.publication.released_table import CellValue, Figure, Status

__all__ = ["NOT_LOCKED", "WITHHELD", "CellKey", "Locked", "Unit", "alike", "unit_of"]

# A published cell: its table and its keys in the table's order.
CellKey = tuple[str, tuple[CellValue, ...]]
# What is withheld as one: a table, a site, and the part of the table's keys that `unit_of` takes.
Unit = tuple[str, ...]
MOST_COUNT_KEYS = 4  # those of an estimate are more
NOT_LOCKED = "Not locked yet: returns that it needs have not come."
WITHHELD = "Withheld for good: together with other tables it would give small groups away."


@dataclass(frozen=True)
class Locked:
    """What the tables are made of: the periods whose day has come, their snapshots, and what else was decided.

    `codes` gives the codes of a period without a snapshot; `withheld` are the parts of tables that stay hidden for good;
    `excepted` are cells for which an exception lifts the rule on clusters or sessions.
    """

    periods: Sequence[Period]
    snapshots: Mapping[str, Snapshot]
    codes: Callable[[Period], Codes]
    withheld: frozenset[Unit] = frozenset()
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


def unit_of(cell: CellKey) -> Unit:
    """What is withheld together with a cell: of counts the site's period, of an estimate the indicator's whole breakdown.

    Never one cell: that it alone is hidden would tell that it, of all cells, gives another away, and so what it hides.
    """
    table, keys = cell
    return (table, *map(str, keys[:-1] if len(keys) > MOST_COUNT_KEYS else keys[:2]))


def alike(status: Status, measures: Sequence[str], note: str | None = None) -> list[Figure]:
    """The figures of a row that shows none."""
    return [Figure(name, None, status.value, note) for name in measures]
