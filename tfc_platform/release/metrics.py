"""The metric dictionary: what each measure of a release counts, and what it must not be added to.

Every file that needs a unit or a label of a measure reads it from the table `metric` of the release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import pyarrow as pa
from pydantic import RootModel

from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.publication.publication_register import (
    ChangeTable,
    CountTable,
    Measure,
    OutcomeTable,
    PersonMeasure,
    PersonTable,
    Register,
    TableSpec,
    TrendTable,
)
from tfc_platform.publication.released_table import ReleaseColumn, ReleaseTable
from tfc_platform.strict_yaml import EXPECTATIONS, StrictModel, read_model

__all__ = ["METRIC", "Definition", "Metric", "Metrics", "all_metrics", "load_metrics", "metric_table", "metrics_in"]

METRIC = "metric"


class Definition(StrictModel):
    """What the dictionary says of a measure. `label` and `unit` only where the register has no measures of a table."""

    definition: str
    never_add: str
    numerator: str | None = None
    denominator: str | None = None
    label: str | None = None
    unit: str | None = None


class Metrics(RootModel[dict[str, dict[str, Definition]]]):
    """By table and measure."""

    def of(self, table: str) -> Mapping[str, Definition]:
        return self.root.get(table, {})


@dataclass(frozen=True)
class Metric:
    """A row of the dictionary, in the order of the table's columns."""

    table_name: str
    measure: str
    label: str
    unit: str
    definition: str
    numerator: str | None
    denominator: str | None
    never_add: str | None
    disclosure_rule: str


_COLUMNS = (
    ReleaseColumn("table_name", pa.string(), "The table of the release."),
    ReleaseColumn("measure", pa.string(), "The measure, as the table's column measure has it."),
    ReleaseColumn("label", pa.string(), "The measure in a few words."),
    ReleaseColumn("unit", pa.string(), "What it is counted in."),
    ReleaseColumn("definition", pa.string(), "What is counted or worked out."),
    ReleaseColumn("numerator", pa.string(), "What is divided; empty where nothing is."),
    ReleaseColumn("denominator", pa.string(), "What it is divided by; empty where nothing is."),
    ReleaseColumn("never_add", pa.string(), "What it must not be added to."),
    ReleaseColumn("disclosure_rule", pa.string(), "When a figure of it is shown, and to what it is rounded."),
)


def load_metrics(path: Path = EXPECTATIONS / "metric_register.yaml") -> Metrics:
    """:raises ConfigurationError: naming the file and the key that is wrong."""
    return read_model(path, Metrics)


def metric_table(
    tables: Sequence[ReleaseTable], register: Register, policy: DisclosurePolicy, metrics: Metrics
) -> ReleaseTable:
    """A row for each measure of each of `tables`, by table and then in the register's order of measures."""
    return _table({table.name for table in tables}, register, policy, metrics)


def all_metrics(register: Register, policy: DisclosurePolicy, metrics: Metrics) -> ReleaseTable:
    """The dictionary of every table that the register lets out."""
    return _table({spec.table for spec in (*register.tables, *register.person_tables)}, register, policy, metrics)


def _table(names: Collection[str], register: Register, policy: DisclosurePolicy, metrics: Metrics) -> ReleaseTable:
    rows = [metric for spec in register.tables if spec.table in names for metric in _plain(spec, register, metrics)]
    rows += [m for spec in register.person_tables if spec.table in names for m in _of_persons(spec, policy, metrics)]
    return ReleaseTable(
        METRIC,
        "Metric dictionary",
        "What each measure of each table counts, in which unit, what it must not be added to, and when it is shown.",
        _COLUMNS,
        2,
        tuple(astuple(row) for row in sorted(rows, key=lambda row: row.table_name)),
    )


def metrics_in(tables: Iterable[ReleaseTable]) -> dict[str, tuple[Metric, ...]]:
    """The dictionary by table, as the release's own table `metric` has it; empty where there is none."""
    by_table: dict[str, list[Metric]] = {}
    for table in tables:
        if table.name == METRIC:
            for row in table.rows:
                by_table.setdefault(row[0], []).append(Metric(*row))
    return {name: tuple(rows) for name, rows in by_table.items()}


def _metric(table: str, name: str, label: str, unit: str, said: Definition | None, rule: str) -> Metric:
    if said is None:  # a register of one's own, without a dictionary: the label is what is known
        return Metric(table, name, label, unit, label, None, None, None, rule)
    return Metric(table, name, label, unit, said.definition, said.numerator, said.denominator, said.never_add, rule)


def _plain(spec: TableSpec, register: Register, metrics: Metrics) -> Iterator[Metric]:
    said = metrics.of(spec.table)
    for measure in spec.measures:
        yield _metric(
            spec.table,
            measure.name,
            measure.label,
            _unit(measure, register),
            said.get(measure.name),
            "Not about people: shown as it is.",
        )


def _unit(measure: Measure, register: Register) -> str:
    return register.units[measure.unit].label if measure.unit else f"as the column {measure.unit_column} says"


def _of_persons(spec: PersonTable, policy: DisclosurePolicy, metrics: Metrics) -> Iterator[Metric]:
    said = metrics.of(spec.table)
    if isinstance(spec, CountTable):
        for measure in spec.measures:
            rule = _count_rule(spec, measure, policy)
            yield _metric(spec.table, measure.name, measure.label, measure.unit, said.get(measure.name), rule)
        return
    for name, meaning in said.items():
        rule = _survey_rule(spec, name, policy)
        yield _metric(spec.table, name, meaning.label or name, meaning.unit or "", meaning, rule)


def _count_rule(spec: CountTable, measure: PersonMeasure, policy: DisclosurePolicy) -> str:
    to = f"rounded to the nearest {policy.rounding_base}"
    if measure.per_1000_of is not None:
        return "Worked out from the published figures, and suppressed with them."
    if measure.code is not None:
        return "Not about people of the programme: shown as it is."
    if measure.counts == "sessions":
        return "Sessions of groups: shown as counted."
    if spec.rule == "head_count":
        limits = policy.head_count
        enough = f"{limits.sessions} sessions or more of which the largest had {limits.largest_session} or more"
        return f"Shown from {enough}, {to}; otherwise suppressed."
    if measure.counts == "with_persons":
        return f"Suppressed where the count of the same people is; otherwise {to}."
    return f"{policy.threshold_persons} or more, {to}; fewer, also none, are suppressed."


def _survey_rule(spec: OutcomeTable | ChangeTable | TrendTable, measure: str, policy: DisclosurePolicy) -> str:
    survey, panel = policy.survey, policy.panel
    wave = (
        f"a base of {survey.base}, {survey.part} on either side of a percentage, "
        f"{survey.clusters} clusters where there are some"
    )
    if isinstance(spec, TrendTable):
        return "Shown where the figures of all its waves are shown; otherwise withheld."
    if measure.startswith("n"):
        return f"Shown where the estimate is, rounded to the nearest {policy.rounding_base}."
    if isinstance(spec, OutcomeTable):
        return (
            f"Shown from {wave}; percentages are whole. Below a base of {survey.flag_below} the note says indicative."
        )
    return (
        f"A panel: shown from {panel.pairs} pairs, {panel.part} each of improved, same and worse, and {panel.rest} or nobody "
        f"in no pair. Repeated cross-sections: from {wave}, in both waves."
    )
