"""The proof that a marked copy has every cell of what was sent, as it was sent: read back by two readers.

Belongs here: opening a workbook for that, and the comparison. Does not belong: making the copy (`marks`).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["CannotCopy", "Cells", "cells_of", "is_small", "open_book", "prove", "prove_by_calamine", "prove_texts"]

MOST_COMPARED = 2_000_000  # places of a sheet from A1 to its furthest cell: calamine keeps one for each
Cells = dict[str, dict[tuple[int, int], tuple[str, Any]]]  # sheet → row and column → type and value


class CannotCopy(Exception):  # noqa: N818 (what is told is that there is no copy)
    """No faithful copy can be made. The message is a sentence for the first sheet."""


def open_book(content: bytes, rich_text: bool) -> Workbook:
    import openpyxl

    try:
        return openpyxl.load_workbook(io.BytesIO(content), rich_text=rich_text)
    except Exception:  # openpyxl raises whatever its XML reader met
        raise CannotCopy("the workbook cannot be copied.") from None


def _values(sheet: Worksheet) -> Mapping[tuple[int, int], Any]:
    """The cells that a sheet has. openpyxl's own walk makes one for every place up to the furthest."""
    cells: Mapping[tuple[int, int], Any] = sheet._cells
    return cells


def cells_of(book: Workbook) -> Cells:
    return {
        sheet.title: {
            place: (cell.data_type, _comparable(cell.value))
            for place, cell in _values(sheet).items()
            if cell.value is not None
        }
        for sheet in book.worksheets
    }


def _comparable(value: Any) -> Any:
    """A value that is the same for the same cell: formulas of several cells are objects, and equal only to themselves."""
    if isinstance(value, str | int | float | bool | date | datetime | time | None):
        return value
    return (
        repr(sorted(vars(value).items(), key=str))
        if hasattr(value, "__dict__") and not isinstance(value, list)
        else repr(value)
    )


def prove(before: Cells, made: bytes, added: str, has_rich_text: bool) -> None:
    """Read the copy back and compare every cell, sheet for sheet."""
    after = cells_of(open_book(made, has_rich_text))
    after.pop(added, None)
    if list(after) != list(before) or after != before:
        raise CannotCopy("a copy of this workbook would differ from it.")


def prove_by_calamine(content: bytes, made: bytes, before: Cells) -> None:
    """The same by another reader, since openpyxl cannot see what it misreads twice. Formulas have no value in a copy."""
    import python_calamine

    try:
        one, other = (python_calamine.load_workbook(io.BytesIO(book)) for book in (content, made))
        for title, cells in before.items():
            if not is_small(cells):
                continue
            was, now = (_dense(book.get_sheet_by_name(title).to_python(skip_empty_area=False)) for book in (one, other))
            for place in {place for place, (kind, _) in cells.items() if kind != "f"}:
                if was.get(place) != now.get(place):
                    raise CannotCopy("a copy of this workbook would differ from it.")
    except (python_calamine.CalamineError, OSError):
        raise CannotCopy("the workbook cannot be compared with its copy.") from None


def prove_texts(before: Cells, made: bytes) -> None:
    """Read a copy of texts alone back by calamine, to which a text that became a formula would be blank."""
    import python_calamine

    book = python_calamine.load_workbook(io.BytesIO(made))
    for title, cells in before.items():
        # To calamine a text of blanks alone is none; nothing that means anything can be lost of it.
        texts = {at: text for at, (_, text) in cells.items() if text.strip(" \t\r\n")}
        if _dense(book.get_sheet_by_name(title).to_python(skip_empty_area=False)) != texts:
            raise CannotCopy("a copy of this file would differ from it.")


def is_small(cells: Mapping[tuple[int, int], Any]) -> bool:
    """Whether a reader that keeps every place from A1 to the furthest cell can be asked."""
    return not cells or max(row for row, _ in cells) * max(column for _, column in cells) <= MOST_COMPARED


def _dense(rows: Sequence[Sequence[Any]]) -> dict[tuple[int, int], Any]:
    return {(r, c): cell for r, row in enumerate(rows, start=1) for c, cell in enumerate(row, start=1) if cell != ""}
