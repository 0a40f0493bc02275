"""What taking in makes of a file's format: the verdict, the security event, and what the receipt says of it."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake


def evil() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("../evil.csv", "a,b")
    return content.getvalue()


def test_a_harmful_file_is_a_security_event(
    intake: Callable[..., Intake], landing: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (landing / "here" / "log" / "log 2025-04.csv").write_bytes(evil())
    with caplog.at_level(logging.WARNING):
        take_in(intake(), "here")
    events = [record.getMessage() for record in caplog.records if "security event" in record.getMessage()]
    assert events == [
        "security event: here/log/log 2025-04.csv was not opened. The file holds a member with an unsafe path. It was not opened."
    ]


def test_the_receipt_says_what_the_bytes_were(
    intake: Callable[..., Intake], landing: Path, session: Callable[..., Any], csv_of: Callable[..., bytes]
) -> None:
    place = landing / "here" / "log" / "log 2025-04.csv"
    place.write_bytes(csv_of([session(0), session(1)], delimiter=";"))
    home = intake()
    take_in(home, "here")
    (receipt,) = (json.loads(path.read_bytes()) for path in (home.settings.places.lake / "receipts").rglob("*.json"))
    assert (receipt["status"], receipt["accepted"]) == ("read", 2)
    assert receipt["read_as"] == {"format": "csv", "encoding": "utf-8", "delimiter": ";"}


def test_data_on_a_hidden_sheet_alone(
    contract: Callable[..., Contract], read: Callable[..., Any], book_of: Callable[..., bytes], session: Any
) -> None:
    def change(book: Any) -> None:
        book["Old data"].sheet_state = "veryHidden"

    header = ("Date", "Activity", "Status", "People", "Hours", "Notes")
    found = read(book_of({"Apr": [], "Old data": [header, session(0)]}, change), contract(read={"format": "workbook"}))
    assert (found.status, found.cause) == ("rejected", "no_data")
    assert "Hidden sheets are not read: if the rows are on “Old data”, show it" in found.message
    assert found.hidden == {"sheets": 1}
