"""A weighted survey with weights that cannot be used, from the agency's file to the mart: its figures stay, unweighted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyreadstat
import pytest

from tfc_platform.admission.admission_tables import write_tables
from tfc_platform.admission.admit import admit
from tfc_platform.build import dbt
from tfc_platform.build.lake_views import make_views
from tfc_platform.check.gx_runner import run_suites
from tfc_platform.check.suites import load_suites
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake
from tfc_platform.settings import PROJECT, Settings

pytestmark = pytest.mark.shared
AS_OF = date(2026, 5, 1)
BAD = {case: (None, 0.0, -1.5)[case % 3] for case in range(30)}  # case to weight: of a tenth of the survey


@pytest.fixture(scope="module")
def spoilt(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The landing zone of the site whose agency weights its file: in the first wave a tenth of the weights are no weights."""
    home = tmp_path_factory.mktemp("weights")
    surveys = home / "landing" / "plymouth" / "surveys"
    surveys.mkdir(parents=True)
    for path in (shared / "returns" / "night1" / "plymouth" / "surveys").glob("*community*"):
        shutil.copy(path, surveys)
    first = surveys / "TFC_community_w1.sav"
    frame, meta = pyreadstat.read_sav(first, user_missing=True)
    for case, weight in BAD.items():
        frame.loc[case, "wt"] = weight
    pyreadstat.write_sav(
        frame, first, column_labels=meta.column_labels, variable_value_labels=meta.variable_value_labels
    )
    return home


@pytest.fixture(scope="module")
def warehouse(spoilt: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    settings = Settings(str(spoilt / "landing"), spoilt / "var", (), "duckdb", AS_OF, None)
    catalogue = load_catalogue()
    intake = Intake.load(settings, catalogue)
    for site in catalogue.senders:
        take_in(intake, site)
    night = admit(intake)
    files = night.files(settings.places) | write_tables(night, catalogue, settings.places)
    make_views(settings.places.warehouse_file, files)
    result = dbt.build(settings.places, PROJECT / "dbt_project", select=["+mart_outcome_indicator"])
    assert result.success, [(node.name, node.status, node.error) for node in result.failed]
    with duckdb.connect(str(settings.places.warehouse_file), read_only=True) as connection:
        yield connection


def figure(warehouse: duckdb.DuckDBPyConnection, wave: str) -> dict[str, Any]:
    cursor = warehouse.execute(
        "select * from marts.mart_outcome_indicator where wave = ? and indicator = 'K1' and breakdown = 'all'", [wave]
    )
    (row,) = cursor.fetchall()
    return dict(zip((column[0] for column in cursor.description), row, strict=True))


def test_the_spoilt_file_counts_without_its_weights_and_says_so(
    spoilt: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    frame, _ = pyreadstat.read_sav(spoilt / "landing/plymouth/surveys/TFC_community_w1.sav", user_missing=True)
    known = frame.drop_duplicates("serial")["q1"]
    base = known[known.isin([1, 2, 3, 4, 5, 97])]  # don't know (97) is an answer to an item of knowledge
    found = figure(warehouse, "w1")
    assert (found["weighted"], found["weight_status"]) == (False, "rejected")
    assert found["n"] == found["n_eff"] == len(base)
    assert found["estimate"] == pytest.approx(100 * base.isin([4, 5]).mean())
    assert found["se"] > 0


def test_the_other_waves_weights_are_used_all_the_same(shared: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    answers = json.loads((shared / "returns" / "answers.json").read_text(encoding="utf-8"))["outcomes"]
    (wanted,) = (
        row
        for row in answers
        if (row["site"], row["population"], row["wave"], row["indicator"]) == ("plymouth", "community", "w2", "K1")
    )
    found = figure(warehouse, "w2")
    assert (found["weighted"], found["weight_status"], found["n"]) == (True, "weighted", wanted["n"])
    assert (found["estimate"], found["se"]) == pytest.approx((wanted["estimate"], wanted["se"]), abs=1e-6)
    assert found["n_eff"] < found["n"]


def test_both_checks_warn_and_hold_nothing_back(warehouse: duckdb.DuckDBPyConnection) -> None:
    held = {("plymouth", "survey_respondent"): 1}
    found = {
        item.check_id: (item.verdict, item.rows_failed, item.gate_effect)
        for item in run_suites(warehouse, load_suites(), held, AS_OF)
        if item.check_id in ("respondent_weight_usable", "outcome_weights_usable")
    }
    assert found["respondent_weight_usable"] == ("failed", len(BAD), "warns")
    verdict, failed, effect = found["outcome_weights_usable"]
    assert (verdict, effect) == ("failed", "warns")
    ((of_the_file,),) = warehouse.execute(
        "select count(*) from marts.mart_outcome_indicator where wave = 'w1'"
    ).fetchall()
    assert failed == of_the_file, "every figure of that survey, and no other"
