"""Finding the header by what it says, and which column is which field.

Belongs here: from a sheet's first rows and a contract to a `Layout`. Does not belong: the rows under the header.
The header is the block of rows in which most of the contract's names are found, so titles and blank rows above do not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from tfc_platform.contracts.model import AnswerGroup, Column, Contract, Header, HeaderBlock, applies, normal
from tfc_platform.take_in.grid import Row, Sheet, text_of

__all__ = ["Layout", "find_layout"]

SEARCHED_ROWS = 30


@dataclass(frozen=True)
class Layout:
    """Where everything stands in a sheet, by column index from 0."""

    names: tuple[str, ...]  # each column's name as its sender sees it
    first_data: int  # index into the sheet's rows
    fields: dict[str, int]
    items: list[tuple[AnswerGroup, dict[str, int]]]
    free_text: tuple[int, ...]
    unknown: tuple[int, ...]  # columns that the contract does not name
    rules: dict[int, int]  # reject rule (its index) to column
    missing: tuple[str, ...]  # names of required columns that are not there
    doubled: tuple[str, ...]  # names that stand twice and that the contract takes
    outdated: tuple[str, ...] = field(default=())  # names used outside the months for which they hold


def _names(block: Sequence[Row], rule: HeaderBlock, width: int) -> tuple[str, ...]:
    grid = [[text_of(row.cells[i]) if i < len(row.cells) else "" for i in range(width)] for row in block]
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


def _wanted(contract: Contract, facts: dict[str, str]) -> list[tuple[Header, ...]]:
    wanted = [column.header for column in contract.fields(facts).values()]
    wanted += [rule.header for rule in contract.reject]
    wanted += list(contract.free_text)
    for group in _groups(contract, facts):
        wanted += list(group.items.values())
    return wanted


def _groups(contract: Contract, facts: dict[str, str]) -> list[AnswerGroup]:
    return [group for group in contract.survey.answers if applies(group.when, facts)] if contract.survey else []


def _column(headers: Iterable[Header], names: Sequence[str]) -> int | None:
    return next((i for i, name in enumerate(names) if name and any(header.matches(name) for header in headers)), None)


def _is_outdated(headers: Iterable[Header], name: str, month: date | None) -> bool:
    if month is None:
        return False
    holding = [
        header
        for header in headers
        if (header.valid_from is None or header.valid_from <= month)
        and (header.valid_to is None or month <= header.valid_to)
    ]
    return not any(header.matches(name) for header in holding)


def _locate(sheet: Sheet, contract: Contract, facts: dict[str, str]) -> tuple[int, tuple[str, ...]] | None:
    """The index of the row after the header block, and the names; None where no row has any of them."""
    rule = contract.read.header
    wanted = _wanted(contract, facts)
    best: tuple[int, int, tuple[str, ...]] | None = None
    for start in range(min(SEARCHED_ROWS, max(len(sheet.rows) - rule.rows + 1, 0))):
        block = sheet.rows[start : start + rule.rows]
        names = _names(block, rule, max(len(row.cells) for row in block))
        found = sum(_column(headers, names) is not None for headers in wanted)
        if found and (best is None or found > best[0]):
            best = (found, start + rule.rows, names)
        if best and best[0] == len(wanted):
            break
    return (best[1], best[2]) if best else None


def find_layout(sheet: Sheet, contract: Contract, facts: dict[str, str], month: date | None = None) -> Layout | None:
    """Where the contract's columns stand in a sheet, or None where it has no header row.

    :param facts: what the file's name says, for columns that only some returns have.
    :param month: the return's month, for names that hold for some months.
    """
    located = _locate(sheet, contract, facts)
    if located is None:
        return None
    first_data, names = located
    columns = contract.fields(facts)
    fields: dict[str, int] = {}
    missing, doubled, outdated = [], [], []
    taken: set[int] = set()

    def take(headers: tuple[Header, ...]) -> int | None:
        index = _column(headers, names)
        if index is not None:
            taken.add(index)
            if sum(normal(name) == normal(names[index]) for name in names) > 1:
                doubled.append(names[index])
            if _is_outdated(headers, names[index], month):
                outdated.append(names[index])
        return index

    def require(headers: tuple[Header, ...]) -> int | None:
        index = take(headers)
        if index is None:
            missing.append(" or ".join(header.name for header in headers))
        return index

    for name, column in columns.items():
        index = (require if column.required else take)(column.header)
        if index is not None:
            fields[name] = index
    items = []
    for group in _groups(contract, facts):
        places = {item: require(headers) for item, headers in group.items.items()}
        items.append((group, {item: place for item, place in places.items() if place is not None}))
    rules = {
        number: index
        for number, rule in enumerate(contract.reject)
        if (index := (take if rule.optional else require)(rule.header)) is not None
    }
    texts = tuple(index for headers in contract.free_text if (index := take(headers)) is not None)
    known = [Header(name=name) for name in (*contract.personal, *contract.ignored)]
    unknown = tuple(
        i
        for i, name in enumerate(names)
        if name and i not in taken and not any(header.matches(name) for header in known)
    )
    return Layout(
        names=names,
        first_data=first_data,
        fields=fields,
        items=items,
        free_text=texts,
        unknown=unknown,
        rules=rules,
        missing=tuple(dict.fromkeys(missing)),
        doubled=tuple(dict.fromkeys(doubled)),
        outdated=tuple(dict.fromkeys(outdated)),
    )


def columns_of(contract: Contract, facts: dict[str, str], layout: Layout) -> dict[str, tuple[Column, int]]:
    """Each field that a sheet has, with its column's rules and place."""
    columns = contract.fields(facts)
    return {name: (columns[name], index) for name, index in layout.fields.items()}
