"""What the published tables about people are made of, and the keys of their cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tfc_platform.disclosure.code_lists import Codes
from tfc_platform.disclosure.lock_calendar import Period
from tfc_platform.disclosure.policy import DisclosurePolicy, SuppressionRule
from tfc_platform.disclosure.snapshots import Snapshot
from tfc_platform.publication.released_table import CellValue, Figure, Status

__all__ = ["NOT_LOCKED", "CellKey", "Locked", "Unit", "Withheld", "alike", "band_of", "hidden_by", "unit_of"]

# A published cell: its table and its keys in the table's order.
CellKey = tuple[str, tuple[CellValue, ...]]
# What is withheld as one: a table, a site, and the part of the table's keys that `unit_of` takes.
Unit = tuple[str, ...]
# Parts of tables that stay hidden for good, each with the rule that decided it.
Withheld = Mapping[Unit, SuppressionRule]
MOST_COUNT_KEYS = 4  # those of an estimate are more
NOT_LOCKED = "Not locked yet: returns that it needs have not come."


@dataclass(frozen=True)
class Locked:
    """What the tables are made of: the periods whose day has come, their snapshots, and what else was decided.

    `codes` gives the codes of a period without a snapshot; `withheld` are the parts of tables that stay hidden for good;
    `excepted` are cells for which an exception lifts the rule on clusters or sessions.
    """

    periods: Sequence[Period]
    snapshots: Mapping[str, Snapshot]
    codes: Callable[[Period], Codes]
    withheld: Withheld = field(default_factory=dict)
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


def band_of(indicator: str) -> tuple[str, str] | None:
    """The banding of a scale and the band of an indicator that is a band: `scale:banding:band`. None of any other."""
    parts = indicator.rsplit(":", 1)
    return (parts[0], parts[1]) if len(parts) > 1 else None


def unit_of(cell: CellKey) -> Unit:
    """What is withheld together with a cell: of counts the site's period, of an estimate the indicator's whole breakdown, of a
    band all bands beside it.

    Never one cell: that only it is hidden would tell that it, of all cells, gives another away, and so what it hides.
    """
    table, keys = cell
    if len(keys) <= MOST_COUNT_KEYS:
        return (table, *map(str, keys[:2]))
    parts = []
    for key in map(str, keys[:-1]):
        band = band_of(key)
        parts.append(key if band is None else band[0])
    return (table, *parts)


def alike(status: Status, measures: Sequence[str], note: str | None = None) -> list[Figure]:
    """The figures of a row that shows none."""
    return [Figure(name, None, status.value, note) for name in measures]


def hidden_by(rule: SuppressionRule, measures: Sequence[str], policy: DisclosurePolicy) -> list[Figure]:
    """The figures of a row that `rule` withholds."""
    joint = (SuppressionRule.JOINT_AUDIT, SuppressionRule.UNFINISHED)
    return alike(Status.SUPPRESSED_SECONDARY if rule in joint else Status.SUPPRESSED, measures, policy.note(rule))
