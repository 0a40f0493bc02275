"""What `tfc erase` says, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.night.nights import FIRST, Home
from tfc_platform.orchestrate.turns import one_at_a_time

from .people import APPROVALS, QUALTRICS, STORIES, Returns

TFC = Path(sys.executable).with_name("tfc")


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def tfc(home: Home, *arguments: str, given: str = "") -> Said:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("TFC_", "DAGSTER_"))}
    done = subprocess.run(
        [TFC, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=home.folder,
        env=env | home.env(FIRST),
        input=given,
        timeout=600,
    )
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """After one night. Two sites have a story of one id; the tests follow one another."""
    found = Home(tmp_path_factory.mktemp("command"))
    returns = Returns(found.landing)
    other = STORIES.replace("glasgow", "stoke")
    rows = returns.csv_rows(other)
    rows[1][0], rows[1][rows[0].index("consent")] = story_id(found), "share"
    returns.write_csv(other, rows)
    found.good_night()
    return found


def response_id(home: Home) -> str:
    return Returns.there(home.landing).csv_rows(QUALTRICS)[6][8]


def story_id(home: Home) -> str:
    """The first that is released: its teller has agreed, and a person has approved the text."""
    returns = Returns.there(home.landing)
    told = returns.csv_rows(STORIES)
    shared = {row[0] for row in told if row[told[0].index("consent")] == "share"}
    return next(row[0] for row in returns.csv_rows(APPROVALS) if row[0] in shared)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Give one of --respondent, --story and --file."),
        (("--respondent", "a", "--story", "b"), "Give one of --respondent, --story and --file."),
        (("--story", "GL-001", "--wave", "w1"), "--source, --population and --wave tell respondents apart"),
        (("--respondent", "-"), "--respondent: no id is given."),
        (("--file", "xyz"), "--file: give the file's SHA-256 as the receipt has it, 12 of its digits at least."),
        (("--respondent", "a", "--site", "nowhere"), "--site: there is no site 'nowhere'. There are glasgow, grimsby"),
    ],
)
def test_wrong_use_ends_with_2_and_one_sentence(home: Home, arguments: tuple[str, ...], words: str) -> None:
    said = tfc(home, "erase", *arguments)
    assert said.code == 2
    assert words in " ".join(said.err.split())
    assert said.out == ""


def test_while_a_night_runs_it_waits_for_nobody(home: Home) -> None:
    with one_at_a_time(home.places.home):
        said = tfc(home, "erase", "--respondent", response_id(home))
    assert said.code == 2
    assert "Another night is running in this TFC_HOME" in said.err


def test_what_is_not_held_ends_with_1(home: Home) -> None:
    said = tfc(home, "erase", "--respondent", "R_nobody_at_all", "--json")
    assert said.code == 1
    assert said.json == {"erased": False, "reason": "not_found"}
    assert said.err.startswith("Nothing is held of that.")
    assert "R_nobody_at_all" not in said.out + said.err


def test_where_nothing_was_ever_taken_in_nothing_is_held(tmp_path: Path) -> None:
    empty = Home(tmp_path)
    empty.landing.mkdir()
    assert tfc(empty, "erase", "--story", "GL-001").code == 1
    assert not empty.places.home.exists()


def test_an_id_of_two_is_refused_with_the_places_alone(home: Home) -> None:
    said = tfc(home, "erase", "--story", story_id(home), "--json")
    assert said.code == 2
    nothing = {"source": "stories", "population": "", "wave": ""}
    assert said.json == {
        "erased": False,
        "reason": "ambiguous",
        "places": [{"site": "glasgow", **nothing}, {"site": "stoke", **nothing}],
    }
    assert said.err.splitlines()[1:] == ["- glasgow / stories", "- stoke / stories"]
    assert "That id stands for more than one record. Say which is meant with --site" in said.err


def test_a_person_goes_and_the_night_follows(home: Home) -> None:
    name = response_id(home)
    said = tfc(home, "erase", "--respondent", "-", "--json", given=f"{name}\n")
    assert said.code == 0, said.err
    night = said.json.pop("night")
    assert {key: value for key, value in said.json.items() if key != "night"} == {
        "erased": True,
        "already": False,
        "kind": "respondent",
        "site": "glasgow",
        "source": "surveys",
        "files": 1,
        "removed_whole": 0,
        "releases_removed": [],
        "unopened": [],
    }
    assert night == {"success": True, "reasons": [], "research": home.research_id, "release": home.release_id}
    assert name not in said.out + said.err


def test_asked_again_it_says_so(home: Home) -> None:
    said = tfc(home, "erase", "--respondent", response_id(home))
    assert said.code == 0
    assert said.out.splitlines() == [
        f"Erased already on {FIRST:%d/%m/%Y}: a respondent of glasgow/surveys, in 1 file.",
        f"Research: {home.research_id}. Release: {home.release_id}.",
    ]


def test_a_story_goes_though_no_night_can_follow(home: Home) -> None:
    """Readers have at once no release with its text; here there is none without it."""
    release, story = home.release_id, story_id(home)
    with home.release() as con:
        assert con.execute("select count(*) from stories where story_id = ?", [story]).fetchall() == [(1,)]
    home.landing.rename(home.folder / "elsewhere")
    try:
        said = tfc(home, "erase", "--story", story, "--site", "glasgow")
    finally:
        (home.folder / "elsewhere").rename(home.landing)
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert lines[:3] == [
        "Erased: a story of glasgow/stories, in 2 files.",
        f"Release {release} was removed.",
        "What is left was not published anew. Why:",
    ]
    assert lines[3].startswith("- TFC_LANDING is ")
    assert lines[4:] == ["Research: none. Release: none."]
    listed = tfc(home, "releases", "list")
    assert "removed" in listed.out
    shown = tfc(home, "releases", "show", release)
    assert shown.code == 1
    assert f"Release {release} was removed on {FIRST.isoformat()}: a story in it was erased." in " ".join(
        shown.err.split()
    )
