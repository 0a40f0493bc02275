"""A home that the code of November 2026 made is taken over by the next night, with the same figures.

`kept/home-2026-11.tar.xz` holds a landing zone of one site and the home after one night of commit 63403ee, without the
warehouse, the research database and the receipts, which each night makes again.
"""

from __future__ import annotations

import csv
import json
import os
import tarfile
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from typer.testing import CliRunner

from tests.disclosure.release_attack import attack
from tests.release.tables_only import tables_only
from tfc_platform.cli.app import app
from tfc_platform.release.manage import verify_release

from .nights import FIRST, Home

KEPT = Path(__file__).with_name("kept") / "home-2026-11.tar.xz"
RELEASE = "2026-04-20-9f3e7ab4fdc4"
# What changed since: the list of checks (one rule a check, each rule in one place), and the words that describe figures.
OF_WORDS = {"data_quality", "metric"}
GAINED = {"source_state"}  # a source that the contracts gained has a line a site, beside all lines of before
WIDER = {"outcome_change", "outcome_indicator"}  # they have more columns, and the same cells in those of before


def tables(home: Home, release: str) -> dict[str, list[list[str]]]:
    """Every table of a release as its rows."""
    found = {}
    for path in sorted((home.places.releases / release / "csv").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            found[path.stem] = list(csv.reader(stream))
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("kept")
    with tarfile.open(KEPT) as packed:
        packed.extractall(folder, filter="data")
    return Home(folder, kept=True)


@pytest.fixture(scope="module")
def said(home: Home) -> dict[str, Any]:
    """What the command prints for programs, of the night that takes the home over."""
    with mock.patch.dict(os.environ), tables_only():  # the command names the Dagster home there
        result = CliRunner().invoke(app, ["nightly", "--json"], env=home.env(FIRST))
    assert result.exit_code == 0, result.output
    assert not attack(home.places.releases / "current")
    values: dict[str, Any] = json.loads(result.stdout)
    return values


def test_a_night_reports_what_it_published(home: Home, said: dict[str, Any]) -> None:
    assert set(said) >= {"success", "reasons", "research", "release", "nothing_new"}
    assert (said["success"], said["reasons"], said["nothing_new"]) == (True, [], False)
    assert said["release"] == home.release_id != RELEASE
    assert said["research"] == home.research_id


@pytest.mark.usefixtures("said")
def test_the_figures_are_those_of_the_release_before(home: Home) -> None:
    before, after = tables(home, RELEASE), tables(home, home.release_id)
    assert len(before) > 15
    assert set(after) >= set(before)
    assert {name for name in before if after[name] != before[name]} <= OF_WORDS | GAINED | WIDER
    for name in GAINED:
        assert [row for row in before[name] if row not in after[name]] == []
    for name in WIDER:
        columns, gained = before[name][0], after[name][0]
        assert set(columns) < set(gained)
        places = [gained.index(column) for column in columns]
        assert [[row[place] for place in places] for row in after[name]] == before[name]
    assert verify_release(home.places) == []


@pytest.mark.usefixtures("said")
def test_dagster_runs_on_its_own_storage_from_now_on(home: Home) -> None:
    assert "OpenEventLog" not in (home.places.dagster / "dagster.yaml").read_text()


@pytest.mark.usefixtures("said")
def test_the_next_night_has_nothing_to_do(home: Home) -> None:
    assert home.good_night(FIRST).outcome.nothing_new
