"""Places in a file as people read them, `rows 3 to 7` or `E3 to E9`, and the cell that a column's name means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfc_platform.feedback.receipts.schema import IssuePlace
from tfc_platform.sheets.sheet_model import is_blank, text_of

__all__ = ["COLUMN_NUMBER", "SEARCHED_ROWS", "CellRange", "cell_ranges_of", "column_of", "range_texts"]

COLUMN_NUMBER = re.compile(r"column (\d+)")  # what a message calls a column without a name
LONGEST_NAME = 80  # characters of a column's name that a message repeats: see `take_in.header`
SEARCHED_ROWS = 40


@dataclass(frozen=True)
class CellRange:
    """A place, or neighbouring ones: `where` is `7`, `7 to 9`, `E7 to E9`, or empty where no row is meant."""

    sheet: str | None
    column: str | None
    where: str
    is_cell: bool


def cell_ranges_of(places: Iterable[IssuePlace]) -> list[CellRange]:
    """Places by sheet and column, in their order; neighbouring rows are one spot."""
    runs: list[list[IssuePlace]] = []
    for place in places:
        if runs and _follows(runs[-1][-1], place):
            runs[-1].append(place)
        else:
            runs.append([place])
    return [CellRange(run[0].sheet, run[0].column, _text(run[0], run[-1]), run[0].cell is not None) for run in runs]


def range_texts(spots: Sequence[CellRange], row: str = "row") -> list[str]:
    """Spots as texts, those of one column together: `“People”: rows 3 to 7, 9`.

    :param row: what a row is called: row, line or case.
    """
    columns: dict[CellRange, list[str]] = {}
    for spot in spots:
        key = CellRange(spot.sheet, spot.column, "somewhere" if spot.where else "", spot.is_cell)
        columns.setdefault(key, []).append(spot.where)
    return [_said(key, [one for one in where if one], "" if key.is_cell else row) for key, where in columns.items()]


def _said(spot: CellRange, where: Sequence[str], row: str) -> str:
    sheet, column = (f"sheet “{spot.sheet}”" if spot.sheet else "", f"“{spot.column}”" if spot.column else "")
    on = ", ".join(part for part in (sheet, column) if part)
    several = "s" if len(where) > 1 or any(" " in one for one in where) else ""
    at = f"{row + several + ' ' if row else ''}{', '.join(where)}" if where else ""
    return ": ".join(part for part in (on, at) if part) or "the whole file"


def _follows(before: IssuePlace, place: IssuePlace) -> bool:
    if (
        before.row is None
        or place.row != before.row + 1
        or (before.sheet, before.column) != (place.sheet, place.column)
    ):
        return False
    return _letters(before.cell) == _letters(place.cell)


def _letters(cell: str | None) -> str | None:
    return cell.rstrip("0123456789") if cell else None


def _text(first: IssuePlace, last: IssuePlace) -> str:
    one, other = (place.cell or ("" if place.row is None else f"{place.row}") for place in (first, last))
    return one if first == last else f"{one} to {other}"


def column_of(name: str | None, cells: Mapping[tuple[int, int], Any]) -> tuple[int, int] | None:
    """The row and column (from 1) of the cell that names a column; None where there is none.

    :param cells: a sheet's cells by row and column, as values.
    """
    if not name:
        return None
    wanted = _plain(name)
    matching = [place for place, value in cells.items() if place[0] <= SEARCHED_ROWS and _plain(value) == wanted]
    if matching:
        return min(matching)
    numbered = COLUMN_NUMBER.fullmatch(name)
    return (0, int(numbered[1])) if numbered else None


def _plain(value: Any) -> str:
    if is_blank(value):
        return ""
    return " ".join(text_of(value).split())[:LONGEST_NAME].casefold()
