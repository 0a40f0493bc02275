"""One night at a time: the lock that a night holds, and what is left of a run that was killed.

Belongs here: that two nights never write at once, and that a dead run does not stand in the way of the next. Does not belong:
Dagster's own queue, which keeps the runs that it starts apart.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dagster as dg

from tfc_platform.file_lock import LockHeldError, file_lock
from tfc_platform.settings import ConfigurationError

__all__ = ["HERE", "end_dead_runs", "no_other_run", "one_at_a_time"]

# Marks runs that live in the process of a command, so that nobody else looks after them.
HERE = "tfc/in_the_process_of_a_command"
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
    if any(HERE not in run.tags for run in runs):
        raise ConfigurationError(
            "A night that Dagster started is running, or was ended before it could say so. Wait until it has ended, or end it in"
            " the UI; then give the command again. What was asked for is on record: the next night carries it out as well."
        )


def end_dead_runs(instance: dg.DagsterInstance) -> int:
    """Report commands' runs that still stand as running as failed; gives how many. Whoever calls holds the lock: none lives.

    A killed run would else count for ever as the one run that may be going on, and the daemon would start no other.
    """
    dead = instance.get_runs(filters=dg.RunsFilter(tags={HERE: "yes"}, statuses=OPEN))
    for run in dead:
        instance.report_run_failed(run, "The process of this run was ended before the run was.")
    return len(dead)
