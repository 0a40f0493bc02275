"""Cutting the tables, trying them with everything published before, and withholding what gives a small group away (R9, R10).

Belongs here: these three as pure functions of snapshots, register and policy. Does not belong: what is kept on disk (`night`), or
solving (`audit`).

R10 puts a coarser register first, which is a person's to decide, then a dropped table, last a hidden cell. What is dropped here
is a part of a table, for all sites that are new in it. A single cell is never hidden: whoever knows this program would learn,
from its being hidden, what it was hidden for (a total that alone is missing had pinned its smallest part).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tfc_platform.disclosure.attacker_view import Problem, Published, problem
from tfc_platform.disclosure.audit import AuditReport
from tfc_platform.disclosure.person_tables import person_tables
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.snapshot_set import CellKey, Locked, Unit, unit_of
from tfc_platform.disclosure.snapshots import Snapshot
from tfc_platform.publication.publication_register import PersonTable

__all__ = ["Tried", "cut", "mend"]


def cut(
    register: Sequence[PersonTable], columns: Mapping[str, str], locked: Locked, policy: DisclosurePolicy
) -> Published:
    """The tables about persons, as they are to be published."""
    tables = person_tables(register, columns, locked, policy)
    versions = {f"{s.record}/{s.site}/{s.name}": s.version for s in locked.snapshots.values()}
    return Published(tables, versions, register, policy)


@dataclass(frozen=True)
class Tried:
    """Tables to be published, beside all that was published before; `snapshots` by id and version."""

    published: Published
    earlier: Sequence[Published]
    snapshots: Mapping[tuple[str, int], Snapshot]

    def problem(self) -> Problem:
        return problem([*self.earlier, self.published], self.snapshots)

    def report(self) -> AuditReport:
        """The joint audit."""
        from tfc_platform.disclosure.audit.joint_audit import audit

        whole, limits = self.problem(), self.published.policy.audit
        return audit(whole.universes, whole.cells, least_upper=limits.least_upper, largest_guarded=limits.group - 1)


def mend(tried: Tried, columns: Mapping[str, str], locked: Locked) -> tuple[Tried, frozenset[Unit]] | None:
    """The tables with what gives a small group away withheld, and all that is withheld; none where that cannot mend it.

    The last tables of the register go first: its order is that of their importance. Only what was never published can go.
    """
    from tfc_platform.disclosure.audit.repair import repair

    policy, register = tried.published.policy, tried.published.register
    told = {cell.key for cell in problem(tried.earlier, tried.snapshots).cells}
    order = {spec.table: -number for number, spec in enumerate(register)}
    withheld = locked.withheld
    while True:
        whole = tried.problem()
        candidates = sorted(
            {cell.key for cell in whole.cells if cell.key and cell.key not in told},
            key=lambda key: (order[str(key[0])], str(key)),
        )
        hidden = repair(whole.universes, whole.cells, candidates, least_upper=policy.audit.least_upper, secondary_low=0)
        if hidden is None:
            return None
        if not hidden:
            return tried, withheld
        withheld |= _of_all_sites({_cell(key) for key in hidden}, {_cell(key) for key in candidates})
        tried = replace(tried, published=cut(register, columns, replace(locked, withheld=withheld), policy))


def _cell(key: tuple[Any, ...]) -> CellKey:
    return str(key[0]), tuple(key[1])


def _of_all_sites(chosen: set[CellKey], new: set[CellKey]) -> frozenset[Unit]:
    """The units of the chosen cells, at every site that has such a unit among what is new."""
    apart = {(unit[0], *unit[2:]) for unit in map(unit_of, chosen)}
    return frozenset(unit for unit in map(unit_of, new) if (unit[0], *unit[2:]) in apart)
