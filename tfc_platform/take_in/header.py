"""Finding the header by what it says, and which column is which field.

Belongs here: from a sheet's first rows and a contract to a `Layout`. Does not belong: the rows under the header.
The header is the block of rows in which most of the contract's names are found, so that titles and blank rows above do not
matter. A row that merely holds a word that is also a column's name is no header, or its cells would be told as names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from tfc_platform.contracts.model import AnswerGroup, Column, Contract, Header, HeaderBlock, applies, normal
from tfc_platform.take_in.grid import Row, Sheet, is_blank, text_of
from tfc_platform.take_in.values.dates import parse_date

__all__ = ["Layout", "columns_of", "find_layout"]

SEARCHED_ROWS = 30
ENOUGH = 3  # one in so many of the contract's names, and two at least, make a row a header
LONGEST_NAME = 80  # characters of a column's name that a message repeats


@dataclass(frozen=True)
class Layout:
    """Where everything stands in a sheet, by column index from 0."""

    names: tuple[str, ...]  # each column's name as its sender sees it
    first_data: int  # index into the sheet's rows
    fields: dict[str, int]
    items: list[tuple[AnswerGroup, dict[str, int]]]
    free_text: tuple[int, ...]
    unknown: tuple[int, ...]  # columns with a name that the contract does not know
    rules: dict[int, int]  # reject rule (its index) to column
    missing: tuple[str, ...]  # names of required columns that are not there
    doubled: tuple[str, ...]  # names that stand twice and that the contract takes
    outdated: tuple[str, ...] = field(default=())  # names used outside the months for which they hold
    closed: frozenset[int] = field(default=frozenset())  # columns that the contract knows and that hold no free text

    def name(self, index: int) -> str:
        """What a message calls a column: its name, or its number where it has none."""
        named = self.names[index] if index < len(self.names) else ""
        return named[:LONGEST_NAME] or f"column {index + 1}"


def _names(block: Sequence[Row], rule: HeaderBlock) -> tuple[str, ...]:
    width = max(len(row.cells) for row in block)
    grid = [[text_of(row.at(i)) for i in range(width)] for row in block]
    grid = [[" ".join(text.split()) for text in line] for line in grid]
    if rule.join == "first":
        return tuple(grid[0])
    if rule.join == "last":
        return tuple(next((line[i] for line in reversed(grid) if line[i]), "") for i in range(width))
    names, above = [], ""
    for i in range(width):
        above = grid[0][i] or above
        parts = [line[i] for line in grid[1:] if line[i]]
        names.append(" | ".join([above, *parts]) if parts else grid[0][i])
    return tuple(names)


def _groups(contract: Contract, facts: dict[str, str]) -> list[AnswerGroup]:
    return [group for group in contract.survey.answers if applies(group.when, facts)] if contract.survey else []


def _wanted(contract: Contract, facts: dict[str, str]) -> list[tuple[Header, ...]]:
    wanted = [column.header for column in contract.fields(facts).values()]
    wanted += [rule.header for rule in contract.reject]
    wanted += list(contract.free_text)
    for group in _groups(contract, facts):
        wanted += list(group.items.values())
    return wanted


def _columns(headers: Iterable[Header], names: Sequence[str]) -> list[int]:
    return [i for i, name in enumerate(names) if name and any(header.matches(name) for header in headers)]


def _locate(sheet: Sheet, contract: Contract, facts: dict[str, str]) -> tuple[int, tuple[str, ...]] | None:
    """The index of the row after the header block, and the names; None where no row has enough of them."""
    rule = contract.read.header
    wanted = _wanted(contract, facts)
    most, place, names = 0, 0, tuple[str, ...]()
    top = sheet.head(SEARCHED_ROWS + rule.rows - 1)
    for start in range(max(len(top) - rule.rows + 1, 0)):
        here = _names(top[start : start + rule.rows], rule)
        found = sum(bool(_columns(headers, here)) for headers in wanted)
        if found > most:
            most, place, names = found, start, here
        if most == len(wanted):
            break
    if not most or most < min(len(wanted), max(2, len(wanted) // ENOUGH)):
        return None
    return place + _height(top[place : place + rule.rows], contract, facts, names), names


def _height(block: Sequence[Row], contract: Contract, facts: dict[str, str], names: Sequence[str]) -> int:
    """How many rows the header has: its describing rows may be missing, and data that stand in their place count."""
    if contract.read.header.join != "first":
        return len(block)
    dates = [
        (index, column)
        for column in contract.fields(facts).values()
        if column.type == "date"
        for index in _columns(column.header, names)[:1]
    ]
    answers = [
        (index, {normal(code) for codes in group.codes for code in codes.values} | set(map(normal, group.missing)))
        for group in _groups(contract, facts)
        for headers in group.items.values()
        for index in _columns(headers, names)[:1]
    ]

    def is_data(row: Row) -> bool:
        return any(parse_date(row.at(index), column.formats) for index, column in dates) or any(
            not is_blank(row.at(index)) and normal(text_of(row.at(index))) in codes for index, codes in answers
        )

    return next((number for number, row in enumerate(block) if number and is_data(row)), len(block))


class _Finder:
    """Takes columns for the contract's names one by one, and keeps what is missing, doubled or outdated on the way."""

    def __init__(self, names: Sequence[str], month: date | None) -> None:
        self.names, self.month = names, month
        self.taken: set[int] = set()
        self.missing: list[str] = []
        self.doubled: list[str] = []
        self.outdated: list[str] = []

    def take(self, headers: tuple[Header, ...]) -> int | None:
        """The column of a field. Where several have one of its names, the name that holds for the month decides."""
        found = _columns(headers, self.names)
        holding = [i for i in found if any(h.matches(self.names[i]) for h in self._holding(headers))]
        several = holding or found
        if not several:
            return None
        index = several[0]
        self.taken.add(index)
        if len(several) > 1:
            self.doubled.append(" / ".join(dict.fromkeys(self.names[i] for i in several)))
        if not holding:
            self.outdated.append(self.names[index])
        return index

    def require(self, headers: tuple[Header, ...]) -> int | None:
        index = self.take(headers)
        if index is None:
            names = self._holding(headers) or headers
            self.missing.append(" or ".join(header.name for header in names))
        return index

    def _holding(self, headers: tuple[Header, ...]) -> tuple[Header, ...]:
        month = self.month
        return headers if month is None else tuple(header for header in headers if header.holds(month))


def find_layout(sheet: Sheet, contract: Contract, facts: dict[str, str], month: date | None = None) -> Layout | None:
    """Where the contract's columns stand in a sheet, or None where it has no header row.

    :param facts: what the file's name says, for columns that only some returns have.
    :param month: the return's month, for names that hold for some months.
    """
    located = _locate(sheet, contract, facts)
    if located is None:
        return None
    first_data, names = located
    finder = _Finder(names, month)
    places = {
        name: (finder.require if column.required else finder.take)(column.header)
        for name, column in contract.fields(facts).items()
    }
    items = []
    for group in _groups(contract, facts):
        found = {item: finder.require(headers) for item, headers in group.items.items()}
        items.append((group, {item: index for item, index in found.items() if index is not None}))
    rules = {
        number: index
        for number, rule in enumerate(contract.reject)
        if (index := (finder.take if rule.optional else finder.require)(rule.header)) is not None
    }
    read = frozenset(finder.taken)
    texts = tuple(index for headers in contract.free_text if (index := finder.take(headers)) is not None)
    named = [Header(name=name) for name in (*contract.personal_names, *contract.ignored)]
    set_aside = frozenset(_columns(named, names))
    known = finder.taken | set_aside
    return Layout(
        names=names,
        first_data=first_data,
        fields={name: index for name, index in places.items() if index is not None},
        items=items,
        free_text=texts,
        unknown=tuple(i for i, name in enumerate(names) if name and i not in known),
        rules=rules,
        missing=tuple(dict.fromkeys(finder.missing)),
        doubled=tuple(dict.fromkeys(finder.doubled)),
        outdated=tuple(dict.fromkeys(finder.outdated)),
        closed=(read | set_aside) - frozenset(texts),
    )


def columns_of(contract: Contract, facts: dict[str, str], layout: Layout) -> dict[str, tuple[Column, int]]:
    """Each field that a sheet has, with its column's rules and place."""
    columns = contract.fields(facts)
    return {name: (columns[name], index) for name, index in layout.fields.items()}
