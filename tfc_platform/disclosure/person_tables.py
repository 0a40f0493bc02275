"""The published tables about people: a function of locked snapshots, register and policy alone (P0).

Rows depend on the codes that a snapshot locked with, never on who came: the grid is the same for empty and full data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from tfc_platform.disclosure.change_tables import CHANGE_WORDS, change_rows
from tfc_platform.disclosure.count_tables import count_rows, total_last
from tfc_platform.disclosure.outcome_tables import OUTCOME_WORDS, outcome_rows
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.snapshot_set import Locked
from tfc_platform.disclosure.trend_tables import TREND_WORDS, trend_rows
from tfc_platform.publication.publication_register import ALL, CountTable, OutcomeTable, PersonTable, TrendTable
from tfc_platform.publication.released_table import (
    CellValue,
    FigureRow,
    ReleaseTable,
    TableHeading,
    figure_table,
    none_last,
)

__all__ = ["person_tables"]

_KINDS = {"nation_quintile": pa.int64()}  # of keys and attributes; all others are text


def person_tables(
    register: Iterable[PersonTable], columns: Mapping[str, str], locked: Locked, policy: DisclosurePolicy
) -> tuple[ReleaseTable, ...]:
    """Every table about people, by name. `columns` has the description of each key and attribute."""
    specs = list(register)
    estimates = {spec.table: outcome_rows(spec, locked, policy) for spec in specs if isinstance(spec, OutcomeTable)}
    tables = [_table(spec, columns, locked, policy, estimates) for spec in specs]
    return tuple(sorted(tables, key=lambda table: table.name))


def _shown(estimates: Mapping[str, Sequence[FigureRow]]) -> set[tuple[CellValue, ...]]:
    """The keys of the estimates for everybody that have a value."""
    return {
        row.keys
        for rows in estimates.values()
        for row in rows
        if row.keys[-1] == ALL and any(f.measure == "estimate" and f.value is not None for f in row.figures)
    }


def _table(
    spec: PersonTable,
    columns: Mapping[str, str],
    locked: Locked,
    policy: DisclosurePolicy,
    estimates: Mapping[str, Sequence[FigureRow]],
) -> ReleaseTable:
    order = none_last
    attributes = spec.column_names[len(spec.keys) :]
    if isinstance(spec, CountTable):
        rows, order = count_rows(spec, locked, policy), total_last
        measures = "; ".join(f"{m.name}: {m.label} ({m.unit})" for m in spec.measures)
    elif isinstance(spec, OutcomeTable):
        rows, measures = [*estimates[spec.table]], OUTCOME_WORDS
    elif isinstance(spec, TrendTable):
        rows, measures = trend_rows(spec, locked, policy, _shown(estimates)), TREND_WORDS
    else:
        rows, measures = change_rows(spec, locked, policy), CHANGE_WORDS
    kinds = tuple(_KINDS.get(name, pa.string()) for name in (*spec.keys, *attributes))
    heading = TableHeading(spec.table, spec.title, spec.description, spec.keys, attributes, kinds, measures)
    return figure_table(heading, rows, columns, order)
