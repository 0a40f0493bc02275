"""What `tfc erase` says, and how it ends. Of a person, with the night that follows: `test_everywhere`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.night.nights import FIRST, Home
from tfc_platform.night_lock import night_lock

from .command import tfc
from .conftest import Planted
from .people import QUALTRICS, Returns


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, planted: Planted) -> Home:
    """After two nights. The last test erases."""
    return planted.home.copied(tmp_path_factory.mktemp("command") / "home")


def response_id(home: Home) -> str:
    return Returns.there(home.landing).csv_rows(QUALTRICS)[6][8]


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
    with night_lock(home.places.home):
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


def test_an_id_of_two_is_refused_with_the_places_alone(home: Home, planted: Planted) -> None:
    said = tfc(home, "erase", "--story", planted.twofold, "--json")
    assert said.code == 2
    nothing = {"source": "stories", "population": "", "wave": ""}
    assert said.json == {
        "erased": False,
        "reason": "ambiguous",
        "places": [{"site": "glasgow", **nothing}, {"site": "stoke", **nothing}],
    }
    assert said.err.splitlines()[1:] == ["- glasgow / stories", "- stoke / stories"]
    assert "More than one record has that id. Say which is meant with --site" in said.err


def test_a_story_goes_though_no_night_can_follow(home: Home, planted: Planted) -> None:
    """Readers have at once the earlier release, which is without its text. No night follows one of a later day."""
    release, story = planted.second, planted.story
    assert home.release_id == release
    with home.release() as con:
        assert con.execute("select count(*) from stories where story_id = ?", [story]).fetchall() == [(1,)]
    day = FIRST - timedelta(days=1)
    said, again = (tfc(home, "erase", "--story", story, "--site", "glasgow", as_of=day) for _ in range(2))
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert lines[:3] == [
        "Erased: a story of glasgow/stories, in 2 files.",
        f"Release {release} was removed.",
        "What is left was not published anew. Why:",
    ]
    assert lines[3].startswith(f"- TFC_AS_OF is {day}, and the current release is of {FIRST}")
    assert lines[4:] == [f"Research: none. Release: {planted.first}."]
    assert again.code == 0, again.err
    assert again.out.splitlines() == [
        f"Erased already on {day:%d/%m/%Y}: a story of glasgow/stories, in 2 files.",
        *lines[1:],
    ]
    listed = tfc(home, "releases", "list")
    assert "removed" in listed.out
    shown = tfc(home, "releases", "show", release)
    assert shown.code == 1
    assert f"Release {release} was removed on {day.isoformat()}: a story in it was erased." in " ".join(
        shown.err.split()
    )
