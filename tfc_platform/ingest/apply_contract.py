"""Applying a contract to the rows of a sheet: every row gets one disposition, and every loss an issue that says why.

Belongs here: duplicates, rejections, and the columns of the records. Does not belong: what stands around the rows (`around`),
what they share (`work`), how a cell is read (`cells`), where the header is (`header`), what is written (`store`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tfc_platform.atomic_io import sha256_text
from tfc_platform.contracts.model import Column, Contract, normal
from tfc_platform.ingest.cell_values import CellContext, CellProblem
from tfc_platform.ingest.column_checks import CHANGES
from tfc_platform.ingest.duplicate_rows import merge_duplicate
from tfc_platform.ingest.header_fields import SheetLayout
from tfc_platform.ingest.ingest_result import IngestResult, RowIssue, Screen
from tfc_platform.ingest.multiple_choice import add_choices
from tfc_platform.ingest.non_data_rows import check_total, counts_to_totals, is_header_again, is_note, is_total
from tfc_platform.ingest.respondent_checks import weight_problem
from tfc_platform.ingest.sheet_context import SheetContext, address_of, sheet_context
from tfc_platform.ingest.survey_answers import add_answers
from tfc_platform.ingest.values.attendance import UNKNOWN
from tfc_platform.sheets.sheet_model import CellError, Sheet, SheetRow, is_blank, text_of, texts_of

__all__ = ["take_sheet"]

BETWEEN_LOOKS = 1000  # rows, after which is looked whether anything is full
IDENTIFIERS = frozenset({"id", "panel", "token"})  # column types whose cells are no sentence


def _identity(work: SheetContext, texts: list[str]) -> bytes:
    """What makes two rows the same row: the tool's own id, else all cells in their sheet, blanks at the end aside.

    It is kept of every row, so as a digest of 128 bits (BLAKE2b): of a milliard rows, two that differ have one with a
    probability below 1e-20. `repr` tells any two lists of texts apart, whatever stands in them.

    :param texts: of the row's cells.
    """
    key = [texts[index] if index < len(texts) else "" for index in work.keys]
    if key and all(key):
        return _digest(["key", *key])
    last = len(texts)
    while last and not texts[last - 1]:
        last -= 1
    return _digest(["cells", work.sheet.name or "", *texts[:last]])


def _digest(texts: list[str]) -> bytes:
    return hashlib.blake2b(repr(texts).encode(), digest_size=16).digest()


def _ruled_out(work: SheetContext, row: SheetRow, texts: list[str]) -> tuple[RowIssue, bool] | None:
    """The first rule of the contract that says that a row is not to be counted, and whether it is a fault."""
    for index, rule, equals in work.ruling:
        if normal(texts[index] if index < len(texts) else "") in equals:
            name = work.layout.name(index)
            where, cell = work.sheet.name, address_of(work, row, index)
            issue = RowIssue(where, row.number, name, "error", rule.reason, rule.message, "rejected", cell)
            return issue, rule.fault
    return None


def _orphaned(work: SheetContext, row: SheetRow) -> tuple[RowIssue, bool] | None:
    """Why an entry of a repeated group cannot count: nobody knows whose it is."""
    beside = work.sheet.beside
    if beside is None or row.number not in beside.orphans:
        return None
    name, cell = work.layout.name(beside.link), address_of(work, row, beside.link)
    why = beside.orphans[row.number]
    return RowIssue(work.sheet.name, row.number, name, "error", "orphan_entry", why, "rejected", cell), True


def _values(work: SheetContext, row: SheetRow) -> tuple[dict[str, Any], list[tuple[int, Column, CellProblem]]]:
    """Each field's value, and the problems in the order of the contract's columns."""
    values: dict[str, Any] = {}
    problems: dict[str, tuple[int, Column, CellProblem]] = {}
    cells, width, on = row.cells, len(row.cells), work.context.on
    for name, index, meaning, is_date in work.reading:
        cell = cells[index] if index < width else None
        value, problem = meaning.known.get(cell) or meaning.of(cell, on)
        values[name] = value
        if problem is not None:
            problems[name] = (index, meaning.column, problem)
        if is_date and on is None:
            on = value
    return values, [problems[name] for name in work.fields if name in problems] if problems else []


def _spread(values: dict[str, Any]) -> dict[str, Any]:
    """An attendance is three columns of its record."""
    if "attendance" not in values:
        return values
    found = values.pop("attendance") or UNKNOWN
    values["attendance_low"], values["attendance_high"] = found.low, found.high
    values["attendance_kind"] = found.kind
    return values


def _accept(work: SheetContext, row: SheetRow, values: dict[str, Any], taken: IngestResult) -> None:
    if work.own_id and not values.get(work.own_id):
        values[work.own_id] = sha256_text(f"{work.sha256}:{work.sheet.name}:{row.number}")[:32]
    full = {**work.base, "row_number": row.number, **values}
    taken.add(work.contract.record, full)
    taken.accepted += 1
    for name in work.dated:
        taken.falls_on(full.get(name))
    if work.answers:
        add_answers(work.sheet, row, work.layout, work.answers, full, taken, work.screen, work.is_book)
    if work.choices:
        add_choices(work.sheet, row, work.layout, work.choices, full, taken, work.screen, work.is_book)


def take_sheet(
    sheet: Sheet,
    contract: Contract,
    layout: SheetLayout,
    context: CellContext,
    facts: dict[str, str],
    sha256: str,
    screen: Screen,
    seen: set[bytes],
    taken: IngestResult,
    is_book: bool = False,
    on_rows: Callable[[int], None] = lambda _: None,
) -> None:
    """Add the rows under a sheet's header to `taken`.

    :param is_book: whether the file is a workbook, whose cells have addresses.
    :param seen: identities of the file's earlier rows; those of this sheet are added.
    :param screen: the ids of the safeguarding rules that a text sets off.
    :param on_rows: told now and then how many rows of the file were looked at so far, for progress.
    """
    work = sheet_context(sheet, contract, layout, context, facts, sha256, screen, is_book)
    exact: Counter[str] = Counter()
    content = taken.content
    if content is not None:
        content.begin(sheet.name, layout.names)
    for number, row in enumerate(sheet.after(layout.first_data)):
        if number % BETWEEN_LOOKS == 0:
            taken.hand_out()
            on_rows(taken.received)
        texts = texts_of(row.cells)
        several = len(texts) - texts.count("") > 1  # then the row is neither blank nor a note
        if not several and all(is_blank(cell) for cell in row.cells):
            continue
        if content is not None:
            content.add(row)
        if is_header_again(work, row):
            taken.not_data += 1
            message = "The names of the columns stand here again: the row was not taken in."
            taken.issues.append(RowIssue(sheet.name, row.number, None, "info", "header_again", message))
            continue
        total_row = is_total(work, row)
        if total_row or (not several and is_note(work, row)):
            taken.not_data += 1
            work.texts.all_of(row, screen, taken)
            if total_row:
                check_total(work, row, exact, taken)
            continue
        taken.received += 1
        work.texts.row(row, texts, screen, taken)
        identity = _identity(work, texts)
        if identity in seen:
            taken.duplicate += 1
            taken.issues.append(_doubled(work, row, identity, taken))
            continue
        seen.add(identity)
        before = taken.accepted
        exact.update(_judge(work, row, texts, taken))
        if work.prevailing and taken.accepted > before:
            record = taken.columns[contract.record]
            taken.kept[identity] = before, [record[name][-1] for name in work.prevailing]


def _doubled(work: SheetContext, row: SheetRow, identity: bytes, taken: IngestResult) -> RowIssue:
    fields = [(name, work.fields[name][1], work.meanings[name]) for name in work.prevailing if name in work.fields]
    changed = merge_duplicate(fields, row, work.contract.record, identity, work.prevailing, taken)
    if not changed:
        message = "The same row came before in this file: the first one alone is used."
        return RowIssue(work.sheet.name, row.number, None, "info", "duplicate", message, "duplicate")
    index = work.fields[changed[0]][1]
    name, cell = work.layout.name(index), address_of(work, row, index)
    message = f"The same row came before in this file and said another {name}: the stricter of the two holds."
    return RowIssue(work.sheet.name, row.number, name, "warn", "duplicate", message, "duplicate", cell)


def _judge(work: SheetContext, row: SheetRow, texts: list[str], taken: IngestResult) -> dict[str, int]:
    """Accept or reject a row that is data and no duplicate; gives what it adds to the sheet's totals."""
    ruled_out = _orphaned(work, row) or _ruled_out(work, row, texts)
    if ruled_out is not None:
        taken.reject(*ruled_out)
        return {}
    values, problems = _values(work, row)
    if work.contract.survey:
        problems += weight_problem(work.fields, row, values)
    _say_spilt(work, row, taken)
    work.watcher.row(row, values, problems, taken.watch)
    fatal = next((problem for _, column, problem in problems if _rejects(column, problem)), None) if problems else None
    for index, column, problem in problems:
        if problem.reason in CHANGES:
            continue  # told once a column
        cell, name, address = row.at(index), work.layout.name(index), address_of(work, row, index)
        severity = "error" if _rejects(column, problem) else "warn"
        message = f"{address}: {problem.message}" if address and isinstance(cell, CellError) else problem.message
        issue = RowIssue(work.sheet.name, row.number, name, severity, problem.reason, message, cell=address)
        if problem is fatal:
            taken.reject(replace(issue, disposition="rejected"))
        else:
            taken.issues.append(issue)
        if isinstance(cell, str) and column.type not in IDENTIFIERS:
            # Where no count, date or name of an activity stands, someone may have written a sentence.
            taken.flag(work.screen, work.sheet.name, row.number, name, cell)
        if problem.reason == "unmapped_activity":
            taken.texts.append((work.sheet.name, row.number, name, text_of(cell)))
    if fatal is not None:
        return {}
    adds = counts_to_totals(work, values)
    _accept(work, row, _spread(values), taken)
    return adds


def _rejects(column: Column, problem: CellProblem) -> bool:
    return column.invalid == "reject" and not problem.kept


def _say_spilt(work: SheetContext, row: SheetRow, taken: IngestResult) -> None:
    """A cell under no name belongs nowhere. In a CSV a separator stands in a text before it; in a sheet it is a jotting."""
    names = work.layout.names
    if not work.nameless and len(row.cells) <= len(names):
        return
    for index, cell in enumerate(row.cells):
        if is_blank(cell) or (index < len(names) and names[index]):
            continue
        if work.contract.read.format == "csv" and index >= len(names):
            message = "The row has more cells than there are columns: put a text with a separator in quotation marks."
        elif index in work.said:
            continue
        else:
            message = "The column has cells and no name: it was not taken in."
        work.said.add(index)
        name = work.layout.name(index)
        cell_at = address_of(work, row, index)
        taken.issues.append(
            RowIssue(work.sheet.name, row.number, name, "warn", "unnamed_column", message, cell=cell_at)
        )
        return
