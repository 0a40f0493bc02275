"""A return whose rows are the entries of a repeated group: what becomes of the file, and of the submissions above them."""

from __future__ import annotations

from collections.abc import Sequence

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.free_text import FreeTextColumns, screen_only
from tfc_platform.ingest.header_fields import SheetLayout
from tfc_platform.ingest.ingest_result import Fault, IngestResult, RowIssue
from tfc_platform.ingest.repeated_groups import NoGroup, RepeatedGroup, above, grouped, shares_key
from tfc_platform.ingest.sheet_context import own_id
from tfc_platform.ingest.sheet_names import name_tokens_of
from tfc_platform.ingest.sheet_reporter import SheetReporter
from tfc_platform.sheets.sheet_model import Grid, Sheet, is_blank, texts_of

__all__ = ["entries_of", "key_fault", "read_submissions", "report_without_entry"]

CAUSE = "repeated_group"


def entries_of(grid: Grid, contract: Contract) -> tuple[RepeatedGroup | None, Fault | None]:
    """The sheets of a file by what they are to a contract that reads a repeated group, or why they cannot be; else neither."""
    if contract.read.repeats is None:
        return None, None
    filled = [sheet for sheet in grid.sheets if any(not is_blank(cell) for row in sheet.rows for cell in row.cells)]
    try:
        return grouped(filled, contract.read.repeats), None
    except NoGroup as error:
        hidden = ", ".join(f"“{name}”" for name, why in grid.unread if why == "hidden" and contract.read.reads(name))
        more = f" Hidden sheets are not read: if the entries stand on {hidden}, show it." if hidden else ""
        return None, (CAUSE, f"{error}{more}")


def key_fault(sheet: Sheet, layout: SheetLayout, contract: Contract) -> Fault | None:
    """A key that is the submission's would make every further entry of it a row that came twice."""
    record_id = own_id(contract)
    for fields in (contract.key, (record_id,) if record_id in layout.fields else ()):
        if shares_key(sheet, layout, fields):
            names = ", ".join(f"“{layout.name(layout.fields[name])}”" for name in fields)
            return CAUSE, (
                f"The contract tells the entries of the repeated group apart by {names}, which all entries of a submission share:"
                " the central team has to name a column of the entry's own, or none."
            )
    return None


def read_submissions(
    group: RepeatedGroup,
    layouts: Sequence[tuple[Sheet, SheetLayout | None]],
    file: FileContext,
    result: IngestResult,
    is_book: bool,
) -> None:
    """Look through the submissions, those without an entry too: what people wrote there, and whom they name."""
    layout = next((layout for sheet, layout in layouts if layout is not None and sheet.beside is not None), None)
    for sheet in group.above:
        if layout is None:
            screen_only(sheet, None, file.screen, result)
            continue
        here = above(sheet, layout)
        result.names |= name_tokens_of(sheet, file.contract, file.facts, here, file.pseudonyms)
        texts = FreeTextColumns(SheetReporter(sheet, here, result, file.screen, is_book))
        if result.content is not None:
            result.content.begin(sheet.name, here.names)
        for row in sheet.after(here.first_data):
            if result.content is not None:
                result.content.add(row)
            texts.add(row, texts_of(row.cells))


def report_without_entry(group: RepeatedGroup, contract: Contract, result: IngestResult) -> None:
    """Submissions that have no entry are no row of the return; they are counted and told."""
    count = group.without_entry
    if not count:
        return
    what = (
        f"{count} of {group.submissions} submissions {'has' if count == 1 else 'have'} no entry in the repeated group"
    )
    which = f"{what} “{contract.read.repeats}”, whose entries are the rows of this return"
    message = f"{which}: nothing was taken in of {'it' if count == 1 else 'them'}. Check that nothing is missing."
    sheet = next((found.name for found in group.above), None)
    result.issues.append(RowIssue(sheet, None, None, "warn", "without_entry", message))
