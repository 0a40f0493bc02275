"""What people wrote in the rows of a sheet, whatever becomes of the rows: screened, kept apart, counted, noticed.

On the sheet of a repeated group the cells of the submissions are left out: they are looked through once, on their own sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeGuard

import numpy as np

from tfc_platform.ingest.column_checks import is_like_a_formula
from tfc_platform.ingest.column_values import Noticed
from tfc_platform.ingest.header_fields import SheetLayout
from tfc_platform.ingest.ingest_result import FreeText, IngestResult, Screen
from tfc_platform.ingest.sheet_reporter import SheetReporter
from tfc_platform.privacy.personal_data import PersonalDataTally, kind_of_header, kind_words, seems_personal
from tfc_platform.sheets.cell_columns import Bools, Codes, ColumnChunk
from tfc_platform.sheets.sheet_model import CellValue, Sheet, SheetRow, is_blank

__all__ = ["FreeTextColumns", "screen_only"]


def _is_text(cell: CellValue) -> TypeGuard[str]:
    return isinstance(cell, str) and not is_blank(cell)


def _screen_cells(report: SheetReporter, row: SheetRow, indexes: Iterable[int]) -> None:
    """Screen the texts at `indexes`, and keep those of free-text columns for the text store."""
    for index in indexes:
        cell = row.at(index)
        if not _is_text(cell):
            continue
        report.flag(row, index)
        if index in report.layout.free_text:
            report.result.texts.append((report.sheet.name, row.number, report.layout.name(index), cell))


def screen_only(sheet: Sheet, layout: SheetLayout | None, screen: Screen, result: IngestResult) -> None:
    """Screen a sheet that is not taken in: every text of it where nothing is known of its columns."""
    if layout is None:
        layout = SheetLayout((), 0, {}, [], (), (), {}, (), ())
    report = SheetReporter(sheet, layout, result, screen)
    for row in sheet.after(layout.first_data):
        if result.content is not None:
            result.content.add(row)
        _screen_cells(
            report, row, (i for i in range(len(row.cells)) if i not in layout.closed and i not in sheet.elsewhere)
        )


def _personal_cell(role: str, column: str, kinds: Iterable[str]) -> str:
    """What is said of one cell that seems to hold personal data."""
    words = ", ".join(kind_words(kind) for kind in kinds)
    if role == "unknown":
        return f"A cell of the column “{column}”, which is not read, holds what looks like personal data ({words}). Take it out."
    what = f"A cell of the column “{column}” holds what looks like personal data ({words})"
    return f"{what}. It is kept apart from the figures. Take it out, and write such things there no more."


class FreeTextColumns:
    """The columns of one sheet in which people may have written, by what is done with them."""

    def __init__(self, report: SheetReporter) -> None:
        layout, elsewhere = report.layout, report.sheet.elsewhere
        self._report, self._layout = report, layout
        self._width = len(layout.names)
        self._open = tuple(i for i in range(self._width) if i not in layout.closed and i not in elsewhere)
        dropped = [index for index in layout.personal if index not in elsewhere]
        # A column that is dropped because its name says what it holds is not counted for holding it.
        unsaid = [i for i in dropped if i not in layout.naming and kind_of_header(layout.names[i]) is None]
        self._counted = tuple(sorted({*self._open, *unsaid}))
        self._noticed = tuple(sorted({*self._open, *dropped}))
        named = {index for index, name in enumerate(layout.names) if name}
        self._known = (named - set(layout.unknown)) | set(layout.guarded)

    def add(self, row: SheetRow, texts: Sequence[str]) -> None:
        """Look through a row of data.

        :param texts: of the row's cells.
        """
        more = range(self._width, len(row.cells))
        if self._open or more:
            _screen_cells(self._report, row, (*self._open, *more))
        self._count((*self._counted, *more), row, texts)
        for index in self._noticed:
            if is_like_a_formula(row.at(index)):
                self._report.note("formula_text", row, index)

    def odd(self, chunk: ColumnChunk) -> Bools:
        """The rows with a text that sets off a rule, seems to hold personal data or begins like a formula."""
        found = np.zeros(len(chunk), np.bool_)
        for index in self._open:
            found |= chunk.column(index).where_cell(lambda cell: _is_text(cell) and self._report.screen(cell))
        for index in self._counted:
            column = chunk.column(index)
            found |= column.where(map(seems_personal, column.texts))
        for index in self._noticed:
            found |= chunk.column(index).where_cell(is_like_a_formula)
        return found

    def noticed(self, chunk: ColumnChunk) -> list[Noticed]:
        """The rows by which a column comes to be counted for personal data: the first of them says in which order."""
        tallies = self._report.result.tallies
        columns = [(chunk.column(index), self._key(index)) for index in self._counted]
        return [Noticed(column.where(column.texts), key not in tallies, lambda _: None) for column, key in columns]

    def add_rows(self, chunk: ColumnChunk, rows: Codes) -> list[tuple[int, FreeText]]:
        """Count the texts of rows of data of which nothing has to be said; gives those for the text store, with their places.

        :param rows: the places of the rows in the chunk.
        """
        report = self._report
        for index in self._counted:
            column = chunk.column(index)
            tally = report.result.tallies.get(self._key(index))
            for code, cells in column.code_counts(rows):
                if column.texts[code] and tally is not None:
                    tally.add(column.texts[code], cells)
        found = []
        for index in (index for index in self._open if index in self._layout.free_text):
            column, name = chunk.column(index), self._layout.name(index)
            here = rows[column.where_cell(_is_text)[rows]]
            places = zip(here.tolist(), chunk.numbers[here].tolist(), column.codes[here].tolist(), strict=True)
            found += [(row, (report.sheet.name, number, name, column.cells[code])) for row, number, code in places]
        return sorted(found, key=lambda one: one[0]) if len(self._layout.free_text) > 1 else found

    def _key(self, index: int) -> tuple[str, str]:
        return "known" if index in self._known else "unknown", self._layout.name(index)

    def add_other(self, row: SheetRow) -> None:
        """Look through every cell of a row that is no data: what it holds belongs to no column."""
        elsewhere = self._report.sheet.elsewhere
        _screen_cells(self._report, row, (index for index in range(len(row.cells)) if index not in elsewhere))

    def _count(self, indexes: Iterable[int], row: SheetRow, texts: Sequence[str]) -> None:
        """Count what looks personal, column by column, and note each cell: what follows is decided once all rows have passed."""
        layout, width, tallies = self._layout, len(texts), self._report.result.tallies
        for index in indexes:
            text = texts[index] if index < width else ""
            if not text:
                continue
            key = self._key(index)
            tally = tallies.get(key)
            if tally is None:
                header = layout.names[index] if index < len(layout.names) else ""
                tally = tallies[key] = PersonalDataTally(header)
            kinds = tally.add(text)
            if kinds:
                issue = self._report.issue(row, index, "warn", "personal_text", _personal_cell(*key, kinds))
                self._report.result.personal_cells.setdefault(key, []).append(issue)
