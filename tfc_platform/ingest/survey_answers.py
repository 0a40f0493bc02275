"""A respondent's answers to the items of an instrument: cells to values by the contract's codes, one record an item."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tfc_platform.contracts.model import AnswerGroup, CodeSet, applies, normal
from tfc_platform.ingest import value_cache
from tfc_platform.ingest.coded_columns import coded, coded_schema
from tfc_platform.ingest.header_fields import SheetLayout
from tfc_platform.ingest.sheet_reporter import SheetReporter
from tfc_platform.ingest.values.bands import mangled_band
from tfc_platform.ingest.values.rewritten import known_form, rewritten_as
from tfc_platform.schemas import RECORDS
from tfc_platform.sheets.cell_columns import Bools, Codes, ColumnChunk, key_of
from tfc_platform.sheets.sheet_model import CellValue, SheetRow, text_of

__all__ = ["Answer", "AnswerColumn", "add_answers", "answer_columns", "answers_of", "answers_table", "code_set"]

INVALID = "invalid"  # why a cell is no answer that is none of the codes


@dataclass(frozen=True)
class Answer:
    """One survey item: its column, what each way of writing means, and why a cell may be no answer."""

    item: str
    instrument: str | None  # none: the survey's own
    index: int
    values: dict[str, int]
    missing: dict[str, str]
    blank: str
    known: dict[Hashable, tuple[str | None, int | None, str | None]] = field(default_factory=dict)  # see `of`
    rewritten: dict[Hashable, str] = field(default_factory=dict)  # cells in another form than the code's → why

    def of(self, cell: CellValue) -> tuple[str | None, int | None, str | None]:
        """The code as it may be kept, its value, and why there is none, remembered: a question has few answers."""
        key = key_of(cell)
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= value_cache.REMEMBERED:
                self.known.clear()
            text = normal(text_of(cell))
            code = known_form(text, self.values, self.missing)
            if code != text:
                self.rewritten[key] = rewritten_as(text)
            found = self.known[key] = self._of(code)
        return found

    def _of(self, code: str) -> tuple[str | None, int | None, str | None]:
        value = self.values.get(code)
        missing = None if value is not None else self.missing.get(code, INVALID) if code else self.blank
        return code if code and missing != INVALID else None, value, missing


def code_set(group: AnswerGroup, facts: dict[str, str]) -> CodeSet | None:
    """How a file's answers are written; None where the contract does not say it of a file with this name."""
    return next((codes for codes in group.codes if applies(codes.when, facts)), None)


def answers_of(layout: SheetLayout, facts: dict[str, str]) -> list[Answer]:
    """The items that a sheet has, each with the codes of this file."""
    found = []
    for group, places in layout.items:
        codes = code_set(group, facts)
        values = {normal(key): value for key, value in codes.values.items()} if codes else {}
        missing = {normal(key): str(value) for key, value in group.missing.items()}
        found += [Answer(item, group.instrument, index, values, missing, group.blank) for item, index in places.items()]
    return found


def add_answers(report: SheetReporter, row: SheetRow, answers: Sequence[Answer], respondent: dict[str, Any]) -> None:
    """Add a record for each item that a respondent was asked, answered or not.

    :param respondent: the fields that the answers share with their respondent.
    """
    given = [answer.of(row.at(answer.index)) for answer in answers]
    own: dict[str, list[Any]] = {
        "instrument": [answer.instrument or respondent.get("instrument") for answer in answers],
        "item": [answer.item for answer in answers],
        "code": [code for code, _, _ in given],
        "value": [value for _, value, _ in given],
        "missing_reason": [missing for _, _, missing in given],
    }
    for answer, missing in zip(answers, own["missing_reason"], strict=True):
        report.result.answers += missing is None or missing != answer.blank
        if missing == INVALID:
            report.result.items.update(asked.item for asked in answers)
            report.result.unknown_answers[answer.item, hash(normal(text_of(row.at(answer.index))))] += 1
            band = mangled_band(row.at(answer.index), answer.values)
            message = band or "This answer is none of the codes that the contract knows: it was left out."
            report.add(row, answer.index, "warn", "invalid_answer", message)
            report.flag(row, answer.index)
        elif answer.rewritten and (reason := answer.rewritten.get(key_of(row.at(answer.index)))):
            report.note(reason, row, answer.index)
    report.result.add_several("survey_answer", respondent, own)


def answer_columns(answers: Sequence[Answer], chunk: ColumnChunk) -> tuple[list[AnswerColumn], Bools]:
    """Each item's answers in some rows, and the rows of which something has to be said."""
    odd = np.zeros(len(chunk), np.bool_)
    columns = []
    for answer in answers:
        column = chunk.column(answer.index)
        given = [answer.of(cell) for cell in column.cells]
        odd |= column.where(missing == INVALID for _, _, missing in given)
        if answer.rewritten:
            odd |= column.where(key_of(cell) in answer.rewritten for cell in column.cells)
        counted = [missing is None or missing != answer.blank for _, _, missing in given]
        columns.append(AnswerColumn(answer.item, answer.instrument, column.codes, given, counted))
    return columns, odd


@dataclass(frozen=True)
class AnswerColumn:
    """The answers to one item in some rows.

    :param given: of each different cell the code, its value and why there is none.
    :param counted: of each whether it is a filled cell.
    """

    item: str
    instrument: str | None
    codes: Codes
    given: Sequence[tuple[str | None, int | None, str | None]]
    counted: list[bool]


def answers_table(columns: Sequence[AnswerColumn], rows: Codes, respondents: pa.Table) -> tuple[pa.Table, int]:
    """A record for each row and item, row by row, and how many of them are filled cells.

    :param columns: of the items, in the order of a respondent's records.
    :param rows: the rows in the chunk that are meant.
    :param respondents: their records, of which the answers have the fields that they share.
    """
    schema, width, count = RECORDS["survey_answer"], len(columns), len(rows)
    different: dict[tuple[str | None, int | None, str | None], int] = {}
    matrix = np.empty((count, width), np.int32)
    filled = 0
    for place, column in enumerate(columns):
        codes = column.codes[rows]
        given = np.array([different.setdefault(one, len(different)) for one in column.given], np.int32)
        matrix[:, place] = given[codes]
        filled += int(np.array(column.counted, np.bool_)[codes].sum())
    of_item = np.tile(np.arange(width, dtype=np.int32), count)
    of_row = pa.array(np.repeat(np.arange(count, dtype=np.int32), width))
    own = {
        name: coded([one[place] for one in different], matrix.ravel(), schema.field(name).type)
        for place, name in enumerate(("code", "value", "missing_reason"))
    }
    own["item"] = coded([column.item for column in columns], of_item, schema.field("item").type)
    shared = {name: respondents[name].combine_chunks() for name in respondents.column_names}
    fixed = [column.instrument for column in columns]
    if all(fixed) or "instrument" not in shared:
        own["instrument"] = coded(fixed, of_item, schema.field("instrument").type)
    else:
        common = shared["instrument"].cast(pa.string()).take(of_row)
        named = pa.array(fixed, pa.string()).take(pa.array(of_item))
        own["instrument"] = pc.coalesce(named, common).dictionary_encode()
    made = []
    for item in coded_schema("survey_answer"):
        if item.name in own:
            made.append(own[item.name])
        elif item.name in shared:
            made.append(shared[item.name].cast(item.type).take(of_row))
        else:
            made.append(pa.nulls(count * width, item.type))
    return pa.Table.from_arrays(made, schema=coded_schema("survey_answer")), filled
