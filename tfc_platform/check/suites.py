"""Read suites of expectations: the files `expectations/*.yaml`, in the format of Great Expectations.

Each file is the arguments of `great_expectations.ExpectationSuite`. What Great Expectations has no field for is in
`meta`: of the suite, which rows are judged; of an expectation, its id and dimension. A suite names no site: it is judged
for each site that has the rows. Files whose names end in `_policy.yaml` and `_register.yaml` belong to other rooms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from tfc_platform.check.evidence import Dimension, Severity
from tfc_platform.schemas import RECORDS
from tfc_platform.settings import PROJECT, ConfigurationError
from tfc_platform.strict_yaml import StrictModel, read_model

__all__ = ["EXPECTATIONS", "SUITES", "ExpectationArguments", "Suite", "SuiteExpectation", "load_suite", "load_suites"]

SUITES = PROJECT / "expectations"
NO_SUITES = ("_policy.yaml", "_register.yaml")
_NAME = r"^[a-z][a-z0-9_]{0,79}$"


@dataclass(frozen=True)
class ExpectationArguments:
    """The arguments that we let an expectation have; `columns` are those that name columns."""

    columns: tuple[str, ...]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return (*self.columns, *self.required, *self.optional, "mostly", "row_condition")


# Only expectations that judge row by row. They give counts and no value of a cell; and where nothing is unexpected
# among the rows of all sites, nothing is among those of any one, which `gx_runner` relies on.
EXPECTATIONS: dict[str, ExpectationArguments] = {
    "expect_column_values_to_be_unique": ExpectationArguments(("column",)),
    "expect_compound_columns_to_be_unique": ExpectationArguments(("column_list",), optional=("ignore_row_if",)),
    "expect_column_values_to_not_be_null": ExpectationArguments(("column",)),
    "expect_column_values_to_be_null": ExpectationArguments(("column",)),
    "expect_column_values_to_be_between": ExpectationArguments(
        ("column",), optional=("min_value", "max_value", "strict_min", "strict_max")
    ),
    "expect_column_values_to_be_in_set": ExpectationArguments(("column",), ("value_set",)),
    "expect_column_values_to_not_be_in_set": ExpectationArguments(("column",), ("value_set",)),
    "expect_column_values_to_match_regex": ExpectationArguments(("column",), ("regex",)),
    # Without `ignore_row_if` Great Expectations would compare a missing value with a number.
    "expect_column_pair_values_a_to_be_greater_than_b": ExpectationArguments(
        ("column_A", "column_B"), ("ignore_row_if",), ("or_equal",)
    ),
}

# The schema of a suite's table, by its place.
_SCHEMAS = {"source": "lake", "intermediate": "intermediate", "mart": "marts"}
_CLOCK_OR_CHANCE = re.compile(
    r"\b(current_(date|time|timestamp)|localtime(stamp)?|now|today|transaction_timestamp|random|uuid|gen_random_uuid)\b",
    re.IGNORECASE,
)


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
        # Dates as bounds do not compare with what comes out of the database: the query gives a number of days.
        if not bounds or not all(isinstance(bound, int | float) for bound in bounds):
            return "min_value, max_value: a number for one of them at least"
        if bounds != sorted(bounds):
            return "min_value: above max_value, so that no row could pass"
    if not isinstance(kwargs.get("row_condition", {}), dict):
        return "row_condition: a condition as a mapping, with its type"
    try:
        re.compile(kwargs.get("regex", ""))
    except (re.error, TypeError):
        return "regex: not a regular expression"
    return None


class _ExpectationMeta(StrictModel):
    id: str = Field(pattern=_NAME)
    dimension: Dimension


class SuiteExpectation(StrictModel):
    """One rule: what is expected of which columns, in words too, and what its failing means."""

    type: str
    kwargs: dict[str, Any]
    failure_severity: Literal["critical", "warning"] = Field(alias="severity")
    description: str = Field(min_length=10)  # the rule, as a sentence
    notes: str = Field(min_length=10)  # why the rule is worth having, and why it weighs what it weighs
    meta: _ExpectationMeta

    @model_validator(mode="after")
    def _known_expectation(self) -> SuiteExpectation:
        arguments = EXPECTATIONS.get(self.type)
        if arguments is None:
            raise ValueError(f"unknown expectation {self.type!r}: one of {', '.join(sorted(EXPECTATIONS))}")
        unknown = sorted(set(self.kwargs) - set(arguments.known))
        if unknown:
            raise ValueError(f"kwargs.{unknown[0]}: {self.type} takes {', '.join(arguments.known)}")
        missing = [name for name in (*arguments.columns, *arguments.required) if name not in self.kwargs]
        if missing:
            raise ValueError(f"kwargs.{missing[0]} is missing")
        fault = _fault_of(self.type, self.kwargs)
        if fault:
            raise ValueError(f"kwargs.{fault}")
        return self

    @property
    def id(self) -> str:
        return self.meta.id

    @property
    def severity(self) -> Severity:
        """In the words of evidence."""
        return "error" if self.failure_severity == "critical" else "warn"

    @property
    def is_about_some_rows(self) -> bool:
        """Whether the rule looks only at the rows that its `row_condition` lets through."""
        return "row_condition" in self.kwargs

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the expectation looks at, those of its condition among them."""
        values = [self.kwargs[name] for name in EXPECTATIONS[self.type].columns]
        named = [column for value in values for column in (value if isinstance(value, list) else [value])]
        return tuple(dict.fromkeys([*named, *_columns_of(self.kwargs.get("row_condition"))]))

    @property
    def configuration(self) -> dict[str, Any]:
        """The expectation as Great Expectations takes it."""
        return self.model_dump(by_alias=True)


def _columns_of(condition: Any) -> Iterator[str]:
    if isinstance(condition, list):
        for part in condition:
            yield from _columns_of(part)
    elif isinstance(condition, Mapping):
        for key, value in condition.items():
            if key == "column" and isinstance(value, Mapping):
                yield str(value.get("name"))
            else:
                yield from _columns_of(value)


class _SuiteMeta(StrictModel):
    place: Literal["source", "intermediate", "mart"]
    subject: str = Field(pattern=_NAME)  # the source, or the table
    record: str | None = None  # the record of the lake that is judged, or that the table's rows come from
    query: str | None = (
        None  # the rows that are judged, where they are not the table's own; `$as_of` is the night's date
    )

    @field_validator("query")
    @classmethod
    def _one_query(cls, value: str | None) -> str | None:
        if value is not None and (";" in value or "--" in value):
            raise ValueError("one SQL query, without ';' or '--'")
        if value is not None and _CLOCK_OR_CHANCE.search(value):
            # A verdict is a function of the rows and of the date that the night works for.
            raise ValueError("no clock and no chance: the date that the night works for is $as_of")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> _SuiteMeta:
        if self.record is not None and self.record not in RECORDS:
            raise ValueError(f"record: {self.record!r} is not a record type: {', '.join(RECORDS)}")
        if self.record is None and self.place == "source":
            raise ValueError("record is missing: a suite of a source must name it")
        if self.place == "mart" and not self.subject.startswith("mart_"):
            raise ValueError(f"subject: {self.subject!r} is not a mart")
        if self.place == "intermediate" and not self.subject.startswith("int_"):
            raise ValueError(f"subject: {self.subject!r} is not a table between lake and marts")
        return self


class Suite(StrictModel):
    """The rules for one source's rows in the lake, for one table between lake and marts, or for one mart."""

    name: str = Field(pattern=_NAME)
    notes: str = Field(min_length=10)  # what is judged
    meta: _SuiteMeta
    expectations: tuple[SuiteExpectation, ...] = Field(min_length=1)

    @property
    def place(self) -> Literal["source", "intermediate", "mart"]:
        return self.meta.place

    @property
    def subject(self) -> str:
        return self.meta.subject

    @property
    def record(self) -> str | None:
        return self.meta.record

    @property
    def relation(self) -> str:
        """The table or view of the warehouse that the judged rows come from."""
        return f"{_SCHEMAS[self.place]}.{self.record if self.place == 'source' else self.subject}"

    @property
    def query(self) -> str:
        """The rows that are judged; each has its `site`."""
        return self.meta.query or f"select * from {self.relation}"


def load_suite(path: Path) -> Suite:
    """Read one suite.

    :raises ConfigurationError: naming the file and the key that is wrong.
    """
    return read_model(path, Suite)


def load_suites(folder: Path = SUITES, also: Iterable[Path] = ()) -> tuple[Suite, ...]:
    """Read every suite of `folder`, and of the folders in `also`, in the order of their file names.

    :raises ConfigurationError: for a faulty file, no suite at all, or two suites or expectations of one name.
    """
    files = [
        file for place in (folder, *also) for file in sorted(place.glob("*.yaml")) if not file.name.endswith(NO_SUITES)
    ]
    if not files:
        raise ConfigurationError(f"{folder.name}/ holds no suite of expectations: nothing would be judged.")
    suites = tuple(load_suite(file) for file in files)
    named: dict[str, str] = {}
    for file, suite in zip(files, suites, strict=True):
        ids = ((f"expectations.{n}.meta.id", rule.id) for n, rule in enumerate(suite.expectations))
        for key, name in (("name", suite.name), *ids):
            if name in named:
                raise ConfigurationError(f"{file.name}: {key}: {name!r} is already the name of one in {named[name]}.")
            named[name] = file.name
    return suites
