"""Wide views, with a column for each measure, of the tables of a release and of the marts of research.

The schema `wide` has the same names in both databases: a query over keys and measures reads either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tfc_platform.publication.publication_register import (
    ASKED_LABELS,
    INDICATOR_MEASURE,
    ChangeTable,
    CountTable,
    OutcomeTable,
    Register,
    TableSpec,
    TrendTable,
)
from tfc_platform.publication.released_table import FIGURE_COLUMNS, ReleaseTable
from tfc_platform.release.code_lists import ACTIVITIES
from tfc_platform.release.metrics import Metric, metrics_in
from tfc_platform.research import DatabaseView
from tfc_platform.sql_text import quote_identifier, quote_literal

__all__ = ["WIDE", "release_views", "research_views"]

WIDE = "wide"  # the schema
STATUS_SUFFIX = "_status"
_TIER = "The tier of prevention of the activity at this site, from code_activity; empty for a total."


# What a mart calls a key of a released table about people.
_SURVEY_COLUMNS = {INDICATOR_MEASURE: "measure"}
_COUNT_COLUMNS = {"year": "reporting_year"}


@dataclass(frozen=True)
class _Column:
    """A column of a view, and the SQL that it is made by."""

    name: str
    expression: str
    description: str


def release_views(tables: Sequence[ReleaseTable]) -> list[DatabaseView]:
    """A view for each table of figures among `tables`: keys, attributes, each measure and its status, and the notes.

    A hidden figure is empty, and its status says why. A table of activities gets their tier from the code list.
    """
    metrics = metrics_in(tables)
    has_activities = ACTIVITIES in {table.name for table in tables}
    return [
        _release_view(table, metrics.get(table.name, ()), has_activities)
        for table in tables
        if set(FIGURE_COLUMNS) <= {column.name for column in table.columns}
    ]


def _release_view(table: ReleaseTable, metrics: Sequence[Metric], has_activities: bool) -> DatabaseView:
    columns = [
        _Column(column.name, f"t.{quote_identifier(column.name)}", column.description)
        for column in table.columns
        if column.name not in FIGURE_COLUMNS
    ]
    names = {column.name for column in columns}
    joined = ""
    if has_activities and {"site", "activity"} <= names and "tier" not in names:
        joined = f" left join main.{ACTIVITIES} as a on a.site = t.site and a.activity = t.activity"
        columns.append(_Column("tier", "a.tier", _TIER))
    grouped = ", ".join(column.expression for column in columns)
    for metric in metrics:
        its = f"filter (where t.measure = {quote_literal(metric.measure)})"
        status = f"The status of {metric.measure}; code_status explains it."
        columns += [
            _Column(metric.measure, f"max(t.value) {its}", _meaning(metric)),
            _Column(metric.measure + STATUS_SUFFIX, f"max(t.status) {its}", status),
        ]
    columns.append(
        _Column("notes", "string_agg(distinct t.note, ' ' order by t.note)", "What to know of the row's figures.")
    )
    query = f"select {_selected(columns)} from main.{quote_identifier(table.name)} as t{joined} group by {grouped}"
    comment = f"{table.description} One row for each {', '.join(table.key_names)}, one column for each measure."
    return DatabaseView(WIDE, table.name, query, comment, {c.name: c.description for c in columns}, table.name)


def research_views(register: Register, metrics: Sequence[Metric]) -> list[DatabaseView]:
    """The same views over the marts, with the measures that a mart has a column of: exact, and without a status.

    Rows that a release leaves out by the register are left out too. A programme's total is left to whoever adds up sites.
    """
    views = [_nightly_view(spec, register, metrics) for spec in register.tables if spec.aggregate == "none"]
    for table in register.person_tables:
        if not isinstance(table, CountTable):
            views.append(_survey_view(table, register, metrics))
        elif table.level == "site":
            views.append(_count_view(table, register, metrics))
    return views


def _nightly_view(spec: TableSpec, register: Register, metrics: Sequence[Metric]) -> DatabaseView:
    meanings = _meanings(spec.table, metrics)
    columns = [
        _Column(column.name, quote_identifier(column.column), register.description_of(spec.table, column.name))
        for column in (*spec.keys, *spec.attributes)
    ]
    columns += [_Column(m.name, quote_identifier(m.column or ""), meanings[m.name]) for m in spec.measures]
    return _research_view(spec.table, spec.description, spec.mart, columns, spec.only)


def _survey_view(
    spec: OutcomeTable | ChangeTable | TrendTable, register: Register, metrics: Sequence[Metric]
) -> DatabaseView:
    columns = [
        _Column(name, quote_identifier(_SURVEY_COLUMNS.get(name, name)), register.description_of(spec.table, name))
        for name in spec.column_names
        if name not in ASKED_LABELS  # research has them in a mart of their own
    ]
    columns += [_Column(name, quote_identifier(name), text) for name, text in _meanings(spec.table, metrics).items()]
    return _research_view(spec.table, spec.description, f"mart_{spec.table}", columns, {})


def _count_view(spec: CountTable, register: Register, metrics: Sequence[Metric]) -> DatabaseView:
    meanings = _meanings(spec.table, metrics)
    columns = [
        _Column(name, quote_identifier(_COUNT_COLUMNS.get(name, name)), register.description_of(spec.table, name))
        for name in spec.keys
    ]
    if "activity" in spec.keys:
        columns.append(_Column("tier", "tier", _TIER))
    grouped = [column.expression for column in columns]
    columns += [
        _Column(measure.name, f"sum({quote_identifier(measure.column)})", meanings[measure.name])
        for measure in spec.measures
        if measure.column is not None
    ]
    return _research_view(spec.table, spec.description, spec.mart, columns, spec.only, grouped)


def _meanings(table: str, metrics: Sequence[Metric]) -> dict[str, str]:
    return {metric.measure: _meaning(metric) for metric in metrics if metric.table_name == table}


def _meaning(metric: Metric) -> str:
    return f"{metric.label} ({metric.unit}). {metric.definition}"


def _research_view(
    name: str,
    description: str,
    mart: str,
    columns: Sequence[_Column],
    only: Mapping[str, str | bool],
    grouped: Sequence[str] = (),
) -> DatabaseView:
    where = " and ".join(f"{quote_identifier(column)} = {_literal(value)}" for column, value in only.items())
    query = (
        f"select {_selected(columns)} from marts.{quote_identifier(mart)}"
        + (f" where {where}" if where else "")
        + (f" group by {', '.join(grouped)}" if grouped else "")
    )
    comment = f"{description} One column for each measure, under the names of a release. Not disclosure-controlled."
    return DatabaseView(WIDE, name, query, comment, {column.name: column.description for column in columns}, mart)


def _selected(columns: Sequence[_Column]) -> str:
    return ", ".join(f"{column.expression} as {quote_identifier(column.name)}" for column in columns)


def _literal(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else quote_literal(value)
