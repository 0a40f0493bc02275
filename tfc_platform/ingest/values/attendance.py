"""How many came, as practitioners write it: a number, an estimate, a bound, a range, groups, or that nobody counted.

The meaning of each form is the programme's (see the glossary); words that mean no number are an error, not an unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from tfc_platform.contracts.model import Column, normal
from tfc_platform.sheets.sheet_model import CellError, CellValue, is_blank, text_of

__all__ = ["UNKNOWN", "Attendance", "no_count", "parse_attendance"]


@dataclass(frozen=True)
class Attendance:
    """`low` and `high` people attending, with what kind of statement it was. None is unknown, not zero."""

    low: int | None
    high: int | None
    kind: str


UNKNOWN = Attendance(None, None, "unknown")
MOST = 99_999  # at one session; more is a telephone number or a date in the wrong column
_NUMBER = r"(\d{1,3}(?:,\d{3})+|\d{1,6})"
_EXACT = re.compile(_NUMBER + r"(?:\.0+)?")
_ESTIMATE = re.compile(r"(?:approx(?:imately|\.)?|about|around|circa|c\.?|~|est\.?) ?" + _NUMBER)
_LOWER = re.compile(_NUMBER + r" ?\+")
_RANGE = re.compile(_NUMBER + r" ?(?:-|to) ?" + _NUMBER)
_BELOW = re.compile(r"(?:<|under|fewer than|less than) ?" + _NUMBER)
# Groups of people that practitioners add up in one cell. A family or a class is no person, so not here.
_PERSONS = (
    "adults? babies baby boys? carers? children child dads? girls? grandparents? infants? kids? men mums? parents?"
    " people persons? practitioners? professionals? pupils? staff students? teachers? toddlers? volunteers? women"
    " workers? youths?"
).replace(" ", "|")
_GROUP = re.compile(rf"{_NUMBER} ?(?:{_PERSONS}|young people)")
_GROUPS = re.compile(rf"(?:{_GROUP.pattern})(?:(?: ?(?:,|\+|&|and|/) ?| ){_GROUP.pattern})*")


def _int(text: str) -> int:
    return int(text.replace(",", ""))


def _from_text(text: str) -> Attendance | None:
    if found := _EXACT.fullmatch(text):
        return Attendance(_int(found[1]), _int(found[1]), "exact")
    if found := _ESTIMATE.fullmatch(text):
        return Attendance(_int(found[1]), _int(found[1]), "estimate")
    if found := _LOWER.fullmatch(text):
        return Attendance(_int(found[1]), None, "lower_bound")
    if (found := _RANGE.fullmatch(text)) and _int(found[1]) <= _int(found[2]):
        return Attendance(_int(found[1]), _int(found[2]), "range")
    if (found := _BELOW.fullmatch(text)) and _int(found[1]) > 1:
        return Attendance(1, _int(found[1]) - 1, "range")
    if _GROUPS.fullmatch(text):
        total = sum(_int(found[1]) for found in _GROUP.finditer(text))
        return Attendance(total, total, "exact")
    return None


def parse_attendance(cell: CellValue, column: Column) -> Attendance | None:
    """What a cell says of the attendance, or None where it is no statement of a number.

    :param column: the contract's words for `nobody counted`, and the kinds of statement that it takes.
    """
    if is_blank(cell):
        return UNKNOWN
    if isinstance(cell, CellError | bool):
        return None
    if isinstance(cell, int | float):
        return Attendance(int(cell), int(cell), "exact") if 0 <= cell <= MOST and cell == int(cell) else None
    written = text_of(cell)
    if not written.isascii() and any(sign.isnumeric() and not sign.isdecimal() for sign in written):
        return None  # a note's number above the line would be a digit more: 12¹ is not 121
    text = normal(cell)
    if text in column.unknown_words or text in column.ask_words:
        return UNKNOWN
    if text in column.zero_words:
        return Attendance(0, 0, "exact")
    found = _from_text(text)
    if found is None or found.kind not in column.kinds or max(found.low or 0, found.high or 0) > MOST:
        return None
    return found


_WHY = {
    "estimate": "is an estimate, and this column takes counts alone. Write the number that was counted, or leave it blank.",
    "lower_bound": "is a bound, not a count. Write the number that was counted, or leave it blank.",
    "range": "is a range, and this column takes counts alone. Write the number that was counted, or leave it blank.",
}
_DATE = re.compile(r"\d{1,2}-[a-z]{3}|[a-z]{3}-\d{2}|\d{4}-\d{2}-\d{2}.*")
_SIGNED = re.compile(r"-\d+(?:\.\d+)?")
_FRACTION = re.compile(r"\d+\.\d+")


def no_count(cell: CellValue) -> str:
    """What to say of a cell that `parse_attendance` did not take, as the end of a sentence whose subject is the cell."""
    if isinstance(cell, date) or (isinstance(cell, str) and _DATE.fullmatch(normal(cell))):
        return "is a date: a spreadsheet program may have turned a range such as 5-10 into one. Write the number again."
    text = normal(cell) if isinstance(cell, str) else str(cell)
    found = _from_text(text)
    if found is not None and max(found.low or 0, found.high or 0) > MOST:
        return "is more people than can come at once. Write how many came."
    if _BELOW.fullmatch(text):
        return _WHY["lower_bound"]
    if found is not None and found.kind in _WHY:
        return _WHY[found.kind]
    if _SIGNED.fullmatch(text):
        return "is less than none. Write how many came."
    if _FRACTION.fullmatch(text):
        return "is no whole number of people. Write how many came."
    return "is no count of people. Write a whole number, or leave it blank if nobody counted."
