"""What the cells of a sheet mean, remembered: a long file says the same few things again and again.

A meaning depends on the cell, its column and the context. All of the context but the row's date holds for a sheet, so what is
remembered is a sheet's own.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import date

from tfc_platform.contracts.model import Column
from tfc_platform.ingest.cell_values import CellContext, ParsedCell, value_of
from tfc_platform.sheets.cell_columns import key_of
from tfc_platform.sheets.sheet_model import CellValue

__all__ = ["ANY_DAY", "ONCE", "REMEMBERED", "ValueCache"]

REMEMBERED = 20_000  # meanings of one column; where there are more, it is begun anew
ONCE = frozenset({"id", "panel", "text_digest", "token"})  # types of which nearly every cell is another one
# Types whose meaning is the same on every day. A type that is not named here is remembered day by day.
ANY_DAY = frozenset({"area", "attendance", "category", "date", "flag", "number", "partners", "postcode", "site"})


@dataclass(frozen=True)
class ValueCache:
    """One column of a sheet, and what its cells were found to mean. `known` may be asked first for a text, by the text."""

    column: Column
    context: CellContext  # of the sheet: without a date
    known: dict[Hashable, ParsedCell] = field(default_factory=dict)

    def of(self, cell: CellValue, on: date | None) -> ParsedCell:
        """The field's value and the problem, as `value_of` gives them, for a row of the day `on`."""
        kind = self.column.type
        if kind in ONCE or not REMEMBERED:
            return value_of(cell, self.column, self._context(on))
        key = key_of(cell) if kind in ANY_DAY else (key_of(cell), on)
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            found = self.known[key] = value_of(cell, self.column, self._context(on))
        return found

    def _context(self, on: date | None) -> CellContext:
        return self.context if on is None else replace(self.context, on=on)
