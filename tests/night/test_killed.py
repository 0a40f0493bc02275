"""A night that is killed, at whatever point, leaves the last release whole; the next one ends where it would have.

More points: within a long file (tests/ingest), a build upon another (`test_in_part`), publishing (tests/release).
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .nights import Home, marts, small_returns, tree

KILLER = Path(__file__).with_name("killer.py")
PLACES = [
    "tfc_platform.ingest.ingest_sender:write_receipt:1:before",  # a file's rows are in the lake, its receipt is not
    "tfc_platform.orchestration.publishing_assets:mark_done:1:before",  # released, and not noted as done
]


@dataclass(frozen=True)
class Killed:
    """A copy of a home after its first night, whose second is killed at each place; and one whose second was not disturbed."""

    home: Home
    undisturbed: Home
    before: str  # the first night's release
    ends: list[dict[str, Any]]


def run(home: Home, places: list[str]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, str(KILLER), str(home.folder), *places],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"place"')]
    assert len(lines) == len(places) + 1, done.stderr[-3000:]
    return lines


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, first_night: Home, second_night: Home) -> Killed:
    home = first_night.copied(tmp_path_factory.mktemp("killed") / "home")
    small_returns(home.landing, night=2)
    return Killed(home, second_night, first_night.release_id, run(home, PLACES))


def test_each_process_was_killed_and_the_last_was_not(killed: Killed) -> None:
    assert [end["ended"] for end in killed.ends] == [-9] * len(PLACES) + [0]


def test_readers_see_the_earlier_release_whole_until_the_new_one_is_named(killed: Killed) -> None:
    before, after = killed.before, killed.undisturbed.release_id
    assert before != after
    assert [end["release"] for end in killed.ends] == [before, after, after]
    assert all(end["problems"] == [] for end in killed.ends)


def test_the_next_night_ends_where_an_undisturbed_one_does_to_the_byte(killed: Killed) -> None:
    assert tree(killed.home.places.releases) == tree(killed.undisturbed.places.releases)


def test_analysts_find_the_rows_of_an_undisturbed_night(killed: Killed) -> None:
    found = marts(killed.home)
    assert len(found) > 10
    assert found == marts(killed.undisturbed)


def test_the_lake_holds_the_same_rows_receipts_and_texts(killed: Killed) -> None:
    def kept(home: Home) -> dict[str, Any]:
        # A sighting has the time of its night, a receipt that of its reading, and counts are named by a build, whose id knows
        # when files came; everything else is a function of the files.
        found: dict[str, Any] = {f"text/{name}": sha for name, sha in tree(home.places.text).items()}
        found |= {
            name: sha
            for name, sha in tree(home.places.lake).items()
            if not name.startswith(("sightings/", "admitted_rows/"))
        }
        for file in home.places.lake.glob("receipts/**/*.json"):
            found[file.relative_to(home.places.lake).as_posix()] = {**json.loads(file.read_text()), "read_at": None}
        return found

    assert kept(killed.home) == kept(killed.undisturbed)
    assert tree(killed.home.places.vault) == tree(killed.undisturbed.places.vault)
    assert killed.home.flags() == killed.undisturbed.flags()


def test_nothing_half_written_is_left(killed: Killed) -> None:
    left = [
        path.name for path in killed.home.places.home.rglob(".*") if path.name.startswith((".writing-", ".building-"))
    ]
    assert left == []
