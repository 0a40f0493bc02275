"""Cells into an .xlsx file: a thin layer over XlsxWriter that always gives the same bytes for the same cells.

Belongs here: formats, marked-up tables, what a cell cannot hold, the file without a clock. Does not belong: which sheets there
are and what they say (`workbook`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from textwrap import wrap
from typing import Any

from tfc_platform.release.table_files import one_newline, safe_text

__all__ = ["CUT", "LONGEST", "Book", "cell_text"]

# What XML 1.0 cannot hold; a workbook with one would not open.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST = 32_767  # characters of a cell
CUT = " [cut here: whole in the CSV file]"
_LINE = 100  # characters of a line above a table: it runs over the columns beside it, which are empty there


class Book:
    """A workbook in the making; `content` closes it."""

    def __init__(self, title: str, author: str, made: date) -> None:
        from xlsxwriter import Workbook

        self._stream = BytesIO()
        # In memory its parts have one time, that of 1980. No text is looked at for a formula, an address or a number.
        self._book = Workbook(self._stream, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
        created = datetime(made.year, made.month, made.day)
        properties = {"title": title, "subject": "Release to the learning loop", "author": author, "created": created}
        self._book.set_properties(properties)
        self._title = self._book.add_format({"bold": True, "font_size": 14})
        self._header = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._wrapped = self._book.add_format({"text_wrap": True, "valign": "top"})

    def add_lines(self, name: str, lines: Sequence[str]) -> None:
        """A sheet of text in its first column; the first line is its title."""
        sheet = self._book.add_worksheet(name)
        sheet.set_column(0, 0, _LINE, self._wrapped)
        for number, line in enumerate(lines):
            sheet.write_string(number, 0, cell_text(line), self._wrapped if number else self._title)

    def add_table(
        self,
        name: str,
        title: str,
        lines: Sequence[str],
        columns: Sequence[tuple[str, int]],
        rows: Sequence[Sequence[Any]],
        links: Mapping[str, str],
    ) -> None:
        """A sheet with one table, marked up and named `tfc_<name>`. `links`: cells of the first column that lead to a sheet."""
        sheet = self._book.add_worksheet(name)
        sheet.write_string(0, 0, cell_text(title), self._title)
        above = [part for line in lines for part in wrap(cell_text(line), _LINE)]
        for number, line in enumerate(above, start=1):
            sheet.write_string(number, 0, line)
        top = len(above) + 1
        for place, (_, width) in enumerate(columns):
            sheet.set_column(place, place, width, self._wrapped if width > _WRAPPED_FROM else None)
        headers = [{"header": column, "header_format": self._header} for column, _ in columns]
        options = {"name": f"tfc_{name.lower()}", "columns": headers, "autofilter": False, "style": None}
        sheet.add_table(top, 0, top + len(rows), len(columns) - 1, options)
        texts: dict[str, str] = {}  # most texts of a table stand in many rows
        for number, row in enumerate(rows, start=top + 1):
            for place, cell in enumerate(row):
                if place == 0 and cell in links:
                    sheet.write_url(number, place, f"internal:'{links[cell]}'!A1", string=cell_text(cell))
                elif isinstance(cell, str):
                    if cell not in texts:
                        texts[cell] = cell_text(cell)
                    sheet.write_string(number, place, texts[cell])
                else:
                    _write(sheet, number, place, cell)

    def content(self) -> bytes:
        self._book.close()
        return self._stream.getvalue()


_WRAPPED_FROM = 30  # columns as wide as this hold sentences


def cell_text(value: str) -> str:
    """Text as a cell can hold it: harmless, without what XML cannot hold, and saying so where it is cut."""
    text = safe_text(one_newline(_UNWRITABLE.sub("", value)))
    return text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT


def _write(sheet: Any, row: int, column: int, cell: Any) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell)
    elif cell is not None:
        sheet.write_number(row, column, cell)
