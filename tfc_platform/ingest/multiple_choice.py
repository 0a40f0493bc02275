"""A respondent's answers to questions with several choices: a record an option, and a check of how a file writes them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tfc_platform.contracts.model import Choices, normal
from tfc_platform.ingest import value_cache
from tfc_platform.ingest.error_rate import is_too_much
from tfc_platform.ingest.header_fields import ChoiceColumns, SheetLayout
from tfc_platform.ingest.respondent_checks import AS_CODES, AS_TEXT, FEWEST
from tfc_platform.ingest.sheet_reporter import SheetReporter
from tfc_platform.ingest.survey_answers import AnswerColumn
from tfc_platform.ingest.values.coded_choices import Chosen, joined, parts, spread
from tfc_platform.ingest.values.numbers import number_of
from tfc_platform.sheets.cell_columns import Bools, ColumnChunk, combined, key_of
from tfc_platform.sheets.sheet_model import CellError, CellValue, Sheet, SheetRow, is_blank, text_of

__all__ = ["ChoiceQuestion", "add_choices", "choice_coding_fault", "choice_columns", "choice_questions"]

VALUES = {"chosen": 1, "not_chosen": 0}


@dataclass(frozen=True)
class ChoiceQuestion:
    """One question in one sheet."""

    question: Choices
    places: ChoiceColumns
    known: dict[Hashable, Chosen] = field(default_factory=dict)  # by the cells: a question has few answers
    shown: frozenset[str] = frozenset()  # the answers to another question after which this one is shown

    @property
    def columns(self) -> dict[str, int]:
        """The columns that are read, each with the item that it decides; a cell of all choices has none of its own."""
        return {"": self.places.column} if self.places.column is not None else dict(self.places.columns)

    @property
    def read_from(self) -> list[int]:
        """All columns that a row's answer depends on."""
        others = (self.places.other, self.places.asked)
        return [*self.columns.values(), *(index for index in others if index is not None)]

    def of(self, row: SheetRow) -> Chosen:
        """What a row says of each item."""
        places = self.places
        index = [*self.columns.values(), *([places.other] if places.other is not None else [])]
        key = tuple(key_of(row.at(place)) for place in index)
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= value_cache.REMEMBERED:
                self.known.clear()
            found = self.known[key] = self._of(row)
        if places.asked is None or found.is_answered or normal(text_of(row.at(places.asked))) in self.shown:
            return found
        return Chosen(dict.fromkeys(found.marks, "not_asked"), found.unread)

    def _of(self, row: SheetRow) -> Chosen:
        places = self.places
        if places.column is not None:
            return joined(row.at(places.column), self.question)
        other = row.at(places.other) if places.other is not None else None
        return spread({item: row.at(index) for item, index in places.columns.items()}, self.question, other)


def choice_questions(layout: SheetLayout) -> list[ChoiceQuestion]:
    """The questions with several choices that a sheet has."""
    return [
        ChoiceQuestion(
            question,
            places,
            shown=frozenset(map(normal, question.asked.equals)) if question.asked else frozenset(),
        )
        for question, places in layout.choices
    ]


def add_choices(
    report: SheetReporter, row: SheetRow, questions: Sequence[ChoiceQuestion], respondent: dict[str, Any]
) -> None:
    """Add a record for each option of each question, whether it was chosen or not.

    :param respondent: the fields that the answers share with their respondent.
    """
    for one in questions:
        chosen = one.of(row)
        marks = list(chosen.marks.values())
        report.result.add_several(
            "survey_answer",
            respondent,
            {
                "instrument": [one.question.instrument or respondent.get("instrument")] * len(marks),
                "item": list(chosen.marks),
                "code": [None] * len(marks),  # the tool wrote the options that were chosen, and of the others nothing
                "value": [VALUES.get(mark) for mark in marks],
                "missing_reason": [None if mark in VALUES else mark for mark in marks],
            },
        )
        if chosen.unread:
            _report_unread(report, row, one, chosen)


def choice_columns(questions: Sequence[ChoiceQuestion], chunk: ColumnChunk) -> tuple[list[AnswerColumn], Bools]:
    """What some rows say of each option, and the rows of which something has to be said."""
    odd = np.zeros(len(chunk), np.bool_)
    found = []
    for one in questions:
        codes, first = combined([chunk.column(index) for index in one.read_from])
        chosen = [one.of(chunk.row(row)) for row in first.tolist()]
        items = list(chosen[0].marks)
        odd |= np.array([bool(each.unread) or list(each.marks) != items for each in chosen], np.bool_)[codes]
        for item in items:
            marks = [each.marks.get(item) for each in chosen]
            given = [
                (None, VALUES.get(str(mark)), None if mark in VALUES or mark is None else str(mark)) for mark in marks
            ]
            found.append(AnswerColumn(item, one.question.instrument, codes, given, [False] * len(given)))
    return found, odd


def _report_unread(report: SheetReporter, row: SheetRow, one: ChoiceQuestion, chosen: Chosen) -> None:
    for item, index in one.columns.items():
        cell = row.at(index)
        if not item and not isinstance(cell, CellError):
            report.note("unlisted_choice", row, index)
        elif not item or chosen.marks[item] == "invalid":
            message = "This says neither that the option was chosen nor that it was not: it was left out."
            report.add(row, index, "warn", "invalid_answer", message)
            report.flag(row, index)


@dataclass
class _Seen:
    """What stands in the cells of one question, over all rows."""

    filled: int = 0  # cells
    unread: int = 0  # of them, with nothing that the contract knows
    several: int = 0  # with more than one option
    run_together: int = 0  # with options that another sign parts, or none
    numbers: int = 0  # that are numbers


def choice_coding_fault(sheet: Sheet, layout: SheetLayout) -> str | None:
    """Why a sheet's choices are not written as the contract says, or None.

    It is so where no cell holds anything that the contract knows, or beyond chance most do not; or where several choices stand in
    a cell with another sign between them than the contract's, so that whoever chose several would count as having chosen none.
    """
    for one in choice_questions(layout):
        seen = _Seen()
        for chunk in sheet.chunks_after(layout.first_data):
            codes, first = combined([chunk.column(index) for index in one.read_from])
            for row, rows in zip(first.tolist(), np.bincount(codes).tolist(), strict=True):
                for cell, unread, chosen in _cells(one, chunk.row(row)):
                    seen.filled += rows
                    seen.unread += rows * unread
                    seen.several += rows * chosen.several
                    seen.run_together += rows * chosen.run_together
                    seen.numbers += rows * _is_number(cell, one.question)
        message = _otherwise(one, seen, layout)
        if message is not None:
            return message
    return None


def _cells(one: ChoiceQuestion, row: SheetRow) -> Iterator[tuple[CellValue, bool, Chosen]]:
    """The filled cells of a question in a row, and whether nothing in them is known."""
    chosen = one.of(row)
    for item, index in one.columns.items():
        cell = row.at(index)
        if is_blank(cell) or isinstance(cell, CellError):
            continue
        nothing = bool(chosen.unread) and not chosen.is_answered
        yield cell, chosen.marks[item] == "invalid" if item else nothing, chosen


def _otherwise(one: ChoiceQuestion, seen: _Seen, layout: SheetLayout) -> str | None:
    names = list(dict.fromkeys(f"“{layout.name(index)}”" for index in one.columns.values()))
    where = (
        f"The choices in the column {names[0]}"
        if len(names) == 1
        else f"The choices in the columns {names[0]} to {names[-1]}"
    )
    if seen.run_together > seen.several:
        return (
            f"{where} are not parted as in this return before: whoever chose several would count as having chosen none. Export"
            " again, and do not open and save the file in a spreadsheet program in between."
        )
    if seen.filled < FEWEST or not (seen.unread == seen.filled or is_too_much(seen.unread, seen.filled, 0.5)):
        return None
    words = [number_of(word) is not None for word in _expected(one.question)]
    if not any(words) and 2 * seen.numbers > seen.filled:
        return f"{where} {AS_CODES}"
    if all(words) and 2 * seen.numbers < seen.filled:
        return f"{where} {AS_TEXT}"
    return (
        f"{where} are none of those that the contract knows. Export again as before; if the form has other options by now, the"
        " central team has to add them."
    )


def _is_number(cell: CellValue, question: Choices) -> bool:
    written = parts(text_of(cell), question.separator) if question.separator else [text_of(cell)]
    return all(number_of(part) is not None for part in written)


def _expected(question: Choices) -> Iterable[str]:
    """How an option that was chosen is written, as the contract has it."""
    stated = [word for word, mark in question.codes.items() if mark == "chosen"]
    return question.written or stated or ["1"]
