"""The true counts of an audit's atoms, from the snapshots: what a twin has to differ from. Nothing of it is written anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tfc_platform.disclosure.attacker_surveys import ANSWER, BOTH_WAVES, NO_BAND, OTHER, POSITIVE
from tfc_platform.disclosure.attacker_view import ELSEWHERE, Counted, Paired, Problem, Shared, Surveyed, run_code
from tfc_platform.disclosure.audit import Atom, Universe
from tfc_platform.disclosure.change_tables import MOVES, change_row
from tfc_platform.disclosure.snapshots import Snapshot, counted_unit, flow_cell
from tfc_platform.publication.publication_register import ALL

__all__ = ["true_counts"]

Codes = Mapping[str, Any]


def true_counts(problem: Problem, snapshots: Mapping[tuple[str, int], Snapshot]) -> dict[Atom, int]:
    """The count of every atom that is not 0."""
    counts: dict[Atom, int] = {}
    by_id: dict[str, list[Snapshot]] = {}
    for key, version in sorted(snapshots):
        by_id.setdefault(key, []).append(snapshots[key, version])
    for universe in problem.universes:
        population = problem.counts[universe.name]
        if isinstance(population, Counted):
            rows = _counted(population, by_id)
        elif isinstance(population, Surveyed):
            rows = _surveyed(population, by_id[population.snapshot])
        elif isinstance(population, Shared):
            rows = _shared(population, snapshots)
        else:
            rows = _paired(population, snapshots)
        for codes, people in rows:
            atom = Atom(universe.name, tuple(_code(universe, variable, codes) for variable, _ in universe.variables))
            if people and None not in atom.codes:
                counts[atom] = counts.get(atom, 0) + people
    return counts


def _code(universe: Universe, variable: str, codes: Codes) -> Any:
    """The code of a variable; `elsewhere` where the table has no row for it; none where it is of no published quarter."""
    known = dict(universe.variables)[variable]
    code = "1" if variable == "everybody" else codes.get(variable)
    return code if code in known else ELSEWHERE if ELSEWHERE in known else None


def _counted(counted: Counted, by_id: Mapping[str, Sequence[Snapshot]]) -> Iterator[tuple[Codes, int]]:
    for versions in by_id.values():
        snapshot = versions[0]
        if snapshot.record != counted.record or counted.site not in (ALL, snapshot.site):
            continue
        name = snapshot.name if counted.site != ALL else f"{snapshot.site} {snapshot.name}"
        by_cell: dict[tuple[Any, ...], dict[int, int]] = {}
        for one in versions:
            for row in one.frozen[counted.mart]:
                if all(row[name] == value for name, value in counted.only):
                    values = by_cell.setdefault(flow_cell(counted.record, row), {})
                    values[one.version] = values.get(one.version, 0) + int(row[counted.column] or 0)
        for cell, values in by_cell.items():
            counts_flows = counted.column == counted_unit(counted.record, dict(cell))
            for run, people in _runs(cell, values, versions, counts_flows):
                yield {**dict(cell), "quarter": f"{name}@{run}"}, people


def _surveyed(surveyed: Surveyed, versions: Sequence[Snapshot]) -> Iterator[tuple[Codes, int]]:
    bands = dict(surveyed.bands)
    by_cell: dict[tuple[Any, ...], dict[int, int]] = {}
    for one in versions:
        for row in one.frozen["mart_outcome_cell"]:
            if row["measure"] != surveyed.measure:
                continue
            positive = row["positive"] or 0
            if bands:
                answers = {bands[row["indicator"]]: positive} if row["indicator"] in bands else {}
            elif row["indicator"] == surveyed.indicator:
                answers = {POSITIVE: positive, OTHER: row["n"] - positive}
            else:
                answers = {}
            for answer, people in answers.items():
                cell = flow_cell("survey_respondent", {**row, "answer": answer})
                by_cell.setdefault(cell, {})[one.version] = people
        if bands:
            for cell, people in _in_no_band(one, surveyed).items():
                by_cell.setdefault(cell, {})[one.version] = people
    for cell, values in by_cell.items():
        for run, people in _runs(cell, values, versions, not bands):
            yield {**dict(cell), ANSWER: dict(cell)["answer"], "version": f"@{run}"}, people


def _in_no_band(snapshot: Snapshot, surveyed: Surveyed) -> dict[tuple[Any, ...], int]:
    bases: dict[tuple[Any, ...], int] = {}
    inside: dict[tuple[Any, ...], int] = {}
    for row in snapshot.frozen["mart_outcome_cell"]:
        if row["indicator"] in dict(surveyed.bands) and row["measure"] == surveyed.measure:
            cell = flow_cell("survey_respondent", {**row, "indicator": surveyed.indicator, "answer": NO_BAND})
            bases[cell] = max(bases.get(cell, 0), row["n"])
            inside[cell] = inside.get(cell, 0) + (row["positive"] or 0)
    return {cell: base - inside[cell] for cell, base in bases.items()}


def _runs(
    cell: tuple[Any, ...], values: Mapping[int, int], versions: Sequence[Snapshot], counts_flows: bool
) -> Iterator[tuple[str, int]]:
    """How many are in each run of versions, by the flows that were kept; else by the fewest that can have come and left."""
    present: dict[int, int] = {}
    before = 0
    for snapshot in versions:
        now = values.get(snapshot.version, 0)
        left = max(before - now, 0)
        if counts_flows and snapshot.flows is not None:
            left = sum(row["left"] for row in snapshot.flows if flow_cell(snapshot.record, row) == cell)
        came = now - before + left
        for first in sorted(present, reverse=True):
            gone = min(left, present[first])
            present[first] -= gone
            left -= gone
            yield run_code(first, snapshot.version - 1), gone
        present[snapshot.version] = came
        before = now
    for first, people in present.items():
        yield run_code(first, versions[-1].version), people


def _paired(paired: Paired, snapshots: Mapping[tuple[str, int], Snapshot]) -> Iterator[tuple[Codes, int]]:
    row = change_row(snapshots[paired.snapshot], paired.row)
    if row is not None:
        yield from (({"move": move}, int(row[move])) for move in MOVES)


def _shared(shared: Shared, snapshots: Mapping[tuple[str, int], Snapshot]) -> Iterator[tuple[Codes, int]]:
    row = change_row(snapshots[shared.snapshot], shared.row)
    if row is not None:
        inside = int(row[shared.base] or 0)
        yield {"clusters": BOTH_WAVES}, inside
        yield {"clusters": ELSEWHERE}, shared.whole - inside
