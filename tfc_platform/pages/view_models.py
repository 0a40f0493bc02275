"""What templates draw: pieces of text, tables with footnotes, charts, sections.

A number of a release is always a `FigureText`, which the template writes as
`<data value=… data-table=… data-key=… data-measure=…>`, so that a test, or a reader's program, can look it up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar

from tfc_platform.pages.formatting import (
    date_words,
    missing_reason,
    missing_word,
    period_words,
    quarter_months,
    written_number,
)
from tfc_platform.pages.page_figures import PublishedFigure, ReleaseRow, SourcedNumber

__all__ = [
    "BulletList",
    "ChartFigure",
    "CodeText",
    "Content",
    "DataTable",
    "DateText",
    "FigureText",
    "LinkText",
    "MissingText",
    "PageSection",
    "Paragraph",
    "PeriodText",
    "Quotation",
    "Quotations",
    "SmallText",
    "StrongText",
    "Subheading",
    "TableColumn",
    "cell",
    "columns",
    "data_table",
    "date_text",
    "figure_cell",
    "figure_text",
    "footnote_mark",
    "interval_text",
    "joined",
    "period_text",
]

# Anything that a template can show: a string, a piece of text below, or a sequence of these.
Content = Any
# Rows from which a table is folded up on a screen. On paper it is open.
LONG_TABLE = 12


@dataclass(frozen=True)
class FigureText:
    """A number as printed, with where it is from. `note` says what a reader should know of it; `mark` is its footnote."""

    kind: ClassVar[str] = "figure"
    value: str
    text: str
    source: tuple[tuple[str, str], ...]
    note: str = ""
    mark: str = ""


@dataclass(frozen=True)
class MissingText:
    """Words in place of a figure; `note` is the reason why there is none."""

    kind: ClassVar[str] = "missing"
    status: str
    text: str
    note: str = ""
    mark: str = ""


@dataclass(frozen=True)
class PeriodText:
    """A period in words, with its code where the files name it by one."""

    kind: ClassVar[str] = "period"
    text: str
    code: str = ""


@dataclass(frozen=True)
class DateText:
    kind: ClassVar[str] = "date"
    iso: str
    text: str


@dataclass(frozen=True)
class CodeText:
    """A name as programs write it."""

    kind: ClassVar[str] = "code"
    text: str


@dataclass(frozen=True)
class SmallText:
    """A code beside its name."""

    kind: ClassVar[str] = "small"
    text: str


@dataclass(frozen=True)
class StrongText:
    kind: ClassVar[str] = "strong"
    content: Content


@dataclass(frozen=True)
class LinkText:
    kind: ClassVar[str] = "link"
    text: str
    href: str
    label: str = ""


@dataclass(frozen=True)
class TableColumn:
    name: Content
    is_number: bool = False


@dataclass(frozen=True)
class DataTable:
    """A table; `fold` is what it is called where it is folded up. `footnotes` are mark and sentence."""

    kind: ClassVar[str] = "table"
    caption: Content
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Content, ...], ...]
    fold: str = ""
    footnotes: tuple[tuple[str, str], ...] = ()
    is_folded: bool = False


@dataclass(frozen=True)
class ChartFigure:
    """A drawn chart, wide and where there is one also narrow, with the words above it."""

    kind: ClassVar[str] = "chart"
    caption: Content
    wide: str
    narrow: str = ""


@dataclass(frozen=True)
class Paragraph:
    kind: ClassVar[str] = "paragraph"
    content: Content


@dataclass(frozen=True)
class Subheading:
    kind: ClassVar[str] = "subheading"
    content: Content


@dataclass(frozen=True)
class BulletList:
    kind: ClassVar[str] = "list"
    items: tuple[Content, ...]


@dataclass(frozen=True)
class Quotation:
    id: str
    text: str
    source: Content


@dataclass(frozen=True)
class Quotations:
    kind: ClassVar[str] = "quotations"
    open: tuple[Quotation, ...]
    folded: tuple[Quotation, ...] = ()


@dataclass
class PageSection:
    """One question of a page: the answers in sentences, then charts and tables."""

    id: str
    title: Content
    answers: list[Content] = field(default_factory=list)
    blocks: list[Any] = field(default_factory=list)

    def add(self, *blocks: Any) -> None:
        """Add what is there; none and a table without rows are not."""
        self.blocks += [block for block in blocks if block is not None]


def figure_text(number: SourcedNumber, unit: str | None = None, signed: bool = False) -> FigureText:
    """A number as it is printed, with the note of a figure from an earlier return.

    :param unit: `share` (printed as per cent), `percent`, `p`, `yes_no`, or none.
    """
    text = ("yes" if number.value else "no") if unit == "yes_no" else written_number(number.value, unit, signed)
    return FigureText(f"{number.value:.10g}", text, number.source, (number.note or "") if number.is_held else "")


def figure_cell(figure: PublishedFigure | None, unit: str | None = None, signed: bool = False) -> Content:
    """A figure, or in words why there is none."""
    if figure is None:
        return MissingText("not_available", "no figure")
    number = figure.number
    if number is not None:
        return figure_text(number, unit, signed)
    word = missing_word(figure.status, figure.is_not_final)
    return MissingText(figure.status, word, missing_reason(figure.status, figure.note))


def cell(row: ReleaseRow, measure: str, unit: str | None = None, signed: bool = False) -> Content:
    return figure_cell(row.figures.get(measure), unit, signed)


def interval_text(
    row: ReleaseRow,
    unit: str | None = None,
    signed: bool = False,
    measures: tuple[str, str] = ("ci_low", "ci_high"),
) -> Content:
    """A 95% interval as `low to high`, or once why there is none."""
    ends = [row.figures.get(name) for name in measures]
    missing = [end for end in ends if end is None or end.value is None]
    if missing:
        return figure_cell(missing[0])
    return (figure_cell(ends[0], unit, signed), " to ", figure_cell(ends[1], unit, signed))


def date_text(value: Any) -> Content:
    if not isinstance(value, date):
        return MissingText("not_available", "not yet")
    return DateText(value.isoformat(), date_words(value))


def period_text(value: Any) -> PeriodText:
    return PeriodText(period_words(value), str(value) if quarter_months(str(value)) else "")


def joined(parts: Sequence[Content]) -> Content:
    """`a, b and c`, of any content."""
    content: list[Content] = []
    for place, part in enumerate(parts):
        if place:
            content.append(" and " if place == len(parts) - 1 else ", ")
        content.append(part)
    return tuple(content)


def columns(*names: Content) -> tuple[TableColumn, ...]:
    """Columns of a table; a name that opens with # is a column of numbers."""
    return tuple(
        TableColumn(name[1:], True) if isinstance(name, str) and name.startswith("#") else TableColumn(name)
        for name in names
    )


def data_table(
    caption: Content,
    heads: Sequence[TableColumn],
    rows: Iterable[Sequence[Content]],
    fold: str = "",
    always_folded: bool = False,
) -> DataTable | None:
    """A table whose notes are footnotes, each once, marked a, b, c …; none where there is no row.

    With `fold`, what it is called there, a long table is folded up on a screen; with `always_folded` a short one too.
    """
    footnotes: dict[str, str] = {}
    marked = tuple(tuple(_marked(part, footnotes) for part in row) for row in rows)
    if not marked:
        return None
    notes = tuple((mark, note) for note, mark in footnotes.items())
    return DataTable(
        caption, tuple(heads), marked, fold, notes, bool(fold) and (always_folded or len(marked) >= LONG_TABLE)
    )


def _marked(part: Content, footnotes: dict[str, str]) -> Content:
    if isinstance(part, FigureText | MissingText) and part.note:
        return replace(part, mark=footnote_mark(part.note, footnotes))
    if isinstance(part, list | tuple):
        return tuple(_marked(one, footnotes) for one in part)
    if isinstance(part, StrongText):
        return replace(part, content=_marked(part.content, footnotes))
    return part


def footnote_mark(note: str, footnotes: dict[str, str]) -> str:
    """The mark of a note, which joins the footnotes where it is new; empty for no note."""
    return footnotes.setdefault(note, _letters(len(footnotes))) if note else ""


def _letters(place: int) -> str:
    """a to z, then aa, ab …"""
    return (_letters(place // 26 - 1) if place >= 26 else "") + chr(ord("a") + place % 26)
