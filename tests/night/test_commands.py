"""The commands on a home with releases: what they print for programs, and how they end."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tfc_platform import pipeline
from tfc_platform.cli.app import app
from tfc_platform.feedback.status import summarise_sites

from .nights import SECOND, Home, small_returns, tree


def tfc(home: Home, *arguments: str, as_of: Any = SECOND) -> Result:
    with mock.patch.dict(os.environ):  # the command names the Dagster home there
        return CliRunner().invoke(app, list(arguments), env=home.env(as_of))


def said(home: Home, *arguments: str, as_of: Any = SECOND) -> Any:
    """What a command that ends well prints as JSON."""
    result = tfc(home, *arguments, "--json", as_of=as_of)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def home(second_night: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home after two nights, of which the second held a source of each of two sites."""
    return second_night.copied(tmp_path_factory.mktemp("commands") / "home")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # away from a developer's .env


def test_a_night_of_one_site_takes_in_only_that_sites_returns(first_night: Home, tmp_path: Path) -> None:
    home = first_night.copied(tmp_path / "home")
    small_returns(home.landing, night=2)
    receipts = home.places.lake / "receipts"
    before = set(tree(receipts))
    with mock.patch.object(pipeline.dbt, "build", side_effect=RuntimeError("what is built is no part of this test")):
        assert tfc(home, "nightly", "--site", "grimsby").exit_code == 1
    assert {name.split("/")[0] for name in set(tree(receipts)) - before} == {"grimsby"}


def test_status_tells_each_source(home: Home) -> None:
    found = said(home, "status")
    assert set(found) >= {"as_of", "sources", "published"}
    assert found["as_of"] == SECOND.isoformat()
    row = next(row for row in found["sources"] if (row["site"], row["source"]) == ("grimsby", "activity"))
    assert row["last_return"] == "grimsby/activity/activity_2026-04.csv"
    assert row["held_since"] is None
    assert found["published"]["release"] == home.release_id


def test_each_sites_receipt_accounts_for_every_file_and_row_to_mend(home: Home) -> None:
    for site in ("glasgow", "grimsby", "plymouth", "stoke"):
        place = home.places.sites / site / "receipt.json"
        receipt = json.loads(place.read_text())
        assert {"site", "files", "held", "due", "to_do", "cleared", "flags", "as_of"} <= set(receipt)
        page = place.with_suffix(".html").read_text(encoding="utf-8")
        assert all(item["file"] in page for item in receipt["files"])
        for item in receipt["files"]:
            tally = item["tally"]
            parts = [tally[name] for name in ("used", "waiting", "refused", "duplicate")]
            assert sum(parts) + sum(tally["left_out"].values()) == tally["received"], item["file"]
            assert item["marked"] is None or (place.parent / item["marked"]).is_file()
        query = f"select file, status, received from marts.mart_submission_status where site = '{site}'"
        found = [(item["file"], item["status"], item["received"]) for item in receipt["files"]]
        assert sorted(found) == sorted(home.rows(query))
        for item in receipt["files"]:
            refused = [issue for issue in item["issues"] if issue["disposition"] in ("rejected", "duplicate")]
            if item["status"] == "accepted":
                assert len(refused) == item["rejected"] + item["duplicate"], item["file"]
            assert all(issue["message"] and issue["reason"] for issue in item["issues"])
        assert place.stat().st_mode & 0o077 == 0


def test_flags_are_pointers_and_can_be_taken_up(home: Home) -> None:
    found = said(home, "flags")
    assert found
    fields = {"site", "file", "sheet", "row", "column", "rule", "raised_at", "acknowledged_at"}
    assert all(fields <= set(flag) for flag in found)
    site = found[0]["site"]
    assert {flag["site"] for flag in said(home, "flags", "list", "--site", site)} == {site}
    assert said(home, "flags", "acknowledge", found[0]["id"]) == {"acknowledged": 1}
    assert said(home, "flags")[0]["acknowledged_at"] is not None
    unknown = tfc(home, "flags", "acknowledge", "nothing")
    assert unknown.exit_code == 1
    assert "There is no flag nothing." in unknown.stderr


def test_releases_are_listed_shown_and_compared(home: Home, first_night: Home) -> None:
    latest, oldest = said(home, "releases", "list")
    assert (latest["id"], latest["is_current"], latest["follows"]) == (home.release_id, True, oldest["id"])
    assert oldest["id"] == first_night.release_id
    shown = said(home, "releases", "show", oldest["id"])
    assert set(shown) >= {"id", "as_of", "admitted", "evidence", "held", "tables", "follows", "changed", "files"}
    found = said(home, "releases", "diff", oldest["id"])
    tables = {table["table"]: table for table in found["tables"]}
    assert len(tables["delivery"]["added"]) > 0
    assert len(tables["delivery"]["removed"]) == 0
    assert tfc(home, "releases", "show", "no-such-release").exit_code == 1


def test_a_changed_byte_is_found(home: Home, tmp_path: Path) -> None:
    assert said(home, "releases", "verify")["whole"] is True
    other = Home(tmp_path / "copy")
    shutil.copytree(home.places.releases, other.places.releases, symlinks=True)
    file = other.places.releases / home.release_id / "csv" / "delivery.csv"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace(b"glasgow", b"glasgoW", 1))
    result = tfc(other, "releases", "verify", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["whole"] is False
    assert any("csv/delivery.csv" in problem for problem in found["problems"])


def test_a_figure_is_explained_by_ranges_and_what_does_not_exist_is_an_error(home: Home) -> None:
    from tfc_platform.settings import ConfigurationError

    def rows(*keys: str) -> set[tuple[str, int]]:
        return {(row["file"], row["row"]) for row in said(home, "explain", "mart_delivery", "site=grimsby", *keys)}

    two, one, other = rows("month=2026-02..2026-03"), rows("month=2026-02"), rows("month=2026-03")
    assert one
    assert other
    assert (two, one & other) == (one | other, set())
    for key, advice in (("site=grimsbi", "Did you mean grimsby?"), ("month=2031-01", "They go from")):
        result = tfc(home, "explain", "mart_delivery", key)
        assert isinstance(result.exception, ConfigurationError)
        assert advice in str(result.exception)


def test_a_night_ends_with_a_line_for_each_site(home: Home) -> None:
    found = {line.site: line for line in summarise_sites(home.places, SECOND)}
    assert set(found) == {"central", "glasgow", "grimsby", "plymouth", "stoke"}
    counts = "select count(*), sum(case when status = 'accepted' then accepted end) from marts.mart_submission_status"
    for site, line in found.items():
        ((files, used),) = home.rows(f"{counts} where site = '{site}'")
        assert (line.files, line.rows_used) == (files, used)
        assert line.held == (("activity",) if site in ("plymouth", "stoke") else ())


@pytest.fixture
def rolled_back(home: Home) -> tuple[str, str]:
    latest, oldest = (release["id"] for release in said(home, "releases", "list"))
    assert said(home, "releases", "rollback", oldest, "--why", "a wrong figure", "--who", "the centre")
    return latest, oldest


def test_a_rollback_stays_until_something_else_comes(home: Home, rolled_back: tuple[str, str]) -> None:
    """The last test of this file: it leaves the earlier release in its place."""
    latest, oldest = rolled_back
    assert home.release_id == oldest
    before = tree(home.places.releases)
    os.utime(next((home.landing / "grimsby" / "learning").iterdir()), (2, 2))  # so that there is something to look at
    night = said(home, "nightly", "--site", "grimsby")
    assert (night["success"], night["release"]) == (True, None)
    assert tree(home.places.releases) == before
    states = {release["id"]: release["is_withdrawn"] for release in said(home, "releases", "list")}
    assert states == {latest: True, oldest: False}


@pytest.mark.parametrize(("landing", "words"), [("nowhere", "TFC_LANDING"), (None, "there is no site 'atlantis'")])
def test_wrong_use_is_told_in_one_sentence(home: Home, tmp_path: Path, landing: str | None, words: str) -> None:
    from tfc_platform.settings import ConfigurationError

    env = home.env(SECOND) | ({"TFC_LANDING": landing, "TFC_HOME": str(tmp_path / "new")} if landing else {})
    arguments = ["nightly"] if landing else ["nightly", "--site", "atlantis"]
    result = CliRunner().invoke(app, arguments, env=env)
    assert isinstance(result.exception, ConfigurationError)  # which the entry point turns into exit code 2
    assert words in str(result.exception)
