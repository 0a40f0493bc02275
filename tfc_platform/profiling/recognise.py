"""Which tool wrote a file, by its structure: never by the file's name or by the words of its questions.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tfc_platform.contracts.model import normal
from tfc_platform.privacy.personal_data import kinds_of
from tfc_platform.profiling.cell_types import INTEGER, date_order, has_time, is_datetime
from tfc_platform.profiling.table_finder import head
from tfc_platform.profiling.tools import Tool, ToolSign, load_tools, named
from tfc_platform.sheets.sheet_model import CellValue, Grid, Sheet, SheetRow, is_blank, text_of

__all__ = ["ToolMatch", "is_child", "recognise"]

MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
GMT = re.compile(r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}:\d{2} [AP]M [A-Z]{2,4}(?:[+-]\d{1,2}(?::\d{2})?)?")
MOST_GAPS = 0.2  # of the columns, may have no name in either row


@dataclass(frozen=True)
class ToolMatch:
    """A tool, what kind of file of its it is (`data`, `dictionary`, `form`), and the sheet that showed it."""

    tool: Tool
    what: str
    sheet: Sheet
    by_place: bool = False  # by what the first columns hold: then the tool's names are in a language that nobody listed


def _line(rows: Sequence[SheetRow], number: int) -> list[str]:
    return [text_of(cell) for cell in rows[number - 1].cells] if number <= len(rows) else []


def _has_names(names: Sequence[str], sign: ToolSign) -> bool:
    def found(headers: Sequence[object]) -> int:
        return sum(any(named(header, name) for name in names) for header in headers)  # type: ignore[arg-type]

    enough = found(sign.names) >= sign.least if sign.names else True
    return enough and found(sign.must) == len(sign.must) and (not sign.any or found(sign.any) > 0)


def _column(rows: Sequence[SheetRow], index: int) -> list[CellValue]:
    return [row.at(index) for row in rows if not is_blank(row.at(index))]


def _has_columns(names: Sequence[str], data: Sequence[SheetRow], sign: ToolSign) -> bool:
    rule = sign.columns
    if rule is None:
        return True
    pattern, found = re.compile(rule.cells), 0
    for index, name in enumerate(names[:1] if rule.first else names):
        cells = _column(data, index) if named(rule.name, name) else []
        found += bool(cells) and all(pattern.fullmatch(text_of(cell)) for cell in cells)
    return found >= rule.least


def _integers(cells: Sequence[CellValue]) -> bool:
    texts = [text_of(cell) for cell in cells]
    return bool(texts) and all(map(INTEGER.fullmatch, texts)) and len(set(texts)) == len(texts)


def _moments(cells: Sequence[CellValue]) -> bool:
    """All are dates, and one at least has a time of day: a column of days alone is a question's."""
    dates = all(isinstance(cell, datetime) or date_order(text_of(cell)) for cell in cells)
    return bool(cells) and dates and any(is_datetime(cell) or has_time(text_of(cell)) for cell in cells)


def _accounts(cells: Sequence[CellValue]) -> bool:
    """Addresses of mail, or one word for all: a form that is open to all writes `anonymous` in its reader's language."""
    texts = [text_of(cell) for cell in cells]
    mails = sum(MAIL.fullmatch(text) is not None for text in texts)
    return (
        bool(texts)
        and len({text for text in texts if not MAIL.fullmatch(text)}) <= 1
        and (mails > 0 or " " not in texts[0])
    )


FIRST: dict[str, Callable[[Sequence[CellValue]], bool]] = {
    "integer": _integers,
    "datetime": _moments,
    "account": _accounts,
    "gmt": lambda cells: bool(cells) and all(GMT.fullmatch(text_of(cell)) for cell in cells),
    "any": lambda cells: True,
}


def _fills_gaps(rows: Sequence[SheetRow]) -> bool:
    """Two header rows where the second begins blank, has nearly every other column, and names what the first leaves open."""
    first, second = _line(rows, 1), _line(rows, 2)
    if len(first) < 2 or not first[0] or not second or second[0]:
        return False
    width = len(first)
    below = second + [""] * (width - len(second))
    blank = [index for index in range(1, width) if not first[index]]
    neither = sum(not below[index] for index in blank)
    return bool(blank) and neither <= MOST_GAPS * width and sum(map(bool, below)) * 2 >= width


def _fits(sign: ToolSign, rows: Sequence[SheetRow], sheets: Sequence[str], tool: Tool) -> bool:
    names = _line(rows, 1)
    if not _has_names(names, sign):
        return False
    if sign.labels:
        second = _line(rows, 2)
        if sum(any(named(header, name) for name in second) for header in sign.labels) < sign.least:
            return False
    if sign.cells:
        filled = [text for text in _line(rows, sign.cells.row) if text]
        fitting = sum(re.fullmatch(sign.cells.pattern, text, re.DOTALL) is not None for text in filled)
        if not filled or fitting < sign.cells.least or fitting < sign.cells.share * len(filled):
            return False
    if any(wanted not in map(normal, sheets) for wanted in sign.sheets):
        return False
    if sign.gaps and not _fills_gaps(rows):
        return False
    if (sign.first or sign.columns) and kinds_of(normal(name) for name in names):
        return False  # a response where the header should be
    data = rows[tool.header.rows :]
    if not _has_columns(names, data, sign):
        return False
    return all(FIRST[kind](_column(data, index)) for index, kind in enumerate(sign.first))


def is_child(tool: Tool, sheet: Sheet) -> bool:
    """Whether a sheet holds the repeats of another one's rows."""
    names = {normal(name) for name in _line(head(sheet, 1), 1)}
    return sheet.is_repeat or any(normal(name) in names for name in tool.child)


def recognise(grid: Grid) -> ToolMatch | None:
    """The tool whose structure a file has, or None. The tools are asked in their order, a sheet after the other."""
    sheets = [sheet.name or "" for sheet in grid.sheets]
    heads = [(sheet, head(sheet)) for sheet in grid.sheets]
    for tool in load_tools():
        fitting = [
            ToolMatch(tool, sign.what, sheet, by_place=bool(sign.first) and not sign.names)
            for sheet, rows in heads
            for sign in tool.signs
            if rows and _fits(sign, rows, sheets, tool)
        ]
        main = [match for match in fitting if not is_child(tool, match.sheet)]
        if main or fitting:
            return (main or fitting)[0]
    return None
