"""A night that is killed, at whatever point, leaves the last release whole; the next one ends where it would have.

More points: within a long file (tests/take_in), a build upon another (`test_in_part`), publishing (tests/publish).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .nights import Home, marts, small_returns, tree

KILLER = Path(__file__).with_name("killer.py")
FIRST_NIGHT = [
    "tfc_platform.take_in.run:write_receipt:3:before",  # some files in, some not, and of one the rows without its receipt
    "tfc_platform.tonight:_judge:1:before",  # dbt is done, nothing is judged
    "tfc_platform.orchestrate.publishing:mark_done:1:before",  # released, and not noted as done
]
SECOND_NIGHT = [
    "tfc_platform.publish.release:switch:1:before",  # the release is in its place, nothing names it
]


@dataclass(frozen=True)
class Killed:
    home: Home
    undisturbed: Home
    first: list[dict[str, Any]]
    second: list[dict[str, Any]]
    first_undisturbed: str  # its release


def run(home: Home, number: int, places: list[str]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, str(KILLER), str(home.folder), str(number), *places],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"place"')]
    assert len(lines) == len(places) + 1, done.stderr[-3000:]
    return lines


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, first_night: Home) -> Killed:
    folder = tmp_path_factory.mktemp("killed")
    home, undisturbed = Home(folder / "killed"), first_night.copied(folder / "undisturbed")
    shutil.copytree(undisturbed.landing, home.landing)
    first = run(home, 1, FIRST_NIGHT)
    for one in (home, undisturbed):
        small_returns(one.landing, night=2)
    second = run(home, 2, SECOND_NIGHT)
    run(undisturbed, 2, [])
    return Killed(home, undisturbed, first, second, first_night.release_id)


def test_each_process_was_killed_and_the_last_was_not(killed: Killed) -> None:
    for ends in (killed.first, killed.second):
        assert [end["ended"] for end in ends] == [-9] * (len(ends) - 1) + [0]


def test_readers_see_nothing_before_the_first_release_and_then_the_whole_of_it(killed: Killed) -> None:
    assert [end["release"] for end in killed.first] == [None, None, *[killed.first_undisturbed] * 2]
    assert killed.first[-1]["research"] is not None
    assert all(end["problems"] == [] for end in killed.first)


def test_readers_see_the_earlier_release_whole_until_the_new_one_is_named(killed: Killed) -> None:
    before, after = killed.first[-1]["release"], killed.undisturbed.release_id
    assert before != after
    assert [end["release"] for end in killed.second] == [before, after]
    assert all(end["problems"] == [] for end in killed.second)


def test_the_next_night_ends_where_an_undisturbed_one_does_to_the_byte(killed: Killed) -> None:
    assert tree(killed.home.places.releases) == tree(killed.undisturbed.places.releases)


def test_analysts_find_the_rows_of_an_undisturbed_night(killed: Killed) -> None:
    found = marts(killed.home)
    assert len(found) > 10
    assert found == marts(killed.undisturbed)


def test_the_lake_holds_the_same_rows_receipts_and_texts(killed: Killed) -> None:
    def kept(home: Home) -> dict[str, str]:
        # A sighting has the time of its night; everything else is a function of the files.
        found = tree(home.places.lake) | {f"text/{name}": sha for name, sha in tree(home.places.text).items()}
        return {name: sha for name, sha in found.items() if not name.startswith("sightings/")}

    assert kept(killed.home) == kept(killed.undisturbed)
    assert tree(killed.home.places.vault) == tree(killed.undisturbed.places.vault)
    assert killed.home.flags() == killed.undisturbed.flags()


def test_nothing_half_written_is_left(killed: Killed) -> None:
    left = [
        path.name for path in killed.home.places.home.rglob(".*") if path.name.startswith((".writing-", ".building-"))
    ]
    assert left == []
