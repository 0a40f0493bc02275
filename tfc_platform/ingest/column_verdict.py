"""The verdict on the columns of a sheet: what rejects a file, what holds it, and what its sender is told of them.

A column's name is repeated; nothing that its cells hold is.
"""

from __future__ import annotations

from collections.abc import Iterable

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Column, Contract, normal
from tfc_platform.ingest.cell_values import CellContext, value_of
from tfc_platform.ingest.column_mappings import id_of
from tfc_platform.ingest.error_rate import is_too_much
from tfc_platform.ingest.header_fields import SheetLayout, columns_of
from tfc_platform.ingest.ingest_result import Fault, IngestResult, RowIssue
from tfc_platform.ingest.multiple_choice import choice_coding_fault
from tfc_platform.ingest.respondent_checks import answer_coding_fault
from tfc_platform.ingest.site_cells import site_of
from tfc_platform.ingest.survey_answers import code_set
from tfc_platform.privacy.personal_data import PersonalDataTally, kind_words
from tfc_platform.sheets.sheet_model import CellError, Sheet, is_blank, text_of
from tfc_platform.sheets.side_by_side import side_by_side

__all__ = [
    "column_fault",
    "hold_for_personal",
    "matches_field",
    "on_sheet",
    "other_site",
    "report_columns",
    "report_personal",
    "tally_categories",
]

LOOKED_AT = 200  # rows of a column before it is read under a guessed name
FIT = 0.5  # of their filled cells that must be what the field holds: a misread column fits hardly ever
HALF = 0.5


def on_sheet(sheet: Sheet) -> str:
    return f" on sheet {sheet.name}" if sheet.name else ""


def column_fault(sheet: Sheet, layout: SheetLayout, facts: dict[str, str]) -> Fault | None:
    """Why a sheet's columns are not those of the contract, or None."""
    tables = side_by_side(sheet, layout.names, layout.first_data, layout.row, layout.unknown)
    if tables is not None:
        what = f"Two tables stand side by side{on_sheet(sheet)}: {tables[0]} and {tables[1]}"
        return "two_tables", f"{what}. Nobody can tell which one counts: put one a sheet, and send the file again."
    if layout.missing:
        names = ", ".join(f"“{name}”" for name in layout.missing)
        several = len(layout.missing) > 1
        what = f"The required columns {names} are" if several else f"The required column {names} is"
        advice = f"Put {'them' if several else 'it'} back under that name and send the file again."
        return "missing_column", f"{what} missing{on_sheet(sheet)}. {advice}"
    if layout.doubled:
        names = ", ".join(f"“{name}”" for name in layout.doubled)
        what = f"The column {names} stands twice{on_sheet(sheet)}"
        return "doubled_column", f"{what}: nobody can tell which one counts. Leave one and send it again."
    if any(code_set(group, facts) is None for group, _ in layout.items):
        message = (
            "The contract does not say how the answers of this return are written: the central team has to add it."
        )
        return "unknown_codes", message
    otherwise = answer_coding_fault(sheet, layout, facts) if layout.items else None
    otherwise = otherwise or (choice_coding_fault(sheet, layout) if layout.choices else None)
    return ("unknown_codes", otherwise) if otherwise is not None else None


def matches_field(sheet: Sheet, column: Column, index: int, first_data: int, context: CellContext) -> bool:
    """Whether the cells of a column are what a field holds, so that it may be read under a guessed name."""
    rows = sheet.head(first_data + LOOKED_AT)[first_data:]
    cells = [cell for row in rows if not is_blank(cell := row.at(index)) and not isinstance(cell, CellError)]
    good = sum(value_of(cell, column, context)[1] is None for cell in cells)
    return good >= FIT * len(cells)


def report_columns(sheet: Sheet, contract: Contract, layout: SheetLayout, site: str, result: IngestResult) -> None:
    """Tell the sender of columns that were not taken in, or under another name."""

    def say(column: str | None, severity: str, reason: str, message: str) -> None:
        result.issues.append(RowIssue(sheet.name, None, column, severity, reason, message))

    if layout.is_joined:
        what = f"The header{on_sheet(sheet)} has two rows: the names of the columns were taken from both, down to row"
        say(None, "warn", "two_header_rows", f"{what} {layout.row}. One row of names is safer.")
    for index in layout.unknown:
        name = layout.name(index)
        if index in layout.guarded:
            what = (
                f"The column “{name}”{on_sheet(sheet)} may be “{layout.guarded[index]}”, which holds what people wrote"
            )
            message = f"{what}: it was not taken in. Put that name back, or ask the central team to add this one."
            say(name, "warn", "guarded_column", message)
            continue
        result.unknown_columns.append(name)
        message = f"The column “{name}”{on_sheet(sheet)} is not one that the contract reads: it was not taken in."
        say(name, "warn", "unknown_column", message)
    for name in layout.outdated:
        message = f"The column “{name}” is not the name that holds for this month: it was read all the same."
        say(name, "info", "renamed_column", message)
    for guess in layout.guesses:
        pair = f"“{guess.found[:80]}” was read as “{guess.asked}”"
        mapping = id_of(site, contract.source, guess.asked, guess.found)
        if guess.state == "confirmed":
            say(guess.asked, "info", "renamed_column", f"The renamed column {pair}, as was confirmed ({mapping}).")
        else:
            what = f"The column {pair}{on_sheet(sheet)}: it seems to have been renamed"
            ask = f"Please tell the central team whether that is right (mapping {mapping}), or put the old name back."
            say(guess.asked, "warn", "renamed_column", f"{what}. {ask}")
        result.mappings.append((guess.asked, guess.found, guess.state))


def report_personal(result: IngestResult) -> None:
    """Report each cell that seems to hold personal data, and an unknown column that is for them as a whole, once."""
    for key, tally in result.tallies.items():
        role, name = key
        if role == "unknown" and tally.kind:
            result.issues.append(RowIssue(None, None, name, "warn", "personal_column", _looks(name, tally.kind)))
        else:
            result.issues += result.personal_cells.get(key, [])


def _looks(name: str, kind: str) -> str:
    what = f"The column “{name}” is not in the contract and looks as if it held personal data ({kind_words(kind)})"
    return f"{what}. Take it out and send the file again, or ask the central team to add it to the contract."


def tally_categories(
    sheet: Sheet, layout: SheetLayout, contract: Contract, facts: dict[str, str], result: IngestResult
) -> None:
    """Count what looks personal in the columns that the contract takes as categories, without the categories that it lists."""
    for column, index in columns_of(contract, facts, layout).values():
        if column.type != "category":
            continue
        tally = result.tallies.setdefault(("category", layout.name(index)), PersonalDataTally(""))
        for chunk in sheet.chunks_after(layout.first_data):
            for cell, cells in chunk.column(index).counted():
                text = text_of(cell) if not is_blank(cell) and not isinstance(cell, CellError) else ""
                if text and normal(text) not in column.code_of:
                    tally.add(text, cells)
                else:
                    tally.filled += cells


def hold_for_personal(contract: Contract, result: IngestResult) -> Fault | None:
    """Why a file waits for somebody to say what its personal columns are for, or None."""
    if not contract.hold.personal:
        return None
    found = []
    for (role, name), tally in result.tallies.items():
        if role == "unknown" and tally.kind:
            found.append(_looks(name, tally.kind))
        elif role == "category" and tally.kind:
            found.append(
                f"The column “{name}” is for categories, and many of its cells look like personal data"
                f" ({kind_words(tally.kind)}). Put the category there, and send the file again."
            )
    return ("personal_column", " ".join(found)) if found else None


def other_site(
    found: Iterable[tuple[Sheet, SheetLayout | None]], contract: Contract, site: str, catalogue: Catalogue
) -> Fault | None:
    """Why a file is another site's, by the rows' own words: half of them or more are of one, beyond a few slips."""
    column = contract.columns.get("site")
    own = next((item for item in catalogue.sites if item.site == site), None)
    if column is None or own is None:
        return None
    rows, others = 0, dict[str, int]()
    for sheet, layout in found:
        index = layout.fields.get("site") if layout else None
        if layout is None or index is None:
            continue
        for chunk in sheet.chunks_after(layout.first_data):
            for cell, cells in chunk.column(index).counted():
                if is_blank(cell):
                    continue
                rows += cells
                named = site_of(catalogue.sites, cell)
                if named is not None and named.site != site:
                    others[named.name] = others.get(named.name, 0) + cells
    foreign = sum(others.values())
    if foreign < HALF * rows or not is_too_much(foreign, rows, 0.1):
        return None
    names = " and ".join(sorted(others))
    what = f"{foreign} of {rows} rows say that they are of {names}, not of {own.name}: this seems to be another site's file"
    return "other_site", f"{what}. No row was taken in. Put it into that site's folder, or correct the site."
