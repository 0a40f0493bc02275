"""A night with nothing new repeats nothing. That the same returns give the same release to the byte: `test_killed`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import pytest

from tfc_platform import pipeline
from tfc_platform.ingest.landing import Landing, LandingError, LandingLook
from tfc_platform.night_record import look
from tfc_platform.orchestration import ingest_assets

from .nights import FIRST, Home, sessions


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
def test_a_night_with_nothing_new_starts_no_run_and_changes_nothing(home: Home, days_later: int) -> None:
    places = home.places
    kept = (places.research, places.releases, places.vault, places.text, places.evidence, places.lake)
    before = [stamps(place) for place in kept]
    with mock.patch("tfc_platform.cli.nightly._run", side_effect=AssertionError("a run was started")):
        ran = home.good_night(FIRST + timedelta(days=days_later))
    assert ran.outcome.nothing_new
    assert (ran.outcome.research, ran.outcome.release, ran.outcome.reasons) == (None, None, ())
    assert ran.said == ()
    assert [stamps(place) for place in kept] == before


PROBE = """
import resource, sys
from tfc_platform.cli.app import app
from tfc_platform.cli import main
sys.argv = ["tfc", "nightly"]
try:
    main()
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    heavy = sorted({"dagster", "dbt", "great_expectations", "pandas"} & set(sys.modules))
    print(heavy, round(used.ru_utime + used.ru_stime, 2), file=sys.stderr)
"""


def test_a_night_with_nothing_new_is_said_in_one_sentence_without_dagster_dbt_or_great_expectations(home: Home) -> None:
    environment = {**os.environ, **home.env(FIRST)}
    done = subprocess.run([sys.executable, "-c", PROBE], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Nothing is new since the last night, and nothing is due.\n"
    assert done.stderr.startswith("[] ")


def test_a_file_that_was_only_touched_ends_quickly_and_is_then_known(home: Home, tmp_path: Path) -> None:
    other = home.copied(tmp_path / "touched")
    file = next((other.landing / "grimsby" / "activity").glob("*2026-03*"))
    os.utime(file, (1, 1))
    landing = Landing(str(other.landing))
    found = look(other.settings(FIRST), landing)
    assert found.is_needed
    assert found.senders == {"grimsby"}
    # Admission is worked out anew, since a night has been published since it was kept; nothing is built of it.
    kept = (other.places.research, other.places.releases, other.places.warehouse_file)
    before = [stamps(place) for place in kept]
    with mock.patch.object(pipeline.dbt, "build", side_effect=AssertionError("dbt was invoked")):
        assert other.good_night().outcome.nothing_new
    assert [stamps(place) for place in kept] == before
    assert not look(other.settings(FIRST), landing).is_needed


def take_away_the_receipt(home: Home) -> None:
    next(home.places.sites.glob("*/receipt.html")).unlink()


def confirm_a_column(home: Home) -> None:
    (home.places.mappings / "grimsby.json").write_text("{}")


def drop_a_file(home: Home) -> None:
    (home.landing / "stoke" / "new.csv").write_text("a,b\n1,2\n")


def lose_the_release(home: Home) -> None:
    (home.places.releases / "current").unlink()


@pytest.mark.parametrize("change", [take_away_the_receipt, confirm_a_column, drop_a_file, lose_the_release])
def test_anything_in_doubt_means_a_night(home: Home, tmp_path: Path, change: Callable[[Home], None]) -> None:
    other = home.copied(tmp_path / "other")
    landing = Landing(str(other.landing))
    assert not look(other.settings(FIRST), landing).is_needed
    change(other)
    assert look(other.settings(FIRST), landing).is_needed


# The small world's contracts expect April's returns on a day of May, and a first of May brings a further month.
@pytest.mark.parametrize(("day", "is_needed"), [("2026-04-19", True), ("2026-04-20", False), ("2026-05-01", True)])
def test_a_day_of_the_calendar_means_a_night(home: Home, day: str, is_needed: bool) -> None:
    found = look(home.settings(date.fromisoformat(day)), Landing(str(home.landing)))
    assert found.is_needed == is_needed


def test_a_release_is_read_only_and_open_to_readers(home: Home) -> None:
    folder = home.places.releases / home.release_id
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert {path.stat().st_mode & 0o777 for path in files} == {0o444}
    assert home.places.research.stat().st_mode & 0o077 == 0
    assert os.readlink(home.places.releases / "current") == home.release_id


def test_a_folder_that_does_not_answer_is_tried_again_and_then_the_others_go_on(home: Home) -> None:
    """The last test of this file: it leaves a site's sources held."""
    asked: list[str | None] = []
    original = Landing.look

    def not_grimsby(self: Landing, folder: str | None = None) -> LandingLook:
        asked.append(folder)
        if folder == "grimsby":
            raise LandingError("The landing zone cannot be read (TimeoutError).")
        return original(self, folder)

    for site in ("glasgow", "grimsby"):
        os.utime(next((home.landing / site / "activity").iterdir()), (2, 2))
    before = sessions(home)
    with mock.patch.object(Landing, "look", not_grimsby), mock.patch.object(ingest_assets, "SECONDS_BETWEEN", 0):
        ran = home.night()
    # Each attempt lists the folder for the record of the night, and takes it in.
    assert asked.count("grimsby") == 2 * (1 + ingest_assets.RETRIES)
    assert "glasgow" in asked
    assert not ran.success
    assert any("grimsby" in reason for reason in ran.outcome.reasons)
    held = home.rows("select distinct site from marts.mart_source_state where is_held")
    assert held == [("grimsby",)]
    assert sessions(home) == before  # what Grimsby sent before is still used
    assert look(home.settings(FIRST), Landing(str(home.landing))).is_needed  # the next night looks at its folder again
