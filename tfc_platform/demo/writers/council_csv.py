"""A council system's export of one month: Windows-1252, a blank line and a note at the end, a column renamed midway.

Columns: date, programme, outcome, postcode, attendance, hours, partners, comments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tfc_platform.demo.data_entry_errors import SessionEntry, uk_date
from tfc_platform.demo.file_ledgers import FileLedger
from tfc_platform.demo.writers.containers import Delimited, Rendered

__all__ = ["render"]


def headings(month: date, layout: Mapping[str, Any]) -> list[str]:
    """The headings that the system gave in that month."""
    renamed = layout["renamed"]
    new = f"{month:%Y-%m}" >= renamed["from"]
    return [renamed["to"] if new and name == renamed["column"] else name for name in layout["headings"]]


def _row(entry: SessionEntry, layout: Mapping[str, Any]) -> list[object]:
    session, day = entry.session, entry.date_cell
    return [
        day if isinstance(day, str) else uk_date(day, "{dd}/{mm}/{yyyy}"),
        entry.activity_cell,
        layout["statuses"]["delivered" if session.delivered else "cancelled"],
        session.venue.postcode,
        entry.attendance_cell,
        "" if session.hours is None else f"{session.hours:g}",
        "; ".join(session.partners),
        entry.remark.text,
    ]


def render(month: date, entries: Sequence[SessionEntry], layout: Mapping[str, Any]) -> Rendered:
    ledger, out = FileLedger(), Delimited()
    names = headings(month, layout)
    out.record(names)
    for entry in entries:
        line = out.record(_row(entry, layout))
        ledger.row(entry.end)
        ledger.remark(entry.remark, line, layout["notes_column"], encoding=layout["encoding"])
    out.record([])
    out.record([layout["note"], *[""] * (len(names) - 1)])
    ledger.not_data += 1
    return Rendered(out.encoded(layout["encoding"]), ledger)
