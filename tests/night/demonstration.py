"""Two nights of the demonstration, which several modules look at: made once for all of the test processes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from .analysts import readers
from .nights import Home, agree, demo, planted_flags, sessions

SEED = 2026  # of `tfc demo`, of which docs/questions.md has the answers
FIRST, SECOND = date(2026, 10, 20), date(2026, 11, 20)  # both waves of the surveys are locked


@dataclass(frozen=True)
class Demonstration:
    """A home after both nights. The first release has pages; `read_meanwhile` is what analysts read during the second night."""

    home: Home
    answers: dict[str, Any]
    first_release: str
    first_sessions: list[dict[str, Any]]
    read_meanwhile: dict[str, list[Any]]


def two_nights(folder: Path) -> Demonstration:
    """Run both nights in an empty folder; each agrees with the answers of the demonstration."""
    home = Home(folder / "home", with_pages=True)
    first = demo(home, SEED).as_dict()
    home.good_night(FIRST)
    agree(home, first)
    assert home.flags() >= planted_flags(first)
    release, before = home.release_id, sessions(home)
    home = replace(home, with_pages=False)
    second = demo(home, SEED, night=2).as_dict()
    with readers(home) as seen:
        home.good_night(SECOND)
    return Demonstration(home, second, release, before, seen)
