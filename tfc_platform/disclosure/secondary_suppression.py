"""Cutting the tables, auditing them with everything published before, and withholding what gives a small group away (R9, R10).

R10 puts a coarser register first, which is a person's to decide, then a dropped table, last a hidden cell. What is dropped here
is a part of a table at one site. A single cell is never hidden: whoever knows this program would learn, from its being hidden,
what it was hidden for (a total that was the only one missing had pinned its smallest part).

Why `suppress` ends: each round withholds at least one part that was shown, or is the last one. A table has finitely many parts,
and one that is withheld bounds nothing. When every new figure of a connected part is withheld, only the earlier releases bound
it, and what these give away is no failure. Each programme in a round ends by the deadline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tfc_platform.disclosure.attacker_view import Problem, Published, problem
from tfc_platform.disclosure.audit import AuditReport, PublishedCell
from tfc_platform.disclosure.audit.deadline import Deadline
from tfc_platform.disclosure.person_tables import person_tables
from tfc_platform.disclosure.policy import DisclosurePolicy, SuppressionRule
from tfc_platform.disclosure.snapshot_set import CellKey, Locked, Unit, Withheld, unit_of
from tfc_platform.disclosure.snapshots import Snapshot
from tfc_platform.publication.publication_register import PersonTable

if TYPE_CHECKING:  # with its solvers, which cost a second that a night with nothing new can spare
    from tfc_platform.disclosure.audit.certify import ComponentVerdict
    from tfc_platform.disclosure.audit.joint_audit import JointAudit

__all__ = ["SafeTables", "TablesToAudit", "cut", "suppress"]


def cut(
    register: Sequence[PersonTable], columns: Mapping[str, str], locked: Locked, policy: DisclosurePolicy
) -> Published:
    """The tables about people, as they are to be published."""
    tables = person_tables(register, columns, locked, policy)
    versions = {f"{s.record}/{s.site}/{s.name}": s.version for s in locked.snapshots.values()}
    return Published(tables, versions, register, policy)


@dataclass(frozen=True)
class TablesToAudit:
    """Tables to be published, beside all that was published before; `snapshots` by id and version."""

    published: Published
    earlier: Sequence[Published]
    snapshots: Mapping[tuple[str, int], Snapshot]

    @cached_property
    def problem(self) -> Problem:
        return problem([*self.earlier, self.published], self.snapshots)

    def earlier_cells(self) -> Sequence[PublishedCell]:
        """The cells of what was published before."""
        return problem(self.earlier, self.snapshots).cells

    def report(self) -> AuditReport:
        """The joint audit."""
        return self.audit(Deadline.after(self.published.policy.audit.seconds), self.earlier_cells()).report

    def audit(
        self,
        deadline: Deadline,
        earlier_cells: Sequence[PublishedCell],
        solved: dict[bytes, ComponentVerdict] | None = None,
    ) -> JointAudit:
        """The joint audit by a deadline. `solved` keeps verdicts from one call to the next."""
        from tfc_platform.disclosure.audit.joint_audit import audit_again

        limits = self.published.policy.audit
        return audit_again(
            self.problem.universes,
            self.problem.cells,
            earlier_cells,
            least_upper=limits.least_upper,
            largest_guarded=limits.group - 1,
            deadline=deadline,
            solved={} if solved is None else solved,
        )


@dataclass(frozen=True)
class SafeTables:
    """Tables in which nothing fails but what cannot be repaired (`report`), and all parts that are withheld."""

    tables: TablesToAudit
    report: AuditReport
    withheld: Withheld


def suppress(
    tables: TablesToAudit, columns: Mapping[str, str], locked: Locked, deadline: Deadline | None = None
) -> SafeTables:
    """The tables without the parts that give a small group away, and their audit.

    The last tables of the register go first: its order is that of their importance. Only what was never published can go, and
    only at the site whose figures fail. What is not decided by the deadline goes as well. The audit still fails where figures
    contradict each other.
    """
    policy, register = tables.published.policy, tables.published.register
    deadline = deadline or Deadline.after(policy.audit.seconds)
    earlier_cells = tables.earlier_cells()
    published_before = {cell.key for cell in earlier_cells}
    solved: dict[bytes, ComponentVerdict] = {}
    withheld = dict(locked.withheld)
    while True:
        audit = tables.audit(deadline, earlier_cells, solved)
        # Only what is shown can be withheld, or a round could withhold nothing.
        new = {
            cell.key
            for cell in tables.problem.cells
            if cell.key and cell.key not in published_before and unit_of(_cell(cell.key)) not in withheld
        }
        if audit.report.passed or not audit.open_keys & new:
            return SafeTables(tables, audit.report, withheld)
        more = _parts_to_withhold(tables, earlier_cells, audit, new, deadline)
        assert more.keys() - withheld.keys(), "a round withholds something, or the last one was the last"
        withheld |= more
        tables = replace(tables, published=cut(register, columns, replace(locked, withheld=withheld), policy))


def _parts_to_withhold(
    tables: TablesToAudit,
    earlier_cells: Sequence[PublishedCell],
    audit: JointAudit,
    new: set[tuple[Any, ...]],
    deadline: Deadline,
) -> dict[Unit, SuppressionRule]:
    """The fewest parts, as far as they are found; where none helps, all that is new in what fails or is undecided."""
    from tfc_platform.disclosure.audit.repair import repair_parts

    whole = tables.problem
    order = {spec.table: -number for number, spec in enumerate(tables.published.register)}
    candidates = sorted(new, key=lambda key: (order[str(key[0])], str(key)))
    repair = repair_parts(
        whole.universes,
        whole.cells,
        earlier_cells,
        candidates,
        least_upper=tables.published.policy.audit.least_upper,
        deadline=deadline,
    )
    unfinished = repair.unfinished
    joint = repair.hopeless | set(repair.hidden)
    if not (unfinished | joint) & new:
        rest = audit.open_keys & new
        unfinished, joint = (rest, frozenset()) if deadline.left() <= 0 else (frozenset(), rest)
    return {
        **dict.fromkeys(_units(joint), SuppressionRule.JOINT_AUDIT),
        **dict.fromkeys(_units(unfinished), SuppressionRule.UNFINISHED),
    }


def _units(keys: Iterable[tuple[Any, ...]]) -> set[Unit]:
    return {unit_of(_cell(key)) for key in keys}


def _cell(key: tuple[Any, ...]) -> CellKey:
    return str(key[0]), tuple(key[1])
