"""What the modules of this room share: the demonstration's returns, drawn once, and a home after two nights of planted ones."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.night.nights import Home
from tests.shared_work import made_once
from tfc_platform.demo import write

from .people import APPROVALS, KOBO, QUALTRICS, SMARTSURVEY, SPSS, STORIES, YOUNG, Asked, Returns, plant
from .requested import taken_in


@dataclass(frozen=True)
class Planted:
    """A home with everything that `people.plant` puts into it. Nobody writes in it: a test takes a copy (`Home.copied`).

    `first` is a release without the planted approved text, `second` one with it, of the same date. `twofold` is the id of a
    story that two sites have.
    """

    home: Home
    asked: tuple[Asked, ...]
    twofold: str
    first: str
    second: str

    @property
    def story(self) -> str:
        """The id of the planted story, which the second release holds."""
        return next(item.name for item in self.asked if item.kind == "story")


def _drawn(folder: Path) -> Path:
    write(folder, 5, 1)
    return folder


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of the demonstration's returns. Nobody writes in them."""
    return made_once(tmp_path_factory, "drawn", _drawn)


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory, drawn: Path) -> Planted:
    return made_once(tmp_path_factory, "planted", lambda folder: _planted(folder, drawn))


def _planted(folder: Path, drawn: Path) -> Planted:
    home = Home(folder / "home")
    returns = Returns.of(drawn, home.landing)
    asked = plant(returns)
    twofold = _told_twice(returns)
    story = next(item.name for item in asked if item.kind == "story")
    approvals = returns.csv_rows(APPROVALS)
    returns.write_csv(APPROVALS, [row for row in approvals if row[0] != story])
    home.good_night()
    first = home.release_id
    returns.write_csv(APPROVALS, approvals)
    home = replace(home, kept=True, with_pages=True)
    home.good_night()
    return Planted(home, tuple(asked), twofold, first, home.release_id)


def _told_twice(returns: Returns) -> str:
    """Give a story of another site the id of one that nobody may publish; gives the id."""
    told = returns.csv_rows(STORIES)
    approved = {row[0] for row in returns.csv_rows(APPROVALS)}
    twofold = next(row[0] for row in told[1:] if row[told[0].index("consent")] == "internal" and row[0] not in approved)
    other = STORIES.replace("glasgow", "stoke")
    rows = returns.csv_rows(other)
    place = next(place for place, row in enumerate(rows) if place and row[0] not in approved)
    rows[place][0] = twofold
    returns.write_csv(other, rows)
    return twofold


@pytest.fixture(scope="session")
def drop(tmp_path_factory: pytest.TempPathFactory, drawn: Path) -> Path:
    """The demonstration's surveys of professionals and of young people, stories and approvals."""
    folder = tmp_path_factory.mktemp("drop")
    for name in (QUALTRICS, SMARTSURVEY, *SPSS, YOUNG, *KOBO, STORIES, STORIES.replace("glasgow", "stoke"), APPROVALS):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(drawn / name, folder / name)
    return folder


@pytest.fixture
def home(drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("DAGSTER_HOME", "")  # so that what a command sets there is taken back
    found = Home(tmp_path)
    shutil.copytree(drop, found.landing)
    return found


@pytest.fixture(scope="session")
def held_once(tmp_path_factory: pytest.TempPathFactory, drop: Path) -> Home:
    """After all of them were taken in. Nobody writes in it."""
    found = Home(tmp_path_factory.mktemp("held") / "home")
    shutil.copytree(drop, found.landing)
    taken_in(found)
    return found


@pytest.fixture
def held(held_once: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of that home, with its landing zone."""
    monkeypatch.setenv("DAGSTER_HOME", "")
    return held_once.copied(tmp_path / "held")
