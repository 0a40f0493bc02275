"""What a survey's file, or one answer as a whole, gives away about how it was exported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from tfc_platform.contracts.model import AnswerGroup, Column, Contract, normal
from tfc_platform.ingest.cell_values import CellProblem
from tfc_platform.ingest.header_fields import SheetLayout
from tfc_platform.ingest.survey_answers import code_set
from tfc_platform.ingest.values.numbers import number_of
from tfc_platform.ingest.values.rewritten import known_form
from tfc_platform.sheets.cell_columns import Bools, ColumnChunk
from tfc_platform.sheets.sheet_model import CellValue, Sheet, SheetRow, is_blank, text_of

__all__ = [
    "AS_CODES",
    "AS_TEXT",
    "FEWEST",
    "answer_coding_fault",
    "ends_before",
    "rows_ending_before",
    "time_columns",
    "weight_problem",
]

FEWEST = 3  # answers, before a file as a whole is judged by them
AS_CODES = (
    "were exported as codes; expected text, as in this return before. Export them again with the wording of the choices, and"
    " send that."
)
AS_TEXT = (
    "were exported as text; expected codes, as in this return before. Export them again as numbers, and send that."
)

FieldProblem = tuple[int, Column, CellProblem]


def answer_coding_fault(sheet: Sheet, layout: SheetLayout, facts: Mapping[str, str]) -> str | None:
    """Why a sheet's answers are not written as the contract says of this file, or None.

    It is so where most answers of a group fit no code of the file's own, and are all of one other kind: numbers where words
    are expected, words where numbers are, or the codes that hold for other files.
    """
    counts = {number: Counter[str]() for number in range(len(layout.items))}
    known = [_codes(group, facts) for group, _ in layout.items]
    for chunk in sheet.chunks_after(layout.first_data):
        for number, (_, places) in enumerate(layout.items):
            own, missing, others = known[number]
            for column in map(chunk.column, places.values()):
                for cell, cells in column.counted():
                    text = known_form(normal(text_of(cell)), own, missing, others)
                    if not text or text in missing:
                        continue
                    counts[number]["all"] += cells
                    counts[number]["own"] += cells * (text in own)
                    counts[number]["number"] += cells * (number_of(text) is not None)
                    counts[number]["other"] += cells * (text in others)
    for number, found in counts.items():
        if found["all"] >= FEWEST and 2 * found["own"] < found["all"]:
            message = _otherwise(known[number][0], found)
            if message is not None:
                return message
    return None


def _codes(group: AnswerGroup, facts: Mapping[str, str]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The codes of this file, those that are no answer, and those of other files."""
    own = code_set(group, dict(facts))
    others = frozenset(normal(code) for codes in group.codes if codes is not own for code in codes.values)
    values = frozenset(map(normal, own.values)) if own else frozenset()
    return values, frozenset(map(normal, group.missing)), others - values


def _otherwise(own: frozenset[str], found: Counter[str]) -> str | None:
    numeric = [number_of(code) is not None for code in own]
    if not any(numeric) and 2 * found["number"] > found["all"]:
        return f"The answers {AS_CODES}"
    if numeric and all(numeric) and 2 * found["number"] < found["all"]:
        return f"The answers {AS_TEXT}"
    if 2 * found["other"] > found["all"]:
        return (
            "The answers are written as in another return of this survey, not as in this one. Check that the file's name says"
            " the right wave, and that it was exported in the same way."
        )
    return None


def weight_problem(
    fields: Mapping[str, tuple[Column, int]], row: SheetRow, values: dict[str, Any]
) -> list[FieldProblem]:
    """A weight that cannot be used is left out, and said: with one such weight none of the survey's is used."""
    if "weight" not in fields:
        return []
    column, index = fields["weight"]
    weight = values.get("weight")
    if weight is not None and weight > 0:
        return []
    if weight is None and not is_blank(row.at(index)):
        return []  # it is no number, which is said already
    what = "missing" if weight is None else "zero" if weight == 0 else "negative"
    values["weight"] = None
    message = (
        f"The weight is {what}. While one weight of a survey cannot be used none is, and its figures are unweighted: ask who"
        " made the weights for it."
    )
    return [(index, column, CellProblem("invalid_weight", message, kept=True))]


def time_columns(contract: Contract, layout: SheetLayout) -> tuple[int, int] | None:
    """Where an answer's start and end stand, or None where the contract or the sheet has not both."""
    if contract.times is None:
        return None
    found = [
        next(
            (i for i, name in enumerate(layout.names) if name and any(header.matches(name) for header in headers)), None
        )
        for headers in (contract.times.start, contract.times.end)
    ]
    return (found[0], found[1]) if found[0] is not None and found[1] is not None else None


def _moment(cell: CellValue) -> datetime | None:
    if isinstance(cell, datetime):
        return cell
    try:
        return datetime.fromisoformat(text_of(cell)) if isinstance(cell, str) else None
    except ValueError:
        return None


def rows_ending_before(places: Sequence[int], chunk: ColumnChunk) -> Bools:
    """For each row whether its answer ends before it starts."""
    start, end = (chunk.column(index) for index in places)
    starts, ends = ([_moment(cell) for cell in column.cells] for column in (start, end))
    pairs = zip(start.codes.tolist(), end.codes.tolist(), strict=True)
    return np.fromiter((_is_before(ends[last], starts[first]) for first, last in pairs), np.bool_, len(chunk))


def _is_before(end: datetime | None, start: datetime | None) -> bool:
    if start is None or end is None or (start.tzinfo is None) != (end.tzinfo is None):
        return False
    return end < start


def ends_before(places: Sequence[int], row: SheetRow) -> bool:
    """Whether an answer ends before it starts. Times that cannot be told apart for certain are not compared."""
    start, end = (_moment(row.at(index)) for index in places)
    return _is_before(end, start)
