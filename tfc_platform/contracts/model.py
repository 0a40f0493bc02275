"""What a source is: the strict shape of a contract, and nothing of any one site.

A contract says which files a site sends, how they are read, which column is which field, what its codes mean, what
makes a row count, which return a file is and when the next is due. Belongs here: the pydantic models. Does not
belong: reading the files (`load`), applying a contract to rows (`take_in`), or any value that a contract could hold.
"""

from __future__ import annotations

import re
from datetime import date
from fnmatch import translate
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from tfc_platform.records import RECORDS

__all__ = ["AnswerGroup", "Column", "Contract", "Header", "RejectRule", "normal"]


def normal(text: object) -> str:
    """A header or a name as people mean it: case, spaces of any kind and the shape of apostrophes do not count."""
    import unicodedata

    plain = unicodedata.normalize("NFKC", str(text)).translate(_SHAPES)
    return " ".join(plain.split()).casefold()


# Curly and straight apostrophes are one; zero-width characters are none.
_SHAPES = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "ʼ": "'", "–": "-", "\u200b": None, "\ufeff": None, "\u2060": None}
)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class Header(Strict):
    """A column's name, and the months of returns for which it is the name. `*` stands for any characters."""

    name: str
    valid_from: date | None = None
    valid_to: date | None = None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        wanted = normal(self.name)
        return re.compile(translate(wanted) if "*" in wanted else re.escape(wanted))

    def matches(self, name: str) -> bool:
        return self.pattern.fullmatch(normal(name)) is not None


def _as_headers(value: object) -> object:
    """One name, or a list of names and dated names, becomes a list of headers."""
    values = value if isinstance(value, list) else [value]
    return [{"name": item} if isinstance(item, str) else item for item in values]


Headers = Annotated[tuple[Header, ...], BeforeValidator(_as_headers), Field(min_length=1)]
When = dict[str, str | list[str]]
ColumnType = Literal[
    "activity",
    "area",
    "attendance",
    "category",
    "date",
    "flag",
    "id",
    "number",
    "panel",
    "partners",
    "postcode",
    "site",
    "text_digest",
    "token",
]
DateFormat = Literal["d/m/y", "d month y", "d month", "y-m-d", "month y"]


def applies(when: When, facts: dict[str, str]) -> bool:
    """Whether what a file's name says (`facts`) is what `when` asks for."""
    return all(facts.get(key) in (want if isinstance(want, list) else [want]) for key, want in when.items())


class Column(Strict):
    """One field of the record, the column that it comes from, and how a cell becomes its value."""

    header: Headers
    type: ColumnType
    required: bool = False  # the file is rejected where the column is missing
    when: When = {}
    invalid: Literal["reject", "warn"] = "warn"  # what an unreadable cell does to its row
    formats: tuple[DateFormat, ...] = ("d/m/y", "d month y", "y-m-d")
    within: tuple[date, date] | None = None  # a date outside is `date_outside_period`
    codes: dict[str, str] = {}  # category: cell to value; a cell outside them is not taken
    open: bool = False  # category without a closed list (schools): taken as written
    unknown: tuple[str, ...] = ()  # attendance: words that mean that nobody counted
    kinds: tuple[Literal["exact", "estimate", "lower_bound", "range"], ...] = (
        "exact",
        "estimate",
        "lower_bound",
        "range",
    )
    separator: str = ";"  # partners
    pattern: str = r"[A-Za-z0-9._/-]{1,40}"  # id: what one looks like; anything else may be a name and is not taken
    least: float | None = None  # number
    most: float | None = None

    @field_validator("codes", mode="before")
    @classmethod
    def _text_keys(cls, value: object) -> object:
        return {str(key): item for key, item in value.items()} if isinstance(value, dict) else value

    @cached_property
    def code_of(self) -> dict[str, str]:
        return {normal(key): value for key, value in self.codes.items()}

    @cached_property
    def unknown_words(self) -> frozenset[str]:
        return frozenset(normal(word) for word in self.unknown)


class CodeSet(Strict):
    """How an answer is written, for the files that `when` names: cell to value, in the codebook's direction."""

    when: When = {}
    values: dict[str, int]

    @field_validator("values", mode="before")
    @classmethod
    def _text_keys(cls, value: object) -> object:
        return {str(key): item for key, item in value.items()} if isinstance(value, dict) else value


class AnswerGroup(Strict):
    """Survey items that are answered in one manner."""

    when: When = {}
    items: dict[str, Headers]
    codes: tuple[CodeSet, ...]
    missing: dict[str, Literal["dont_know", "prefer_not", "unanswered", "not_asked"]] = {}
    blank: Literal["unanswered", "not_asked"] = "unanswered"

    @field_validator("missing", mode="before")
    @classmethod
    def _text_keys(cls, value: object) -> object:
        return {str(key): item for key, item in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _no_overlap(self) -> AnswerGroup:
        for codes in self.codes:
            both = {normal(key) for key in codes.values} & {normal(key) for key in self.missing}
            if both:
                raise ValueError(f"codes that are both an answer and missing: {', '.join(sorted(both))}")
        return self


class Survey(Strict):
    """What makes a return a survey: whom it asks, which wave, by which codebook."""

    tool: str
    instrument: str
    population: str = "{population}"
    wave: str = "{wave}"
    answers: tuple[AnswerGroup, ...]


class RejectRule(Strict):
    """Rows that the tool itself marks as not to be counted. `fault: false`: no sign of a bad return."""

    header: Headers
    equals: tuple[str, ...]
    reason: str
    message: str
    fault: bool = True
    optional: bool = False  # the rule says nothing where the column is missing


class HeaderBlock(Strict):
    """Where the names of the columns stand.

    `join`: `first`, the first row names the columns and the rest describe them; `last`, the lowest filled cell is the
    name (merged groups above); `path`, the upper row holds from its cell to the next and the lower adds the part.
    """

    rows: int = Field(default=1, ge=1, le=5)
    join: Literal["first", "last", "path"] = "first"


class Reading(Strict):
    """Which reader, and what it cannot know from the file."""

    format: Literal["csv", "workbook", "spss"]
    encoding: str = "utf-8"  # as the tool usually writes; what a file is really in, its bytes decide
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    header: HeaderBlock = HeaderBlock()
    sheets: str | None = None  # visible sheets whose name is this pattern are read; none: all visible ones
    name_sheets: bool = True  # false: the tool names its one sheet itself and no sender knows the name


class Return(Strict):
    """Which return a file is. Files with one key are versions of one return: the highest counts, then the latest."""

    key: str
    version: str | None = None  # the group of `name` that holds it; none or not in the name: version 1


class Expectation(Strict):
    """When returns are due: each month from a first one, or a list. What has not come by then is overdue."""

    monthly_from: date | None = None
    days_after_month: int = Field(default=5, ge=0, le=120)
    returns: dict[str, date] = {}  # return key to due date


class Totals(Strict):
    """A totals row under the table: its label, and the field whose exact counts it adds over the rows that `where` names."""

    label: str
    field: str
    where: dict[str, str] = {}


class Hold(Strict):
    """Above this share of rows rejected for a fault, the return waits and the last good version goes on counting."""

    above: float | None = Field(default=0.10, ge=0, le=1)


class Contract(Strict):
    """One source of one or more sites."""

    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    sites: tuple[str, ...] = Field(min_length=1)
    record: str
    owner: str
    description: str
    files: str  # glob below the site's folder
    name: str = r"(?P<rest>.*)"  # pattern of the file's name, with named groups
    identity: Return = Field(alias="return")
    read: Reading
    columns: dict[str, Column]
    key: tuple[str, ...] = ()  # fields of the tool's own id; none: all cells of a row in its sheet
    reject: tuple[RejectRule, ...] = ()
    free_text: tuple[Headers, ...] = ()
    personal: tuple[str, ...] = ()  # dropped on reading
    ignored: tuple[str, ...] = ()  # known, not personal, not used
    totals: Totals | None = None
    hold: Hold = Hold()
    survey: Survey | None = None
    expects: Expectation = Expectation()

    @field_validator("record")
    @classmethod
    def _known_record(cls, value: str) -> str:
        if value not in RECORDS:
            raise ValueError(f"{value!r} is not a record type: {', '.join(RECORDS)}")
        return value

    @field_validator("name")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return value

    @model_validator(mode="after")
    def _fields_exist(self) -> Contract:
        fields = {"attendance", *RECORDS[self.record].names}
        for field in self.columns:
            if field.split("@")[0] not in fields:
                raise ValueError(f"columns.{field}: {self.record} has no such field")
        for field in self.key:
            if field not in self.columns:
                raise ValueError(f"key.{field}: not among the columns")
        if (self.survey is not None) != (self.record == "survey_respondent"):
            raise ValueError("survey: a contract has it exactly where its record is survey_respondent")
        if self.totals and self.totals.field not in self.columns:
            raise ValueError(f"totals.field: {self.totals.field} is not among the columns")
        return self

    @cached_property
    def glob(self) -> re.Pattern[str]:
        return re.compile(translate(self.files), re.IGNORECASE)

    @cached_property
    def name_pattern(self) -> re.Pattern[str]:
        return re.compile(self.name, re.IGNORECASE)

    def fields(self, facts: dict[str, str]) -> dict[str, Column]:
        """The columns that a file with these facts in its name should have: `field@note` is one way to a field."""
        return {name.split("@")[0]: column for name, column in self.columns.items() if applies(column.when, facts)}
