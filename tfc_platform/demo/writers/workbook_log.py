"""A workbook that a team keeps by hand: a sheet a month, merged headings, a total and a note under the table.

Columns of the table: date, activity, status, venue, postcode, attendance, hours, partners, notes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tfc_platform.demo.data_entry_errors import MONTHS, SessionEntry
from tfc_platform.demo.file_ledgers import FileLedger
from tfc_platform.demo.writers.containers import Rendered, workbook_bytes

__all__ = ["render", "sheet_name"]

ATTENDANCE_COLUMN = 6
HIDDEN_ROWS = 5


def sheet_name(month: date) -> str:
    return f"{MONTHS[month.month - 1][:3]} {month.year % 100:02d}"


def _row(entry: SessionEntry, layout: Mapping[str, Any]) -> list[date | str | float | None]:
    session = entry.session
    # Which hall is a matter of the postcode, so that a venue keeps its name.
    hall = layout["venues"][sum(session.venue.postcode.encode()) % len(layout["venues"])]
    return [
        entry.date_cell or None,
        entry.activity_cell,
        layout["statuses"]["delivered" if session.delivered else "cancelled"],
        hall,
        session.venue.postcode,
        None if entry.attendance_cell == "" else entry.attendance_cell,
        session.hours,
        "; ".join(session.partners) or None,
        entry.remark.text or None,
    ]


def _sheet(
    sheet: Worksheet, entries: Sequence[SessionEntry], layout: Mapping[str, Any], off_by: int, ledger: FileLedger
) -> None:
    sheet.append([layout["title"]])
    sheet.append([])
    for headings in layout["headings"]:
        sheet.append(headings)
    row = 2 + len(layout["headings"])
    for entry in entries:
        row += 1
        for column, cell in enumerate(_row(entry, layout), 1):
            if cell is not None:
                sheet.cell(row, column, cell)
        ledger.row(entry.end)
        ledger.remark(entry.remark, row, layout["notes_column"], sheet.title)
    right = sum(
        entry.attendance.low or 0
        for entry in entries
        if entry.counts and entry.session.delivered and entry.attendance.exact
    )
    sheet.cell(row + 1, 1, layout["total"])
    sheet.cell(row + 1, ATTENDANCE_COLUMN, right + off_by)
    sheet.cell(row + 3, 1, layout["note"])
    ledger.not_data += 2
    if off_by:
        ledger.totals_wrong.append({"sheet": sheet.title, "off_by": off_by})
    for cells in layout["merged"]:
        sheet.merge_cells(cells)


def _hidden(sheet: Worksheet, layout: Mapping[str, Any], postcode: str, activity: str) -> None:
    """Rows of an earlier year that somebody hid instead of deleting: they must not be counted."""
    sheet.append(layout["hidden_headings"])
    for _ in range(HIDDEN_ROWS):
        sheet.append([date(2024, 3, 1), activity, layout["statuses"]["delivered"], "Hall", postcode, 999, 1])
    sheet.sheet_state = "hidden"


def render(
    months: Mapping[date, Sequence[SessionEntry]],
    layout: Mapping[str, Any],
    wrong_total: tuple[date, int] | None = None,
) -> Rendered:
    """The workbook of these months; `wrong_total` says on which month's sheet the total is off, and by how much."""
    workbook, ledger = Workbook(), FileLedger()
    workbook.remove(workbook.worksheets[0])
    for month, entries in months.items():
        off_by = wrong_total[1] if wrong_total and wrong_total[0] == month else 0
        _sheet(workbook.create_sheet(sheet_name(month)), entries, layout, off_by, ledger)
    any_entry = next(entry for entries in months.values() for entry in entries)
    _hidden(
        workbook.create_sheet(layout["hidden_sheet"]),
        layout,
        any_entry.session.venue.postcode,
        any_entry.session.called,
    )
    return Rendered(workbook_bytes(workbook), ledger)
