"""Looking at each row of a sheet for what is told, or judged, a column at a time.

Belongs here: which cells of a row are noticed, and under which reason. Does not belong: the counts and sentences (`watch`),
what people wrote (`texts`), or what one cell means (`cells`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tfc_platform.contracts.model import Column, Contract, normal
from tfc_platform.ingest.cell_values import CellProblem
from tfc_platform.ingest.column_checks import CHANGES, ColumnChecks
from tfc_platform.ingest.header_fields import SheetLayout
from tfc_platform.ingest.quotable_cells import quotable
from tfc_platform.ingest.respondent_checks import ends_before, time_columns
from tfc_platform.ingest.values.dates import Order, order_of
from tfc_platform.sheets.sheet_model import UNCALCULATED, CellError, Sheet, SheetRow, is_blank

__all__ = ["RowChecks"]

REMEMBERED = 20_000  # texts of a column of dates
UNSEEN = object()


class RowChecks:
    """The columns of one sheet, by what is noticed in each."""

    def __init__(
        self,
        sheet: Sheet,
        layout: SheetLayout,
        fields: Mapping[str, tuple[Column, int]],
        contract: Contract,
        facts: Mapping[str, str],
        is_book: bool,
    ) -> None:
        self._sheet, self._layout, self._is_book = sheet, layout, is_book
        self._month = facts.get("month")
        self._dates: list[tuple[str, Column, int, dict[Any, Any]]] = [
            (name, column, index, {})
            for name, (column, index) in fields.items()
            if column.type == "date" and "d/m/y" in column.formats
        ]
        self._counts = [(column, index) for column, index in fields.values() if column.type == "attendance"]
        counted = [index for column, index in fields.values() if column.required or column.type == "attendance"]
        self._needed = counted if is_book else []
        self._times = time_columns(contract, layout)

    def _note(self, watch: ColumnChecks, reason: str, row: SheetRow, index: int) -> None:
        address = self._sheet.address(row, index) if self._is_book else None
        watch.note(reason, self._sheet.name, self._layout.name(index), row.number, address)

    def row(
        self,
        row: SheetRow,
        values: Mapping[str, Any],
        problems: Iterable[tuple[int, Column, CellProblem]],
        watch: ColumnChecks,
    ) -> None:
        """Notice what a row of data says of its dates, counts, times and formulas.

        :param values: the row's fields. A cancelled session needs no count; a date in the month that the file's name
            gives shows by that which number is the day.
        """
        watch.rows += 1
        cells, width = row.cells, len(row.cells)
        for name, column, index, known in self._dates:
            cell = cells[index] if index < width else None
            order = known.get(cell, UNSEEN) if type(cell) is str else order_of(cell)
            if order is UNSEEN:  # few dates stand in many rows
                order = order_of(cell)
                if len(known) < REMEMBERED:
                    known[cell] = order
            if order is not None and not (order == "either" and self._settles(values.get(name))):
                self._date(watch, row, index, order, column)
        for column, index in self._counts:
            cell = cells[index] if index < width else None
            if is_blank(cell):
                if values.get("status") != "cancelled":
                    self._note(watch, "blank_count", row, index)
            elif column.ask and isinstance(cell, str) and normal(cell) in column.ask_words:
                self._note(watch, "ask_count", row, index)
        for index in self._needed:
            cell = row.at(index)
            if isinstance(cell, CellError) and cell.what == UNCALCULATED:
                watch.formula(self._layout.name(index), self._sheet.address(row, index) or f"row {row.number}")
        if self._times is not None and ends_before(self._times, row):
            self._note(watch, "end_before_start", row, self._times[1])
        for index, _, problem in problems:
            if problem.reason in CHANGES:
                self._note(watch, problem.reason, row, index)

    def _settles(self, value: date | None) -> bool:
        """Whether a date lies in the month that the file's name gives: then it was not the other way round."""
        return self._month is not None and value is not None and f"{value:%Y-%m}" == self._month

    def _date(self, watch: ColumnChecks, row: SheetRow, index: int, order: Order, column: Column) -> None:
        seen = watch.order(self._layout.name(index))
        if seen.see(order):
            where = f"{row.number} of sheet {self._sheet.name}" if self._sheet.name else str(row.number)
            seen.place(order, where, quotable(row.at(index), column))
