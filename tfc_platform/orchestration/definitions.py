"""The definitions, put together: one function that the workspace, the command line and the tests all use.

Belongs here: which parts there are, the job, and the instance that a run in this process is kept in. Does not belong: any part.
"""

from __future__ import annotations

from collections.abc import Callable

import dagster as dg

from tfc_platform.build import manifest as manifests
from tfc_platform.check.suites import load_suites
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.disclosure.exceptions import exempt, load_exceptions
from tfc_platform.disclosure.policy import load_policy
from tfc_platform.orchestration.asset_checks import quality_checks
from tfc_platform.orchestration.certification_job import certify_release, weekly_certification
from tfc_platform.orchestration.dbt_assets import mart_keys, marts_asset
from tfc_platform.orchestration.ingest_assets import intake_assets, lake_asset, others_of_the_lake
from tfc_platform.orchestration.publishing_assets import publishing_assets
from tfc_platform.orchestration.resources import Platform
from tfc_platform.orchestration.schedules import failure_alarm, landed_files, nightly_schedule
from tfc_platform.pipeline import DBT_PROJECT
from tfc_platform.publication.publication_register import load_register
from tfc_platform.settings import Settings

__all__ = ["JOB", "build_definitions"]

JOB = "nightly"


def build_definitions(settings: Settings | None = None, say: Callable[[str], None] | None = None) -> dg.Definitions:
    """Everything that Dagster is to know.

    :param settings: of a command or a test; without them each run reads the environment anew.
    :param say: told, in this process, what a run is doing.
    :raises ConfigurationError: where a setting, contract, suite, policy, register or exception is wrong.
    """
    chosen = settings or Settings.load()
    catalogue = load_catalogue(chosen.contracts)
    suites = load_suites()
    # Each run reads these again when it publishes. A wrong one is told here, before returns are taken in for nothing.
    load_policy()
    exempt(load_exceptions(), load_register().person_tables, (), chosen.as_of)
    manifest = manifests.as_json(DBT_PROJECT, chosen.target)
    marts = mart_keys(manifest)
    platform = Platform(manifest) if settings is None else Platform(manifest, settings, catalogue, suites)
    platform.say = say or platform.say
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks(),
        description="The main job: takes in, admits, builds, checks, publishes.",
    )
    return dg.Definitions(
        assets=[
            *intake_assets(catalogue),
            lake_asset(catalogue),
            *others_of_the_lake(),
            marts_asset(manifest),
            *publishing_assets(catalogue, marts),
        ],
        asset_checks=[quality_checks(suites, catalogue, marts)],
        jobs=[job, certify_release],
        schedules=[nightly_schedule(JOB), weekly_certification()],
        sensors=[landed_files(JOB), failure_alarm()],
        resources={"platform": platform},
        # One process: a step's own process would import everything again, about four seconds each.
        executor=dg.in_process_executor,
    )
