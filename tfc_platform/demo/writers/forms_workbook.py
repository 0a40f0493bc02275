"""A forms tool's workbook: one row a response, its own id, start and completion, and who filled it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from openpyxl import Workbook

from tfc_platform.demo.data_entry_errors import SessionEntry
from tfc_platform.demo.file_ledgers import FileLedger
from tfc_platform.demo.writers.containers import Rendered, workbook_bytes

__all__ = ["render"]

SHEET = "Sheet1"
FILLING_IN = timedelta(minutes=6)


def _row(entry: SessionEntry, layout: Mapping[str, Any]) -> list[object]:
    session, day = entry.session, entry.date_cell
    if session.reporter is None:
        raise ValueError("a forms tool knows who filled it in: sites.yaml needs `staff`")
    return [
        entry.number,
        session.reported_at,
        session.reported_at + FILLING_IN,
        session.reporter.email,
        session.reporter.name,
        datetime(day.year, day.month, day.day) if isinstance(day, date) else day or None,
        entry.activity_cell,
        f"{session.audience.capitalize()};",
        None if entry.attendance_cell == "" else entry.attendance_cell,
        session.venue.postcode,
        session.hours,
        "".join(f"{partner};" for partner in session.partners) or None,
        layout["statuses"]["delivered" if session.delivered else "cancelled"],
        entry.remark.text or None,
    ]


def render(entries: Sequence[SessionEntry], layout: Mapping[str, Any]) -> Rendered:
    workbook, ledger = Workbook(), FileLedger()
    sheet = workbook.worksheets[0]
    sheet.title = SHEET
    sheet.append(layout["headings"])
    for row, entry in enumerate(entries, 2):
        sheet.append(_row(entry, layout))
        ledger.row(entry.end)
        ledger.remark(entry.remark, row, layout["notes_column"])
        if entry.session.reporter:
            ledger.secrets.update([entry.session.reporter.name, entry.session.reporter.email])
    return Rendered(workbook_bytes(workbook), ledger)
