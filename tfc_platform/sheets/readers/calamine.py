"""Workbooks that openpyxl does not read (.xls, .xlsb, and .xlsx that it fails on), and a second count of the rows of others.

calamine gives a spreadsheet error and a formula that was never calculated as a blank: who reads by it is told so. It works in
C-like memory that a damaged file can make it ask for without limit, so what it reads alone it reads in a process of its own.

Belongs here: what calamine gives as a `Grid`. Does not belong: ordinary workbooks (`workbook`), or big ones (`big_workbook`).
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.readers.sheet_limits import WorkbookSheet, grid_of
from tfc_platform.sheets.sheet_model import (
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


def _sheets(lines: list[str]) -> list[WorkbookSheet]:
    heads: list[tuple[dict[str, Any], list[SheetRow]]] = []
    for line in lines:
        value = json.loads(line)
        if isinstance(value, dict):
            heads.append((value, []))
        else:
            head, rows = heads[-1]
            number, cells = value
            rows.append(SheetRow(number + 1, tuple([None] * head["left"] + [_cell(cell) for cell in cells])))
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
    """:raises Unreadable: where calamine cannot read the workbook within its limits."""
    command = [sys.executable, "-I", str(CHILD), str(MEMORY), str(SECONDS)]
    done = subprocess.run(command, input=content, capture_output=True, check=False)
    try:
        if done.returncode != 0:
            raise ValueError
        sheets = _sheets(done.stdout.decode().splitlines())
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
