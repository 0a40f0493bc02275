"""A night in which one site's contract is in error: that site is held, the others go on, and the night is not good."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from unittest import mock

import dagster as dg
import pytest

from tests.contracts.conftest import ACTIVITIES, CONTRACT, SITES
from tests.erasure.command import Said, tfc
from tests.release.tables_only import tables_only
from tfc_platform.contracts.catalogue import keep_contracts, load_nightly_catalogue

from .nights import SECOND, Home, small_returns

TEXTS = {
    "sites.yaml": SITES,
    "sources/elsewhere/activity.yaml": CONTRACT,
    "reference/activities.csv": ACTIVITIES,
}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, first_night: Home) -> tuple[Home, Said]:
    folder = tmp_path_factory.mktemp("error")
    for name, text in TEXTS.items():
        (folder / "contracts" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "contracts" / name).write_text(text)
    home = replace(first_night.copied(folder / "home", kept=True), contracts=(folder / "contracts",))
    keep_contracts(home.settings(SECOND), load_nightly_catalogue(home.settings(SECOND)))
    contract = folder / "contracts" / "sources/elsewhere/activity.yaml"
    contract.write_text(CONTRACT.replace("free_text:", "free_txt:"))
    (folder / "contracts" / "sources/of_nobody.yaml").write_text("free_text: [")
    log = home.landing / "elsewhere" / "log" / "log 2026-04.csv"
    log.parent.mkdir(parents=True)
    log.write_text("Date,Activity,Status,People,Notes\n01/04/2026,Choir,Yes,9,\n")
    small_returns(home.landing, night=2)
    with tables_only():
        return home, tfc(home, "nightly", "--json", as_of=SECOND)


def test_it_is_not_good_and_says_which_file_and_key(night: tuple[Home, Said]) -> None:
    ran = night[1]
    assert ran.code == 1
    said = " ".join(ran.json["reasons"])
    assert "elsewhere/activity.yaml: " in said
    assert "free_txt" in said
    assert "Held: elsewhere/activity" in said
    assert "sources/of_nobody.yaml: " in said


def test_the_others_are_published_and_its_files_wait(night: tuple[Home, Said]) -> None:
    home, ran = night
    assert ran.json["is_published"]
    new = "grimsby/activity/activity_2026-04.csv"
    assert home.rows(f"select status from marts.mart_submission_status where file = '{new}'") == [("accepted",)]
    assert home.rows("select * from marts.mart_submission_status where site = 'elsewhere'") == []
    held = [item["source"] for item in home.manifest()["held"] if item["site"] == "elsewhere"]
    assert held == ["activity"]


def test_checks_of_the_source_and_of_all_contracts_fail(night: tuple[Home, Said]) -> None:
    home = night[0]
    with mock.patch.dict(os.environ, {"DAGSTER_HOME": str(home.places.dagster)}), dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs(limit=1)
        events = [
            record.dagster_event
            for record in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        ]
    checks = {}
    for event in events:
        assert event is not None
        found = event.asset_check_evaluation_data
        checks[(found.asset_key.to_user_string(), found.check_name)] = found.passed
    assert checks[("elsewhere/activity", "latest_return_counts")] is False
    assert checks[("admission", "contracts_are_right")] is False
    assert checks[("grimsby/activity", "latest_return_counts")] is True


def test_the_sites_receipt_does_not_blame_the_site(night: tuple[Home, Said]) -> None:
    receipt = json.loads((night[0].places.sites / "elsewhere" / "receipt.json").read_text())
    assert receipt["held"] == []
