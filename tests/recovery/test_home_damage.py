"""Each kind of file of a home, removed, cut and changed: it is found, repaired where a night can, and refused where not."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tfc_platform.atomic_io import write_json
from tfc_platform.home_inventory import HOME_PLACES, place_of
from tfc_platform.privacy.tombstones import Intent, Tombstone, Tombstones
from tfc_platform.recovery.damage import all_damage
from tfc_platform.recovery.doctor import rows_of
from tfc_platform.recovery.repair import HomeDamagedError, recover, repair_derived
from tfc_platform.sealed_files import damaged_files, read_seal, write_seal
from tfc_platform.settings import Places, Settings

BUILD = "0123456789abcdef0123"
SENT = b"a return as it was sent"
VAULTED = hashlib.sha256(SENT).hexdigest()
TOMBSTONE = Tombstone("story", ("glasgow",), "ab" * 16)
LINE = json.dumps({"a": "line of a ledger"}) + "\n"
SIGHTING = {
    "path": "glasgow/a.csv",
    "site": "glasgow",
    "source": "activity",
    "sha256": VAULTED,
    "size": len(SENT),
    "stamp": "1",
    "number": 1,
    "first_seen_at": "2026-05-01T02:00:00+00:00",
    "seen_on": "2026-05-01",
}
KEPT = {
    "keys/pseudonym.key": "k" * 64,
    f"vault/{VAULTED[:2]}/{VAULTED}": SENT.decode(),
    "erasures/ledger.jsonl": LINE,
    "acceptances/accepted.jsonl": LINE,
    "snapshots/ledger.jsonl": LINE,
    "snapshots/locked/activity/glasgow/2025-Q2/v1.json": '{"version": 1}',
    "snapshots/outputs/one.json": '{"cells": []}',
    "snapshots/published/one.json": '{"tables": {}}',
    "lake/sightings/glasgow/one-00001.json": json.dumps(SIGHTING),
    "evidence/rollbacks.jsonl": LINE,
    "releases/2026-05-01-abc/csv/delivery.csv": "site,value\nglasgow,1\n",
}
DECISIONS = {  # commands write these anew, so only a file that cannot be read is known to be damaged
    "mappings/glasgow/activity.json": "[]",
    "sites/glasgow/flags/one.json": '[{"id": "f"}]',
    "snapshots/withheld.json": "[]",
}
DERIVED = {
    "snapshots/audits/one.json": "{}",
    "lake/activity/glasgow/orphan.parquet": "PAR1 rows PAR1",
    "text/glasgow/orphan.parquet": "PAR1 text PAR1",
    "gazetteer/glasgow/orphan.parquet": "PAR1 names PAR1",
    f"evidence/{BUILD}/build.json": '{"build_id": 1}',
    "research/2026-05-01-abc/manifest.json": '{"number": 1}',
    "warehouse/tfc.duckdb": "a database",
}


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def _erase(places: Places, number: int) -> None:
    stone = replace(TOMBSTONE, token=f"{number:032}")
    Tombstones.load(places, make=True).record(Intent(number, "story", "glasgow", "", date(2026, 4, 1), 1, (stone,)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with one file or two of each place, sealed, whose return has gone from the landing zone."""
    (tmp_path / "landing").mkdir()
    settings = Settings(str(tmp_path / "landing"), tmp_path / "home", (), "duckdb", date(2026, 5, 1), None)
    places = settings.places
    places.make()
    for path, text in {**KEPT, **DECISIONS, **DERIVED}.items():
        _write(places.home / path, text)
    _erase(places, 1)
    digest = hashlib.sha256(b"a database").hexdigest()
    write_json(places.warehouse / "build.json", {"build_id": BUILD, "warehouse": digest})
    (places.research / "current").symlink_to("2026-05-01-abc")
    (places.releases / "current").symlink_to("2026-05-01-abc")
    write_seal(places)
    return settings


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


FAULTS: dict[str, Callable[[Path], None]] = {"removed": Path.unlink, "cut": _cut, "flipped": _flip}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("path", KEPT)
def test_what_nothing_can_make_again_stops_the_night_and_is_named(settings: Settings, path: str, fault: str) -> None:
    FAULTS[fault](settings.home / path)
    before = sorted(settings.home.rglob("*"))
    with pytest.raises(HomeDamagedError, match="tfc restore") as refused:
        recover(settings)
    assert path in str(refused.value)
    assert sorted(set(settings.home.rglob("*")) - {settings.places.evidence / "recovery.lock"}) == before


@pytest.mark.parametrize("fault", ["removed", "cut"])
@pytest.mark.parametrize("path", DECISIONS)
def test_a_decision_that_cannot_be_read_stops_the_night(settings: Settings, path: str, fault: str) -> None:
    file = settings.home / path
    file.unlink() if fault == "removed" else file.write_text("[{")
    with pytest.raises(HomeDamagedError, match=path):
        recover(settings)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("path", DERIVED)
def test_what_can_be_made_again_is_removed_and_reported_once(settings: Settings, path: str, fault: str) -> None:
    FAULTS[fault](settings.home / path)
    said = recover(settings)
    assert len(said) == 1
    assert path in said[0]
    assert not (settings.home / path).exists()
    assert damaged_files(settings.places) == []
    assert recover(settings) == ()


def test_without_its_database_the_record_of_the_build_goes_too(settings: Settings) -> None:
    _cut(settings.places.warehouse_file)
    recover(settings)
    assert not (settings.places.warehouse / "build.json").exists()


def test_readers_of_a_damaged_research_database_find_none_until_the_night_has_made_it_again(settings: Settings) -> None:
    _flip(settings.home / "research/2026-05-01-abc/manifest.json")
    recover(settings)
    assert not (settings.places.research / "current").is_symlink()


def test_a_ledger_that_has_grown_is_whole_and_one_that_was_changed_is_not(settings: Settings) -> None:
    file = settings.places.acceptances / "accepted.jsonl"
    file.write_text(file.read_text() + LINE)
    assert damaged_files(settings.places) == []
    file.write_text(LINE.replace("ledger", "LEDGER") + LINE)
    assert [item.path for item in damaged_files(settings.places)] == ["acceptances/accepted.jsonl"]


def test_a_tombstone_that_is_gone_stops_the_night(settings: Settings) -> None:
    """Without it what was erased would be taken in again."""
    file = settings.places.erasures / "tombstones.jsonl"
    for text in ("", json.dumps({"number": 1, "tombstones": []}) + "\n", "{"):
        file.write_text(text)
        with pytest.raises(HomeDamagedError, match="tombstones"):
            recover(settings)


def test_what_an_erasure_removed_is_not_missed(settings: Settings) -> None:
    _erase(settings.places, 2)
    (settings.home / f"vault/{VAULTED[:2]}/{VAULTED}").unlink()
    (settings.home / "lake/activity/glasgow/orphan.parquet").unlink()
    assert damaged_files(settings.places) == []


def test_an_earlier_release_that_is_damaged_is_reported_and_stops_nothing(settings: Settings) -> None:
    _write(settings.places.releases / "2026-04-01-old/csv/delivery.csv", "site,value\n")
    write_seal(settings.places)
    _flip(settings.places.releases / "2026-04-01-old/csv/delivery.csv")
    (said,) = recover(settings)
    assert "2026-04-01-old" in said
    assert (settings.places.releases / "2026-04-01-old/csv/delivery.csv").exists()


def test_a_change_that_keeps_size_and_time_is_found_by_the_systems_own_time(settings: Settings) -> None:
    file = settings.home / "snapshots/published/one.json"
    stat = file.stat()
    _flip(file)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert [item.path for item in damaged_files(settings.places)] == ["snapshots/published/one.json"]


def test_a_copy_of_a_home_is_as_it_was(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(settings.home, tmp_path / "copy")
    assert damaged_files(Places(tmp_path / "copy")) == []


def test_by_a_seal_of_an_earlier_version_it_is_found_by_reading_everything(settings: Settings) -> None:
    file = settings.home / "snapshots/published/one.json"
    stat = file.stat()
    seal = read_seal(settings.places)
    assert seal is not None
    values = {"files": {path: entry[:3] for path, entry in seal.files.items()}, "tombstones": sorted(seal.tombstones)}
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    (settings.places.evidence / "sealed_files.json").write_text(json.dumps(values | {"digest": digest}))
    _flip(file)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert damaged_files(settings.places) == []
    assert [item.path for item in damaged_files(settings.places, whole=True)] == ["snapshots/published/one.json"]


def test_without_a_seal_files_are_judged_by_their_own_names_and_forms(settings: Settings) -> None:
    (settings.places.evidence / "sealed_files.json").unlink()
    _flip(settings.home / f"vault/{VAULTED[:2]}/{VAULTED}")
    _cut(settings.home / "text/glasgow/orphan.parquet")
    found = {item.path for item in all_damage(settings.places)}
    assert {f"vault/{VAULTED[:2]}/{VAULTED}", "text/glasgow/orphan.parquet"} <= found


def test_the_doctor_repairs_what_is_derived_though_something_has_to_be_put_back(settings: Settings) -> None:
    _cut(settings.places.warehouse_file)
    (settings.home / "keys/pseudonym.key").unlink()
    with pytest.raises(HomeDamagedError, match=r"keys/pseudonym\.key is missing"):
        repair_derived(settings, damaged_files(settings.places))
    assert not settings.places.warehouse_file.exists()


def test_the_table_has_a_row_for_each_place_with_what_to_do(settings: Settings) -> None:
    (settings.home / "keys/pseudonym.key").unlink()
    _cut(settings.places.warehouse_file)
    rows = {row["place"]: row for row in rows_of(settings.places, damaged_files(settings.places))}
    assert rows["keys"] | {"files": 0} == {
        "place": "keys",
        "kind": "kept",
        "files": 0,
        "state": "1 missing",
        "to_do": "Put it back from a backup: tfc restore FILE --damaged",
    }
    assert (rows["warehouse"]["state"], rows["warehouse"]["kind"]) == ("1 damaged", "derived")
    assert (rows["vault"]["state"], rows["vault"]["to_do"]) == ("good", "")


def test_a_content_that_still_lies_in_the_landing_zone_is_fetched_again(settings: Settings, tmp_path: Path) -> None:
    places = settings.places
    (places.erasures / "tombstones.jsonl").write_text("")
    (places.evidence / "sealed_files.json").unlink()
    write_seal(places)
    _write(tmp_path / "landing/glasgow/a.csv", SENT.decode())
    file = settings.home / f"vault/{VAULTED[:2]}/{VAULTED}"
    _flip(file)
    (said,) = recover(settings)
    assert "landing zone" in said
    assert file.read_bytes() == SENT


@pytest.mark.parametrize("fault", ["cut", "no database"])
def test_a_cut_database_of_runs_goes_with_its_log_and_a_whole_one_stays(settings: Settings, fault: str) -> None:
    file = settings.places.dagster / "history" / "runs.db"
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as con:
        con.execute("create table runs (a text)")
        con.executemany("insert into runs values (?)", [("x" * 1000,)] * 50)
        con.commit()
    assert recover(settings, runs=True) == ()
    _cut(file) if fault == "cut" else file.write_bytes(b"x" * 500)
    log = file.with_name("runs.db-wal")
    log.touch()
    assert recover(settings) == ()  # as a run of Dagster's asks, which has it open
    (said,) = recover(settings, runs=True)
    assert "dagster/history/runs.db" in said
    assert not file.exists()
    assert not log.exists()


def test_every_kind_of_place_is_tried_here() -> None:
    tried = {place.name for path in (*KEPT, *DECISIONS, *DERIVED) if (place := place_of(path)) is not None}
    elsewhere = {"tombstones", "holds", "published readings", "receipts", "charts", "admission", "runs"}
    assert tried | elsewhere == {place.name for place in HOME_PLACES}
