"""One file's bytes, read by its contract: the order of the steps. It keeps nothing."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tfc_platform.contracts.model import Column, Contract
from tfc_platform.ingest.apply_contract import read_sheet
from tfc_platform.ingest.column_verdict import (
    column_fault,
    matches_field,
    on_sheet,
    other_site,
    report_columns,
    tally_categories,
)
from tfc_platform.ingest.content_fingerprint import ContentFingerprint
from tfc_platform.ingest.file_context import FileContext, facts_of
from tfc_platform.ingest.free_text import screen_only
from tfc_platform.ingest.header_fields import SheetLayout, columns_of, find_layout
from tfc_platform.ingest.ingest_result import Drain, Fault, IngestResult, RowIssue, Screen
from tfc_platform.ingest.label_checks import label_fault
from tfc_platform.ingest.population_checks import population_fault
from tfc_platform.ingest.reading_verdict import FileReading, verdict_on
from tfc_platform.ingest.repeat_entries import entries_of, key_fault, read_submissions, report_without_entry
from tfc_platform.ingest.row_hashes import Hashes, SeenRows, repeated, row_hashes
from tfc_platform.ingest.sayable_sheets import may_be_said, with_sayable_sheets
from tfc_platform.ingest.sheet_context import key_columns, known_name, year_of
from tfc_platform.ingest.sheet_names import name_tokens_of
from tfc_platform.sheets.cell_marks import LONG, colour_notices, filled_down, long_cells
from tfc_platform.sheets.file_format import KEPT_CELLS, ZIP
from tfc_platform.sheets.readers import open_grid
from tfc_platform.sheets.sheet_model import (
    BOOKS,
    Grid,
    ReaderNotice,
    Sheet,
    SheetRow,
    Unreadable,
    Unsafe,
    is_blank,
)
from tfc_platform.sheets.table_rows import split_at_headers

__all__ = ["facts_of", "read_file", "screen_anyway"]

TABLE = 3  # filled cells in a row: titles and notes have fewer
OF_TEXT = frozenset({"csv", "html", "json", "ods"})  # formats with cells of any length
MINOR = frozenset({"zip"})  # what a reader noticed and nobody has to correct
# Column types whose value holds for every row that a merged cell spans; a count or an id does not.
SPANNING = frozenset({"activity", "area", "category", "date", "flag", "partners", "postcode", "site"})
Sheets = list[tuple[Sheet, SheetLayout | None]]


def screen_anyway(content: bytes, contract: Contract, screen: Screen) -> IngestResult:
    """The flags of a file that could not be taken in for a fault of ours; none where it cannot be opened either."""
    result = IngestResult()
    with contextlib.suppress(Exception):
        for sheet in open_grid(content, contract.read).sheets:
            screen_only(sheet, None, screen, result)
    return result


def is_wide(row: SheetRow) -> bool:
    return sum(not is_blank(cell) for cell in row.cells) >= TABLE


def _no_header(sheet: Sheet, contract: Contract) -> Fault | None:
    """A table that cannot be read speaks against the file where the contract says that such a sheet is one."""
    is_named = contract.read.sheets is not None or sheet.beside is not None
    if not is_named or not any(is_wide(row) for row in sheet.rows):
        return None
    what = f"No header row was found{on_sheet(sheet)}, though there is a table"
    return "no_header", f"{what}. Put the columns' names back and send the file again."


def _plain_name(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _nothing(grid: Grid) -> str:
    """Why there is no row at all: sheets that nobody sees are named, since the rows may be there."""
    hidden = ", ".join(f"“{name}”" for name, why in grid.unread if why == "hidden")
    what = "The file has no data row: every sheet that is read is empty, with no rows."
    return (
        f"{what} Hidden sheets are not read: if the rows are on {hidden}, show it and send it again."
        if hidden
        else what
    )


class _Reading:
    """The reading of one file whose bytes have been opened."""

    def __init__(self, grid: Grid, file: FileContext, result: IngestResult, may_be_long: bool) -> None:
        self.grid, self.file, self.result = grid, file, result
        self.may_be_long = may_be_long  # whether a cell may be longer than any answer
        self.misnamed: str | None = None  # why sheets under other names cannot be read
        self.format = grid.read_as.format if grid.read_as is not None else None

    def _report(self, notices: Iterable[ReaderNotice]) -> None:
        for one in notices:
            severity = "info" if one.reason in MINOR else "warn"
            self.result.issues.append(RowIssue(one.sheet, one.row, one.column, severity, one.reason, one.message))

    def _report_sheet(self, sheet: Sheet, severity: str, reason: str, message: str) -> None:
        self.result.issues.append(RowIssue(sheet.name, None, None, severity, reason, message))

    def run(self) -> FileReading:
        file, result, contract = self.file, self.result, self.file.contract
        self._report(self.grid.warnings)
        group, no_group = entries_of(self.grid, contract)
        if group is not None:
            self.grid = replace(self.grid, sheets=[*group.entries, *group.aside])
        sheets = self._layouts()
        for sheet, layout in sheets:
            if layout is not None:  # also of a file that is rejected: who is named in it can be named elsewhere
                result.names |= name_tokens_of(sheet, contract, file.facts, layout, file.pseudonyms)
                tally_categories(sheet, layout, contract, file.facts, result)
        fault = self._name_fault() or no_group or self._fault(sheets)
        if fault is None:
            result.content = ContentFingerprint(file.pseudonyms)
            self._read_sheets(sheets)
        else:
            for sheet, layout in sheets:
                screen_only(sheet, layout, file.screen, result)
        if group is not None:
            read_submissions(group, sheets, file, result, self.format in BOOKS)
        if fault is not None:
            return FileReading("rejected", fault[1], result, fault[0])
        if group is not None:
            report_without_entry(group, contract, result)
        result.notice()
        return verdict_on(file, result)

    def _name_fault(self) -> Fault | None:
        if self.file.named:
            return None
        what = "The file's name does not say which return it is. Name it as before, and send it again"
        return "name", f"{what}: {self.file.contract.description}"

    def _fault(self, sheets: Sheets) -> Fault | None:
        """Why no row of the file is taken in, or None."""
        contract = self.file.contract
        if self.misnamed is not None:
            return "sheet_name", self.misnamed
        if not sheets:
            return "no_data", _nothing(self.grid)
        if not any(layout for _, layout in sheets):
            return "no_header", "No header row was found: the file has no row with the columns' names."
        for sheet, layout in sheets:
            if layout is None:
                fault = _no_header(sheet, contract)
            else:
                fault = column_fault(sheet, layout, self.file.facts) or key_fault(sheet, layout, contract)
            if fault is not None:
                return fault
        layouts = [layout for _, layout in sheets if layout is not None]
        contradiction = label_fault(self.grid.variables, layouts, self.file, self.file.catalogue.codebooks)
        contradiction = contradiction or population_fault(sheets, contract, self.file.facts)
        return contradiction or other_site(sheets, contract, self.file.site, self.file.catalogue)

    def _is_set_aside(self, sheet: Sheet) -> bool:
        """Whether a sheet holds no rows of the return: one of a repeated group, unless the contract names it, or else one
        that is not the group that it names."""
        contract = self.file.contract
        of_entries = any(other.beside is not None for other in self.grid.sheets)
        if sheet.beside is not None or (not of_entries and (not sheet.is_repeat or contract.read.sheets is not None)):
            return False
        if not sheet.is_repeat:
            message = f"The sheet {sheet.name} is none of the group that the contract reads: it was not read."
            self._report_sheet(sheet, "warn", "sheet_not_read", message)
            return True
        count = max(sum(1 for _ in sheet.rows) - 1, 0)
        what = f"The repeated group{on_sheet(sheet).removeprefix(' on sheet')} has {count} entries"
        which = "another group" if of_entries else "only the submissions"
        message = f"{what}: the contract reads {which}, and they were not taken in."
        self._report_sheet(sheet, "info", "repeat", message)
        return True

    def _layouts(self) -> Sheets:
        """Each sheet that may hold rows of the return, as it is read, with its layout; None where no header was found."""
        file, sheets = self.file, Sheets()
        for sheet in [*self.grid.sheets, *self._renamed_sheets()]:
            if not any(not is_blank(cell) for row in sheet.rows for cell in row.cells):
                self._report_sheet(sheet, "info", "empty_sheet", f"Nothing is written{on_sheet(sheet)}.")
            elif self._is_set_aside(sheet):
                screen_only(sheet, None, file.screen, self.result)
            else:
                sheets += self._tables(sheet)
        return sheets

    def _renamed_sheets(self) -> list[Sheet]:
        """Visible sheets whose name the contract does not know, and that have its header: read where the name differs in form.

        `May25` is `May 25`. Where a name says something else nobody can tell whether the sheet is part of the return.
        """
        contract, unread = self.file.contract, {name for name, why in self.grid.unread if why == "name"}
        known = {_plain_name(sheet.name or "") for sheet in self.grid.sheets}
        renamed, strange = [], []
        for sheet in self.grid.aside:
            if sheet.name not in unread or contract.read.repeats is not None:
                continue
            layout = find_layout(sheet, contract, self.file.facts, self.file.month, self.file.decisions)
            if layout is None or layout.missing or not any(is_wide(row) for row in sheet.after(layout.first_data)):
                continue
            if _plain_name(sheet.name) not in known and known_name(contract, sheet.name) is not None:
                renamed.append(sheet)
                self.result.issues = [
                    issue
                    for issue in self.result.issues
                    if (issue.sheet, issue.reason) != (sheet.name, "sheet_not_read")
                ]
                message = f"The sheet {sheet.name} was read, though its name is written otherwise than that of a table."
                self._report_sheet(sheet, "warn", "sheet_renamed", message)
            else:
                strange.append(f"“{sheet.name}”" if may_be_said(sheet.name, contract) else "that is not read")
        if strange:
            self.misnamed = (
                f"The sheet {' and '.join(strange)} has the columns of this return and a name that is not one of its tables'."
                " Name it like the others if its rows count, or hide it or take it out if they do not, and send the file again."
            )
        return renamed

    def _tables(self, sheet: Sheet) -> Sheets:
        """A sheet with its layout; parted where a second header has the columns in another order, each part with its own."""
        whole, layout = self._layout(sheet)
        if layout is None or sheet.beside is not None:
            return [(whole, layout)]
        first, *others = split_at_headers(whole, layout.names, layout.first_data)
        tables: Sheets = [(first, layout)]
        for part in others:
            table = self._layout(part)
            number = next(iter(part.rows)).number
            message = (
                f"The names of the columns stand again in row {number}{on_sheet(sheet)}, in another order: the rows below it were"
                " read by them. Keep one header in a file."
            )
            self.result.issues.append(RowIssue(sheet.name, number, None, "warn", "second_header", message))
            tables.append(table)
        return tables

    def _layout(self, sheet: Sheet) -> tuple[Sheet, SheetLayout | None]:
        file = self.file
        cells = file.cells(year_of(file.contract, sheet))

        def is_match(column: Column, index: int, first: int) -> bool:
            return matches_field(sheet, column, index, first, cells)

        layout = find_layout(sheet, file.contract, file.facts, file.month, file.decisions, is_match)
        if layout is None:
            return sheet, None
        fields = columns_of(file.contract, file.facts, layout).values()
        spanning = {index for column, index in fields if column.type in SPANNING}
        self._report(colour_notices(sheet, layout.first_data))
        if self.may_be_long:
            self._report(long_cells(sheet, layout.first_data, layout.names))
        filled, notices = filled_down(sheet, layout.first_data, spanning, layout.names)
        self._report(notices)
        return filled, layout

    def _read_sheets(self, sheets: Sheets) -> None:
        file, result = self.file, self.result
        seen = SeenRows(repeated(self._hashes(sheets)))
        for sheet, layout in sheets:
            if layout is None:
                screen_only(sheet, None, file.screen, result)
                message = f"No header row was found{on_sheet(sheet)}: it was not read."
                self._report_sheet(sheet, "warn", "sheet_not_read", message)
                continue
            report_columns(sheet, file.contract, layout, file.site, result)
            read_sheet(sheet, layout, file, result, seen, self.format)

    def _hashes(self, sheets: Sheets) -> Iterator[Hashes]:
        """Of each row of data the number by which the rows of the file are compared."""
        for sheet, layout in sheets:
            if layout is not None:
                keys = key_columns(self.file.contract, columns_of(self.file.contract, self.file.facts, layout))
                for chunk in sheet.chunks_after(layout.first_data):
                    yield row_hashes(chunk, keys, sheet.name)


def read_file(content: bytes, file: FileContext, drain: Drain | None = None) -> FileReading:
    """Read one file by its contract. Never raises for what a file holds: that is a status with a sentence.

    :param drain: takes what is full before the rest is read; without one everything is in the result.
    """
    result = IngestResult(drain=drain)
    try:
        grid = with_sayable_sheets(open_grid(content, file.contract.read, file.name), file.contract)
    except Unreadable as error:
        cause = "unsafe_file" if isinstance(error, Unsafe) else "unreadable"
        return FileReading("unreadable", str(error), result, cause)
    of_text = grid.read_as is not None and grid.read_as.format in OF_TEXT
    may_be_long = of_text and (
        len(content) > LONG or content.startswith((ZIP, KEPT_CELLS))
    )  # Excel has no cell of that length
    reading = _Reading(grid, file, result, may_be_long).run()
    reading.read_as, reading.hidden = grid.read_as, grid.hidden
    return reading
