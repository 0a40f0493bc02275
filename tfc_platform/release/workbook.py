"""A release's workbook, by the Analysis Function's rules for accessible spreadsheets.

Belongs here: which sheets there are and what stands on them (cover, contents, notes, shorthand, a sheet a table). Does not
belong: what is shown or hidden, or how cells are put into the file (`sheets`). The rules as they are kept here, and the checker
that reads the file again by them: `docs/decisions/0016-workbook.md`, `tests/release/accessible.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tfc_platform.publication.released_table import ReleaseTable, Status
from tfc_platform.release.sheet_writer import Book

__all__ = ["BLANKS", "SHORTHAND", "STANDS_FOR_NONE", "note_numbers", "shown_rows", "write_workbook"]

SHORTHAND = {
    Status.SUPPRESSED.value: "[c]",
    Status.SUPPRESSED_SECONDARY.value: "[c]",
    Status.NOT_AVAILABLE.value: "[x]",
    Status.NOT_COMPARABLE.value: "[x]",
    Status.NOT_APPLICABLE.value: "[z]",
}
_MEANINGS = {
    "[c]": "Confidential: withheld, because it is of too few persons, or because others could be worked out from it.",
    "[x]": "Not available: not recorded, not comparable, or of a period that is not locked yet.",
    "[z]": "Not applicable: there can be no such figure.",
}
STANDS_FOR_NONE = "[x]"  # in each cell of the one row of a table that has none: a marked table needs a row
BLANKS = "Blank cells mean that there is nothing to record: no note, or a step that has not happened."
_WIDEST = 60  # characters of a column
AUTHOR = "Together for Childhood evaluation platform"


@dataclass(frozen=True)
class _Sheet:
    """A sheet with one table: lines above it, columns with their widths, rows."""

    name: str
    title: str
    lines: tuple[str, ...]
    columns: tuple[tuple[str, int], ...]
    rows: Sequence[Sequence[Any]]


def write_workbook(tables: Sequence[ReleaseTable], cover: Sequence[str], made: date, target: Path) -> None:
    """Write the workbook; `cover` are the lines of its first sheet, of which the first is the title; `made` is the only date.

    There is no zero that stands for a small number, so the shorthand `[low]` is not used.
    """
    notes = note_numbers(tables)
    sheets = [_of_table(table, notes) for table in tables]
    fronts = [_contents(tables), *([_notes(tables, notes)] if notes else []), _shorthand()]
    book = Book(cover[0], AUTHOR, made)
    book.add_lines("Cover", cover)
    for sheet in (*fronts, *sheets):
        links = {row[0]: row[0] for row in sheet.rows} if sheet.name == "Contents" else {}
        book.add_table(sheet.name, sheet.title, sheet.lines, sheet.columns, sheet.rows, links)
    target.write_bytes(book.content())


def note_numbers(tables: Sequence[ReleaseTable]) -> dict[str, int]:
    """Each different note of all tables and its number, in the order in which a reader meets them."""
    found: dict[str, int] = {}
    for table in tables:
        place = _place(table, "note")
        if place is not None:
            for row in table.rows:
                if row[place] is not None and row[place] not in found:
                    found[row[place]] = len(found) + 1
    return found


def shown_rows(table: ReleaseTable, notes: Mapping[str, int]) -> list[tuple[Any, ...]]:
    """The rows as the workbook shows them: shorthand where a value is not there, `[note n]` for a note's text."""
    value, status, note = (_place(table, name) for name in ("value", "status", "note"))
    if not table.rows:
        return [(STANDS_FOR_NONE,) * len(table.columns)]
    if value is None or status is None or note is None:
        return list(table.rows)
    shown = []
    for row in table.rows:
        cells = list(row)
        if cells[value] is None:
            cells[value] = SHORTHAND.get(cells[status])
        if cells[note] is not None:
            cells[note] = f"[note {notes[cells[note]]}]"
        shown.append(tuple(cells))
    return shown


def _place(table: ReleaseTable, name: str) -> int | None:
    return next((number for number, column in enumerate(table.columns) if column.name == name), None)


def _of_table(table: ReleaseTable, notes: Mapping[str, int]) -> _Sheet:
    rows = shown_rows(table, notes)
    place = _place(table, "note")
    has_notes = place is not None and any(row[place] is not None for row in table.rows)
    lines = [
        table.description,
        "This worksheet contains one table.",
        "Notes are given as [note 1] in the column note, and explained on the sheet Notes."
        if has_notes
        else "This table has no notes.",
    ]
    if not table.rows:
        lines.append(f"The table has no rows yet: the row of {STANDS_FOR_NONE} stands for none.")
    elif _place(table, "status") is not None:
        lines.append("Shorthand in the column value, such as [c], is explained on the sheet Shorthand.")
    if any(cell is None for row in rows for cell in row):
        lines.append(BLANKS)
    lines.append(f"Source: {AUTHOR}. How each measure is defined: sheet metric.")
    return _Sheet(table.name, f"{table.name}: {table.title}", tuple(lines), _widths(table), rows)


def _contents(tables: Sequence[ReleaseTable]) -> _Sheet:
    rows = [(table.name, table.title, len(table.rows)) for table in tables]
    lines = ("This worksheet contains one table.", "It lists the sheets with tables; each name is a link to its sheet.")
    return _Sheet("Contents", "Contents", lines, (("Sheet", 26), ("Title", 60), ("Rows", 12)), rows)


def _notes(tables: Sequence[ReleaseTable], notes: Mapping[str, int]) -> _Sheet:
    where: dict[str, list[str]] = {note: [] for note in notes}
    for table in tables:
        place = _place(table, "note")
        for note in {row[place] for row in table.rows if row[place] is not None} if place is not None else ():
            where[note].append(table.name)
    rows = [(f"note {number}", note, ", ".join(where[note])) for note, number in notes.items()]
    columns = (("Note", 12), ("Text", 90), ("Tables", 40))
    return _Sheet("Notes", "Notes", ("This worksheet contains one table.",), columns, rows)


def _shorthand() -> _Sheet:
    def statuses(short: str) -> str:
        return ", ".join(status for status, used in SHORTHAND.items() if used == short)

    rows = [(short, meaning, statuses(short)) for short, meaning in _MEANINGS.items()]
    columns = (("Shorthand", 14), ("Meaning", 90), ("Where the column status says", 40))
    return _Sheet("Shorthand", "Shorthand", ("This worksheet contains one table.",), columns, rows)


def _widths(table: ReleaseTable) -> tuple[tuple[str, int], ...]:
    """As wide as the longest text, and from `_WIDEST` on wrapped."""
    columns = zip(*table.rows, strict=True) if table.rows else [()] * len(table.columns)
    longest = [max((len(cell) for cell in set(cells) if isinstance(cell, str)), default=0) for cells in columns]
    return tuple(
        (column.name, max(len(column.name), 10, min(length, _WIDEST)) + 2)
        for column, length in zip(table.columns, longest, strict=True)
    )
