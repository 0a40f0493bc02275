"""Every bad return of the manifest, dropped into a landing zone, taken in and decided upon: outcome, rows, children, word.

The manifest says what a user would expect; `contracts/` is the contract that they stand under. A case that the platform
does not meet yet is marked with who is to meet it, strictly: once it is met the mark has to go.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from tfc_platform.admission.admit import admit
from tfc_platform.admission.arrivals import Submission
from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake
from tfc_platform.ingest.landing import Landing
from tfc_platform.ingest.safeguarding_screen import load_rules
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.settings import Settings

HERE = Path(__file__).resolve().parent
FILES = HERE / "files"
CASES: list[dict[str, Any]] = json.loads((FILES / "manifest.json").read_text(encoding="utf-8"))
SITE, SOURCE = "grimsby", "bad_returns"
NIGHT = datetime(2026, 5, 1, 2, tzinfo=UTC)

# The manifest's words in the platform's own, as the README beside it has them.
STATUSES: dict[str, frozenset[str]] = {
    "accept": frozenset({"accepted"}),
    "accept_with_warning": frozenset({"accepted"}),
    "ignore": frozenset({"unrecognised"}),
    "quarantine": frozenset({"held"}),
    "quarantine_column": frozenset({"accepted"}),
    "quarantine_or_warn": frozenset({"held", "accepted"}),
    "quarantine_rows": frozenset({"accepted"}),
    "reject": frozenset({"unreadable", "rejected"}),
    "reject_or_accept_with_warning": frozenset({"unreadable", "rejected", "accepted"}),
    "skip_duplicate": frozenset({"duplicate_file"}),
}
# Not met yet, and whose part it is. 55 and 56 come after the clean file.
OPEN: dict[str, str] = {}
AFTER_THE_CLEAN_ONE = ("55_same_bytes_other_name.csv", "56_resaved_same_content.csv")


@dataclass(frozen=True)
class Outcome:
    """What became of one file: its verdict, what was said of it, and the rows that were taken."""

    submission: Submission
    issues: list[dict[str, Any]]
    rows: list[dict[str, Any]]

    @property
    def said(self) -> str:
        """Every sentence about the file, with the columns and sheets that it names."""
        parts = [self.submission.message or ""]
        for issue in self.issues:
            parts += [str(issue[name]) for name in ("sheet", "column", "cell", "reason", "message") if issue.get(name)]
        return "\n".join(parts)


@pytest.fixture(scope="session")
def catalogues() -> dict[str, Catalogue]:
    """The contract as it stands, and as it would declare a log that is sent as a workbook."""
    found = load_catalogue([HERE / "contracts"])
    contract = found.contract(SITE, SOURCE)
    book = contract.model_copy(update={"read": contract.read.model_copy(update={"format": "workbook"})})
    others = tuple(item for item in found.contracts if item is not contract)
    changed = Catalogue(**{**vars_of(found), "contracts": (*others, book)})
    return {"csv": found, "workbook": changed}


def vars_of(catalogue: Catalogue) -> dict[str, Any]:
    return {name: getattr(catalogue, name) for name in catalogue.__dataclass_fields__}


@pytest.fixture
def outcome(tmp_path: Path, catalogues: dict[str, Catalogue]) -> Callable[..., Outcome]:
    """Drop files into a landing zone, a night each, and say what became of the last one."""

    def run(*names: str) -> Outcome:
        landing, home = tmp_path / "landing", tmp_path / "home"
        kind = "workbook" if names[-1].endswith((".xlsx", ".xls")) else "csv"
        intake: Intake | None = None
        for number, name in enumerate(names):
            target = landing / SITE / "log" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((FILES / name).read_bytes())
            settings = Settings(str(landing), home, (), "duckdb", date(2026, 5, 1) + timedelta(days=number), None)
            settings.places.make()
            intake = Intake(
                settings=settings,
                catalogue=catalogues[kind],
                pseudonyms=Pseudonyms(b"a key of the tests alone, 32 byte"),
                rules=load_rules(),
                landing=Landing(str(landing)),
                now=NIGHT + timedelta(days=number),
            )
            take_in(intake, SITE)
        assert intake is not None
        return outcome_of(intake, names[-1])

    return run


def outcome_of(intake: Intake, name: str) -> Outcome:
    places = intake.settings.places
    night = admit(intake)
    submission = next(item for item in night.submissions if item.arrival.path.endswith(f"/{name}"))
    receipts = [json.loads(path.read_bytes()) for path in (places.lake / "receipts").rglob("*.json")]
    receipt = next((item for item in receipts if item["sha256"] == submission.arrival.sha256), None)
    issues, rows = [], []
    if receipt and receipt["issues"]:
        issues = pq.read_table(places.lake / receipt["issues"]).to_pylist()
    if receipt and "activity" in receipt["records"]:
        rows = pq.read_table(places.lake / receipt["records"]["activity"]["path"]).to_pylist()
    return Outcome(submission, issues, rows)


def cases() -> list[Any]:
    return [
        pytest.param(
            case,
            id=case["file"],
            marks=[pytest.mark.xfail(strict=True, reason=OPEN[case["file"]])] if case["file"] in OPEN else [],
        )
        for case in CASES
    ]


@pytest.mark.parametrize("case", cases())
def test_what_the_manifest_expects(case: dict[str, Any], outcome: Callable[..., Outcome]) -> None:
    name = case["file"]
    before = ["00_clean.csv"] if name in AFTER_THE_CLEAN_ONE else []
    found = outcome(*before, name)
    arrival = found.submission.arrival
    assert found.submission.status in STATUSES[case["expect"]], found.said
    assert arrival.received == arrival.accepted + arrival.rejected + arrival.duplicate
    if (mention := case["message_must_mention"]) is not None:
        assert mention.casefold() in found.said.casefold()
    assert not leaked(FILES / name, found.said)
    if found.submission.status == "held" and not case["rows"]:
        assert not found.submission.is_counted, "whatever could be read of it"
    elif found.submission.status in ("accepted", "held"):
        if "good_counts" not in case:  # there the rows are those with a count: a missing code is no error either
            assert arrival.accepted == case["rows"], found.said
        check_values(case, found.rows)


def check_values(case: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    days = [row["session_on"].isoformat() for row in rows]
    counts = [row["attendance_low"] for row in rows]
    if case["children_total"] is not None:
        assert sum(count or 0 for count in counts) == case["children_total"]
    if "first_date" in case:
        assert days[0] == case["first_date"]
    if "good_dates" in case:
        assert days == case["good_dates"]
    if "good_counts" in case:
        assert [count for count in counts if count is not None] == case["good_counts"]
    if "zeros" in case:
        assert (counts.count(0), rows[0]["attendance_kind"]) == (case["zeros"], "unknown")


KNOWN = {"site", "activity", "date", "venue ward", "children attended", "adults attended", "duration (hours)"}


def private_cells(path: Path) -> set[str]:
    """The cells of every column but the contract's own, as far as the standard library and openpyxl read the file."""
    content = path.read_bytes()
    tables: list[list[tuple[object, ...]]] = []
    if content.startswith(b"PK") and path.suffix == ".xlsx":
        try:
            book = openpyxl.load_workbook(io.BytesIO(content))
        except Exception:
            return set()
        tables = [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]
    elif path.suffix == ".csv" and content:
        csv.field_size_limit(10**7)
        tables = [[tuple(row) for row in csv.reader(io.StringIO(content.decode("utf-8-sig", "replace")))]]
    found: set[str] = set()
    for rows in tables:
        header = next((row for row in rows if any(str(cell or "").strip().casefold() == "notes" for cell in row)), ())
        for index, name in enumerate(header):
            if " ".join(str(name or "").split()).casefold().rstrip("*") in KNOWN:
                continue
            below = rows[rows.index(header) + 1 :]
            found |= {str(row[index]).strip() for row in below if index < len(row) and row[index] is not None}
    return {cell for cell in found if len(cell) > 3}


def leaked(path: Path, said: str) -> list[str]:
    """Private cells, and words of them that are long enough to tell of somebody, that stand in what was said."""
    return sorted(cell for cell in private_cells(path) if cell.casefold() in said.casefold())


def test_a_leak_would_be_seen() -> None:
    cells = private_cells(FILES / "51_pii_in_notes.csv")
    assert len(cells) == 3
    assert leaked(FILES / "51_pii_in_notes.csv", f"Row 2 says {sorted(cells)[0]}.")
    assert not leaked(FILES / "51_pii_in_notes.csv", "Row 2 of the column Notes holds a telephone number.")
    assert "07700 900123" in private_cells(FILES / "23_extra_column.csv")


def test_every_file_has_a_case() -> None:
    assert {case["file"] for case in CASES} == {path.name for path in FILES.iterdir()} - {"manifest.json"}
