"""Hidden means unseen: each hidden thing is moved by one person or session, and every file of the release stays the same.

Four sites; all files byte by byte, but the pages and the workbook, which are made of the tables. With these the same is shown
in tests/release/test_persons. A hidden cell that is part of a shown total moves that total: such twins, with the same totals,
are those of tests/night.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.disclosure.world import World, make_world
from tests.disclosure.world_rows import CASEWORK

SITES = ("north", "south", "east", "west")
QUARTER, OPEN = "2025-Q2", "2025-Q3"


def _made(folder: Path, name: str) -> World:
    """One locked quarter at four sites, with a hidden cell of casework at the first."""
    world = make_world(folder, name=name, sites=SITES, quarters=2)
    world.set_visits("north", QUARTER, 3)
    return world


def _casework(world: World) -> None:
    world.set_visits("north", QUARTER, 4)


def _open_quarter(world: World) -> None:
    session = next(s for s in world.sessions if s.site == "north" and s.quarter == OPEN and s.unit == "group" and s.low)
    world.sessions[world.sessions.index(session)] = replace(session, low=(session.low or 0) + 1)


def _open_casework(world: World) -> None:
    world.set_visits("north", OPEN, 1 + sum(s.activity == CASEWORK and s.quarter == OPEN for s in world.sessions))


def _story(world: World) -> None:
    world.stories.pop()


def _open_wave(world: World) -> None:
    world.set_answers("north", "w2", "Hill", 7, 9)


def _files(release: Path) -> dict[str, str]:
    return {
        str(path.relative_to(release)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(release.rglob("*"))
        if path.is_file()
    }


def _day(world: World) -> date:
    return max(world.lock_day(QUARTER), world.lock_day("w1"))


def _released(world: World) -> dict[str, str]:
    world.write()
    assert world.release(_day(world)).published is not None
    return _files(world.current)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, dict[str, str]]:
    world = _made(tmp_path_factory.mktemp("base"), "base")
    return world, _released(world)


@pytest.mark.parametrize("move", [_casework, _open_quarter, _open_casework, _story, _open_wave])
def test_a_hidden_thing_that_moves_by_one_changes_no_byte(
    base: tuple[World, dict[str, str]], tmp_path: Path, move: Callable[[World], None]
) -> None:
    world, files = base
    twin = _made(tmp_path, "twin")
    move(twin)
    assert (twin.sessions, twin.stories, twin.respondents) != (world.sessions, world.stories, world.respondents)
    assert _released(twin) == files


def test_a_shown_thing_that_moves_is_seen(base: tuple[World, dict[str, str]], tmp_path: Path) -> None:
    """The comparison can fail: a session more of a group is one that readers see."""
    twin = _made(tmp_path, "twin")
    twin.add_heads("north", QUARTER, "choir", "A1", [30])
    changed = _released(twin)
    assert changed.keys() == base[1].keys()
    assert changed["parquet/reach.parquet"] != base[1]["parquet/reach.parquet"]
