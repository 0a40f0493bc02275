"""The attacker's tests of docs/disclosure.md that are about what is published, night by night: T1-T5, T10, T12, T15, T16.

T6-T9 are in `audit/`, T11 in `test_small_world`, T13 in tests/night, T14 in `test_rules`, T17 in tests/gate and
tests/night.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.disclosure.world import UNKNOWN, World, make_world
from tests.disclosure.world_rows import CASEWORK
from tfc_platform.disclosure.attacker_view import Problem, problem
from tfc_platform.disclosure.audit.counterexamples import find_twins
from tfc_platform.disclosure.person_tables import person_tables
from tfc_platform.disclosure.protect import prepare
from tfc_platform.disclosure.published_sets import digest_of
from tfc_platform.disclosure.snapshots import latest_versions, record_digest
from tfc_platform.disclosure.true_counts import true_counts
from tfc_platform.publication.publication_register import CountTable, PersonMeasure
from tfc_platform.release.manifest import read_manifest


def lock_all(world: World) -> date:
    """A day on which both quarters and the first wave are locked; the release of that night."""
    day = world.lock_day("2025-Q3")
    assert world.release(day).published is not None
    return day


@pytest.fixture(scope="module")
def locked_once(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The default world after that night. Nobody writes in it."""
    made = make_world(tmp_path_factory.mktemp("locked"))
    lock_all(made)
    return made


@pytest.fixture
def world(locked_once: World, tmp_path: Path) -> World:
    """A copy of that world."""
    return locked_once.copied(tmp_path / "locked")


def test_t1_thirty_nights_of_new_events_change_no_published_table(world: World) -> None:
    day, before = world.lock_day("2025-Q3"), world.person_files()
    tables = {table.name: digest_of(table) for table in prepare(world.inputs(day)).tables}
    for night in range(30):
        world.add_heads("north", "2025-Q4", "choir", "A1", [night + 1])
        world.write()
        prepared = prepare(world.inputs(day + timedelta(days=night + 1)))
        assert {table.name: digest_of(table) for table in prepared.tables} == tables
        assert prepared.reused, "nothing changed, so nothing is audited again"
    world.admitted["north"].append("a" * 64)
    assert world.release(day + timedelta(days=31)).published is not None
    assert world.person_files() == before


@pytest.mark.parametrize("kind", ["session", "visit", "story", "respondent"])
def test_t2_one_erased_from_a_locked_period_leaves_the_marts_and_no_published_table(world: World, kind: str) -> None:
    day, before = world.lock_day("2025-Q3"), world.person_files()
    if kind == "session":
        gone = next(s for s in world.sessions if s.site == "north" and s.unit == "group")
        world.sessions.remove(gone)
    elif kind == "visit":
        gone = next(s for s in world.sessions if s.site == "north" and s.unit == "individual")
        world.sessions.remove(gone)
    elif kind == "story":
        gone = world.stories.pop(0)
    else:
        gone = world.respondents.pop(0)
    world.write()
    night = world.release(day + timedelta(days=1), last_erasure=day + timedelta(days=1))
    erased = {entry.snapshot for entry in world.ledger.read() if entry.what == "erased"}
    assert erased
    digest = record_digest(gone.id)
    for snapshot in latest_versions(world.store.versions()).values():
        assert digest not in {record.record for record in world.store.records(snapshot)}
    assert world.person_files() == before
    assert "Locked snapshots that changed since" in " ".join(night.prepared.notes)
    changed = {entry.snapshot for entry in world.ledger.read() if entry.what == "changed"}
    assert changed
    assert all("/north/" in snapshot for snapshot in changed)
    with duckdb.connect(str(world.research_file), read_only=True) as con:
        attended = con.execute("select sum(attendances_low) from marts.mart_reach_cell where site = 'north'").fetchone()
    assert attended is not None
    assert attended[0] == sum(s.low or 0 for s in world.sessions if s.site == "north")
    assert gone.id not in "".join(p.read_text(errors="replace") for p in world.places.snapshots.rglob("*.json*"))


def test_t3_late_and_edited_records_change_no_published_table_and_are_noted_once(world: World) -> None:
    day, before = world.lock_day("2025-Q3"), world.person_files()
    world.add_heads("north", "2025-Q2", "choir", "A1", [40, 41])
    world.sessions[0] = replace(world.sessions[0], low=33)
    world.write()
    for number in range(3):
        prepare(world.inputs(day + timedelta(days=number + 1)))
    world.admitted["north"].append("a" * 64)
    world.release(day + timedelta(days=4))
    assert world.person_files() == before
    changed = [entry for entry in world.ledger.read() if entry.what == "changed"]
    assert [entry.snapshot for entry in changed] == ["activity/north/2025-Q2"]


def test_t4_a_lock_day_adds_and_changes_nothing_that_was_published(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    world.release(world.lock_day("2025-Q2"))
    first = {s["id"]: s["published_sha256"] for s in read_manifest(world.current)["snapshots"]}
    tables = {name: world.figures(name) for name in world.person_tables}
    world.release(world.lock_day("2025-Q3"))
    second = {s["id"]: s["published_sha256"] for s in read_manifest(world.current)["snapshots"]}
    assert second.keys() > first.keys()
    assert {key: second[key] for key in first} == first
    reasons = {item["table"]: item["reasons"] for item in read_manifest(world.current)["changed"]}
    assert {"site": "north", "reason": "2025-Q3 is locked"} in reasons["reach"]
    for name, rows in tables.items():
        now = world.figures(name)
        assert {keys: now[keys] for keys in rows} == rows


@pytest.mark.parametrize(("added", "applied"), [(9, False), (10, True)])
def test_t5_a_revision_needs_ten_persons_in_each_cell_that_it_changes(world: World, added: int, applied: bool) -> None:
    day, before = world.lock_day("2025-Q3"), world.person_files()
    world.add_heads("north", "2025-Q2", "choir", "A1", [added])
    world.write()
    world.release(day + timedelta(days=1))
    assert world.person_files() == before, "not before the day of the year"
    night = world.release(date(2026, 6, 30))
    versions = {s["id"]: s["version"] for s in night.prepared.snapshots}
    assert versions["activity/north/2025-Q2"] == (2 if applied else 1)
    what = "revised" if applied else "carried_forward"
    assert [e.snapshot for e in world.ledger.read() if e.what == what] == ["activity/north/2025-Q2"]


def test_t5_what_comes_after_the_day_of_the_year_waits_for_the_next(tmp_path: Path) -> None:
    world = make_world(tmp_path, quarters=1)
    world.release(world.lock_day("2025-Q2"))
    prepare(world.inputs(date(2026, 7, 1)))  # the first night after the day: it is the day's night
    world.add_heads("north", "2025-Q2", "choir", "A1", [40])
    world.write()
    for day, version in ((date(2026, 7, 5), 1), (date(2027, 6, 29), 1), (date(2027, 6, 30), 2)):
        night = prepare(world.inputs(day))
        assert {s["id"]: s["version"] for s in night.snapshots}["activity/north/2025-Q2"] == version


@pytest.mark.parametrize("gone", [9, 10])
def test_t5_those_who_came_do_not_make_up_for_those_who_went(tmp_path: Path, gone: int) -> None:
    """Ten came and nine went: the cell changes by one, and eleven people are in it who were not, or no longer are."""
    world = make_world(tmp_path, quarters=1)
    leaving = world.add_heads("north", "2025-Q2", "choir", "A1", [gone])
    world.write()
    world.release(world.lock_day("2025-Q2"))
    world.sessions.remove(leaving[0])
    world.add_heads("north", "2025-Q2", "choir", "A1", [gone + 10])
    world.write()
    night = world.release(date(2026, 6, 30))
    versions = {s["id"]: s["version"] for s in night.prepared.snapshots}
    assert versions["activity/north/2025-Q2"] == (2 if gone == 10 else 1)


def test_t5_what_was_erased_counts_as_gone(tmp_path: Path) -> None:
    world = make_world(tmp_path, quarters=1)
    (erased,) = world.add_heads("north", "2025-Q2", "choir", "A1", [4])
    world.write()
    world.release(world.lock_day("2025-Q2"))
    world.sessions.remove(erased)
    world.write()
    prepare(world.inputs(world.lock_day("2025-Q2") + timedelta(days=1), last_erasure=world.lock_day("2025-Q2")))
    world.add_heads("north", "2025-Q2", "choir", "A1", [50])
    world.write()
    night = world.release(date(2026, 6, 30))
    assert not any("revised:" in note for note in night.prepared.notes)
    assert [e.what for e in world.ledger.read() if e.snapshot == "activity/north/2025-Q2"][-1] == "carried_forward"


def whole_problem(world: World) -> Problem:
    return problem(world.archive.read(), world.store.versions())


def test_t10_a_twin_in_place_of_the_snapshots_gives_the_same_figures(tmp_path: Path) -> None:
    """P2, for counts of people by R4: the twin's snapshots go through the real tables."""
    world = make_world(tmp_path, filled=False)
    for site in world.sites:
        for number, quarter in enumerate(world.quarters):
            world.set_visits(site, quarter, 3 + 9 * number)
    world.write()
    lock_all(world)
    whole, versions = whole_problem(world), world.store.versions()
    truth = true_counts(whole, versions)
    twins = find_twins(whole.universes, whole.cells, truth, least_upper=world.policy.audit.least_upper)
    assert twins.sought == 2
    assert twins.certified == 2
    night = prepare(world.inputs(world.lock_day("2025-Q3")))
    published = {table.name: digest_of(table) for table in night.tables}
    for dataset in twins.datasets:
        counts = {
            (whole.counts[atom.universe].site, atom.codes[-1].split("@")[0]): count  # type: ignore[union-attr]
            for atom, count in dataset.items()
            if "mart_reach_cell|sessions" in atom.universe
        }
        assert max(counts.values()) >= world.policy.audit.least_upper
        other = make_world(tmp_path, name=f"twin{len(counts)}{sum(counts.values())}", filled=False)
        for (site, quarter), count in counts.items():
            other.set_visits(site, quarter, count)
        other.write()
        twin = prepare(other.inputs(world.lock_day("2025-Q3")))
        assert {table.name: digest_of(table) for table in twin.tables}["casework"] == published["casework"]


def test_t12_the_grid_of_rows_is_the_same_for_empty_and_full_data(world: World, tmp_path: Path) -> None:
    empty = make_world(tmp_path, name="empty", filled=False)
    lock_all(empty)
    grids = [{name: sorted(made.figures(name)) for name in made.person_tables} for made in (world, empty)]
    assert grids[0] == grids[1]
    shown = {
        status for name in empty.person_tables for row in empty.figures(name).values() for _, status in row.values()
    }
    assert "rounded" not in shown


def test_zero_is_not_told_from_nine(tmp_path: Path) -> None:
    nobody, nine = make_world(tmp_path, name="nobody"), make_world(tmp_path, name="nine")
    nobody.set_visits("north", "2025-Q2", 0)
    nine.set_visits("north", "2025-Q2", 9)
    for world in (nobody, nine):
        world.write()
        lock_all(world)
    assert nobody.person_files() == nine.person_files()


def test_t15_a_table_added_later_is_audited_with_what_was_published_before(tmp_path: Path) -> None:
    """Reach by activity and its total first; then every venue: what is left for the unknown one follows from both."""
    world = make_world(tmp_path, quarters=1, sites=("north",))
    for activity in world.activities:
        for venue in (*world.venues, "unknown"):
            world.set_heads("north", "2025-Q2", activity, venue, [30, 31, 32])
    world.set_heads("north", "2025-Q2", "choir", "unknown", [2])
    for activity in ("kitchen", "play"):
        world.set_heads("north", "2025-Q2", activity, "unknown", [])
    world.write()
    every = world.register.person_tables
    first = tuple(
        spec.model_copy(update={"total_over": "activity"}) if spec.table == "reach" else spec
        for spec in every
        if spec.table != "reach_area"
    )
    day = world.lock_day("2025-Q2")
    for number in range(4):
        world.admitted["north"].append(f"{number:064d}")
        night = prepare(world.inputs(day + timedelta(days=number), register=first))
        assert night.report.passed
        night.keep(world.places.snapshots)
    total = next(row for table in night.tables if table.name == "reach" for row in table.rows if row[2] == "all")
    assert total[-2] == "rounded"
    # By itself the table that is added is safe.
    alone = make_world(tmp_path, name="alone", quarters=1, sites=("north",))
    alone.sessions = list(world.sessions)
    alone.write()
    only_area = tuple(spec for spec in every if spec.table == "reach_area")
    fresh = prepare(alone.inputs(day, register=only_area))
    assert fresh.report.passed
    assert {row[-2] for table in fresh.tables for row in table.rows if row[6] == "attendances_low"} == {"rounded"}
    # With what was published before it is not: the two heads of the unknown venue are what the venues leave of the total.
    later = prepare(world.inputs(day + timedelta(days=4), register=only_area))
    statuses = {row[-2] for table in later.tables for row in table.rows if row[6] == "attendances_low"}
    assert "suppressed_secondary" in statuses
    assert later.report.passed


def test_t16_other_order_day_and_threads_give_the_same_bytes(world: World, tmp_path: Path) -> None:
    one, other = world, make_world(tmp_path, name="other")
    shuffled = random.Random(7)
    for rows in (other.sessions, other.stories, other.respondents):
        shuffled.shuffle(rows)
    other.write()
    with duckdb.connect() as con:
        con.execute("set threads = 1")
    lock_all(other)
    assert one.person_files() == other.person_files()
    # Another day, with the returns of that day: figures about people stay.
    other.admitted["north"].append("a" * 64)
    other.write()
    other.release(other.lock_day("2025-Q3") + timedelta(days=17))
    assert one.person_files() == other.person_files()


def test_p0_tables_are_a_function_of_what_is_kept(world: World) -> None:
    """The databases are gone: snapshots, register and policy give the same tables."""
    from functools import partial

    from tfc_platform.disclosure.code_lists import code_lists
    from tfc_platform.disclosure.lock_calendar import snapshot_periods
    from tfc_platform.disclosure.snapshot_set import Locked

    day = world.lock_day("2025-Q3")
    night = prepare(world.inputs(day))
    world.research_file.unlink()
    world.places.warehouse_file.unlink()
    periods = snapshot_periods(world.catalogue, day, world.policy.lock_after_days)
    locked = Locked(periods, latest_versions(world.store.versions()), partial(code_lists, world.catalogue))
    again = person_tables(world.register.person_tables, world.register.columns, locked, world.policy)
    assert [digest_of(table) for table in again] == [digest_of(table) for table in night.tables]


def test_a_hidden_value_is_in_no_cell_of_a_table(world: World) -> None:
    for name in world.person_tables:
        for figures in world.figures(name).values():
            for value, status in figures.values():
                assert (value is None) == (status not in ("shown", "rounded"))


def test_measures_of_a_table_have_one_place(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one of column, code and per_1000_of"):
        PersonMeasure(name="x", label="x", unit="x")
    with pytest.raises(ValueError, match="a year is published as one total only"):
        CountTable(
            table="t",
            title="t",
            description="t",
            record="activity",
            rule="persons",
            mart="mart_reach_cell",
            period="year",
            dimensions=("activity",),
            measures=(PersonMeasure(name="x", column="x", label="x", unit="x"),),
        )


def test_versions_of_a_revised_snapshot_are_of_the_same_people(tmp_path: Path) -> None:
    world = make_world(tmp_path, quarters=1)
    world.release(world.lock_day("2025-Q2"))
    world.add_heads("north", "2025-Q2", "choir", "A1", [20])
    world.write()
    assert world.release(date(2026, 6, 30)).published is not None
    whole = whole_problem(world)
    quarters = {code for u in whole.universes for name, codes in u.variables if name == "quarter" for code in codes}
    assert {"2025-Q2@1", "2025-Q2@1-2", "2025-Q2@2"} <= quarters
    truth = true_counts(whole, world.store.versions())
    came = {
        atom.codes: n
        for atom, n in truth.items()
        if "attendances_low|north" in atom.universe and "2025-Q2@2" in atom.codes
    }
    assert came == {("choir", "2025-Q2@2", "N-A1"): 20}


@pytest.mark.parametrize(("then", "now", "applied"), [(1, 10, False), (2, 15, False), (9, 12, False), (9, 30, True)])
def test_a_hidden_count_that_a_revision_would_bound_stays_hidden(
    tmp_path: Path, then: int, now: int, applied: bool
) -> None:
    """Ten or more came, so those who were there are what is over ten: of a published 10 at most two, of 30 any number."""
    world = make_world(tmp_path, quarters=1, sites=("north",))
    world.set_visits("north", "2025-Q2", then)
    world.write()
    world.release(world.lock_day("2025-Q2"))
    world.add_heads("north", "2025-Q2", CASEWORK, UNKNOWN, [1] * (now - then))
    world.write()
    world.release(date(2026, 6, 30))
    _, status = world.figures("casework")["north", "2025-Q2", CASEWORK]["sessions_delivered"]
    assert (status == "rounded") is applied


def test_a_month_that_is_sent_again_has_nobody_who_came_or_left(tmp_path: Path) -> None:
    """Sessions without ids are known by what they say: of the same content they are the same, whatever their row."""
    world = make_world(tmp_path, quarters=1)
    world.release(world.lock_day("2025-Q2"))
    cell = ("north", "2025-Q2", CASEWORK)
    assert world.figures("casework")[cell]["sessions_delivered"] == (15.0, "rounded")  # of 14
    world.sessions = [replace(s, id=f"again-{s.id}") for s in world.sessions]
    world.add_heads("north", "2025-Q2", CASEWORK, UNKNOWN, [1] * 4)
    world.write()
    world.release(date(2026, 6, 30))
    assert world.figures("casework")[cell]["sessions_delivered"] == (15.0, "rounded"), "18 would be 20"
