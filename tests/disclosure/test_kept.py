"""What is kept of snapshots: immutable, written records first, and a ledger that only grows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.disclosure.world import make_world
from tfc_platform.disclosure import protect as nights
from tfc_platform.disclosure.protect import prepare
from tfc_platform.disclosure.snapshot_ledger import Entry, Ledger
from tfc_platform.disclosure.snapshots import Store, latest_versions
from tfc_platform.publication.released_table import ReleaseError


def test_a_ledger_takes_each_word_once_and_forgets_an_unfinished_line(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    first = Entry("2025-08-11", "activity/north/2025-Q2", 1, "locked", "a" * 64)
    ledger.append([first])
    ledger.append([first])
    assert ledger.read() == (first,)
    assert ledger.path.stat().st_mode & 0o777 == 0o600
    with ledger.path.open("a") as stream:
        stream.write('{"on": "2025-08-12", "snap')  # killed while it wrote
    assert ledger.read() == (first,)
    second = Entry("2025-08-13", "activity/north/2025-Q2", 1, "changed", "b" * 64)
    ledger.append([second])
    assert ledger.read() == (first, second)


def test_a_snapshot_reads_back_as_it_was_and_its_files_never_change(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    prepare(world.inputs(world.lock_day("2025-Q2")))
    before = {path: path.read_bytes() for path in world.places.snapshots.rglob("v*")}
    contents = {key: snapshot.content for key, snapshot in world.store.versions().items()}
    world.sessions.pop()
    world.stories.pop()
    world.write()
    prepare(world.inputs(world.lock_day("2025-Q3")))
    assert {path: path.read_bytes() for path in before} == before
    again = Store(world.places.snapshots).versions()
    assert {key: again[key].content for key in contents} == contents


def test_a_snapshot_holds_no_row_of_a_person(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    prepare(world.inputs(world.lock_day("2025-Q3")))
    ids = {row.id for rows in (world.sessions, world.stories, world.respondents) for row in rows}
    for path in world.places.snapshots.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(each.encode() in content for each in ids), path.name


@pytest.mark.parametrize("place", ["add", "append", "_cut", "_audited"])
def test_a_night_killed_on_its_way_ends_where_an_undisturbed_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    undisturbed, killed = make_world(tmp_path, name="undisturbed"), make_world(tmp_path, name="killed")
    day = undisturbed.lock_day("2025-Q2")
    undisturbed.release(day)

    class Killed(BaseException):
        pass

    times = {"add": 3}.get(place, 0)

    def kill(*_: Any, **__: Any) -> None:
        nonlocal times
        times -= 1
        if times < 0:
            raise Killed
        return real(*_, **__)

    owner, name = {
        "add": (Store, "add"),
        "append": (Ledger, "append"),
        "_cut": (nights, "cut"),
        "_audited": (nights, "_audited"),
    }[place]
    real = getattr(owner, name)
    monkeypatch.setattr(owner, name, kill)
    with pytest.raises(Killed):
        killed.release(day)
    monkeypatch.undo()
    killed.release(day)
    assert killed.person_files() == undisturbed.person_files()
    assert {s.label: s.content for s in latest_versions(killed.store.versions()).values()} == {
        s.label: s.content for s in latest_versions(undisturbed.store.versions()).values()
    }


def test_records_that_are_not_those_of_the_marts_lock_nothing(tmp_path: Path) -> None:
    import duckdb

    world = make_world(tmp_path)
    with duckdb.connect(str(world.places.warehouse_file)) as con:
        con.execute(
            "delete from intermediate.fct_session where session_id = (select min(session_id) from intermediate.fct_session)"
        )
    with pytest.raises(
        ReleaseError, match=r"The records of activity/\w+/2025-Q\d are not those that the marts counted"
    ):
        prepare(world.inputs(world.lock_day("2025-Q3")))


def test_records_that_were_kept_by_file_and_row_are_kept_anew(tmp_path: Path) -> None:
    """A home of before: the column of people was called `persons`. What is frozen stays the same bytes."""
    world = make_world(tmp_path, quarters=1)
    day = world.lock_day("2025-Q2")
    prepare(world.inputs(day))
    files = sorted((world.places.snapshots / "locked").rglob("v1.parquet"))
    before = {path: pq.read_table(path) for path in files}
    for path, table in before.items():
        pq.write_table(table.rename_columns(["record", "cell", "persons"]), path)
    frozen = {path: path.read_bytes() for path in (world.places.snapshots / "locked").rglob("v1.json")}
    night = prepare(world.inputs(day + timedelta(days=1)))
    assert night.report.passed
    assert {path: pq.read_table(path) for path in files} == before
    assert {path: path.read_bytes() for path in frozen} == frozen
    assert not [entry for entry in world.ledger.read() if entry.what == "changed"]
