"""Lets an assertion of the shared helpers say what differs, and shares a night that several modules begin with."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.shared_work import made_once

pytest.register_assert_rewrite("tests.night.nights")

from .analysts import readers  # noqa: E402  (after its rewriting is asked for)
from .demonstration import Demonstration, one_night  # noqa: E402
from .nights import FIRST, SECOND, Home, small_returns  # noqa: E402

READ = "read_meanwhile.json"


def _first_night(folder: Path) -> Home:
    home = Home(folder / "home", kept=True, with_pages=True)
    small_returns(home.landing)
    home.good_night(FIRST)
    return home


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home after a first night of small returns. Nobody writes in it: a module takes a copy (`Home.copied`)."""
    return made_once(tmp_path_factory, "first-night", _first_night)


@pytest.fixture(scope="session")
def second_night(tmp_path_factory: pytest.TempPathFactory, first_night: Home) -> Home:
    """A copy of that home after a second night, which brought returns of three sites. Nobody writes in it either."""
    return made_once(tmp_path_factory, "second-night", lambda folder: _second_night(first_night, folder))


def _second_night(first_night: Home, folder: Path) -> Home:
    home = first_night.copied(folder / "home", with_pages=True)
    small_returns(home.landing, night=2)
    with readers(home) as seen:
        home.good_night(SECOND)
    (folder / READ).write_text(json.dumps(seen))
    return home


@pytest.fixture(scope="session")
def read_meanwhile(second_night: Home) -> dict[str, list[Any]]:
    """What analysts read during that second night: see `analysts.readers`."""
    seen: dict[str, list[Any]] = json.loads(second_night.folder.with_name(READ).read_text())
    return seen


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """A night of the demonstration. Nobody writes in its home."""
    return made_once(tmp_path_factory, "demonstration", one_night)
