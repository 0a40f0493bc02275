"""When there is another release and when there is none: what changed and why, and what stops one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tfc_platform.publication.released_table import ReleaseError
from tfc_platform.release.manage import verify_release
from tfc_platform.release.manifest import read_manifest
from tfc_platform.settings import ConfigurationError


@pytest.mark.usefixtures("without_pages")
def test_nothing_new_releases_nothing_also_on_another_day(world: Any) -> None:
    first = world.night()
    assert world.release() is None
    world.context = replace(world.context, as_of=date(2026, 5, 2), code_version="0.2.0")
    assert world.night() is None
    assert (world.places.releases / "current").resolve() == first.path


def test_what_changed_is_said_with_its_reasons(world: Any) -> None:
    first = world.night()
    world.change("mart_delivery", 0, sessions_delivered=4)
    world.rows["mart_partnership"].append(("stoke", "2025-Q3", 1, 1, 0, 1, 1, True))
    world.context = replace(
        world.context,
        as_of=date(2026, 5, 2),
        admitted={"glasgow": ["a" * 64, "b" * 64, "9" * 64], "stoke": ["8" * 64]},
        held=(),
    )
    second = world.night()
    found = read_manifest(second.path)
    assert (found["follows"], found["number"]) == (first.id, 2)
    changed = {item["table"]: item for item in found["changed"]}
    delivery, partnership = changed["delivery"], changed["partnership"]
    # Stoke is no longer held: its four figures change their status though not their values.
    assert (delivery["added"], delivery["removed"], delivery["changed"]) == (0, 0, 5)
    assert (partnership["added"], partnership["removed"], partnership["changed"]) == (3, 0, 0)
    assert delivery["reasons"] == [
        {"site": "glasgow", "reason": "new returns"},
        {"site": "stoke", "reason": "activity no longer held"},
        {"site": "stoke", "reason": "returns revised"},
    ]
    assert set(changed) == {"delivery", "partnership", "local_indicator"}
    assert "Glasgow: new returns" in (second.path / "about.html").read_text()


@pytest.mark.usefixtures("without_pages")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"code_version": "0.2.0"}, {"site": "all", "reason": "another version of the platform"}),
        ({"as_of": date(2026, 5, 14)}, {"site": "all", "reason": "another date"}),
        ({}, {"site": "all", "reason": "worked out again"}),
    ],
)
def test_a_change_without_returns_has_a_reason_too(world: Any, change: dict[str, Any], reason: dict[str, str]) -> None:
    world.night()
    world.change("mart_expected_return", 1, status="overdue")
    world.context = replace(world.context, **change)
    (changed,) = read_manifest(world.night().path)["changed"]
    assert (changed["table"], changed["reasons"]) == ("expected_return", [reason])


@pytest.mark.usefixtures("without_pages")
def test_another_policy_is_a_new_release_and_its_manifest_says_so(world: Any) -> None:
    world.night()
    second = world.release(policy=world.policy.model_copy(update={"version": "another"}))
    assert read_manifest(second.path)["disclosure_policy_version"] == "another"
    assert read_manifest(second.path)["changed"] == []  # nothing of these tables depends on it


def test_two_rows_with_the_same_keys_stop_the_release_and_no_cell_is_told(world: Any) -> None:
    world.rows["mart_delivery"].append(("glasgow", date(2025, 5, 1), "toy_library", "x", "y", 31, 0, 1.0, 1, "group"))
    world.warehouse()
    world.research()
    with pytest.raises(ReleaseError, match=r"^delivery has two rows with the same site, month, activity\.$"):
        world.release()
    assert list(world.places.releases.iterdir()) == []


@pytest.mark.usefixtures("without_pages")
@pytest.mark.parametrize("base", ["attendances", "stories", "persons", "somebody's own unit", None])
def test_a_row_whose_unit_is_about_persons_stops_the_release(world: Any, base: str | None) -> None:
    """Whatever the mart says of it: a unit that nobody declared is taken to be one of persons."""
    world.night()
    before = (world.places.releases / "current").resolve()
    world.change("mart_local_indicator", 2, base=base, value=4243.0)
    world.warehouse()
    world.research()
    with pytest.raises(
        ReleaseError, match=r"^local_indicator holds figures about people, which only person_tables may hold\.$"
    ):
        world.release()
    assert (world.places.releases / "current").resolve() == before
    assert verify_release(world.places) == []


def test_a_register_that_does_not_fit_the_marts_releases_nothing(world: Any) -> None:
    world.warehouse()
    world.research()
    delivery = next(table for table in world.register.tables if table.table == "delivery")
    for change, message in (
        ({"mart": "mart_gone"}, "publication_register.yaml: tables: there is no mart 'mart_gone'."),
        ({"only": {"gone": "x"}}, "publication_register.yaml: tables.delivery: mart_delivery has no column 'gone'."),
    ):
        register = world.register.model_copy(update={"tables": (delivery.model_copy(update=change),)})
        with pytest.raises(ConfigurationError, match=re.escape(message)):
            world.release(register=register)
    assert list(world.places.releases.iterdir()) == []


@pytest.mark.usefixtures("without_pages")
def test_an_empty_programme_can_be_released(world: Any) -> None:
    world.rows = {name: [] for name in world.rows}
    world.checks, world.stories = [], []
    world.context = replace(world.context, held=(), evidence=(), admitted={})
    path = world.night().path
    # The dictionary says what would be counted.
    assert sum(entry["rows"] for entry in read_manifest(path)["tables"] if entry["name"] != "metric") == 0
    assert verify_release(world.places) == []
