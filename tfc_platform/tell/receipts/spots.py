"""Places as people read them: `rows 3 to 7`, `E3 to E9`; and the cell of a sheet that a place means.

Belongs here: shortening a list of places, and finding a cell by a column's name. Does not belong: what is wrong there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tfc_platform.take_in.grid import is_blank, text_of
from tfc_platform.tell.receipts.shape import Place

__all__ = ["COLUMN_NUMBER", "column_of", "spots_of"]

COLUMN_NUMBER = re.compile(r"column (\d+)")  # what a message calls a column without a name
LONGEST_NAME = 80  # characters of a column's name that a message repeats: see `take_in.header`
SEARCHED_ROWS = 40


def spots_of(places: Iterable[Place], row: str = "row") -> list[str]:
    """Places as short texts, in their order; neighbouring rows of one column are one text.

    :param row: what a row is called: row, line or case.
    """
    runs: list[list[Place]] = []
    for place in places:
        if runs and _follows(runs[-1][-1], place):
            runs[-1].append(place)
        else:
            runs.append([place])
    return [_text(run[0], run[-1], row) for run in runs]


def _follows(before: Place, place: Place) -> bool:
    if (
        before.row is None
        or place.row != before.row + 1
        or (before.sheet, before.column) != (place.sheet, place.column)
    ):
        return False
    return _letters(before.cell) == _letters(place.cell)


def _letters(cell: str | None) -> str | None:
    return cell.rstrip("0123456789") if cell else None


def _text(first: Place, last: Place, row: str) -> str:
    if first.row is None and first.cell is None:
        where = ""
    elif first.cell:
        where = first.cell if first == last else f"{first.cell} to {last.cell}"
    else:
        where = f"{row} {first.row}" if first == last else f"{row}s {first.row} to {last.row}"
    column = f"column “{first.column}”" if first.column else ""
    sheet = f"sheet “{first.sheet}”" if first.sheet else ""
    return ", ".join(part for part in (sheet, where, column) if part) or "the whole file"


def column_of(name: str | None, cells: Mapping[tuple[int, int], Any]) -> tuple[int, int] | None:
    """The row and column (from 1) of the cell that names a column; None where there is none.

    :param cells: a sheet's cells by row and column, as values.
    """
    if not name:
        return None
    wanted = _plain(name)
    found = [place for place, value in cells.items() if place[0] <= SEARCHED_ROWS and _plain(value) == wanted]
    if found:
        return min(found)
    numbered = COLUMN_NUMBER.fullmatch(name)
    return (0, int(numbered[1])) if numbered else None


def _plain(value: Any) -> str:
    if is_blank(value):
        return ""
    return " ".join(text_of(value).split())[:LONGEST_NAME].casefold()
