"""A file's bytes without the rows that were erased: what taking in asks before anything of a file is kept.

Belongs here: joining whose a row is (`identities`), what is erased (`tombstones`) and how rows are emptied (`redact`), and the
proof that nothing else has changed. Does not belong: where the bytes are kept.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from tfc_platform.contracts.model import Contract, Reading
from tfc_platform.ingest.redact import REDACTORS, CannotRedact
from tfc_platform.ingest.row_identities import holds_ids, identities_of, loose_identities, reading_of, sheets_of
from tfc_platform.privacy.tombstones import Tombstones
from tfc_platform.sheets import file_format
from tfc_platform.sheets.sheet_model import CellValue, Unreadable, is_blank

__all__ = ["Cleaned", "clean", "without_rows"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cleaned:
    """The bytes as they may be kept; None where an erased record stands in them and cannot be taken out.

    `erasures` are the numbers of those whose records were found.
    """

    content: bytes | None = field(repr=False)
    erasures: frozenset[int] = frozenset()

    @property
    def is_changed(self) -> bool:
        return bool(self.erasures)


def clean(content: bytes, contract: Contract | None, name: str, site: str | None, tombstones: Tombstones) -> Cleaned:
    """Empty the rows of a file that were erased, and prove that all others are as they were.

    :param contract: that reads the file; None where there is none any more, or nobody knows whose file it is.
    :param site: whose file it is; None where nobody knows.
    """
    if not tombstones.at(site) or (contract is not None and not holds_ids(contract)):
        return Cleaned(content)
    for reading in [contract.read] if contract else reading_of(content):
        found = _clean_as(content, contract, reading, name, site, tombstones)
        if found.is_changed:
            return found
    return Cleaned(content)


def _clean_as(
    content: bytes, contract: Contract | None, reading: Reading, name: str, site: str | None, tombstones: Tombstones
) -> Cleaned:
    rows: dict[str | None, set[int]] = {}
    erasures = set()
    try:
        for place in identities_of(content, contract, reading, name, site or ""):
            number = tombstones.first_of(place.identities, site)
            if number is not None:
                rows.setdefault(place.sheet, set()).add(place.row)
                erasures.add(number)
    except Unreadable:
        return _unreadable(content, site, tombstones)
    if not rows:
        return Cleaned(content)
    try:
        return Cleaned(without_rows(content, rows, reading), frozenset(erasures))
    except Exception as error:  # whatever our own writing stumbled over: the row may not stay
        log.error("%s: a file could not be redacted (%s).", site, type(error).__name__)
        return Cleaned(None, frozenset(erasures))


def _unreadable(content: bytes, site: str | None, tombstones: Tombstones) -> Cleaned:
    """Text that no parser can cut into rows is kept only where no erased id stands in it."""
    if content.startswith((file_format.ZIP, file_format.OLE, *file_format.SPSS)):
        return Cleaned(content)
    number = tombstones.first_of(loose_identities(content), site)
    return Cleaned(content) if number is None else Cleaned(None, frozenset({number}))


def without_rows(content: bytes, rows: Mapping[str | None, set[int]], reading: Reading) -> bytes:
    """The file with those rows emptied.

    :raises CannotRedact: where that cannot be done, or where any other row would read otherwise than before.
    """
    redact = REDACTORS.get(file_format.recognise(content))
    if redact is None:
        raise CannotRedact("No row can be taken out of a file of this format.")
    redacted = redact(content, rows, reading)
    wanted = {
        place: cells for place, cells in _cells(content, reading).items() if place[1] not in rows.get(place[0], ())
    }
    if _cells(redacted, reading) != wanted:
        raise CannotRedact("Emptying the rows would change others.")
    return redacted


def _cells(content: bytes, reading: Reading) -> dict[tuple[str | None, int], tuple[CellValue, ...]]:
    """Every row that is not blank, by its place."""
    try:
        return {
            (sheet.name, row.number): row.cells
            for sheet in sheets_of(content, reading)
            for row in sheet.rows
            if not all(map(is_blank, row.cells))
        }
    except Unreadable:
        if all(not line.strip() for line in content.splitlines()):
            return {}  # nothing else stood in the file
        raise CannotRedact("The file cannot be read once its rows are emptied.") from None
