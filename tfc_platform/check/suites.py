"""Suites of expectations as people write them: `expectations/*.yaml`, read strictly.

Belongs here: the shape of a suite, and finding every fault of one before a night starts. Does not belong: running a
suite (`expect`), or any rule's values. A suite names no site: it is judged for each site that has the rows.

Policies and registers of other steps stand in the same folder and are known by the end of their names; every other
file there is a suite, so that one with a slip in its name is not left out without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tfc_platform.check.evidence import Dimension, Severity
from tfc_platform.schemas import RECORDS
from tfc_platform.settings import PROJECT, ConfigurationError
from tfc_platform.strict_yaml import read_model

__all__ = ["EXPECTATIONS", "SUITES", "Check", "Signature", "Suite", "load_suite", "load_suites"]

SUITES = PROJECT / "expectations"
NO_SUITES = ("_policy.yaml", "_register.yaml")
_NAME = r"^[a-z][a-z0-9_]{0,79}$"


@dataclass(frozen=True)
class Signature:
    """The arguments that we let an expectation have; `columns` are those that name columns."""

    columns: tuple[str, ...]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return (*self.columns, *self.required, *self.optional)


# Only expectations that judge row by row. They give counts and no value of a cell; and where nothing is unexpected
# among the rows of all sites, nothing is among those of any one, which `expect` relies on.
EXPECTATIONS: dict[str, Signature] = {
    "expect_column_values_to_be_unique": Signature(("column",), (), ("mostly",)),
    "expect_compound_columns_to_be_unique": Signature(("column_list",), (), ("mostly", "ignore_row_if")),
    "expect_column_values_to_not_be_null": Signature(("column",), (), ("mostly",)),
    "expect_column_values_to_be_null": Signature(("column",), (), ("mostly",)),
    "expect_column_values_to_be_between": Signature(
        ("column",), (), ("min_value", "max_value", "strict_min", "strict_max", "mostly")
    ),
    "expect_column_values_to_be_in_set": Signature(("column",), ("value_set",), ("mostly",)),
    "expect_column_values_to_not_be_in_set": Signature(("column",), ("value_set",), ("mostly",)),
    "expect_column_values_to_match_regex": Signature(("column",), ("regex",), ("mostly",)),
    "expect_column_value_lengths_to_be_between": Signature(("column",), (), ("min_value", "max_value", "mostly")),
    # What a pair with a gap means must be said: Great Expectations would else compare with nothing.
    "expect_column_pair_values_a_to_be_greater_than_b": Signature(
        ("column_A", "column_B"), ("ignore_row_if",), ("or_equal", "mostly")
    ),
}


_IGNORED_ROWS = (
    "neither",
    "both_values_are_missing",
    "either_value_is_missing",
    "all_values_are_missing",
    "any_value_is_missing",
    "never",
)


# Where a suite that is about no source finds its table, by its place.
_SCHEMAS = {"intermediate": "intermediate", "mart": "marts"}
_CLOCK_OR_CHANCE = re.compile(
    r"\b(current_(date|time|timestamp)|localtime(stamp)?|now|today|transaction_timestamp|random|uuid|gen_random_uuid)\b",
    re.IGNORECASE,
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _one_expression(value: str) -> str:
    if ";" in value or "--" in value:
        raise ValueError("one SQL expression, without ';' or '--'")
    if _CLOCK_OR_CHANCE.search(value):
        # A verdict is a function of the rows and of the date that the night works for.
        raise ValueError("no clock and no chance: the date that the night works for is $as_of")
    return value


def _fault_of(expectation: str, kwargs: Mapping[str, Any]) -> str | None:
    """What is wrong with an argument's value, if anything: at run time it would break every rule of its suite."""
    mostly = kwargs.get("mostly", 1)
    if isinstance(mostly, bool) or not isinstance(mostly, int | float) or not 0 < mostly <= 1:
        return "mostly: a share above 0 and at most 1"
    if "value_set" in kwargs and not (isinstance(kwargs["value_set"], list) and kwargs["value_set"]):
        return "value_set: a list with a value at least"
    if "column_list" in kwargs and not (isinstance(kwargs["column_list"], list) and len(kwargs["column_list"]) > 1):
        return "column_list: a list of two columns at least"
    if expectation.endswith("_to_be_between"):
        bounds = [kwargs[name] for name in ("min_value", "max_value") if name in kwargs]
        # Dates as bounds do not compare with what comes out of the database: derive a number of days.
        if not bounds or not all(isinstance(bound, int | float) for bound in bounds):
            return "min_value, max_value: a number for one of them at least"
        if bounds != sorted(bounds):
            return "min_value: above max_value, so that no row could pass"
    if kwargs.get("ignore_row_if", "neither") not in _IGNORED_ROWS:
        return f"ignore_row_if: one of {', '.join(_IGNORED_ROWS)}"
    try:
        re.compile(kwargs.get("regex", ""))
    except (re.error, TypeError):
        return "regex: not a regular expression"
    return None


class Check(_Strict):
    """One rule: what is expected of which columns, in words too, and what its failing means."""

    id: str = Field(pattern=_NAME)
    expectation: str
    kwargs: dict[str, Any]
    where: str | None = None  # the rows that the rule is about, as a SQL condition; none: all
    rule: str = Field(min_length=10)
    dimension: Dimension
    severity: Severity
    reason: str = Field(min_length=10)  # why the rule is worth having, and why it weighs what it weighs

    @field_validator("where")
    @classmethod
    def _simple(cls, value: str | None) -> str | None:
        return None if value is None else _one_expression(value)

    @model_validator(mode="after")
    def _known_expectation(self) -> Check:
        signature = EXPECTATIONS.get(self.expectation)
        if signature is None:
            raise ValueError(f"unknown expectation {self.expectation!r}: one of {', '.join(sorted(EXPECTATIONS))}")
        unknown = sorted(set(self.kwargs) - set(signature.known))
        if unknown:
            raise ValueError(f"kwargs.{unknown[0]}: {self.expectation} takes {', '.join(signature.known)}")
        missing = [name for name in (*signature.columns, *signature.required) if name not in self.kwargs]
        if missing:
            raise ValueError(f"kwargs.{missing[0]} is missing")
        fault = _fault_of(self.expectation, self.kwargs)
        if fault:
            raise ValueError(f"kwargs.{fault}")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the expectation looks at."""
        values = (self.kwargs[name] for name in EXPECTATIONS[self.expectation].columns)
        return tuple(column for value in values for column in (value if isinstance(value, list) else [value]))


class Suite(_Strict):
    """The rules for one source's rows in the lake, for one table between lake and marts, or for one mart."""

    suite: str = Field(pattern=_NAME)
    description: str = Field(min_length=10)
    place: Literal["source", "intermediate", "mart"]
    subject: str = Field(pattern=_NAME)  # the source, or the table
    record: str | None = None  # the record of the lake that is judged, or that the table's rows come from
    rows_expected: bool  # a site with admitted rows of `record` must have rows here
    derived: dict[str, str] = {}  # columns worked out for the rules; `$as_of` is the date that the night works for
    checks: tuple[Check, ...] = Field(min_length=1)

    @field_validator("derived")
    @classmethod
    def _simple(cls, value: dict[str, str]) -> dict[str, str]:
        return {name: _one_expression(expression) for name, expression in value.items()}

    @model_validator(mode="after")
    def _hangs_together(self) -> Suite:
        if self.record is not None and self.record not in RECORDS:
            raise ValueError(f"record: {self.record!r} is not a record type: {', '.join(RECORDS)}")
        if self.record is None and (self.place == "source" or self.rows_expected):
            raise ValueError("record is missing: a source, and a table where rows are expected, must say which")
        if self.place == "mart" and not self.subject.startswith("mart_"):
            raise ValueError(f"subject: {self.subject!r} is not a mart")
        if self.place == "intermediate" and not self.subject.startswith("int_"):
            raise ValueError(f"subject: {self.subject!r} is not a table between lake and marts")
        if self.place == "source" and self.record is not None:
            known = {*RECORDS[self.record].names, *self.derived}
            for index, check in enumerate(self.checks):
                for column in check.columns:
                    if column not in known:
                        raise ValueError(f"checks.{index} ({check.id}): {self.record} has no column {column!r}")
        return self

    @property
    def relation(self) -> str:
        """The table or view of the warehouse whose rows are judged."""
        return f"lake.{self.record}" if self.place == "source" else f"{_SCHEMAS[self.place]}.{self.subject}"


def load_suite(path: Path) -> Suite:
    """Read one suite.

    :raises ConfigurationError: naming the file and the key that is wrong.
    """
    return read_model(path, Suite)


def load_suites(folder: Path = SUITES, also: Iterable[Path] = ()) -> tuple[Suite, ...]:
    """Read every suite of `folder`, and of the folders in `also`, in the order of their names.

    :raises ConfigurationError: for a faulty file, no suite at all, or two suites or checks of one name.
    """
    files = [
        file for place in (folder, *also) for file in sorted(place.glob("*.yaml")) if not file.name.endswith(NO_SUITES)
    ]
    if not files:
        raise ConfigurationError(f"{folder.name}/ holds no suite of expectations: nothing would be judged.")
    suites = tuple(load_suite(file) for file in files)
    named: dict[str, str] = {}
    for file, suite in zip(files, suites, strict=True):
        for key, name in (
            ("suite", suite.suite),
            *((f"checks.{n}.id", check.id) for n, check in enumerate(suite.checks)),
        ):
            if name in named:
                raise ConfigurationError(f"{file.name}: {key}: {name!r} is already the name of one in {named[name]}.")
            named[name] = file.name
    return suites
