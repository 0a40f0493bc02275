"""Rows of a table that are no data: totals, and notes under it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tfc_platform.ingest.sheet_context import SheetContext
from tfc_platform.ingest.values.attendance import Attendance
from tfc_platform.sheets.sheet_model import SheetRow
from tfc_platform.sheets.table_rows import filled_cells, is_total_label

__all__ = ["check_total", "counts_to_totals", "is_note", "is_total"]


def is_total(context: SheetContext, row: SheetRow) -> bool:
    """A row that begins with the word; where the contract does not name a totals row, it must have no date as well."""
    place, first = next(iter(filled_cells(row)), (0, None))
    if not is_total_label(first, context.total_label):
        return False
    dates = [index for _, index, _, is_date in context.reading if is_date]
    filled = {index for index, _ in filled_cells(row)}
    return context.contract.totals is not None or (bool(dates) and not (filled - {place}).intersection(dates))


def is_note(context: SheetContext, row: SheetRow) -> bool:
    """One filled cell that is not what its column holds: a sentence under the table, no row of it."""
    filled = [index for index, _ in filled_cells(row)]
    if len(filled) != 1 or len(context.layout.names) < 3 or filled[0] in context.keys:
        return False
    of_cell = [name for name, (_, index) in context.fields.items() if index == filled[0]]
    return all(context.values[name].of(row.at(filled[0]), None)[1] is not None for name in of_cell)


def check_total(context: SheetContext, row: SheetRow, exact: Counter[str]) -> None:
    """Compare what a totals row states with what the rows above it add up to, and report that it is no row itself.

    :param exact: the sum of the exact counts so far, by field.
    """
    on = f" on sheet {context.sheet.name}" if context.sheet.name else ""
    for field_name in context.totalled:
        if field_name not in context.fields:
            continue
        _, index = context.fields[field_name]
        stated = context.values[field_name].of(row.at(index), None)[0]
        if not isinstance(stated, Attendance) or stated.low is None:
            continue
        apart = stated.low - exact[field_name]
        if apart:
            message = (
                f"The total{on} is {abs(apart)} {'more' if apart > 0 else 'less'} than the exact counts"
                " of its rows add up to. Check the rows and the total."
            )
            context.report.add(row, index, "warn", "total_mismatch", message)
        else:
            message = f"The total{on} is what the exact counts of its rows add up to. It was not taken in as a row."
            context.report.add(row, index, "info", "total_row", message)


def counts_to_totals(context: SheetContext, values: dict[str, Any]) -> dict[str, int]:
    """What an accepted row adds to the exact counts of its sheet, by field."""
    totals = context.contract.totals
    if totals is not None and any(values.get(name) != want for name, want in totals.where.items()):
        return {}
    counted = {name: values.get(name) for name in context.totalled}
    return {
        name: value.low or 0
        for name, value in counted.items()
        if isinstance(value, Attendance) and value.kind == "exact"
    }
