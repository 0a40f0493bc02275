"""What a person should take care of in a file, in sentences that repeat no cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from tfc_platform.contracts.model import normal
from tfc_platform.profiling.column_stats import ColumnProfile
from tfc_platform.profiling.models import FileProfile
from tfc_platform.profiling.table_finder import RowRole, SheetTable, head
from tfc_platform.sheets.side_by_side import side_by_side

__all__ = ["on_sheet", "warn_of_column", "warn_of_names", "warn_of_rows"]

LONGEST_NAME = 80  # characters of a column's name that a sentence repeats


def on_sheet(sheet: str | None) -> str:
    return f" on sheet {sheet}" if sheet else ""


def warn_of_names(table: SheetTable, columns: list[ColumnProfile], found: FileProfile) -> None:
    times = Counter(normal(name) for name in table.names if name)
    for name in dict.fromkeys(name for name in table.names if name and times[normal(name)] > 1):
        found.warnings.append(
            f"The column “{name[:LONGEST_NAME]}” stands {times[normal(name)]} times{on_sheet(table.sheet.name)}."
            " A contract cannot read it until the names differ."
        )
    nameless = [column.number for column in columns if not column.name]
    if nameless:
        found.warnings.append(f"Columns without a name hold something: {', '.join(map(str, nameless))}.")
    header_row = head(table.sheet)[table.start + table.height - 1].number
    if table.plain and side_by_side(table.sheet, table.names, table.start + table.height, header_row):
        found.warnings.append(
            f"Two tables stand side by side{on_sheet(table.sheet.name)}: put each on a sheet of its own."
        )


def warn_of_column(column: ColumnProfile, key: bool, found: FileProfile) -> None:
    name, orders = column.name[:LONGEST_NAME], column.date_orders
    if column.kind in {"date", "datetime"}:
        if orders.get("day_first") and orders.get("month_first"):
            found.warnings.append(
                f"“{name}” has dates in both orders: {orders['day_first']} can only be day first,"
                f" {orders['month_first']} only month first. Ask how they were written before you use them."
            )
        elif orders.get("month_first"):
            found.warnings.append(
                f"“{name}” is month first (US order): {orders['month_first']} dates can be nothing else."
            )
        elif orders.get("ambiguous") and not orders.get("day_first"):
            found.warnings.append(
                f"“{name}”: none of the {orders['ambiguous']} dates shows whether day or month comes first. Ask."
            )
        if orders.get("serial"):
            found.warnings.append(f"“{name}” has {orders['serial']} dates as the numbers of a spreadsheet.")
    elif orders.get("words") and column.kind in {"category", "attendance", "text"} and not column.personal:
        found.warnings.append(
            f"“{name}” holds {orders['words']} dates among other words:"
            " a spreadsheet turns bands such as 5-10 into dates. Look at the cells."
        )
    if column.errors:
        found.warnings.append(
            f"“{name}” has {column.errors} cells with a spreadsheet error, or a formula that was never calculated: they hold"
            " no value. Open the workbook, let it calculate, and save it again."
        )
    if key and not column.more and column.distinct < column.rows - column.blank:
        again = column.rows - column.blank - column.distinct
        found.warnings.append(
            f"{again} rows have an id in “{name}” that another row has too: they may be the same response."
        )


def warn_of_rows(parts: Mapping[RowRole, int], found: FileProfile) -> None:
    if not found.rows and not found.excluded:
        found.warnings.append("The file has no data row: there is nothing under its header.")
    around = parts["note"] + parts["total"] + parts["header_again"]
    if around:
        found.warnings.append(f"{around} rows are no data (totals, notes, the header again): they were not counted.")
    if parts["second_table"]:
        found.warnings.append(
            f"A second table stands under the first: its {parts['second_table']} rows were not counted."
            " Put it on a sheet of its own."
        )
