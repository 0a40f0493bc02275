"""What every page is put together from: marked numbers, cells, tables, charts with their tables, sections.

Belongs here: HTML of these parts. Does not belong: what a page says. A number from the release is always written as
`<data value=… data-table=… data-key=… data-measure=…>`, so that a test, or a reader's program, can look it up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tfc_platform.pages.formatting import STATUSES, date_words, period_words, quarter_months
from tfc_platform.pages.html import text
from tfc_platform.pages.page_figures import Figure, Number, Row

__all__ = ["Section", "answers", "cell", "chart", "day", "figure_cell", "number", "period", "section", "table"]

_WORDS = {status: word for status, word, _ in STATUSES}
# Rows from which a table stands folded up: on paper it is open.
LONG = 12


@dataclass
class Section:
    """One question of a page: the answers in sentences, then charts and tables."""

    id: str
    title: str
    answers: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)


def written(value: float, unit: str | None = None, signed: bool = False) -> str:
    """A figure as it is printed: a share as per cent, else up to two decimals; a minus that can be told from a hyphen."""
    if unit == "share":
        return f"{value * 100:.0f}%"
    plain = f"{abs(value):.2f}" if unit == "p" else f"{abs(value):,.2f}".rstrip("0").rstrip(".")
    sign = "−" if value < 0 and plain.strip("0.") else "+" if signed and value > 0 else ""
    return sign + plain + ("%" if unit == "percent" else "")


def number(found: Number, unit: str | None = None, signed: bool = False) -> str:
    return f'<data value="{found.value:.10g}"{_source(found)}>{written(found.value, unit, signed)}</data>'


def _source(found: Number) -> str:
    """Where a number stands, as attributes. In single quotes: a key is JSON, and its double quotes may stay as they are."""
    return "".join(f" data-{name}='{text(value).replace('&quot;', chr(34))}'" for name, value in found.source)


def figure_cell(figure: Figure | None, unit: str | None = None, signed: bool = False) -> str:
    """The inside of a cell: the figure, marked, or in words why there is none."""
    if figure is None:
        return '<span class="none">no figure</span>'
    found = figure.number
    if found is not None:
        if unit == "yes_no":
            return f'<data value="{found.value:.10g}"{_source(found)}>{"yes" if found.value else "no"}</data>'
        mark = ' <abbr class="mark" title="held: from an earlier return">held</abbr>' if figure.status == "held" else ""
        return number(found, unit, signed) + mark
    word = "not locked yet" if figure.is_not_locked else _WORDS.get(figure.status, figure.status)
    return f'<span class="none {text(figure.status)}">{text(word)}</span>'


def cell(row: Row, measure: str, unit: str | None = None, signed: bool = False) -> str:
    return figure_cell(row.figures.get(measure), unit, signed)


def between(row: Row, low: str = "ci_low", high: str = "ci_high", unit: str | None = None, signed: bool = False) -> str:
    """An interval as `low to high`, or why there is none: said once."""
    ends = [row.figures.get(low), row.figures.get(high)]
    if all(end is not None and end.value is not None for end in ends):
        return " to ".join(figure_cell(end, unit, signed) for end in ends)
    return figure_cell(next((end for end in ends if end is None or end.value is None), None))


def day(value: Any) -> str:
    if not isinstance(value, date):
        return '<span class="none">not yet</span>'
    return f'<time datetime="{value.isoformat()}">{date_words(value)}</time>'


def period(value: Any) -> str:
    """A period in words, with its code where it has one that readers meet in the files."""
    words = period_words(value)
    code = f' <span class="code">{text(value)}</span>' if quarter_months(str(value)) else ""
    return f'<span class="period">{text(words)}{code}</span>'


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], note: str = "", fold: str = "") -> str:
    """A table whose cells are HTML. A head that opens with # is a column of numbers; the first column heads its row.

    `fold`: what a long table is called where it stands folded up.
    """
    lines = list(rows)
    if not lines:
        return ""
    head = "".join(f'<th scope="col"{_number(name)}>{name.lstrip("#")}</th>' for name in heads)
    body = "\n".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{value}</th>' if place == 0 else f"<td{_number(name)}>{value}</td>"
            for place, (name, value) in enumerate(zip(heads, line, strict=True))
        )
        + "</tr>"
        for line in lines
    )
    label = caption if "<" not in caption else fold or "Table"
    whole = (
        f'<div class="wide" role="region" aria-label="{label}" tabindex="0"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>"
        + (f'<p class="note">{note}</p>' if note else "")
    )
    if fold and len(lines) >= LONG:
        return f"<details><summary>{fold}</summary>{whole}</details>"
    return whole


def _number(head: str) -> str:
    return ' class="number"' if head.startswith("#") else ""


def chart(drawn: Sequence[str], caption: str, its_table: str) -> str:
    """Charts that belong together, with their table directly below."""
    together = "".join(f'<div class="drawn">{one}</div>' for one in drawn if one)
    if not together:
        return its_table
    return f'<figure><figcaption>{caption}</figcaption><div class="charts">{together}</div></figure>{its_table}'


def answers(sentences: Sequence[str]) -> str:
    if not sentences:
        return ""
    return '<ul class="answers">' + "".join(f"<li>{sentence}</li>" for sentence in sentences) + "</ul>"


def section(one: Section) -> str:
    return (
        f'<section id="{one.id}" aria-labelledby="{one.id}-title"><h2 id="{one.id}-title">{one.title}</h2>'
        + answers(one.answers)
        + "\n".join(one.body)
        + "</section>"
    )
