"""What is known of each tool's exports, as data: the strict shape of `tools/*.yaml`, and reading them."""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from tfc_platform.contracts.column_names import Header, Pattern
from tfc_platform.contracts.parse import read_one
from tfc_platform.strict_yaml import StrictModel

__all__ = ["Exclude", "HeaderRule", "Kind", "Tool", "ToolSign", "load_tools", "named"]

FOLDER = Path(__file__).resolve().parent / "tools"
Kind = Literal[
    "id",
    "date",
    "datetime",
    "time",
    "number",
    "category",
    "multi_choice",
    "free_text",
    "attendance",
    "flag",
    "text",
    "personal",
    "blank",
]


def _as_header(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


Name = Annotated[Header, BeforeValidator(_as_header)]


def named(header: Header, name: str) -> bool:
    """Whether a column has this name. SPSS puts an @ before a name that it would not allow."""
    return header.matches(name) or (name.startswith("@") and header.matches(name[1:]))


class Cells(StrictModel):
    """A header row by what its cells look like: `share` of the filled ones match, and `least` of them."""

    row: int = Field(ge=1, le=5)
    pattern: Pattern
    share: float = Field(default=0.9, gt=0, le=1)
    least: int = 1


class ColumnCells(StrictModel):
    """Columns by their names and by what all of their filled cells look like."""

    name: Name
    cells: Pattern
    least: int = 1
    first: bool = False  # the first column alone


class ToolSign(StrictModel):
    """A structure by which a tool is known. All that a sign says must hold; one sign is enough."""

    names: tuple[Name, ...] = ()  # of columns, in the first header row
    labels: tuple[Name, ...] = ()  # of columns, in the second header row
    least: int = Field(default=1, ge=1)  # how many of the names, or labels
    must: tuple[Name, ...] = ()  # all of these
    any: tuple[Name, ...] = ()  # one of these
    cells: Cells | None = None
    columns: ColumnCells | None = None
    first: tuple[Literal["integer", "datetime", "account", "gmt", "any"], ...] = ()  # what the first columns hold
    gaps: bool = False  # the second row begins blank and fills the gaps of the first
    sheets: tuple[str, ...] = ()  # sheets of these names are there
    what: Literal["data", "dictionary", "form"] = "data"


class HeaderEnd(StrictModel):
    """Where the header ends: before the first row in which one of these columns holds a date, or anything."""

    columns: tuple[Name, ...]
    at: Literal["date", "filled"]


class HeaderRule(StrictModel):
    rows: int = Field(default=1, ge=1, le=5)
    join: Literal["first", "last", "path"] = "first"
    ends: HeaderEnd | None = None


class Exclude(StrictModel):
    """Rows that the tool itself marks as no answer."""

    column: Name
    equals: tuple[str, ...]
    reason: str
    message: str


class Tool(StrictModel):
    """One tool. The order of the keys is that of the steps: recognise, find the header, know the columns, count."""

    tool: str
    title: str
    order: int  # in which the tools are asked
    header: HeaderRule = HeaderRule()
    signs: tuple[ToolSign, ...] = Field(min_length=1)
    system: dict[str, Kind] = Field(default_factory=dict)  # columns that the tool itself adds
    personal: dict[str, str] = Field(default_factory=dict)  # those that hold personal data, and of which kind
    first_personal: dict[int, str] = Field(default_factory=dict)  # the same by place, from 1, in a language not listed
    key: str | None = None
    keys: tuple[str, ...] = ()  # other names of the key
    first_key: bool = False  # the first column is the key, whatever its name
    answered_on: tuple[str, ...] = ()
    duration: str | None = None
    free_text: tuple[str, ...] = ()
    exclude: tuple[Exclude, ...] = ()
    child: tuple[str, ...] = ()  # a sheet with one of these columns holds repeats, no responses
    missing: tuple[str, ...] = ()
    multiple: tuple[str, ...] = ()  # what stands between several choices in one cell
    split: str | None = None  # what stands between question and choice in the name of a choice's own column
    options: bool = False  # a choice's own column holds the choice's text or code, or nothing
    notes: tuple[str, ...] = ()  # for people

    @cached_property
    def _kinds(self) -> list[tuple[Header, Kind]]:
        return [(Header(name=name), kind) for name, kind in self.system.items()]

    @cached_property
    def _personal(self) -> list[tuple[Header, str]]:
        return [(Header(name=name), kind) for name, kind in self.personal.items()]

    def kind_of(self, *names: str) -> Kind | None:
        """The kind of a column that the tool itself adds, by any of the names that it has."""
        return next((kind for header, kind in self._kinds for name in names if name and named(header, name)), None)

    def personal_of(self, *names: str) -> str | None:
        """Of which kind a column's personal data are, by any of the names that it has."""
        return next((kind for header, kind in self._personal for name in names if name and named(header, name)), None)

    @cached_property
    def key_names(self) -> tuple[Header, ...]:
        return tuple(Header(name=name) for name in ((self.key,) if self.key else ()) + self.keys)


@cache
def load_tools() -> tuple[Tool, ...]:
    """All tools, in the order in which they are asked.

    :raises ConfigurationError: naming file and key.
    """
    return tuple(sorted((read_one(path, Tool) for path in sorted(FOLDER.glob("*.yaml"))), key=lambda tool: tool.order))
