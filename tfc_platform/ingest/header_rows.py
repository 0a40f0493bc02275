"""Finding the rows in which the names of the columns stand, by the contract's names.

The header is the block of rows with most of the contract's names, so that titles, blank rows above and a place that moved
since last time do not matter. A row that merely holds a word that is also a column's name is no header.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tfc_platform.contracts.model import AnswerGroup, Choices, Contract, Header, HeaderBlock, applies, normal
from tfc_platform.ingest.header_similarity import is_near
from tfc_platform.ingest.values.dates import parse_date
from tfc_platform.privacy.personal_data import kinds_of
from tfc_platform.sheets.sheet_model import Sheet, SheetRow, is_blank, text_of
from tfc_platform.sheets.table_rows import header_words, join_header

__all__ = ["HeaderLocation", "choices_of", "columns_named", "groups_of", "is_data_like", "locate"]

SEARCHED_ROWS = 30
ENOUGH = 3  # one in so many of the contract's names, and two at least, make a row a header
FORMATS = ("d/m/y", "d month y", "d month", "y-m-d", "month y")


@dataclass(frozen=True)
class HeaderLocation:
    """Where the header stands, and what it says."""

    names: tuple[str, ...]
    first_data: int  # index into the sheet's rows
    row: int  # the number of its last row, as the sender sees it
    rows: int = 1  # how many rows it has
    is_joined: bool = False  # the names stand in two rows, though the contract says one


NameMatch = Callable[[Header, str], bool]


def _exactly(header: Header, name: str) -> bool:
    return header.matches(name)


def _nearly(header: Header, name: str) -> bool:
    return header.matches(name) or ("*" not in header.name and is_near(name, header.name))


def is_data_like(text: str) -> bool:
    """Whether a cell among the names of columns is a value: a number, a date, or something personal. It is no name to say."""
    letters = sum(character.isalpha() for character in text)
    digits = sum(character.isdigit() for character in text)
    if digits and not letters:
        return True
    return bool(digits and parse_date(text, FORMATS)) or bool(kinds_of([text]))


def groups_of(contract: Contract, facts: dict[str, str]) -> list[AnswerGroup]:
    """The groups of survey items that a file has."""
    return [group for group in contract.survey.answers if applies(group.when, facts)] if contract.survey else []


def choices_of(contract: Contract, facts: dict[str, str]) -> list[Choices]:
    """The questions with several choices that a file has."""
    return (
        [question for question in contract.survey.choices if applies(question.when, facts)] if contract.survey else []
    )


def _wanted(contract: Contract, facts: dict[str, str]) -> list[tuple[Header, ...]]:
    wanted = [column.header for column in contract.fields(facts).values()]
    wanted += [rule.header for rule in contract.reject]
    wanted += list(contract.free_text)
    for group in groups_of(contract, facts):
        wanted += list(group.items.values())
    for question in choices_of(contract, facts):
        wanted += [*question.columns.values(), *([question.column] if question.column else [])]
    return wanted


def columns_named(headers: Iterable[Header], names: Sequence[str], match: NameMatch = _exactly) -> list[int]:
    """The columns that have one of the names."""
    return [i for i, name in enumerate(names) if name and any(match(header, name) for header in headers)]


def _joined(
    upper: SheetRow, lower: SheetRow, wanted: Sequence[tuple[Header, ...]], match: NameMatch
) -> tuple[str, ...] | None:
    """The names of two rows that are one header; None where the lower one holds values.

    A column's name is whatever of its two cells, or both together, the contract knows; else the lower filled one. A cell that
    is merged over several columns gives its text to all of them.
    """
    above, below = header_words((upper, lower))
    if any(is_data_like(text) for text in below) or sum(map(bool, below)) < 2:
        return None
    names, over = [], ""
    for top, bottom in zip(above, below, strict=True):
        over = top or over
        forms = [bottom, top, f"{over} {bottom}".strip() if bottom else ""]
        known = (form for form in forms if form and any(match(h, form) for headers in wanted for h in headers))
        names.append(next(known, bottom or top))
    return tuple(names)


def _search(
    top: Sequence[SheetRow], rule: HeaderBlock, wanted: Sequence[tuple[Header, ...]], match: NameMatch
) -> tuple[int, int, tuple[str, ...]] | None:
    """The best block: its first row's index, how many rows it has, and the names."""
    most, place, height, names = 0, 0, rule.rows, tuple[str, ...]()
    for start in range(max(len(top) - rule.rows + 1, 0)):
        here = join_header(top[start : start + rule.rows], rule.join)
        found = sum(bool(columns_named(headers, here, match)) for headers in wanted)
        if found > most:
            most, place, height, names = found, start, rule.rows, here
        if most == len(wanted):
            break
    if rule.rows == 1 and most < len(wanted):
        for start in (
            place - 1,
            place,
        ):  # the row with most of the names is the upper or the lower one of a header of two
            if not 0 <= start < len(top) - 1 or top[start].number + 1 != top[start + 1].number:
                continue
            both = _joined(top[start], top[start + 1], wanted, match)
            found = sum(bool(columns_named(headers, both, match)) for headers in wanted) if both else 0
            if both and found > most:
                most, place, height, names = found, start, 2, both
    if not most or most < min(len(wanted), max(2, len(wanted) // ENOUGH)):
        return None
    return place, height, names


def locate(sheet: Sheet, contract: Contract, facts: dict[str, str]) -> HeaderLocation | None:
    """The header of a sheet; None where no row has enough of the contract's names, or of names that are near to them."""
    rule = contract.read.header
    wanted = _wanted(contract, facts)
    top = sheet.head(SEARCHED_ROWS + max(rule.rows, 2) - 1)
    found = _search(top, rule, wanted, _exactly) or _search(top, rule, wanted, _nearly)
    if found is None:
        return None
    place, height, names = found
    block = top[place : place + height]
    rows = _height(block, contract, facts, names) if height == rule.rows else height
    grouped = rule.rows == 1 and height == 1 and _is_group_row(top, place)
    return HeaderLocation(names, place + rows, block[rows - 1].number, rows, height > rule.rows or grouped)


def _is_group_row(top: Sequence[SheetRow], place: int) -> bool:
    """Whether the row right above the names holds headings of groups of columns (a title is one cell)."""
    if not place or top[place - 1].number + 1 != top[place].number:
        return False
    filled = [cell for cell in top[place - 1].cells if not is_blank(cell)]
    return len(filled) > 1 and all(isinstance(cell, str) and not is_data_like(text_of(cell)) for cell in filled)


def _height(block: Sequence[SheetRow], contract: Contract, facts: dict[str, str], names: Sequence[str]) -> int:
    """How many rows the header has: its describing rows may be missing, and data that stand in their place count."""
    if contract.read.header.join != "first":
        return len(block)
    dates = [
        (index, column)
        for column in contract.fields(facts).values()
        if column.type == "date"
        for index in columns_named(column.header, names)[:1]
    ]
    answers = [
        (index, {normal(code) for codes in group.codes for code in codes.values} | set(map(normal, group.missing)))
        for group in groups_of(contract, facts)
        for headers in group.items.values()
        for index in columns_named(headers, names)[:1]
    ]
    answers += [
        (index, set(question.words))
        for question in choices_of(contract, facts)
        for headers in question.columns.values()
        for index in columns_named(headers, names)[:1]
    ]

    def is_data(row: SheetRow) -> bool:
        return any(parse_date(row.at(index), column.formats) for index, column in dates) or any(
            not is_blank(row.at(index)) and normal(text_of(row.at(index))) in codes for index, codes in answers
        )

    return next((number for number, row in enumerate(block) if number and is_data(row)), len(block))
