"""What is noticed of a file's columns over all their rows: told once a column, with a few rows as examples.

A notice names sheet, column and rows, and never what stands in them, but dates that may be said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tfc_platform.ingest.date_order import DateOrder, listed
from tfc_platform.ingest.near_spellings import near_spellings
from tfc_platform.ingest.values.dates import Order
from tfc_platform.sheets.sheet_model import CellValue, is_blank

__all__ = ["CHANGES", "ColumnChecks", "ColumnNotice", "is_like_a_formula"]

FEWEST_ROWS = 5  # before a column can be said to be empty in all of them
FEWEST = 3  # dates at 23:00, before the column as a whole is judged by them
MIDNIGHT = (
    "{n} dates in the column “{column}” have the time 23:00, and no date there has another time but midnight: as where a program"
    " turns midnight of British Summer Time into UTC. Each may be a day early: compare them with the days on which it took place."
)
NEAR_NAMES = (
    "{n} of names in the column “{column}” are nearly alike (rows {pairs}), and each name is counted by itself: how sure a figure"
    " is goes by how many there are. Where both are one, correct the spelling; where they are two, leave them."
)
NAMED = 5  # rows that a notice names
FORMULAS_SHARE = 0.1  # of a column's rows: above it, the workbook as a whole was never calculated
# Notices of values that were read otherwise than they were written; the receipt counts them as changed.
CHANGES = frozenset({"decimal_code", "excel_serial", "leading_apostrophe", "unit_converted"})

_SENTENCES: dict[str, tuple[str, str]] = {
    "blank_count": (
        "warn",
        "{n} in the column “{column}” ({rows}) blank: unknown, which is not zero. Write 0 where nobody came.",
    ),
    "ask_count": (
        "warn",
        "{n} in the column “{column}” ({rows}) can mean none or not counted: taken as unknown. Write 0 where nobody came,"
        " or leave it blank where nobody counted.",
    ),
    "end_before_start": (
        "warn",
        "{n} in the column “{column}” ({rows}) lie before the start of the same answer: the clock of a device may be wrong. The"
        " answers were taken in all the same.",
    ),
    "excel_serial": (
        "warn",
        "{n} in the column “{column}” ({rows}) held a spreadsheet's count of days: read as the date that it stands for."
        " Format the column as dates.",
    ),
    "unit_converted": (
        "warn",
        "{n} in the column “{column}” ({rows}) had a unit: read as hours. Write the number of hours alone.",
    ),
    "decimal_code": (
        "warn",
        "{n} in the column “{column}” ({rows}) had a whole number written with a decimal, as 4.0: read as the whole number."
        " Export the column as whole numbers.",
    ),
    "leading_apostrophe": (
        "warn",
        "{n} in the column “{column}” ({rows}) began with an apostrophe, by which a spreadsheet program marks a text: read"
        " without it.",
    ),
    "unlisted_choice": (
        "warn",
        "{n} in the column “{column}” ({rows}) hold something that is none of the options that the contract lists: the text of"
        " “Other”, or an option that is new or was renamed. It is in no figure; the options beside it were taken in.",
    ),
    "formula_text": (
        "warn",
        "{n} in the column “{column}” ({rows}) begin like a formula (= + - @): treated as plain text, and never run. Look"
        " where they come from.",
    ),
}
_RUNS = re.compile(r"[\t\r]|\s*(?:[=＝@＠]|[+＋\-－](?=[\w(]))")  # "- a point of a list" begins with a space after it
_FIRST = frozenset("=＝@＠+＋-－\t\r\n \u00a0")
_FIGURE = re.compile(r"\s*[+-]?[\d\s().,]+", re.ASCII)  # a negative number or a telephone number runs nothing


@dataclass
class ColumnNotice:
    """One reason in one column of one sheet: how often, and where first."""

    count: int = 0
    rows: list[str] = field(default_factory=list)
    first: tuple[int, str | None] | None = None  # row and address of the only cell, where there is one


@dataclass
class ColumnChecks:
    """The notices of one file, filled row by row."""

    notices: dict[tuple[str | None, str, str], ColumnNotice] = field(default_factory=dict)
    orders: dict[str, DateOrder] = field(default_factory=dict)
    clocks: dict[str, Counter[str]] = field(
        default_factory=dict
    )  # of a date column: times of day, as `23`, `00`, `other`
    names: dict[str, dict[str, str]] = field(
        default_factory=dict
    )  # of a column of clusters: names, with the first row of each
    filled: Counter[str] = field(default_factory=Counter)  # by count column, the cells that hold something
    uncalculated: dict[str, tuple[int, list[str]]] = field(default_factory=dict)  # cells of a counted column
    rows: int = 0  # rows of data that were looked at

    def note(self, reason: str, sheet: str | None, column: str, row: int, address: str | None = None) -> None:
        """Count one cell of a column."""
        notice = self.notices.setdefault((sheet, column, reason), ColumnNotice())
        notice.count += 1
        if len(notice.rows) < NAMED:
            notice.rows.append(str(row))
        notice.first = (row, address) if notice.count == 1 else None

    def order(self, column: str) -> DateOrder:
        """What the dates of a column show, over all sheets."""
        known = self.orders.get(column)
        if known is None:
            known = self.orders[column] = DateOrder(column)
        return known

    def clock(self, column: str, cell: datetime) -> None:
        """Count the time of day beside a date: 23:00 is midnight of British Summer Time for a program that works in UTC."""
        self.clock_more(column, self.hour(cell), 1)

    @staticmethod
    def hour(cell: datetime) -> str:
        """The time of day as it is counted: `23`, `00` or `other`."""
        return f"{cell.hour:02}" if (cell.minute, cell.second) == (0, 0) and cell.hour in (0, 23) else "other"

    def clock_more(self, column: str, hour: str, cells: int) -> None:
        """Count several cells of one time of day."""
        self.clocks.setdefault(column, Counter())[hour] += cells

    def note_more(self, reason: str, sheet: str | None, column: str, cells: int) -> None:
        """Count further cells of a column whose notice names all the rows that it may."""
        notice = self.notices[(sheet, column, reason)]
        notice.count += cells
        notice.first = None

    def fill_more(self, column: str, cells: int) -> None:
        """Count cells of a count column that hold something."""
        self.filled[column] += cells

    def see_more(self, column: str, order: Order, cells: int) -> None:
        """Count further dates of which no place is wanted as an example."""
        counts = self.order(column).counts
        counts[order] = counts.get(order, 0) + cells

    def formula(self, column: str, place: str) -> None:
        """Count one formula without a value in a column that the return needs."""
        count, places = self.uncalculated.get(column, (0, []))
        self.uncalculated[column] = (count + 1, [*places, place] if len(places) < NAMED else places)

    def changed(self) -> dict[str, int]:
        """How many values were read otherwise than written, by reason."""
        found: Counter[str] = Counter()
        for (_, _, reason), notice in self.notices.items():
            if reason in CHANGES:
                found[reason] += notice.count
        return dict(sorted(found.items()))

    def fault(self) -> tuple[str, str] | None:
        """Why the file has to wait, or None: the cause and the sentence."""
        for column, (count, places) in self.uncalculated.items():
            if count >= self.rows or (count > 1 and count > FORMULAS_SHARE * self.rows):
                more = f" and {count - len(places)} more" if count > len(places) else ""
                return "formulas", (
                    f"The column “{column}” holds {'a formula' if count == 1 else 'formulas'} without a calculated value"
                    f" ({', '.join(places)}{more}): nobody can tell the numbers. Open the workbook in Excel, save it and"
                    " send it again."
                )
        for (_, column, reason), notice in self.notices.items():
            if reason == "blank_count" and notice.count >= FEWEST_ROWS and not self.filled[column]:
                return "empty_column", (
                    f"The column “{column}” is empty in every row. Export the file again with the column filled. Where a"
                    " number is not known, write n/a."
                )
        for order in self.orders.values():
            message = order.fault()
            if message is not None:
                return "date_order", message
        return None

    def said(self) -> Iterator[tuple[str | None, int | None, str, str, str, str, str | None]]:
        """Each notice: sheet, row (of a single cell), column, severity, reason, sentence, address."""
        for (sheet, column, reason), notice in self.notices.items():
            severity, sentence = _SENTENCES[reason]
            cells = f"{notice.count} {'cell' if notice.count == 1 else 'cells'}"
            message = sentence.format(n=cells, column=column, rows=listed(notice.rows, notice.count))
            row, address = notice.first or (None, None)
            yield sheet, row, column, severity, reason, message, address
        for column, hours in self.clocks.items():
            if hours["23"] >= FEWEST and not hours["other"]:
                yield None, None, column, "warn", "midnight_in_utc", MIDNIGHT.format(n=hours["23"], column=column), None
        for column, rows_of in self.names.items():
            pairs = [f"{rows_of[one]} and {rows_of[other]}" for one, other in near_spellings(rows_of)]
            if pairs:
                count = f"{len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'}"
                places = "; ".join(pairs[:NAMED]) + (f"; {len(pairs) - NAMED} more" if len(pairs) > NAMED else "")
                sentence = NEAR_NAMES.format(n=count, column=column, pairs=places)
                yield None, None, column, "warn", "near_names", sentence, None
        for order in self.orders.values():
            message_of_order = order.notice() if order.fault() is None else None
            if message_of_order is not None:
                yield None, None, order.column, "warn", "ambiguous_date", message_of_order, None


def is_like_a_formula(cell: CellValue) -> bool:
    """Whether a text begins as a formula does. A number or a point of a list does not."""
    if not isinstance(cell, str) or cell[:1] not in _FIRST:  # nearly every text ends here
        return False
    return _RUNS.match(cell) is not None and not is_blank(cell) and not _FIGURE.fullmatch(cell)
