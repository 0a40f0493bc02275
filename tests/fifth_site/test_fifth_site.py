"""A fifth site, in formats that the four do not use, from a folder of data through to a release: no code is changed.

The expected figures were counted by hand from `files`.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tfc_platform.report.write_report import make_report

from ..night.nights import Home
from ..night.search import Secrets
from .files import SECRET, quarter, write_log, write_survey

CONTRACTS = Path(__file__).with_name("contracts")
AS_OF = date(2026, 1, 20)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("fifth") / "home", with_pages=True, contracts=(CONTRACTS,))
    write_log(home.landing / "harbour" / "logs" / "sessions 2025-Q2.ods", quarter())
    write_survey(home.landing / "harbour" / "surveys" / "community w1.dta")
    home.good_night(AS_OF)
    return home


def test_every_row_of_both_returns_is_accounted_for(home: Home):
    found = home.rows(
        "select source, status, received, accepted, rejected, not_data from marts.mart_submission_status"
        " where site = 'harbour' order by 1"
    )
    assert found == [("activity", "accepted", 41, 40, 1, 3), ("surveys", "accepted", 60, 60, 0, 0)]
    assert home.rows(
        "select sheet, row, \"column\", reason from marts.mart_row_issue where site = 'harbour' and severity = 'error'"
    ) == [("May 2025", 17, "Held on", "invalid_date")]


def test_the_marts_hold_what_was_counted_by_hand(home: Home):
    delivery = home.rows(
        "select strftime(month, '%Y-%m'), activity, sessions_delivered, sessions_cancelled, hours from marts.mart_delivery"
        " where site = 'harbour' order by all"
    )
    assert delivery == [
        ("2025-04", "partnership_board", 1, 0, 2.0),
        ("2025-04", "story_time", 12, 0, 12.0),
        ("2025-05", "partnership_board", 1, 0, 2.0),
        ("2025-05", "story_time", 12, 1, 12.0),
        ("2025-06", "partnership_board", 1, 0, 2.0),
        ("2025-06", "story_time", 12, 0, 12.0),
    ]
    reach = home.rows("select sum(value_low) from marts.mart_reach where site = 'harbour' and activity = 'story_time'")
    assert reach == [(720,)]
    know = home.rows(
        "select n, round(estimate, 4) from marts.mart_outcome_indicator"
        " where site = 'harbour' and indicator = 'K1' and breakdown = 'all'"
    )
    assert know[0][0] == 60
    assert know[0][1] in (pytest.approx(66.6667, abs=1e-3), pytest.approx(0.6667, abs=1e-4))


def test_the_release_has_the_site_and_its_figures_about_persons_are_rounded(home: Home):
    table = pq.read_table(home.places.releases / "current" / "parquet" / "reach.parquet").to_pylist()
    rows = {
        (row["activity"], row["measure"]): (row["value"], row["status"])
        for row in table
        if row["site"] == "harbour" and row["quarter"] == "2025-Q2"
    }
    assert rows["story_time", "attendances_low"] == (720.0, "rounded")
    page = home.places.releases / "current" / "sites" / "harbour.html"
    assert "Harbour" in page.read_text(encoding="utf-8")


def test_the_annual_report_of_the_very_release_calls_the_site_by_its_name_and_adds_up_its_sessions(home: Home):
    report = make_report(home.places, "2025-26")
    figures = {(f.site, f.measure): f for part in report.parts for f in part.figures if f.table == "delivery"}
    found = figures["harbour", "sessions_delivered"]
    assert (found.value, found.periods, found.unit) == (39.0, 3, "sessions")
    assert report.name_of("harbour") == "Harbour"
    assert report.name_of("story_time", "harbour") == "Story time"


def test_the_site_is_told_of_the_row_to_mend_and_of_its_late_returns(home: Home):
    receipt = json.loads((home.places.sites / "harbour" / "receipt.json").read_text(encoding="utf-8"))
    told = [issue for file in receipt["files"] for issue in file["issues"] if issue["reason"] == "invalid_date"]
    assert len(told) == 1
    assert {item["return"] for item in receipt["due"] if item["status"] == "overdue"} >= {"2025-07", "2025-12"}


def test_no_name_of_it_left_the_vault_and_the_text_store(home: Home):
    places = home.places
    for place in (places.lake, places.warehouse, places.research, places.releases, places.evidence, places.snapshots):
        assert Secrets([SECRET]).below(place) == {}
