"""The strict models of a column of a contract: its names, its type, its codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

import pyarrow as pa
from pydantic import BeforeValidator, Field, field_validator, model_validator

from tfc_platform.contracts.calendar import DateWindow
from tfc_platform.contracts.names import normal, wildcard
from tfc_platform.strict_yaml import StrictModel

__all__ = [
    "ARROW_TYPES",
    "Column",
    "Header",
    "Headers",
    "NameKind",
    "Pattern",
    "Personal",
    "When",
    "refuse_doubled",
    "text_keys",
]


def _compiles(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return value


Pattern = Annotated[str, BeforeValidator(_compiles)]


def text_keys(value: object) -> object:
    """Codes are text, whatever YAML takes them for; but an unquoted Yes or No is no word any more."""
    if not isinstance(value, dict):
        return value
    if any(isinstance(key, bool) for key in value):
        raise ValueError("a code is read as true or false: put it in quotation marks ('Yes', 'No')")
    return {str(key): item for key, item in value.items()}


def refuse_doubled(codes: Iterable[str]) -> None:
    """Two codes that differ only in case or spaces would be one, and nobody could say which."""
    seen: set[str] = set()
    for code in codes:
        if normal(code) in seen:
            raise ValueError(f"the code {code!r} is given twice, written alike")
        seen.add(normal(code))


class Header(StrictModel):
    """A column's name, and the months of returns for which it is the name. `*` stands for any characters."""

    name: str
    valid_from: date | None = None
    valid_to: date | None = None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The name as a regular expression."""
        return re.compile(wildcard(normal(self.name)), re.DOTALL)

    def matches(self, name: str) -> bool:
        """Whether a file's column has this name."""
        return self.pattern.fullmatch(normal(name)) is not None

    def holds(self, month: date) -> bool:
        """Whether it is the column's name in the returns of a month, which its first day stands for."""
        after = self.valid_from is None or self.valid_from <= month
        return after and (self.valid_to is None or month <= self.valid_to)


def _as_headers(value: object) -> object:
    """One name, or a list of names and dated names, becomes a list of headers."""
    values = value if isinstance(value, list) else [value]
    return [{"name": item} if isinstance(item, str) else item for item in values]


Headers = Annotated[tuple[Header, ...], BeforeValidator(_as_headers), Field(min_length=1)]
When = dict[str, str | list[str]]
DateFormat = Literal["d/m/y", "d month y", "d month", "y-m-d", "month y"]
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
# Which fields of a record a column of a type can fill; `attendance` fills three at once and has its own name.
ARROW_TYPES: Mapping[str, tuple[pa.DataType, ...]] = {
    "date": (pa.date32(),),
    "flag": (pa.bool_(),),
    "number": (pa.float64(), pa.int64()),
    "partners": (pa.list_(pa.string()),),
    **dict.fromkeys(
        ("activity", "area", "category", "id", "panel", "postcode", "site", "text_digest", "token"), (pa.string(),)
    ),
}


# Whose or what name a column holds: it then feeds the gazetteer, by which no approved text may name what it names.
NameKind = Literal["participant", "staff", "school", "venue", "address"]


def _as_names(value: object) -> object:
    return [value] if isinstance(value, str) else value


class PersonalColumn(StrictModel):
    """A column that is dropped on reading. With a `kind`, what it names is kept as keyed tokens for the finder of names.

    `column` may list several (first name, last name): they are read together as one name.
    """

    column: Annotated[tuple[str, ...], BeforeValidator(_as_names), Field(min_length=1)]
    kind: NameKind | None = None


def _as_personal(value: object) -> object:
    """The short form, a column's name only, feeds nothing."""
    return {"column": value} if isinstance(value, str) else value


Personal = Annotated[PersonalColumn, BeforeValidator(_as_personal)]


class Column(StrictModel):
    """One field of the record, the column that it comes from, and how a cell becomes its value."""

    header: Headers
    type: ColumnType
    required: bool = False  # the file is rejected where the column is missing
    when: When = Field(default_factory=dict)
    invalid: Literal["reject", "warn"] = "warn"  # what an unreadable cell does to its row
    formats: tuple[DateFormat, ...] = ("d/m/y", "d month y", "y-m-d")
    within: DateWindow | None = None  # two days or a window of the calendar; a date outside is `date_outside_period`
    codes: dict[str, str] = Field(default_factory=dict)  # category: cell to value; a cell outside them is not taken
    open: bool = False  # category without a closed list (schools): taken as written
    serials: bool = False  # date: a bare number of 30000 to 60000 is Excel's count of days, read with a notice
    unknown: tuple[str, ...] = ()  # attendance: words that mean that nobody counted
    zero: tuple[str, ...] = ()  # attendance: words that mean that nobody came
    ask: tuple[str, ...] = ()  # attendance: signs that mean either of the two: unknown, and the sender is asked
    kinds: tuple[Literal["exact", "estimate", "lower_bound", "range"], ...] = (
        "exact",
        "estimate",
        "lower_bound",
        "range",
    )
    separator: str = Field(default=";", min_length=1)  # partners
    options: tuple[str, ...] = ()  # partners: names that hold the separator themselves, which the form offers
    pattern: Pattern = r"[A-Za-z0-9._/-]{1,40}"  # id: what one looks like; anything else may be a name and is not taken
    least: float | None = None  # number
    most: float | None = None
    decimal: Literal["point", "comma"] = "point"  # number: which of the two parts the whole from the rest in a text
    units: Literal["hours"] | None = None  # number: `1.5 hours`, `90 min` are read, with a notice
    kind: NameKind | None = None  # it names people or places: it feeds the gazetteer of the finder of names as well
    quote: bool = False  # category, site, area: a cell outside the list may be repeated to its sender
    own: bool = False  # site: the row's own one, so that a row of another site is rejected
    prevails: tuple[str, ...] = ()  # category: where a row comes twice, the earlier of these that either says holds

    _codes_are_text = field_validator("codes", mode="before")(text_keys)

    @model_validator(mode="after")
    def _can_be_read(self) -> Column:
        refuse_doubled(self.codes)
        if self.type == "category" and not (self.codes or self.open):
            raise ValueError("codes: a category has a list of codes, or says `open: true`")
        if self.within and self.within[0] > self.within[1]:
            raise ValueError("within: the first date is later than the last")
        if self.quote and self.type not in ("area", "category", "site"):
            raise ValueError(f"quote: a cell of type {self.type} is no value of a closed vocabulary")
        if self.quote and self.open:
            raise ValueError("quote: a category that is open is no closed vocabulary")
        self._words_are_one_thing()
        unknown = [value for value in self.prevails if value not in self.codes.values()]
        if unknown:
            raise ValueError(f"prevails: {unknown[0]!r} is not among the codes")
        return self

    def _words_are_one_thing(self) -> None:
        seen: set[str] = set()
        for word in (normal(word) for word in (*self.unknown, *self.zero, *self.ask)):
            if word in seen:
                raise ValueError(f"unknown, zero, ask: {word!r} is given twice")
            seen.add(word)

    @cached_property
    def code_of(self) -> dict[str, str]:
        """Value by normalised cell."""
        return {normal(key): value for key, value in self.codes.items()}

    @cached_property
    def unknown_words(self) -> frozenset[str]:
        """Normalised words that mean that nobody counted."""
        return frozenset(normal(word) for word in self.unknown)

    @cached_property
    def zero_words(self) -> frozenset[str]:
        """Normalised words that mean that nobody came."""
        return frozenset(normal(word) for word in self.zero)

    @cached_property
    def ask_words(self) -> frozenset[str]:
        """Normalised signs that mean either of the two."""
        return frozenset(normal(word) for word in self.ask)
