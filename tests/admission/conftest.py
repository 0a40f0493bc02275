"""Whole nights of a further site, from its folder of contracts to the verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tfc_platform.admission.admit import Night, admit
from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.ingest.ingest_sender import take_in, take_in_unassigned
from tfc_platform.ingest.intake import Intake
from tfc_platform.settings import Settings

CONTRACT = """\
source: log
sites: [elsewhere]
record: activity
owner: team
description: A CSV a month.
files: log/*.csv
name: 'log (?P<month>\\d{4}-\\d{2})(?: v(?P<version>\\d+))?(?: \\(\\d+\\))?\\.csv'
return: {key: '{month}', version: version}
read: {format: csv}
columns:
  session_on: {header: Date, type: date, required: true, invalid: reject}
  activity: {header: Activity, type: activity, required: true}
  status: {header: Status, type: category, codes: {Delivered: delivered}, required: true, invalid: reject}
  attendance: {header: People, type: attendance, required: true, invalid: reject}
expects: {monthly_from: 2025-04-01, days_after_month: 5}
"""


@pytest.fixture(scope="session")
def with_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The packaged catalogue and a fifth site, `elsewhere`."""
    root = tmp_path_factory.mktemp("contracts")
    (root / "sources").mkdir()
    (root / "sources" / "log.yaml").write_text(CONTRACT)
    (root / "sites.yaml").write_text("- {site: elsewhere, name: Elsewhere, nation: Wales}\n")
    return load_catalogue([root])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "landing").mkdir()
    env = {
        "TFC_REST_SECONDS": "0",
        "TFC_HOME": str(tmp_path / "home"),
        "TFC_LANDING": str(tmp_path / "landing"),
        "TFC_AS_OF": "2025-06-30",
    }
    return Settings.load(env | {"TFC_PSEUDONYM_KEY": "a key of the tests alone"}, dotenv=tmp_path / "none")


@pytest.fixture
def intake(settings: Settings) -> Callable[..., Intake]:
    """The intake of a night, counted from 0, by a catalogue."""

    def make(catalogue: Catalogue, night: int = 0, as_of: date | None = None) -> Intake:
        day = as_of or settings.as_of + timedelta(days=night)
        loaded = Intake.load(replace(settings, as_of=day), catalogue)
        return replace(loaded, now=datetime(2025, 7, 1, 2, tzinfo=UTC) + timedelta(days=night))

    return make


@pytest.fixture
def run_night() -> Callable[[Intake], Night]:
    """Take in every sender, then admit."""

    def run(of_night: Intake) -> Night:
        for site in of_night.catalogue.senders:
            take_in(of_night, site)
        take_in_unassigned(of_night)
        return admit(of_night)

    return run
