"""The programme's sample returns, read by the sites' own contracts: every count and reason, to the row."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.read_file import read_file
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.privacy.pseudonym import Pseudonyms

pytestmark = pytest.mark.shared
NIGHTS = ("night1", "night2")
COUNTS = ("received", "accepted", "rejected", "duplicate", "not_data")
# What a file reads as, for the statuses that admission gives: the rest depend on the other files.
TOKENS = {"file_sha256", "panel_id", "respondent_id", "row_number", "session_id", "text_sha256"}
READS = {"accepted": "read", "superseded": "read", "duplicate_file": "read", "blocked": "held"}


@pytest.fixture(scope="module")
def packaged() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def answers(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "returns" / "answers.json").read_text())
    return found


@pytest.fixture(scope="module")
def reads(shared: Path, packaged: Catalogue) -> dict[tuple[str, str], FileReading | None]:
    """Every file of both nights; None where no contract takes it."""
    found: dict[tuple[str, str], FileReading | None] = {}
    pseudonyms = Pseudonyms(b"a key of the tests alone, 32 byte")
    for night in NIGHTS:
        root = shared / "returns" / night
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            name = path.relative_to(root).as_posix()
            site, below = name.split("/", 1)
            contract = next((contract for contract in packaged.of(site) if contract.glob.fullmatch(below)), None)
            content = path.read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            found[(night, name)] = contract and read_file(
                content, FileContext(path.name, site, sha256, contract, packaged, pseudonyms, lambda text: [])
            )
    return found


def expected(answers: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    wanted = {("night1", name): dict(values) for name, values in answers["files"].items()}
    for values in answers["night2"].values():
        if isinstance(values, dict):
            wanted[("night2", values["file"])] = {
                key: value for key, value in values.items() if key not in ("file", "because")
            }
    return wanted


def test_every_file_is_asked_for(reads: dict[tuple[str, str], FileReading | None], answers: dict[str, Any]) -> None:
    assert set(expected(answers)) == set(reads)


def test_every_count_and_reason(reads: dict[tuple[str, str], FileReading | None], answers: dict[str, Any]) -> None:
    for file, wanted in expected(answers).items():
        read, status = reads[file], wanted.pop("status")
        if status == "unrecognised":
            assert read is None, file
            continue
        assert read is not None, file
        assert read.status == READS.get(status, status), (file, read.message)
        if not wanted:
            continue
        result = read.result
        got = {name: getattr(result, name) for name in COUNTS} | dict(result.reasons)
        assert {key: value for key, value in got.items() if value} == wanted, file


def test_the_bad_returns_of_the_second_night_say_why(
    reads: dict[tuple[str, str], FileReading | None], answers: dict[str, Any]
) -> None:
    missing = reads[("night2", answers["night2"]["stoke"]["file"])]
    assert missing is not None
    assert missing.cause == "missing_column"
    assert "“attendance/total”" in (missing.message or "")
    blocked = reads[("night2", answers["night2"]["plymouth"]["file"])]
    assert blocked is not None
    assert blocked.cause == "rejected_rows"
    assert blocked.result.faults > 190


def test_totals(reads: dict[tuple[str, str], FileReading | None], answers: dict[str, Any]) -> None:
    found = [
        (name, issue.sheet)
        for (night, name), read in reads.items()
        for issue in (read.result.issues if read and night == "night1" else ())
        if issue.reason == "total_mismatch"
    ]
    assert found == [(item["file"], item["sheet"]) for item in answers["totals_wrong"]]


def test_sessions_by_month_and_activity(
    reads: dict[tuple[str, str], FileReading | None], answers: dict[str, Any]
) -> None:
    """Sessions, hours and attendance of the files that count, added up by hand from the records."""
    sums: dict[tuple[str, str, str], dict[str, float]] = {}
    unmapped: dict[str, int] = {}
    counted = {name for name, values in answers["files"].items() if values["status"] == "accepted"}
    for (night, name), read in reads.items():
        if night != "night1" or name not in counted or read is None or "activity" not in read.result.columns:
            continue
        columns = read.result.columns["activity"]
        for row in (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)):
            key = (row["site"], f"{row['session_on']:%Y-%m}", row["activity"])
            unmapped[row["site"]] = unmapped.get(row["site"], 0) + (row["activity"] == "unmapped")
            of_key = sums.setdefault(key, {})

            def add(name: str, value: float, of_key: dict[str, float] = of_key) -> None:
                if value:
                    of_key[name] = of_key.get(name, 0) + value

            if row["status"] == "cancelled":
                add("cancelled", 1)
                continue
            add("delivered", 1)
            add("hours_x100", round(100 * (row["hours"] or 0)))
            add("sessions_with_hours", row["hours"] is not None)
            add("attendances_low", row["attendance_low"] or 0)
            add("attendances_high", row["attendance_high"] or row["attendance_low"] or 0)
            add("attendance_unknown", row["attendance_kind"] == "unknown")
    wanted = {
        (item["site"], item["month"], item["activity"]): {
            key: value for key, value in item.items() if key not in ("site", "month", "activity") and value
        }
        for item in answers["sessions"]
    }
    assert sums == wanted
    assert {site: count for site, count in unmapped.items() if count} == answers["unmapped_sessions"]


def test_nothing_personal_is_in_any_record_or_message(
    reads: dict[tuple[str, str], FileReading | None], answers: dict[str, Any]
) -> None:
    said: set[str] = set()
    for read in reads.values():
        if read is None:
            continue
        said |= {repr((read.message, read.result.unknown_columns))}
        said |= {repr((issue.sheet, issue.column, issue.reason, issue.message)) for issue in read.result.issues}
        for record in read.result.columns.values():
            for name, values in record.items():
                # Tokens and digests are hexadecimal: no name is in them, and there are very many.
                said |= {str(value) for value in values if name not in TOKENS}
    told = "\n".join(said)
    assert len(said) > 500
    assert [canary for canary in answers["canaries"] if canary in told] == []
    texts = "\n".join(text for read in reads.values() if read for *_, text in read.result.texts)
    assert any(canary in texts for canary in answers["canaries"]), "the search would find one"
