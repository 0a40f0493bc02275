"""Run by itself, never imported: a workbook's bytes on standard input, its sheets as JSON on standard output.

A sheet with one stray entry in its furthest corner makes calamine ask for 500 GB, and end the process that runs it: here that
ends this process alone, whose memory and time have a limit. It imports nothing of the platform, so that it starts quickly.
Each cell is a value, or [kind, text] for what JSON has not.

Belongs here: that one process. Does not belong: what its sheets become (`calamine`).
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
        for number, cells in enumerate(sheet.to_python(skip_empty_area=True)):
            if any(cell != "" for cell in cells):
                sys.stdout.write(json.dumps([top + number, [_cell(cell) for cell in cells]]) + "\n")


main()
