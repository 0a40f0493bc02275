"""A column's cells, counted as they pass: what is held of a long column is counts and a batch of its values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tfc_platform.privacy.personal_data import PersonalDataTally
from tfc_platform.profiling.cell_types import SERIALS, cell_type
from tfc_platform.profiling.tools import Kind
from tfc_platform.sheets.sheet_model import CellError, CellValue, is_blank, text_of

__all__ = ["DATES", "ColumnName", "ColumnProfile", "ColumnStats", "in_spans"]

MOST_DIFFERENT = 20_000  # values of a column that are held at once
# How somebody could be reached: a choice of a list never says that.
LOOKED_AT = 4_000  # characters of a cell in which it is looked for
REACHED = re.compile(r"\S@\S+\.\w|(?:\d[\s()-]*){9,}")
# A code counts as missing only where it is one of these: a closed list, so that saying it repeats nothing.
MISSING = frozenset({"-99", "-999", "-98", "-97", "-88", "-77", "n/a", "na", "null", "#n/a", "tbc", "-"})
DATES = ("iso", "words", "day_first", "month_first", "ambiguous", "true_date", "true_datetime")


def in_spans(code: str, spans: Sequence[str]) -> bool:
    """Whether a code is one of `99` or in one of `97..99`."""
    for span in spans:
        low, dots, high = span.partition("..")
        if code == span:
            return True
        if dots:
            try:
                if float(low) <= float(code) <= float(high):
                    return True
            except ValueError:
                continue
    return False


def _reaches(text: str) -> bool:
    """Whether a text says how to reach somebody, in words: a number alone may be all that a column is for."""
    worded = " " in text and any(sign.isalpha() for sign in text)
    return worded and REACHED.search(text) is not None


@dataclass
class ColumnStats:
    """A column's cells so far, counted. Values are held up to a number and then folded into their classes.

    `codes` and `spans` are what stands for missing here, beside `MISSING`: the tool's codes, and a statistical file's own.
    """

    codes: frozenset[str] = frozenset()
    spans: tuple[str, ...] = ()
    rows: int = 0
    blank: int = 0
    looks: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    orders: Counter[str] = field(default_factory=Counter)
    values: Counter[CellValue] = field(default_factory=Counter)
    folded: int = 0  # different values that were folded away; the same one may be among them twice
    repeated: bool = False  # whether a value stood twice
    characters: int = 0
    words: int = 0
    longest: int = 0
    most_words: int = 0
    spoken: bool = False  # a cell holds an address of mail or a telephone number among other words
    serials: int = 0
    texts: list[str] = field(
        default_factory=list
    )  # the last batch of different texts: all of them, where nothing was folded
    tally: PersonalDataTally = field(
        default_factory=lambda: PersonalDataTally("")
    )  # of what looks like personal data, over the different values

    def add(self, cells: Iterable[CellValue]) -> None:
        self.values.update(cells)
        if len(self.values) > MOST_DIFFERENT:
            self._fold()
            self.folded += len(self.values)
            self.values.clear()

    def _fold(self) -> None:
        self.texts = []
        for cell, count in self.values.items():
            self.rows += count
            self._count(cell, count)
        for text in self.texts:
            self.tally.add(text)

    def _is_missing(self, text: str) -> bool:
        word = text.casefold()
        return word in MISSING or word in self.codes or (bool(self.spans) and in_spans(text, self.spans))

    def _count(self, cell: CellValue, count: int) -> None:
        kind = cell_type(cell)
        if kind == "blank":
            self.blank += count
            return
        text = "" if isinstance(cell, CellError) else text_of(cell)
        if self._is_missing(text):
            self.missing[text] += count
            return
        self.repeated |= count > 1
        self.looks[kind] += count
        order, _, later = kind.partition("+")
        if order in DATES:
            self.orders[order] += count
            self.looks["with_time"] += count if later or order == "true_datetime" else 0
        if kind == "integer" and text.isdigit() and int(text) in SERIALS:
            self.serials += count
        self.characters += count * len(text)
        words = sum(any(sign.isalpha() for sign in word) for word in text.split())
        self.words += count * words
        self.longest = max(self.longest, len(text))
        self.most_words = max(self.most_words, words)
        self.spoken |= kind == "text" and _reaches(text[:LOOKED_AT])
        self.texts.append(text)

    def close(self) -> None:
        """All cells have been added."""
        self._fold()

    @property
    def filled(self) -> int:
        """Cells that hold something which is not a code for missing."""
        return self.rows - self.blank - sum(self.missing.values())

    @property
    def values_said(self) -> set[str]:
        """The different values, without blanks, errors and codes for missing."""
        texts = {text_of(cell) for cell in self.values if not is_blank(cell) and not isinstance(cell, CellError)}
        return {text for text in texts if not self._is_missing(text)}

    @property
    def different(self) -> int:
        return self.folded + len(self.values_said)


@dataclass(frozen=True)
class ColumnName:
    """A column's place counted from 1, its name and its label, and the other names in its header."""

    number: int
    name: str
    label: str
    beside: frozenset[str] = frozenset()
    key: bool = False  # the tool's own id of a row
    by_place: bool = False  # the tool's columns are known by their places


@dataclass(frozen=True)
class ColumnProfile:
    """What is said of a column. `distinct` is an upper bound where `more` holds."""

    number: int
    name: str
    label: str
    kind: Kind
    rows: int
    blank: int
    distinct: int
    more: bool
    date_orders: dict[str, int]
    missing_codes: tuple[str, ...]
    personal: str | None
    system: bool  # the tool itself adds it
    choices: tuple[str, ...] = ()
    choice_labels: dict[str, str] = field(default_factory=dict)  # what a code means, where the file or its form says it
    errors: int = 0  # cells with a spreadsheet error, or a formula without a value
    times: int = 0  # of its dates, how many have a time of day
