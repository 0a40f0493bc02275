"""Hidden means unseen: each hidden thing is moved by one person or session, and every file of the release stays the same.

Four sites; all files byte by byte, but the pages and the workbook, which are made of the tables. With these the same is shown
in tests/release/test_persons. A hidden cell that is part of a shown total moves that total: such twins, with the same totals,
are those of tests/night, which go through dbt: partners and indicators of casework are there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.disclosure.rows import Session
from tests.disclosure.world import GROUPS, World, make_world
from tests.disclosure.world_rows import CASEWORK

SITES = ("north", "south", "east", "west")
QUARTER, OPEN = "2025-Q2", "2025-Q3"


def _made(folder: Path, name: str) -> World:
    """One locked quarter at four sites; at the first casework, the area A3 and the answers of Shore are hidden."""
    world = make_world(folder, name=name, sites=SITES, quarters=2)
    world.set_visits("north", QUARTER, 3)
    for activity in GROUPS:
        world.set_heads("north", QUARTER, activity, "A3", [3, 2, 4] if activity == "play" else [])
    world.set_answers("north", "w1", "Shore", 5, 7)
    return world


def _casework(world: World) -> None:
    world.set_visits("north", QUARTER, 4)


def _open_quarter(world: World) -> None:
    _one_more(world, lambda s: s.quarter == OPEN and s.unit == "group" and bool(s.low))


def _one_more(world: World, fits: Callable[[Session], bool]) -> None:
    """A head more in the first of the north's sessions that fit."""
    place = next(n for n, s in enumerate(world.sessions) if s.site == "north" and fits(s))
    world.sessions[place] = replace(world.sessions[place], low=(world.sessions[place].low or 0) + 1)


def _open_casework(world: World) -> None:
    world.set_visits("north", OPEN, 1 + sum(s.activity == CASEWORK and s.quarter == OPEN for s in world.sessions))


def _hidden_area(world: World) -> None:
    _one_more(world, lambda s: s.quarter == QUARTER and s.activity == "play" and s.area == "Shore" and s.low == 2)


def _from_hidden_area(world: World) -> None:
    """Somebody of Shore did not say where they live."""
    number = next(n for n, r in enumerate(world.respondents) if (r.site, r.wave, r.area) == ("north", "w1", "Shore"))
    world.respondents[number] = replace(world.respondents[number], area=None)


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


def _released(world: World, after: int = 0, **changes: date) -> dict[str, str]:
    world.write()
    assert world.release(_day(world) + timedelta(days=after), **changes).published is not None
    return _files(world.current)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, dict[str, str]]:
    world = _made(tmp_path_factory.mktemp("base"), "base")
    return world, _released(world)


@pytest.mark.parametrize(
    "move", [_casework, _open_quarter, _open_casework, _hidden_area, _from_hidden_area, _story, _open_wave]
)
def test_a_hidden_thing_that_moves_by_one_changes_no_byte(
    base: tuple[World, dict[str, str]], tmp_path: Path, move: Callable[[World], None]
) -> None:
    world, files = base
    twin = _made(tmp_path, "twin")
    move(twin)
    assert (twin.sessions, twin.stories, twin.respondents) != (world.sessions, world.stories, world.respondents)
    assert _released(twin) == files


def test_what_is_to_be_hidden_is_hidden(base: tuple[World, dict[str, str]]) -> None:
    world, _ = base
    area = next(
        row
        for key, row in world.figures("reach_area").items()
        if key[:2] == ("north", QUARTER) and key[2].endswith("A3")
    )
    assert area["attendances_low"] == (None, "suppressed")
    estimates = world.figures("outcome_indicator")
    assert estimates["north", "community", "w1", "Q1", "area", "Shore"]["estimate"] == (None, "suppressed")
    assert estimates["north", "community", "w1", "Q1", "area", "Hill"]["estimate"][1] == "rounded"


@pytest.fixture(scope="module")
def next_night(base: tuple[World, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A second night, on which a file came and nobody was erased."""
    world = base[0].copied(tmp_path_factory.mktemp("next") / "home")
    world.admitted["north"].append("a" * 64)
    return _released(world, 1)


def test_an_erased_person_changes_no_byte(
    base: tuple[World, dict[str, str]], next_night: dict[str, str], tmp_path: Path
) -> None:
    """In the other second night a visit, a story and a respondent of what is locked were erased."""
    world = base[0].copied(tmp_path / "home")
    world.admitted["north"].append("a" * 64)
    world.sessions.remove(next(s for s in world.sessions if s.activity == CASEWORK and s.quarter == QUARTER))
    world.stories.pop(0)
    world.respondents.remove(next(r for r in world.respondents if (r.site, r.wave) == ("south", "w1")))
    assert _released(world, 1, last_erasure=_day(world) + timedelta(days=1)) == next_night
    assert sum(entry.what == "erased" for entry in world.ledger.read()) == 3


def test_a_shown_thing_that_moves_is_seen(base: tuple[World, dict[str, str]], tmp_path: Path) -> None:
    """The comparison can fail: a session more of a group is one that readers see."""
    twin = _made(tmp_path, "twin")
    twin.add_heads("north", QUARTER, "choir", "A1", [30])
    changed = _released(twin)
    assert changed.keys() == base[1].keys()
    assert changed["parquet/reach.parquet"] != base[1]["parquet/reach.parquet"]
