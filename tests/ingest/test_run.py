"""Taking in, on disk: once and no more, whole after a kill, and one bad file stops nothing."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from tfc_platform.contracts.catalogue import UNASSIGNED, Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.feedback.flags import disclosures, list_flags
from tfc_platform.ingest import arrival, ingest_sender, lake_writer
from tfc_platform.ingest import landing as landing_room
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.ingest_sender import take_in, take_in_unassigned
from tfc_platform.ingest.intake import Intake, reading_digest
from tfc_platform.ingest.lake import Receipt, read_receipts, read_sightings
from tfc_platform.ingest.landing import LandingError
from tfc_platform.ingest.look_faults import read_look_faults
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.sheets import cell_columns

Make = Callable[..., Intake]
Rows = Callable[..., Any]


def receipts(intake: Intake, source: str = "log") -> list[Receipt]:
    contract = intake.catalogue.contract("here", source)
    digest = reading_digest(intake.catalogue, "here", contract, intake.rules, intake.pseudonyms, intake.mappings)
    return sorted(read_receipts(intake.settings.places, "here", source, digest).values(), key=lambda item: item.sha256)


@pytest.fixture
def dropped(landing: Path, csv_of: Rows, session: Rows) -> Path:
    """A good file, its copy, a bad one, an empty one, and one that no contract takes."""
    log = landing / "here" / "log"
    (log / "log 2025-04.csv").write_bytes(csv_of([session(1), session(2, Notes="harmed"), session(1)]))
    (log / "log 2025-04 (1).csv").write_bytes((log / "log 2025-04.csv").read_bytes())
    (log / "log 2025-05.csv").write_bytes(csv_of([("x",)], ("Date", "Activity", "Status", "Notes")))
    (log / "log 2025-06.csv").write_bytes(b"")
    (log / "~$log.csv").write_bytes(b"lock")
    (log / "minutes.docx").write_bytes(b"PK")
    return log


def test_every_file_is_seen_and_every_content_read_once(intake: Make, dropped: Path) -> None:
    told: list[str] = []
    assert take_in(intake(), "here", told.append) == {"log": 3}
    assert told[0] == "here/log/log 2025-04 (1).csv: read", "and no count: a file may be one class"
    places = intake().settings.places
    assert {item.path: item.source for item in read_sightings(places)} == {
        "here/log/log 2025-04 (1).csv": "log",
        "here/log/log 2025-04.csv": "log",
        "here/log/log 2025-05.csv": "log",
        "here/log/log 2025-06.csv": "log",
        "here/log/minutes.docx": None,
        "here/log/~$log.csv": None,
    }
    by_status = {receipt.status: receipt for receipt in receipts(intake())}
    assert set(by_status) == {"read", "rejected", "unreadable"}
    good = by_status["read"]
    assert (good.received, good.accepted, good.duplicate, good.months) == (3, 2, 1, ("2025-04",))
    table = pq.read_table(places.lake / good.records["activity"]["path"])
    assert table.num_rows == good.records["activity"]["rows"] == 2
    assert set(table["file_sha256"].to_pylist()) == {good.sha256}
    assert (places.vault / good.sha256[:2] / good.sha256).read_bytes() == (dropped / "log 2025-04.csv").read_bytes()
    assert not any(path.read_bytes() == b"PK" for path in places.vault.rglob("*") if path.is_file()), "left alone"


def test_a_second_night_with_nothing_new_writes_nothing(
    intake: Make, dropped: Path, listing: Callable[[Path], object]
) -> None:
    home = intake().settings.home
    take_in(intake(), "here")
    before = listing(home)
    assert take_in(intake(night=1), "here") == {"log": 0}
    assert listing(home) == before


def test_places_and_originals_are_closed(intake: Make, dropped: Path) -> None:
    take_in(intake(), "here")
    places = intake().settings.places
    for place in (places.vault, places.lake, places.text, places.sites):
        assert place.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in places.vault.rglob("*") if path.is_file()} == {0o400}
    of_lake = {path.stat().st_mode & 0o077 for path in places.lake.rglob("*") if path.is_file()}
    assert of_lake == {0}


def test_a_changed_file_is_a_further_content_of_its_path(
    intake: Make, landing: Path, csv_of: Rows, session: Rows
) -> None:
    path = landing / "here" / "log" / "log 2025-04.csv"
    for night, rows in enumerate(([session(1)], [session(1), session(2)], [session(1)])):
        path.write_bytes(csv_of(rows))
        take_in(intake(night), "here")
    sightings = read_sightings(intake().settings.places)
    assert [(item.number, item.seen_on.day) for item in sightings] == [(1, 1), (2, 2), (3, 3)]
    assert sightings[0].sha256 == sightings[2].sha256 != sightings[1].sha256


def changed(catalogue: Catalogue, **other: Any) -> Catalogue:
    (contract,) = catalogue.contracts
    values = contract.model_dump(mode="json", by_alias=True) | other
    return replace(catalogue, contracts=(Contract.model_validate(values),))


def test_a_changed_contract_reads_again_from_the_vault(
    intake: Make, catalogue: Catalogue, landing: Path, csv_of: Rows, session: Rows
) -> None:
    path = landing / "here" / "log" / "log 2025-04.csv"
    path.write_bytes(csv_of([session(1, Status="Postponed"), session(2)]))
    take_in(intake(), "here")
    path.unlink()
    columns = catalogue.contracts[0].model_dump(mode="json", by_alias=True)["columns"]
    columns["status"]["codes"]["Postponed"] = "cancelled"
    later = intake(night=1, catalogue=changed(catalogue, columns=columns))
    told: list[str] = []
    assert take_in(later, "here", told.append) == {"log": 0}
    assert told == ["here: 1 earlier files read again, because their contract or the reader has changed"]
    assert [receipt.accepted for receipt in receipts(intake())] == [1], "the earlier receipt stands as it was"
    assert [receipt.accepted for receipt in receipts(later)] == [2]
    assert take_in(later, "here", told.append) == {"log": 0}
    assert len(told) == 1


def test_another_key_makes_other_tokens_so_all_is_read_again(intake: Make, dropped: Path) -> None:
    take_in(intake(), "here")
    other = intake(night=1, pseudonyms=Pseudonyms(b"another key, which is long enough"))
    take_in(other, "here")
    assert {item.digest for item in receipts(intake())} != {item.digest for item in receipts(other)}
    assert len(receipts(other)) == 3


def test_a_contract_that_comes_later_takes_what_lay_there(
    intake: Make, catalogue: Catalogue, landing: Path, csv_of: Rows, session: Rows
) -> None:
    path = landing / "here" / "new" / "log 2025-04.csv"
    path.parent.mkdir()
    path.write_bytes(csv_of([session(1)]))
    take_in(intake(), "here")
    assert [item.source for item in read_sightings(intake().settings.places)] == [None]
    later = intake(night=1, catalogue=changed(catalogue, files="new/*.csv"))
    assert take_in(later, "here") == {"log": 1}
    seen = read_sightings(intake().settings.places)
    assert [(item.source, item.number) for item in seen] == [(None, 1), ("log", 2)]
    assert seen[1].first_seen_at == seen[0].first_seen_at, "it came when it came"


def test_the_same_bytes_under_another_name_are_read_as_another_return(
    intake: Make, landing: Path, csv_of: Rows, session: Rows
) -> None:
    """A sender mends a name as the receipt asks, and must not meet the earlier refusal."""
    log = landing / "here" / "log"
    (log / "harvest.csv").write_bytes(csv_of([session(1)]))
    take_in(intake(), "here")
    (log / "harvest.csv").rename(log / "log 2025-04.csv")
    take_in(intake(night=1), "here")
    assert sorted(receipt.status for receipt in receipts(intake())) == ["read", "rejected"]
    assert len({receipt.sha256 for receipt in receipts(intake())}) == 1


def test_a_reader_that_breaks_stops_one_file_alone(
    intake: Make, dropped: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = ingest_sender.read_file

    def breaks(content: bytes, file: FileContext, *rest: Any) -> Any:
        if file.name == "log 2025-05.csv":
            raise ValueError(f"could not convert {content!r}: Zorvanna")
        return real(content, file, *rest)

    monkeypatch.setattr(ingest_sender, "read_file", breaks)
    (dropped / "log 2025-05.csv").write_bytes(b"Date,Notes\n1,harmed Zorvanna\n")
    with caplog.at_level(logging.DEBUG):
        take_in(intake(), "here")
    broken = next(receipt for receipt in receipts(intake()) if "platform" in (receipt.message or ""))
    assert (broken.status, broken.cause) == ("unreadable", "unreadable")
    assert broken.message == "The platform could not read this file (ValueError). The central team has to look at it."
    assert "ValueError" in caplog.text
    assert "Zorvanna" not in caplog.text
    assert "Traceback" not in caplog.text
    assert len(receipts(intake())) == 3, "the others go on"
    queue = intake().settings.places.sites / "here" / "flags" / f"{broken.sha256}.json"
    assert [flag["row"] for flag in json.loads(queue.read_text())] == [2], "a disclosure is raised all the same"


def test_a_value_that_no_table_holds_stops_one_file_alone(
    intake: Make, dropped: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = ingest_sender.read_file

    def spoils(content: bytes, name: str, *rest: Any, **named: Any) -> Any:
        read = real(content, name, *rest, **named)
        if read.status == "read":
            read.result.add("activity", {"hours": "Zorvanna"})
        return read

    monkeypatch.setattr(ingest_sender, "read_file", spoils)
    take_in(intake(), "here")
    assert sorted(receipt.status for receipt in receipts(intake())) == ["rejected", "unreadable", "unreadable"]
    assert all("Zorvanna" not in (receipt.message or "") for receipt in receipts(intake()))
    assert "Zorvanna" not in caplog.text


@pytest.mark.parametrize(
    "at", ["write_records", "write_issues", "write_texts", "raise_flags", "write_receipt", "write_sighting"]
)
def test_a_killed_run_ends_as_if_it_had_not_been_killed(
    intake: Make, dropped: Path, monkeypatch: pytest.MonkeyPatch, listing: Callable[[Path], Any], at: str
) -> None:
    undisturbed = intake(home="undisturbed")
    take_in(undisturbed, "here")
    calls = 0

    def killed(*_: Any, **__: Any) -> None:
        nonlocal calls
        calls += 1
        raise KeyboardInterrupt

    where = lake_writer if at in ("write_records", "write_issues", "write_texts", "raise_flags") else ingest_sender
    with monkeypatch.context() as patch:
        patch.setattr(where, at, killed)
        with pytest.raises(KeyboardInterrupt):
            take_in(intake(), "here")
    assert calls == 1
    take_in(intake(), "here")
    left, right = listing(intake().settings.home), listing(undisturbed.settings.home)
    assert {name: digest for name, (_, digest) in left.items()} == {name: digest for name, (_, digest) in right.items()}


def test_a_disclosure_is_known_when_its_text_comes_again(intake: Make, dropped: Path, landing: Path) -> None:
    """Whatever the file and the row, and also from a file that is rejected; twice in one file it is two."""
    take_in(intake(), "here")
    log = landing / "here" / "log"
    (first,) = list_flags(intake().settings.places)
    text = (log / "log 2025-04 (1).csv").read_text().splitlines()[2].split(",")
    harm = next(cell for cell in text if "harmed" in cell)
    (log / "log 2025-05.csv").write_text(f"Date,Notes\n1,nothing\n2,{harm}\n3,{harm}\n4,harmed another\n")
    take_in(intake(night=1), "here")
    flags = list_flags(intake().settings.places)
    assert [flag["file"].rsplit("/", 1)[-1] for flag in flags] == ["log 2025-04 (1).csv", *["log 2025-05.csv"] * 3]
    assert [flag["disclosure"] == first["disclosure"] for flag in flags] == [True, True, False, False]
    assert len(disclosures(flags)) == 3
    assert harm not in json.dumps(flags)


def test_flags_are_pointers_and_raised_once(intake: Make, dropped: Path, catalogue: Catalogue) -> None:
    take_in(intake(), "here")
    (queue,) = (intake().settings.places.sites / "here" / "flags").iterdir()
    (flag,) = json.loads(queue.read_text())
    pointer = {"site", "file", "sheet", "row", "column", "rule", "raised_at", "acknowledged_at"}
    assert set(flag) == pointer | {"id", "disclosure"}
    assert (flag["file"], flag["row"], flag["column"], flag["rule"]) == (
        "here/log/log 2025-04 (1).csv",
        3,
        "Notes",
        "test.harm",
    )
    flag["acknowledged_at"] = "2026-05-01T09:00:00+00:00"
    queue.write_text(json.dumps([flag]))
    take_in(intake(night=1, catalogue=changed(catalogue, description="Read again.")), "here")
    assert json.loads(queue.read_text()) == [flag], "reading again neither raises it twice nor opens it again"
    stricter = SimpleNamespace(
        digest="stricter", screen=lambda text: ["test.harm", "test.new"] if "harmed" in text else []
    )
    take_in(intake(night=2, rules=stricter), "here")
    (again,) = json.loads(queue.read_text())
    assert again == {**flag, "rule": "test.harm, test.new"}, "a further rule is told, and what was taken up stays so"


def test_files_in_nobodys_folder_are_noted(intake: Make, landing: Path) -> None:
    (landing / "elsewhere").mkdir()
    (landing / "elsewhere" / "a.csv").write_bytes(b"a")
    (landing / "loose.csv").write_bytes(b"b")
    assert take_in_unassigned(intake()) == 2
    assert take_in_unassigned(intake(night=1)) == 2
    seen = read_sightings(intake().settings.places, UNASSIGNED)
    assert [(item.path, item.seen_on.day) for item in seen] == [("loose.csv", 1), ("elsewhere/a.csv", 1)]


@pytest.mark.skipif(sys.platform == "darwin", reason="its file system takes no such name")
def test_a_name_in_another_encoding(intake: Make, landing: Path, csv_of: Rows, session: Rows) -> None:
    name = os.fsencode(landing / "here" / "log") + b"/log 2025-04 v\xe9.csv"
    with open(name, "wb") as file:
        file.write(csv_of([session(1)]))
    take_in(intake(), "here")
    assert [item.path for item in read_sightings(intake().settings.places)] == ["here/log/log 2025-04 v\\xe9.csv"]


def test_a_file_that_went_away_or_leads_nowhere_is_passed_over(
    intake: Make, dropped: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (dropped / "log 2026-01.csv").symlink_to("nowhere.csv")
    assert take_in(intake(), "here") == {"log": 3}
    (fault,) = read_look_faults(intake().settings.places, "here")
    assert (fault.kind, fault.path, fault.sources) == ("refused_unread", "here/log/log 2026-01.csv", ("log",))
    assert "leads to nothing" in fault.sentence


def test_a_landing_zone_that_does_not_answer_leaves_earlier_returns_read(
    intake: Make, dropped: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(intake(), "here")
    later = intake(night=1, catalogue=changed(catalogue, description="Read again."))

    def silent(*_: Any) -> Any:
        raise LandingError("The landing zone does not answer.")

    monkeypatch.setattr(later.landing, "look", silent)
    take_in(later, "here")
    assert len(receipts(later)) == 3
    (fault,) = read_look_faults(later.settings.places)
    assert (fault.kind, fault.sender, fault.sources, fault.may_pass) == ("not_looked_at", "here", ("log",), True)


def test_loading_sweeps_what_a_killed_run_left(intake: Make, catalogue: Catalogue) -> None:
    settings = replace(intake().settings, pseudonym_key="a key that is given, not made")
    left = settings.places.vault / "ab" / ".writing-x"
    left.parent.mkdir()
    left.write_bytes(b"a whole return of people")
    os.utime(left, (0, 0))
    loaded = Intake.load(settings, catalogue)
    assert not left.exists()
    assert loaded.now <= datetime.now(UTC)
    assert loaded.rules.screen("nothing of note here") == []


def test_a_big_file_goes_to_the_vault_in_pieces_and_is_not_fetched_again(
    intake: Make, dropped: Path, monkeypatch: pytest.MonkeyPatch, listing: Callable[[Path], Any]
) -> None:
    take_in(intake(home="ordinary"), "here")
    monkeypatch.setattr(arrival, "IN_PIECES", 0)
    monkeypatch.setattr(landing_room, "PIECE", 7)
    # A file without a byte is no big one.
    monkeypatch.setattr(
        landing_room.Landing, "fetch", lambda _, landed: pytest.fail("fetched whole") if landed.size else b""
    )
    assert take_in(intake(), "here") == {"log": 3}
    vaults = [
        {path.name for path in intake(home=home).settings.places.vault.rglob("*") if path.is_file()}
        for home in ("ordinary", "home")
    ]
    assert vaults[0] == vaults[1]
    assert len(vaults[0]) == 3
    before = listing(intake().settings.home)
    monkeypatch.setattr(ingest_sender.vault, "receive", lambda *_: pytest.fail("received again"))
    assert take_in(intake(night=1), "here") == {"log": 0}
    assert listing(intake().settings.home) == before


def test_progress_of_a_long_file_is_told_and_of_a_short_one_no_count(
    intake: Make, landing: Path, csv_of: Rows, session: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    (landing / "here" / "log" / "log 2025-04.csv").write_bytes(csv_of([session(n) for n in range(25)]))
    monkeypatch.setattr(ingest_sender, "TOLD_EVERY", 10)
    monkeypatch.setattr(cell_columns, "CHUNK", 1)
    told: list[str] = []
    take_in(intake(), "here", told.append)
    assert told == [
        "here/log/log 2025-04.csv: more than 10 rows so far",
        "here/log/log 2025-04.csv: more than 20 rows so far",
        "here/log/log 2025-04.csv: read",
    ]
    monkeypatch.undo()
    told.clear()
    take_in(intake(home="other"), "here", told.append)
    assert told == ["here/log/log 2025-04.csv: read"]
