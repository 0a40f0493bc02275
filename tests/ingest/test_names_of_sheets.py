"""A sheet that is named after somebody is called by its number: in the lake, in issues, in flags and in messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.ingest.sayable_sheets import sheet_aliases

from .conftest import HEADER

Make = Callable[..., Contract]
Read = Callable[..., FileReading]
BOOK: dict[str, Any] = {"files": "log/*.xlsx", "read": {"format": "workbook"}}


@pytest.mark.parametrize(
    "name",
    [
        "Sheet1",
        "Apr 25",
        "Sept 2025",
        "Jan",
        "OLD do not use",
        "Form responses 1",
        "Log",
        "group_visits",
        "Raw data (2)",
        "Q1",
    ],
)
def test_names_that_sheets_have(contract: Make, name: str) -> None:
    assert sheet_aliases([name], contract(**BOOK)) == {}


def test_a_name_of_somebody_is_a_number(contract: Make) -> None:
    names = ["Log", "Amelia Quarrelwick", "sheet 3", "Quarrelwick"]
    aliases = sheet_aliases(names, contract(**BOOK))
    assert aliases == {"Amelia Quarrelwick": "sheet 2", "Quarrelwick": "sheet 4"}
    assert sheet_aliases(["sheet 2", "Quarrelwick"], contract(**BOOK)) == {"Quarrelwick": "sheet 2a"}


def test_no_name_of_a_sheet_is_repeated(contract: Make, read: Read, book_of: Any, session: Any) -> None:
    rows = [session(1), session(2, People="many"), session(3, Notes="he harmed her, ring 07700 900123")]

    def hide(workbook: Any) -> None:
        workbook["Ottoline"].sheet_state = "hidden"

    sheets = {"Log": [HEADER, session(4)], "Amelia Quarrelwick": [HEADER, *rows], "Ottoline": [HEADER, session(5)]}
    found = read(book_of(sheets, hide), contract(**BOOK))
    assert (found.status, found.result.accepted) == ("read", 3)
    assert found.result.columns["activity"]["sheet"] == ["Log", "sheet 2", "sheet 2"]
    assert [flag.sheet for flag in found.result.flags] == ["sheet 2"]
    said = repr((found.message, found.result.issues, found.result.flags, found.result.columns, found.result.texts))
    assert "sheet 2" in said
    assert "Amelia" not in said
    assert "Ottoline" not in said
