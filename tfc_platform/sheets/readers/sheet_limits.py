"""From what a workbook's reader found to the grid: which sheets are read, and what their sender is told of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.sheet_model import CellValue, Grid, Marks, ReadAs, ReaderNotice, Sheet, SheetRow, text_of

__all__ = ["PARENT", "TOP", "WorkbookSheet", "grid_of", "hidden_sheet_notice", "rows_of", "unread_sheet_notice"]

PARENT = "_parent_index"  # KoboToolbox and Ona: the column by which an entry names its submission
TOP = "-1"  # what Ona writes there for a submission, whose sheet has the columns of entries too


@dataclass(frozen=True)
class WorkbookSheet:
    """A sheet as its reader found it."""

    name: str
    rows: list[SheetRow]
    is_visible: bool = True
    marks: Marks = field(default_factory=Marks)
    hidden_rows: int = 0  # that hold a value
    hidden_columns: int = 0
    is_filtered: bool = False
    notices: tuple[ReaderNotice, ...] = field(default=())


def rows_of(cells: Mapping[tuple[int, int], CellValue]) -> list[SheetRow]:
    """Rows that hold a value, by number; `cells` has only places with one, by row and column from 1."""
    found: dict[int, dict[int, CellValue]] = {}
    for (row, column), value in cells.items():
        found.setdefault(row, {})[column] = value
    return [
        SheetRow(number, tuple(values.get(column) for column in range(1, max(values) + 1)))
        for number, values in sorted(found.items())
    ]


def _count(number: int, what: str) -> str:
    return f"{number} hidden {what}{'' if number == 1 else 's'}"


def _notices(sheet: WorkbookSheet) -> list[ReaderNotice]:
    found = list(sheet.notices)
    hidden = [
        _count(number, what)
        for number, what in ((sheet.hidden_rows, "row"), (sheet.hidden_columns, "column"))
        if number
    ]
    if hidden:
        why = "A filter is switched on. " if sheet.is_filtered and sheet.hidden_rows else ""
        what = f"The sheet {sheet.name} has {' and '.join(hidden)}"
        message = f"{why}{what}: they were read too. Delete what should not count."
        found.append(ReaderNotice(sheet.name, "hidden_rows" if sheet.hidden_rows else "hidden_columns", message))
    return found


def hidden_sheet_notice(sheet: WorkbookSheet) -> ReaderNotice:
    """What is reported of a hidden sheet: how many of its rows hold a value."""
    filled = (
        f"it holds {len(sheet.rows)} filled row{'' if len(sheet.rows) == 1 else 's'}" if sheet.rows else "it is empty"
    )
    message = f"The sheet {sheet.name} is hidden and was not read; {filled}. Show the sheet if its rows should count."
    return ReaderNotice(sheet.name, "hidden_sheet", message)


def unread_sheet_notice(name: str) -> ReaderNotice:
    """What is reported of a visible sheet whose name the contract does not have."""
    return ReaderNotice(name, "sheet_not_read", f"The sheet's name, {name}, is not that of a table: it was not read.")


def _is_repeat(sheet: WorkbookSheet) -> bool:
    """A sheet of a repeated group, as Kobo puts it beside that of the submissions. Ona gives these the same column, with -1."""
    names = [text_of(cell) for cell in sheet.rows[0].cells] if sheet.rows else []
    if PARENT not in names:
        return False
    place = names.index(PARENT)
    return len(sheet.rows) == 1 or any(text_of(row.at(place)) != TOP for row in sheet.rows[1:])


def grid_of(
    sheets: Iterable[WorkbookSheet], reading: Reading, read_as: ReadAs, notices: Iterable[ReaderNotice] = ()
) -> Grid:
    """The grid of a workbook's sheets; hidden ones are not read but named, hidden rows and columns are read and counted."""
    read, unread, noticed = list[Sheet](), list[tuple[str, str]](), list(notices)
    aside = []
    hidden = {"rows": 0, "columns": 0, "sheets": 0}
    for sheet in sheets:
        if not sheet.is_visible:
            unread.append((sheet.name, "hidden" if sheet.rows else "hidden_empty"))
            aside.append(Sheet(sheet.name, sheet.rows, sheet.marks, _is_repeat(sheet)))
            noticed.append(hidden_sheet_notice(sheet))
            hidden["sheets"] += 1
        elif not reading.reads(sheet.name):
            unread.append((sheet.name, "name"))
            aside.append(Sheet(sheet.name, sheet.rows, sheet.marks, _is_repeat(sheet)))
            noticed.append(unread_sheet_notice(sheet.name))
        else:
            noticed += _notices(sheet)
            hidden["rows"] += sheet.hidden_rows
            hidden["columns"] += sheet.hidden_columns
            name = sheet.name if reading.name_sheets else None
            read.append(Sheet(name, sheet.rows, sheet.marks, _is_repeat(sheet)))
    return Grid(
        read,
        unread,
        noticed,
        read_as,
        aside=tuple(aside),
        hidden={what: count for what, count in hidden.items() if count},
    )
