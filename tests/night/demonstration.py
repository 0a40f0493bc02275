"""A night of the demonstration, which several modules look at: made once for all of the test processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from .nights import Home, agree, demo, planted_flags

SEED = 2026  # of `tfc demo`, of which docs/questions.md has the answers
AS_OF = date(2026, 10, 20)  # both waves of the surveys are locked


@dataclass(frozen=True)
class Demonstration:
    """A home after its first night, with a whole release."""

    home: Home
    answers: dict[str, Any]


def one_night(folder: Path) -> Demonstration:
    """Run the night in an empty folder; it agrees with the answers of the demonstration."""
    home = Home(folder / "home", with_pages=True)
    answers = demo(home, SEED).as_dict()
    home.good_night(AS_OF)
    agree(home, answers)
    assert home.flags() >= planted_flags(answers)
    return Demonstration(home, answers)
