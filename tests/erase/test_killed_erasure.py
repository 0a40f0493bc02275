"""An erasure that is killed, at whatever point, is finished by the next one or by the next night, and ends where it would."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.night.nights import Home, marts, tree
from tests.night.search import Secrets
from tfc_platform.erase import ledger
from tfc_platform.publish.releases import list_releases

from .people import APPROVALS, STORIES, Returns

KILLER = Path(__file__).with_name("killer.py")
PLACES = [
    "tfc_platform.erase.remove:remove_releases:1:before",  # the intent is written, and nothing else
    "tfc_platform.publish.removals:append:1:after",  # on record as removed, and still there
    "tfc_platform.erase.releases:switch:1:after",  # readers see the earlier one, the other is still there
    "tfc_platform.erase.releases:forget:1:after",
    "tfc_platform.erase.remove:_forget_built:1:after",  # no warehouse, no research; the vault is untouched
    "tfc_platform.erase.remove:forget_made_of:1:after",  # what was made of a file is gone, its bytes are not
    "tfc_platform.take_in.vault:replace:1:after",  # one of two files
    "tfc_platform.erase.ledger:note:1:before",  # all is done, and not noted
]
SECRET = "Vellzaquör-killed-ñ"


@dataclass(frozen=True)
class Killed:
    home: Home
    undisturbed: Home
    by_night: Home
    ends: list[dict[str, Any]]
    night_ends: list[dict[str, Any]]
    first: str
    second: str


def run(home: Home, story: str, *places: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, str(KILLER), str(home.folder), story, *places],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"place"')]
    assert lines, done.stderr[-3000:]
    return lines


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """Two releases: the first without the story's text, the second with it."""
    folder = tmp_path_factory.mktemp("killed")
    home = Home(folder / "home")
    returns = Returns(home.landing)
    approvals = returns.csv_rows(APPROVALS)
    told = returns.csv_rows(STORIES)
    shared = {row[0] for row in told if row[told[0].index("consent")] == "share"}
    line = next(row for row in approvals if row[0] in shared)
    returns.write_csv(APPROVALS, [row for row in approvals if row is not line])
    home.good_night()
    first = home.release_id
    line[1] = f"Words of {SECRET}"
    returns.write_csv(APPROVALS, approvals)
    home.good_night()
    second = home.release_id
    undisturbed, by_night = Home(folder / "undisturbed"), Home(folder / "by_night")
    for other in (undisturbed, by_night):
        shutil.copytree(home.folder, other.folder, symlinks=True)
    ends = run(home, line[0], *PLACES)
    night_ends = run(by_night, line[0], PLACES[5], "night")
    run(undisturbed, line[0])
    for one in (home, undisturbed):
        one.good_night()
    return Killed(home, undisturbed, by_night, ends, night_ends, first, second)


def test_each_process_was_killed_and_the_last_was_not(killed: Killed) -> None:
    assert [end["ended"] for end in killed.ends] == [-9] * len(PLACES) + [0]
    assert [end["ended"] for end in killed.night_ends] == [-9, 0]


def test_readers_see_the_text_until_the_pointer_moves_and_never_again(killed: Killed) -> None:
    assert killed.first != killed.second
    seen = [end["release"] for end in killed.ends]
    assert seen == [killed.second] * 2 + [killed.first] * (len(PLACES) - 1)


def test_it_ends_where_an_undisturbed_one_does(killed: Killed) -> None:
    def kept(home: Home) -> dict[str, str]:
        places = home.places
        found = {
            f"{place.name}/{name}": sha for place in (places.vault, places.text) for name, sha in tree(place).items()
        }
        lake = {name: sha for name, sha in tree(places.lake).items() if not name.startswith("sightings/")}
        return found | lake

    assert kept(killed.home) == kept(killed.undisturbed) == kept(killed.by_night)
    assert tree(killed.home.places.releases) == tree(killed.undisturbed.places.releases)
    assert marts(killed.home) == marts(killed.undisturbed) == marts(killed.by_night)
    assert (
        ledger.read(killed.home.places) == ledger.read(killed.undisturbed.places) == ledger.read(killed.by_night.places)
    )
    assert len(ledger.read(killed.home.places)) == 1


def test_the_text_is_nowhere(killed: Killed) -> None:
    for home in (killed.home, killed.undisturbed, killed.by_night):
        assert Secrets([SECRET]).below(home.places.home) == {}


def test_the_removed_release_is_listed_once(killed: Killed) -> None:
    removed = [info.id for info in list_releases(killed.home.places) if info.is_removed]
    assert removed == [killed.second]


def test_nothing_half_written_is_left(killed: Killed) -> None:
    left = [p.name for p in killed.home.places.home.rglob(".*") if p.name.startswith((".writing-", ".building-"))]
    assert left == []
