"""The strict models of a contract: which files a site sends, how they are read, and what their columns and codes mean."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from itertools import combinations
from string import Formatter
from typing import Any, Literal

import pyarrow as pa
from pydantic import Field, field_validator, model_validator

from tfc_platform.contracts.answer_codes import AnswerGroup, Choices, CodeSet
from tfc_platform.contracts.calendar import DateWindow
from tfc_platform.contracts.column_names import ARROW_TYPES, Column, Header, Headers, Pattern, Personal
from tfc_platform.contracts.names import applies, can_meet, normal, wildcard
from tfc_platform.schemas import PROVENANCE, RECORDS
from tfc_platform.strict_yaml import StrictModel

__all__ = [
    "AnswerGroup",
    "Choices",
    "CodeSet",
    "Column",
    "Contract",
    "Header",
    "HeaderBlock",
    "Hold",
    "Reading",
    "RejectRule",
    "applies",
    "normal",
]

ATTENDANCE = "attendance"  # the one field that fills three columns of its record


# How a design of several stages, or with population counts, would be stated. Its errors would come out too small.
_OF_SEVERAL_STAGES = re.compile(
    r"fpc\d*|[ps]su|stages?(_?\d+)?|(first|second)_stage.*|cluster_?\d+|population_(size|count)s?"
)
SEVERAL_STAGES = (
    "a survey design of several stages or with population counts is not supported: its standard errors would be too small. "
    "Give the first stage's units as `cluster`, and leave the others out"
)


class Survey(StrictModel):
    """What makes a return a survey: whom it asks, which wave, by which codebook."""

    tool: str
    instrument: str  # of the answers that name no other
    population: str = "{population}"
    wave: str = "{wave}"
    fieldwork: dict[str, DateWindow] = Field(default_factory=dict)  # wave → two days, or a window of the calendar
    modes: dict[str, str] = Field(default_factory=dict)  # wave → how people were asked: online, on paper, face to face
    answers: tuple[AnswerGroup, ...] = ()
    choices: tuple[Choices, ...] = ()

    @cached_property
    def keyed(self) -> tuple[tuple[str, AnswerGroup | Choices], ...]:
        """All that is asked, in whichever manner it is answered, by its key here."""
        answers = ((f"answers.{number}", group) for number, group in enumerate(self.answers))
        choices = ((f"choices.{number}", question) for number, question in enumerate(self.choices))
        return *answers, *choices

    @property
    def questions(self) -> tuple[AnswerGroup | Choices, ...]:
        """Groups of items and questions with several options, in this order."""
        return tuple(question for _, question in self.keyed)

    @model_validator(mode="before")
    @classmethod
    def _has_one_stage(cls, given: Any) -> Any:
        for key in given if isinstance(given, dict) else ():
            if _OF_SEVERAL_STAGES.fullmatch(str(key)):
                raise ValueError(f"{key}: {SEVERAL_STAGES}")
        return given

    @model_validator(mode="after")
    def _items_are_asked_once(self) -> Survey:
        if not self.questions:
            raise ValueError("answers, choices: a survey asks something")
        for (key, one), (other_key, other) in combinations(self.keyed, 2):
            twice = sorted(set(one.items) & set(other.items)) if can_meet(one.when, other.when) else []
            if twice:
                raise ValueError(f"{key}, {other_key}: {twice[0]!r} is in both, for one file")
        return self


class RejectRule(StrictModel):
    """Rows that the tool itself marks as not to be counted. `fault: false`: no sign of a bad return."""

    header: Headers
    equals: tuple[str, ...]
    reason: str
    message: str
    fault: bool = True
    optional: bool = False  # the rule says nothing where the column is missing


class HeaderBlock(StrictModel):
    """Where the names of the columns are.

    `join`: `first`, the first row names the columns and the rest describe them; `last`, the lowest filled cell is the
    name (merged groups above); `path`, the upper row holds from its cell to the next and the lower adds the part.
    """

    rows: int = Field(default=1, ge=1, le=5)
    join: Literal["first", "last", "path"] = "first"


class Reading(StrictModel):
    """Which reader, and what it cannot know from the file."""

    format: Literal["csv", "workbook", "spss"]
    encoding: str = "utf-8"  # as the tool usually writes; what a file is really in, its bytes decide
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    header: HeaderBlock = HeaderBlock()
    sheets: Pattern | None = None  # visible sheets whose name is this pattern are read; none: all visible ones
    name_sheets: bool = True  # false: the tool names its one sheet itself and no sender knows the name
    # The sheet of a repeated group: its entries are the rows, each with the cells of its submission beside its own.
    repeats: Pattern | None = None

    def reads(self, sheet: str) -> bool:
        """Whether a visible sheet of this name is read."""
        wanted = [pattern for pattern in (self.sheets, self.repeats) if pattern]
        return not self.sheets or any(re.fullmatch(pattern, sheet.strip()) for pattern in wanted)

    @model_validator(mode="after")
    def _group_can_be_found(self) -> Reading:
        if self.repeats is not None and not self.name_sheets:
            raise ValueError("repeats: the group is found by the name of its sheet, so name_sheets is true")
        if self.repeats is not None and self.header.rows != 1:
            raise ValueError("repeats: entries and submissions have one row of names each, so header.rows is 1")
        return self


class Return(StrictModel):
    """Which return a file is. Files with one key are versions of one return: the highest counts, then the latest."""

    key: str
    version: str | None = None  # the group of `name` that holds it; none or not in the name: version 1


class Expectation(StrictModel):
    """When returns are due: each month from a first one, or a list. What has not come by then is overdue."""

    monthly_from: date | None = None
    days_after_month: int = Field(default=5, ge=0, le=120)
    returns: dict[str, date] = Field(default_factory=dict)  # return key to due date

    @field_validator("monthly_from")
    @classmethod
    def _first_of_month(cls, value: date | None) -> date | None:
        if value is not None and value.day != 1:
            raise ValueError("the first day of a month is meant")
        return value


class Totals(StrictModel):
    """A totals row under the table: its label, and the field whose exact counts it adds over the rows of `where`."""

    label: str
    field: str
    where: dict[str, str] = Field(default_factory=dict)


class Times(StrictModel):
    """The columns in which a tool writes when an answer was begun and ended. They are compared, and kept nowhere."""

    start: Headers
    end: Headers


class Hold(StrictModel):
    """What makes a return wait, while the last good version still counts.

    `above`: the share of rows rejected for a fault. `personal`: an unknown column that looks as if it held personal data.
    The others compare a version with the last good one: the share of its rows, of its ids, and of the rows of one month, that are
    gone. Each share must be above its limit beyond what chance does to few rows; null never holds.
    """

    above: float | None = Field(default=0.10, ge=0, le=1)
    rows_lost: float | None = Field(default=0.25, ge=0, le=1)
    ids_lost: float | None = Field(default=0.25, ge=0, le=1)
    period_lost: float | None = Field(default=0.50, ge=0, le=1)
    personal: bool = True  # a column that the contract does not know and that looks personal holds the return


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


class Contract(StrictModel):
    """One source of one or more sites."""

    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    sites: tuple[str, ...] = Field(min_length=1)
    record: str
    owner: str
    description: str
    files: str  # below the site's folder; `*` stays within one folder
    name: Pattern = r".*"  # of the file's name, with named groups
    identity: Return = Field(alias="return")
    read: Reading
    columns: dict[str, Column]
    # Read and judged as `columns` are, and kept nowhere: no record has a field for them.
    checked: dict[str, Column] = Field(default_factory=dict)
    fixed: dict[str, str] = Field(default_factory=dict)  # fields that are the same in every row, which no column says
    key: tuple[str, ...] = ()  # fields of the tool's own id; none: all cells of a row in its sheet
    reject: tuple[RejectRule, ...] = ()
    free_text: tuple[Headers, ...] = ()
    personal: tuple[Personal, ...] = ()  # dropped on reading; with a kind, its names are kept as tokens
    ignored: tuple[str, ...] = ()  # known, not personal, not used
    synonyms: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # a word of a header → words that stand for it
    totals: Totals | None = None
    times: Times | None = None
    hold: Hold = Hold()
    empty: Literal["accept", "reject"] = "reject"  # a header without a data row: a return of none, or no return
    survey: Survey | None = None
    expects: Expectation = Expectation()

    @field_validator("record")
    @classmethod
    def _known_record(cls, value: str) -> str:
        if value not in RECORDS:
            raise ValueError(f"{value!r} is not a record type: {', '.join(RECORDS)}")
        return value

    @model_validator(mode="after")
    def _fields_exist(self) -> Contract:
        schema = RECORDS[self.record]
        for name, column in self.columns.items():
            field = name.split("@")[0]
            if field == ATTENDANCE:
                fits = f"{ATTENDANCE}_low" in schema.names and column.type == ATTENDANCE
            elif _OF_SEVERAL_STAGES.fullmatch(field):
                raise ValueError(f"columns.{name}: {SEVERAL_STAGES}")
            elif field not in schema.names:
                raise ValueError(f"columns.{name}: {self.record} has no such field")
            else:
                fits = schema.field(field).type in ARROW_TYPES.get(column.type, ())
            if not fits:
                raise ValueError(f"columns.{name}.type: {column.type} cannot fill this field of {self.record}")
        for name in self.fixed:
            own = [field.name for field in schema if field not in PROVENANCE and pa.types.is_string(field.type)]
            if name not in own or name in self.columns:
                raise ValueError(f"fixed.{name}: {self.record} has no such text field, or a column fills it")
        for name in self.checked:
            if name.split("@")[0] in (*schema.names, ATTENDANCE):
                raise ValueError(f"checked.{name}: {self.record} has this field: put it among the columns")
        for name, column in self.columns.items():
            if column.own != (name.split("@")[0] == "site"):
                raise ValueError(f"columns.{name}.own: true for the field `site` only, and always there")
        for name in self.key:
            if name not in self.columns and name not in self.checked:
                raise ValueError(f"key.{name}: not among the columns")
        if (self.survey is not None) != (self.record == "survey_respondent"):
            raise ValueError("survey: a contract has it exactly where its record is survey_respondent")
        if self.totals:
            for name in (self.totals.field, *self.totals.where):
                if name not in self.columns:
                    raise ValueError(f"totals.{name}: not among the columns")
        return self

    @model_validator(mode="after")
    def _groups_exist(self) -> Contract:
        """What is asked of a file's name has to be a group of its pattern: a slip would show only at night."""
        groups = set(re.compile(self.name).groupindex)
        asked: list[tuple[str, Iterable[str]]] = [("return.key", _placeholders(self.identity.key))]
        if self.identity.version is not None:
            asked.append(("return.version", (self.identity.version,)))
        asked += [(f"columns.{name}.when", column.when) for name, column in self.columns.items()]
        asked += [(f"checked.{name}.when", column.when) for name, column in self.checked.items()]
        if self.survey:
            asked += [("survey.population", _placeholders(self.survey.population))]
            asked += [("survey.wave", _placeholders(self.survey.wave))]
            for number, group in enumerate(self.survey.answers):
                asked.append((f"survey.answers.{number}.when", group.when))
                asked += [(f"survey.answers.{number}.codes.when", codes.when) for codes in group.codes]
            for number, question in enumerate(self.survey.choices):
                asked.append((f"survey.choices.{number}.when", question.when))
        for key, names in asked:
            for name in names:
                if name not in groups:
                    raise ValueError(f"{key}: {name!r} is no named group of the pattern in `name`")
        return self

    @cached_property
    def personal_names(self) -> tuple[str, ...]:
        """The headers of all personal columns."""
        return tuple(name for personal in self.personal for name in personal.column)

    @cached_property
    def glob(self) -> re.Pattern[str]:
        """The contract's pattern of paths, as a regular expression."""
        return re.compile(wildcard(self.files, crosses="/"), re.IGNORECASE)

    @cached_property
    def name_pattern(self) -> re.Pattern[str]:
        """The pattern of a file's name."""
        return re.compile(self.name, re.IGNORECASE)

    def fields(self, facts: dict[str, str]) -> dict[str, Column]:
        """The columns that a file with these facts in its name should have: `field@note` is one way to a field."""
        named = (*self.columns.items(), *self.checked.items())
        return {name.split("@")[0]: column for name, column in named if applies(column.when, facts)}

    def return_key(self, facts: dict[str, str]) -> str:
        """Which return a file with these facts in its name is; a group that its name leaves out is empty."""
        return _fill(self.identity.key, facts)

    def population_and_wave(self, facts: dict[str, str]) -> tuple[str, str]:
        """Whom a survey's file asked, and when; both empty where the source is no survey."""
        return (_fill(self.survey.population, facts), _fill(self.survey.wave, facts)) if self.survey else ("", "")


def _fill(text: str, facts: dict[str, str]) -> str:
    return " ".join(text.format_map(defaultdict(str, facts)).split())
