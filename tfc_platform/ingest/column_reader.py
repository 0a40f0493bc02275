"""The rows of a sheet read by column: each different cell is judged once, and the verdicts are joined back to the rows.

A row of which anything has to be said (a problem, a total, a row that came before) is left to `SheetReader`, in its place;
so are the first rows of which a notice names examples. All other rows are accepted together, by column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b, sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tfc_platform.atomic_io import sha256_text
from tfc_platform.contracts.model import normal
from tfc_platform.ingest.coded_columns import coded_schema, constant
from tfc_platform.ingest.column_values import FieldColumn
from tfc_platform.ingest.content_fingerprint import content_text
from tfc_platform.ingest.ingest_result import FreeText, IngestResult
from tfc_platform.ingest.sheet_context import SheetContext
from tfc_platform.ingest.value_cache import ANY_DAY, ONCE
from tfc_platform.ingest.values.attendance import UNKNOWN, Attendance
from tfc_platform.ingest.values.rewritten import known_form
from tfc_platform.schemas import RECORDS
from tfc_platform.sheets.cell_columns import Bools, CellColumn, Codes, ColumnChunk, combined
from tfc_platform.sheets.sheet_model import CellError, CellValue
from tfc_platform.sheets.table_rows import RepeatedHeader, is_total_label

__all__ = [
    "AcceptedRows",
    "RowMerge",
    "digest",
    "exact_counts",
    "field_columns",
    "key_identities",
    "read_columns",
    "rows_to_read",
    "written_rows",
]


def digest(written: str) -> bytes:
    """128 bits (BLAKE2b) of a text: of a milliard rows, two that differ have one with a probability below 1e-20."""
    return blake2b(written.encode(), digest_size=16).digest()


def read_columns(context: SheetContext) -> tuple[int, ...]:
    """The columns by which rows with one id are compared: all that the contract reads, but those whose stricter value holds."""
    fields = {index for name, (_, index) in context.fields.items() if name not in context.prevailing}
    answers = {answer.index for answer in context.answers}
    choices = {index for question in context.choices for index in question.columns.values()}
    return tuple(sorted(fields | answers | choices))


def key_identities(chunk: ColumnChunk, keys: Sequence[int], rows: Codes) -> list[bytes]:
    """What makes rows the same row where the tool's own id has all its parts."""
    written = [_written(map(repr, chunk.column(index).texts), chunk.column(index).codes[rows]) for index in keys]
    joined = pc.binary_join_element_wise(*written, ", ")
    return [digest(f"['key', {key}]") for key in joined.to_pylist()]


def _written(texts: Iterable[str], codes: Codes) -> pa.Array:
    return pa.array(list(texts), pa.string()).take(pa.array(codes))


def written_rows(chunk: ColumnChunk) -> tuple[memoryview, int]:
    """The rows as `ContentFingerprint` takes them in, each as the `repr` of its texts without blanks at its end; and how many
    have any text."""
    texts = [
        list(map(content_text, column.cells))
        if any(isinstance(cell, CellError) for cell in column.cells)
        else column.texts
        for column in chunk.columns
    ]
    ends = np.zeros(len(chunk), np.int64)
    for index, (column, words) in enumerate(zip(chunk.columns, texts, strict=True)):
        ends[column.where(words)] = index + 1
    if not ends.any():
        return memoryview(b""), 0
    parts = []
    for index, (column, words) in enumerate(zip(chunk.columns[: ends.max()], texts, strict=False)):
        begin = ", " if index else "["
        written = [*(f"{begin}{text!r}" for text in words), ""]
        parts.append(_written(written, np.where(ends > index, column.codes, len(words))))
    joined = pc.binary_join_element_wise(*parts, _written(["]", ""], (ends == 0).astype(np.int64)), "")
    _, offsets, content = joined.buffers()
    return memoryview(content)[: np.frombuffer(offsets, np.int32)[len(joined)]], int(np.count_nonzero(ends))


def field_columns(context: SheetContext, chunk: ColumnChunk) -> dict[str, FieldColumn]:
    """Each field's values in some rows; a field whose meaning depends on the day is judged by cell and day."""
    found: dict[str, FieldColumn] = {}
    days = CellColumn(np.zeros(len(chunk), np.int64), [context.cells.on])
    for name, index, cache, is_date in context.reading:
        column = chunk.column(index)
        if cache.column.type in ANY_DAY or cache.column.type in ONCE:
            codes, parsed = column.codes, [cache.of(cell, None) for cell in column.cells]
        else:
            codes, first = combined([column, days])
            parsed = [
                cache.of(column.cells[column.codes[row]], _day(days.cells[days.codes[row]])) for row in first.tolist()
            ]
        values = [value for value, _ in parsed]
        problem = np.fromiter((one is not None for _, one in parsed), np.bool_, len(parsed))[codes]
        found[name] = FieldColumn(codes, values, problem)
        if is_date:
            days = _first_day(days, found[name])
    return found


def _day(cell: CellValue) -> date | None:
    return cell if isinstance(cell, date) else None


def _first_day(days: CellColumn, column: FieldColumn) -> CellColumn:
    """The days of rows: those that they have, and where they have none those of a further column of dates."""
    if days.cells == [None]:
        return CellColumn(column.codes, column.values)
    cells = [*days.cells, *column.values]
    lacks = days.where(cell is None for cell in days.cells)
    return CellColumn(np.where(lacks, column.codes + len(days.cells), days.codes), cells)


def _filled(column: CellColumn) -> Bools:
    return column.where(not blank for blank in column.blank_cells)


def rows_to_read(
    context: SheetContext, header: RepeatedHeader, chunk: ColumnChunk, fields: dict[str, FieldColumn], width: int
) -> Bools:
    """The rows that may be no data, may be rejected, or of whose cells something has to be said.

    :param width: how many cells a row of a delimited text needs.
    """
    layout, count = context.layout, len(chunk)
    filled = np.zeros(count, np.int64)
    first = np.ones(count, np.bool_)  # whether no cell before this column is filled
    odd = header.possible(chunk)
    for index, column in enumerate(chunk.columns):
        has = _filled(column)
        if first.any():
            odd |= first & column.where_cell(lambda cell: is_total_label(cell, context.total_label))
            first &= ~has
        filled += column.where(column.texts)
        if index >= len(layout.names) or (not layout.names[index] and index not in context.reported):
            odd |= has
    odd |= filled < 2
    if context.is_delimited:
        odd |= chunk.widths < width
    beside = context.sheet.beside
    if beside is not None:
        odd |= np.isin(chunk.numbers, np.fromiter(beside.orphans, np.int64, len(beside.orphans)))
    for index, _, equals in context.reject_rules:
        column = chunk.column(index)
        odd |= column.where(known_form(normal(text), equals) in equals for text in column.texts)
    for name, one in fields.items():
        odd |= one.problem
        if name == "weight" and context.contract.survey:
            odd |= ~one.where(lambda value: value is not None and value > 0)
    return odd | context.texts.odd(chunk) | context.checks.odd(chunk) | _of_other_month(context, fields, count)


def _of_other_month(context: SheetContext, fields: dict[str, FieldColumn], count: int) -> Bools:
    month, day = context.file.month, next((name for name, _, _, is_date in context.reading if is_date), None)
    if month is None or day is None:
        return np.zeros(count, np.bool_)
    wanted = (month.year, month.month)
    return fields[day].where(lambda value: isinstance(value, date) and (value.year, value.month) != wanted)


@dataclass
class AcceptedRows:
    """Rows of a chunk that are accepted together.

    :param rows: their places in the chunk.
    """

    context: SheetContext
    chunk: ColumnChunk
    fields: dict[str, FieldColumn]
    rows: Codes

    def own_ids(self) -> pa.Array | None:
        """The record's own ids, where they are not the field's values as they are."""
        context = self.context
        if not context.own_id:
            return None
        numbers = self.chunk.numbers[self.rows].tolist()
        column = self.fields.get(context.own_id)
        values: list[Any] = [None] * len(numbers)
        if column is not None:
            values = [column.values[code] for code in column.codes[self.rows].tolist()]
        begin = f"{context.file.sha256}:{context.sheet.name}:"
        if len(context.keys) > 1:
            identities = [one.hex() for one in key_identities(self.chunk, context.keys, self.rows)]
            own = [f"{value}:{one}" if value else None for value, one in zip(values, identities, strict=True)]
            return pa.array(
                [sha256_text(one or f"{begin}{number}")[:32] for one, number in zip(own, numbers, strict=True)],
                pa.string(),
            )
        own = [
            value or sha256(f"{begin}{number}".encode()).hexdigest()[:32]
            for value, number in zip(values, numbers, strict=True)
        ]
        return pa.array(own, pa.string())

    def table(self) -> pa.Table:
        """The rows as their record has them."""
        context, count = self.context, len(self.rows)
        schema, coded = RECORDS[context.contract.record], coded_schema(context.contract.record)
        attendance = self.fields.get("attendance")
        made: dict[str, pa.Array] = {"row_number": pa.array(self.chunk.numbers[self.rows], pa.int64())}
        if attendance is not None:
            counts = [value or UNKNOWN for value in attendance.values]
            for name in ("low", "high", "kind"):
                kind = schema.field(f"attendance_{name}").type
                made[f"attendance_{name}"] = attendance.taken(self.rows, [getattr(one, name) for one in counts], kind)
        own = self.own_ids()
        if own is not None and context.own_id:
            made[context.own_id] = pa.DictionaryArray.from_arrays(pa.array(np.arange(count, dtype=np.int32)), own)
        columns = []
        for item in schema:
            if item.name in made:
                columns.append(made[item.name])
            elif item.name in self.fields and item.name != "attendance":
                column = self.fields[item.name]
                values = column.values
                if pa.types.is_integer(item.type):
                    values = [int(value) if isinstance(value, float) else value for value in values]
                columns.append(column.taken(self.rows, values, item.type))
            else:
                columns.append(constant(context.base.get(item.name), count, item.type))
        return pa.Table.from_arrays(columns, schema=coded)


def exact_counts(context: SheetContext, fields: dict[str, FieldColumn], quiet: Bools) -> dict[str, Codes]:
    """Of each field that a totals row adds the exact counts of each row, 0 where the row is not accepted."""
    totals = context.contract.totals
    counted = quiet.copy()
    for name, want in totals.where.items() if totals is not None else ():
        if name in fields:
            one = fields[name]
            counted &= np.array([value == want for value in one.values], np.bool_)[one.codes]
        else:
            counted &= want is None
    found = {}
    for name in context.totalled:
        if name in fields:
            one = fields[name]
            exact = [
                value.low or 0 if isinstance(value, Attendance) and value.kind == "exact" else 0 for value in one.values
            ]
            found[name] = np.where(counted, np.array(exact, np.int64)[one.codes], 0)
    return found


class RowMerge:
    """Puts the rows that are accepted by column among those that are read one by one, in the order of the sheet."""

    def __init__(self, result: IngestResult) -> None:
        self._result, self._places = result, dict[str, list[int]]()
        self._before, self._texts = result.counts_pending(), len(result.texts)
        self._at: list[int] = []  # the row of each text

    def note(self, place: int) -> None:
        """Note which row of the chunk was read just now."""
        for record, count in self._result.counts_pending().items():
            places = self._places.setdefault(record, [])
            places += [place] * (count - self._before.get(record, 0) - len(places))
        self._at += [place] * (len(self._result.texts) - self._texts - len(self._at))

    def finish(self, tables: Mapping[str, tuple[pa.Table, Codes]], texts: Sequence[tuple[int, FreeText]]) -> None:
        """Add the rows that are accepted by column.

        :param tables: of each record its rows, and the row of the chunk of which each of them is.
        :param texts: those for the text store, each with its row.
        """
        result = self._result
        pending = result.take_pending()
        for record in dict.fromkeys([*pending, *tables]):
            single, (table, rows) = pending.get(record), tables.get(record, (None, np.zeros(0, np.int64)))
            before = self._before.get(record, 0)
            if single is not None and before:
                result.add_table(record, single.slice(0, before))
                single = single.slice(before)
            parts = [one for one in (table, single) if one is not None and one.num_rows]
            if not parts:
                continue
            merged = pa.concat_tables(parts).unify_dictionaries()
            if len(parts) > 1:
                order = np.argsort(np.concatenate([rows, np.array(self._places[record], np.int64)]), kind="stable")
                merged = merged.take(pa.array(order))
            result.add_table(record, merged)
        if texts:
            own = list(zip(self._at, result.texts[self._texts :], strict=True))
            merged_texts = sorted([*own, *texts], key=lambda one: one[0]) if own else texts
            result.texts[self._texts :] = [text for _, text in merged_texts]
