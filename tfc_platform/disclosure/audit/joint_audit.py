"""The audit of everything published together, and its report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfc_platform.disclosure.audit import summary
from tfc_platform.disclosure.audit.bounds import TOLERANCE, UndecidedError
from tfc_platform.disclosure.audit.certify import (
    ComponentVerdict,
    EarlierFigures,
    GroupBounds,
    SolvedSystem,
    certify,
    pinning_cells,
)
from tfc_platform.disclosure.audit.deadline import Deadline
from tfc_platform.disclosure.audit.linear_system import System, build
from tfc_platform.disclosure.audit.problem import Interval, PublishedCell, Universe
from tfc_platform.disclosure.audit.summary import AuditReport, TableAudit

__all__ = ["TIME_LIMIT", "JointAudit", "audit", "audit_again", "tidy"]

TIME_LIMIT = 900.0  # seconds
Key = tuple[Any, ...]


@dataclass(frozen=True)
class JointAudit:
    """A report, and what to do about it. `open_keys`: of the cells in parts that fail anew or are undecided;
    `contradicts`: whether figures cannot all be true."""

    report: AuditReport
    open_keys: frozenset[Key]
    contradicts: bool


def audit(
    universes: Iterable[Universe],
    cells: Iterable[PublishedCell],
    *,
    least_upper: int,
    largest_guarded: int = 4,
    time_limit: float = TIME_LIMIT,
) -> AuditReport:
    """Audit everything published together: all cells of all tables and releases, as an attacker has them.

    `least_upper` is T; `largest_guarded` the largest group that is guarded, k - 1, and serves for `narrowest` alone;
    `time_limit` is in seconds, and what is not decided within it fails.

    :raises ProblemError: where cells and universes do not belong together.
    :raises ValueError: where `least_upper` is not above `largest_guarded`, or that is not at least 1.
    """
    deadline = Deadline.after(time_limit)
    return audit_again(
        universes, cells, (), least_upper=least_upper, largest_guarded=largest_guarded, deadline=deadline, solved={}
    ).report


def audit_again(
    universes: Iterable[Universe],
    cells: Iterable[PublishedCell],
    earlier: Iterable[PublishedCell],
    *,
    least_upper: int,
    largest_guarded: int,
    deadline: Deadline,
    solved: dict[bytes, ComponentVerdict],
) -> JointAudit:
    """As `audit`, but what the cells of `earlier` give away by themselves is no failure: it cannot be taken back.

    `solved` keeps the verdicts on connected parts from one call to the next: a part that did not change is not solved again.

    :raises ProblemError: where cells and universes do not belong together.
    :raises ValueError: where `least_upper` is not above `largest_guarded`, or that is not at least 1.
    """
    if not 1 <= largest_guarded < least_upper:
        raise ValueError("The least upper end must be above the largest group that is guarded, and that at least 1.")
    begun = deadline.clock()
    system = build(universes, cells)
    found = certify(system, least_upper, deadline, EarlierFigures(system, earlier, deadline), solved)
    pinned_by = {group: _pinned_by(system, found.places[group]) for group in found.failing}
    tables = _tables(system, found, pinned_by, largest_guarded)
    reasons = [*sorted(set(found.faults)), *_sentences(found, pinned_by, least_upper)]
    report = AuditReport(
        # Every fault and every failing group has a sentence, so none means that nothing was found and nothing left open.
        passed=not reasons,
        tables=tuple(tables),
        reasons=tuple(reasons),
        atoms=system.atoms,
        cells=len(system.cells),
        failing=sum(found.places[group].size for group in found.failing),
        components=len(system.components),
        distinct=len(found.bounds),
        programmes=sum(bounds.programmes for bounds in found.bounds),
        seconds=deadline.clock() - begun,
        given_away_before=found.given_away,
    )
    open_keys = {
        system.cells[cell].key
        for component in found.open_components
        for row in component.rows
        for cell in system.rows[row].cells
    }
    return JointAudit(report, frozenset(key for key in open_keys if key), found.contradicts)


def _pinned_by(system: System, place: GroupBounds) -> frozenset[str]:
    upper, lower = pinning_cells(system, place)
    return frozenset(system.cells[cell].table for cells in (*upper, *lower) for cell in cells)


def _sentences(found: SolvedSystem, pinned_by: Mapping[int, frozenset[str]], least_upper: int) -> list[str]:
    """A sentence for each set of tables that together give atoms away; each component's failures are told together."""
    told: dict[frozenset[str], tuple[int, float]] = {}
    for groups in found.failing_by_component():
        tables = frozenset(table for group in groups for table in pinned_by[group])
        places = [found.places[group] for group in groups]
        failing, narrowest = told.get(tables, (0, float("inf")))
        told[tables] = (
            failing + sum(place.size for place in places),
            min(narrowest, *(place.bounds.width(place.local) for place in places)),
        )
    return [
        summary.worked_out(tables, failing, narrowest, least_upper)
        for tables, (failing, narrowest) in sorted(told.items(), key=lambda item: sorted(item[0]))
    ]


def _tables(
    system: System, found: SolvedSystem, pinned_by: Mapping[int, frozenset[str]], largest_guarded: int
) -> list[TableAudit]:
    """A line a table."""
    rows_of: dict[str, list[int]] = {}
    for number, cell in enumerate(system.cells):
        rows_of.setdefault(cell.table, []).append(system.row_of[number])
    fails = set(found.failing)
    tables = []
    for table in sorted(rows_of):
        covered = np.zeros(len(system.group_of), dtype=bool)
        for row in dict.fromkeys(rows_of[table]):
            covered[system.row_atoms[row]] = True
        groups, counts = np.unique(system.group_of[covered], return_counts=True)
        size = dict(zip(groups.tolist(), counts.tolist(), strict=True))
        failing = [group for group in size if group in fails]
        narrowest: Interval | None = None
        try:
            narrowest = _narrowest([found.places[group] for group in size if group in found.places], largest_guarded)
        except UndecidedError:
            narrowest = None  # it is for people to read: the verdict does not need it
        tables.append(
            TableAudit(
                table=table,
                cells=len(rows_of[table]),
                atoms=int(covered.sum()),
                failing=sum(size[group] for group in failing),
                narrowest=narrowest,
                pinned_by=tuple(sorted({name for group in failing for name in pinned_by[group]})),
            )
        )
    return tables


def _narrowest(places: list[GroupBounds], largest_guarded: int) -> Interval | None:
    """The narrowest interval of an atom that may have 1 to `largest_guarded` people.

    Points seen so far give each interval a least width: the order in which they are worked out. One that cannot be narrower is
    not worked out.
    """
    narrowest: Interval | None = None
    for place in sorted(places, key=lambda place: place.seen_width):
        bounds, local = place.bounds, place.local
        if narrowest is not None and narrowest.width <= place.seen_width + TOLERANCE:
            continue  # the next one may be narrower all the same: points seen meanwhile have widened what was sorted by
        if bounds.floor[local] > largest_guarded or bounds.is_empty(local):
            continue
        if bounds.lower(local) > largest_guarded + TOLERANCE:
            continue
        interval = Interval(tidy(bounds.lower(local)), tidy(bounds.upper(local)))
        if narrowest is None or interval.width < narrowest.width:
            narrowest = interval
    return narrowest


def tidy(value: float) -> float:
    """Without the solver's last digits."""
    whole = round(value)
    return float(whole) if abs(value - whole) < TOLERANCE else value
