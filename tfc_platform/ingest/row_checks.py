"""What is noticed of each row of a sheet, and reported or judged once a column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from tfc_platform.contracts.model import Column, Contract, normal
from tfc_platform.ingest.cell_values import CellProblem
from tfc_platform.ingest.column_checks import CHANGES
from tfc_platform.ingest.quotable_cells import quotable
from tfc_platform.ingest.respondent_checks import ends_before, time_columns
from tfc_platform.ingest.sheet_reporter import SheetReporter
from tfc_platform.ingest.values.dates import Order, order_of
from tfc_platform.sheets.sheet_model import UNCALCULATED, CellError, SheetRow, is_blank

__all__ = ["RowChecks"]

CLOCK = re.compile(r"\d[ T](\d{1,2}):([0-5]\d)(?::00)?(?:\.0+)?Z?$", re.ASCII)
REMEMBERED = 20_000  # texts of a column of dates
UNSEEN = object()


class RowChecks:
    """The columns of one sheet, by what is noticed in each."""

    def __init__(
        self,
        report: SheetReporter,
        fields: Mapping[str, tuple[Column, int]],
        contract: Contract,
        facts: Mapping[str, str],
    ) -> None:
        self._report, self._checks = report, report.result.checks
        self._month = facts.get("month")
        self._dates: list[tuple[str, Column, int, dict[Any, Any]]] = [
            (name, column, index, {})
            for name, (column, index) in fields.items()
            if column.type == "date" and "d/m/y" in column.formats
        ]
        self._day_columns = [] if contract.survey else [i for column, i in fields.values() if column.type == "date"]
        self._counts = [(column, index) for column, index in fields.values() if column.type == "attendance"]
        counted = [index for column, index in fields.values() if column.required or column.type == "attendance"]
        self._needed = counted if report.is_book else []
        self._times = time_columns(contract, report.layout)

    def add(
        self, row: SheetRow, values: Mapping[str, Any], problems: Iterable[tuple[int, Column, CellProblem]]
    ) -> None:
        """Notice what a row of data shows of its dates, counts, times and formulas.

        :param values: the row's fields. A cancelled session needs no count; a date in the month that the file's name
            gives shows by that which number is the day.
        """
        report, checks = self._report, self._checks
        checks.rows += 1
        cells, width = row.cells, len(row.cells)
        for name, column, index, known in self._dates:
            cell = cells[index] if index < width else None
            order = known.get(cell, UNSEEN) if type(cell) is str else order_of(cell)
            if order is UNSEEN:  # few dates stand in many rows
                order = order_of(cell)
                if len(known) < REMEMBERED:
                    known[cell] = order
            if order is not None and not (order == "either" and self._settles(values.get(name))):
                self._date(row, index, order, column)
        for index in self._day_columns:
            cell = cells[index] if index < width else None
            if isinstance(cell, datetime):
                checks.clock(report.layout.name(index), cell)
            elif type(cell) is str and (clock := CLOCK.search(cell)) is not None:
                checks.clock(report.layout.name(index), datetime(2000, 1, 1, int(clock[1]) % 24, int(clock[2])))
        for column, index in self._counts:
            cell = cells[index] if index < width else None
            if is_blank(cell):
                if values.get("status") != "cancelled":
                    report.note("blank_count", row, index)
            elif column.ask and isinstance(cell, str) and normal(cell) in column.ask_words:
                report.note("ask_count", row, index)
        for index in self._needed:
            cell = row.at(index)
            if isinstance(cell, CellError) and cell.what == UNCALCULATED:
                checks.formula(report.layout.name(index), report.sheet.address(row, index) or f"row {row.number}")
        if self._times is not None and ends_before(self._times, row):
            report.note("end_before_start", row, self._times[1])
        for index, _, problem in problems:
            if problem.reason in CHANGES:
                report.note(problem.reason, row, index)

    def _settles(self, value: date | None) -> bool:
        """Whether a date lies in the month that the file's name gives: then it was not the other way round."""
        return self._month is not None and value is not None and f"{value:%Y-%m}" == self._month

    def _date(self, row: SheetRow, index: int, order: Order, column: Column) -> None:
        sheet = self._report.sheet
        seen = self._checks.order(self._report.layout.name(index))
        if seen.see(order):
            where = f"{row.number} of sheet {sheet.name}" if sheet.name else str(row.number)
            seen.place(order, where, quotable(row.at(index), column))
