"""The night's job with another executor, where Dagster's processes can find it by name."""

import dagster as dg

from tfc_platform.orchestration.definitions import JOB, build_definitions


def nightly_in_processes() -> dg.JobDefinition:
    """The job `nightly`, each step in a process of its own."""
    return build_definitions(executor=dg.multiprocess_executor).resolve_job_def(JOB)
