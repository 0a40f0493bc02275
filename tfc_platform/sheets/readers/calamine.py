"""Workbooks that openpyxl does not read (.xls, .xlsb, .ods, and .xlsx that it fails on), and a second count of others' rows.

calamine gives a formula that was never calculated as a blank, and in most formats an error too: the sender is warned. A damaged
file can make it ask for memory without limit, so it runs in a process of its own.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.readers.sheet_limits import WorkbookSheet, grid_of
from tfc_platform.sheets.sheet_model import (
    CellError,
    CellValue,
    Format,
    Grid,
    Marks,
    ReadAs,
    ReaderNotice,
    SheetRow,
    Unreadable,
    is_blank,
)

__all__ = ["MOST_CELLS", "read", "row_counts"]

CHILD = Path(__file__).with_name("calamine_child.py")
MEMORY = 2 * 2**30  # bytes of address space; an .xls of its full 65,536 rows by 256 columns takes 1 GiB
SECONDS = 120
MOST_CELLS = 2_000_000  # of a sheet's rectangle that is counted again within this process: about 60 MiB
KINDS: dict[str, Callable[[str], CellValue]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda text: timedelta(seconds=float(text)),
}
DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+(?:\.\d+)?)S", re.ASCII)  # how OpenDocument writes a span of time
ERROR = re.compile(
    r"#[A-Z0-9/]+[!?]?|Err:\d+", re.ASCII
)  # `#REF!`, `#DIV/0!`, `Err:502`: a text to calamine in OpenDocument
TOO_MUCH = 3  # exit status of the process: cells are repeated beyond measure
NOT_SEEN = (
    "In this format errors (#REF!) and formulas that were never calculated look like blank cells, and hidden rows, colours and"
    " comments cannot be seen. Save the workbook as .xlsx to have them looked at."
)
OTHERWISE = (
    "The workbook is not written as it should be, and only its values could be read: errors (#REF!) and formulas that were never"
    " calculated look like blank cells, and hidden rows, colours and comments cannot be seen. Open it in Excel and save it again."
)


def _cell(value: Any) -> CellValue:
    if isinstance(value, list):
        kind, text = value
        return KINDS[kind](text)
    cell: CellValue = value
    return cell


def _open_document_cell(value: Any) -> CellValue:
    """A cell of an .ods, in which calamine gives errors and spans of time as texts."""
    cell = _cell(value)
    if isinstance(cell, str) and ERROR.fullmatch(cell):
        return CellError(cell)
    span = DURATION.fullmatch(cell) if isinstance(cell, str) else None
    if span is None:
        return cell
    return timedelta(hours=int(span[1]), minutes=int(span[2]), seconds=float(span[3]))


def _sheets(lines: list[str], to_cell: Callable[[Any], CellValue]) -> list[WorkbookSheet]:
    heads: list[tuple[dict[str, Any], list[SheetRow]]] = []
    for line in lines:
        value = json.loads(line)
        if isinstance(value, dict):
            heads.append((value, []))
        else:
            head, rows = heads[-1]
            number, cells = value
            rows.append(SheetRow(number + 1, tuple([None] * head["left"] + [to_cell(cell) for cell in cells])))
    return [
        WorkbookSheet(
            head["name"],
            rows,
            head["visible"],
            Marks(merged=tuple((a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in head["merged"])),
        )
        for head, rows in heads
    ]


def read(content: bytes, reading: Reading, found: Format) -> Grid:
    """The sheets of a workbook.

    :raises Unreadable: where calamine cannot read the workbook within its limits.
    """
    command = [sys.executable, "-I", str(CHILD), str(MEMORY), str(SECONDS)]
    done = subprocess.run(command, input=content, capture_output=True, check=False)
    if done.returncode == TOO_MUCH:
        raise Unreadable("The workbook repeats cells beyond what a return holds. It was not read.")
    try:
        if done.returncode != 0:
            raise ValueError
        sheets = _sheets(done.stdout.decode().splitlines(), _open_document_cell if found == "ods" else _cell)
    except ValueError:  # what it wrote of its failure may repeat a cell
        raise Unreadable("The workbook is damaged or incomplete: save it again as .xlsx and send it again.") from None
    limits = OTHERWISE if found in ("xlsx", "xlsm") else NOT_SEEN
    if not sheets:
        raise Unreadable("The workbook shows no sheet that can be read. Save it as a plain .xlsx and send it again.")
    return grid_of(sheets, reading, ReadAs(found), [ReaderNotice(None, "format_limits", limits)])


def row_counts(content: bytes) -> dict[str, int] | None:
    """The number of filled rows of each sheet of a workbook that another reader has found small; None where it fails."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return {
            name: sum(not all(map(is_blank, row)) for row in book.get_sheet_by_name(name).to_python())
            for name in book.sheet_names
        }
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic of its Rust code is no `Exception`
        return None
