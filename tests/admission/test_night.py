"""A night's admission from what the lake knows, and what it lays out for the marts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tfc_platform.admission.admission_tables import write_tables
from tfc_platform.admission.admit import Night, NotTakenInError, admit
from tfc_platform.admission.arrivals import ContentHold, latest_of_each_path
from tfc_platform.contracts.catalogue import UNASSIGNED, Catalogue, load_catalogue
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake
from tfc_platform.schemas import ADMISSION_TABLES, RECORDS, REFERENCE
from tfc_platform.settings import Settings

Make = Callable[..., Intake]
Run = Callable[[Intake], Night]
HEADER = "Date,Activity,Status,People\n"


def rows(month: int, count: int, bad: int = 0) -> bytes:
    lines = [
        f"{day:02}/{month:02}/2025,Choir,Delivered,{'lots' if day <= bad else day}\n" for day in range(1, count + 1)
    ]
    return (HEADER + "".join(lines)).encode()


@pytest.fixture
def log(settings: Settings) -> Path:
    folder = Path(settings.landing) / "elsewhere" / "log"
    folder.mkdir(parents=True)
    return folder


def statuses(night: Night) -> dict[str, str]:
    return {row["file"].rsplit("/", 1)[1]: row["status"] for row in submissions(night)}


def submissions(night: Night) -> list[dict[str, str]]:
    return [
        {"file": item.arrival.path, "site": item.arrival.site, "status": item.status}
        for item in latest_of_each_path(night.submissions)
    ]


def state(night: Night) -> tuple[bool, date | None]:
    found = next(state for state in night.states if state.site == "elsewhere")
    return found.is_held, found.held_since


def test_nights_of_a_site(log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run) -> None:
    (log / "log 2025-04.csv").write_bytes(rows(4, 20))
    (log / "log 2025-04 (1).csv").write_bytes(rows(4, 20))
    (log / "log 2025-05.csv").write_bytes(rows(5, 10))
    (log / "minutes.docx").write_bytes(b"PK")
    first = run_night(intake(with_elsewhere))
    assert statuses(first) == {
        "log 2025-04.csv": "accepted",
        "log 2025-04 (1).csv": "duplicate_file",
        "log 2025-05.csv": "accepted",
        "minutes.docx": "unrecognised",
    }
    assert sum(receipt.accepted for receipt in first.admitted) == 30
    assert {item.return_key: item.status for item in first.expected if item.site == "elsewhere"} == {
        "2025-04": "received",
        "2025-05": "received",
    }

    (log / "log 2025-05 v2.csv").write_bytes(rows(5, 20, bad=12))
    bad = run_night(intake(with_elsewhere, 1))
    assert statuses(bad)["log 2025-05 v2.csv"] == "held"
    assert statuses(bad)["log 2025-05.csv"] == "accepted"
    assert state(bad) == (True, date(2025, 7, 1))
    assert sum(receipt.accepted for receipt in bad.admitted) == 30

    (log / "log 2025-05 v3.csv").write_bytes(rows(5, 25))
    corrected = run_night(intake(with_elsewhere, 2))
    assert state(corrected) == (False, None)
    assert statuses(corrected)["log 2025-05.csv"] == "superseded"
    assert sum(receipt.accepted for receipt in corrected.admitted) == 45
    overdue = {item.return_key: item.status for item in corrected.expected if item.site == "elsewhere"}
    assert overdue["2025-06"] == "not_yet_due"


def test_the_tables_are_those_that_the_records_promise(
    log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run
) -> None:
    (log / "log 2025-04.csv").write_bytes(rows(4, 30, bad=2))
    tonight = intake(with_elsewhere)
    night = run_night(tonight)
    places = tonight.settings.places
    tables = {name: pq.read_table(path) for name, (path,) in write_tables(night, with_elsewhere, places).items()}
    wanted = ADMISSION_TABLES | REFERENCE
    assert {name: table.schema for name, table in tables.items()} == wanted
    (admitted,) = tables["admitted"].to_pylist()
    files = night.files(places)
    assert set(files) == {*RECORDS, "row_issue"}
    facts = pq.read_table(files["activity"][0])
    assert (admitted["record"], admitted["accepted"], facts.num_rows) == ("activity", 28, 28)
    issues = pq.read_table(files["row_issue"][0]).to_pylist()
    assert [issue["row_number"] for issue in issues if issue["disposition"] == "rejected"] == [2, 3]
    submission = next(row for row in tables["submission"].to_pylist() if row["site"] == "elsewhere")
    assert (submission["received"], submission["accepted"], submission["rejected"], submission["is_counted"]) == (
        30,
        28,
        2,
        True,
    )


def test_an_unchanged_night_has_the_same_fingerprint_and_a_new_file_another(
    log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run
) -> None:
    (log / "log 2025-04.csv").write_bytes(rows(4, 20))
    same_day = date(2025, 6, 30)
    first = run_night(intake(with_elsewhere, 0, same_day)).fingerprint
    assert run_night(intake(with_elsewhere, 1, same_day)).fingerprint == first
    assert run_night(intake(with_elsewhere, 1, date(2025, 7, 6))).fingerprint != first, "a return is overdue now"
    (log / "log 2025-05.csv").write_bytes(rows(5, 20))
    assert run_night(intake(with_elsewhere, 2, same_day)).fingerprint != first


def test_a_hold_takes_the_latest_content_out(
    log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run
) -> None:
    path = log / "log 2025-04.csv"
    path.write_bytes(rows(4, 20))
    run_night(intake(with_elsewhere))
    path.write_bytes(rows(4, 25))
    tonight = intake(with_elsewhere, 1)
    night = run_night(tonight)
    latest = night.latest_contents("elsewhere", {"log"})
    assert len(latest) == 1
    assert night.latest_contents("elsewhere", {"stories"}) == night.latest_contents("nowhere", {"log"}) == {}
    held = admit(tonight, {sha256: ContentHold("Its rows break a rule.") for sha256 in latest})
    assert [receipt.accepted for receipt in held.admitted] == [20]
    assert state(held) == (True, date(2025, 7, 1))


def test_a_mended_name_counts(log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run) -> None:
    (log / "our log.csv").write_bytes(rows(4, 20))
    refused = run_night(intake(with_elsewhere))
    assert statuses(refused) == {"our log.csv": "rejected"}
    assert state(refused)[0]
    (log / "our log.csv").rename(log / "log 2025-04.csv")
    corrected = run_night(intake(with_elsewhere, 1))
    assert statuses(corrected) == {"our log.csv": "duplicate_file", "log 2025-04.csv": "accepted"}
    assert state(corrected) == (False, None)
    assert [receipt.accepted for receipt in corrected.admitted] == [20]


def test_a_site_whose_contract_comes_after_its_files(
    log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run
) -> None:
    (log / "log 2025-04.csv").write_bytes(rows(4, 20))
    before = run_night(intake(load_catalogue()))
    assert [(row["site"], row["status"]) for row in submissions(before)] == [(UNASSIGNED, "unrecognised")]
    after = run_night(intake(with_elsewhere, 1))
    assert [(row["site"], row["status"]) for row in submissions(after)] == [("elsewhere", "accepted")]
    gone = run_night(intake(load_catalogue(), 2))
    assert {row["status"] for row in submissions(gone)} == {"unrecognised"}, "and before it is gone again"


def test_what_was_not_read_under_todays_contract_is_not_left_out_in_silence(
    log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run
) -> None:
    (log / "log 2025-04.csv").write_bytes(rows(4, 20))
    run_night(intake(with_elsewhere))
    contracts = tuple(
        contract.model_copy(update={"description": "Changed."}) if contract.source == "log" else contract
        for contract in with_elsewhere.contracts
    )
    changed = intake(replace(with_elsewhere, contracts=contracts), 1)
    with pytest.raises(NotTakenInError, match="elsewhere/log has files that have not been read under today's contract"):
        admit(changed)
    take_in(changed, "elsewhere")
    assert [receipt.accepted for receipt in admit(changed).admitted] == [20]
