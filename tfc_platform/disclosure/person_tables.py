"""The published tables about persons: a function of locked snapshots, register and policy alone (P0).

Belongs here: all of them together. Does not belong: the grid and figures of one kind (`count_tables`, `outcome_tables`,
`change_tables`), what is in a snapshot (`snapshots`), or whether the tables together are safe (`attack`).

Rows depend on the codes that a snapshot locked with, never on who came: the grid is the same for empty and full data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from tfc_platform.disclosure.change_tables import CHANGE_WORDS, change_rows
from tfc_platform.disclosure.count_tables import count_rows
from tfc_platform.disclosure.outcome_tables import OUTCOME_WORDS, outcome_rows
from tfc_platform.disclosure.person_register import CountTable, OutcomeTable, PersonTable
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.released_table import Column, ReleaseTable, figure_columns
from tfc_platform.disclosure.snapshot_set import Locked

__all__ = ["person_tables"]

_KINDS = {"nation_quintile": pa.int64()}  # of keys and attributes; all others are text


def person_tables(
    register: Iterable[PersonTable], columns: Mapping[str, str], locked: Locked, policy: DisclosurePolicy
) -> tuple[ReleaseTable, ...]:
    """Every table about persons, by name. `columns` has the description of each key and attribute."""
    made = []
    for spec in register:
        if isinstance(spec, CountTable):
            rows = count_rows(spec, locked, policy)
            attributes: tuple[str, ...] = spec.attributes
            measures = "; ".join(f"{m.name}: {m.label} ({m.unit})" for m in spec.measures)
        elif isinstance(spec, OutcomeTable):
            rows, attributes, measures = outcome_rows(spec, locked, policy), ("indicator_measure",), OUTCOME_WORDS
        else:
            rows, attributes, measures = change_rows(spec, locked, policy), ("indicator_measure",), CHANGE_WORDS
        labels = [Column(name, _KINDS.get(name, pa.string()), columns[name]) for name in (*spec.keys, *attributes)]
        made.append(
            ReleaseTable(
                spec.table,
                spec.title,
                spec.description,
                (*labels, *figure_columns(measures)),
                len(spec.keys),
                tuple(rows),
            )
        )
    return tuple(sorted(made, key=lambda table: table.name))
