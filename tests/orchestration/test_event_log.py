"""The event log writes what Dagster's own would, is read by it, and tells who watches a run; one transaction a batch."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from tfc_platform.atomic_io import WRITING
from tfc_platform.orchestration.definitions import use_dagster_home
from tfc_platform.orchestration.event_log import OpenEventLog
from tfc_platform.settings import Settings

WHEN_MADE = ("create_timestamp", "migration_completed")


@dg.asset
def counted() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"dagster/row_count": 3}, tags={"kind": "test"})


@dg.asset_check(asset=counted)
def is_counted() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)


@contextmanager
def _ours(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "1000")
    use_dagster_home(Settings("landing", home, (), "duckdb", date(2026, 4, 20), None))
    with dg.DagsterInstance.get() as instance:
        yield instance


def _run(instance: dg.DagsterInstance) -> str:
    job = dg.Definitions([counted], asset_checks=[is_counted], jobs=[dg.define_asset_job("both")]).resolve_job_def(
        "both"
    )
    result = job.execute_in_process(instance=instance)
    assert result.success
    return result.run_id


def _told(instance: dg.DagsterInstance, run_id: str) -> Counter[tuple[str, str | None]]:
    events = [entry.dagster_event for entry in instance.all_logs(run_id) if entry.dagster_event]
    return Counter((event.event_type_value, event.step_key) for event in events)


def test_it_holds_what_dagster_s_own_log_of_the_same_run_holds(tmp_path, monkeypatch):
    (tmp_path / "theirs").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "theirs")) as theirs:
        expected = _told(theirs, _run(theirs))
    with _ours(tmp_path / "home", monkeypatch) as ours:
        assert isinstance(ours.event_log_storage, OpenEventLog)
        found = _told(ours, _run(ours))
        last = ours.get_latest_materialization_event(counted.key)
        checks = ours.event_log_storage.get_asset_check_execution_history(next(iter(is_counted.check_keys)), limit=5)
    assert found == expected
    assert {kind for kind, _ in found} >= {"ASSET_MATERIALIZATION", "ASSET_CHECK_EVALUATION", "PIPELINE_SUCCESS"}
    assert last is not None
    assert last.asset_materialization.metadata["dagster/row_count"].value == 3
    assert [check.status.value for check in checks] == ["FAILED"]


def _rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables of a log's files, but for when SQLite made them."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for file in sorted(folder.glob("*.db")):
        with sqlite3.connect(file) as con:
            for (table,) in con.execute("select name from sqlite_master where type = 'table' order by name").fetchall():
                columns = [name for _, name, *_ in con.execute(f"pragma table_info({table})")]
                names = ", ".join(f'"{name}"' for name in columns if name not in WHEN_MADE)
                found[f"{file.stem}.{table}"] = con.execute(f"select {names} from {table} order by 1").fetchall()
    return found


def test_its_files_hold_what_dagster_s_own_log_writes_of_the_same_events_row_for_row(tmp_path, monkeypatch):
    with _ours(tmp_path / "home", monkeypatch) as ours:
        entries = [entry for run_id in (_run(ours), _run(ours)) for entry in ours.all_logs(run_id)]
    evaluations = [e for e in entries if e.dagster_event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION]
    theirs, own = SqliteEventLogStorage(str(tmp_path / "theirs")), OpenEventLog(str(tmp_path / "own"))
    for entry in [*entries, evaluations[0]._replace(run_id="never-planned")]:
        theirs.store_event(entry)
        own.store_event(entry)
    theirs.dispose()
    own.dispose()
    expected, found = _rows(tmp_path / "theirs"), _rows(tmp_path / "own")
    tables = ("index.event_logs", "index.asset_keys", "index.asset_event_tags", "index.asset_check_executions")
    assert all(expected[table] for table in tables)
    assert len(expected["index.asset_check_executions"]) == 3
    assert found == expected


def test_the_newest_materialisation_of_an_asset_is_what_dagster_s_own_log_finds_also_once_it_was_wiped(
    tmp_path, monkeypatch
):
    with _ours(tmp_path / "home", monkeypatch) as ours:
        _run(ours)
        second, log = _run(ours), ours.event_log_storage
        theirs = SqliteEventLogStorage(str(tmp_path / "home" / "dagster" / "history" / "runs"))
        keys = [counted.key, dg.AssetKey("never_made")]
        assert log.get_asset_records(keys) == theirs.get_asset_records(keys)
        assert [record.asset_entry.last_run_id for record in log.get_asset_records(keys)] == [second]
        assert log.get_asset_records(keys)[0].asset_entry.last_materialization_record.run_id == second
        ours.wipe_assets([counted.key])
        assert log.get_asset_records(keys) == theirs.get_asset_records(keys)
        third = _run(ours)
        assert log.get_asset_records(keys) == theirs.get_asset_records(keys)
        assert log.get_asset_records(keys)[0].asset_entry.last_materialization_record.run_id == third


def test_dagster_s_own_log_reads_it_while_it_is_open(tmp_path, monkeypatch):
    with _ours(tmp_path / "home", monkeypatch) as ours:
        run_id = _run(ours)
        beside = SqliteEventLogStorage(str(tmp_path / "home" / "dagster" / "history" / "runs"))
        stored = [record.event_log_entry for record in beside.get_records_for_run(run_id, limit=1000).records]
        assert stored == list(ours.all_logs(run_id))


def test_a_run_s_file_is_touched_when_something_is_written_and_not_when_it_is_read(tmp_path, monkeypatch):
    with _ours(tmp_path / "home", monkeypatch) as ours:
        run_id = _run(ours)
        log = ours.event_log_storage
        file = Path(log.path_for_shard(run_id))
        os.utime(file, (0, 0))
        entry = ours.all_logs(run_id)[-1]
        assert file.stat().st_mtime == 0
        log.store_event(entry)
        assert file.stat().st_mtime > 0


def test_a_batch_is_stored_whole_or_not_at_all(tmp_path, monkeypatch):
    with _ours(tmp_path / "home", monkeypatch) as ours:
        run_id = _run(ours)
        log = ours.event_log_storage
        before = list(ours.all_logs(run_id))
        original = OpenEventLog._event_to_row
        seen: list[object] = []

        def failing(self, event):
            seen.append(event)
            if len(seen) == 2:
                raise OSError("disk full")
            return original(self, event)

        with monkeypatch.context() as patch:
            patch.setattr(OpenEventLog, "_event_to_row", failing)
            with pytest.raises(OSError, match="disk full"):
                log.store_event_batch(before[:2])
        assert list(ours.all_logs(run_id)) == before
        log.store_event_batch(before[:2])
        assert len(ours.all_logs(run_id)) == len(before) + 2


def _outputs(log: OpenEventLog, run_id: str) -> list[EventLogEntry]:
    """The first output of a run, and its last word, under another run's name."""
    entries = [record.event_log_entry for record in log.get_records_for_run(run_id, limit=1000).records]
    output = next(entry for entry in entries if entry.dagster_event_type == dg.DagsterEventType.STEP_OUTPUT)
    return [entry._replace(run_id="another") for entry in (output, entries[-1])]


def _materialisation(instance: dg.DagsterInstance, run_id: str) -> EventLogEntry:
    is_made = dg.DagsterEventType.ASSET_MATERIALIZATION
    return next(entry for entry in instance.all_logs(run_id) if entry.dagster_event_type == is_made)


def _seen_by_others(log: OpenEventLog, run_id: str) -> int:
    with sqlite3.connect(log.path_for_shard(run_id)) as con:
        (count,) = con.execute("select count(*) from event_logs").fetchone()
    return int(count)


def test_outputs_are_committed_with_what_comes_after_them(tmp_path, monkeypatch):
    with _ours(tmp_path / "home", monkeypatch) as ours:
        log = ours.event_log_storage
        output, last = _outputs(log, _run(ours))
        for _ in range(3):
            log.store_event(output)
        assert (_seen_by_others(log, "another"), len(log.get_logs_for_run("another"))) == (0, 3)
        log.store_event(last)
        assert _seen_by_others(log, "another") == 4


def test_an_output_does_not_wait_long_for_others_and_not_beyond_the_log_s_end(tmp_path, monkeypatch):
    with _ours(tmp_path / "home", monkeypatch) as ours:
        log = ours.event_log_storage
        output, _ = _outputs(log, _run(ours))
        log.store_event(output)
        monkeypatch.setattr("tfc_platform.orchestration.event_log.LONGEST_WAIT", -1)
        log.store_event(output)
        assert _seen_by_others(log, "another") == 2
        monkeypatch.setattr("tfc_platform.orchestration.event_log.LONGEST_WAIT", 1000)
        log.store_event(output)
        assert _seen_by_others(log, "another") == 2
    assert _seen_by_others(log, "another") == 3


def test_what_fails_takes_nothing_with_it_that_waits(tmp_path, monkeypatch):
    with _ours(tmp_path / "home", monkeypatch) as ours:
        log = ours.event_log_storage
        run_id = _run(ours)
        output, _ = _outputs(log, run_id)
        made = _materialisation(ours, run_id)
        log.store_event(output)
        with monkeypatch.context() as patch:
            patch.setattr(OpenEventLog, "_store_asset_event", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                log.store_event(made._replace(run_id="another"))
        assert _seen_by_others(log, "another") == 1
        assert len(ours.fetch_materializations(counted.key, limit=5).records) == 1


def test_a_batch_of_several_runs_is_stored_whole(tmp_path, monkeypatch):
    with _ours(tmp_path / "home", monkeypatch) as ours:
        log = ours.event_log_storage
        run_id = _run(ours)
        made = _materialisation(ours, run_id)
        log.store_event_batch([made._replace(run_id=name) for name in ("one", "two", "one", "three")])
        assert [len(log.get_logs_for_run(name)) for name in ("one", "two", "three")] == [2, 1, 1]
        assert len(ours.fetch_materializations(counted.key, limit=9).records) == 5


def _forget_assets(log: OpenEventLog) -> None:
    with log.index_connection() as connection:
        connection.exec_driver_sql("delete from asset_keys")
        raise ZeroDivisionError


def test_what_others_begin_and_cannot_end_is_undone_alone(tmp_path, monkeypatch):
    with _ours(tmp_path / "home", monkeypatch) as ours:
        log = ours.event_log_storage
        run_id = _run(ours)
        made = _materialisation(ours, run_id)
        log.store_event(made._replace(run_id="another"))
        for _ in range(2):  # while something waits, and after
            with pytest.raises(ZeroDivisionError):
                _forget_assets(log)
            assert log.has_asset_key(counted.key)
            assert len(ours.fetch_materializations(counted.key, limit=5).records) == 2
            log.store_event(ours.all_logs(run_id)[-1])


def test_two_runs_one_after_the_other_each_have_their_own_events(tmp_path, monkeypatch):
    with _ours(tmp_path / "home", monkeypatch) as ours:
        first, second = _run(ours), _run(ours)
        assert _told(ours, first) == _told(ours, second)
        assert {entry.run_id for entry in ours.all_logs(first)} == {first}


def _tables(file: Path) -> tuple[list[tuple[str, str]], list[tuple[str]]]:
    with sqlite3.connect(file) as con:
        return (
            con.execute("select name, sql from sqlite_master order by name").fetchall(),
            con.execute("select version_num from alembic_version").fetchall(),
        )


def test_the_file_of_a_later_run_is_a_copy_with_the_very_tables_that_dagster_makes(tmp_path, monkeypatch):
    with _ours(tmp_path / "home", monkeypatch) as ours:
        made = Path(ours.event_log_storage.path_for_shard(_run(ours)))
        asked = []
        monkeypatch.setattr(OpenEventLog, "_initdb", lambda log, engine, **named: asked.append(engine))
        copied = Path(ours.event_log_storage.path_for_shard(_run(ours)))
        assert asked == []
        assert _tables(copied) == _tables(made)
        assert len(_tables(made)[0]) > 10
        assert sorted(path.suffix for path in made.parent.iterdir() if path.stem not in (made.stem, copied.stem)) == [
            ".db",
            ".db-shm",
            ".db-wal",
        ]  # the index: no draft is left, and no other file is taken for a run's
        assert len(ours.event_log_storage.get_all_run_ids()) == 2


def test_a_file_that_another_process_made_meanwhile_is_not_replaced(tmp_path, monkeypatch):
    with _ours(tmp_path / "home", monkeypatch) as ours:
        log = ours.event_log_storage
        _run(ours)
        place = Path(log.path_for_shard("other"))
        copy = shutil.copyfile

        def slowly(source, target):
            place.write_bytes(b"another's")
            return copy(source, target)

        monkeypatch.setattr("tfc_platform.orchestration.event_log.shutil.copyfile", slowly)
        assert not log._copied("other")
        assert place.read_bytes() == b"another's"
        assert not list(place.parent.glob(f"{WRITING}*"))
