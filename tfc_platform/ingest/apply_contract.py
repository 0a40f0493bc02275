"""Applying a contract to the rows of a sheet: every row gets one disposition, and every loss an issue with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tfc_platform.atomic_io import sha256_text
from tfc_platform.contracts.model import Column
from tfc_platform.ingest.cell_values import CellProblem, ParsedCell
from tfc_platform.ingest.column_checks import CHANGES
from tfc_platform.ingest.column_reader import (
    AcceptedRows,
    RowMerge,
    digest,
    exact_counts,
    field_columns,
    read_columns,
    rows_to_read,
    written_rows,
)
from tfc_platform.ingest.duplicate_rows import merge_duplicate
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.header_fields import SheetLayout
from tfc_platform.ingest.ingest_result import IngestResult, RowIssue
from tfc_platform.ingest.multiple_choice import add_choices, choice_columns
from tfc_platform.ingest.non_data_rows import check_total, counts_to_totals, is_note, is_total
from tfc_platform.ingest.respondent_checks import weight_problem
from tfc_platform.ingest.row_exclusions import RowExclusions
from tfc_platform.ingest.row_hashes import SeenRows, row_hashes
from tfc_platform.ingest.sheet_context import SheetContext, sheet_context
from tfc_platform.ingest.survey_answers import AnswerColumn, add_answers, answer_columns, answers_table
from tfc_platform.ingest.value_cache import ValueCache
from tfc_platform.ingest.values.attendance import UNKNOWN
from tfc_platform.ingest.values.rewritten import meant_forms
from tfc_platform.sheets.cell_columns import Bools, ColumnChunk
from tfc_platform.sheets.sheet_model import CellError, Format, Sheet, SheetRow, is_blank, text_of, texts_of
from tfc_platform.sheets.table_rows import RepeatedHeader

__all__ = ["SheetReader", "read_sheet"]

LEFT_OUT = frozenset(
    {"invalid_code", "invalid_date", "invalid_number"}
)  # cells that are left out where their row counts
IDENTIFIERS = frozenset({"id", "panel", "token"})  # column types whose cells are no sentence
REPEATED_ID = (
    "An earlier row of this file has the same id and says something else: only the earlier one is used. Correct the id, or leave"
    " only the row that counts."
)
HEADER_AGAIN = "The names of the columns stand here again: the row was not taken in."


def _spread(values: dict[str, Any]) -> dict[str, Any]:
    """An attendance is three columns of its record."""
    if "attendance" not in values:
        return values
    count = values.pop("attendance") or UNKNOWN
    values["attendance_low"], values["attendance_high"] = count.low, count.high
    values["attendance_kind"] = count.kind
    return values


def _rejects(column: Column, problem: CellProblem) -> bool:
    return column.invalid == "reject" and not problem.kept


class SheetReader:
    """Reads the rows of one sheet into the result of its file.

    :param seen: the file's earlier rows; those of this sheet are added.
    """

    def __init__(self, context: SheetContext, seen: SeenRows) -> None:
        self.context, self.seen = context, seen
        self._read_columns = read_columns(context)
        self._exclusions = RowExclusions(context)
        self.result, self.report = context.report.result, context.report
        self._exact: Counter[str] = Counter()
        self._above: dict[str, int] = {}  # exact counts of the rows above one, of those that are accepted by column
        self._header = RepeatedHeader(context.layout.names)

    def read(self) -> None:
        """Read all rows under the header."""
        context, result = self.context, self.result
        if result.content is not None:
            result.content.begin(context.sheet.name, context.layout.names)
        for chunk in context.sheet.chunks_after(context.layout.first_data):
            result.hand_out()
            context.file.on_rows(result.received)
            self._chunk(chunk)

    def _chunk(self, chunk: ColumnChunk) -> None:
        """Read some rows: those of which nothing has to be said by column, all others one by one in their places."""
        context, result = self.context, self.result
        if result.content is not None:
            result.content.add_written(*written_rows(chunk))
        fields = field_columns(context, chunk)
        answers, odd_answers = answer_columns(context.answers, chunk)
        choices, odd_choices = choice_columns(context.choices, chunk)
        odd = odd_answers | odd_choices | rows_to_read(context, self._header, chunk, fields, self._exclusions.width)
        again, identities = self._repeats(chunk)
        odd |= again
        if context.prevailing:
            odd[:] = True  # a later row may change any earlier one
        noticed = [*context.texts.noticed(chunk), *context.checks.noticed(chunk, fields)]
        first_of_each = [np.flatnonzero(one.rows & ~odd)[: one.named] for one in noticed]
        for places in first_of_each:
            odd[places] = True
        rows = np.flatnonzero(~odd)
        quiet = AcceptedRows(context, chunk, fields, rows)
        exact = exact_counts(context, fields, ~odd)
        self.seen.said.update(said for place, said in identities.items() if not odd[place])
        merge = RowMerge(result)
        for place in np.flatnonzero(odd).tolist():
            self._above = {name: int(counts[:place].sum()) for name, counts in exact.items()}
            self._row(chunk.row(place))
            merge.note(place)
        if not len(rows):
            return
        self._exact.update({name: int(counts.sum()) for name, counts in exact.items()})
        for one in noticed:
            count = int(np.count_nonzero(one.rows & ~odd))
            if count:
                one.count(count)
        self._accept_rows(quiet, [*answers, *choices], merge)

    def _repeats(self, chunk: ColumnChunk) -> tuple[Bools, dict[int, tuple[bytes, bytes]]]:
        """The rows that came before, and of the first rows that come again the identity and what they say, by their place."""
        again = np.zeros(len(chunk), np.bool_)
        first: dict[int, tuple[bytes, bytes]] = {}
        known = set[bytes]()
        hashes = row_hashes(chunk, self.context.keys, self.context.sheet.name)
        for place in np.flatnonzero(self.seen.may_repeat(hashes)).tolist():
            texts = texts_of(chunk.row(place).cells)
            identity = self._identity(texts)
            if identity in known or identity in self.seen.said:
                again[place] = True
            else:
                known.add(identity)
                first[place] = identity, self._content(texts)
        return again, first

    def _accept_rows(self, quiet: AcceptedRows, answers: Sequence[AnswerColumn], merge: RowMerge) -> None:
        """Add the rows of which nothing has to be said, among those that were read one by one."""
        context, result, rows = self.context, self.result, quiet.rows
        result.received += len(rows)
        result.accepted += len(rows)
        result.checks.rows += len(rows)
        table = quiet.table()
        tables = {context.contract.record: (table, rows)}
        if answers:
            of_items, filled = answers_table(answers, rows, table)
            tables["survey_answer"] = of_items, np.repeat(rows, len(answers))
            result.answers += filled
        for name in context.dated:
            days = quiet.fields[name].used(rows) if name in quiet.fields else [context.base.get(name)]
            for day in days:
                result.falls_on(day)
        merge.finish(tables, context.texts.add_rows(quiet.chunk, rows))

    def _row(self, row: SheetRow) -> None:
        context, result = self.context, self.result
        texts = texts_of(row.cells)
        several = len(texts) - texts.count("") > 1  # then the row is neither blank nor a note
        if not several and all(is_blank(cell) for cell in row.cells):
            return
        if several and self._header.kind(row) == "same":
            result.not_data += 1
            self.report.add(row, None, "info", "header_again", HEADER_AGAIN)
            return
        total_row = is_total(context, row)
        if total_row or (not several and is_note(context, row)):
            result.not_data += 1
            context.texts.add_other(row)
            if total_row:
                check_total(context, row, self._exact + Counter(self._above))
            return
        result.received += 1
        context.texts.add(row, texts)
        identity = self._identity(texts)
        content = self._content(texts)
        if identity in self.seen.said:
            self._again(row, identity, is_same=self.seen.said[identity] == content)
            return
        self.seen.said[identity] = content
        before = result.accepted
        self._exact.update(self._judge(row, texts, identity))
        if context.prevailing and result.accepted > before:
            record = context.contract.record
            result.kept[identity] = before, [result.last(record, name) for name in context.prevailing]

    def _identity(self, texts: list[str]) -> bytes:
        """What makes two rows the same row: the tool's own id, else all cells in their sheet, blanks at the end aside."""
        key = [texts[index] if index < len(texts) else "" for index in self.context.keys]
        if key and all(key):
            return digest(repr(["key", *key]))
        last = len(texts)
        while last and not texts[last - 1]:
            last -= 1
        return digest(repr(["cells", self.context.sheet.name or "", *texts[:last]]))

    def _content(self, texts: list[str]) -> bytes:
        """What a row says in the columns that the contract reads; nothing where all its cells are its identity."""
        if not self.context.keys:
            return b""
        return digest(repr([texts[index] if index < len(texts) else "" for index in self._read_columns]))

    def _again(self, row: SheetRow, identity: bytes, is_same: bool) -> None:
        """Account for a row whose identity came before. Only a row that says the same is a duplicate."""
        issue = self._duplicate(row, identity)
        if is_same:
            self.result.duplicate += 1
            self.result.issues.append(issue)
        else:
            self.result.repeated_ids[self.context.layout.name(self.context.keys[0])] += 1
            self.result.reject(
                self.report.issue(row, self.context.keys[0], "error", "repeated_id", REPEATED_ID, "rejected")
            )

    def _duplicate(self, row: SheetRow, identity: bytes) -> RowIssue:
        """The issue of a row that came before; the stricter value of the two is put into the row that counts."""
        context = self.context
        fields = [
            (name, context.fields[name][1], context.values[name])
            for name in context.prevailing
            if name in context.fields
        ]
        changed = merge_duplicate(fields, row, context.contract.record, identity, context.prevailing, self.result)
        if not changed:
            message = "The same row came before in this file: only the first one is used."
            return self.report.issue(row, None, "info", "duplicate", message, "duplicate")
        index = context.fields[changed[0]][1]
        name = context.layout.name(index)
        message = f"The same row came before in this file with another {name}: the stricter of the two holds."
        return self.report.issue(row, index, "warn", "duplicate", message, "duplicate")

    def _judge(self, row: SheetRow, texts: list[str], identity: bytes) -> dict[str, int]:
        """Accept or reject a row that is data and no duplicate; gives what it adds to the sheet's totals."""
        context, result = self.context, self.result
        ruled_out = self._exclusions.before_reading(row, texts)
        if ruled_out is not None:
            result.reject(*ruled_out)
            return {}
        values, problems = self._values(row)
        if context.contract.survey:
            problems += weight_problem(context.fields, row, values)
        self._report_nameless(row)
        context.checks.add(row, values, problems)
        fatal = next((problem for _, column, problem in problems if _rejects(column, problem)), None)
        for index, column, problem in problems:
            self._report_problem(row, index, column, problem, problem is fatal)
        if fatal is not None:
            return {}
        for index, _, problem in problems:
            if problem.reason in LEFT_OUT:
                result.left_out[context.layout.name(index)] += 1
        outside = self._exclusions.outside_month(row, values)
        if outside is not None:
            result.reject(outside, fault=False)  # the file's months are judged by themselves
            return {}
        adds = counts_to_totals(context, values)
        self._accept(row, _spread(values), identity)
        return adds

    def _values(self, row: SheetRow) -> tuple[dict[str, Any], list[tuple[int, Column, CellProblem]]]:
        """Each field's value, and the problems in the order of the contract's columns."""
        context = self.context
        values: dict[str, Any] = {}
        problems: dict[str, tuple[int, Column, CellProblem]] = {}
        cells, width, on = row.cells, len(row.cells), context.cells.on
        for name, index, cache, is_date in context.reading:
            cell = cells[index] if index < width else None
            value, problem = cache.known.get(cell) or cache.of(cell, on)
            if problem is not None and type(cell) is str:
                value, problem = self._as_meant(cache, cell, value, problem)
            values[name] = value
            if problem is not None:
                problems[name] = (index, cache.column, problem)
            if is_date and on is None:
                on = value
        return values, [problems[name] for name in context.fields if name in problems] if problems else []

    def _as_meant(self, cache: ValueCache, cell: str, value: Any, problem: CellProblem) -> ParsedCell:
        """What a cell means that a program has written otherwise; the value and the problem as they are where that is none."""
        if cache.column.type not in IDENTIFIERS and not problem.kept:
            for reason, form in meant_forms(cell):
                meant, other = cache.of(form, self.context.cells.on)
                if other is None:
                    return meant, CellProblem(reason, "", kept=True)
        return value, problem

    def _report_problem(self, row: SheetRow, index: int, column: Column, problem: CellProblem, is_fatal: bool) -> None:
        if problem.reason in CHANGES:
            return  # reported once a column
        cell, name, address = row.at(index), self.context.layout.name(index), self.report.address(row, index)
        if problem.day is not None:
            self._exclusions.note_outside_window(index, problem.day)
        severity = "error" if _rejects(column, problem) else "warn"
        message = f"{address}: {problem.message}" if address and isinstance(cell, CellError) else problem.message
        issue = self.report.issue(row, index, severity, problem.reason, message)
        if is_fatal:
            self.result.reject(replace(issue, disposition="rejected"))
        else:
            self.result.issues.append(issue)
        if column.type not in IDENTIFIERS:
            self.report.flag(row, index)  # instead of a count, a date or a name, somebody may have written a sentence
        if problem.reason == "unmapped_activity":
            self.result.texts.append((self.context.sheet.name, row.number, name, text_of(cell)))

    def _report_nameless(self, row: SheetRow) -> None:
        """A cell under no name is not taken in. In a CSV a separator stands in a text before it; in a sheet it is a jotting."""
        context, names = self.context, self.context.layout.names
        if not context.nameless and len(row.cells) <= len(names):
            return
        for index, cell in enumerate(row.cells):
            if is_blank(cell) or (index < len(names) and names[index]):
                continue
            if context.contract.read.format == "csv" and index >= len(names):
                message = (
                    "The row has more cells than there are columns: put a text with a separator in quotation marks."
                )
            elif index in context.reported:
                continue
            else:
                message = "The column has cells and no name: it was not taken in."
            context.reported.add(index)
            self.report.add(row, index, "warn", "unnamed_column", message)
            return

    def _accept(self, row: SheetRow, values: dict[str, Any], identity: bytes) -> None:
        context, result = self.context, self.result
        if context.own_id and not values.get(context.own_id):
            own = f"{context.file.sha256}:{context.sheet.name}:{row.number}"
            values[context.own_id] = sha256_text(own)[:32]
        elif context.own_id and len(context.keys) > 1:  # a record has several rows: its id is no row's own
            values[context.own_id] = sha256_text(f"{values[context.own_id]}:{identity.hex()}")[:32]
        full = {**context.base, "row_number": row.number, **values}
        result.add(context.contract.record, full)
        result.accepted += 1
        for name in context.dated:
            result.falls_on(full.get(name))
        if context.answers:
            add_answers(self.report, row, context.answers, full)
        if context.choices:
            add_choices(self.report, row, context.choices, full)


def read_sheet(
    sheet: Sheet,
    layout: SheetLayout,
    file: FileContext,
    result: IngestResult,
    seen: SeenRows,
    read_as: Format | None,
) -> None:
    """Add the rows under a sheet's header to the result.

    :param seen: the file's earlier rows; those of this sheet are added.
    :param read_as: the file's format.
    """
    SheetReader(sheet_context(file, sheet, layout, result, read_as), seen).read()
