"""One file's bytes, read by its contract: the pure heart of taking in.

Belongs here: the order of steps and the verdict on the file as a whole. Does not belong: where anything is kept
(`store`), or which version of a return counts (`admit`).
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from tfc_platform.contracts.load import Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.take_in import sniff
from tfc_platform.take_in.answers import code_set
from tfc_platform.take_in.cells import Context
from tfc_platform.take_in.grid import Grid, Row, Sheet, Unreadable, is_blank
from tfc_platform.take_in.header import Layout, find_layout
from tfc_platform.take_in.names import names_of
from tfc_platform.take_in.pseudonym import Pseudonyms
from tfc_platform.take_in.readers import READERS
from tfc_platform.take_in.rows import look, open_cells, take_sheet
from tfc_platform.take_in.taken import Drain, Issue, Screen, Taken

__all__ = ["Read", "facts_of", "is_too_much", "read_file", "screen_anyway"]

Z95 = 1.959964  # the normal's two-sided 95% point
TABLE = 3  # filled cells in a row: titles and notes have fewer


@dataclass
class Read:
    """What a file turned out to be: `read`, `unreadable`, `rejected` or `held`, with the sentence that says why.

    `cause` is the same why from a closed list, for those who may not read the sentence: unreadable, name, no_header,
    no_data, missing_column, doubled_column, unknown_codes, rejected_rows, nothing_counts. A file that was erased is not read
    at all: `run` says so, by the status and cause `erased`.
    """

    status: str
    message: str | None
    taken: Taken
    cause: str | None = None


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
    """A sheet that is not taken in is screened all the same: every text of it where nothing is known of its columns."""
    if layout is None:
        layout = Layout((), 0, {}, [], (), (), {}, (), ())
    for row in sheet.after(layout.first_data):
        look(sheet, row, layout, open_cells(row, layout), screen, taken)


def screen_anyway(content: bytes, contract: Contract, screen: Screen) -> Taken:
    """The flags of a file that could not be taken in for a fault of ours; none where it cannot be opened either."""
    taken = Taken()
    with contextlib.suppress(Exception):
        for sheet in READERS[contract.read.format](content, contract.read).sheets:
            _screen_only(sheet, None, screen, taken)
    return taken


def _on(sheet: Sheet) -> str:
    return f" on sheet {sheet.name}" if sheet.name else ""


def _fault(sheet: Sheet, layout: Layout, facts: dict[str, str]) -> tuple[str, str] | None:
    """Why a sheet's columns are not those of the contract, or None: the cause, and the sentence."""
    if layout.missing:
        names = ", ".join(f"“{name}”" for name in layout.missing)
        several = len(layout.missing) > 1
        what = f"The required columns {names} are" if several else f"The required column {names} is"
        mend = f"Put {'them' if several else 'it'} back under that name and send the file again."
        return "missing_column", f"{what} missing{_on(sheet)}. {mend}"
    if layout.doubled:
        names = ", ".join(f"“{name}”" for name in layout.doubled)
        what = f"The column {names} stands twice{_on(sheet)}"
        return "doubled_column", f"{what}: nobody can tell which one counts. Leave one and send it again."
    if any(code_set(group, facts) is None for group, _ in layout.items):
        message = (
            "The contract does not say how the answers of this return are written: the central team has to add it."
        )
        return "unknown_codes", message
    return None


def _is_wide(row: Row) -> bool:
    return sum(not is_blank(cell) for cell in row.cells) >= TABLE


def _no_header(sheet: Sheet, contract: Contract) -> tuple[str, str] | None:
    """A table that cannot be read speaks against the file where the contract says that such a sheet is one."""
    if contract.read.sheets is None or not any(_is_wide(row) for row in sheet.rows):
        return None
    what = f"No header row was found{_on(sheet)}, though there is a table"
    return "no_header", f"{what}. Put the columns' names back and send the file again."


def _notice(sheet: Sheet, layout: Layout, taken: Taken) -> None:
    for index in layout.unknown:
        name = layout.name(index)
        taken.unknown_columns.append(name)
        message = f"The column “{name}”{_on(sheet)} is not one that the contract reads: it was not taken in."
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


def _verdict(contract: Contract, taken: Taken) -> Read:
    if not taken.received:
        message = "The file has no data row: it has no rows under its header. Send it again with its rows."
        return Read("rejected", message, taken, "no_data")
    if contract.hold.above is not None and is_too_much(taken.faults, taken.received, contract.hold.above):
        share = f"{taken.faults} of {taken.received} rows were rejected, more than {contract.hold.above * 100:g}%"
        message = f"{share}. Mend the rows that the receipt names and send the file again."
        return Read("held", message, taken, "rejected_rows")
    if not taken.accepted:
        message = f"Not one of the {taken.received} rows counts: nothing can be taken from this file."
        return Read("rejected", message, taken, "nothing_counts")
    return Read("read", None, taken)


def is_too_much(faults: int, received: int, limit: float | None) -> bool:
    """Whether the share of faulty rows is above `limit` beyond what chance does to a small return.

    The lower end of Wilson's 95% interval of the share must exceed it (Wilson 1927): 4 faulty rows of 35 are 11% and say
    little; 8 of 35, or 52 of 382, say that something is wrong with the return.
    """
    if limit is None or not received:
        return False
    share, z2 = faults / received, Z95**2
    centre = share + z2 / (2 * received)
    reach = Z95 * math.sqrt(share * (1 - share) / received + z2 / (4 * received**2))
    return (centre - reach) / (1 + z2 / received) > limit


def read_file(
    content: bytes,
    name: str,
    site: str,
    sha256: str,
    contract: Contract,
    catalogue: Catalogue,
    pseudonyms: Pseudonyms,
    screen: Screen,
    on_rows: Callable[[int], None] = lambda _: None,
    drain: Drain | None = None,
) -> Read:
    """Read one file by its contract. Never raises for what a file holds: that is a status with a sentence.

    :param name: the file's name, which says which return it is.
    :param screen: the safeguarding rules that a text sets off, by id.
    :param on_rows: told now and then how many rows have been read, for progress.
    :param drain: takes what is full before the rest is read; none: all of it is in what this gives.
    """
    taken = Taken(drain=drain)
    try:
        sniff.check(content, contract.read.format)
        grid = READERS[contract.read.format](content, contract.read)
    except Unreadable as error:
        return Read("unreadable", str(error), taken, "unreadable")
    taken.issues += [Issue(sheet, None, None, "warn", reason, message) for sheet, reason, message in grid.warnings]
    facts = facts_of(contract, name)
    cause, message = None, None
    layouts = _layouts(grid, contract, facts or {}, taken)
    for sheet, layout in layouts:
        if layout is not None:  # also of a file that is rejected: who is named in it can be named elsewhere
            taken.names |= names_of(sheet, contract, facts or {}, layout, pseudonyms)
    if facts is None:
        what = "The file's name does not say which return it is. Name it as before, and send it again"
        cause, message = "name", f"{what}: {contract.description}"
    elif not layouts:
        cause, message = "no_data", "The file has no data row: every sheet that is read is empty, with no rows."
    elif not any(layout for _, layout in layouts):
        cause, message = "no_header", "No header row was found: the file has no row with the columns' names."
    else:
        faults = (_fault(sheet, layout, facts) if layout else _no_header(sheet, contract) for sheet, layout in layouts)
        cause, message = next((fault for fault in faults if fault), (None, None))
    if message is not None or facts is None:
        for sheet, layout in layouts:
            _screen_only(sheet, layout, screen, taken)
        return Read("rejected", message, taken, cause)
    population, wave = contract.population_and_wave(facts)
    base = Context(
        site=site,
        catalogue=catalogue,
        pseudonyms=pseudonyms,
        purpose=f"{contract.source}:{site}:{population}:{wave}",
        panel_purpose=f"panel:{site}:{population}",
    )
    seen: set[bytes] = set()
    for sheet, layout in layouts:
        if layout is None:
            _screen_only(sheet, None, screen, taken)
            message = f"No header row was found{_on(sheet)}: it was not read."
            taken.issues.append(Issue(sheet.name, None, None, "warn", "sheet_not_read", message))
            continue
        _notice(sheet, layout, taken)
        context = replace(base, year=_year(contract, sheet))
        take_sheet(sheet, contract, layout, context, facts, sha256, screen, seen, taken, on_rows)
    return _verdict(contract, taken)
