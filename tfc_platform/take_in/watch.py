"""Counting what looks personal as the rows of a sheet pass, column by column.

Belongs here: which columns are looked at, and the counting. Does not belong: what looks personal (`personal`), or what comes of
it once all rows have passed (`columns`).
"""

from __future__ import annotations

from collections.abc import Sequence

from tfc_platform.take_in.grid import Row, text_of
from tfc_platform.take_in.header import Layout
from tfc_platform.take_in.personal import Tally, kind_of_header
from tfc_platform.take_in.taken import Taken

__all__ = ["watch", "watched"]


def watched(layout: Layout) -> tuple[int, ...]:
    """Columns that may hold what people wrote; of those that the contract drops, the ones whose name does not say so."""
    dropped = {index for index in layout.personal if kind_of_header(layout.names[index]) is None}
    return tuple(index for index in range(len(layout.names)) if index not in layout.closed or index in dropped)


def watch(layout: Layout, indexes: Sequence[int], row: Row, taken: Taken) -> None:
    """Add a row's cells to the tallies of their columns: those at `indexes`, and what stands beyond the last name."""
    for index in (*indexes, *range(len(layout.names), len(row.cells))):
        text = text_of(row.at(index))
        if not text:
            continue
        is_known = index in layout.free_text or index in layout.closed or index in layout.guarded
        key = ("known" if is_known else "unknown", layout.name(index))
        tally = taken.tallies.get(key)
        if tally is None:
            tally = taken.tallies[key] = Tally(layout.names[index] if index < len(layout.names) else "")
        tally.add(text)
