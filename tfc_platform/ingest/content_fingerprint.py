"""What a file says, whatever its bytes: two files with the same names of columns and the same cells have the same digest.

It is keyed, since a file of few cells could else be found by trying. Cells of personal columns are part of it: a file in which
one of them was corrected is another file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.sheets.sheet_model import CellError, CellValue, SheetRow, text_of

__all__ = ["ContentFingerprint", "content_text"]


def content_text(cell: CellValue) -> str:
    """A cell as the digest has it: an error by its own name."""
    return f"\x00{cell.what}" if isinstance(cell, CellError) else text_of(cell)


class ContentFingerprint:
    """The digest of a grid, made row by row as the rows pass. Blank rows and blanks at a row's end do not count."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        key = pseudonyms.token("content", "").encode()
        self._hash = hashlib.blake2b(key=key, digest_size=16)
        self._rows = 0

    def begin(self, sheet: str | None, names: Sequence[str]) -> None:
        """A sheet, by its name and those of its columns: titles and the place of the header do not count."""
        kept = list(names)
        while kept and not kept[-1]:
            kept.pop()
        self._hash.update(repr((sheet, kept)).encode("utf-8", "surrogatepass"))

    def add(self, row: SheetRow) -> None:
        # Nearly every cell is plain text, and is not asked about twice.
        texts = [cell.strip() if type(cell) is str and cell.isascii() else content_text(cell) for cell in row.cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            self._rows += 1
            self._hash.update(repr(texts).encode("utf-8", "surrogatepass"))

    def add_written(self, written: memoryview, rows: int) -> None:
        """Rows that are written out already, each as the `repr` of the list of its texts without blanks at its end.

        :param rows: how many they are; blank rows are not among them.
        """
        self._rows += rows
        self._hash.update(written)

    @property
    def digest(self) -> str | None:
        """None where there is no row: files that say nothing are not the same for that."""
        return self._hash.hexdigest() if self._rows else None
