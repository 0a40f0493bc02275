"""The platform as a Dagster resource: settings read when a run starts, and what is loaded once a night.

Belongs here: that loading, and what the run tells whoever started it in this process. Does not belong: any step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tfc_platform.check.suites import Suite
from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.disclosure.exceptions import load_exceptions
from tfc_platform.disclosure.policy import load_policy
from tfc_platform.disclosure.protect import due_on
from tfc_platform.erasure.carry_out import finish_erasures
from tfc_platform.ingest.intake import Intake
from tfc_platform.pipeline import Rules
from tfc_platform.settings import Settings

__all__ = ["Outcome", "Platform"]


@dataclass
class Outcome:
    """What came of a run: for the command line, which shares the process with it."""

    reasons: tuple[str, ...] = ()
    research: str | None = None
    release: str | None = None
    nothing_new: bool = False


@dataclass
class Platform:
    """What the assets share.

    With settings, contracts and suites of its own it is a test's or a command's, which runs one night and has just read them;
    else each run reads them anew.
    """

    dbt_manifest: Mapping[str, Any]
    own_settings: Settings | None = None
    own_catalogue: Catalogue | None = None
    own_suites: tuple[Suite, ...] | None = None
    say: Callable[[str], None] = lambda _: None
    outcome: Outcome = field(default_factory=Outcome)
    _intake: Intake | None = None
    _rules: Rules | None = None

    @property
    def settings(self) -> Settings:
        return self.own_settings or Settings.load()

    @property
    def catalogue(self) -> Catalogue:
        return self.own_catalogue or load_catalogue(self.settings.contracts)

    def intake(self) -> Intake:
        """Loaded at the first need of a run, so that every arrival of one night has the same time."""
        if self._intake is None:
            # An erasure that was killed on its way, before anything is taken in.
            finish_erasures(self.settings.places, self.catalogue, self.settings.as_of)
            self._intake = Intake.load(self.settings, self.catalogue)
        return self._intake

    def due(self) -> str:
        """What the calendar asks to be published tonight, whatever came."""
        return due_on(self.catalogue, load_policy(), load_exceptions(), self.settings.as_of)

    def rules(self) -> Rules:
        if self._rules is None:
            self._rules = Rules.load(self.dbt_manifest, self.settings.target, self.own_suites)
        return self._rules
