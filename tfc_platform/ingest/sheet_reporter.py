"""Reporting on the rows of one sheet: issues, flags and counted notices, each with the address that the sender sees."""

from __future__ import annotations

from dataclasses import dataclass

from tfc_platform.ingest.header_fields import SheetLayout
from tfc_platform.ingest.ingest_result import IngestResult, RowIssue, Screen
from tfc_platform.sheets.sheet_model import Sheet, SheetRow

__all__ = ["SheetReporter"]


@dataclass(frozen=True)
class SheetReporter:
    """A sheet, where its columns are, and the result that everything goes into.

    :param is_book: whether the file is a workbook, whose cells have addresses.
    """

    sheet: Sheet
    layout: SheetLayout
    result: IngestResult
    screen: Screen
    is_book: bool = False

    def address(self, row: SheetRow, index: int) -> str | None:
        """A cell's address (`E3`), where cells have one."""
        return self.sheet.address(row, index) if self.is_book else None

    def issue(
        self, row: SheetRow, index: int | None, severity: str, reason: str, message: str, disposition: str | None = None
    ) -> RowIssue:
        """An issue of a cell, or of the row where there is no `index`; it is not added yet."""
        column, cell = (None, None) if index is None else (self.layout.name(index), self.address(row, index))
        return RowIssue(self.sheet.name, row.number, column, severity, reason, message, disposition, cell)

    def add(self, row: SheetRow, index: int | None, severity: str, reason: str, message: str) -> None:
        """Add an issue of a cell, or of the row."""
        self.result.issues.append(self.issue(row, index, severity, reason, message))

    def note(self, reason: str, row: SheetRow, index: int) -> None:
        """Count a cell for a notice that is given once a column."""
        name, address = self.layout.name(index), self.address(row, index)
        self.result.checks.note(reason, self.sheet.name, name, row.number, address)

    def flag(self, row: SheetRow, index: int) -> None:
        """Screen a cell where somebody may have written a sentence; a cell that is no text is left alone."""
        cell = row.at(index)
        if isinstance(cell, str):
            self.result.flag(self.screen, self.sheet.name, row.number, self.layout.name(index), cell)
