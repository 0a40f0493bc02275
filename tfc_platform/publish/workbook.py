"""A release's workbook: a cover, then a sheet a table.

Belongs here: the sheets, and making the file the same bytes on any day. Does not belong: what is shown or hidden. The
shorthand is that of the Government Analysis Function: [c] confidential, [x] not available, [z] not applicable.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from tfc_platform.protect.figures import Status
from tfc_platform.publish.formats import safe_text
from tfc_platform.publish.tables import ReleaseTable

__all__ = ["SHORTHAND", "write_workbook"]

SHORTHAND = {
    Status.SUPPRESSED.value: "[c]",
    Status.SUPPRESSED_SECONDARY.value: "[c]",
    Status.NOT_AVAILABLE.value: "[x]",
    Status.NOT_COMPARABLE.value: "[x]",
    Status.NOT_APPLICABLE.value: "[z]",
}
# What XML 1.0 cannot hold; a workbook with one would not open.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 32_767  # characters of a cell
AUTHOR = "Together for Childhood evaluation platform"
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_workbook(tables: Sequence[ReleaseTable], cover: Sequence[Sequence[str]], made: date, target: Path) -> None:
    """Write the workbook; `cover` are the rows of its first sheet, `made` the only date that it carries."""
    from xlsxwriter import Workbook

    stream = BytesIO()
    # Row by row, since a release has a hundred thousand cells. No text is looked at for a formula, an address or a number.
    book = Workbook(stream, {"constant_memory": True, "in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"author": AUTHOR, "created": datetime(made.year, made.month, made.day)})
    bold = book.add_format({"bold": True})
    front = book.add_worksheet("Cover")
    front.set_column(0, 0, 28)
    front.set_column(1, 1, 100)
    for number, line in enumerate(cover):
        for place, part in enumerate(line):
            front.write_string(number, place, _text(part), bold if number == 0 else None)
    for table in tables:
        sheet = book.add_worksheet(table.name)
        sheet.freeze_panes(1, 0)
        for place, (column, width) in enumerate(zip(table.columns, _widths(table), strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, column.name, bold)
        for number, row in enumerate(_rows(table), start=1):
            for place, cell in enumerate(row):
                _write(sheet, number, place, cell)
    book.close()
    target.write_bytes(_with_fixed_times(stream.getvalue()))


def _write(sheet: Any, row: int, column: int, cell: Any) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, _text(cell))
    elif isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell)
    elif cell is not None:
        sheet.write_number(row, column, cell)


def _rows(table: ReleaseTable) -> list[tuple[Any, ...]]:
    """The rows, with the shorthand where a value is not there: an empty cell would say nothing."""
    names = [column.name for column in table.columns]
    if "status" not in names:
        return list(table.rows)
    value, status = names.index("value"), names.index("status")
    return [
        (*row[:value], SHORTHAND.get(row[status], row[value]) if row[value] is None else row[value], *row[value + 1 :])
        for row in table.rows
    ]


def _text(value: str) -> str:
    return safe_text(_UNWRITABLE.sub("", value))[:_LONGEST]


def _widths(table: ReleaseTable) -> list[int]:
    return [min(60, max(len(column.name), 80 if column.name == "text" else 12)) + 2 for column in table.columns]


def _with_fixed_times(content: bytes) -> bytes:
    """The same workbook without the clock: its parts in one order, each with the same time."""
    result = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist()):
            info = zipfile.ZipInfo(name, _ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            target.writestr(info, source.read(name))
    return result.getvalue()
