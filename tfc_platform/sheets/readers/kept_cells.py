"""The table of cells that is kept of a file once rows of it were erased: one form for all formats, in place of the original.

It is JSON lines. The first line has what the reader of the original found out: the sheets, their marks, the notices. Each further
line is a row: its sheet, its number as the sender sees it, and its cells from the first column on. Read by the same contract it
gives what the original gives, without the erased rows.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.file_format import KEPT_CELLS
from tfc_platform.sheets.readers.sheet_limits import WorkbookSheet, hidden_sheet_notice, unread_sheet_notice
from tfc_platform.sheets.sheet_model import (
    BOOKS,
    CellError,
    CellValue,
    Format,
    Grid,
    LazyRows,
    Marks,
    ReadAs,
    ReaderNotice,
    Sheet,
    SheetRow,
    Unreadable,
    Variable,
)

__all__ = ["ErasedRows", "original_format", "read", "write"]

ErasedRows = Mapping[str | None, Set[int]]  # sheet (None where a format has none) → row numbers as the sender sees them

VERSION = 1
DAMAGED = "What was kept of the file is damaged. Send the file again."
IN_MEMORY = 8 * 2**20  # bytes; the rows of a longer table are parsed anew each time that somebody goes through them
PARSERS: dict[str, Callable[[str], CellValue]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "microseconds": lambda text: timedelta(microseconds=int(text)),
    "error": lambda text: CellError(text, "error"),
    "formula": lambda text: CellError(text, "formula"),
}


def _to_json(cell: CellValue) -> Any:
    """A cell as JSON has it, or a pair of its kind and its text."""
    if isinstance(cell, CellError):
        return [cell.kind, cell.what]
    if isinstance(cell, datetime):
        return ["datetime", cell.isoformat()]
    if isinstance(cell, date):
        return ["date", cell.isoformat()]
    if isinstance(cell, time):
        return ["time", cell.isoformat()]
    if isinstance(cell, timedelta):
        return ["microseconds", str(cell // timedelta(microseconds=1))]
    return cell


def _from_json(value: Any) -> CellValue:
    if isinstance(value, list):
        kind, text = value
        return PARSERS[kind](text)
    cell: CellValue = value
    return cell


def _marks_to_json(marks: Marks, erased: Set[int]) -> dict[str, Any]:
    def left(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        return sorted(place for place in places if place[0] not in erased)

    return {
        "fills": [[*place, marks.fills[place]] for place in left(marks.fills)],
        "struck": left(marks.struck),
        "comments": left(marks.comments),
        "merged": list(marks.merged),
    }


def _marks_from_json(values: Mapping[str, Any]) -> Marks:
    return Marks(
        fills={(row, column): colour for row, column, colour in values["fills"]},
        struck=frozenset((row, column) for row, column in values["struck"]),
        comments=frozenset((row, column) for row, column in values["comments"]),
        merged=tuple((a, b, c, d) for a, b, c, d in values["merged"]),
    )


def write(grid: Grid, original: Format, erased: ErasedRows) -> bytes:
    """The table of cells of a file without some of its rows.

    :param grid: all of the file, each sheet under its own name.
    :param original: what the bytes of the file were.
    :param erased: the rows that are left out. Their colours and comments are left out too.
    """
    heads: list[dict[str, Any]] = []
    lines: list[str] = []
    why_unread, notices = dict(grid.unread), list(grid.warnings)
    for place, sheet in enumerate([*grid.sheets, *grid.aside]):
        gone = erased.get(sheet.name, frozenset())
        rows = list(sheet.rows)
        left = [row for row in rows if row.number not in gone]
        lines += [
            json.dumps({"sheet": sheet.name, "row": row.number, "cells": [_to_json(cell) for cell in row.cells]})
            for row in left
        ]
        unread = why_unread.get(sheet.name or "") if place >= len(grid.sheets) else None
        notices = [_recounted(notice, sheet.name or "", rows, left) for notice in notices]
        heads.append(
            {
                "name": sheet.name,
                "unread": "hidden_empty" if unread == "hidden" and not left else unread,
                "is_repeat": sheet.is_repeat,
                "rows": len(left),
                "marks": _marks_to_json(sheet.marks, gone),
            }
        )
    named = {head["name"] for head in heads}
    head = {
        "kept_cells": VERSION,
        "original": original,
        "read_as": grid.read_as,
        "sheets": heads,
        "unread": [[name, why] for name, why in grid.unread if name not in named],
        "notices": notices,
        "variables": [asdict(variable) for variable in grid.variables],
        "hidden": grid.hidden,
    }
    return "".join(f"{line}\n" for line in [json.dumps(head), *lines]).encode()


def _recounted(notice: ReaderNotice, name: str, rows: list[SheetRow], left: list[SheetRow]) -> ReaderNotice:
    """A notice that counts the rows of a hidden sheet, with those that are left."""
    if len(rows) != len(left) and notice == hidden_sheet_notice(WorkbookSheet(name, rows)):
        return hidden_sheet_notice(WorkbookSheet(name, left))
    return notice


def _head(content: bytes) -> Any:
    return json.loads(content[: content.find(b"\n") + 1])


def original_format(content: bytes) -> Format:
    """What the bytes of the file were.

    :raises Unreadable: where the table of cells is damaged.
    """
    try:
        found: Format = _head(content)["original"]
    except (ValueError, KeyError, TypeError):
        raise Unreadable(DAMAGED) from None
    return found


def _rows(content: bytes, first: int, count: int) -> Iterator[SheetRow]:
    """The rows that are written on so many lines, from one on."""
    for line in islice(io.BytesIO(content), first, first + count):
        values = json.loads(line)
        yield SheetRow(int(values["row"]), tuple(map(_from_json, values["cells"])))


def read(content: bytes, reading: Reading) -> Grid:
    """:raises Unreadable: where the table is damaged."""
    if not content.startswith(KEPT_CELLS):
        raise Unreadable(DAMAGED)
    try:
        return _read(content, reading)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise Unreadable(DAMAGED) from None


def _read(content: bytes, reading: Reading) -> Grid:
    head = _head(content)
    notices = [ReaderNotice(*values) for values in head["notices"]]
    read_as = ReadAs(*head["read_as"])
    sheets: list[Sheet] = []
    aside: list[Sheet] = []
    unread = [(str(name), str(why)) for name, why in head["unread"]]
    first = 1
    for part in head["sheets"]:
        name, why = part["name"], part["unread"]
        rows: Iterable[SheetRow] = list(_rows(content, first, part["rows"]))
        if len(content) > IN_MEMORY:
            rows = LazyRows(lambda first=first, count=part["rows"]: _rows(content, first, count))  # type: ignore[misc]
        first += part["rows"]
        sheet = Sheet(name, rows, _marks_from_json(part["marks"]), part["is_repeat"])
        if read_as.format in BOOKS and why in (None, "name"):
            is_read = reading.reads(name)
            if is_read != (why is None):  # the contract has changed since
                notices = [notice for notice in notices if notice.sheet != name]
                notices += [] if is_read else [unread_sheet_notice(name)]
            why = None if is_read else "name"
        if why is None:
            sheets.append(sheet if reading.name_sheets else Sheet(None, rows, sheet.marks, sheet.is_repeat))
        else:
            aside.append(sheet)
            unread.append((name or "", why))
    return Grid(
        sheets,
        unread,
        notices,
        read_as,
        tuple(Variable(**{**values, "missing": tuple(values["missing"])}) for values in head["variables"]),
        tuple(aside),
        dict(head["hidden"]),
    )
