"""Nothing of a personal column, a free text or an unknown column is found outside the vault and the text store.

Looked for after a night of returns full of people, good and held: in every file, database and event, and in all that the
commands say.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pyarrow as pa
import pytest

from tfc_platform import pipeline
from tfc_platform.demo import write
from tfc_platform.ingest import lake_writer
from tfc_platform.orchestration import publishing_assets

from .nights import SECOND, Home, Ran
from .plants import plant, tools_own
from .search import Secrets

COMMANDS = (["status"], ["flags", "--json"], ["releases", "show", "--json"])
TFC = Path(sys.executable).with_name("tfc")


def tfc(home: Home, as_of: Any, *arguments: str) -> bytes:
    """All that a command says, on both its outputs."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("TFC_", "DAGSTER_"))}
    done = subprocess.run(
        [TFC, *arguments], capture_output=True, check=False, cwd=home.folder, env=env | home.env(as_of), timeout=300
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return done.stdout + done.stderr


@dataclass(frozen=True)
class Planted:
    home: Home
    secrets: Secrets
    where: dict[str, str]
    said: dict[str, bytes]
    school: str


def _leave_out_what_is_like_the_rest(landing: Path) -> None:
    """Surveys of other populations and months of the year before: the same tools and columns, with nothing planted in them."""
    for path in (*landing.glob("*/surveys/*"), *landing.glob("grimsby/activity/activity_2025-0*")):
        if "professionals" not in path.name and path.name != "TfC young_people w1 qualtrics.csv":
            path.unlink()


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    home = Home(tmp_path_factory.mktemp("secrets"), kept=True, key=None)
    write(home.landing, seed=19)
    where, school = plant(home.landing)
    _leave_out_what_is_like_the_rest(home.landing)
    own = tools_own(home.landing)
    answers = write(home.landing, seed=19, night=2)
    said = {"nightly": tfc(home, SECOND, "nightly"), "nightly --json": tfc(home, SECOND, "nightly", "--json")}
    with mock.patch.dict(os.environ):
        for command in COMMANDS:
            said[" ".join(command)] = tfc(home, SECOND, *command)
    assert len(where) > 100
    assert len(own) > 100
    return Planted(home, Secrets([*answers.canaries, *where, *own]), where, said, school)


def restricted(home: Home) -> tuple[Path, ...]:
    """Where secrets may be: the originals, the free text, and each site's marked copies of its own returns."""
    return (home.places.vault, home.places.text, *home.places.sites.glob("*/marked"))


def test_the_search_finds_what_is_there(planted: Planted) -> None:
    """The vault has every secret, and the text store the texts: so the search can find them, in whatever file."""
    vault = set().union(*(planted.secrets.in_bytes(path.read_bytes()) for path in planted.home.landing.rglob("*.csv")))
    assert {
        secret for secret, where in planted.where.items() if ".csv" in where and "grimsby/activity" not in where
    } <= vault
    in_texts = set().union(*planted.secrets.below(planted.home.places.text).values())
    wanted = {
        s for s, where in planted.where.items() if where.endswith((": story", ": notes", ": Comments", ": Q9_TEXT"))
    }
    assert wanted
    assert wanted <= in_texts


def test_no_file_outside_the_restricted_places_holds_a_secret(planted: Planted) -> None:
    found = planted.secrets.below(planted.home.places.home, restricted(planted.home))
    told = {name: {planted.where.get(secret, secret) for secret in hits} for name, hits in found.items()}
    assert told == {}


def test_a_school_as_the_form_left_it_goes_no_further_than_the_named_analysts(planted: Planted) -> None:
    """An open question's choice is kept as a cluster, and estimates are broken down by it; nothing for others names it."""
    home = planted.home
    found = Secrets([planted.school]).below(home.places.home, restricted(home))
    assert found
    assert {name.split("/")[0] for name in found} <= {"lake", "warehouse", "research"}


def test_no_command_says_a_secret(planted: Planted) -> None:
    assert all(len(text) > 50 for text in planted.said.values())
    assert {name: hits for name, text in planted.said.items() if (hits := planted.secrets.in_bytes(text))} == {}


def test_places_that_hold_rows_of_people_are_closed_to_others(planted: Planted) -> None:
    places = planted.home.places
    assert {place.name: oct(place.stat().st_mode & 0o777) for place in places.restricted} == {
        place.name: "0o700" for place in places.restricted
    }
    assert (places.keys / "pseudonym.key").stat().st_mode & 0o777 == 0o600
    assert places.releases.stat().st_mode & 0o005 == 0o005


SECRET = "Quizzwörthy Nævia 07700 900999"


def _arrow(*_: Any, **__: Any) -> None:
    raise pa.ArrowInvalid(f"Could not convert '{SECRET}' with type str: tried to convert to int64")


def _value(*_: Any, **__: Any) -> None:
    try:
        raise KeyError(SECRET)  # and it is the cause of another
    except KeyError as error:
        raise ValueError(f"bad cell {SECRET!r}") from error


def _conversion(*_: Any, **__: Any) -> None:
    raise duckdb.ConversionException(f"Could not convert string '{SECRET}' to INT32")


@pytest.fixture(scope="module")
def failing(first_night: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home after one good night, with something new to take in each time that it is asked for."""
    return first_night.copied(tmp_path_factory.mktemp("failing") / "home", kept=True)


def test_a_release_that_breaks_on_a_cell_says_no_cell(failing: Home, capfd: pytest.CaptureFixture[str]) -> None:
    """That a reader which breaks says none either: `tests/ingest/test_run`."""
    before = failing.release_id
    with mock.patch.object(publishing_assets, "publish_release", _conversion):
        ran = failing.steps("release")
    failed_without_words(failing, ran, "ConversionException", "release", "".join(capfd.readouterr()))
    assert failing.release_id == before


@pytest.mark.parametrize(
    ("module", "function", "fault", "kind", "step"),
    [
        (lake_writer, "write_issues", _arrow, "ArrowInvalid", "take_in_grimsby"),
        (pipeline, "write_tables", _value, "ValueError", "build_marts"),
    ],
    ids=["take in", "admit"],
)
def test_an_unexpected_error_is_told_without_its_words(
    failing: Home, module: Any, function: str, fault: Any, kind: str, step: str, capfd: pytest.CaptureFixture[str]
) -> None:
    file = next((failing.landing / "grimsby/activity").glob("*2026-03*"))
    file.write_bytes(file.read_bytes() + b"14/03/2026,Baby Steps,Delivered,,12,1,,x\r\n")
    before = failing.release_id
    with mock.patch.object(module, function, fault):
        ran = failing.night()
    assert failing.release_id == before
    failed_without_words(failing, ran, kind, step, "".join(capfd.readouterr()))


def failed_without_words(home: Home, ran: Ran, kind: str, step: str, printed: str) -> None:
    """A step failed, and neither the night, its events nor a file holds the words of its error."""
    said = "".join([printed, *ran.said, *ran.outcome.reasons])
    assert not ran.success
    assert any(step in reason for reason in ran.outcome.reasons), ran.outcome.reasons
    secrets = Secrets([SECRET, "Quizzwörthy", "07700 900999"])
    assert secrets.in_bytes(said.encode()) == set()
    assert secrets.below(home.places.home, restricted(home)) == {}
    # The class and the line are told: an engineer finds the fault by them.
    events = "".join(text.decode(errors="ignore") for text in _events(home))
    assert re.search(
        rf"{kind} at tfc_platform/\S+\.py, line \d+(, from \S+, line \d+)?\. Its message is left out", events
    )


def _events(home: Home) -> list[bytes]:
    return [path.read_bytes() for path in home.places.dagster.rglob("*.db*")]


def test_a_database_error_in_dbt_is_told_by_its_kind_alone(failing: Home, capfd: pytest.CaptureFixture[str]) -> None:
    file = next((failing.landing / "grimsby/activity").glob("*2026-01*"))
    file.write_bytes(file.read_bytes() + b"14/01/2026,Baby Steps,Delivered,,12,1,,z\r\n")
    original = pipeline.lake_views.make_views
    sources = failing.folder / "words.parquet"
    with duckdb.connect() as con:
        con.execute(f"copy (select '{SECRET}' as word) to '{sources}'")

    def with_a_bad_view(warehouse: Path, files: Any) -> Any:
        made = original(warehouse, files)
        with duckdb.connect(str(warehouse)) as con:
            con.execute("alter view lake.activity rename to activity_as_it_was")
            con.execute(
                f"""create view lake.activity as
                    select * replace ((select cast(word as date) from '{sources}') as session_on) from lake.activity_as_it_was"""
            )
        return made

    before = failing.release_id
    with mock.patch.object(pipeline.lake_views, "make_views", with_a_bad_view):
        ran = failing.night()
    assert not ran.success
    (reason,) = ran.outcome.reasons
    assert reason.startswith("dbt could not build ")
    assert "Conversion Error" in reason
    assert failing.release_id == before
    secrets = Secrets([SECRET, "Quizzwörthy"])
    assert secrets.in_bytes("".join([reason, *capfd.readouterr()]).encode()) == set()
    # The warehouse stays as it fell: nobody reads it, and here its view cannot be read.
    places = failing.places
    assert secrets.below(places.home, (*restricted(failing), places.warehouse_file)) == {}
