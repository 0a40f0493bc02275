"""Run by itself, never imported: a workbook's bytes on standard input, its sheets as JSON on standard output.

A sheet with one stray entry in its furthest corner makes calamine ask for 500 GB. Here that ends only this process, whose memory
and time have a limit. It imports nothing of the platform, so that it starts quickly. Each cell is a value, or [kind, text] for
what JSON has not.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from datetime import date, datetime, time, timedelta

import python_calamine

LIMIT = int(sys.argv[1])  # bytes of memory
SECONDS = int(sys.argv[2])  # of processor time
MOST_CELLS = 5_000_000  # with a value: OpenDocument lets one cell or row stand for any number
MOST_COLUMNS = 16_384  # no return has as many as a spreadsheet program can hold
TOO_MUCH = 3  # exit status


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return ["datetime", value.isoformat()]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, time):
        return ["time", value.isoformat()]
    if isinstance(value, timedelta):
        return ["seconds", repr(value.total_seconds())]
    return None if value == "" else value


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    for about in book.sheets_metadata:
        if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(about.name)
        visible = about.visible == python_calamine.SheetVisibleEnum.Visible
        top, left = sheet.start or (0, 0)
        merged = sheet.merged_cell_ranges or []
        head = {"name": about.name, "visible": visible, "top": top, "left": left, "merged": merged}
        sys.stdout.write(json.dumps(head) + "\n")
        filled = 0
        for number, cells in enumerate(sheet.to_python(skip_empty_area=True)):
            filled += sum(cell != "" for cell in cells)
            if filled > MOST_CELLS or len(cells) >= MOST_COLUMNS:
                sys.exit(TOO_MUCH)
            if any(cell != "" for cell in cells):
                sys.stdout.write(json.dumps([top + number, [_cell(cell) for cell in cells]]) + "\n")


main()
