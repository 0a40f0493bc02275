"""The programme's first night of sample surveys, taken in and built as far as the figures, once for all tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.shared_work import made_once
from tfc_platform.admission.admission_tables import write_tables
from tfc_platform.admission.admit import admit
from tfc_platform.build import dbt
from tfc_platform.build.lake_views import make_views
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake
from tfc_platform.settings import PROJECT, Settings

Ask = Callable[..., list[tuple[Any, ...]]]
MODELS = (
    "int_indicator_score",
    "int_item_quality",
    "int_scale_quality",
    "mart_outcome_indicator",
    "mart_outcome_change",
    "mart_outcome_cell",
)


@pytest.fixture(scope="session")
def scored(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of the surveys of the first night, with all that is made of them. Nobody writes in it."""
    return made_once(tmp_path_factory, "scored", lambda folder: _scored(shared, folder))


def _scored(shared: Path, home: Path) -> Path:
    for folder in sorted((shared / "returns" / "night1").glob("*/surveys")):
        shutil.copytree(folder, home / "landing" / folder.parent.name / "surveys")
    settings = Settings(
        landing=str(home / "landing"),
        home=home / "var",
        contracts=(),
        target="duckdb",
        as_of=date(2026, 5, 1),
        pseudonym_key=None,
    )
    catalogue = load_catalogue()
    intake = Intake.load(settings, catalogue)
    for site in catalogue.senders:
        take_in(intake, site)
    night = admit(intake)
    files = night.files(settings.places) | write_tables(night, catalogue, settings.places)
    make_views(settings.places.warehouse_file, files)
    result = dbt.build(settings.places, PROJECT / "dbt_project", select=[f"+{model}" for model in MODELS])
    assert result.success, [(node.name, node.status, node.error) for node in result.failed]
    return settings.places.warehouse_file


@pytest.fixture
def ask(scored: Path) -> Iterator[Ask]:
    """Rows of a query on that warehouse."""
    with duckdb.connect(str(scored), read_only=True) as connection:
        yield lambda sql, **parameters: connection.execute(sql, parameters or None).fetchall()
