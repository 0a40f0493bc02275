"""Cells that a program has written otherwise than people did: `4.0` for the code 4, an apostrophe before a text, a decimal comma.

pandas and R write whole numbers with a decimal in a column that has blanks. Spreadsheet programs put an apostrophe before what is
to stay text. None of these changes what is meant, so such a cell is read, and reported once a column.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from tfc_platform.sheets.sheet_model import CellValue

__all__ = ["known_form", "meant_forms", "rewritten_as", "uses_other_decimal"]

_WHOLE = re.compile(r"(-?\d+)[.,]0+", re.ASCII)
_APOSTROPHES = ("'", "’", "‘")
_COMMA_DECIMAL = re.compile(r"[+-]?\d+,(?:\d{1,2}|\d{4,})", re.ASCII)  # three digits after a comma may be thousands
_POINT_DECIMAL = re.compile(r"[+-]?\d+\.(?:\d{1,2}|\d{4,})", re.ASCII)
_COMMA_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_POINT_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?", re.ASCII)


def meant_forms(cell: CellValue) -> Iterator[tuple[str, str]]:
    """What a text may mean that cannot be read as it is: the reason for a notice, and the text."""
    if not isinstance(cell, str):
        return
    text = cell.strip()
    if text[:1] in _APOSTROPHES and len(text) > 1:
        yield "leading_apostrophe", text[1:]
        text = text[1:]
    whole = _WHOLE.fullmatch(text)
    if whole is not None:
        yield "decimal_code", whole[1]


def known_form(text: str, *known: Container[str]) -> str:
    """The form of a code that one of the lists knows; the text as it is where none does."""
    if any(text in codes for codes in known):
        return text
    return next((form for _, form in meant_forms(text) if any(form in codes for codes in known)), text)


def rewritten_as(text: str) -> str:
    """The reason of the first form that a text may mean.

    :raises StopIteration: where it has none.
    """
    return next(meant_forms(text))[0]


def uses_other_decimal(texts: Iterable[str], decimal: str) -> bool:
    """Whether a column's numbers are all written with the other decimal sign than the contract's (`point` or `comma`).

    A single number by the contract's sign, or with that sign between thousands, leaves it in doubt: then none is taken so.
    """
    own, other = (_POINT_DECIMAL, _COMMA_DECIMAL) if decimal == "point" else (_COMMA_DECIMAL, _POINT_DECIMAL)
    thousands = _COMMA_THOUSANDS if decimal == "point" else _POINT_THOUSANDS
    several = False
    for text in texts:
        if own.fullmatch(text) or thousands.fullmatch(text):
            return False
        several |= other.fullmatch(text) is not None
    return several
