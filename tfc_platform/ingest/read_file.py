"""One file's bytes, read by its contract: the pure heart of taking in.

Belongs here: the order of steps and the verdict on the file as a whole. Does not belong: where anything is kept
(`store`), or which version of a return counts (`admit`).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Column, Contract
from tfc_platform.ingest.apply_contract import take_sheet
from tfc_platform.ingest.cell_values import CellContext
from tfc_platform.ingest.column_verdict import (
    column_fault,
    hold_for_personal,
    matches_field,
    on_sheet,
    other_site,
    report_columns,
    report_personal,
)
from tfc_platform.ingest.content_fingerprint import ContentFingerprint
from tfc_platform.ingest.error_rate import is_too_much
from tfc_platform.ingest.free_text import screen_only
from tfc_platform.ingest.header_fields import SheetLayout, columns_of, find_layout
from tfc_platform.ingest.header_matching import Decisions
from tfc_platform.ingest.ingest_result import Drain, IngestResult, RowIssue, Screen
from tfc_platform.ingest.repeat_entries import entries_of, key_fault, read_submissions, report_without_entry
from tfc_platform.ingest.sheet_names import name_tokens_of
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.sheets.cell_marks import LONG, colour_notices, filled_down, long_cells
from tfc_platform.sheets.file_format import ZIP
from tfc_platform.sheets.readers import open_grid
from tfc_platform.sheets.sheet_model import Grid, ReadAs, ReaderNotice, Sheet, SheetRow, Unreadable, Unsafe, is_blank

__all__ = ["FileReading", "facts_of", "is_too_much", "read_file", "screen_anyway"]

TABLE = 3  # filled cells in a row: titles and notes have fewer
BOOKS = frozenset({"xlsx", "xlsm", "xls", "xlsb", "ods"})  # formats whose cells have addresses
MINOR = frozenset({"zip"})  # what a reader noticed and nobody has to mend
# Column types whose value holds for every row that a merged cell spans; a count or an id does not.
SPANNING = frozenset({"activity", "area", "category", "date", "flag", "partners", "postcode", "site"})


@dataclass
class FileReading:
    """What a file turned out to be: `read`, `unreadable`, `rejected` or `held`, with the sentence that says why.

    `cause` is the same why from a closed list, for those who may not read the sentence: unreadable, unsafe_file, name,
    no_header, no_data, two_tables, repeated_group, missing_column, doubled_column, unknown_codes, other_site, personal_column,
    date_order, formulas, rejected_rows, nothing_counts. A file that was erased is not read at all: `run` says so, by the status
    and cause `erased`.
    """

    status: str
    message: str | None
    taken: IngestResult
    cause: str | None = None
    read_as: ReadAs | None = None
    hidden: dict[str, int] = field(default_factory=dict)  # rows and columns that were read, sheets that were not


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


def screen_anyway(content: bytes, contract: Contract, screen: Screen) -> IngestResult:
    """The flags of a file that could not be taken in for a fault of ours; none where it cannot be opened either."""
    taken = IngestResult()
    with contextlib.suppress(Exception):
        for sheet in open_grid(content, contract.read).sheets:
            screen_only(sheet, None, screen, taken)
    return taken


def _is_wide(row: SheetRow) -> bool:
    return sum(not is_blank(cell) for cell in row.cells) >= TABLE


def _no_header(sheet: Sheet, contract: Contract) -> tuple[str, str] | None:
    """A table that cannot be read speaks against the file where the contract says that such a sheet is one."""
    is_named = contract.read.sheets is not None or sheet.beside is not None
    if not is_named or not any(_is_wide(row) for row in sheet.rows):
        return None
    what = f"No header row was found{on_sheet(sheet)}, though there is a table"
    return "no_header", f"{what}. Put the columns' names back and send the file again."


def _tell(notices: Iterable[ReaderNotice], taken: IngestResult) -> None:
    for one in notices:
        severity = "info" if one.reason in MINOR else "warn"
        taken.issues.append(RowIssue(one.sheet, one.row, one.column, severity, one.reason, one.message))


def _is_set_aside(sheet: Sheet, grid: Grid, contract: Contract, taken: IngestResult) -> bool:
    """Whether a sheet holds no rows of the return: one of a repeated group, unless the contract names it, or else one that is
    not the group that it names."""
    of_entries = any(other.beside is not None for other in grid.sheets)
    if sheet.beside is not None or (not of_entries and (not sheet.is_repeat or contract.read.sheets is not None)):
        return False
    if not sheet.is_repeat:
        message = f"The sheet {sheet.name} is none of the group that the contract reads: it was not read."
        taken.issues.append(RowIssue(sheet.name, None, None, "warn", "sheet_not_read", message))
        return True
    count = max(sum(1 for _ in sheet.rows) - 1, 0)
    what = f"The repeated group{on_sheet(sheet).removeprefix(' on sheet')} has {count} entries"
    which = "another group" if of_entries else "the submissions alone"
    message = f"{what}: the contract reads {which}, and they were not taken in."
    taken.issues.append(RowIssue(sheet.name, None, None, "info", "repeat", message))
    return True


def _layouts(
    grid: Grid,
    contract: Contract,
    facts: dict[str, str],
    context: CellContext,
    decisions: Decisions,
    screen: Screen,
    taken: IngestResult,
    may_be_long: bool,
) -> list[tuple[Sheet, SheetLayout | None]]:
    """Each sheet that may hold rows of the return, as it is read, with where everything stands in it."""
    found = []
    for sheet in grid.sheets:
        if not any(not is_blank(cell) for row in sheet.rows for cell in row.cells):
            taken.issues.append(
                RowIssue(sheet.name, None, None, "info", "empty_sheet", f"Nothing stands{on_sheet(sheet)}.")
            )
            continue
        if _is_set_aside(sheet, grid, contract, taken):
            screen_only(sheet, None, screen, taken)
            continue
        here = replace(context, year=_year(contract, sheet))

        def fit(column: Column, index: int, first: int, sheet: Sheet = sheet, here: CellContext = here) -> bool:
            return matches_field(sheet, column, index, first, here)

        layout = find_layout(sheet, contract, facts, _month(facts), decisions, fit)
        if layout is not None:
            fields = columns_of(contract, facts, layout).values()
            spanning = {index for column, index in fields if column.type in SPANNING}
            _tell(colour_notices(sheet, layout.first_data), taken)
            if may_be_long:
                _tell(long_cells(sheet, layout.first_data, layout.names), taken)
            sheet, notices = filled_down(sheet, layout.first_data, spanning, layout.names)
            _tell(notices, taken)
        found.append((sheet, layout))
    return found


def _nothing(grid: Grid) -> str:
    """Why there is no row at all: sheets that nobody sees are named, since the rows may stand there."""
    hidden = ", ".join(f"“{name}”" for name, why in grid.unread if why == "hidden")
    what = "The file has no data row: every sheet that is read is empty, with no rows."
    return (
        f"{what} Hidden sheets are not read: if the rows stand on {hidden}, show it and send it again."
        if hidden
        else what
    )


def _verdict(contract: Contract, taken: IngestResult) -> FileReading:
    if not taken.received and contract.empty == "accept":
        message = "The file has its header and no rows: it was taken as a return of none."
        taken.issues.append(RowIssue(None, None, None, "warn", "no_rows", message))
        return FileReading("read", None, taken)
    if not taken.received:
        message = "The file has no data row: it has no rows under its header. Send it again with its rows."
        return FileReading("rejected", message, taken, "no_data")
    report_personal(taken)
    personal = hold_for_personal(contract, taken)
    if personal is not None and taken.accepted:
        return FileReading("held", personal[1], taken, personal[0])
    fault = taken.watch.fault()
    if fault is not None:
        return FileReading("held", fault[1], taken, fault[0])
    if contract.hold.above is not None and is_too_much(taken.faults, taken.received, contract.hold.above):
        share = f"{taken.faults} of {taken.received} rows were rejected, more than {contract.hold.above * 100:g}%"
        message = f"{share}. Mend the rows that the receipt names and send the file again."
        return FileReading("held", message, taken, "rejected_rows")
    if not taken.accepted:
        message = f"Not one of the {taken.received} rows counts: nothing can be taken from this file."
        return FileReading("rejected", message, taken, "nothing_counts")
    return FileReading("read", None, taken)


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
    decisions: Decisions | None = None,
) -> FileReading:
    """Read one file by its contract. Never raises for what a file holds: that is a status with a sentence.

    :param name: the file's name, which says which return it is.
    :param screen: the safeguarding rules that a text sets off, by id.
    :param on_rows: told now and then how many rows have been read, for progress.
    :param drain: takes what is full before the rest is read; none: all of it is in what this gives.
    :param decisions: what people have said of columns whose names were guessed.
    """
    taken = IngestResult(drain=drain)
    try:
        grid = open_grid(content, contract.read, name)
    except Unreadable as error:
        return FileReading(
            "unreadable", str(error), taken, "unsafe_file" if isinstance(error, Unsafe) else "unreadable"
        )
    _tell(grid.warnings, taken)
    of_text = grid.read_as is not None and grid.read_as.format in ("csv", "html", "json", "ods")
    may_be_long = of_text and (len(content) > LONG or content.startswith(ZIP))  # Excel has no cell of that length
    read = _read_grid(
        grid, name, site, sha256, contract, catalogue, pseudonyms, screen, on_rows, decisions or {}, taken, may_be_long
    )
    read.read_as, read.hidden = grid.read_as, grid.hidden
    return read


def _read_grid(
    grid: Grid,
    name: str,
    site: str,
    sha256: str,
    contract: Contract,
    catalogue: Catalogue,
    pseudonyms: Pseudonyms,
    screen: Screen,
    on_rows: Callable[[int], None],
    decisions: Decisions,
    taken: IngestResult,
    may_be_long: bool,
) -> FileReading:
    facts = facts_of(contract, name)
    cause, message = None, None
    population, wave = contract.population_and_wave(facts or {})
    base = CellContext(
        site=site,
        catalogue=catalogue,
        pseudonyms=pseudonyms,
        purpose=f"{contract.source}:{site}:{population}:{wave}",
        panel_purpose=f"panel:{site}:{population}",
    )
    group, no_group = entries_of(grid, contract)
    if group is not None:
        grid = replace(grid, sheets=[*group.entries, *group.aside])
    is_book = grid.read_as is not None and grid.read_as.format in BOOKS
    layouts = _layouts(grid, contract, facts or {}, base, decisions, screen, taken, may_be_long)
    for sheet, layout in layouts:
        if layout is not None:  # also of a file that is rejected: who is named in it can be named elsewhere
            taken.names |= name_tokens_of(sheet, contract, facts or {}, layout, pseudonyms)
    if facts is None:
        what = "The file's name does not say which return it is. Name it as before, and send it again"
        cause, message = "name", f"{what}: {contract.description}"
    elif no_group is not None:
        cause, message = no_group
    elif not layouts:
        cause, message = "no_data", _nothing(grid)
    elif not any(layout for _, layout in layouts):
        cause, message = "no_header", "No header row was found: the file has no row with the columns' names."
    else:
        faults = (
            column_fault(sheet, layout, facts) or key_fault(sheet, layout, contract)
            if layout
            else _no_header(sheet, contract)
            for sheet, layout in layouts
        )
        fault = next((fault for fault in faults if fault), None) or other_site(layouts, contract, site, catalogue)
        cause, message = fault or (None, None)
    if message is not None or facts is None:
        for sheet, layout in layouts:
            screen_only(sheet, layout, screen, taken)
        if group is not None:
            read_submissions(group, layouts, contract, facts or {}, screen, taken, pseudonyms, is_book)
        return FileReading("rejected", message, taken, cause)
    taken.content = ContentFingerprint(pseudonyms)
    seen: set[bytes] = set()
    for sheet, layout in layouts:
        if layout is None:
            screen_only(sheet, None, screen, taken)
            message = f"No header row was found{on_sheet(sheet)}: it was not read."
            taken.issues.append(RowIssue(sheet.name, None, None, "warn", "sheet_not_read", message))
            continue
        report_columns(sheet, contract, layout, site, taken)
        context = replace(base, year=_year(contract, sheet))
        take_sheet(sheet, contract, layout, context, facts, sha256, screen, seen, taken, is_book, on_rows)
    if group is not None:
        read_submissions(group, layouts, contract, facts, screen, taken, pseudonyms, is_book)
        report_without_entry(group, contract, taken)
    taken.notice()
    return _verdict(contract, taken)
