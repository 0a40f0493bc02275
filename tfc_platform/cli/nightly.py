"""The job `nightly` in this process, kept in the Dagster instance that the UI shows."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from tfc_platform.ingest.landing import Landing, LandingError
from tfc_platform.night_lock import NightRunningError, night_lock
from tfc_platform.night_record import Look, clear_run, look, read_reasons, read_record
from tfc_platform.night_refusals import refuse_mistakes
from tfc_platform.orchestration.dagster_home import use_dagster_home
from tfc_platform.sealed_files import cut_run_databases, damaged_files
from tfc_platform.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    import dagster as dg

__all__ = ["NightResult", "refusals_reported", "run_nightly"]


@dataclass(frozen=True)
class NightResult:
    """What a night published, or why it published nothing; it may be published and not good.

    `is_setting_wrong`: a setting or the disk has to be corrected by a person at the machine. `is_published`: the release is
    that of tonight's admission.
    """

    success: bool
    reasons: tuple[str, ...] = ()
    research: str | None = None
    release: str | None = None
    nothing_new: bool = False
    is_setting_wrong: bool = False
    is_published: bool = False


@contextmanager
def refusals_reported(settings: Settings | None = None) -> Iterator[None]:
    """Send an alarm where a night is refused or breaks before it has an outcome; the error goes on to the command."""
    try:
        yield
    except NightRunningError:
        raise  # the night that is running reports itself
    except Exception as error:
        from tfc_platform.disk_errors import disk_sentence
        from tfc_platform.feedback.alerts import AlertSettings
        from tfc_platform.feedback.night_alarms import report_refusal

        is_ours = isinstance(error, ConfigurationError)
        reason = str(error) if is_ours else disk_sentence(error) or f"{type(error).__name__}: nobody expected this."
        with suppress(ConfigurationError):
            report_refusal(settings.places if settings else None, reason, AlertSettings.load())
        raise


def run_nightly(
    settings: Settings, site: str | None, report: Callable[[str], None], instance: dg.DagsterInstance | None = None
) -> NightResult:
    """Look whether anything is new or due, and run the night where it is.

    :param site: take in this site's returns only; what follows is about all sites all the same.
    :param report: gets each sentence of progress.
    :param instance: the Dagster instance that keeps the run; without one, that of the home.
    :raises ConfigurationError: where there never was a landing zone, something is damaged that nothing can make again, another
        night is running, or a contract, suite or policy is wrong.
    """
    landing = Landing.of(settings)
    if not landing.is_there() and read_record(settings.places) is None:
        raise ConfigurationError(
            f"TFC_LANDING is {settings.landing!r}, where there is no folder. `tfc demo` makes one."
        )
    refuse_mistakes(settings)
    for sentence in _recover(settings):
        report(sentence)
    found = _look(settings, landing)
    if not found.is_needed:
        return NightResult(True, nothing_new=True)
    os.environ.update(settings.as_env())
    use_dagster_home(settings)
    return _run(settings, frozenset({site}) if site else found.senders, report, instance)


def _recover(settings: Settings) -> tuple[str, ...]:
    """Repair what was damaged since the last night and can be made again; a sentence for each place."""
    if not damaged_files(settings.places) and not cut_run_databases(settings.places):
        return ()
    from tfc_platform.recovery.repair import recover

    try:
        with night_lock(settings.home):
            return recover(settings, runs=True)
    except NightRunningError:
        return ()  # the night that is running says so


def _look(settings: Settings, landing: Landing) -> Look:
    """Whether a night is needed. Where none is, receipts are brought to today's date: they count days of lateness."""
    try:
        found = look(settings, landing)
    except LandingError as error:
        return Look(True, str(error))
    if not found.is_needed:
        from tfc_platform.feedback.receipts.write_receipts import refresh_receipts

        record = read_record(settings.places)
        refresh_receipts(settings.places, settings.as_of, record.sites if record else ())
    return found


def _run(
    settings: Settings,
    senders: frozenset[str] | None,
    report: Callable[[str], None],
    own_instance: dg.DagsterInstance | None,
) -> NightResult:
    import dagster as dg  # a command that has nothing to run does without

    from tfc_platform.orchestration.definitions import JOB, build_definitions
    from tfc_platform.orchestration.ingest_assets import SENDER
    from tfc_platform.orchestration.left_runs import COMMAND_RUN, fail_left_runs
    from tfc_platform.orchestration.progress import listening

    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    definitions = build_definitions()
    job = definitions.resolve_job_def(JOB)
    selection = None
    if senders is not None:
        left_out = {
            spec.key for spec in definitions.resolve_all_asset_specs() if spec.tags.get(SENDER) not in (None, *senders)
        }
        selection = [key for key in job.asset_layer.executable_asset_keys if key not in left_out]
    run_id = str(uuid4())  # known before the run is, for the lock
    with (
        night_lock(settings.home, run_id) as left,
        own_instance or dg.DagsterInstance.get() as instance,
        listening(report),
    ):
        fail_left_runs(instance, left)
        result = job.execute_in_process(
            instance=instance,
            run_id=run_id,
            raise_on_error=False,
            asset_selection=selection,
            tags={COMMAND_RUN: "yes"},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    found = _outcome(settings, result)
    clear_run(settings.places, result.run_id)
    return found


def _outcome(settings: Settings, result: dg.ExecuteInProcessResult) -> NightResult:
    """What the run's materialisations and its note of reasons say."""
    made = {
        event.asset_key.to_user_string(): event.materialization.metadata
        for event in result.get_asset_materialization_events()
        if event.asset_key
    }

    def new_id(asset: str) -> str | None:
        metadata = made.get(asset, {})
        return str(metadata["id"].value) if metadata and metadata["new"].value else None

    reasons = read_reasons(settings.places, result.run_id)
    failed = [event for event in result.all_events if event.is_step_failure]
    if not result.success and not reasons:
        reasons = tuple(_reason(event, result.run_id) for event in failed) or (
            f"The run failed: see run {result.run_id[:8]} in the UI.",
        )
    nothing_new = bool(made["admission"]["nothing_new"].value) if "admission" in made else False
    is_published = nothing_new or "release" in made
    is_setting_wrong = any(_is_setting_wrong(event) for event in failed)
    return NightResult(
        result.success, reasons, new_id("research"), new_id("release"), nothing_new, is_setting_wrong, is_published
    )


def _is_setting_wrong(event: dg.DagsterEvent) -> bool:
    from tfc_platform.orchestration.error_redaction import SETTING_IS_WRONG

    failure = event.step_failure_data.user_failure_data
    return failure is not None and SETTING_IS_WRONG in (failure.metadata or {})


def _reason(event: dg.DagsterEvent, run_id: str) -> str:
    failure = event.step_failure_data.user_failure_data
    why = f" {failure.description}" if failure and failure.description else ""
    return f"The step {event.step_key} failed: see run {run_id[:8]} in the UI.{why}"
