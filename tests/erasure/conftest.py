"""What the modules of this room share: the demonstration's returns, drawn once, and a home after two nights of planted ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.night.nights import Home
from tests.shared_work import made_once
from tfc_platform.demo import write

from .people import APPROVALS, STORIES, Asked, Returns, plant


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
    home = Home(folder / "home", kept=True)
    returns = Returns.of(drawn, home.landing)
    asked = plant(returns)
    twofold = _told_twice(returns)
    story = next(item.name for item in asked if item.kind == "story")
    approvals = returns.csv_rows(APPROVALS)
    returns.write_csv(APPROVALS, [row for row in approvals if row[0] != story])
    home.good_night()
    first = home.release_id
    returns.write_csv(APPROVALS, approvals)
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
