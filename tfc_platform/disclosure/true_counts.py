"""The true counts of an audit's atoms, from the snapshots: what a twin must be told from.

Belongs here: that one mapping. Restricted: nothing of it is written anywhere. Does not belong: the attacker's side (`attack`),
who has no snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tfc_platform.disclosure.attacker_view import ELSEWHERE, Counted, Paired, Problem, Surveyed, quarter_label
from tfc_platform.disclosure.audit import Atom, Universe
from tfc_platform.disclosure.change_tables import MOVES, change_row
from tfc_platform.disclosure.snapshots import Snapshot
from tfc_platform.publication.publication_register import ALL

__all__ = ["true_counts"]


def true_counts(problem: Problem, snapshots: Mapping[tuple[str, int], Snapshot]) -> dict[Atom, int]:
    """The count of every atom that is not 0."""
    found: dict[Atom, int] = {}
    for universe in problem.universes:
        counts = problem.counts[universe.name]
        if isinstance(counts, Counted):
            rows = _counted(counts, snapshots)
        else:
            rows = _surveyed(counts, snapshots) if isinstance(counts, Surveyed) else _paired(counts, snapshots)
        for codes, persons in rows:
            atom = Atom(universe.name, tuple(_code(universe, variable, codes) for variable, _ in universe.variables))
            if persons and None not in atom.codes:
                found[atom] = found.get(atom, 0) + persons
    return found


def _code(universe: Universe, variable: str, codes: Mapping[str, Any]) -> Any:
    """The code of a variable; `elsewhere` where the table has no row for it; none where it is of no published quarter."""
    known = dict(universe.variables)[variable]
    code = "1" if variable == "everybody" else codes.get(variable)
    return code if code in known else ELSEWHERE if ELSEWHERE in known else None


def _counted(counts: Counted, snapshots: Mapping[tuple[str, int], Snapshot]) -> Iterator[tuple[Mapping[str, Any], int]]:
    mine = [s for s in snapshots.values() if s.record == counts.record and counts.site in (ALL, s.site)]
    sites = sorted({snapshot.site for snapshot in mine})
    for snapshot in mine:
        # Of all sites together a quarter's label names the version of each: today's, which are the first ones but for revisions.
        versions = [snapshot.version] if counts.site != ALL else [snapshot.version for _ in sites]
        label = quarter_label(snapshot.name, versions)
        for row in snapshot.frozen[counts.mart]:
            if all(row[name] == value for name, value in counts.only):
                yield {**row, "quarter": label}, int(row[counts.column] or 0)


def _surveyed(
    counts: Surveyed, snapshots: Mapping[tuple[str, int], Snapshot]
) -> Iterator[tuple[Mapping[str, Any], int]]:
    for row in snapshots[counts.snapshot].frozen["mart_outcome_cell"]:
        if (row["indicator"], row["measure"]) == (counts.indicator, counts.measure):
            positive = row["positive"] or 0
            yield {**row, "answer": "positive"}, positive
            yield {**row, "answer": "other"}, row["n"] - positive


def _paired(counts: Paired, snapshots: Mapping[tuple[str, int], Snapshot]) -> Iterator[tuple[Mapping[str, Any], int]]:
    row = change_row(snapshots[counts.snapshot], counts.row)
    if row is not None:
        yield from (({"move": move}, int(row[move])) for move in MOVES)
