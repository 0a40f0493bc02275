"""What closes the gate: figures that contradict each other, and tables without evidence of an audit. Reasons name no cell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.disclosure.world import UNKNOWN, World, make_world
from tfc_platform.disclosure.audit_evidence import audit_evidence, required_audits, subjects_of
from tfc_platform.disclosure.policy import AuditLimits
from tfc_platform.disclosure.protect import Prepared, prepare
from tfc_platform.gate import judge
from tfc_platform.publication.publication_register import load_register
from tfc_platform.release.manage import list_releases, verify_release
from tfc_platform.research import GateClosed

QUARTER = "2025-Q2"


def trapped(tmp_path: Path) -> World:
    """Three activities under their total, whose rounding gives the small one away: 198 to 202 less twice 98 to 102.

    So it holds 6 at most. A group of up to four in it would be known to within six.
    """
    known = load_register()
    with_total = tuple(
        spec.model_copy(update={"total_over": "activity"}) if spec.table == "reach" else spec
        for spec in known.person_tables
    )
    world = make_world(
        tmp_path,
        sites=("north",),
        quarters=1,
        venues={"A1": "Hill"},
        casework=False,
        waves={},
        register=known.model_copy(update={"person_tables": with_total}),
    )
    world.set_heads("north", QUARTER, "choir", UNKNOWN, [])
    for activity, heads in (("choir", [50, 30, 21]), ("kitchen", [50, 30, 21]), ("play", [0, 0, 0])):
        world.set_heads("north", QUARTER, activity, "A1", heads)
    world.write()
    return world


CODES = ("north", QUARTER, "play", "choir", "kitchen", "A1", "Hill")


def test_figures_that_contradict_each_other_close_the_gate_with_the_tables_name_and_no_cell(tmp_path: Path) -> None:
    world = make_world(tmp_path, quarters=1)
    first = world.release(world.lock_day(QUARTER))
    before = world.current
    # Something else was published of the same quarter: another programme's figures, or a fault of ours.
    reach = next(table for table in first.prepared.tables if table.name == "reach")
    place, row = next((n, row) for n, row in enumerate(reach.rows) if row[-2] == "rounded")
    wrong = replace(reach, rows=(*reach.rows[:place], (*row[:-3], row[-3] + 100, *row[-2:]), *reach.rows[place + 1 :]))
    world.archive.add(replace(first.prepared.published, tables=[wrong]))
    kept = world.archive.digests()
    world.set_heads("north", "2025-Q3", "choir", "A1", [40, 30, 20])  # there would be something new to publish
    world.write()
    later = world.lock_day("2025-Q3")
    with pytest.raises(GateClosed) as caught:
        world.release(later)
    message = str(caught.value)
    assert "contradict each other" in message
    assert "Check joint_audit (release) of reach for all sites could not be judged" in message
    for code in CODES:
        assert code not in message
        assert not any(code in reason for reason in caught.value.reasons)
    # The earlier one is served on, whole, and nothing of the refused one counts as published.
    assert world.current == before
    assert verify_release(world.places) == []
    assert [item.id for item in list_releases(world.places)] == [before.name]
    assert world.archive.digests() == kept


def test_what_an_earlier_release_gave_away_closes_no_gate_and_nothing_more_of_it_is_published(tmp_path: Path) -> None:
    world = trapped(tmp_path)
    lax = world.policy.model_copy(update={"audit": AuditLimits(group=2, width=1)})
    world.release(world.lock_day(QUARTER), policy=lax)
    before = world.figures("reach")
    world.set_heads("north", "2025-Q3", "choir", "A1", [40, 30, 20])
    world.write()
    night = world.release(world.lock_day("2025-Q3"))
    assert night.published is not None
    after = world.figures("reach")
    assert {key: after[key] for key in before} == before
    assert after["north", "2025-Q3", "choir"]["attendances_low"] == (90.0, "rounded")
    assert [note for note in night.prepared.notes if "earlier releases give away" in note] == [
        "Combinations that earlier releases give away by today's rules, which nothing can take back: 2."
    ]


def test_the_same_figures_pass_where_nothing_was_said_before(tmp_path: Path) -> None:
    """What has never been published can still be withheld, with all of its table: then the gate opens."""
    world = trapped(tmp_path)
    night = world.release(world.lock_day(QUARTER))
    assert night.published is not None
    assert night.prepared.report.passed
    hidden = [key for key, row in world.figures("reach").items() if row["attendances_low"][1] == "suppressed_secondary"]
    assert sorted(hidden) == [("north", QUARTER, code) for code in ("all", "choir", "kitchen", "play")]
    # All sessions are at one venue, whose row is the same total.
    assert world.figures("reach_area")["north", QUARTER, "N-A1"]["attendances_low"] == (None, "suppressed_secondary")
    assert "Parts of tables that are withheld for good, so that no small group can be worked out: 2." in (
        night.prepared.notes
    )


def passed(tmp_path: Path) -> tuple[World, Prepared]:
    world = make_world(tmp_path, quarters=1)
    prepared = prepare(world.inputs(world.lock_day(QUARTER)))
    assert prepared.report.passed
    return world, prepared


def test_tables_other_than_those_that_were_audited_are_not_published(tmp_path: Path) -> None:
    """Evidence is about the very bytes: one figure changed after the audit, and there is no evidence."""
    world, prepared = passed(tmp_path)
    judged = audit_evidence(prepared.report, prepared.tables, world.policy)
    assert judge(required_audits(prepared.tables), judged, subjects_of(prepared.tables)).open
    tables = list(prepared.tables)
    place = next(n for n, table in enumerate(tables) if table.name == "reach")
    row = tables[place].rows[0]
    width = tables[place].keys
    tables[place] = replace(
        tables[place], rows=((*row[: width + 1], (row[width + 1] or 0) + 5, *row[width + 2 :]), *tables[place].rows[1:])
    )
    verdict = judge(required_audits(tables), judged, subjects_of(tables))
    assert not verdict.open
    assert verdict.reasons == tuple(
        f"Check {check} (release) of reach for all sites judged other data than what is to be published."
        for check in ("joint_audit", "suppressed_share")
    )


@pytest.mark.parametrize("missing", ["reach", "outcome_change"])
def test_a_table_without_audit_is_not_published(tmp_path: Path, missing: str) -> None:
    world, prepared = passed(tmp_path)
    judged = [e for e in audit_evidence(prepared.report, prepared.tables, world.policy) if e.source != missing]
    verdict = judge(required_audits(prepared.tables), judged, subjects_of(prepared.tables))
    assert not verdict.open
    assert all(missing in reason for reason in verdict.reasons)


def test_an_audit_that_found_a_fault_in_no_table_closes_the_gate_for_all(tmp_path: Path) -> None:
    world, prepared = passed(tmp_path)
    unsure = replace(prepared.report, passed=False, reasons=("It could not be decided.",))
    with pytest.raises(GateClosed) as caught:
        world.release(world.lock_day(QUARTER), prepared=replace(prepared, report=unsure))
    assert "It could not be decided." in caught.value.reasons
    for table in world.person_tables:
        assert any(table in reason for reason in caught.value.reasons)
    assert not (world.places.releases / "current").exists()
