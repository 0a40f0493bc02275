"""The job `nightly` in this process, kept in the same Dagster instance that the UI shows.

Belongs here: starting it and reading what came of it. Does not belong: any step of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import dagster as dg

from tfc_platform.ingest.landing import Landing
from tfc_platform.orchestration.dagster_home import use_dagster_home
from tfc_platform.orchestration.definitions import JOB, build_definitions
from tfc_platform.orchestration.resources import Outcome, Platform
from tfc_platform.orchestration.run_lock import HERE, end_dead_runs, one_at_a_time
from tfc_platform.settings import ConfigurationError, Settings

__all__ = ["run_nightly"]


def run_nightly(settings: Settings, site: str | None, say: Callable[[str], None]) -> tuple[bool, Outcome]:
    """Run the night; gives whether it succeeded, and what came of it.

    :param site: take in this site's returns alone; what follows is about all sites all the same.
    :raises ConfigurationError: where there is no landing zone, another night is running, or a contract, suite or policy is wrong.
    """
    if not Landing(settings.landing).is_there():
        raise ConfigurationError(
            f"TFC_LANDING is {settings.landing!r}, where there is no folder. `tfc demo` makes one."
        )
    use_dagster_home(settings)
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    definitions = build_definitions(settings, say)
    platform: Platform = definitions.resources["platform"]  # type: ignore[index]
    job = definitions.resolve_job_def(JOB)
    selection = None
    if site is not None:
        others = {sender for sender in platform.catalogue.senders if sender != site}
        keys = [key for key in job.asset_layer.executable_asset_keys if not _is_intake_of(key, others)]
        selection = keys
    with one_at_a_time(settings.home), dg.DagsterInstance.get() as instance:
        end_dead_runs(instance)
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            asset_selection=selection,
            tags={HERE: "yes"},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    if not result.success and not platform.outcome.reasons:
        failed = sorted({event.step_key for event in result.all_events if event.is_step_failure and event.step_key})
        platform.outcome.reasons = (
            f"The step {', '.join(failed) or 'of the run'} failed: see run {result.run_id[:8]} in the UI.",
        )
    return result.success, platform.outcome


def _is_intake_of(key: dg.AssetKey, senders: set[str]) -> bool:
    return len(key.path) == 2 and key.path[0] in senders
