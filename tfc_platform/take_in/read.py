"""One file's bytes, read by its contract: the pure heart of taking in.

Belongs here: the order of steps and the verdict on the file as a whole. Does not belong: where anything is kept (`store`),
or which version of a return counts (`admit`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from tfc_platform.contracts.load import Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.take_in import sniff
from tfc_platform.take_in.cells import Context
from tfc_platform.take_in.grid import Grid, Sheet, Unreadable, is_blank
from tfc_platform.take_in.header import Layout, find_layout
from tfc_platform.take_in.pseudonym import Pseudonyms
from tfc_platform.take_in.readers import READERS
from tfc_platform.take_in.rows import Flag, Issue, Screen, Taken, take_sheet

__all__ = ["Read", "facts_of", "read_file"]


@dataclass
class Read:
    """What a file turned out to be: `read`, `unreadable`, `rejected` or `held`, with the sentence that says why."""

    status: str
    message: str | None
    taken: Taken


def facts_of(contract: Contract, name: str) -> dict[str, str] | None:
    """What a file's name says by the contract's pattern, or None where it does not fit."""
    found = contract.name_pattern.fullmatch(name)
    return {key: value for key, value in found.groupdict().items() if value} if found else None


def _month(facts: dict[str, str]) -> date | None:
    written = facts.get("month", "")
    return date.fromisoformat(f"{written}-01") if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", written) else None


def _year(contract: Contract, sheet: Sheet) -> int | None:
    """The year that a sheet's name gives, where the contract's pattern has a group for it."""
    found = re.fullmatch(contract.read.sheets, sheet.name.strip()) if contract.read.sheets and sheet.name else None
    written = (found.groupdict().get("year") or "") if found else ""
    return (int(written) + 2000 if len(written) == 2 else int(written)) if written.isdigit() else None


def _screen_only(sheet: Sheet, layout: Layout | None, screen: Screen, taken: Taken) -> None:
    """A file that is not taken in is screened all the same: every text where nothing is known of its columns."""
    first = layout.first_data if layout else 0
    named = {*layout.free_text, *layout.unknown} if layout else None
    for row in sheet.rows[first:]:
        for index, cell in enumerate(row.cells):
            if not isinstance(cell, str) or is_blank(cell) or (named is not None and index not in named):
                continue
            name = layout.names[index] if layout and index < len(layout.names) else f"column {index + 1}"
            taken.flags += [Flag(sheet.name, row.number, name, rule) for rule in screen(cell)]
            if layout and index in layout.free_text:
                taken.texts.append((sheet.name, row.number, name, cell))


def _on(sheet: Sheet) -> str:
    return f" on sheet {sheet.name}" if sheet.name else ""


def _fault(sheet: Sheet, layout: Layout) -> str | None:
    """Why a sheet's columns are not those of the contract, or None."""
    if layout.missing:
        names = ", ".join(f"“{name}”" for name in layout.missing)
        several = len(layout.missing) > 1
        what = f"The required columns {names} are" if several else f"The required column {names} is"
        return f"{what} missing{_on(sheet)}. Put {'them' if several else 'it'} back under that name and send the file again."
    if layout.doubled:
        names = ", ".join(f"“{name}”" for name in layout.doubled)
        return f"The column {names} stands twice{_on(sheet)}: nobody can tell which one counts. Leave one and send it again."
    return None


def _notice(sheet: Sheet, layout: Layout, taken: Taken) -> None:
    for index in layout.unknown:
        name = layout.names[index][:80]
        taken.unknown_columns.append(name)
        message = f"The column “{name}”{_on(sheet)} is in no contract: it was not taken in."
        taken.issues.append(Issue(sheet.name, None, name, "warn", "unknown_column", message))
    for name in layout.outdated:
        message = f"The column “{name}” is not the name that holds for this month: it was read all the same."
        taken.issues.append(Issue(sheet.name, None, name, "info", "renamed_column", message))


def _layouts(grid: Grid, contract: Contract, facts: dict[str, str], taken: Taken) -> list[tuple[Sheet, Layout | None]]:
    found = []
    for sheet in grid.sheets:
        if not any(not is_blank(cell) for row in sheet.rows for cell in row.cells):
            taken.issues.append(Issue(sheet.name, None, None, "info", "empty_sheet", f"Nothing stands{_on(sheet)}."))
            continue
        found.append((sheet, find_layout(sheet, contract, facts, _month(facts))))
    return found


def _verdict(contract: Contract, taken: Taken) -> tuple[str, str | None]:
    if not taken.received:
        return "rejected", "The file has no data row: it has no rows under its header. Send it again with its rows."
    limit = contract.hold.above
    if limit is not None and taken.faults > limit * taken.received:
        share = f"{taken.faults} of {taken.received} rows were rejected, more than {limit:.0%}"
        return "held", f"{share}. Mend the rows that the receipt names and send the file again."
    return "read", None


def read_file(
    content: bytes,
    name: str,
    site: str,
    sha256: str,
    contract: Contract,
    catalogue: Catalogue,
    pseudonyms: Pseudonyms,
    screen: Screen,
    on_sheet: Callable[[str], None] | None = None,
) -> Read:
    """Read one file by its contract. Never raises for what a file holds: that is a status with a sentence.

    :param name: the file's name, which says which return it is.
    :param screen: the safeguarding rules that a text sets off, by id.
    :param on_sheet: told of each sheet as its rows begin, for progress.
    """
    taken = Taken()
    try:
        sniff.check(content, contract.read.format)
        grid = READERS[contract.read.format](content, contract.read)
    except Unreadable as error:
        return Read("unreadable", str(error), taken)
    taken.issues += [Issue(sheet, None, None, "warn", reason, message) for sheet, reason, message in grid.warnings]
    facts = facts_of(contract, name)
    layouts = _layouts(grid, contract, facts or {}, taken)
    message = None
    if facts is None:
        message = f"The file's name does not say which return it is. Name it as before, and send it again: {contract.description}"
    elif not any(layout for _, layout in layouts):
        message = (
            "No header row was found: the file has no row with the columns' names."
            if layouts
            else ("The file has no data row: every sheet that is read is empty, with no rows.")
        )
    else:
        message = next((fault for sheet, layout in layouts if layout and (fault := _fault(sheet, layout))), None)
    if message is not None or facts is None:
        for sheet, layout in layouts:
            _screen_only(sheet, layout, screen, taken)
        return Read("rejected", message, taken)
    survey = f"{facts.get('population', '')}:{facts.get('wave', '')}"
    base = Context(
        site=site,
        catalogue=catalogue,
        pseudonyms=pseudonyms,
        purpose=f"{contract.source}:{site}:{survey}",
        panel_purpose=f"panel:{site}:{facts.get('population', '')}",
    )
    seen: set[tuple[str, ...]] = set()
    for sheet, layout in layouts:
        if layout is None:
            _screen_only(sheet, None, screen, taken)
            taken.issues.append(
                Issue(
                    sheet.name,
                    None,
                    None,
                    "warn",
                    "sheet_not_read",
                    f"No header row was found{_on(sheet)}: it was not read.",
                )
            )
            continue
        if on_sheet:
            on_sheet(sheet.name or name)
        _notice(sheet, layout, taken)
        context = replace(base, year=_year(contract, sheet))
        take_sheet(sheet, contract, layout, context, facts, sha256, screen, seen, taken)
    status, message = _verdict(contract, taken)
    return Read(status, message, taken)
