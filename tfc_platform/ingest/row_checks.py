"""What is noticed of each row of a sheet, and reported or judged once a column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

import numpy as np

from tfc_platform.contracts.model import Column, Contract, normal
from tfc_platform.ingest.cell_values import CellProblem
from tfc_platform.ingest.column_checks import CHANGES, NAMED, ColumnChecks
from tfc_platform.ingest.column_values import FieldColumn, Noticed
from tfc_platform.ingest.date_order import NAMED as NAMED_DATES
from tfc_platform.ingest.quotable_cells import quotable
from tfc_platform.ingest.respondent_checks import ends_before, rows_ending_before, time_columns
from tfc_platform.ingest.sheet_reporter import SheetReporter
from tfc_platform.ingest.values.dates import Order, order_of
from tfc_platform.sheets.cell_columns import Bools, CellColumn, ColumnChunk
from tfc_platform.sheets.sheet_model import UNCALCULATED, CellError, CellValue, SheetRow, is_blank

__all__ = ["RowChecks"]

CLOCK = re.compile(r"\d[ T](\d{1,2}):([0-5]\d)(?::00)?(?:\.0+)?Z?$", re.ASCII)
CLUSTER = "cluster"  # the field whose different names are counted
CLUSTERS = 5_000  # names that are compared with each other; a column with more holds ids and no schools
REMEMBERED = 20_000  # texts of a column of dates
UNSEEN = object()


def _clock(cell: CellValue) -> datetime | None:
    """A moment of the time of day beside a date, on any day."""
    if isinstance(cell, datetime):
        return cell
    clock = CLOCK.search(cell) if type(cell) is str else None
    return datetime(2000, 1, 1, int(clock[1]) % 24, int(clock[2])) if clock is not None else None


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
        self._cluster = fields[CLUSTER][1] if CLUSTER in fields else None
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
            clock = _clock(cells[index] if index < width else None)
            if clock is not None:
                checks.clock(report.layout.name(index), clock)
        for column, index in self._counts:
            cell = cells[index] if index < width else None
            if is_blank(cell):
                if values.get("status") != "cancelled":
                    report.note("blank_count", row, index)
                continue
            checks.fill_more(report.layout.name(index), 1)
            if column.ask and isinstance(cell, str) and normal(cell) in column.ask_words:
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

    def _see_names(self, chunk: ColumnChunk, fields: Mapping[str, FieldColumn]) -> None:
        """Keep each name of a cluster (a school, say) with the first row that has it."""
        if CLUSTER not in fields or self._cluster is None:
            return
        column, sheet = fields[CLUSTER], self._report.sheet.name
        known = self._checks.names.setdefault(self._report.layout.name(self._cluster), {})
        codes, first = np.unique(column.codes, return_index=True)
        for code, place in zip(codes.tolist(), first.tolist(), strict=True):
            name, row = column.values[code], int(chunk.numbers[place])
            if isinstance(name, str) and name not in known and len(known) < CLUSTERS:
                known[name] = f"{row} of sheet {sheet}" if sheet else str(row)

    def odd(self, chunk: ColumnChunk) -> Bools:
        """The rows with something to note that comes too seldom to be counted by column."""
        found = np.zeros(len(chunk), np.bool_)
        for column, index in self._counts:
            if column.ask:
                cells = chunk.column(index)
                found |= cells.where(isinstance(cell, str) and normal(cell) in column.ask_words for cell in cells.cells)
        for index in self._needed:
            found |= chunk.column(index).where_cell(lambda cell: isinstance(cell, CellError))
        if self._times is not None:
            found |= rows_ending_before(self._times, chunk)
        return found

    def noticed(self, chunk: ColumnChunk, fields: Mapping[str, FieldColumn]) -> list[Noticed]:
        """What the rows show of their dates and of counts that are blank; names of clusters are kept until the end.

        :param fields: the rows' values.
        """
        self._see_names(chunk, fields)
        found: list[Noticed] = []
        for name, _, index, _ in self._dates:
            found += self._orders(chunk.column(index), self._report.layout.name(index), fields[name])
        for index in self._day_columns:
            found += self._clocks(chunk.column(index), self._report.layout.name(index))
        held = fields["status"].where(lambda value: value != "cancelled") if "status" in fields else True
        for _, index in self._counts:
            column = chunk.column(index)
            blank = column.where(column.blank_cells) & held
            name, sheet = self._report.layout.name(index), self._report.sheet.name
            notice = self._checks.notices.get((sheet, name, "blank_count"))
            named = NAMED - (notice.count if notice is not None else 0)
            count = partial(self._checks.note_more, "blank_count", sheet, name)
            found.append(Noticed(blank, max(named, 0), count))
            filled = column.where(not cell for cell in column.blank_cells)
            found.append(Noticed(filled, 0, partial(self._checks.fill_more, name)))
        return found

    def _orders(self, column: CellColumn, name: str, values: FieldColumn) -> Iterator[Noticed]:
        orders = [order_of(cell) for cell in column.cells]
        settled = values.where(self._settles)
        for order in dict.fromkeys(order for order in orders if order is not None):
            rows = column.where(one == order for one in orders)
            if order == "either":
                rows = rows & ~settled
            known = self._checks.orders.get(name)
            named = NAMED_DATES - (known.counts.get(order, 0) if known is not None else 0)
            yield Noticed(rows, max(named, 0), partial(self._checks.see_more, name, order))

    def _clocks(self, column: CellColumn, name: str) -> Iterator[Noticed]:
        clocks = [_clock(cell) for cell in column.cells]
        for hour in dict.fromkeys(ColumnChecks.hour(clock) for clock in clocks if clock is not None):
            rows = column.where(clock is not None and ColumnChecks.hour(clock) == hour for clock in clocks)
            yield Noticed(rows, name not in self._checks.clocks, partial(self._checks.clock_more, name, hour))

    def _settles(self, value: date | None) -> bool:
        """Whether a date lies in the month that the file's name gives: then it was not the other way round."""
        return self._month is not None and value is not None and f"{value:%Y-%m}" == self._month

    def _date(self, row: SheetRow, index: int, order: Order, column: Column) -> None:
        sheet = self._report.sheet
        seen = self._checks.order(self._report.layout.name(index))
        if seen.see(order):
            where = f"{row.number} of sheet {sheet.name}" if sheet.name else str(row.number)
            seen.place(order, where, quotable(row.at(index), column))
