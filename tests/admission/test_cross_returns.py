"""Rows that another return, another sheet or another site has too; names whose period the dates contradict."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest

from tfc_platform.admission.admission_tables import write_tables
from tfc_platform.admission.admit import Night
from tfc_platform.admission.arrivals import Submission
from tfc_platform.admission.rows_used_once import prune_used_once
from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.ingest.intake import Intake
from tfc_platform.parquet import read_parquet
from tfc_platform.settings import Settings

SESSIONS = """\
record: activity
owner: team
description: A log.
columns:
  session_on: {header: Date, type: date, required: true, invalid: reject}
  activity: {header: Activity, type: activity, required: true}
  status: {header: Status, type: category, codes: {Delivered: delivered}, required: true, invalid: reject}
  attendance: {header: People, type: attendance, required: true, invalid: reject}
free_text: [Notes]
"""
CONTRACTS = {
    "quarters": """\
files: quarters/*.csv
name: 'log (?P<year>\\d{4}) (?P<quarter>Q\\d)(?: v(?P<version>\\d+))?\\.csv'
return: {key: '{year} {quarter}', version: version}
read: {format: csv}
""",
    "months": """\
files: months/*.csv
name: 'log (?P<month>\\d{4}-\\d{2}).*\\.csv'
return: {key: '{month}'}
read: {format: csv}
""",
    "places": """\
files: places/*.csv
name: '(?P<place>\\w+)\\.csv'
return: {key: '{place}'}
read: {format: csv}
""",
    "book": """\
files: book/*.xlsx
name: '(?P<year>\\d{4})\\.xlsx'
return: {key: '{year}'}
read: {format: workbook}
""",
}
ITEMS = """\
source: items
sites: [elsewhere, beyond]
record: learning_item
owner: team
description: Items.
files: items/*.csv
name: '.*\\.csv'
return: {key: all items}
read: {format: csv}
columns:
  learning_id: {header: id, type: id, required: true, invalid: reject}
  noted_on: {header: noted_on, type: date, required: true, invalid: reject}
key: [learning_id]
"""
Row = Sequence[object]
Put = Callable[..., None]
Run = Callable[..., Night]
HEADER = ("Date", "Activity", "Status", "People", "Notes")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    root = tmp_path_factory.mktemp("contracts")
    (root / "sources").mkdir()
    for source, contract in CONTRACTS.items():
        text = f"source: {source}\nsites: [elsewhere]\n{contract}{SESSIONS}"
        (root / "sources" / f"{source}.yaml").write_text(text)
    (root / "sources" / "items.yaml").write_text(ITEMS)
    sites = (f"- {{site: {site}, name: {site.title()}, nation: Wales}}\n" for site in ("elsewhere", "beyond"))
    (root / "sites.yaml").write_text("".join(sites))
    return load_catalogue([root])


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write a CSV of sessions, or of other rows that bring their own header."""

    def write(path: str, rows: Sequence[Row], header: Row = HEADER) -> None:
        text = io.StringIO()
        csv.writer(text).writerows([header, *rows])
        target = tmp_path / "landing" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.getvalue())

    return write


@pytest.fixture
def run(catalogue: Catalogue, intake: Callable[..., Intake], run_night: Callable[[Intake], Night]) -> Run:
    return lambda night=0: run_night(intake(catalogue, night))


def sessions(month: int, count: int, note: str = "", first: int = 1) -> list[Row]:
    return [(f"{day:02}/{month:02}/2025", "Walk", "Delivered", 10 + day, note) for day in range(first, first + count)]


def by_path(night: Night) -> dict[str, Submission]:
    return {item.arrival.path: item for item in night.submissions}


def issues(night: Night, path: str, lake: Path) -> list[tuple[object, ...]]:
    receipt = night.receipts[by_path(night)[path].arrival]
    rows = read_parquet(lake / receipt.issues).to_pylist() if receipt.issues else []
    return [(row["row_number"], row["reason"], row["disposition"]) for row in rows]


def used_rows(night: Night, lake: Path) -> int:
    return sum(read_parquet(lake / item.records["activity"]["path"]).num_rows for item in night.admitted)


def sums_hold(night: Night) -> bool:
    counts = [item.arrival for item in night.submissions]
    return all(item.received == item.accepted + item.rejected + item.duplicate for item in counts)


def test_a_few_rows_of_another_quarters_file_are_used_once(
    put: Put, run: Run, tmp_path: Path, catalogue: Catalogue, settings: Settings
) -> None:
    put("elsewhere/quarters/log 2025 Q2.csv", sessions(6, 20))
    put("elsewhere/quarters/log 2025 Q3.csv", [*sessions(7, 20), *sessions(6, 3, "another note")])
    night, lake = run(), tmp_path / "home" / "lake"
    item = by_path(night)["elsewhere/quarters/log 2025 Q3.csv"]
    assert (item.status, item.arrival.accepted, item.arrival.duplicate, item.arrival.received) == (
        "accepted",
        20,
        3,
        23,
    )
    assert used_rows(night, lake) == 40
    assert sums_hold(night)
    repeated = [issue for issue in issues(night, item.arrival.path, lake) if issue[1] == "repeated_row"]
    assert repeated == [
        (22, "repeated_row", "duplicate"),
        (23, "repeated_row", "duplicate"),
        (24, "repeated_row", "duplicate"),
    ]
    assert by_path(night)["elsewhere/quarters/log 2025 Q2.csv"].arrival.accepted == 20
    tables = write_tables(night, catalogue, settings.places)
    admitted = read_parquet(tables["admitted"][0]).to_pylist()
    assert {row["file_sha256"]: row["accepted"] for row in admitted} == {
        item.arrival.sha256: 20 for item in night.submissions
    }
    assert night.files(settings.places)["activity"] == [
        lake / item.records["activity"]["path"] for item in night.admitted
    ]


def test_files_of_earlier_comparisons_are_pruned(put: Put, run: Run, tmp_path: Path, settings: Settings) -> None:
    put("elsewhere/quarters/log 2025 Q2.csv", sessions(6, 20))
    put("elsewhere/quarters/log 2025 Q3.csv", [*sessions(7, 20), *sessions(6, 3, "another note")])
    first = run()
    before = set((tmp_path / "home" / "lake" / "used_once").rglob("*.parquet"))
    put("elsewhere/quarters/log 2025 Q3.csv", [*sessions(7, 20), *sessions(6, 2, "another note")])
    second = run(1)
    both = set((tmp_path / "home" / "lake" / "used_once").rglob("*.parquet"))
    assert before < both
    assert (len(before), len(both)) == (2, 4)
    prune_used_once([*first.receipts.values(), *second.receipts.values()], settings.places)
    assert set((tmp_path / "home" / "lake" / "used_once").rglob("*.parquet")) == both, "all are named"
    prune_used_once(second.receipts.values(), settings.places)
    assert set((tmp_path / "home" / "lake" / "used_once").rglob("*.parquet")) == both - before
    assert used_rows(second, tmp_path / "home" / "lake") == 40


def test_a_row_is_the_quarters_whose_other_rows_are_of_its_month(put: Put, run: Run) -> None:
    """Whichever file came first: July's three rows in the second quarter's file are the third quarter's."""
    put("elsewhere/quarters/log 2025 Q2.csv", [*sessions(6, 20), *sessions(7, 3)])
    put("elsewhere/quarters/log 2025 Q3.csv", sessions(7, 20))
    counts = {path: item.arrival.accepted for path, item in by_path(run()).items()}
    assert counts == {"elsewhere/quarters/log 2025 Q2.csv": 20, "elsewhere/quarters/log 2025 Q3.csv": 20}


def test_a_quarter_under_another_quarters_name_is_held_until_the_right_one_comes(put: Put, run: Run) -> None:
    put("elsewhere/quarters/log 2025 Q2.csv", sessions(6, 20))
    put("elsewhere/quarters/log 2025 Q3.csv", sessions(6, 20, "another note"))
    night = run()
    item = by_path(night)["elsewhere/quarters/log 2025 Q3.csv"]
    assert (item.status, item.cause) == ("held", "other_period")
    assert "20 of 20 rows have dates outside July 2025 to September 2025" in (item.message or "")
    assert by_path(night)["elsewhere/quarters/log 2025 Q2.csv"].is_counted
    assert [state.source for state in night.held] == ["quarters"]
    put("elsewhere/quarters/log 2025 Q3 v2.csv", sessions(7, 20))
    after = run(1)
    assert not after.held
    assert by_path(after)["elsewhere/quarters/log 2025 Q3 v2.csv"].is_counted


def test_a_place_under_another_places_name_is_held(put: Put, run: Run) -> None:
    put("elsewhere/places/north.csv", sessions(6, 20))
    put("elsewhere/places/south.csv", [*sessions(6, 20, "another note"), *sessions(7, 2)])
    night = by_path(run())
    south = night["elsewhere/places/south.csv"]
    assert (south.status, south.cause) == ("held", "copied_rows")
    assert "20 of 22 rows of this file are in elsewhere/places/north.csv too" in (south.message or "")
    assert night["elsewhere/places/north.csv"].is_counted


def test_an_earlier_version_is_used_while_a_copy_is_held(put: Put, run: Run) -> None:
    put("elsewhere/quarters/log 2025 Q2.csv", sessions(6, 20))
    put("elsewhere/quarters/log 2025 Q3.csv", sessions(7, 19))
    run()
    put("elsewhere/quarters/log 2025 Q3 v2.csv", sessions(6, 20, "another note"))
    night = by_path(run(1))
    assert night["elsewhere/quarters/log 2025 Q3 v2.csv"].status == "held"
    assert night["elsewhere/quarters/log 2025 Q3.csv"].is_counted


def test_sessions_that_are_alike_at_two_places_are_both_used(put: Put, run: Run) -> None:
    put("elsewhere/places/north.csv", sessions(6, 20))
    put("elsewhere/places/south.csv", [*sessions(6, 2), *sessions(8, 20)])
    assert [item.arrival.accepted for item in by_path(run()).values()] == [20, 22]


def test_a_place_that_has_half_of_anothers_rows_is_corrected(put: Put, run: Run) -> None:
    put("elsewhere/places/north.csv", sessions(6, 20))
    put("elsewhere/places/south.csv", [*sessions(6, 8), *sessions(8, 20)])
    assert [item.arrival.accepted for item in by_path(run()).values()] == [20, 20]


def workbook(path: Path, sheets: dict[str, Sequence[Row]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in [HEADER, *rows]:
            sheet.append(list(row))
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def test_a_copied_sheet_is_used_once(run: Run, tmp_path: Path) -> None:
    sheets = {"North": sessions(6, 20), "North (2)": sessions(6, 20, "checked"), "South": sessions(7, 20)}
    workbook(tmp_path / "landing" / "elsewhere" / "book" / "2025.xlsx", sheets)
    night, lake = run(), tmp_path / "home" / "lake"
    (item,) = by_path(night).values()
    assert (item.status, item.arrival.accepted, item.arrival.duplicate) == ("accepted", 40, 20)
    assert used_rows(night, lake) == 40
    assert sums_hold(night)


def test_a_few_alike_rows_on_two_sheets_are_both_used(run: Run, tmp_path: Path) -> None:
    sheets = {"North": sessions(6, 20), "South": [*sessions(6, 2), *sessions(7, 20)]}
    workbook(tmp_path / "landing" / "elsewhere" / "book" / "2025.xlsx", sheets)
    assert [item.arrival.accepted for item in by_path(run()).values()] == [42]


def test_a_sheet_named_after_a_month_that_its_dates_contradict_is_held(run: Run, tmp_path: Path) -> None:
    sheets = {"May 25": sessions(6, 5), "July 25": sessions(7, 5)}
    workbook(tmp_path / "landing" / "elsewhere" / "book" / "2025.xlsx", sheets)
    (item,) = by_path(run()).values()
    assert (item.status, item.cause) == ("held", "other_period")
    assert "5 of 5 rows of a sheet have dates outside May 2025" in (item.message or "")


def test_a_slip_in_a_month_s_sheet_is_reported(run: Run, tmp_path: Path) -> None:
    sheets = {"May 25": [*sessions(5, 9), *sessions(6, 1)], "July 25": sessions(7, 5)}
    workbook(tmp_path / "landing" / "elsewhere" / "book" / "2025.xlsx", sheets)
    night = run()
    (item,) = by_path(night).values()
    assert (item.status, item.arrival.accepted) == ("accepted", 15)
    assert (None, "dates_outside_name", None) in issues(night, item.arrival.path, tmp_path / "home" / "lake")


def test_a_year_in_the_name_that_the_dates_contradict_holds(run: Run, tmp_path: Path) -> None:
    workbook(tmp_path / "landing" / "elsewhere" / "book" / "2024.xlsx", {"Log": sessions(6, 5)})
    (item,) = by_path(run()).values()
    assert (item.status, item.cause) == ("held", "other_period")


def test_a_month_that_is_none_is_no_return(put: Put, run: Run) -> None:
    put("elsewhere/months/log 2025-13.csv", sessions(6, 5))
    (item,) = by_path(run()).values()
    assert (item.status, item.cause, item.arrival.return_key) == ("rejected", "name", None)


def items(*ids: str) -> list[Row]:
    return [(name, "01/06/2025") for name in ids]


ITEM = ("id", "noted_on")


@pytest.mark.parametrize("copied", [("A-1", "A-2"), ("A-1", "A-2", "B-3", "B-4")])
def test_ids_of_two_sites_in_one_night_hold_both(copied: tuple[str, ...], put: Put, run: Run) -> None:
    put("elsewhere/items/log.csv", items("A-1", "A-2"), ITEM)
    put("beyond/items/log.csv", items(*copied), ITEM)
    night = run()
    assert [(state.site, state.held_cause) for state in night.held] == [
        ("elsewhere", "shared_ids"),
        ("beyond", "shared_ids"),
    ]
    assert "are in beyond/items/log.csv too" in (by_path(night)["elsewhere/items/log.csv"].message or "").replace(
        "is in", "are in"
    )
    put("beyond/items/log.csv", items("B-1", "B-2"), ITEM)
    after = run(1)
    assert not after.held
    assert sum(item.is_counted for item in after.submissions) == 2


def test_an_id_that_two_sites_use_holds_neither(put: Put, run: Run) -> None:
    put("elsewhere/items/log.csv", items("A-1", "A-2"), ITEM)
    put("beyond/items/log.csv", items("A-1", "B-2"), ITEM)
    assert not run().held


def test_a_site_that_had_the_ids_first_is_not_held(put: Put, run: Run) -> None:
    put("elsewhere/items/log.csv", items("A-1", "A-2"), ITEM)
    put("beyond/items/log.csv", items("B-1"), ITEM)
    run()
    put("beyond/items/log.csv", items("A-1", "A-2"), ITEM)
    run(1)
    put("elsewhere/items/log.csv", items("A-1", "A-2", "A-3"), ITEM)
    night = run(2)
    assert [(state.site, state.source) for state in night.held] == [("beyond", "items")]
    counted = {(item.arrival.site, item.arrival.accepted) for item in night.submissions if item.is_counted}
    assert counted == {("elsewhere", 3), ("beyond", 1)}
