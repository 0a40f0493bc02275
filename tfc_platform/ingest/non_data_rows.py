"""What stands around the rows of a table: totals, notes, the header once more.

Belongs here: telling such a row from data, and a stated total from what its rows add up to. Does not belong: judging a row that
is data (`rows`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from tfc_platform.contracts.model import normal
from tfc_platform.ingest.ingest_result import IngestResult, RowIssue
from tfc_platform.ingest.sheet_context import SheetContext, address_of
from tfc_platform.ingest.values.attendance import Attendance
from tfc_platform.sheets.sheet_model import SheetRow, is_blank

__all__ = ["check_total", "counts_to_totals", "is_header_again", "is_note", "is_total"]

LONGEST_LABEL = 60  # characters of a cell that may be the word for a total


def is_total(work: SheetContext, row: SheetRow) -> bool:
    """A row that begins with the word; where the contract does not say it of the table, it must have no date as well."""
    place, first = next(((i, cell) for i, cell in enumerate(row.cells) if not is_blank(cell)), (0, None))
    if not isinstance(first, str) or len(first) > LONGEST_LABEL:
        return False
    if work.total.fullmatch(normal(first)) is None:
        return False
    dates = [index for _, index, _, is_date in work.reading if is_date]
    is_said = work.contract.totals is not None
    return is_said or (bool(dates) and all(index == place or is_blank(row.at(index)) for index in dates))


def is_header_again(work: SheetContext, row: SheetRow) -> bool:
    """Every filled cell says its column's name. Of nearly every row the first one says something else."""
    seen = 0
    for index, cell in enumerate(row.cells):
        if is_blank(cell):
            continue
        if not isinstance(cell, str) or work.again.get(index) != normal(cell):
            return False
        seen += 1
    return seen > 1


def is_note(work: SheetContext, row: SheetRow) -> bool:
    """One filled cell that is not what its column holds: a sentence under the table, no row of it."""
    filled = [index for index, cell in enumerate(row.cells) if not is_blank(cell)]
    if len(filled) != 1 or len(work.layout.names) < 3 or filled[0] in work.keys:
        return False
    of_cell = [name for name, (_, index) in work.fields.items() if index == filled[0]]
    return all(work.meanings[name].of(row.at(filled[0]), None)[1] is not None for name in of_cell)


def check_total(work: SheetContext, row: SheetRow, exact: Counter[str], taken: IngestResult) -> None:
    """Compare what a totals row states with what the rows above it add up to, and say that it is no row itself."""
    on = f" on sheet {work.sheet.name}" if work.sheet.name else ""
    for field_name in work.totalled:
        if field_name not in work.fields:
            continue
        _, index = work.fields[field_name]
        stated, name = work.meanings[field_name].of(row.at(index), None)[0], work.layout.name(index)
        if not isinstance(stated, Attendance) or stated.low is None:
            continue
        apart = stated.low - exact[field_name]
        cell = address_of(work, row, index)
        if apart:
            message = (
                f"The total{on} is {abs(apart)} {'more' if apart > 0 else 'less'} than the exact counts"
                " of its rows add up to. Check the rows and the total."
            )
            taken.issues.append(
                RowIssue(work.sheet.name, row.number, name, "warn", "total_mismatch", message, cell=cell)
            )
        else:
            message = f"The total{on} is what the exact counts of its rows add up to. It was not taken in as a row."
            taken.issues.append(RowIssue(work.sheet.name, row.number, name, "info", "total_row", message, cell=cell))


def counts_to_totals(work: SheetContext, values: dict[str, Any]) -> dict[str, int]:
    totals = work.contract.totals
    if totals is not None and any(values.get(name) != want for name, want in totals.where.items()):
        return {}
    found = {name: values.get(name) for name in work.totalled}
    return {
        name: value.low or 0 for name, value in found.items() if isinstance(value, Attendance) and value.kind == "exact"
    }
