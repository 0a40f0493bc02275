"""A respondent's answers to the items of an instrument: cells to values by the contract's codes, one record an item.

Belongs here: what a cell of an item means. Does not belong: direction, bases or indicators, which are the codebooks' and the
marts', nor whether the respondent counts (`rows`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tfc_platform.contracts.model import AnswerGroup, CodeSet, applies, normal
from tfc_platform.take_in.grid import Row, Sheet, cell_address, text_of
from tfc_platform.take_in.header import Layout
from tfc_platform.take_in.taken import Issue, Taken
from tfc_platform.take_in.values.bands import mangled_band

__all__ = ["Answer", "add_answers", "answers_of", "code_set"]


@dataclass(frozen=True)
class Answer:
    """One survey item: its column, what each way of writing means, and why a cell may be no answer."""

    item: str
    instrument: str | None  # none: the survey's own
    index: int
    values: dict[str, int]
    missing: dict[str, str]
    blank: str


def code_set(group: AnswerGroup, facts: dict[str, str]) -> CodeSet | None:
    """How a file's answers are written; None where the contract does not say it of a file with this name."""
    return next((codes for codes in group.codes if applies(codes.when, facts)), None)


def answers_of(layout: Layout, facts: dict[str, str]) -> list[Answer]:
    """The items that a sheet has, each with the codes of this file."""
    found = []
    for group, places in layout.items:
        codes = code_set(group, facts)
        values = {normal(key): value for key, value in codes.values.items()} if codes else {}
        missing = {normal(key): str(value) for key, value in group.missing.items()}
        found += [Answer(item, group.instrument, index, values, missing, group.blank) for item, index in places.items()]
    return found


def add_answers(
    sheet: Sheet,
    row: Row,
    layout: Layout,
    answers: Sequence[Answer],
    respondent: dict[str, Any],
    taken: Taken,
    is_book: bool = False,
) -> None:
    """Add a record for each item that a respondent was asked, answered or not.

    :param respondent: the fields that the answers share with their respondent.
    :param is_book: whether cells have addresses.
    """
    for answer in answers:
        code = normal(text_of(row.at(answer.index)))
        value = answer.values.get(code)
        missing = None if value is not None else answer.missing.get(code, "invalid") if code else answer.blank
        if missing == "invalid":
            band = mangled_band(row.at(answer.index), answer.values)
            message = band or "This answer is none of the codes that the contract knows: it was left out."
            column = layout.name(answer.index)
            cell = cell_address(row.number, answer.index) if is_book else None
            issue = Issue(sheet.name, row.number, column, "warn", "invalid_answer", message, cell=cell)
            taken.issues.append(issue)
        known = code if code and missing != "invalid" else None
        instrument = answer.instrument or respondent.get("instrument")
        own = {"instrument": instrument, "item": answer.item, "code": known, "value": value, "missing_reason": missing}
        taken.add("survey_answer", respondent | own)
