"""One night at a time, whoever starts it, and no dead run in the way of the next."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from tfc_platform.night_lock import NightRunningError, lock_state, night_lock
from tfc_platform.orchestration.error_redaction import NIGHT_IS_RUNNING, redact_errors
from tfc_platform.orchestration.left_runs import fail_left_runs
from tfc_platform.orchestration.resources import Platform

# Takes the lock for a run, says so, and waits to be killed; with `steps` it is a step's process and ends by itself.
HOLDER = """
import sys, time
from pathlib import Path
from tfc_platform.night_lock import night_lock
with night_lock(Path(sys.argv[1]), sys.argv[2], steps_have_processes="steps" in sys.argv):
    print("held", flush=True)
    time.sleep(0 if "steps" in sys.argv else 60)
"""


def killed_holder(home: Path, run: str) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(home), run], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(NightRunningError, match=r"Another night is running in this TFC_HOME since .* UTC"):
            night_lock(home, "another").__enter__()
        process.kill()


def test_a_second_night_is_shown_that_another_is_running(tmp_path: Path) -> None:
    with night_lock(tmp_path, what="A backup"):
        assert lock_state(tmp_path).is_held
        with pytest.raises(NightRunningError, match="A backup is running in this TFC_HOME"):
            night_lock(tmp_path).__enter__()
    assert not lock_state(tmp_path).is_held
    with night_lock(tmp_path) as left:  # let go of
        assert left == ()


def test_processes_of_one_run_hold_it_together(tmp_path: Path) -> None:
    with night_lock(tmp_path, "one"):
        with night_lock(tmp_path, "one"):
            pass
        with pytest.raises(NightRunningError):
            night_lock(tmp_path, "two").__enter__()
    with night_lock(tmp_path, "two"):
        pass


def test_a_killed_holder_is_known_by_name_until_somebody_ends_its_run(tmp_path: Path) -> None:
    killed_holder(tmp_path, "run-1")
    assert lock_state(tmp_path).left == ("run-1",)
    with night_lock(tmp_path, what="A check of the home") as left:  # it ends no run
        assert left == ("run-1",)
    killed_holder(tmp_path, "run-2")
    with night_lock(tmp_path, "run-3") as left:
        assert left == ("run-1", "run-2")
    assert lock_state(tmp_path).left == ()


def test_between_the_steps_of_a_run_no_other_begins(tmp_path: Path) -> None:
    """The parent of both steps is this process, which goes on."""
    step = [sys.executable, "-c", HOLDER, str(tmp_path), "run-1", "steps"]
    assert subprocess.run(step, check=True, capture_output=True).stdout == b"held\n"
    assert lock_state(tmp_path).is_held
    with pytest.raises(NightRunningError):
        night_lock(tmp_path, "run-2").__enter__()
    assert subprocess.run(step, check=True, capture_output=True).stdout == b"held\n"


def test_a_run_whose_process_ended_between_steps_is_dead(tmp_path: Path) -> None:
    shell = ["sh", "-c", '"$@"; true', "sh", sys.executable, "-c", HOLDER, str(tmp_path), "run-1", "steps"]
    subprocess.run(shell, check=True, capture_output=True)
    assert lock_state(tmp_path).left == ("run-1",)
    with night_lock(tmp_path, "run-2") as left:
        assert left == ("run-1",)


def test_a_run_of_dagsters_own_is_refused_beside_a_command_and_lets_go_when_it_ends(tmp_path: Path) -> None:
    @dg.asset
    @redact_errors
    def step(context: dg.AssetExecutionContext, platform: Platform) -> None:
        platform.hold_night(context)
        assert lock_state(tmp_path).is_held

    def run() -> dg.ExecuteInProcessResult:
        resources = {"platform": Platform(home=str(tmp_path))}
        return dg.materialize([step], resources=resources, raise_on_error=False)

    with night_lock(tmp_path):
        (failure,) = (event for event in run().all_events if event.is_step_failure)
    told = failure.step_failure_data.user_failure_data
    assert told is not None
    assert told.description is not None
    assert told.description.startswith("Another night is running in this TFC_HOME")
    assert NIGHT_IS_RUNNING in (told.metadata or {})
    assert run().success
    assert not lock_state(tmp_path).is_held


def test_left_runs_are_ended_and_others_left() -> None:
    @dg.job
    def empty() -> None: ...

    with dg.DagsterInstance.ephemeral() as instance:
        dead, other = (instance.create_run_for_job(empty, status=dg.DagsterRunStatus.STARTED).run_id for _ in range(2))
        assert fail_left_runs(instance, [dead, "a run that was deleted"]) == 1
        assert fail_left_runs(instance, [dead]) == 0
        states = [run.status for run_id in (dead, other) if (run := instance.get_run_by_id(run_id)) is not None]
        assert states == [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.STARTED]


def test_the_lock_holds_where_its_file_cannot_be_written_whole(tmp_path: Path) -> None:
    (tmp_path / "night.lock").write_bytes(b'{"run": "cut')
    with night_lock(tmp_path, "one"), pytest.raises(NightRunningError):
        night_lock(tmp_path, "two").__enter__()
