"""When a night runs and who hears of a failure. All are on in production only: TFC_DEPLOYMENT=production."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg

from tfc_platform.atomic_io import canonical_json, sha256_text
from tfc_platform.feedback.alerts import AlertSettings
from tfc_platform.feedback.night_alarms import report_night
from tfc_platform.feedback.night_watch import report_watch, watch
from tfc_platform.feedback.receipts.write_receipts import refresh_receipts
from tfc_platform.ingest.landing import Landing, LandingError
from tfc_platform.night_lock import lock_state
from tfc_platform.night_record import look, read_reasons
from tfc_platform.orchestration.error_redaction import NIGHT_IS_RUNNING
from tfc_platform.orchestration.left_runs import COMMAND_RUN, fail_left_runs
from tfc_platform.orchestration.resources import Platform
from tfc_platform.settings import Settings
from tfc_platform.sheets.file_format import is_temporary

__all__ = [
    "NightSelection",
    "failure_alarm",
    "in_production",
    "landed_files",
    "night_alarm",
    "night_watch",
    "nightly_schedule",
]

SECONDS_BETWEEN_LOOKS = 60
SECONDS_BETWEEN_WATCHES = 600


def in_production() -> bool:
    """Whether schedules and sensors are on from the start."""
    return os.environ.get("TFC_DEPLOYMENT") == "production"


@dataclass(frozen=True)
class NightSelection:
    """What a night is about: everything, but for the sources of senders of which nothing is new."""

    assets: frozenset[dg.AssetKey]
    checks: frozenset[dg.AssetCheckKey]
    senders: Mapping[dg.AssetKey, str]  # of the sources

    @classmethod
    def of(cls, definitions: Iterable[dg.AssetsDefinition], senders: Mapping[dg.AssetKey, str]) -> NightSelection:
        """The selection of all that these steps make and check.

        :param senders: the sender of each source.
        """
        known = list(definitions)
        return cls(
            frozenset(key for item in known for key in item.keys),
            frozenset(key for item in known for key in item.check_keys),
            senders,
        )

    def run_request(self, senders: frozenset[str] | None, run_key: str | None = None) -> dg.RunRequest:
        """A run for senders with something new; none stands for all.

        :param run_key: of a sensor: it asks for one run a key.
        """
        if senders is None:
            return dg.RunRequest(run_key=run_key)
        quiet = self.quiet_sources(senders)
        return dg.RunRequest(
            run_key=run_key,
            asset_selection=sorted(self.assets - quiet),
            asset_check_keys=sorted(key for key in self.checks if key.asset_key not in quiet),
        )

    def quiet_sources(self, senders: frozenset[str]) -> frozenset[dg.AssetKey]:
        """The sources of all other senders."""
        return frozenset(key for key, sender in self.senders.items() if sender not in senders)


def nightly_schedule(job_name: str, selection: NightSelection) -> dg.ScheduleDefinition:
    """Every night at two, by the clock in London in summer and winter; skipped where nothing is new and nothing is due."""

    @dg.schedule(
        name="nightly_at_two",
        job_name=job_name,
        cron_schedule="0 2 * * *",
        execution_timezone="Europe/London",
        default_status=dg.DefaultScheduleStatus.RUNNING if in_production() else dg.DefaultScheduleStatus.STOPPED,
        description="The main job, every night at 02:00 Europe/London.",
    )
    def schedule(context: dg.ScheduleEvaluationContext, platform: Platform) -> dg.RunRequest | dg.SkipReason:
        settings = platform.settings
        fail_left_runs(context.instance, lock_state(settings.home).left)
        try:
            found = look(settings, Landing.of(settings))
        except LandingError:
            return dg.RunRequest()  # the run tries the landing zone again, and goes on without it
        if found.is_needed:
            return selection.run_request(found.senders)
        refresh_receipts(settings.places, settings.as_of, [site.site for site in platform.catalogue.sites])
        report_night(settings.places, settings.as_of, (), AlertSettings.load())
        return dg.SkipReason(found.reason)

    return schedule


def at_rest(listing: dict[str, list[object]], cursor: str | None) -> tuple[str, str | None]:
    """Compare the landing zone with the last look: the new cursor, and a run's key where something at rest is new.

    A file is at rest when two looks in a row see the same size and stamp. One that is still being copied keeps no other waiting:
    the night leaves it where it is.

    :param listing: path to size and stamp.
    """
    before = json.loads(cursor) if cursor else {"seen": {}, "asked": None}
    resting = {path: seen for path, seen in listing.items() if before["seen"].get(path) == seen}
    key, asked = sha256_text(canonical_json(resting))[:32], before["asked"]
    run = key if resting and key != asked else None
    return json.dumps({"seen": listing, "asked": run or asked}), run


def landed_files(job_name: str, selection: NightSelection) -> dg.SensorDefinition:
    """A run when a file has landed and stopped growing."""

    @dg.sensor(
        name="landed_files",
        job_name=job_name,
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=dg.DefaultSensorStatus.RUNNING if in_production() else dg.DefaultSensorStatus.STOPPED,
        description="Starts a night when something new lies in the landing zone and has stopped growing.",
    )
    def sensor(context: dg.SensorEvaluationContext, platform: Platform) -> dg.SensorResult:
        settings = platform.settings
        lock = lock_state(settings.home)
        fail_left_runs(context.instance, lock.left)
        if lock.is_held:
            return dg.SensorResult(skip_reason=f"{lock.what} is running: what lands meanwhile waits for its end.")
        landing = Landing.of(settings)
        listing: dict[str, list[object]] = {
            landed.path: [landed.size, landed.stamp] for landed in landing.files() if not is_temporary(landed.name)
        }
        cursor, key = at_rest(listing, context.cursor)
        if key is None:
            return dg.SensorResult(skip_reason="Nothing new has landed and come to rest.", cursor=cursor)
        found = look(settings, landing)
        if not found.is_needed:
            return dg.SensorResult(skip_reason=found.reason, cursor=cursor)
        return dg.SensorResult(run_requests=[selection.run_request(found.senders, key)], cursor=cursor)

    return sensor


@dataclass(frozen=True)
class _StepFailure:
    """The step that failed, and the sentence of ours that it failed with."""

    step: str
    sentence: str
    is_refused: bool

    @classmethod
    def of(cls, event: dg.DagsterEvent) -> _StepFailure:
        failure = event.step_failure_data.user_failure_data
        metadata = failure.metadata if failure is not None else {}
        sentence = failure.description if failure is not None else None
        return cls(event.step_key or "", sentence or "", NIGHT_IS_RUNNING in (metadata or {}))


def night_watch() -> dg.SensorDefinition:
    """Alerts of nights that do not come or do not end, and the end of runs whose processes were killed."""

    @dg.sensor(
        name="night_watch",
        minimum_interval_seconds=SECONDS_BETWEEN_WATCHES,
        default_status=dg.DefaultSensorStatus.RUNNING if in_production() else dg.DefaultSensorStatus.STOPPED,
        description="Alerts the people of TFC_ALERT_* where no night came for too long, or one does not end.",
    )
    def sensor(context: dg.SensorEvaluationContext, platform: Platform) -> dg.SkipReason:
        home, alert_settings = platform.settings.home, AlertSettings.load()
        ended = fail_left_runs(context.instance, lock_state(home).left)
        notices = watch(home, alert_settings, datetime.now(UTC))
        sent = report_watch(home, alert_settings, notices)
        return dg.SkipReason(f"{len(notices)} to report, {len(sent)} sent; {ended} left runs ended.")

    return sensor


def failure_alarm() -> dg.SensorDefinition:
    """Alert whom the settings name that a run failed: which run and step, and never a row."""

    @dg.run_failure_sensor(
        name="failure_alarm",
        default_status=dg.DefaultSensorStatus.RUNNING if in_production() else dg.DefaultSensorStatus.STOPPED,
        description="Alerts the people of TFC_ALERT_* that a run failed.",
    )
    def sensor(context: dg.RunFailureSensorContext) -> None:
        run = context.dagster_run
        if COMMAND_RUN in run.tags:
            return  # the command reports its own nights
        settings = Settings.load()
        failures = [_StepFailure.of(event) for event in context.get_step_failure_events()]
        if failures and all(failure.is_refused for failure in failures):
            return  # another night was running, and reports itself
        steps = sorted(failure.step for failure in failures)
        where = f" in {', '.join(steps)}" if steps else ""
        said = dict.fromkeys(failure.sentence for failure in failures if failure.sentence)
        reasons = read_reasons(settings.places, run.run_id) or (
            f"Run {run.run_id[:8]} of {run.job_name} failed{where}. The run's page of the Dagster UI has the reasons.",
            *said,
        )
        report_night(settings.places, settings.as_of, reasons, AlertSettings.load())

    return sensor


def night_alarm(job_name: str) -> dg.SensorDefinition:
    """After a good night: the heartbeat, and alerts of what is newly held or overdue."""

    @dg.run_status_sensor(
        run_status=dg.DagsterRunStatus.SUCCESS,
        name="night_alarm",
        default_status=dg.DefaultSensorStatus.RUNNING if in_production() else dg.DefaultSensorStatus.STOPPED,
        description="Writes a good night's heartbeat, and alerts the people of TFC_ALERT_* of what is newly held or overdue.",
    )
    def sensor(context: dg.RunStatusSensorContext) -> None:
        run = context.dagster_run
        if run.job_name == job_name and COMMAND_RUN not in run.tags:
            settings = Settings.load()
            report_night(settings.places, settings.as_of, (), AlertSettings.load())

    return sensor
