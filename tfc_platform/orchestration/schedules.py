"""When a night runs and who hears of a failure. On in production alone: TFC_DEPLOYMENT=production.

Belongs here: the schedule, the sensor of the landing zone, and the alarm of a failed run. Does not belong: what a run does.
"""

import json
import os

import dagster as dg

from tfc_platform.atomic_io import canonical_json, sha256_text
from tfc_platform.feedback.alerts import Alert, send
from tfc_platform.ingest.landing import Landing
from tfc_platform.orchestration.resources import Platform
from tfc_platform.sheets.file_format import is_temporary

__all__ = ["failure_alarm", "in_production", "landed_files", "nightly_schedule"]

SECONDS_BETWEEN_LOOKS = 60


def in_production() -> bool:
    return os.environ.get("TFC_DEPLOYMENT") == "production"


def nightly_schedule(job_name: str) -> dg.ScheduleDefinition:
    """Every night at two, by the clock in London in summer and winter."""
    return dg.ScheduleDefinition(
        name="nightly_at_two",
        job_name=job_name,
        cron_schedule="0 2 * * *",
        execution_timezone="Europe/London",
        default_status=dg.DefaultScheduleStatus.RUNNING if in_production() else dg.DefaultScheduleStatus.STOPPED,
        description="The main job, every night at 02:00 Europe/London.",
    )


def look(listing: dict[str, list[object]], cursor: str | None) -> tuple[str, str | None]:
    """One look at the landing zone: the new cursor, and a run's key where what has landed is new and at rest.

    A file is at rest when two looks in a row see the same size and stamp, so that one still being copied is waited for.

    :param listing: path to size and stamp.
    """
    before = json.loads(cursor) if cursor else {"seen": {}, "asked": None}
    key = sha256_text(canonical_json(listing))[:32]
    asked = before["asked"]
    at_rest = before["seen"] == listing
    is_new = bool(listing) and key != asked
    run = key if at_rest and is_new else None
    return json.dumps({"seen": listing, "asked": run or asked}), run


def landed_files(job_name: str) -> dg.SensorDefinition:
    """A run when files have landed and stopped growing."""

    @dg.sensor(
        name="landed_files",
        job_name=job_name,
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=dg.DefaultSensorStatus.RUNNING if in_production() else dg.DefaultSensorStatus.STOPPED,
        description="Starts a night when something new lies in the landing zone and has stopped growing.",
    )
    def sensor(
        context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]
    ) -> dg.SensorResult | dg.SkipReason:
        files = Landing(platform.settings.landing).files()
        listing: dict[str, list[object]] = {
            landed.path: [landed.size, landed.stamp] for landed in files if not is_temporary(landed.name)
        }
        cursor, key = look(listing, context.cursor)
        if key is None:
            return dg.SensorResult(skip_reason="Nothing new has landed and come to rest.", cursor=cursor)
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=key)], cursor=cursor)

    return sensor


def failure_alarm() -> dg.SensorDefinition:
    """Tell whom the settings name that a run failed: which run and step, and the gate's reasons, never a row."""

    @dg.run_failure_sensor(
        name="failure_alarm",
        default_status=dg.DefaultSensorStatus.RUNNING if in_production() else dg.DefaultSensorStatus.STOPPED,
        description="Tells the people of TFC_ALERT_* that a night failed.",
    )
    def sensor(context: dg.RunFailureSensorContext) -> None:
        steps = [event.step_key for event in context.get_step_failure_events() if event.step_key]
        send(Alert.of_failed_run(context.dagster_run.job_name, context.dagster_run.run_id, steps))

    return sensor
