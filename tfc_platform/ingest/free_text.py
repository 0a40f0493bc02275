"""What people wrote in the rows of a sheet, whatever becomes of the rows: screened, kept apart, counted, noticed.

Belongs here: in which columns somebody may have written, and what is done with each such cell. Does not belong: what is looked
for (`screen`, `personal`, `watch`), or the fields of a record (`rows`). On the sheet of a repeated group the cells of the
submissions are left out: they are looked through once, on their own sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tfc_platform.ingest.column_checks import is_like_a_formula
from tfc_platform.ingest.header_fields import SheetLayout
from tfc_platform.ingest.ingest_result import IngestResult, Screen
from tfc_platform.privacy.personal_data import Tally, kind_of_header
from tfc_platform.sheets.sheet_model import Sheet, SheetRow, is_blank

__all__ = ["FreeTextColumns", "screen_only"]


def _look(
    sheet: Sheet, row: SheetRow, layout: SheetLayout, indexes: Iterable[int], screen: Screen, taken: IngestResult
) -> None:
    """Screen the texts at `indexes`, and keep those of free-text columns for the text store."""
    for index in indexes:
        cell = row.at(index)
        if not cell or not isinstance(cell, str) or is_blank(cell):
            continue
        name = layout.name(index)
        taken.flag(screen, sheet.name, row.number, name, cell)
        if index in layout.free_text:
            taken.texts.append((sheet.name, row.number, name, cell))


def screen_only(sheet: Sheet, layout: SheetLayout | None, screen: Screen, taken: IngestResult) -> None:
    """A sheet that is not taken in is screened all the same: every text of it where nothing is known of its columns."""
    if layout is None:
        layout = SheetLayout((), 0, {}, [], (), (), {}, (), ())
    for row in sheet.after(layout.first_data):
        if taken.content is not None:
            taken.content.add(row)
        open_cells = (index for index in range(len(row.cells)) if index not in layout.closed | sheet.elsewhere)
        _look(sheet, row, layout, open_cells, screen, taken)


class FreeTextColumns:
    """The columns of one sheet in which people may have written, by what is done with them."""

    def __init__(self, sheet: Sheet, layout: SheetLayout, is_book: bool) -> None:
        self._sheet, self._layout, self._is_book = sheet, layout, is_book
        self._width = len(layout.names)
        self._open = tuple(i for i in range(self._width) if i not in layout.closed and i not in sheet.elsewhere)
        dropped = [index for index in layout.personal if index not in sheet.elsewhere]
        # A column that is dropped because its name says what it holds is not counted for holding it.
        unsaid = [i for i in dropped if i not in layout.naming and kind_of_header(layout.names[i]) is None]
        self._counted = tuple(sorted({*self._open, *unsaid}))
        self._noticed = tuple(sorted({*self._open, *dropped}))
        named = {index for index, name in enumerate(layout.names) if name}
        self._known = (named - set(layout.unknown)) | set(layout.guarded)

    def row(self, row: SheetRow, texts: Sequence[str], screen: Screen, taken: IngestResult) -> None:
        """
        :param texts: of the row's cells.
        """
        more = range(self._width, len(row.cells))
        if self._open or more:
            _look(self._sheet, row, self._layout, (*self._open, *more), screen, taken)
        self._count((*self._counted, *more), texts, taken)
        for index in self._noticed:
            if is_like_a_formula(row.at(index)):
                address = self._sheet.address(row, index) if self._is_book else None
                taken.watch.note("formula_text", self._sheet.name, self._layout.name(index), row.number, address)

    def all_of(self, row: SheetRow, screen: Screen, taken: IngestResult) -> None:
        """Look through every cell of a row that is no data: what it holds belongs to no column."""
        own = (index for index in range(len(row.cells)) if index not in self._sheet.elsewhere)
        _look(self._sheet, row, self._layout, own, screen, taken)

    def _count(self, indexes: Iterable[int], texts: Sequence[str], taken: IngestResult) -> None:
        """Count what looks personal, column by column: what comes of it is decided once all rows have passed."""
        layout, width = self._layout, len(texts)
        for index in indexes:
            text = texts[index] if index < width else ""
            if not text:
                continue
            key = ("known" if index in self._known else "unknown", layout.name(index))
            tally = taken.tallies.get(key)
            if tally is None:
                header = layout.names[index] if index < len(layout.names) else ""
                tally = taken.tallies[key] = Tally(header)
            tally.add(text)
