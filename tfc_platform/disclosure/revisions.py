"""Revisions of locked snapshots (R2): on one day of the year, and only where no single arrival or leaving can be seen.

A cell's net change is not enough: ten who came and ten who went leave it as it was, and one who came and one who went are two
people. So records are compared one by one, by their ids or by what they say, and what was erased from them counts as gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.snapshot_ledger import Entry
from tfc_platform.disclosure.snapshots import FrozenRow, Record, Snapshot, counted_cells, flow_cell
from tfc_platform.publication.publication_register import CountTable, OutcomeTable, PersonTable

__all__ = ["flows_between", "may_revise", "revision_day"]

FlowCell = tuple[tuple[str, Any], ...]


def revision_day(entries: Iterable[Entry], policy: DisclosurePolicy, as_of: date) -> date | None:
    """The day of the year whose night this is: the first one on it or after it. None on every other night."""
    day = policy.revision.last_before(as_of)
    used = any(entry.what == "revision_day" and entry.content == day.isoformat() for entry in entries)
    return None if used else day


def flows_between(snapshot: Snapshot, then: Sequence[Record], now: Sequence[Record]) -> list[dict[str, Any]]:
    """How many `came` and `left` in each cell that changed, in what its table counts; with the cell's variables.

    `now` are the records of tonight's marts, `then` those of the snapshot. A record that moved left one cell and came to another.
    """
    before, after = _by_record(snapshot.record, then), _by_record(snapshot.record, now)
    flows: dict[FlowCell, list[int]] = {}
    for key in before.keys() | after.keys():
        change = after.get(key, 0) - before.get(key, 0)
        if change:
            flows.setdefault(key[1], [0, 0])[change < 0] += abs(change)
    for cell, count in _erased(snapshot, then).items():
        flows.setdefault(cell, [0, 0])[1] += count
    return [{**dict(cell), "came": came, "left": left} for cell, (came, left) in sorted(flows.items(), key=str)]


def may_revise(
    snapshot: Snapshot, flows: Iterable[FrozenRow], register: Iterable[PersonTable], policy: DisclosurePolicy
) -> bool:
    """Whether each published cell's added and removed people are each none or at least the minimum.

    All tables of a record are revised together or none is: two tables of different versions of the same people would be one more
    pair to compare. What the versions tell together is the joint audit's to say.
    """
    flows = list(flows)
    for variables, only in _groupings(snapshot, register):
        sums: dict[FlowCell, list[int]] = {}
        for flow in flows:
            if all(flow[name] == code for name, code in only.items()):
                cell = tuple((name, flow[name]) for name in variables)
                total = sums.setdefault(cell, [0, 0])
                total[0] += flow["came"]
                total[1] += flow["left"]
        for cell, counts in sums.items():
            # A code that is in no grid (a venue that nobody wrote down) is in no published cell but the totals.
            if _is_published(snapshot, cell) and any(0 < count < policy.revision.minimum for count in counts):
                return False
    return True


def _groupings(snapshot: Snapshot, register: Iterable[PersonTable]) -> list[tuple[tuple[str, ...], Mapping[str, str]]]:
    """By which variables people are published, of which rows: of estimates by the breakdown and by the answer too."""
    groupings: list[tuple[tuple[str, ...], Mapping[str, str]]] = []
    for spec in register:
        if spec.record != snapshot.record:
            continue
        if isinstance(spec, CountTable):
            groupings.append((spec.dimensions, spec.only))
            if spec.total_over:
                groupings.append(((), spec.only))
        elif isinstance(spec, OutcomeTable):
            population = snapshot.name.split(" ", 1)[0]
            for breakdown in ((), *((name,) for name in spec.breakdowns.get(population, ()))):
                for answer in ((), ("answer",)):
                    groupings.append((("indicator", "measure", *breakdown, *answer), {}))
    return groupings


def _is_published(snapshot: Snapshot, cell: FlowCell) -> bool:
    return all(
        any(code[name] == value for code in snapshot.codes[name]) for name, value in cell if name in snapshot.codes
    )


def _by_record(kind: str, records: Iterable[Record]) -> dict[tuple[str, FlowCell], int]:
    counts: dict[tuple[str, FlowCell], int] = {}
    for record in records:
        key = (record.record, flow_cell(kind, json.loads(record.cell)))
        counts[key] = counts.get(key, 0) + record.people
    return counts


def _erased(snapshot: Snapshot, then: Sequence[Record]) -> dict[FlowCell, int]:
    """What was frozen and has no record any more: erased since. Nothing is subtracted: no record is without its count."""
    frozen: dict[FlowCell, int] = {}
    for row, people in counted_cells(snapshot):
        cell = flow_cell(snapshot.record, row)
        frozen[cell] = frozen.get(cell, 0) + people
    for record in then:
        cell = flow_cell(snapshot.record, json.loads(record.cell))
        frozen[cell] = frozen.get(cell, 0) - record.people
    return {cell: count for cell, count in frozen.items() if count > 0}
