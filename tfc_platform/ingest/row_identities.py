"""Whose the rows of a return are: the identities that each row has, also on sheets that nobody reads.

The columns are the contract's: the tool's own id (a `token` among its keys), the number in a panel, the id of a story. Where a
table lacks the column of the id, and on hidden sheets, every cell may be the id, and a row is its whole row. A row that
only names a person in a sentence is not found: an id is looked for, not a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from tfc_platform.contracts.model import Contract, Reading
from tfc_platform.ingest.file_context import facts_of
from tfc_platform.ingest.header_fields import SheetLayout, find_layout
from tfc_platform.ingest.repeated_groups import NoGroup, grouped
from tfc_platform.privacy.tombstones import ANYTHING, Identity, panel, response, story, story_approval
from tfc_platform.sheets import file_format
from tfc_platform.sheets.readers import csv_text, open_grid
from tfc_platform.sheets.sheet_model import Grid, Sheet, SheetRow, Unreadable, is_blank, text_of

__all__ = ["RowIdentities", "holds_ids", "identities_of", "loose_identities", "open_whole", "reading_of"]

SHORTEST_LOOSE = 4  # characters: a shorter cell in a column that nobody knows is an answer, not an id
SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True)
class RowIdentities:
    """A row and whose it is. `sheet` is the name of its sheet, None where the format has none."""

    sheet: str | None
    row: int
    identities: tuple[Identity, ...] = field(repr=False)


def holds_ids(contract: Contract) -> bool:
    """Whether the rows of a contract have ids by which a record can be erased."""
    return bool(_id_fields(contract))


def _id_fields(contract: Contract) -> dict[str, str]:
    """Each field that is an id, with its kind."""
    found = {name.split("@")[0]: "panel" for name, column in contract.columns.items() if column.type == "panel"}
    found |= {name: "response" for name in contract.key if contract.columns[name].type == "token"}
    if contract.record in ("story", "story_approval"):
        found |= {"story_id": contract.record}
    return found


def open_whole(content: bytes, reading: Reading) -> Grid:
    """All of a file, each sheet under its own name; those that are hidden or that no contract reads are set aside.

    :raises Unreadable: where the file is not what it should be.
    """
    return open_grid(content, reading.model_copy(update={"name_sheets": True}))


def reading_of(content: bytes) -> list[Reading]:
    """The ways in which bytes of no known contract may be read."""
    if content.startswith((file_format.ZIP, file_format.OLE, file_format.KEPT_CELLS)):
        return [Reading(format="workbook")]
    if content.startswith(file_format.SPSS):
        return [Reading(format="spss")]
    return [Reading(format="csv", delimiter=separator) for separator in SEPARATORS]


def identities_of(
    content: bytes, contract: Contract | None, reading: Reading, name: str, site: str
) -> Iterator[RowIdentities]:
    """Each row that has an identity, with all that it has.

    :param contract: that reads the file; None where there is none any more.
    :raises Unreadable: where the file cannot be opened.
    """
    grid = open_whole(content, reading)
    sheets = _with_submissions([*grid.sheets, *grid.aside], contract)
    facts = facts_of(contract, name) if contract else None
    fields = _id_fields(contract) if contract else {}
    for sheet in sheets:
        layout = find_layout(sheet, contract, facts or {}, _month(facts)) if contract else None
        columns = _columns(contract, fields, layout) if contract and layout else []
        for row in sheet.after(layout.first_data if columns and layout else 0):
            if contract and columns:
                found = _in_columns(row, contract, columns, facts, site)
            else:
                found = tuple(_loose(cell) for cell in map(text_of, row.cells) if len(cell) >= SHORTEST_LOOSE)
            if found:
                yield RowIdentities(sheet.name, row.number, found)


def _with_submissions(sheets: list[Sheet], contract: Contract | None) -> list[Sheet]:
    """Where the entries of a repeated group are rows, each with its submission's cells, which may say whose it is."""
    if contract is None or contract.read.repeats is None:
        return sheets
    try:
        group = grouped([sheet for sheet in sheets if sheet.head(1)], contract.read.repeats)
    except NoGroup:
        return sheets
    return [*group.entries, *group.above, *group.aside]


def _month(facts: dict[str, str] | None) -> date | None:
    written = (facts or {}).get("month", "")
    return date.fromisoformat(f"{written}-01") if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", written) else None


def _columns(contract: Contract, fields: dict[str, str], layout: SheetLayout) -> list[tuple[str, int]]:
    """The kind and the place of every column that holds an id, of doubled ones too; none where only a panel's is there."""
    found = [
        (fields[field_name], index)
        for field_name, column in ((name.split("@")[0], column) for name, column in contract.columns.items())
        if field_name in fields
        for index, title in enumerate(layout.names)
        if title and any(header.matches(title) for header in column.header)
    ]
    return found if any(kind != "panel" for kind, _ in found) else []


def _in_columns(
    row: SheetRow, contract: Contract, columns: Sequence[tuple[str, int]], facts: dict[str, str] | None, site: str
) -> tuple[Identity, ...]:
    found = []
    population, wave = contract.population_and_wave(facts or {})
    for kind, index in columns:
        cell = row.at(index)
        if is_blank(cell):
            continue
        name = text_of(cell)
        if facts is None:  # the name does not say which survey it is
            found.append(Identity(kind, None, name))
        elif kind == "response":
            found.append(response(site, contract.source, population, wave, name))
        elif kind == "panel":
            found.append(panel(site, population, name))
        else:
            found.append(story(site, name) if kind == "story" else story_approval(name))
    return tuple(found)


def _loose(name: str) -> Identity:
    return Identity(ANYTHING, None, name)


def loose_identities(content: bytes) -> Iterator[Identity]:
    """What is between the separators of a text that cannot be cut into records: each may be an id."""
    try:
        text = csv_text.decode(content)[0]
    except Unreadable:
        text = content.decode("latin-1")
    for cell in dict.fromkeys(re.split(r"[,;\t\r\n\"]+", text)):
        if len(cell.strip()) >= SHORTEST_LOOSE:
            yield _loose(cell.strip())
