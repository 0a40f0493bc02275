"""What the report says, as data: `expectations/annual_report_policy.yaml`. It may not ask for a sum of figures about people."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from tfc_platform.publication.publication_register import Register
from tfc_platform.settings import ConfigurationError
from tfc_platform.strict_yaml import EXPECTATIONS, StrictModel, read_model

__all__ = [
    "GradeRule",
    "PlannedChanges",
    "PlannedEstimates",
    "PlannedLearning",
    "PlannedMeasure",
    "PlannedPart",
    "PlannedSection",
    "ReportPlan",
    "load_plan",
]

FILE = EXPECTATIONS / "annual_report_policy.yaml"
Finding = Literal["check_failed", "overdue", "held", "period_missing", "many_missing"]


class PlannedMeasure(StrictModel):
    """A measure of a released table. `adds_over`: the keys over which it may be added up; none: as it was released."""

    name: str
    adds_over: tuple[str, ...] = ()


class PlannedPart(StrictModel):
    """A part of the report: the table that it is of, the returns behind that, and what else checks judge of them."""

    title: str
    table: str
    sources: tuple[str, ...]
    checks: tuple[str, ...] = ()


class PlannedSection(PlannedPart):
    """A part that gives figures of the year from one table. `label` is the column that names a row, if any."""

    period: Literal["month", "quarter", "year", "period"]
    measures: tuple[PlannedMeasure, ...] = Field(min_length=1)
    label: str | None = None


class PlannedEstimates(PlannedPart):
    """The part that gives survey estimates of each population's latest wave."""

    where: dict[str, str] = Field(default_factory=dict)
    definition: str


class PlannedChanges(PlannedPart):
    """The part that gives the headline changes to each population's latest wave, and the trends from the table `trend`."""

    trend: str
    definition: str


class PlannedLearning(PlannedPart):
    """The part that counts learning items by how far they got."""

    definition: str


class GradeRule(StrictModel):
    """A grade of the data behind a site's figures, from the best to the worst, and what leads to it."""

    letter: str
    name: str
    meaning: str
    when: tuple[Finding, ...] = ()


class ReportPlan(StrictModel):
    sections: tuple[PlannedSection, ...]
    outcomes: PlannedEstimates
    changes: PlannedChanges
    learning: PlannedLearning
    grades: tuple[GradeRule, ...] = Field(min_length=2)
    many_missing_above: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _best_first(self) -> ReportPlan:
        if self.grades[0].when:
            raise ValueError("grades: the first is that of data of which nothing bad is known, so its `when` is empty")
        return self


def load_plan(register: Register, path: Path = FILE) -> ReportPlan:
    """Read the plan, and hold it against the register.

    :raises ConfigurationError: naming the key, where the file asks for a table or measure that is not released, or would add up
        figures about people.
    """
    plan = read_model(path, ReportPlan)
    units = {(table.table, measure.name): measure.unit for table in register.tables for measure in table.measures}
    released = {table.table for table in register.tables} | {table.table for table in register.person_tables}
    for table in (plan.changes.table, plan.changes.trend):
        if table not in released:
            raise ConfigurationError(f"{path.name}: changes: the table {table!r} is not released.")
    for section in plan.sections:
        if section.table not in released:
            raise ConfigurationError(f"{path.name}: sections: the table {section.table!r} is not released.")
        for measure in section.measures:
            key = f"{path.name}: sections.{section.table}.{measure.name}"
            is_known = (section.table, measure.name) in units
            if measure.adds_over and not is_known:
                raise ConfigurationError(f"{key}: figures about people, or that are not released, are never added up.")
            if measure.adds_over and register.about_persons(units[section.table, measure.name]):
                raise ConfigurationError(f"{key}: its unit is about people, and such figures are never added up.")
    return plan
