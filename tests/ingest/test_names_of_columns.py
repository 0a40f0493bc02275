"""Names of columns that may be people's are said by their number; counts under a person's word are counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.ingest.sayable_names import is_sayable
from tfc_platform.ingest.values.dates import parse_date
from tfc_platform.privacy.personal_data import looks_personal

from .conftest import HEADER

Make = Callable[..., Contract]
Read = Callable[..., FileReading]


@pytest.mark.parametrize(
    ("name", "sayable"),
    [
        ("Attendance total", True),
        ("Reviewer", True),
        ("Q5_1", True),
        ("People", True),  # a word of the contract's own
        ("Arlo Penhale", False),
        ("Zorvanna", False),
        ("Notes on Zorvanna", False),
    ],
)
def test_which_names_may_be_repeated(contract: Make, name: str, sayable: bool) -> None:
    assert is_sayable(name, contract()) is sayable


def test_children_as_columns_are_said_nowhere(contract: Make, read: Read, csv_of: Any, session: Any) -> None:
    rows = [(*session(number), "x", "") for number in range(3)]
    found = read(csv_of(rows, (*HEADER, "Arlo Penhale", "Bronwen Tozer")), contract())
    everything = repr((found.message, found.result.issues, found.result.unknown_columns, found.result.flags))
    assert "Arlo" not in everything
    assert "Bronwen" not in everything
    assert [issue.column for issue in found.result.issues if issue.reason == "unknown_column"] == [
        "column 7",
        "column 8",
    ]


@pytest.mark.parametrize(
    ("header", "cells", "kind"),
    [
        ("Child", ["4", "12", "0"], None),
        ("Parent", ["2"], None),
        ("Child", ["4", "Zorvanna"], "name_header"),
        ("Child", ["Zorvanna"], "name_header"),
        ("Pupil number", ["4", "5"], "pupil_number"),
        ("Ref", ["A823432498101", "B823432498102"], "pupil_number"),
        ("Column 3", ["Jamie Fox", "Aisha Khan", "Zorvanna Quill", "Owen Tozer"], "name"),
        ("Column 3", ["Fox, Jamie", "Mrs Quill", "Sarah-Jane O’Neill", "-"], "name"),
        ("Column 3", ["jamie", "aisha", "owen"], "name"),
        ("Column 3", ["Jamie Fox", "Aisha Khan"], None),  # two are chance
        ("Column 3", ["Victoria Park", "Grace Academy", "Thomas Street"], None),
        ("Column 3", ["May", "June", "April", "August"], None),
        ("Column 3", ["St Mary's", "Education", "Half term", "Play session"], None),
    ],
)
def test_counts_under_a_persons_word(header: str, cells: list[str], kind: str | None) -> None:
    assert looks_personal(header, cells) == kind


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026/05/11 3:00:00 PM GMT+1", date(2026, 5, 11)),
        ("2026/05/11 11:30:00 PM GMT", date(2026, 5, 12)),  # half past midnight of British Summer Time
        ("2026/01/11 12:10:00 AM GMT", date(2026, 1, 11)),
        ("2026/05/11 12:10:00 AM GMT+2", date(2026, 5, 10)),
        ("2026/13/11 3:00:00 PM GMT", None),
        ("2026/05-11", None),
    ],
)
def test_times_as_google_forms_writes_them(written: str, day: date | None) -> None:
    assert parse_date(written, ("y-m-d",)) == day
