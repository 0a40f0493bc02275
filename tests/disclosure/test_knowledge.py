"""No figure leaves without a line that says what a reader learns from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.disclosure.world import make_world
from tfc_platform.disclosure.attacker_knowledge import KNOWLEDGE, NIGHTLY, require_units
from tfc_platform.disclosure.protect import prepare
from tfc_platform.publication.publication_register import PersonMeasure, load_register
from tfc_platform.publication.released_table import ReleaseError


def test_every_nightly_unit_has_a_line_and_another_stops_the_release() -> None:
    register = load_register()
    require_units((spec.table, measure.unit) for spec in register.tables for measure in spec.measures if measure.unit)
    with pytest.raises(ReleaseError, match=r"what a reader learns from pupils of table delivery\.$"):
        require_units([("delivery", "pupils")])


def test_a_unit_about_people_has_no_line_among_the_nightly_ones() -> None:
    register = load_register()
    about_people = {name for name in register.units if register.about_persons(name)}
    assert about_people
    assert not any((NIGHTLY, unit) in KNOWLEDGE for unit in about_people)


def test_a_new_kind_of_measure_about_people_stops_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(tmp_path, quarters=1)
    assert prepare(world.inputs(world.lock_day("2025-Q2"))).report.passed
    reach = next(spec for spec in world.register.person_tables if spec.table == "reach")
    hours = PersonMeasure(name="hours", column="hours", label="Hours", unit="hours", counts="with_persons")
    more = reach.model_copy(update={"measures": (*reach.measures, hours)})
    assert prepare(world.inputs(world.lock_day("2025-Q2"), register=(more,))).report.passed
    monkeypatch.delitem(KNOWLEDGE, ("head_count", "with_persons"))
    with pytest.raises(ReleaseError, match=r"what a reader learns from with_persons of table reach\.$"):
        prepare(world.inputs(world.lock_day("2025-Q3"), register=(more,)))
