"""From a file's bytes to all that is said of it without a contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tfc_platform.contracts.model import normal
from tfc_platform.ingest.sayable_sheets import rename_sheets, sheet_aliases
from tfc_platform.privacy.personal_data import PersonalDataTally
from tfc_platform.profiling.column_profile import profile_column
from tfc_platform.profiling.column_stats import ColumnName, ColumnProfile, ColumnStats
from tfc_platform.profiling.dictionary import apply_definition, fields_of
from tfc_platform.profiling.models import FileProfile, SheetProfile
from tfc_platform.profiling.open_file import OpenedFile, Variable, open_file
from tfc_platform.profiling.profile_warnings import on_sheet, warn_of_column, warn_of_names, warn_of_rows
from tfc_platform.profiling.recognise import ToolMatch, is_child, recognise
from tfc_platform.profiling.table_finder import RowRole, SheetTable, find_table, head, rows_with_role, table_at
from tfc_platform.profiling.tools import Exclude, HeaderRule, Tool, named
from tfc_platform.sheets.sheet_model import Sheet, SheetRow, Unreadable, text_of

__all__ = ["profile_file"]

BATCH = 5_000  # rows that are gathered at once
ALIKE = 0.6  # of two sheets' names, and they are one table in two parts


@dataclass(frozen=True)
class _TablePart:
    table: SheetTable
    seen: SheetProfile
    places: list[int | None]  # each of the sheet's columns → the place among all columns


def _alike(one: SheetTable, other: SheetTable) -> bool:
    first, second = ({normal(name) for name in table.names if name} for table in (one, other))
    return len(first & second) >= ALIKE * max(len(first | second), 1)


def _tool_tables(
    sheets: Iterable[Sheet], match: ToolMatch, found: FileProfile
) -> list[tuple[SheetTable, SheetProfile]]:
    """The sheets that hold the responses of a tool's export: one, or several under one header."""
    main = table_at(match.sheet, match.tool.header)
    tables = []
    for sheet in sheets:
        if not head(sheet, 1):
            found.sheets.append(SheetProfile(sheet.name, "empty"))
            continue
        table = main if sheet is match.sheet else table_at(sheet, match.tool.header)
        child = sheet is not match.sheet and is_child(match.tool, sheet)
        state = "repeats" if child else "data" if sheet is match.sheet or _alike(main, table) else "other"
        seen = SheetProfile(sheet.name, state)
        found.sheets.append(seen)
        if state == "data":
            tables.append((table, seen))
        else:
            seen.rows = sum(1 for _ in rows_with_role(table))
    return tables


def _plain_tables(sheets: Iterable[Sheet], found: FileProfile) -> list[tuple[SheetTable, SheetProfile]]:
    """The sheets of a workbook that people keep. Those that are alike are one table; the group with most rows is it."""
    groups: list[list[tuple[SheetTable, SheetProfile]]] = []
    for sheet in sheets:
        table = find_table(sheet) if head(sheet, 1) else None
        seen = SheetProfile(sheet.name, "no_table" if head(sheet, 1) else "empty")
        found.sheets.append(seen)
        if table is None:
            if seen.state == "no_table":
                found.warnings.append(
                    f"No header row was found{on_sheet(sheet.name)}: no row of words has a table under it."
                    " Put the columns' names in the first row."
                )
            continue
        seen.state = "other"
        group = next((group for group in groups if _alike(group[0][0], table)), None)
        if group is None:
            groups.append([(table, seen)])
        else:
            group.append((table, seen))
    if len(groups) > 1:
        groups.sort(key=lambda group: -sum(part == "data" for table, _ in group for _, part in rows_with_role(table)))
        others = ", ".join(seen.name or "" for group in groups[1:] for _, seen in group)
        found.warnings.append(f"The sheets {others} have other columns than the rest: they were not counted.")
        for table, seen in (pair for group in groups[1:] for pair in group):
            seen.rows = sum(part == "data" for _, part in rows_with_role(table))
    for _, seen in groups[0] if groups else []:
        seen.state = "data"
    return groups[0] if groups else []


def _gather_columns(tables: list[tuple[SheetTable, SheetProfile]]) -> tuple[list[ColumnName], list[_TablePart]]:
    """The columns of all sheets together, by name; a name that stands twice is two columns."""
    namings: list[ColumnName] = []
    known: dict[tuple[str, int], int] = {}
    parts = []
    beside = frozenset(normal(name) for table, _ in tables for name in table.names if name)
    for table, seen in tables:
        times: Counter[str] = Counter()
        places: list[int | None] = []
        width = max([len(table.names), *(len(row.cells) for row in head(table.sheet))])
        for index in range(width):
            name = table.names[index] if index < len(table.names) else ""
            key = normal(name) if name else f"\0{index}"
            times[key] += 1
            place = known.setdefault((key, times[key]), len(namings))
            if place == len(namings):
                label = table.labels[index] if index < len(table.labels) else ""
                namings.append(ColumnName(index + 1, name, label, beside))
            places.append(place)
        parts.append(_TablePart(table, seen, places))
    return namings, parts


def _with_tool(namings: list[ColumnName], match: ToolMatch | None) -> list[ColumnName]:
    """The columns with what the tool says of their places: which is its key, and whether all are known by place."""
    if match is None:
        return namings
    tool = match.tool
    by_name = (
        n for header in tool.key_names for n in namings if n.name and (named(header, n.name) or named(header, n.label))
    )
    key = next(by_name, namings[0] if tool.first_key and namings else None)
    return [replace(naming, key=naming is key, by_place=match.by_place) for naming in namings]


def _rules(tool: Tool | None, namings: list[ColumnName]) -> list[tuple[int, str, Exclude]]:
    """Which column each of the tool's rules looks at, where the file has it."""
    found = []
    for rule in tool.exclude if tool else ():
        for place, naming in enumerate(namings):
            if named(rule.column, naming.name) or (naming.label and named(rule.column, naming.label)):
                found.append((place, naming.name, rule))
                break
    return found


class _Counting:
    """Takes the rows of all parts, in batches, into columns; and counts what each row is."""

    def __init__(self, namings: list[ColumnName], tool: Tool | None, variables: dict[str, Variable]) -> None:
        codes = frozenset(code.casefold() for code in tool.missing) if tool else frozenset()
        spans = {name: variable.missing for name, variable in variables.items()}
        self.columns = [
            ColumnStats(codes=codes, spans=spans.get(naming.name, ()), tally=PersonalDataTally(naming.name))
            for naming in namings
        ]
        self.rules = [
            (place, frozenset(map(normal, rule.equals)), rule.reason) for place, _, rule in _rules(tool, namings)
        ]
        self.rows, self.parts = 0, Counter[RowRole]()
        self.excluded: Counter[str] = Counter()

    def _excluded(self, row: SheetRow, part: _TablePart) -> str | None:
        for place, values, reason in self.rules:
            index = next((i for i, at in enumerate(part.places) if at == place), None)
            if index is not None and normal(text_of(row.at(index))) in values:
                return reason
        return None

    def _counted(self, part: _TablePart) -> Iterator[SheetRow]:
        for row, kind in rows_with_role(part.table):
            self.parts[kind] += 1
            if kind != "data":
                continue
            part.seen.rows += 1
            if self.rules and (reason := self._excluded(row, part)):
                self.excluded[reason] += 1
                continue
            self.rows += 1
            yield row

    def take(self, part: _TablePart) -> None:
        batch: list[SheetRow] = []
        for row in self._counted(part):
            batch.append(row)
            if len(batch) == BATCH:
                self._add(batch, part)
                batch = []
        self._add(batch, part)

    def _add(self, batch: list[SheetRow], part: _TablePart) -> None:
        for index, place in enumerate(part.places):
            if place is not None:
                self.columns[place].add([row.at(index) for row in batch])


def _columns_of(
    namings: list[ColumnName], counting: _Counting, tool: Tool | None, variables: dict[str, Variable]
) -> list[ColumnProfile]:
    columns = []
    for naming, gathered in zip(namings, counting.columns, strict=True):
        gathered.close()
        variable = variables.get(naming.name)
        if variable is not None and variable.label:
            naming = replace(naming, label=variable.label)
        column = profile_column(naming, gathered, tool, variable)
        if column.name or column.blank < column.rows:
            columns.append(column)
    return columns


def _look_at(opened: OpenedFile, match: ToolMatch | None, found: FileProfile) -> None:
    tool = match.tool if match else None
    if match:
        tables = _tool_tables(opened.grid.sheets, match, found)
    elif opened.reader == "spss":
        found.tool, found.title = "spss", "SPSS or Stata, of no known tool"
        found.sheets = [SheetProfile(sheet.name, "data") for sheet in opened.grid.sheets]
        tables = [
            (table_at(sheet, HeaderRule()), seen) for sheet, seen in zip(opened.grid.sheets, found.sheets, strict=True)
        ]
    else:
        tables = _plain_tables(opened.grid.sheets, found)
        if tables:
            found.tool, found.title = "spreadsheet", "a table that no known tool writes"
    if not tables:
        return
    main = tables[0][0]
    found.header_rows, found.join = main.height, main.join
    for table, seen in tables:
        seen.header_row = head(table.sheet)[table.start + table.height - 1].number
    below = head(main.sheet)[main.start + main.height :]
    found.first_row = below[0].number if below else None
    namings, parts = _gather_columns(tables)
    namings = _with_tool(namings, match)
    variables = {variable.name: variable for variable in opened.grid.variables}
    counting = _Counting(namings, tool, variables)
    for part in parts:
        counting.take(part)
    found.rows, found.excluded = counting.rows, dict(sorted(counting.excluded.items()))
    found.not_data = sum(count for role, count in counting.parts.items() if role != "data")
    found.columns = _columns_of(namings, counting, tool, variables)
    found.rules = [(name, rule) for _, name, rule in _rules(tool, namings)]
    warn_of_rows(counting.parts, found)
    warn_of_names(main, found.columns, found)
    keys = {naming.name for naming in namings if naming.key}
    for column in found.columns:
        warn_of_column(column, column.name in keys, found)


def _call_sheets_by_number(found: FileProfile) -> None:
    """Show no sheet's name that may be somebody's. A repeated group's sheet has the name that the form gives it."""
    aliases = sheet_aliases([None if sheet.state == "repeats" else sheet.name for sheet in found.sheets], None)
    for sheet in found.sheets:
        sheet.name = aliases.get(sheet.name or "", sheet.name)
    found.warnings = [rename_sheets(warning, aliases) for warning in found.warnings]


def profile_file(content: bytes, name: str, dictionary: bytes | None = None) -> FileProfile:
    """All that can be said of a file without a contract. Never raises for what a file holds.

    :param name: of the file, without folders. Nothing is told by it but lock files and a wrong ending.
    :param dictionary: the form's own definition: a REDCap data dictionary or an XLSForm.
    """
    try:
        opened = open_file(content, name)
    except Unreadable as error:
        return FileProfile(readable=False, warnings=[str(error)])
    found = FileProfile(
        readable=True,
        format=opened.format,
        encoding=opened.encoding,
        delimiter=opened.delimiter,
        reader=opened.reader,
    )
    for warning in opened.grid.warnings:
        told = warning.sheet is None or warning.sheet in warning.message
        found.warnings.append(warning.message if told else f"{warning.sheet}: {warning.message}")
    match = recognise(opened.grid)
    if match is not None:
        found.tool, found.title, found.what = match.tool.tool, match.tool.title, match.what
        found.notes = list(match.tool.notes)
    _look_at(opened, match, found)
    found.sheets += [
        SheetProfile(sheet, "hidden" if why == "hidden" else "not_read") for sheet, why in opened.grid.unread
    ]
    if found.what != "data":
        found.excluded = {f"{found.what}_field": found.rows} if found.rows else {}
        found.rows, found.notes = 0, []
        found.warnings.append(
            "This defines a form and holds no answers. Inspect the export, and name this file with --dictionary."
        )
    if dictionary is not None:
        _use_dictionary(dictionary, found)
    _call_sheets_by_number(found)
    return found


def _use_dictionary(dictionary: bytes, found: FileProfile) -> None:
    try:
        fields = fields_of(open_file(dictionary, "dictionary").grid)
    except Unreadable as error:
        found.warnings.append(f"The dictionary cannot be read: {error}")
        return
    if fields is None:
        found.warnings.append(
            "The file given as dictionary is neither a REDCap data dictionary nor an XLSForm: it was not used."
        )
        return
    found.columns = [apply_definition(column, fields) for column in found.columns]
