"""Two tables side by side on one sheet: nobody can say which of them is the return.

A column that was left blank, or a jotting beside the table, is not a second table.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tfc_platform.contracts.names import normal
from tfc_platform.sheets.sheet_model import Sheet, is_blank, letters_of

__all__ = ["side_by_side"]

NARROWEST = 2  # columns of a table; one column beside the table is a list or a jotting


def _blocks(names: Sequence[str]) -> list[range]:
    """The runs of columns that have names."""
    starts = [i for i, name in enumerate(names) if name and (i == 0 or not names[i - 1])]
    return [range(start, next((i for i in range(start, len(names)) if not names[i]), len(names))) for start in starts]


def side_by_side(
    sheet: Sheet, names: Sequence[str], first_data: int, header_row: int, unknown: Collection[int] = ()
) -> list[str] | None:
    """The ranges (`A1:C9`) of two tables beside each other in the same rows, or None.

    Between them is a column without a name or a cell. The second one repeats names of the first, or the contract knows none of
    its names; and it has rows.

    :param first_data: index of the first row under the header.
    :param header_row: the number of the header's last row, as the sender sees it.
    :param unknown: columns that the contract does not know, where there is a contract.
    """
    blocks = [block for block in _blocks(names) if len(block) >= NARROWEST]
    if len(blocks) < 2:
        return None
    words = [{normal(names[i]) for i in block} for block in blocks]
    strange = [set(block) <= set(unknown) for block in blocks]
    pairs = [
        (left, right)
        for left in range(len(blocks))
        for right in range(left + 1, len(blocks))
        if words[left] & words[right] or strange[left] != strange[right]
    ]
    if not pairs:
        return None
    last, gaps = [0] * len(blocks), {i for i in range(blocks[-1].stop) if not names[i]}
    for row in sheet.after(first_data):
        has = {i for i, cell in enumerate(row.cells) if not is_blank(cell)}
        gaps -= has
        for number, block in enumerate(blocks):
            if len(has.intersection(block)) >= NARROWEST:
                last[number] = row.number
    for left, right in pairs:
        between = range(blocks[left].stop, blocks[right].start)
        if last[left] and last[right] and gaps.intersection(between):
            return [
                f"{letters_of(block.start)}{header_row}:{letters_of(block.stop - 1)}{last[number]}"
                for number, block in ((left, blocks[left]), (right, blocks[right]))
            ]
    return None
