"""A file that is still being written waits for the next night, and keeps no other waiting."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec
import pytest

from tfc_platform.ingest.at_rest import RestWatch
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake
from tfc_platform.ingest.lake import read_sightings
from tfc_platform.ingest.landing import Landing
from tfc_platform.ingest.waiting_files import waiting_files

Make = Callable[..., Intake]
Rows = Callable[..., Any]


class Pause:
    """Time that stands still but for pauses, in which something happens to the landing zone."""

    def __init__(self, happens: Callable[[], object] = lambda: None) -> None:
        self.now, self.happens, self.pauses = time.time(), happens, list[float]()

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        self.happens()

    def watch(self, landing: Path, *folders: str, seconds: float = 1.0) -> RestWatch:
        return RestWatch(Landing(str(landing)), seconds, folders, lambda: self.now, self.sleep)


@pytest.fixture
def zone(tmp_path: Path) -> Path:
    for name in ("here/a.csv", "here/b.csv", "there/c.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a")
    return tmp_path


def grow(path: Path) -> None:
    with path.open("a") as stream:
        stream.write("b")


def age(path: Path, seconds: float) -> None:
    changed = time.time() - seconds
    os.utime(path, (changed, changed))


def names(watch: RestWatch, folder: str = "here") -> tuple[list[str], list[str]]:
    found = watch.files(folder)
    return [item.name for item in found.files], sorted(found.waiting)


def test_a_growing_file_waits_and_the_others_do_not(zone: Path) -> None:
    pause = Pause(lambda: grow(zone / "here" / "b.csv"))
    assert names(pause.watch(zone)) == (["a.csv"], ["here/b.csv"])
    assert names(Pause().watch(zone)) == (["a.csv", "b.csv"], [])


@pytest.mark.parametrize("seconds", [120.0, 1e8])
def test_files_that_changed_long_ago_cost_no_pause(zone: Path, seconds: float) -> None:
    for path in (zone / "here").iterdir():
        age(path, seconds)
    pause = Pause()
    assert names(pause.watch(zone)) == (["a.csv", "b.csv"], [])
    assert pause.pauses == []


def test_a_time_in_the_future_is_worth_a_second_look(zone: Path) -> None:
    for path in (zone / "here").iterdir():
        age(path, -7200)
    pause = Pause(lambda: grow(zone / "here" / "a.csv"))
    assert names(pause.watch(zone)) == (["b.csv"], ["here/a.csv"])


def test_a_file_whose_time_is_kept_while_it_grows(zone: Path) -> None:
    """Another file of the folder has just changed, so that the folder is looked at twice."""

    def copy() -> None:
        grow(zone / "here" / "a.csv")
        age(zone / "here" / "a.csv", 5000)

    age(zone / "here" / "a.csv", 5000)
    assert names(Pause(copy).watch(zone)) == (["b.csv"], ["here/a.csv"])


def test_a_file_that_appears_between_the_looks_waits(zone: Path) -> None:
    pause = Pause(lambda: (zone / "here" / "d.csv").write_text("a"))
    assert names(pause.watch(zone)) == (["a.csv", "b.csv"], ["here/d.csv"])


def test_all_folders_share_one_pause(zone: Path) -> None:
    pause = Pause()
    watch = pause.watch(zone, "here", "there")
    assert names(watch) == (["a.csv", "b.csv"], [])
    assert names(watch, "there") == (["c.csv"], [])
    assert len(pause.pauses) == 1


def test_no_seconds_no_second_look(zone: Path) -> None:
    pause = Pause()
    assert names(pause.watch(zone, seconds=0)) == (["a.csv", "b.csv"], [])
    assert pause.pauses == []


def test_a_store_that_shows_no_object_before_it_is_whole_is_not_waited_for() -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/tests-rest/here/a.csv", b"abc")
    (item,) = Landing("memory://tests-rest").files("here")
    assert item.changed_at is None
    memory.rm("/tests-rest", recursive=True)


def test_what_waits_is_read_on_the_next_night(intake: Make, landing: Path, csv_of: Rows, session: Rows) -> None:
    log = landing / "here" / "log"
    (log / "log 2025-04.csv").write_bytes(csv_of([session(1)]))
    (log / "log 2025-05.csv").write_bytes(csv_of([session(1)])[:-20])
    pause = Pause(lambda: (log / "log 2025-05.csv").write_bytes(csv_of([session(1, Date="01/05/2025")])))
    tonight = intake(watch=pause.watch(landing))
    told: list[str] = []
    assert take_in(tonight, "here", told.append) == {"log": 1}
    assert told[-1] == "here/log/log 2025-05.csv: is still being written, and waits for the next night"
    places = tonight.settings.places
    assert waiting_files(places) == waiting_files(places, "here") == ("here/log/log 2025-05.csv",)
    assert [item.path for item in read_sightings(places)] == ["here/log/log 2025-04.csv"]
    assert take_in(replace(tonight, watch=None, now=datetime(2026, 5, 2, tzinfo=UTC)), "here") == {"log": 1}
    assert waiting_files(places) == ()


def test_a_file_that_grows_while_it_is_fetched_waits(
    intake: Make, landing: Path, csv_of: Rows, session: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = landing / "here" / "log" / "log 2025-04.csv"
    path.write_bytes(csv_of([session(1)]))
    whole = csv_of([session(1), session(2)])
    with monkeypatch.context() as patch:
        patch.setattr(Landing, "fetch", lambda *_: whole)
        assert take_in(intake(), "here") == {"log": 0}
    assert waiting_files(intake().settings.places) == ("here/log/log 2025-04.csv",)
