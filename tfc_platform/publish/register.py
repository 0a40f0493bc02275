"""The publication register and the disclosure policy: what may be released, and what is hidden in it, as data.

Belongs here: the shape of the two files and the checks that need nothing but them. Does not belong: applying them
(`protect`), or whether the marts have the columns that they name (`tables`).
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tfc_platform.publish.policy_files import EXPECTATIONS, read_policy

__all__ = [
    "FIGURE_COLUMNS",
    "DisclosurePolicy",
    "KeyColumn",
    "Measure",
    "Register",
    "TableSpec",
    "load_policy",
    "load_register",
]

# The columns that follow a row's keys and attributes in every released table.
FIGURE_COLUMNS = ("measure", "value", "status", "note")
OTHER_REASON = "other"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _name(text: str) -> str:
    # A name goes into SQL and into file names: nothing else may stand in it.
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", text):
        raise ValueError("a name is made of small letters, digits and underscores, at most 31")
    return text


Name = Annotated[str, AfterValidator(_name)]


def _key(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def _named_by_column(value: Any) -> Any:
    """What has no name of its own is called as its column is."""
    return {"name": value["column"], **value} if isinstance(value, dict) and "column" in value else value


class KeyColumn(_Strict):
    """A column that identifies or describes a row; `name` is what a release calls it."""

    column: Name
    name: Name = ""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return _named_by_column(value)


Key = Annotated[KeyColumn, BeforeValidator(_key)]


class Measure(_Strict):
    """One figure of a row. `column` is the mart's; none where rows are counted."""

    label: str
    name: Name = ""
    column: Name | None = None
    unit: str | None = None
    unit_column: Name | None = None
    derived_from: tuple[str, ...] = ()
    part_of: str | None = None

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


class TableSpec(_Strict):
    """One mart as it is released."""

    mart: Name
    title: str
    description: str
    keys: tuple[Key, ...] = Field(min_length=1)
    measures: tuple[Measure, ...] = Field(min_length=1)
    attributes: tuple[Key, ...] = ()
    sources: tuple[str, ...] = ()
    only: dict[Name, str] = {}
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
            for parent in (*measure.derived_from, *((measure.part_of,) if measure.part_of else ())):
                # Parents come first: so there is no circle, and one pass over a row decides everything.
                if parent not in known:
                    raise ValueError(
                        f"{measure.name} refers to {parent!r}, which no earlier measure of {self.table} is"
                    )
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


class Unit(_Strict):
    label: str
    about_persons: bool
    reason: str


class Register(_Strict):
    """All that may be released."""

    units: dict[str, Unit]
    evidence_counts: tuple[str, ...]
    shared_senders: tuple[str, ...]
    held_reasons: dict[str, str]
    columns: dict[str, str]
    tables: tuple[TableSpec, ...]

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
            if table.sources and not table.has_site:
                raise ValueError(
                    f"{table.table} names sources but has no key 'site', so a hold could not mark its rows"
                )
        if OTHER_REASON not in self.held_reasons:
            raise ValueError(f"held_reasons needs {OTHER_REASON!r}, for what it does not list")
        return self

    def about_persons(self, unit: str | None) -> bool:
        """Whether a figure of this unit falls under the threshold. What nobody has declared counts as persons."""
        return unit not in self.units or self.units[unit].about_persons

    def public_reason(self, reason: str | None) -> str:
        """The sentence that the learning loop reads. Only sentences of the register leave: see `held_reasons` there."""
        if reason in self.held_reasons:
            return self.held_reasons[reason]
        return reason if reason in self.held_reasons.values() and reason else self.held_reasons[OTHER_REASON]


class ScreenRule(_Strict):
    id: str
    reason: str
    pattern: str

    @model_validator(mode="after")
    def _compiles(self) -> ScreenRule:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"the pattern of {self.id} is no regular expression ({error.msg})") from None
        return self

    @cached_property
    def expression(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.IGNORECASE)


class DisclosurePolicy(_Strict):
    """The thresholds. `threshold_persons` is a count: fewer are suppressed."""

    version: str
    threshold_persons: int = Field(ge=1)
    protect_complement: bool
    research_versions_kept: int = Field(ge=1)
    story_screen: tuple[ScreenRule, ...]


def load_register(path: Path = EXPECTATIONS / "publication_register.yaml") -> Register:
    """:raises ConfigurationError: naming the file and the key that is wrong."""
    return read_policy(path, Register)


def load_policy(path: Path = EXPECTATIONS / "disclosure_policy.yaml") -> DisclosurePolicy:
    """:raises ConfigurationError: naming the file and the key that is wrong."""
    return read_policy(path, DisclosurePolicy)
