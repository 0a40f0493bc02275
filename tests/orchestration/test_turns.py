"""One night at a time, and no dead run in the way of the next."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from tfc_platform.orchestration.run_lock import COMMAND_RUN, fail_dead_runs, one_at_a_time
from tfc_platform.settings import ConfigurationError


def test_a_second_night_is_told_so(tmp_path: Path) -> None:
    with (
        one_at_a_time(tmp_path),
        pytest.raises(ConfigurationError, match="Another night is running"),
        one_at_a_time(tmp_path),
    ):
        pass
    with one_at_a_time(tmp_path):  # let go of
        pass


def test_dead_runs_of_commands_are_ended_and_others_left() -> None:
    @dg.job
    def empty() -> None: ...

    with dg.DagsterInstance.ephemeral() as instance:
        dead = instance.create_run_for_job(empty, tags={COMMAND_RUN: "yes"}, status=dg.DagsterRunStatus.STARTED)
        other = instance.create_run_for_job(empty, status=dg.DagsterRunStatus.STARTED)
        assert fail_dead_runs(instance) == 1
        assert instance.get_run_by_id(dead.run_id).status == dg.DagsterRunStatus.FAILURE  # type: ignore[union-attr]
        assert instance.get_run_by_id(other.run_id).status == dg.DagsterRunStatus.STARTED  # type: ignore[union-attr]
