"""A file's bytes without the rows that were erased: what ingest asks before anything of a file is kept.

A file that holds an erased row is kept as its table of cells (`sheets.readers.kept_cells`), whatever its format.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from tfc_platform.contracts.model import Contract, Reading
from tfc_platform.ingest.row_identities import holds_ids, identities_of, loose_identities, open_whole, reading_of
from tfc_platform.privacy.tombstones import Tombstones
from tfc_platform.sheets import file_format
from tfc_platform.sheets.readers import kept_cells
from tfc_platform.sheets.readers.kept_cells import ErasedRows
from tfc_platform.sheets.sheet_model import Unreadable

__all__ = ["Cleaned", "clean", "without_rows"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cleaned:
    """What may be kept of a file: its own bytes, or its table of cells where rows of it were erased. None: nothing of it.

    `erasures` are the numbers of those whose records were found.
    """

    content: bytes | None = field(repr=False)
    erasures: frozenset[int] = frozenset()

    @property
    def is_changed(self) -> bool:
        return bool(self.erasures)


def clean(content: bytes, contract: Contract | None, name: str, site: str | None, tombstones: Tombstones) -> Cleaned:
    """Leave out the rows of a file that were erased.

    :param contract: that reads the file; None where there is none any more, or nobody knows whose file it is.
    :param name: the file's name, which says which survey it is of.
    :param site: whose file it is; None where nobody knows.
    """
    if not tombstones.at(site) or (contract is not None and not holds_ids(contract)):
        return Cleaned(content)
    for reading in [contract.read] if contract else reading_of(content):
        cleaned = _clean_as(content, contract, reading, name, site, tombstones)
        if cleaned.is_changed:
            return cleaned
    return Cleaned(content)


def _clean_as(
    content: bytes, contract: Contract | None, reading: Reading, name: str, site: str | None, tombstones: Tombstones
) -> Cleaned:
    rows: dict[str | None, set[int]] = {}
    erasures = set()
    try:
        for row in identities_of(content, contract, reading, name, site or ""):
            number = tombstones.first_of(row.identities, site)
            if number is not None:
                rows.setdefault(row.sheet, set()).add(row.row)
                erasures.add(number)
    except Unreadable:
        return _clean_unreadable(content, site, tombstones)
    if not rows:
        return Cleaned(content)
    try:
        return Cleaned(without_rows(content, rows, reading), frozenset(erasures))
    except Exception as error:  # a fault of ours: the row may not be kept
        log.error("%s: rows could not be taken out of a file (%s).", site, type(error).__name__)
        return Cleaned(None, frozenset(erasures))


def _clean_unreadable(content: bytes, site: str | None, tombstones: Tombstones) -> Cleaned:
    """Text that no parser can cut into rows is kept only where no erased id is in it."""
    if content.startswith((file_format.ZIP, file_format.OLE, *file_format.SPSS)):
        return Cleaned(content)
    number = tombstones.first_of(loose_identities(content), site)
    return Cleaned(content) if number is None else Cleaned(None, frozenset({number}))


def without_rows(content: bytes, rows: ErasedRows, reading: Reading) -> bytes:
    """The table of cells of a file without those rows.

    :raises Unreadable: where the file cannot be read.
    """
    original = file_format.recognise(content)
    if original == "cells":
        original = kept_cells.original_format(content)
    return kept_cells.write(open_whole(content, reading), original, rows)
