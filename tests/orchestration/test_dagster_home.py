"""The Dagster instance: the user's `dagster.yaml` is left alone, and the default one is what Dagster accepts."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from unittest import mock

import dagster as dg
import pytest

from tfc_platform.orchestration.dagster_home import dagster_home, use_dagster_home
from tfc_platform.settings import ConfigurationError, Settings

# As the version of 29 November 2026 wrote it.
EARLIER = """\
# Written by the platform. One run at a time: the warehouse has one writer.
telemetry: {enabled: false}
nux: {enabled: false}
concurrency: {runs: {max_concurrent_runs: 1}}
event_log_storage: {module: tfc_platform.orchestrate.event_log, class: OpenEventLog}
"""


def settings(folder: Path) -> Settings:
    return Settings("landing", folder / "home", (), "duckdb", date(2026, 4, 20), None)


def test_the_default_file_is_accepted_and_lets_one_run_go_at_a_time(tmp_path: Path) -> None:
    with mock.patch.dict(os.environ):
        use_dagster_home(settings(tmp_path))
        with dg.DagsterInstance.get() as instance:
            assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1
            assert instance.run_monitoring_enabled
            assert 3600 <= instance.run_monitoring_max_runtime_seconds < 24 * 3600
            assert instance.telemetry_enabled is False


def test_a_file_of_the_user_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "home" / "dagster" / "dagster.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("telemetry: {enabled: true}\n")
    assert dagster_home(settings(tmp_path)) == file.parent
    assert file.read_text() == "telemetry: {enabled: true}\n"


def test_a_folder_that_is_set_is_used_and_nothing_is_written_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(own))
    assert dagster_home(settings(tmp_path)) == own
    assert list(own.iterdir()) == []
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigurationError, match="DAGSTER_HOME"):
        dagster_home(settings(tmp_path))


def test_a_file_that_an_earlier_version_wrote_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "home" / "dagster" / "dagster.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(EARLIER)
    dagster_home(settings(tmp_path))
    assert "event_log_storage" not in file.read_text()
