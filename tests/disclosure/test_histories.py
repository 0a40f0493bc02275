"""Histories of a year at four sites, attacked by all their releases together: a few here, many by `make attack`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.disclosure.histories import attack_history, make_history
from tests.disclosure.world import World, make_world

HISTORIES = max(1, int(os.environ.get("ATTACKED_WORLDS", "0")) // 20)


@pytest.mark.parametrize("seed", range(5, 5 + HISTORIES))
def test_a_history_withstands_all_its_releases_together(tmp_path: Path, seed: int) -> None:
    history = make_history(tmp_path, seed)
    assert history.shown["reach"], "else it is no proof that all is hidden"
    assert history.shown["outcome_indicator"]
    assert attack_history(history) == []


def difference(world: World) -> tuple[float | None, str]:
    keys = ("north", "community", "Q1", "repeated_cross_section", "w1", "w2")
    return world.figures("outcome_change")[keys]["difference"]


def test_a_change_is_from_the_answers_that_are_locked(tmp_path: Path) -> None:
    """Two answers that came late to the first wave would show in the change, which the marts make of all answers."""
    world = make_world(tmp_path, sites=("north",), quarters=1)
    world.release(world.lock_day("w1"))
    kept = list(world.respondents)
    world.set_answers("north", "w1", "Hill", 2, 0)
    world.respondents = [*kept, *(one for one in world.respondents if one not in kept)]
    world.write()
    world.release(world.lock_day("w2"))
    assert difference(world) == (None, "not_available")


def test_a_change_from_unchanged_answers_is_shown(tmp_path: Path) -> None:
    world = make_world(tmp_path, sites=("north",), quarters=1)
    world.release(world.lock_day("w1"))
    world.release(world.lock_day("w2"))
    assert difference(world)[1] == "rounded"
