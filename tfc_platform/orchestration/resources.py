"""The platform as a Dagster resource: the settings of a run, and what its steps load from files.

A step passes nothing to another through this resource: another executor gives each step a resource of its own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import dagster as dg
from pydantic import Field, PrivateAttr

from tfc_platform.admission.admit import Night
from tfc_platform.build import manifest as manifests
from tfc_platform.contracts.catalogue import Catalogue, load_nightly_catalogue
from tfc_platform.disclosure.exceptions import load_exceptions
from tfc_platform.disclosure.policy import load_policy
from tfc_platform.disclosure.protect import due_on
from tfc_platform.erasure.carry_out import finish_erasures
from tfc_platform.ingest.ingest_sender import catch_up
from tfc_platform.ingest.intake import Intake
from tfc_platform.night_lock import night_lock
from tfc_platform.night_refusals import note_key, refuse_mistakes
from tfc_platform.orchestration.left_runs import fail_left_runs
from tfc_platform.pipeline import DBT_PROJECT, Rules, current_night
from tfc_platform.recovery.repair import Repaired, recover
from tfc_platform.settings import Places, Settings

__all__ = ["Platform", "start_of_run"]


class _Loaded:
    """What a process loads once for a run: pure functions of files, so that another process loads the same."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.repaired: Repaired = ()

    @cached_property
    def catalogue(self) -> Catalogue:
        return load_nightly_catalogue(self.settings)

    @cached_property
    def dbt_manifest(self) -> Mapping[str, Any]:
        return manifests.as_json(DBT_PROJECT, self.settings.target)

    @cached_property
    def rules(self) -> Rules:
        return Rules.load(self.dbt_manifest, self.settings.target)

    @cached_property
    def intake(self) -> Intake:
        self.repaired = recover(self.settings)
        # An erasure that was killed on its way, before anything is taken in.
        finish_erasures(self.settings.places, self.catalogue, self.settings.as_of)
        refuse_mistakes(self.settings)
        intake = Intake.load(self.settings, self.catalogue)
        note_key(self.settings, intake.pseudonyms)
        return intake


class Platform(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The settings of a run. A field that is left out is read from the environment, and from `.env` below it.

    The key of the pseudonyms is no field: what a resource is configured with is shown in the UI.
    """

    landing: str | None = Field(default=None, description="TFC_LANDING: where sites drop files.")
    home: str | None = Field(default=None, description="TFC_HOME: everything that the platform keeps.")
    contracts: list[str] | None = Field(default=None, description="TFC_CONTRACTS: further folders of contracts.")
    target: str | None = Field(default=None, description="TFC_TARGET: the engine that builds the marts.")
    as_of: str | None = Field(default=None, description="TFC_AS_OF: the date that the night works for.")
    steps_have_processes: bool = Field(default=False, description="Each step of a run has a process of its own.")
    _night: ExitStack = PrivateAttr(default_factory=ExitStack)
    _is_night_held: bool = PrivateAttr(default=False)

    def hold_night(self, context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> None:
        """Hold the night's lock from a run's first step until the run has ended, or the process of the step.

        :raises NightRunningError: where another run or command holds it.
        """
        if not self._is_night_held:
            lock = night_lock(self.settings.home, context.run.run_id, steps_have_processes=self.steps_have_processes)
            fail_left_runs(context.instance, self._night.enter_context(lock))
            self._is_night_held = True

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Let go of the night's lock; Dagster calls it when the run, or the step's process, has ended."""
        self._night.close()
        self._is_night_held = False

    @cached_property
    def _loaded(self) -> _Loaded:
        own = {
            "TFC_LANDING": self.landing,
            "TFC_HOME": self.home,
            "TFC_CONTRACTS": os.pathsep.join(self.contracts) if self.contracts else None,
            "TFC_TARGET": self.target,
            "TFC_AS_OF": self.as_of,
        }
        return _Loaded(Settings.load({**os.environ, **{name: value for name, value in own.items() if value}}))

    @property
    def settings(self) -> Settings:
        """The settings of this run.

        :raises ConfigurationError: naming the setting whose value cannot be used.
        """
        return self._loaded.settings

    @property
    def places(self) -> Places:
        """The folders of TFC_HOME."""
        return self._loaded.settings.places

    @property
    def catalogue(self) -> Catalogue:
        """The contracts.

        :raises ConfigurationError: naming the file and key that is wrong.
        """
        return self._loaded.catalogue

    @property
    def dbt_manifest(self) -> Mapping[str, Any]:
        """The dictionary of dbt's `manifest.json`."""
        return self._loaded.dbt_manifest

    @property
    def rules(self) -> Rules:
        """What the marts are judged by."""
        return self._loaded.rules

    def intake(self, started: datetime | None = None) -> Intake:
        """What taking in needs.

        :param started: when the run started: all arrivals of one run have this time, whichever process saw them.
        """
        return replace(self._loaded.intake, now=started) if started else self._loaded.intake

    @property
    def repaired(self) -> Repaired:
        """What was damaged in the home and is made again, as this process found it: a sentence a place."""
        return self._loaded.repaired

    def admission(self) -> Night:
        """What counts tonight."""
        return current_night(self.intake(), self.rules)

    def catch_up(self) -> None:
        """Read from the vault what today's contracts and readers ask for, where no step of this run has done so."""
        for sender in self.catalogue.senders:
            catch_up(self.intake(), sender)

    def due(self, day: date | None = None) -> str:
        """A digest of what the calendar asks to be published on a day, whatever came; without a day, tonight."""
        return due_on(self.catalogue, load_policy(), load_exceptions(), day or self.settings.as_of)


def start_of_run(context: dg.AssetExecutionContext) -> datetime:
    """When a step's run started, the same for all of its steps."""
    record = context.instance.get_run_record_by_id(context.run.run_id)
    if record is None:
        return datetime.now(UTC)
    return datetime.fromtimestamp(record.start_time, UTC) if record.start_time else record.create_timestamp
