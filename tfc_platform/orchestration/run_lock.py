"""One night at a time: the lock that a command's night holds, and the runs that a killed command left behind."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dagster as dg

from tfc_platform.file_lock import LockHeldError, file_lock
from tfc_platform.settings import ConfigurationError

__all__ = ["COMMAND_RUN", "fail_dead_runs", "no_other_run", "one_at_a_time"]

# Marks runs that live in the process of a command, so that nobody else looks after them.
COMMAND_RUN = "tfc/in_the_process_of_a_command"
OPEN = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.NOT_STARTED]


@contextmanager
def one_at_a_time(home: Path) -> Iterator[None]:
    """Hold the night's lock. The system lets go of it when the process ends, however it ends.

    :raises ConfigurationError: where another night holds it.
    """
    with ExitStack() as held:
        try:
            held.enter_context(file_lock(home / "night.lock", wait=False))
        except LockHeldError:
            raise ConfigurationError("Another night is running in this TFC_HOME. Wait until it has ended.") from None
        yield


def no_other_run() -> None:
    """Refuse where a run of Dagster's own (from the UI, the schedule or the sensor) is going on: such runs hold no lock.

    :raises ConfigurationError: saying what to do.
    """
    with dg.DagsterInstance.get() as instance:
        runs = instance.get_runs(filters=dg.RunsFilter(statuses=OPEN))
    if any(COMMAND_RUN not in run.tags for run in runs):
        raise ConfigurationError(
            "A night that Dagster started is running, or was ended before it could say so. Wait until it has ended, or end it in"
            " the UI; then give the command again. What was asked for is on record: the next night carries it out as well."
        )


def fail_dead_runs(instance: dg.DagsterInstance) -> int:
    """Mark runs of commands that are still shown as running as failed; gives how many. The caller holds the lock, so none lives.

    A killed run would otherwise block the daemon, which starts one run at a time.
    """
    dead = instance.get_runs(filters=dg.RunsFilter(tags={COMMAND_RUN: "yes"}, statuses=OPEN))
    for run in dead:
        instance.report_run_failed(run, "The process of this run was ended before the run was.")
    return len(dead)
