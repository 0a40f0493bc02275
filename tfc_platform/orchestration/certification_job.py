"""The weekly job that certifies the current release by counterexamples in whole numbers.

It reads releases and snapshots and publishes nothing. The datasets that it finds are like the true one in most places and are
kept in the restricted zone.
"""

import dagster as dg

from tfc_platform.atomic_io import write_json
from tfc_platform.disclosure.policy import load_policy
from tfc_platform.orchestration.error_redaction import redact_errors
from tfc_platform.orchestration.resources import Platform
from tfc_platform.orchestration.schedules import in_production
from tfc_platform.publication.publication_register import load_register
from tfc_platform.versions import current_id

__all__ = ["certify_release", "weekly_certification"]


@dg.op(name="certify", description="For each small group another dataset that has all published figures.")
@redact_errors
def certify(context: dg.OpExecutionContext, platform: Platform) -> None:
    from tfc_platform.release.reaudit import twins_of_release  # with its solvers, which no other run needs

    places = platform.settings.places
    release = current_id(places.releases)
    if release is None:
        context.log.info("Nothing has been released yet.")
        return
    twins = twins_of_release(places, release, load_register().person_tables, load_policy())
    datasets = [
        [[atom.universe, list(atom.codes), count] for atom, count in sorted(dataset.items())]
        for dataset in twins.datasets
    ]
    write_json(places.snapshots / "twins" / f"{release}.json", datasets)
    context.log.info(f"{twins.certified} of {twins.sought} small groups of release {release} have a twin.")
    if not twins.passed:
        raise dg.Failure(" ".join(twins.reasons), allow_retries=False)


@dg.job(
    name="certify_release",
    description="Certifies by whole numbers what the nightly audit bounds by linear programmes. Reads alone.",
    executor_def=dg.in_process_executor,
)
def certify_release() -> None:
    certify()


def weekly_certification() -> dg.ScheduleDefinition:
    """Sundays at five, when no night runs."""
    return dg.ScheduleDefinition(
        name="sundays_at_five",
        job=certify_release,
        cron_schedule="0 5 * * 0",
        execution_timezone="Europe/London",
        default_status=dg.DefaultScheduleStatus.RUNNING if in_production() else dg.DefaultScheduleStatus.STOPPED,
        description="The weekly certification of the current release by twins.",
    )
