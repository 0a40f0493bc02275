"""Which cells a message may repeat, so that a sender finds what to correct; no other cell is repeated.

A date, a count or a number may be said where it is made of digits, signs and the words below; the value of a closed vocabulary
where its contract says `quote: true`. A name, a telephone number, an NHS number or an address is none of these.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from tfc_platform.contracts.model import Column
from tfc_platform.sheets.sheet_model import CellValue, text_of

__all__ = ["quotable", "said"]

LONGEST, LONGEST_NAME = 30, 40  # characters of a cell that is said
MOST_DIGITS = 6  # outside a date; a telephone number has more, however it is parted
LONGEST_RUN = 4  # digits in one run outside a date
FIGURES = frozenset({"attendance", "date", "number"})
NAMES = frozenset({"area", "category", "site"})

_MONTHS = "january february march april may june july august september october november december"
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
# Words that stand beside digits. Single letters are c. (circa), h (hours) and the t and z of a time.
_BESIDE_WORDS = (
    f"{_MONTHS} jan feb mar apr jun jul aug sep sept oct nov dec {_DAYS} mon tue tues wed thu thur thurs fri sat sun"
    " st nd rd th of the am pm t z utc gmt bst c ca circa approx approximately about around est estimated over under"
    " less fewer more than at least most to and or plus inc incl including hour hours hr hrs h min mins minute minutes"
    " day days week weeks month months session sessions wc w commencing beginning adults adult children child kids kid"
    " parents parent people siblings sibling families family staff"
)
# Words that mean something alone: that nobody counted, nothing, or a number.
_ALONE_WORDS = (
    "tbc tba tbd n a na nil none nothing zero unknown one two three four five six seven eight nine ten eleven twelve"
    " thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty"
    " ninety hundred dozen half"
)
_BESIDE, _ALONE = frozenset(_BESIDE_WORDS.split()), frozenset(_ALONE_WORDS.split())
_SIGNS = re.compile(r"[0-9A-Za-z \-–/.,:;<>+~()?*'=%&£]*", re.ASCII)
_FIGURE_DATE = re.compile(
    r"(?<![\d/.\-])(?:\d{1,2}([/.\-])\d{1,2}\1(?:\d{4}|\d{2})|\d{4}([/\-])\d{1,2}\2\d{1,2})"
    r"(?:[ t]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:z|[+\-]\d{2}:?\d{2})?)?(?![\d/\-]|\.\d)"
)
_PARTED = re.compile(r"\d\s+\d")  # digits parted by spaces alone, as in a telephone number


def _figure(written: str) -> bool:
    """Whether a text is a date, a count or a number, or an attempt at one."""
    if len(written) > LONGEST or not _SIGNS.fullmatch(written):
        return False
    text = written.casefold()
    words = re.findall(r"[a-z]+", text)
    if not any(letter.isdigit() for letter in text):
        return bool(words) and all(word in _ALONE for word in words)
    rest = _FIGURE_DATE.sub(" x ", text)
    runs = re.findall(r"\d+", rest)
    if any(len(run) > LONGEST_RUN for run in runs) or sum(map(len, runs)) > MOST_DIGITS or _PARTED.search(rest):
        return False
    return all(word in _BESIDE or word in _ALONE for word in words)


def _name(written: str) -> bool:
    letters = all(letter.isalpha() or letter in " '’-" for letter in written)
    return len(written) <= LONGEST_NAME and letters and any(letter.isalpha() for letter in written)


def quotable(cell: CellValue, column: Column) -> str | None:
    """A cell as a message may say it, without spaces around it; None where it may not be said.

    :param column: its type decides what can be said, and `quote` whether a name of its closed list can.
    """
    if isinstance(cell, bool):
        return None
    if column.type in FIGURES:
        if isinstance(cell, datetime | date):
            return f"{cell:%d/%m/%Y}"
        written = " ".join(text_of(cell).split())
        return written if written and _figure(written) else None
    if column.type in NAMES and column.quote and isinstance(cell, str):
        written = " ".join(text_of(cell).split())
        return written if _name(written) else None
    return None


def said(cell: CellValue, column: Column, otherwise: str = "This") -> str:
    """How a sentence about a cell begins: with the cell in quotation marks, or with `otherwise` where it may not be said."""
    written = quotable(cell, column)
    return f"“{written}”" if written is not None else otherwise
