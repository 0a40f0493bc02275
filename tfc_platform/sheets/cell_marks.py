"""What a sheet says beside its cells, once it is known where its table is: colours, strikethrough, comments, merged cells.

No rule here knows what a colour means: the sender is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import islice

from tfc_platform.sheets.sheet_model import CellPlace, ReaderNotice, Sheet, SheetRow, cell_address, is_blank
from tfc_platform.sheets.table_rows import is_total_label

__all__ = ["LONG", "colour_notices", "filled_down", "long_cells"]

NAMED = 10  # cells that a message names
LONG = 100_000  # characters: no answer is as long; what a missing quotation mark has joined is


def _named(places: Iterable[CellPlace]) -> str:
    ordered = sorted(places)
    first = ", ".join(cell_address(row, column - 1) for row, column in ordered[:NAMED])
    return f"{first} and {len(ordered) - NAMED} more" if len(ordered) > NAMED else first


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def _is_total(row: SheetRow) -> bool:
    return is_total_label(next((cell for cell in row.cells if not is_blank(cell)), None))


def _is_band(numbers: Collection[int], rows: Sequence[int]) -> bool:
    """Whether every second row is coloured, from the first or the second on: done for the eye alone."""
    return len(rows) >= 4 and any(set(numbers) == set(rows[start::2]) for start in (0, 1))


def _telling(fills: dict[CellPlace, str], rows: Sequence[SheetRow]) -> set[CellPlace]:
    """The coloured places whose colour may mean something: not a column coloured from top to bottom, not bands of rows."""
    numbers = [row.number for row in rows]
    by_colour: dict[str, set[CellPlace]] = defaultdict(set)
    for place, colour in fills.items():
        by_colour[colour].add(place)
    found: set[CellPlace] = set()
    for places in by_colour.values():
        if _is_band({row for row, _ in places}, numbers):
            continue
        for column in {column for _, column in places}:
            here = {row for row, other in places if other == column}
            filled = {row.number for row in rows if not is_blank(row.at(column - 1))}
            if not (len(filled) > 1 and filled <= here):
                found |= {(row, column) for row in here}
    return found


def colour_notices(sheet: Sheet, first_data: int) -> list[ReaderNotice]:
    """One notice that asks what colours, lines through text and comments in a sheet's table mean; none where there are none.

    :param first_data: index of the first row under the header.
    """
    marks = sheet.marks
    if not (marks.fills or marks.struck or marks.comments):
        return []
    rows = [row for row in sheet.after(first_data) if not _is_total(row)]
    within = {row.number for row in rows}
    coloured = _telling({place: name for place, name in marks.fills.items() if place[0] in within}, rows)
    parts = [
        f"{_counted(len(places), one, several)} ({_named(places)})"
        for places, one, several in (
            (coloured, "coloured cell", "coloured cells"),
            ({place for place in marks.struck if place[0] in within}, "cell struck through", "cells struck through"),
            ({place for place in marks.comments if place[0] in within}, "cell with a comment", "cells with comments"),
        )
        if places
    ]
    if not parts:
        return []
    on = f"The sheet {sheet.name}" if sheet.name else "The sheet"
    message = (
        f"{on} has {'; '.join(parts)}. Does a colour, a line or a comment mean anything, such as cancelled? The rows were read"
        " as if it did not: write what it means in a column."
    )
    return [ReaderNotice(sheet.name, "colour", message)]


def filled_down(
    sheet: Sheet, first_data: int, repeated: Collection[int], names: Sequence[str]
) -> tuple[Sheet, list[ReaderNotice]]:
    """The sheet with what a merged cell says put into each row that the cell spans.

    Only within the range, only in rows that hold something else, and only in columns of `repeated`: a merged count is one count,
    and repeating it would double it.

    :param repeated: indexes of the columns whose value holds for every row that it spans.
    :param names: what the columns are called, for the notices.
    """
    spans = [span for span in sheet.marks.merged if span[2] > span[0]]
    if not spans:
        return sheet, []
    rows = list(sheet.rows)
    by_number = {row.number: place for place, row in enumerate(rows)}
    last_of_header = rows[first_data - 1].number if first_data else 0
    filled, left = set[CellPlace](), set[CellPlace]()
    for top, column, bottom, _ in spans:
        if top <= last_of_header or top not in by_number:
            continue
        value = rows[by_number[top]].at(column - 1)
        if is_blank(value):
            continue
        for number in range(top + 1, bottom + 1):
            row = rows[by_number[number]] if number in by_number else None
            if row is None or all(map(is_blank, row.cells)) or not is_blank(row.at(column - 1)):
                continue
            if column - 1 not in repeated:
                left.add((number, column))
                continue
            cells = [*row.cells, *[None] * (column - len(row.cells))]
            cells[column - 1] = value
            rows[by_number[number]] = SheetRow(number, tuple(cells))
            filled.add((number, column))
    return replace(sheet, rows=rows), [
        *_merge_notices(sheet, filled, names, "was filled in from the merged cell above it", "Write it in each row."),
        *_merge_notices(
            sheet, left, names, "lies in a merged cell, whose value counts once, in its first row", "Unmerge the cells."
        ),
    ]


def _merge_notices(
    sheet: Sheet, places: set[CellPlace], names: Sequence[str], what: str, advice: str
) -> list[ReaderNotice]:
    found = []
    for column in sorted({column for _, column in places}):
        here = {place for place in places if place[1] == column}
        name = names[column - 1] if column <= len(names) and names[column - 1] else f"column {column}"
        message = f"“{name[:80]}” {what}, in {_named(here)}. {advice}"
        found.append(ReaderNotice(sheet.name, "merged_cells", message, min(here)[0], name[:80]))
    return found


def long_cells(sheet: Sheet, first_data: int, names: Sequence[str]) -> list[ReaderNotice]:
    """A notice for each column with a cell longer than any text, in a sheet whose rows are in memory."""
    if not isinstance(sheet.rows, list):
        return []
    found: dict[int, int] = {}
    for row in islice(sheet.rows, first_data, None):
        for index, cell in enumerate(row.cells):
            if isinstance(cell, str) and len(cell) > LONG:
                found.setdefault(index, row.number)
    notices = []
    for index, number in sorted(found.items()):
        name = names[index][:80] if index < len(names) and names[index] else f"column {index + 1}"
        message = (
            f"“{name}” has a cell of more than {LONG:,} characters, in row {number}. It was read whole: check that no"
            " quotation mark is missing and that no other rows have run into it."
        )
        notices.append(ReaderNotice(sheet.name, "long_cell", message, number, name))
    return notices
