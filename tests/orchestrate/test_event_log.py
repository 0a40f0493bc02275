"""The event log writes what Dagster's own would, is read by it, and tells who watches a run; one transaction a batch."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from tfc_platform.orchestrate.build import use_dagster_home
from tfc_platform.orchestrate.event_log import OpenEventLog
from tfc_platform.settings import Settings


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
        original = OpenEventLog.prepare_insert_event
        seen: list[object] = []

        def failing(self, event):
            seen.append(event)
            if len(seen) == 2:
                raise OSError("disk full")
            return original(self, event)

        with monkeypatch.context() as patch:
            patch.setattr(OpenEventLog, "prepare_insert_event", failing)
            with pytest.raises(OSError, match="disk full"):
                log.store_event_batch(before[:2])
        assert list(ours.all_logs(run_id)) == before
        log.store_event_batch(before[:2])
        assert len(ours.all_logs(run_id)) == len(before) + 2


def test_two_runs_one_after_the_other_each_have_their_own_events(tmp_path, monkeypatch):
    with _ours(tmp_path / "home", monkeypatch) as ours:
        first, second = _run(ours), _run(ours)
        assert _told(ours, first) == _told(ours, second)
        assert {entry.run_id for entry in ours.all_logs(first)} == {first}
