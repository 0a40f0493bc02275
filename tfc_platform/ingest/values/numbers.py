"""Numbers and hours as people write them: the point or the comma that a contract names, and units where it allows them."""

from __future__ import annotations

import re
from datetime import time

from tfc_platform.sheets.sheet_model import CellValue, text_of

__all__ = ["hours_of", "number_of"]

# A comma stands between thousands alone: taken out of `1,5` it would make fifteen.
_POINT = re.compile(r"[+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
_COMMA = re.compile(r"[+-]?(?:(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d*)?|,\d+)", re.ASCII)
_HOURS = re.compile(r"(.+?) ?(?:hours?|hrs?|h)\.?")
_MINUTES = re.compile(r"(.+?) ?(?:minutes?|mins?)\.?")
_BOTH = re.compile(r"(\d{1,2}) ?(?:hours?|hrs?|h)\.?,? ?(?:and )?(\d{1,2}) ?(?:minutes?|mins?|m)?\.?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)", re.ASCII)


def number_of(cell: CellValue, decimal: str = "point") -> float | None:
    """The number that a cell holds, or None.

    :param decimal: `point` (1,024.5) or `comma` (1.024,5), which holds for texts alone: a number is one already.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    if not isinstance(cell, str):
        return None
    text = text_of(cell)
    if decimal == "comma":
        return float(text.replace(".", "").replace(",", ".")) if _COMMA.fullmatch(text) else None
    return float(text.replace(",", "")) if _POINT.fullmatch(text) else None


def hours_of(cell: CellValue, decimal: str = "point") -> float | None:
    """Hours from a text with a unit (`1.5 hours`, `90 min`, `1h 30`, `1:30`) or a time of the clock; None for any other."""
    if isinstance(cell, time):
        return cell.hour + cell.minute / 60 + cell.second / 3600
    if not isinstance(cell, str):
        return None
    text = text_of(cell).casefold()
    if found := (_BOTH.fullmatch(text) or _CLOCK.fullmatch(text)):
        return int(found[1]) + int(found[2]) / 60
    for pattern, share in ((_HOURS, 1), (_MINUTES, 60)):
        if (found := pattern.fullmatch(text)) and (number := number_of(found[1], decimal)) is not None:
            return number / share
    return None
