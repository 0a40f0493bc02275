"""A row that comes twice and says two things: in a column that says which value prevails, the stricter one holds.

The first row is the one that counts; but a consent that is taken back in a second line of the same story must not be lost with
that line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tfc_platform.ingest.ingest_result import IngestResult
from tfc_platform.ingest.value_cache import ValueCache
from tfc_platform.sheets.sheet_model import SheetRow

__all__ = ["merge_duplicate"]


def merge_duplicate(
    fields: Iterable[tuple[str, int, ValueCache]],
    row: SheetRow,
    record: str,
    identity: bytes,
    prevailing: Sequence[str],
    result: IngestResult,
) -> list[str]:
    """Let the stricter value of a doubled row hold in the row that was accepted; gives the fields that it changed.

    A cell of the doubled row that cannot be read counts as the strictest value: nobody knows what it took back.

    :param fields: those whose stricter value prevails and that this sheet has, each with its column and what cells mean there.
    :param prevailing: all such fields of the contract; `taken.kept` has their values in this order.
    """
    if identity not in result.kept:
        return []
    place, standing = result.kept[identity]
    changed = []
    for name, index, meaning in fields:
        column, number = meaning.column, prevailing.index(name)
        said = meaning.of(row.at(index), None)[0]
        ranks = [column.prevails.index(value) if value in column.prevails else 0 for value in (standing[number], said)]
        if ranks[1] < ranks[0]:
            standing[number] = column.prevails[ranks[1]]
            result.amend(record, name, place, standing[number])
            changed.append(name)
    return changed
