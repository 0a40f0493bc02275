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
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_workbook(tables: Sequence[ReleaseTable], cover: Sequence[Sequence[str]], made: date, target: Path) -> None:
    """Write the workbook; `cover` are the rows of its first sheet, `made` the only date that it carries."""
    from openpyxl import Workbook  # half a second that only a night with a release needs to spend
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.writer.excel import ExcelWriter

    book = Workbook(write_only=True)
    bold = Font(bold=True)

    def heading(sheet: Any, names: Sequence[str]) -> None:
        cells = [WriteOnlyCell(sheet, value=name) for name in names]
        for cell in cells:
            cell.font = bold
        sheet.append(cells)

    front = book.create_sheet("Cover")
    front.column_dimensions["A"].width = 28
    front.column_dimensions["B"].width = 100
    heading(front, cover[0])
    for line in cover[1:]:
        front.append([_cell(part) for part in line])
    for table in tables:
        sheet = book.create_sheet(table.name)
        sheet.freeze_panes = "A2"
        for column, width in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _widths(table), strict=False):
            sheet.column_dimensions[column].width = width
        heading(sheet, [column.name for column in table.columns])
        for row in _rows(table):
            sheet.append([_cell(cell) for cell in row])
    book.properties.creator = "Together for Childhood evaluation platform"
    stream = BytesIO()
    # Stored, not packed: it is packed once, with fixed times.
    ExcelWriter(book, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED)).save()
    target.write_bytes(_with_fixed_times(stream.getvalue(), made))


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


def _cell(value: Any) -> Any:
    return safe_text(_UNWRITABLE.sub("", value))[:_LONGEST] if isinstance(value, str) else value


def _widths(table: ReleaseTable) -> list[int]:
    return [min(60, max(len(column.name), 80 if column.name == "text" else 12)) + 2 for column in table.columns]


def _with_fixed_times(content: bytes, made: date) -> bytes:
    """The same workbook without the clock: the times of its parts, and those in its properties."""
    stamp = datetime(made.year, made.month, made.day).strftime("%Y-%m-%dT%H:%M:%SZ")
    result = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist()):
            part = source.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:(created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp.encode(), part)
            info = zipfile.ZipInfo(name, _ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            target.writestr(info, part)
    return result.getvalue()
