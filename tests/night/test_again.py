"""A night with nothing new repeats nothing. That the same returns give the same release to the byte: `test_killed`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest import mock

import dagster as dg
import pytest

from tfc_platform import pipeline
from tfc_platform.ingest.landing import Landed, Landing
from tfc_platform.orchestration import ingest_assets
from tfc_platform.orchestration.dagster_home import use_dagster_home

from .nights import FIRST, Home


@pytest.fixture(scope="module")
def home(first_night: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    return first_night.copied(tmp_path_factory.mktemp("again") / "home")


def stamps(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Of each file and folder: which it is on the disk, when it was written, how long it is."""
    found = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        stat = path.lstat()
        found[str(path)] = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
    return found


@pytest.mark.parametrize("days_later", [0, 1])
def test_a_night_with_nothing_new_changes_nothing_and_builds_nothing(home: Home, days_later: int) -> None:
    places = home.places
    kept = (places.research, places.releases, places.vault, places.text, places.evidence, places.lake)
    before = [stamps(place) for place in kept]
    with mock.patch.object(pipeline.dbt, "build", side_effect=AssertionError("dbt was invoked")) as build:
        ran = home.good_night(FIRST + timedelta(days=days_later))
    assert ran.outcome.nothing_new
    assert (ran.outcome.research, ran.outcome.release, ran.outcome.reasons) == (None, None, ())
    assert ran.said == ()
    assert [stamps(place) for place in kept] == before
    build.assert_not_called()


def test_dagster_shows_what_stands_as_looked_at_and_no_check_as_not_run(home: Home, tmp_path: Path) -> None:
    kept = home.copied(tmp_path / "kept", kept=True)
    assert kept.good_night().outcome.nothing_new
    with mock.patch.dict(os.environ):
        use_dagster_home(kept.settings(FIRST))
        with dg.DagsterInstance.get() as instance:
            run, *_ = instance.get_runs()  # the newest
            events = [entry.dagster_event for entry in instance.all_logs(run.run_id) if entry.dagster_event]
    assert not [event.step_key for event in events if event.event_type_value == "STEP_SKIPPED"]
    planned, shown = (
        {event.event_specific_data.asset_check_key for event in events if event.event_type_value == kind}
        for kind in ("ASSET_CHECK_EVALUATION_PLANNED", "ASSET_CHECK_EVALUATION")
    )
    assert len(planned) > 100
    assert shown == planned
    made = {event.asset_key.path[0]: event for event in events if event.event_type_value == "ASSET_MATERIALIZATION"}
    assert {"lake", "intermediate", "marts", "research", "release", "receipt"} <= set(made)
    assert made["marts"].materialization.metadata["built_again"].value is False


def test_a_landing_zone_that_does_not_answer_is_tried_again_and_then_the_others_go_on(home: Home) -> None:
    asked: list[str | None] = []
    original = Landing.files

    def files(self: Landing, folder: str | None = None) -> Iterator[Landed]:
        asked.append(folder)
        if folder == "grimsby":
            raise OSError(5, "Input/output error", "/secret/place")
        return original(self, folder)

    with mock.patch.object(Landing, "files", files), mock.patch.object(ingest_assets, "SECONDS_BETWEEN", 0):
        ran = home.good_night()
    assert asked.count("grimsby") == 1 + ingest_assets.RETRIES
    assert {"glasgow", "plymouth", "stoke", "central"} <= set(asked)
    assert ran.outcome.nothing_new  # what Grimsby sent before goes on counting


def test_a_file_that_comes_under_another_name_changes_no_figure(home: Home, tmp_path: Path) -> None:
    """The same bytes twice: a line in the status of files, and no other table of the release moves."""
    original = next((home.landing / "grimsby" / "activity").glob("*2026-03*"))
    copy = original.with_name(f"{original.stem} (1).csv")
    copy.write_bytes(original.read_bytes())
    first = home.manifest()
    ran = home.good_night()
    copy.unlink()
    assert not ran.outcome.nothing_new
    tables = {table["name"]: table["sha256"] for table in first["tables"]}
    moved = {table["name"] for table in home.manifest()["tables"] if tables[table["name"]] != table["sha256"]}
    assert "submission_status" in moved
    assert moved <= {"submission_status", "data_quality"}


def test_a_release_is_read_only_and_open_to_readers(home: Home) -> None:
    folder = home.places.releases / home.release_id
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert {path.stat().st_mode & 0o777 for path in files} == {0o444}
    assert home.places.research.stat().st_mode & 0o077 == 0
    assert os.readlink(home.places.releases / "current") == home.release_id
