"""Revisions of locked snapshots (R2): on one day of the year, and only where no single arrival or leaving can be seen.

Belongs here: when a snapshot may be revised, and the minimum-change rule. Does not belong: keeping snapshots, or publishing.

A cell's net change is not enough: ten who came and ten who went leave it as it was, and one who came and one who went are two
persons. So records are compared one by one, and what was erased from them counts as gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tfc_platform.disclosure.policy import DisclosurePolicy, Revision
from tfc_platform.disclosure.snapshot_ledger import Entry
from tfc_platform.disclosure.snapshots import Record, Snapshot, counted_cells
from tfc_platform.publication.publication_register import CountTable, OutcomeTable, PersonTable

__all__ = ["may_revise", "revision_day"]

Group = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Change:
    """Persons that a published cell gained and lost."""

    added: int = 0
    removed: int = 0


def revision_day(entries: Iterable[Entry], policy: DisclosurePolicy, as_of: date) -> date | None:
    """The day of the year whose night this is: the first one on it or after it. None on every other night."""
    day = policy.revision.last_before(as_of)
    used = any(entry.what == "revision_day" and entry.content == day.isoformat() for entry in entries)
    return None if used else day


def may_revise(
    snapshot: Snapshot,
    then: Sequence[Record],
    now: Sequence[Record],
    register: Iterable[PersonTable],
    revision: Revision,
) -> bool:
    """Whether each published cell's added and removed persons are each none or at least the minimum.

    `now` are the records of tonight's marts, `then` those of the snapshot.

    All tables of a record are revised together or none is: two tables of different versions of the same persons would be
    one more pair to compare.
    """
    changes = [
        change for variables in _groupings(snapshot, register) for change in _changes(snapshot, then, now, variables)
    ]
    return all(
        count == 0 or count >= revision.minimum for change in changes for count in (change.added, change.removed)
    )


def _groupings(snapshot: Snapshot, register: Iterable[PersonTable]) -> list[tuple[str, ...]]:
    """By which variables persons are published: of counts the dimensions, of estimates the breakdown and the answer too."""
    found: dict[tuple[str, ...], None] = {}
    for spec in register:
        if spec.record != snapshot.record:
            continue
        if isinstance(spec, CountTable):
            found[spec.dimensions] = None
            if spec.total_over:
                found[()] = None
        elif isinstance(spec, OutcomeTable):
            population = snapshot.name.split(" ", 1)[0]
            for breakdown in ((), *((name,) for name in spec.breakdowns.get(population, ()))):
                found[("indicator", "measure", *breakdown)] = None
                found[("indicator", "measure", *breakdown, "answer")] = None
    return list(found)


def _changes(
    snapshot: Snapshot, then: Sequence[Record], now: Sequence[Record], variables: tuple[str, ...]
) -> list[Change]:
    before, after = _by_record(then, variables), _by_record(now, variables)
    added: dict[Group, int] = {}
    removed: dict[Group, int] = {}
    for key in before.keys() | after.keys():
        change = after.get(key, 0) - before.get(key, 0)
        where = added if change > 0 else removed
        where[key[1]] = where.get(key[1], 0) + abs(change)
    for group, count in _erased(snapshot, then, variables).items():
        removed[group] = removed.get(group, 0) + count
    # A code that is in no grid (a venue that nobody wrote down) is in no published cell but the totals.
    published = [group for group in added.keys() | removed.keys() if _is_published(snapshot, group)]
    return [Change(added.get(group, 0), removed.get(group, 0)) for group in published]


def _is_published(snapshot: Snapshot, group: Group) -> bool:
    return all(
        any(code[name] == value for code in snapshot.codes[name]) for name, value in group if name in snapshot.codes
    )


def _by_record(records: Iterable[Record], variables: tuple[str, ...]) -> dict[tuple[str, Group], int]:
    found: dict[tuple[str, Group], int] = {}
    for record in records:
        key = (record.record, _group(json.loads(record.cell), variables))
        found[key] = found.get(key, 0) + record.persons
    return found


def _group(cell: Mapping[str, Any], variables: tuple[str, ...]) -> Group:
    return tuple((name, cell[name]) for name in variables)


def _erased(snapshot: Snapshot, then: Sequence[Record], variables: tuple[str, ...]) -> dict[Group, int]:
    """What was frozen and has no record any more: erased since. Nothing is subtracted: no record is without its count."""
    standing: dict[Group, int] = {}
    for record in then:
        group = _group(json.loads(record.cell), variables)
        standing[group] = standing.get(group, 0) + record.persons
    frozen: dict[Group, int] = {}
    for cell, persons in counted_cells(snapshot):
        group = _group(cell, variables)
        frozen[group] = frozen.get(group, 0) + persons
    gone = {group: count - standing.get(group, 0) for group, count in frozen.items()}
    return {group: count for group, count in gone.items() if count > 0}
