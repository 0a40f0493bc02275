"""Looking at each row of a sheet for what is told, or judged, a column at a time.

Belongs here: which cells of a row are noticed, and under which reason. Does not belong: the counts and sentences (`watch`),
or what one cell means (`cells`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tfc_platform.contracts.model import Column, Contract, Header, normal
from tfc_platform.take_in.cells import Problem
from tfc_platform.take_in.grid import UNCALCULATED, CellError, Row, cell_address, is_blank
from tfc_platform.take_in.header import Layout
from tfc_platform.take_in.quote import quotable
from tfc_platform.take_in.respondents import ends_before, time_columns
from tfc_platform.take_in.values.dates import order_of
from tfc_platform.take_in.watch import CHANGES, Watch, is_like_a_formula

__all__ = ["Watcher"]


class Watcher:
    """The columns of one sheet, by what is noticed in each."""

    def __init__(
        self,
        sheet: str | None,
        layout: Layout,
        fields: Mapping[str, tuple[Column, int]],
        contract: Contract,
        facts: Mapping[str, str],
        is_book: bool,
    ) -> None:
        self._sheet, self._layout, self._is_book = sheet, layout, is_book
        self._month = facts.get("month")
        self._dates = [
            (name, column, index)
            for name, (column, index) in fields.items()
            if column.type == "date" and "d/m/y" in column.formats
        ]
        self._counts = [(column, index) for column, index in fields.values() if column.type == "attendance"]
        counted = [index for column, index in fields.values() if column.required or column.type == "attendance"]
        self._needed = counted if is_book else []
        self._texts = self._texts_of(contract)
        self._times = time_columns(contract, layout)

    def _texts_of(self, contract: Contract) -> list[int]:
        """The columns that are no field of a record: free text, personal, unknown."""
        layout = self._layout
        personal = [Header(name=name) for name in contract.personal_names]
        dropped = {i for i, name in enumerate(layout.names) if name and any(item.matches(name) for item in personal)}
        return sorted(dropped | set(layout.free_text) | set(layout.unknown))

    def _note(self, watch: Watch, reason: str, row: Row, index: int) -> None:
        address = cell_address(row.number, index) if self._is_book else None
        watch.note(reason, self._sheet, self._layout.name(index), row.number, address)

    def row(
        self, row: Row, values: Mapping[str, Any], problems: Iterable[tuple[int, Column, Problem]], watch: Watch
    ) -> None:
        """Notice what a row of data says of its dates, counts, times and formulas.

        :param values: the row's fields. A cancelled session needs no count; a date in the month that the file's name
            gives shows by that which number is the day.
        """
        watch.rows += 1
        for name, column, index in self._dates:
            cell = row.at(index)
            order = order_of(cell)
            value = values.get(name)
            settled = order == "either" and value is not None and f"{value:%Y-%m}" == self._month
            if order is not None and not settled:
                watch.date(order, self._sheet, self._layout.name(index), row.number, quotable(cell, column))
        for column, index in self._counts:
            cell = row.at(index)
            if is_blank(cell):
                if values.get("status") != "cancelled":
                    self._note(watch, "blank_count", row, index)
            elif column.ask and isinstance(cell, str) and normal(cell) in column.ask_words:
                self._note(watch, "ask_count", row, index)
        for index in self._needed:
            cell = row.at(index)
            if isinstance(cell, CellError) and cell.what == UNCALCULATED:
                watch.formula(self._layout.name(index), cell_address(row.number, index))
        if self._times is not None and ends_before(self._times, row):
            self._note(watch, "end_before_start", row, self._times[1])
        for index, _, problem in problems:
            if problem.reason in CHANGES:
                self._note(watch, problem.reason, row, index)

    def texts(self, row: Row, watch: Watch) -> None:
        """Notice what is odd about the texts of a row, whatever becomes of it."""
        for index in self._texts:
            if is_like_a_formula(row.at(index)):
                self._note(watch, "formula_text", row, index)
