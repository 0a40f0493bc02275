"""Exceptions (R12): who, why, for whom, until when; bound to what was looked at; never below the number of persons."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.disclosure.world import World, make_world
from tfc_platform.disclosure.exceptions import PublicationException, load_exceptions
from tfc_platform.disclosure.protect import due_on
from tfc_platform.release.manifest import read_manifest
from tfc_platform.settings import ConfigurationError

CELL = {
    "site": "north",
    "population": "community",
    "wave": "w1",
    "indicator": "Q1",
    "breakdown": "all",
    "breakdown_value": "all",
}


def two_schools(tmp_path: Path, positive: int = 40) -> World:
    """A survey of two clusters: R7 wants three."""
    world = make_world(tmp_path, quarters=1)
    for area in ("Hill", "Shore", None):
        world.set_answers("north", "w1", area, 0, 0)
    world.set_answers("north", "w1", "Hill", positive, 40, cluster_size=(positive + 40 + 1) // 2)
    world.write()
    return world


def exception(world: World, **changes: Any) -> PublicationException:
    snapshot = next(s for s in world.store.versions().values() if (s.site, s.name) == ("north", "community w1"))
    values = {
        "id": "two_schools",
        "table": "outcome_indicator",
        "cells": [CELL],
        "snapshot": snapshot.label,
        "snapshot_sha256": snapshot.content,
        "who": "The programme's statistician",
        "why": "Both schools agreed to the brief.",
        "approved_on": date(2025, 8, 1),
        "audience": "learning_loop",
        "expires_on": date(2025, 12, 31),
    }
    return PublicationException.model_validate(values | changes)


def estimate(world: World) -> tuple[float | None, str]:
    return world.figures("outcome_indicator")[tuple(CELL.values())]["estimate"]


def test_an_exception_lifts_the_number_of_clusters_and_the_release_names_it(tmp_path: Path) -> None:
    world = two_schools(tmp_path)
    day = world.lock_day("2025-Q2")
    world.release(day)
    assert estimate(world) == (None, "suppressed")
    night = world.release(day + timedelta(days=1), with_pages=True, exceptions=(exception(world),))
    assert night.published is not None
    assert estimate(world) == (50.0, "rounded")
    (named,) = read_manifest(world.current)["exceptions"]
    assert named["id"] == "two_schools"
    assert named["why"] == "Both schools agreed to the brief."
    assert "two_schools" in (world.current / "audit.html").read_text()


def test_it_ends_on_its_day(tmp_path: Path) -> None:
    world = two_schools(tmp_path)
    world.release(world.lock_day("2025-Q2"))
    given = exception(world)
    world.release(date(2025, 12, 31), exceptions=(given,))
    assert estimate(world) == (50.0, "rounded")
    night = world.release(date(2026, 1, 1), exceptions=(given,))
    assert estimate(world) == (None, "suppressed")
    assert night.prepared.notes[-1] == "Exception two_schools does not hold on 2026-01-01: it holds to 2025-12-31."
    # The nights on which it begins and ends are no nights with nothing new.
    dues = [due_on(world.catalogue, world.policy, (given,), day) for day in (date(2025, 12, 31), date(2026, 1, 1))]
    assert dues[0] != dues[1]


def test_other_content_than_was_looked_at_voids_it(tmp_path: Path) -> None:
    world = two_schools(tmp_path)
    world.release(world.lock_day("2025-Q2"))
    night = world.release(world.lock_day("2025-Q2"), exceptions=(exception(world, snapshot_sha256="0" * 64),))
    assert estimate(world) == (None, "suppressed")
    assert night.prepared.notes == (
        "Exception two_schools is void: surveys/north/community/w1@1 is not what it was given for.",
    )


def test_it_never_lifts_the_number_of_persons(tmp_path: Path) -> None:
    world = two_schools(tmp_path, positive=9)
    world.release(world.lock_day("2025-Q2"))
    world.release(world.lock_day("2025-Q2"), exceptions=(exception(world),))
    assert estimate(world) == (None, "suppressed")


@pytest.mark.parametrize("changes", [{"table": "nowhere"}, {"cells": [{"site": "north"}]}])
def test_an_exception_that_does_not_fit_the_register_stops_the_night(tmp_path: Path, changes: dict[str, Any]) -> None:
    world = two_schools(tmp_path)
    world.release(world.lock_day("2025-Q2"))
    with pytest.raises(ConfigurationError, match="exceptions: two_schools: table and cells are to name a table"):
        world.release(world.lock_day("2025-Q2"), exceptions=(exception(world, **changes),))


def test_a_file_is_read_strictly(tmp_path: Path) -> None:
    world = two_schools(tmp_path)
    world.release(world.lock_day("2025-Q2"))
    values = exception(world).model_dump(mode="json")
    folder = tmp_path / "exceptions"
    folder.mkdir()
    (folder / "one.yaml").write_text(yaml.safe_dump(values))
    assert [item.id for item in load_exceptions(folder)] == ["two_schools"]
    (folder / "two.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(ConfigurationError, match=r"two\.yaml: id: 'two_schools' stands twice"):
        load_exceptions(folder)
    (folder / "two.yaml").write_text(yaml.safe_dump(values | {"audience": "everybody"}))
    with pytest.raises(ConfigurationError, match=r"two\.yaml: audience: "):
        load_exceptions(folder)
