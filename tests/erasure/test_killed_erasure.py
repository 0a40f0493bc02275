"""An erasure that is killed, at whatever point, is finished by the next one or by the next night, and ends where it would.

What the night makes of a home whose erasure is done: `test_everywhere`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.night.nights import Home, tree
from tests.night.search import Secrets
from tfc_platform.erasure import erasure_ledger
from tfc_platform.release.manage import list_releases

from .conftest import Planted

KILLER = Path(__file__).with_name("killer.py")
PLACES = [
    "tfc_platform.release.removals:append:1:after",  # on record as removed, and still there
    "tfc_platform.erasure.affected_releases:switch:1:after",  # readers see the earlier one, the other is still there
    "tfc_platform.erasure.carry_out:_forget_built:1:after",  # no warehouse, no research; the vault is untouched
    "tfc_platform.erasure.carry_out:forget_made_of:1:after",  # what was made of a file is gone, its bytes are not
    "tfc_platform.ingest.vault:write_bytes:1:after",  # the table of cells is kept, the original is still there
    "tfc_platform.ingest.vault:replace:1:after",  # one of two files
    "tfc_platform.erasure.erasure_ledger:record_finished:1:before",  # all is done, and not noted
]
MIDST = PLACES[3]
OWN = ("keys", "erasures", "dagster", "night.lock")  # of TFC_HOME; the lock names its last holder
FINISHED = "tfc_platform.erasure.erasure_ledger:record_finished:1:after"


@dataclass(frozen=True)
class Killed:
    """Three copies of one home. `by_night` is killed again in the next night, once that has finished the erasure."""

    home: Home
    undisturbed: Home
    by_night: Home
    ends: list[dict[str, Any]]
    night_ends: list[dict[str, Any]]


def run(story: str, homes: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Erase the story in each home, by its folder, while being killed at the places."""
    done = subprocess.run(
        [sys.executable, str(KILLER), story, json.dumps(homes)],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"folder"')]
    assert {line["folder"] for line in lines} == homes.keys(), done.stderr[-3000:]
    return lines


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, planted: Planted) -> Killed:
    folder = tmp_path_factory.mktemp("killed")
    names = ("home", "undisturbed", "by_night")
    home, undisturbed, by_night = (planted.home.copied(folder / name) for name in names)
    places = [(home, PLACES), (undisturbed, []), (by_night, [MIDST, f"night {FINISHED}"])]
    lines = run(planted.story, {str(one.folder): list(where) for one, where in places})
    ends = {one.folder.name: [line for line in lines if line["folder"] == str(one.folder)] for one, _ in places}
    return Killed(home, undisturbed, by_night, ends["home"], ends["by_night"])


def test_each_process_was_killed_and_the_last_was_not(killed: Killed) -> None:
    assert [end["ended"] for end in killed.ends] == [-9] * len(PLACES) + [0]
    assert [end["ended"] for end in killed.night_ends] == [-9, -9]


def test_readers_see_the_text_until_the_pointer_moves_and_never_again(killed: Killed, planted: Planted) -> None:
    assert planted.first != planted.second
    seen = [end["release"] for end in killed.ends]
    assert seen == [planted.second] + [planted.first] * len(PLACES)


def test_it_ends_where_an_undisturbed_one_does(killed: Killed) -> None:
    """In every byte but the key of the erasures, which each home makes for itself, what is written with it, and Dagster's own."""

    def kept(home: Home) -> dict[str, str]:
        return {name: sha for name, sha in tree(home.places.home).items() if name.split("/")[0] not in OWN}

    assert len(kept(killed.undisturbed)) > 100
    assert kept(killed.home) == kept(killed.undisturbed)
    assert kept(killed.by_night) == kept(killed.undisturbed)
    assert len(erasure_ledger.read(killed.home.places)) == 1


def test_the_text_is_nowhere(killed: Killed, planted: Planted) -> None:
    """What is the same in all three is looked through once."""
    secrets = Secrets(next(item.secrets for item in planted.asked if item.kind == "story"))
    assert secrets.below(planted.home.places.vault)
    assert secrets.below(killed.undisturbed.places.home) == {}
    for home in (killed.home, killed.by_night):
        same = [place for place in home.places.home.iterdir() if place.name not in OWN]
        assert secrets.below(home.places.home, same) == {}


def test_the_removed_release_is_listed_once(killed: Killed, planted: Planted) -> None:
    removed = [info.id for info in list_releases(killed.home.places) if info.is_removed]
    assert removed == [planted.second]


def test_nothing_half_written_is_left(killed: Killed) -> None:
    left = [p.name for p in killed.home.places.home.rglob(".*") if p.name.startswith((".writing-", ".building-"))]
    assert left == []
