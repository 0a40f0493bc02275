"""The definitions of the Dagster project: one function that the workspace, the command line and the tests use."""

from __future__ import annotations

import dagster as dg

from tfc_platform.build import manifest as manifests
from tfc_platform.check.suites import load_suites
from tfc_platform.contracts.catalogue import load_nightly_catalogue
from tfc_platform.disclosure.exceptions import exempt, load_exceptions
from tfc_platform.disclosure.policy import load_policy
from tfc_platform.orchestration.admission_assets import admission_assets, latest_return_checks
from tfc_platform.orchestration.certification_job import certify_release, weekly_certification
from tfc_platform.orchestration.dbt_assets import BUILD, mart_tables, marts_asset
from tfc_platform.orchestration.ingest_assets import ingest_assets
from tfc_platform.orchestration.publishing_assets import publishing_assets
from tfc_platform.orchestration.resources import Platform
from tfc_platform.orchestration.schedules import (
    NightSelection,
    failure_alarm,
    landed_files,
    night_alarm,
    night_watch,
    nightly_schedule,
)
from tfc_platform.pipeline import DBT_PROJECT
from tfc_platform.publication.publication_register import load_register
from tfc_platform.settings import Settings

__all__ = ["JOB", "build_definitions"]

JOB = "nightly"


def build_definitions(executor: dg.ExecutorDefinition = dg.in_process_executor) -> dg.Definitions:
    """Everything that Dagster is to know, by the settings of the environment.

    :param executor: the in-process executor saves some seconds a step; any other gives the same night.
    :raises ConfigurationError: where a setting, contract, suite, policy, register or exception is wrong.
    """
    settings = Settings.load()
    catalogue = load_nightly_catalogue(settings)
    suites = load_suites()
    # Each run reads these again when it publishes. A wrong one is reported here, before returns are taken in for nothing.
    load_policy()
    exempt(load_exceptions(), load_register().person_tables, (), settings.as_of)
    manifest = manifests.as_json(DBT_PROJECT, settings.target)
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks(),
        description="The main job: takes in, admits, builds, checks, publishes.",
    )
    assets = [
        *ingest_assets(catalogue),
        *admission_assets(catalogue),
        marts_asset(manifest, suites),
        *publishing_assets(catalogue, mart_tables(manifest)),
    ]
    latest_returns = latest_return_checks(catalogue, after=BUILD)
    selection = NightSelection.of(
        [item for item in (*assets, latest_returns) if isinstance(item, dg.AssetsDefinition)],
        {dg.AssetKey([sender, source]): sender for sender, source in catalogue.sources},
    )
    return dg.Definitions(
        assets=assets,
        asset_checks=[latest_returns],
        jobs=[job, certify_release],
        schedules=[nightly_schedule(JOB, selection), weekly_certification()],
        sensors=[landed_files(JOB, selection), failure_alarm(), night_alarm(JOB), night_watch()],
        resources={"platform": Platform(steps_have_processes=executor is not dg.in_process_executor)},
        executor=executor,
    )
