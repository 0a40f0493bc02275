"""Finding the table in a sheet with no contract: by structure, as a person would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from tfc_platform.contracts.model import normal
from tfc_platform.privacy.person_names import is_person_name
from tfc_platform.privacy.personal_data import NAMES_SHARE, kinds_of
from tfc_platform.profiling.cell_types import date_order, is_number
from tfc_platform.profiling.tools import HeaderRule, named
from tfc_platform.sheets.sheet_model import Sheet, SheetRow, is_blank, text_of
from tfc_platform.sheets.table_rows import (
    HeaderJoin,
    RepeatedHeader,
    carry_right,
    filled_cells,
    header_words,
    is_total_label,
    join_header,
)

__all__ = ["SheetTable", "find_table", "head", "rows_with_role", "table_at"]

SEARCHED_ROWS = 30
HEAD = 60  # rows by which a sheet is judged
ENOUGH = 0.6  # of the cells of the rows below, a header has to fill
ENOUGH_AGAIN = 0.4  # of the columns of the table above, the header of a second one has to fill
AGAIN = 0.25  # of the rows below a header, that may be the header again
LABELS = 0.8  # of a header's cells that are words
LONGEST_LABEL = 400  # characters of a question that stands in a header
RowRole = Literal["data", "note", "total", "second_table", "header_again"]


@dataclass(frozen=True)
class SheetTable:
    """A table of a sheet. `names` are those that a contract would use, `labels` the words beside them."""

    sheet: Sheet
    start: int  # index of its first header row among the sheet's rows
    height: int  # header rows
    join: HeaderJoin
    names: tuple[str, ...]
    labels: tuple[str, ...]
    plain: bool  # kept by hand: notes, totals and a second table may stand under it


def head(sheet: Sheet, count: int = HEAD) -> list[SheetRow]:
    return sheet.head(count)


def _named(block: Sequence[SheetRow], join: HeaderJoin) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names as a contract joins them (`contracts.model.HeaderBlock`), and the labels."""
    names, words = join_header(block, join), header_words(block)
    if join == "first":
        return names, tuple(words[1] if len(words) > 1 else [""] * len(names))
    if join == "last":
        groups = carry_right(words[0]) if len(words) > 1 else [""] * len(names)
        return names, tuple("" if group == name else group for group, name in zip(groups, names, strict=True))
    return names, tuple(" ".join(line[i] for line in words[1:] if line[i]) for i in range(len(names)))


def _ends_at(rows: Sequence[SheetRow], rule: HeaderRule) -> int:
    """How many rows the header has in this file: exports without all of their header rows are about."""
    most = min(rule.rows, len(rows))
    if rule.ends is None or not rows:
        return most
    first = header_words(rows[:1])[0]
    columns = [
        index for index, name in enumerate(first) if any(named(header, name) for header in rule.ends.columns) and name
    ]
    for number in range(1, most) if columns else ():
        texts = [text_of(rows[number].at(index)) for index in columns]
        if any(text and (rule.ends.at == "filled" or date_order(text)) for text in texts):
            return number
    return most


def table_at(sheet: Sheet, rule: HeaderRule) -> SheetTable:
    """The table of a sheet whose header stands at its top, as a tool writes it."""
    rows = head(sheet, rule.rows + 1)
    height = max(1, _ends_at(rows, rule))
    join = rule.join if height > 1 else "first"
    names, labels = _named(rows[:height], join)
    return SheetTable(sheet, 0, height, join, names, labels, plain=False)


def _is_word(text: str) -> bool:
    return bool(text) and not is_number(text) and date_order(text) is None and len(text) <= LONGEST_LABEL


def _is_group(text: str) -> bool:
    """Whether a cell may stand above several columns. A title with a date or a figure in it stands above the table."""
    return _is_word(text) and not any(sign.isdigit() or sign == ":" for sign in text)


def _is_header(row: SheetRow, least: float) -> bool:
    filled = [cell for cell in row.cells if not is_blank(cell)]
    if len(filled) < max(2, least):
        return False
    words = [cell for cell in filled if isinstance(cell, str) and _is_word(text_of(cell))]
    return len(words) >= LABELS * len(filled) and len({normal(cell) for cell in words}) * 2 > len(words)


def _words(row: SheetRow) -> list[str]:
    return sorted(normal(text_of(cell)) for cell in row.cells if not is_blank(cell))


def _other_rows(row: SheetRow, below: Sequence[SheetRow]) -> list[SheetRow]:
    """The rows below but those with the very words of this row, in any order."""
    words = _words(row)
    return [other for other in below if _words(other) != words]


def _are_names(rows: Sequence[SheetRow], index: int) -> bool:
    """Whether a column holds people's names, as far as the list of given names knows them."""
    texts = [text_of(cell) for row in rows if not is_blank(cell := row.at(index))]
    return 0 < NAMES_SHARE * len(texts) <= sum(map(is_person_name, texts))


def _is_data(row: SheetRow, below: Sequence[SheetRow]) -> bool:
    """Whether a row of words is data, though it is the first: it holds personal data, a name of a person has such names below
    it, or half of its columns say the same again below, beside other values.

    An option's own column, under the option's text, says nothing else below.
    """
    texts = {index: normal(cell) for index, cell in filled_cells(row) if isinstance(cell, str)}
    if kinds_of(texts.values()):
        return True
    others = _other_rows(row, below)
    if len(below) - len(others) > max(1.0, AGAIN * len(below)):
        return True  # so often no header is repeated
    if below and not others:
        return True
    if any(is_person_name(text) and _are_names(others, index) for index, text in texts.items()):
        return True
    again = 0
    for index, text in texts.items():
        values = {normal(text_of(other.at(index))) for other in others} - {""}
        again += text in values and len(values) > 1
    return 2 * again >= len(texts)


def _filled(row: SheetRow) -> int:
    return sum(not is_blank(cell) for cell in row.cells)


def find_table(sheet: Sheet) -> SheetTable | None:
    """The table of a sheet that people keep: titles above it do not matter. None where no row can be a header.

    A header is the first row of words that fills at least `ENOUGH` of the cells that the rows below it do. A row of words right
    above it, which fills fewer cells, groups its columns and is part of it.
    """
    rows = head(sheet)
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        below = [_filled(later) for later in rows[index + 1 : index + 21]]
        usual = median(below) if below else _filled(row)
        if not _is_header(row, ENOUGH * usual):
            continue
        if _is_data(row, rows[index + 1 :]):
            return None  # the table has no header: no later row is one either
        start = index
        if index and rows[index - 1].number == row.number - 1 and 2 <= _filled(rows[index - 1]) < len(row.cells):
            above = [text_of(cell) for cell in rows[index - 1].cells if not is_blank(cell)]
            start = index - 1 if all(map(_is_group, above)) else index
        block = rows[start : index + 1]
        join: HeaderJoin = "last" if len(block) > 1 else "first"
        names, labels = _named(block, join)
        return SheetTable(sheet, start, len(block), join, names, labels, plain=True)
    return None


def _role(row: SheetRow, width: int) -> RowRole:
    filled = [cell for cell in row.cells if not is_blank(cell)]
    first = filled[0]
    if len(filled) < width and is_total_label(first):
        return "total"
    lone = len(filled) == 1 and width >= 3
    return "note" if lone and isinstance(first, str) and _is_word(text_of(first)) else "data"


def rows_with_role(table: SheetTable) -> Iterator[tuple[SheetRow, RowRole]]:
    """The rows under the header that hold anything, with what each is."""
    width = sum(bool(name) for name in table.names)
    header = RepeatedHeader(table.names)
    last, second = None, False  # the last row of data
    for row in table.sheet.after(table.start + table.height):
        if not any(not is_blank(cell) for cell in row.cells):
            continue
        role: RowRole = _role(row, width) if table.plain else "data"
        if header.kind(row) is not None:
            yield row, "header_again"
            continue
        gap = last is not None and row.number > last + 1  # also where a title stands between
        if table.plain and (second or (gap and role == "data" and _is_header(row, max(3.0, ENOUGH_AGAIN * width)))):
            second, role = True, "second_table"
        last = row.number if role == "data" else last
        yield row, role
