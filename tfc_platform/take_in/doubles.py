"""A row that comes twice and says two things: in a column that says which value prevails, the stricter one holds.

Belongs here: that one rule. Does not belong: what makes two rows the same, or counting them (`rows`). The first row is the
one that counts; but a consent that is taken back in a second line of the same story must not be lost with that line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tfc_platform.contracts.model import Column
from tfc_platform.take_in.cells import Context, value_of
from tfc_platform.take_in.grid import Row
from tfc_platform.take_in.taken import Taken

__all__ = ["settle"]


def settle(
    fields: Iterable[tuple[str, Column, int]],
    row: Row,
    context: Context,
    record: str,
    identity: bytes,
    prevailing: Sequence[str],
    taken: Taken,
) -> list[str]:
    """Let the stricter value of a doubled row hold in the row that was accepted; gives the fields that it changed.

    A cell of the doubled row that cannot be read counts as the strictest value: nobody knows what it took back.

    :param prevailing: the fields whose stricter value prevails; `taken.kept` has their values in this order.
    """
    if identity not in taken.kept:
        return []
    place, standing = taken.kept[identity]
    changed = []
    for name, column, index in fields:
        if not column.prevails:
            continue
        number = prevailing.index(name)
        said = value_of(row.at(index), column, context)[0]
        ranks = [column.prevails.index(value) if value in column.prevails else 0 for value in (standing[number], said)]
        if ranks[1] < ranks[0]:
            standing[number] = column.prevails[ranks[1]]
            taken.amend(record, name, place, standing[number])
            changed.append(name)
    return changed
