"""Two tables side by side on one sheet: nobody can say which of them is the return.

Belongs here: telling a second table from a column that was left blank or a jotting beside the table. Does not belong: where the
header is (`header_rows`).
"""

from __future__ import annotations

from collections.abc import Sequence

from tfc_platform.contracts.names import normal
from tfc_platform.ingest.header_fields import SheetLayout
from tfc_platform.sheets.sheet_model import Sheet, is_blank

__all__ = ["letters_of", "side_by_side"]

NARROWEST = 2  # columns of a table; one column beside the table is a list or a jotting


def letters_of(index: int) -> str:
    """A column's letters in a spreadsheet: 0 is A, 26 is AA."""
    letters, rest = "", index + 1
    while rest:
        rest, place = divmod(rest - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def _blocks(names: Sequence[str]) -> list[range]:
    """The runs of columns that have names."""
    starts = [i for i, name in enumerate(names) if name and (i == 0 or not names[i - 1])]
    return [range(start, next((i for i in range(start, len(names)) if not names[i]), len(names))) for start in starts]


def side_by_side(sheet: Sheet, layout: SheetLayout) -> list[str] | None:
    """The ranges of two tables that stand beside each other in the same rows, or None.

    Between them is a column without a name or a cell. The second one repeats names of the first, or the contract knows none of
    its names; and it has rows.
    """
    blocks = [block for block in _blocks(layout.names) if len(block) >= NARROWEST]
    if len(blocks) < 2:
        return None
    names = [{normal(layout.names[i]) for i in block} for block in blocks]
    unknown = set(layout.unknown)
    strange = [set(block) <= unknown for block in blocks]
    pairs = [
        (left, right)
        for left in range(len(blocks))
        for right in range(left + 1, len(blocks))
        if names[left] & names[right] or strange[left] != strange[right]
    ]
    if not pairs:
        return None
    last, filled = [0] * len(blocks), [set[int]() for _ in blocks]
    gaps = {i for i in range(blocks[-1].stop) if not layout.names[i]}
    for row in sheet.after(layout.first_data):
        has = [i for i, cell in enumerate(row.cells) if not is_blank(cell)]
        gaps.difference_update(has)
        for number, block in enumerate(blocks):
            here = [i for i in has if i in block]
            if len(here) >= NARROWEST:
                last[number] = row.number
            filled[number].update(here)
    for left, right in pairs:
        between = range(blocks[left].stop, blocks[right].start)
        if last[left] and last[right] and gaps.intersection(between):
            return [
                f"{letters_of(block.start)}{layout.row}:{letters_of(block.stop - 1)}{last[number]}"
                for number, block in ((left, blocks[left]), (right, blocks[right]))
            ]
    return None
