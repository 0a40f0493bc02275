"""What a column holds, from all of its cells: kind, blanks, different values, date orders, missing codes, persons' data.

Belongs here: gathering a column's cells and the verdict on them. Does not belong: what one cell looks like (`looks`), or where
the column stands (`tables`). Of a column's cells nothing leaves but counts, codes from closed lists, and, in `choices`, the
values of a column that is short, closed and no person's: those are for the draft contract alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tfc_platform.contracts.model import normal
from tfc_platform.inspect.looks import SERIALS, look
from tfc_platform.inspect.opening import Variable
from tfc_platform.inspect.tools import Kind, Tool
from tfc_platform.take_in.grid import Cell, CellError, is_blank, text_of
from tfc_platform.take_in.personal import looks_personal

__all__ = ["Column", "Gathered", "Naming", "judge"]

MOST_DIFFERENT = 20_000  # values of a column that are held at once
CLOSED = 20  # different values that a list of choices has at most
USUAL = 0.8  # of a column's cells: what most of them are, the column is
LONG = 60  # characters from which a text is a sentence
WORDS = 3.0  # on average, and a text is a sentence
LONGEST_LABEL = 60  # characters of a label that is taken for a name; a longer one is a question about it
# A code counts as missing only where it is one of these: a closed list, so that saying it repeats nothing.
MISSING = frozenset({"-99", "-999", "-98", "-97", "-88", "-77", "n/a", "na", "null", "#n/a", "tbc", "-"})
DATES = ("iso", "words", "day_first", "month_first", "ambiguous", "true_date", "true_datetime")


@dataclass
class Gathered:
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
    values: Counter[Cell] = field(default_factory=Counter)
    folded: int = 0  # different values that were folded away; the same one may be among them twice
    repeated: bool = False  # whether a value stood twice
    characters: int = 0
    words: int = 0
    longest: int = 0
    negative: int = 0
    serials: int = 0
    texts: list[str] = field(
        default_factory=list
    )  # the last batch of different texts: all of them, where nothing was folded
    personal: str | None = None  # of which kind any batch of cells looked

    def add(self, cells: Iterable[Cell]) -> None:
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
        self.personal = self.personal or looks_personal("", self.texts)

    def _is_missing(self, text: str) -> bool:
        word = text.casefold()
        return word in MISSING or word in self.codes or (bool(self.spans) and _spans(text, self.spans))

    def _count(self, cell: Cell, count: int) -> None:
        kind = look(cell)
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
        self.negative += count if text.startswith("-") and kind in {"integer", "decimal"} else 0
        self.characters += count * len(text)
        self.words += count * len(text.split())
        self.longest = max(self.longest, len(text))
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
class Naming:
    """A column's place counted from 1, its name and its label, and the other names in its header."""

    number: int
    name: str
    label: str
    beside: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Column:
    """What is said of a column. `distinct` is a lower bound where `more` holds."""

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
    times: int = 0  # of its dates, how many have a time of day


def _spans(code: str, spans: Sequence[str]) -> bool:
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


def _split(text: str, separators: Sequence[str]) -> list[str]:
    for separator in separators:
        if separator in text:
            return [part.strip() for part in text.split(separator) if part.strip()]
    return [text]


def _is_multiple(found: Gathered, separators: Sequence[str], prose: bool) -> bool:
    """Cells that are lists of choices from one short list."""
    if found.folded or not found.texts or prose:
        return False
    parts = Counter(part for text in found.texts for part in _split(text, separators))
    several = sum(len(_split(text, separators)) > 1 or text.endswith(";") for text in found.texts)
    few = len(parts) <= 2 * CLOSED and sum(parts.values()) >= 1.5 * len(parts)
    return several * 3 >= len(found.texts) and few and max(map(len, parts)) <= LONG


def _is_choice_column(naming: Naming, tool: Tool | None, found: Gathered) -> bool:
    """A column of one choice of a question: question and choice in its name, and a mark or nothing in its cells."""
    if tool is None:
        return False
    if tool.split and tool.split in naming.name:
        question = naming.name.rsplit(tool.split, 1)[0]
        marks = all(text.casefold() in {"0", "1", "true", "false"} for text in found.texts)
        of_question = normal(question) in naming.beside or tool.split == "___" or found.looks["flag"] > 0
        return marks and of_question and bool(found.texts)
    lone = tool.options and found.different == 1 and not found.folded and found.blank + sum(found.missing.values()) > 0
    of_several = re.fullmatch(r".+_-?\d+(_.*)?", naming.name) is not None
    return lone and (of_several or (" | " in naming.name and found.texts[0] == naming.label))


def _is_closed(found: Gathered) -> bool:
    return not found.folded and 0 < found.different <= CLOSED and found.filled >= 2 * found.different


def _of_dates(found: Gathered, usual: float) -> Kind | None:
    dates = sum(found.orders.values()) + (found.serials if found.orders else 0)
    if not dates or dates < usual:
        return None
    return "datetime" if found.looks["with_time"] * 2 >= dates else "date"


def _kind(naming: Naming, found: Gathered, tool: Tool | None, variable: Variable | None) -> Kind:
    """The kind that most of a column's cells have."""
    if variable is not None and variable.kind in {"date", "datetime", "time"}:
        return variable.kind
    if not found.filled:
        return "blank"
    if _is_choice_column(naming, tool, found):
        return "multi_choice"
    if variable is not None and variable.codes:
        labelled = {code for code in variable.codes if not _spans(code, variable.missing)}
        if len(labelled) == 1 and found.values_said <= labelled and not found.folded:
            return "multi_choice"
        if len(labelled) > 1 and len(labelled) * 2 >= found.different:
            return "category"
    looks, usual = found.looks, USUAL * found.filled
    if kind := _of_dates(found, usual):
        return kind
    if looks["time"] >= usual:
        return "time"
    numbers = looks["integer"] + looks["decimal"]
    if looks["flag"] >= usual or (numbers == found.filled and set(found.texts) <= {"0", "1"} and found.different == 2):
        return "flag"
    if numbers >= 0.95 * found.filled:
        return "number"
    if numbers and numbers + looks["attendance"] >= usual:
        return "attendance"
    unique = not found.repeated and found.filled > 2
    if looks["token"] + looks["integer"] >= found.filled and unique:
        return "id"
    prose = found.words >= WORDS * found.filled or found.longest > LONG
    if _is_closed(found) and found.longest <= 2 * LONG:
        return "category"
    if _is_multiple(found, tool.multiple if tool else (";",), prose and ";" not in "".join(found.texts[:50])):
        return "multi_choice"
    return "free_text" if prose else "text"


def _is_key(naming: Naming, found: Gathered, tool: Tool | None) -> bool:
    """A number for each row: the tool's own key, or, of no tool, one in a column that its name calls an id."""
    if tool is not None and (any(header.matches(naming.name) for header in tool.key_names)):
        return True
    if tool is not None and tool.first_key and naming.number == 1:
        return True
    words = re.split(r"[^a-z]+", normal(naming.name))
    return (
        not found.repeated and found.filled > 2 and bool({"id", "ref", "key", "uuid", "reference", "urn"} & set(words))
    )


def _personal(naming: Naming, found: Gathered, tool: Tool | None, system: Kind | None, kind: Kind) -> str | None:
    if tool is not None and (listed := tool.personal_of(naming.number, naming.name, naming.label)):
        return listed
    if system is not None or kind == "blank":
        return looks_personal(naming.name, ()) if system is None else None
    if tool is not None and any(normal(naming.name).endswith(normal(ending.strip("*"))) for ending in tool.free_text):
        return "free_text"
    by_cells = kind not in {"date", "datetime", "time", "flag"}
    asked = [naming.name] + ([naming.label] if naming.label and len(naming.label) <= LONGEST_LABEL else [])
    by_name = next((found_kind for words in asked if (found_kind := looks_personal(words, ()))), None)
    if by_name or (by_cells and found.personal):
        return by_name or found.personal
    return "free_text" if kind in {"free_text", "text"} else None


def judge(naming: Naming, found: Gathered, tool: Tool | None, variable: Variable | None = None) -> Column:
    """What is said of a column whose cells have all been gathered."""
    system = tool.kind_of(naming.name, naming.label) if tool else None
    kind = system or _kind(naming, found, tool, variable)
    if system is None and kind in {"number", "text", "category", "free_text", "id"} and _is_key(naming, found, tool):
        kind = "id"
    personal = _personal(naming, found, tool, system, kind)
    if personal == "free_text":
        kind = "text" if kind == "text" else "free_text"
    elif personal:
        kind = "personal"
    declared = tuple(variable.missing) if variable else ()
    seen = tuple(sorted(code for code in found.missing if not _spans(code, declared)))
    closed = kind in {"category", "flag"} and personal is None and system is None and _is_closed(found)
    labelled = {code for code in variable.codes if not _spans(code, declared)} if variable else set()
    return Column(
        number=naming.number,
        name=naming.name,
        label=naming.label,
        kind=kind,
        rows=found.rows,
        blank=found.blank,
        distinct=found.different,
        more=bool(found.folded),
        date_orders={order: found.orders[order] for order in DATES if found.orders[order]}
        | ({"serial": found.serials} if found.serials and found.orders else {}),
        missing_codes=declared + seen,
        personal=personal,
        system=system is not None,
        choices=tuple(sorted(found.values_said | labelled)) if closed else (),
        times=found.looks["with_time"],
    )
