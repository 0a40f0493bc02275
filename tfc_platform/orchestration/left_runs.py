"""Runs that a killed process or a power cut left behind: Dagster shows them as started, and starts no other beside them."""

from collections.abc import Iterable

import dagster as dg

__all__ = ["COMMAND_RUN", "fail_left_runs"]

# Marks runs that live in the process of a command, which reports their outcome itself.
COMMAND_RUN = "tfc/in_the_process_of_a_command"


def fail_left_runs(instance: dg.DagsterInstance, run_ids: Iterable[str]) -> int:
    """Mark runs that are still shown as running as failed; gives how many.

    :param run_ids: those whose processes have ended, as the night's lock knows.
    """
    runs = [run for run_id in run_ids if (run := instance.get_run_by_id(run_id)) is not None and not run.is_finished]
    for run in runs:
        instance.report_run_failed(run, "The process of this run was ended before the run was.")
    return len(runs)
