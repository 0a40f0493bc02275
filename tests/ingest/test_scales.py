"""What a file says of its own scale, and of its clock: labels against the codebook, answers outside the codes, dates at 23:00."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.label_checks import _contradiction
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.sheets.sheet_model import Variable

from .conftest import HEADER

Make = Callable[..., Contract]
Read = Callable[..., FileReading]
VALUES = {"1": 1, "2": 2, "3": 3}
LABELS = {1: "Disagree", 2: "Neither", 3: "Agree"}


@pytest.mark.parametrize(
    ("codes", "found"),
    [
        ({"1": "Disagree", "3": "Agree"}, None),
        ({"1": "agree ", "2": "Neither"}, ("1", "agree ", "Disagree")),
        ({"1": "Not at all", "2": "A little"}, None),  # other words than the codebook's say nothing
        ({"97": "Agree"}, None),  # the contract reads no such code
        ({}, None),
    ],
)
def test_labels_against_the_codebook(codes: dict[str, str], found: tuple[str, str, str] | None) -> None:
    assert _contradiction(Variable("q1", None, "number", codes), VALUES, LABELS) == found


def noticed(found: FileReading) -> list[str]:
    return [issue.reason for issue in found.result.issues if issue.reason == "midnight_in_utc"]


@pytest.mark.parametrize(
    ("hours", "said"),
    [((23, 23, 23, 23), 1), ((23, 23, 23, 0), 1), ((23, 23, 23, 10), 0), ((0, 0, 0, 0), 0), ((23, 23, 10, 10), 0)],
)
def test_dates_at_eleven_at_night(
    contract: Make, read: Read, book_of: Any, csv_of: Any, session: Any, hours: tuple[int, ...], said: int
) -> None:
    moments = [datetime(2025, 5, day, hour) for day, hour in enumerate(hours, start=2)]
    book = book_of({"A": [HEADER, *(session(n, Date=moment) for n, moment in enumerate(moments))]})
    assert len(noticed(read(book, contract(read={"format": "workbook"})))) == said
    text = csv_of([session(n, Date=f"{moment:%d/%m/%Y %H:%M}") for n, moment in enumerate(moments)])
    assert len(noticed(read(text, contract()))) == said
