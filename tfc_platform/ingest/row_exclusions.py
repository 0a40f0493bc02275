"""Rows that are data and do not count: orphans of a repeated group, those that a rule leaves out, ragged ones, other months'."""

from __future__ import annotations

from datetime import date
from typing import Any

from tfc_platform.contracts.model import normal
from tfc_platform.ingest.ingest_result import RowIssue
from tfc_platform.ingest.sheet_context import SheetContext
from tfc_platform.ingest.values.rewritten import known_form
from tfc_platform.sheets.sheet_model import SheetRow, is_blank

__all__ = ["RowExclusions"]

SHORT_ROW = (
    "The row has {cells} cells and the header {columns}: nobody can tell which are missing. Export the form again in one version,"
    " with a cell for every column."
)
LONG_ROW = (
    "The row has {cells} cells and the header {columns}: put a text with a separator in quotation marks, or export the form"
    " again."
)
OTHER_MONTH = (
    "The date lies in another month than the file's name says: the row was not taken in, so that it is not counted in two months'"
    " files. Correct the date, or move the row into its own month's return."
)


class RowExclusions:
    """The reasons for which a row of one sheet does not count, whatever its cells say.

    `width` is how many cells a row of a delimited text has at least.
    """

    def __init__(self, context: SheetContext) -> None:
        names = context.layout.names
        self.context, self.report, self.result = context, context.report, context.report.result
        self.width = max((index + 1 for index, name in enumerate(names) if name), default=0)
        self._day = next(((name, index) for name, index, _, is_date in context.reading if is_date), None)
        self._ends_in_text = bool(names) and len(names) - 1 in context.layout.free_text

    def before_reading(self, row: SheetRow, texts: list[str]) -> tuple[RowIssue, bool] | None:
        """Why a row does not count before its cells are read, and whether that is a fault of the return; or None."""
        return self._orphan(row) or self._ruled_out(row, texts) or self._ragged(row)

    def outside_month(self, row: SheetRow, values: dict[str, Any]) -> RowIssue | None:
        """Why a row is not of the month that the file's name says, or None."""
        month = self.context.file.month
        if month is None or self._day is None or not isinstance(day := values.get(self._day[0]), date):
            return None
        if (day.year, day.month) == (month.year, month.month):
            return None
        self.result.other_months[f"{day:%Y-%m}"] += 1
        return self.report.issue(row, self._day[1], "error", "date_outside_month", OTHER_MONTH, "rejected")

    def note_outside_window(self, index: int, day: date) -> None:
        """Count a date outside the contract's window, and outside the month of the file's name."""
        month = self.context.file.month
        self.result.outside_window[f"{day:%Y-%m}"] += 1
        if month is not None and self._day is not None and self._day[1] == index and day.replace(day=1) != month:
            self.result.other_months[f"{day:%Y-%m}"] += 1

    def _orphan(self, row: SheetRow) -> tuple[RowIssue, bool] | None:
        """Why an entry of a repeated group cannot count: nobody knows whose it is."""
        beside = self.context.sheet.beside
        if beside is None or row.number not in beside.orphans:
            return None
        why = beside.orphans[row.number]
        return self.report.issue(row, beside.link, "error", "orphan_entry", why, "rejected"), True

    def _ruled_out(self, row: SheetRow, texts: list[str]) -> tuple[RowIssue, bool] | None:
        """The first rule of the contract by which a row is not to be counted, and whether it is a fault."""
        for index, rule, equals in self.context.reject_rules:
            if known_form(normal(texts[index] if index < len(texts) else ""), equals) in equals:
                return self.report.issue(row, index, "error", rule.reason, rule.message, "rejected"), rule.fault
        return None

    def _ragged(self, row: SheetRow) -> tuple[RowIssue, bool] | None:
        """A record of a delimited text with fewer or more cells than the header: nobody can tell which cell is whose."""
        layout = self.context.layout
        if not self.context.is_delimited:
            return None
        if len(row.cells) < self.width:
            message = SHORT_ROW.format(cells=len(row.cells), columns=self.width)
        elif any(not is_blank(cell) for cell in row.cells[len(layout.names) :]) and not self._ends_in_text:
            message = LONG_ROW.format(cells=len(row.cells), columns=len(layout.names))
        else:
            return None
        self.result.ragged += 1
        return self.report.issue(row, None, "error", "row_width", message, "rejected"), True
