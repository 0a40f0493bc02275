"""The publication register: what may be released, as data.

Belongs here: the shape of the file, of its tables that are not about persons, and the checks that need nothing but it. Does
not belong: the tables about persons (`protect.register`), or whether the marts have the columns that it names (`tables`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from tfc_platform.disclosure.person_register import CountTable, Name, PersonTable
from tfc_platform.disclosure.policy import Strict
from tfc_platform.disclosure.released_table import FIGURE_COLUMNS
from tfc_platform.disclosure.strict_yaml import EXPECTATIONS, read_policy

__all__ = ["KeyColumn", "Measure", "Register", "TableSpec", "load_register"]

OTHER_REASON = "other"


def _key(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def _named_by_column(value: Any) -> Any:
    """What has no name of its own is called as its column is."""
    return {"name": value["column"], **value} if isinstance(value, dict) and "column" in value else value


class KeyColumn(Strict):
    """A column that identifies or describes a row; `name` is what a release calls it."""

    column: Name
    name: Name = ""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return _named_by_column(value)


Key = Annotated[KeyColumn, BeforeValidator(_key)]


class Measure(Strict):
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


class TableSpec(Strict):
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
                raise ValueError(f"the column {name!r} stands twice in a row of {self.table}: give it another name")
        known: set[str] = set()
        for measure in self.measures:
            if measure.name in known:
                raise ValueError(f"the measure {measure.name!r} of {self.table} stands twice")
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
        return self.mart.removeprefix("mart_")

    @property
    def has_site(self) -> bool:
        return any(key.name == "site" for key in self.keys)


class Unit(Strict):
    label: str
    about_persons: bool
    reason: str


class Register(Strict):
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
                raise ValueError(f"{table.mart} stands twice")
            if table.table == "stories":
                raise ValueError("the table 'stories' is made of approved texts, not of a mart")
            seen.add(table.mart)
            for column in (*table.keys, *table.attributes):
                if column.name not in self.columns:
                    raise ValueError(f"{table.table}: the column {column.name!r} is not described under columns")
            for measure in table.measures:
                if measure.unit is not None and measure.unit not in self.units:
                    raise ValueError(f"{table.table}: the unit {measure.unit!r} of {measure.name} is not under units")
                if measure.unit is not None and self.units[measure.unit].about_persons:
                    raise ValueError(
                        f"{table.table}: {measure.name} counts persons: such a table stands under person_tables"
                    )
            if table.sources and not table.has_site:
                raise ValueError(
                    f"{table.table} names sources but has no key 'site', so a hold could not mark its rows"
                )
        for person_table in self.person_tables:
            if person_table.table in {table.removeprefix("mart_") for table in seen}:
                raise ValueError(f"{person_table.table} stands twice")
            seen.add(f"mart_{person_table.table}")
            if isinstance(person_table, CountTable) and person_table.level == "programme":
                others = [o for o in self.person_tables if isinstance(o, CountTable) and o is not person_table]
                if any(other.mart == person_table.mart for other in others):
                    # The audit takes each site's persons by themselves: a sum over sites would tie them together unseen.
                    raise ValueError(f"{person_table.table}: a programme's total is the only table of its mart")
            labels = (*person_table.keys, *getattr(person_table, "attributes", ()))
            for name in labels:
                if name not in self.columns:
                    raise ValueError(f"{person_table.table}: the column {name!r} is not described under columns")
        if OTHER_REASON not in self.held_reasons:
            raise ValueError(f"held_reasons needs {OTHER_REASON!r}, for what it does not list")
        return self

    def about_persons(self, unit: str | None) -> bool:
        """Whether a figure of this unit is about persons. What nobody has declared counts as persons."""
        return unit not in self.units or self.units[unit].about_persons

    def public_reason(self, reason: str | None) -> str:
        """The sentence that the learning loop reads. Only sentences of the register leave: see `held_reasons` there."""
        if reason in self.held_reasons:
            return self.held_reasons[reason]
        return reason if reason in self.held_reasons.values() and reason else self.held_reasons[OTHER_REASON]


def load_register(path: Path = EXPECTATIONS / "publication_register.yaml") -> Register:
    """:raises ConfigurationError: naming the file and the key that is wrong."""
    return read_policy(path, Register)
