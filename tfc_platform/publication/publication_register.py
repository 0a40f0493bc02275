"""The publication register: what may be released, as data (`expectations/publication_register.yaml`).

A mart, column or reason that it does not name is never published. Whether the marts have what it names is found when they are
read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from tfc_platform.publication.released_table import FIGURE_COLUMNS, described_column
from tfc_platform.strict_yaml import EXPECTATIONS, StrictModel, read_model

__all__ = [
    "ALL",
    "ASKED_LABELS",
    "CHANGE_KEYS",
    "INDICATOR_MEASURE",
    "OUTCOME_KEYS",
    "TREND_KEYS",
    "ChangeTable",
    "CountTable",
    "KeyColumn",
    "Measure",
    "Name",
    "OutcomeTable",
    "PersonMeasure",
    "PersonTable",
    "Register",
    "TableSpec",
    "TrendTable",
    "load_register",
]

OTHER_REASON = "other"
APPROVED_TEXTS = ("stories", "learning", "contribution", "evidence")  # tables of a release that no mart has
ALL = "all"  # the code of a row that sums over a dimension: a site's total
MOST_DIMENSIONS = 4
INDICATOR_MEASURE = "indicator_measure"  # the attribute of survey tables: percentage or mean
OUTCOME_KEYS = ("site", "population", "wave", "indicator", "breakdown", "breakdown_value")
ASKED_LABELS = ("instrument", "made_of", "tools", "mode", "asked_in")  # attributes of an estimate: how it was asked
CHANGE_LABELS = ("comparison", "family", "reading")  # attributes of a change beside its measure
TREND_LABELS = ("family", "reading")
TREND_KEYS = ("site", "population", "indicator", "wave_from", "wave_to")
CHANGE_KEYS = ("site", "population", "indicator", "design", "wave_from", "wave_to")


def _name(text: str) -> str:
    # A name goes into SQL and into file names: nothing else may be in it.
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", text):
        raise ValueError("a name is made of small letters, digits and underscores, at most 31")
    return text


Name = Annotated[str, AfterValidator(_name)]


def _key(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def _named_by_column(value: Any) -> Any:
    """What has no name of its own is called as its column is."""
    return {"name": value["column"], **value} if isinstance(value, dict) and "column" in value else value


class KeyColumn(StrictModel):
    """A column that identifies or describes a row; `name` is what a release calls it."""

    column: Name
    name: Name = ""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return _named_by_column(value)


Key = Annotated[KeyColumn, BeforeValidator(_key)]


class Measure(StrictModel):
    """One figure of a row. `column` is the mart's; none where rows are counted."""

    label: str
    name: Name = ""
    column: Name | None = None
    unit: str | None = None
    unit_column: Name | None = None

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return _named_by_column(value)

    @model_validator(mode="after")
    def _one_unit(self) -> Measure:
        if not self.name:
            raise ValueError("a measure needs a name or a column")
        if (self.unit is None) == (self.unit_column is None):
            raise ValueError(f"{self.name} needs either a unit or a unit_column")
        return self


class TableSpec(StrictModel):
    """One mart as it is released."""

    mart: Name
    title: str
    description: str
    keys: tuple[Key, ...] = Field(min_length=1)
    measures: tuple[Measure, ...] = Field(min_length=1)
    attributes: tuple[Key, ...] = ()
    sources: tuple[str, ...] = ()
    only: dict[Name, str | bool] = Field(default_factory=dict)
    aggregate: Literal["none", "count", "all"] = "none"

    @model_validator(mode="after")
    def _consistent(self) -> TableSpec:
        if not self.mart.startswith("mart_"):
            raise ValueError(f"{self.mart} is no mart: its name does not open with mart_")
        names = [column.name for column in (*self.keys, *self.attributes)]
        for name in names:
            if names.count(name) > 1 or name in FIGURE_COLUMNS:
                raise ValueError(f"the column {name!r} is given twice in a row of {self.table}: give it another name")
        known: set[str] = set()
        for measure in self.measures:
            if measure.name in known:
                raise ValueError(f"the measure {measure.name!r} of {self.table} is given twice")
            known.add(measure.name)
        if self.aggregate == "none" and any(measure.column is None for measure in self.measures):
            raise ValueError(f"a measure of {self.table} names no column of its mart")
        if self.aggregate != "none" and self.attributes:
            raise ValueError(f"{self.table} is aggregated by its keys: it can have no attributes")
        if self.aggregate == "count" and [m.column for m in self.measures] != [None]:
            raise ValueError(f"{self.table} counts rows: it has one measure, without a column")
        if self.aggregate == "all" and any(m.column is None or m.unit_column for m in self.measures):
            raise ValueError(f"a measure of {self.table} needs a column and a unit")
        return self

    @property
    def table(self) -> str:
        """The table's name in a release."""
        return self.mart.removeprefix("mart_")

    @property
    def column_names(self) -> tuple[str, ...]:
        """Its keys and attributes, as a release calls them."""
        return tuple(column.name for column in (*self.keys, *self.attributes))

    @property
    def has_site(self) -> bool:
        """Whether a row is of one site."""
        return any(key.name == "site" for key in self.keys)


class PersonMeasure(StrictModel):
    """One figure of a row: a frozen `column`, a number of the `code` list, or a rate `per_1000_of` such a number.

    `counts`: `persons` fall under the rule, `with_persons` is hidden and rounded with them and is no count (hours of casework),
    `sessions` of groups are shown. A rate is worked out from what is published (R6).
    """

    name: Name
    label: str
    unit: str
    column: Name | None = None
    code: Name | None = None
    per_1000_of: Name | None = None
    counts: Literal["persons", "with_persons", "sessions"] = "persons"

    @model_validator(mode="after")
    def _from_one_place(self) -> PersonMeasure:
        if sum(place is not None for place in (self.column, self.code, self.per_1000_of)) != 1:
            raise ValueError(f"{self.name}: one of column, code and per_1000_of says where it comes from")
        return self


class _PersonTableBase(StrictModel):
    table: Name
    title: str
    description: str
    record: Literal["activity", "story", "survey_respondent"]  # of the contracts whose snapshots it is cut from


class CountTable(_PersonTableBase):
    """Counts of one frozen mart by dimensions: inner cells, and where `total_over` names one, the site's total over it.

    `rule`: `persons` where a row of the mart's unit is a person (R4), `head_count` where heads are counted (R5).
    `period`: `quarter`, or `year`, which is the total of four locked quarters and has no further dimension (R1).
    `level`: `site`, or `programme`, which sums over all sites.
    """

    rule: Literal["persons", "head_count"]
    mart: Name
    period: Literal["quarter", "year"]
    level: Literal["site", "programme"] = "site"
    dimensions: tuple[Name, ...] = ()
    total_over: Name | None = None
    partial: bool = False  # whether people can be in no code of its dimension (a venue that nobody wrote down)
    only: dict[Name, str] = Field(default_factory=dict)
    attributes: tuple[Name, ...] = ()  # of the code list
    measures: tuple[PersonMeasure, ...] = Field(min_length=1)

    @property
    def keys(self) -> tuple[str, ...]:
        return ("site", self.period, *self.dimensions)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Its keys and attributes, as a release calls them."""
        return (*self.keys, *self.attributes)

    @model_validator(mode="after")
    def _can_be_safe(self) -> CountTable:
        if len(self.keys) > MOST_DIMENSIONS:
            raise ValueError(f"{self.table} has {len(self.keys)} dimensions: {MOST_DIMENSIONS} are the most")
        if self.period == "year" and self.dimensions:
            raise ValueError(f"{self.table}: a year is published as one total only")
        if self.level == "programme" and self.period != "year":
            raise ValueError(f"{self.table}: the programme's total is published by year only")
        if self.total_over is not None and self.dimensions != (self.total_over,):
            # A total over one of several dimensions would be a margin: inner cells and only site totals are published.
            raise ValueError(f"{self.table}: total_over: a site's total sums over the only dimension")
        names = [measure.name for measure in self.measures]
        if len(set(names)) < len(names):
            raise ValueError(f"{self.table}: a measure is given twice")
        if self.measures[0].column is None or self.measures[0].counts != "persons":
            raise ValueError(f"{self.table}: the first measure is the count of people that the rule judges")
        return self


class OutcomeTable(_PersonTableBase):
    """Survey estimates (R7): for all, and by one breakdown for the populations that are large enough for it."""

    rule: Literal["outcome"]
    breakdowns: dict[str, tuple[Literal["area", "sector"], ...]] = Field(default_factory=dict)
    decimals: dict[str, int] = Field(default_factory=dict)  # indicator to the decimals of its mean; others have none

    @property
    def keys(self) -> tuple[str, ...]:
        return OUTCOME_KEYS

    @property
    def column_names(self) -> tuple[str, ...]:
        """Its keys and attributes, as a release calls them."""
        return (*self.keys, INDICATOR_MEASURE, *ASKED_LABELS)

    @model_validator(mode="after")
    def _one_geography(self) -> OutcomeTable:
        for population, names in self.breakdowns.items():
            if len(names) > 1:
                # Two would be linked tables over the same respondents: each by itself is safe, and both together are not.
                raise ValueError(f"{self.table}: breakdowns.{population}: one breakdown a population")
        return self


class ChangeTable(_PersonTableBase):
    """Change between two waves (R8 for panels, R7 for both waves of repeated cross-sections)."""

    rule: Literal["change"]
    decimals: dict[str, int] = Field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        return CHANGE_KEYS

    @property
    def column_names(self) -> tuple[str, ...]:
        """Its keys and attributes, as a release calls them."""
        return (*self.keys, INDICATOR_MEASURE, *CHANGE_LABELS)


class TrendTable(_PersonTableBase):
    """The trend over three or more waves, where the estimates of all of them are in the release (R7)."""

    rule: Literal["trend"]
    decimals: dict[str, int] = Field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        return TREND_KEYS

    @property
    def column_names(self) -> tuple[str, ...]:
        """Its keys and attributes, as a release calls them."""
        return (*self.keys, INDICATOR_MEASURE, *TREND_LABELS)


# By its rule, so that a mistake is reported by the kind of table that was meant.
PersonTable = Annotated[CountTable | OutcomeTable | ChangeTable | TrendTable, Field(discriminator="rule")]


class Unit(StrictModel):
    """What figures of a unit count, and whether that is about people."""

    label: str
    about_persons: bool
    reason: str


class Register(StrictModel):
    """All that may be released."""

    units: dict[str, Unit]
    evidence_counts: tuple[str, ...]
    shared_senders: tuple[str, ...]
    held_reasons: dict[str, str]
    columns: dict[str, str]
    tables: tuple[TableSpec, ...]
    person_tables: tuple[PersonTable, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Register:
        seen: set[str] = set()
        for table in self.tables:
            if table.mart in seen:
                raise ValueError(f"{table.mart} is given twice")
            if table.table in APPROVED_TEXTS:
                raise ValueError(f"the table {table.table!r} is made of approved texts and other tables, not of a mart")
            seen.add(table.mart)
            for column in (*table.keys, *table.attributes):
                if column.name not in self.columns:
                    raise ValueError(f"{table.table}: the column {column.name!r} is not described under columns")
            for measure in table.measures:
                if measure.unit is not None and measure.unit not in self.units:
                    raise ValueError(f"{table.table}: the unit {measure.unit!r} of {measure.name} is not under units")
                if measure.unit is not None and self.units[measure.unit].about_persons:
                    raise ValueError(
                        f"{table.table}: {measure.name} counts people: such a table belongs under person_tables"
                    )
            if table.sources and not table.has_site:
                raise ValueError(
                    f"{table.table} names sources but has no key 'site', so a hold could not mark its rows"
                )
        for person_table in self.person_tables:
            if person_table.table in {table.removeprefix("mart_") for table in seen}:
                raise ValueError(f"{person_table.table} is given twice")
            seen.add(f"mart_{person_table.table}")
            if isinstance(person_table, CountTable) and person_table.level == "programme":
                others = [o for o in self.person_tables if isinstance(o, CountTable) and o is not person_table]
                if any(other.mart == person_table.mart for other in others):
                    # The audit takes the people of each site by themselves: a sum over sites would tie them together unseen.
                    raise ValueError(f"{person_table.table}: a programme's total is the only table of its mart")
            for name in person_table.column_names:
                if name not in self.columns:
                    raise ValueError(f"{person_table.table}: the column {name!r} is not described under columns")
        _refuse_unknown_columns(self.columns, (*self.tables, *self.person_tables))
        if OTHER_REASON not in self.held_reasons:
            raise ValueError(f"held_reasons needs {OTHER_REASON!r}, for what it does not list")
        return self

    def description_of(self, table: str, column: str) -> str:
        """What a key or attribute of a table means: the sentence of the table's own, else that of all tables."""
        return described_column(self.columns, table, column)

    def about_persons(self, unit: str | None) -> bool:
        """Whether a figure of this unit is about people. What nobody has declared counts as persons."""
        return unit not in self.units or self.units[unit].about_persons

    def public_reason(self, reason: str | None) -> str:
        """The sentence that the learning loop reads. Only sentences of the register leave: see `held_reasons` there."""
        if reason in self.held_reasons:
            return self.held_reasons[reason]
        return reason if reason in self.held_reasons.values() and reason else self.held_reasons[OTHER_REASON]


def _refuse_unknown_columns(descriptions: Mapping[str, str], tables: Iterable[TableSpec | PersonTable]) -> None:
    """A sentence for a table's own column (`table.column`) must be about a column that the table has."""
    known = {f"{table.table}.{name}" for table in tables for name in table.column_names}
    for name in descriptions:
        if "." in name and name not in known:
            raise ValueError(f"columns: {name!r} is no table's column")


def load_register(path: Path = EXPECTATIONS / "publication_register.yaml") -> Register:
    """:raises ConfigurationError: naming the file and the key that is wrong."""
    return read_model(path, Register)
