"""A contract in error, with and without a last good state: it stops what it is about, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tfc_platform.contracts.catalogue import UNASSIGNED, Catalogue, keep_contracts, load_nightly_catalogue
from tfc_platform.ingest.look_faults import look_faults_of
from tfc_platform.settings import ConfigurationError, Settings

Folder = Callable[..., Path]
DAY = date(2026, 5, 1)
WRONG = ("free_text: [Notes]", "free_txt: [Notes]")


def settings(home: Path, *folders: Path) -> Settings:
    return Settings(str(home / "landing"), home / "home", folders, "duckdb", DAY, None)


def faults(catalogue: Catalogue) -> list[tuple[str, tuple[str, ...], str | None]]:
    return [(fault.file, fault.sites, fault.source) for fault in catalogue.faults]


def kept(home: Settings) -> Settings:
    keep_contracts(home, load_nightly_catalogue(home))
    return home


def test_the_last_good_state_is_used(folder: Folder, contract_text: str, tmp_path: Path) -> None:
    home = kept(settings(tmp_path, folder()))
    folder(contract_text.replace(*WRONG))
    catalogue = load_nightly_catalogue(home)
    assert faults(catalogue) == [("elsewhere/activity.yaml", ("elsewhere",), "activity")]
    assert catalogue.contract("elsewhere", "activity").free_text


@pytest.mark.parametrize("place", ["sources/elsewhere/activity.yaml", "sources/anywhere/activity.yaml"])
def test_one_that_was_never_right_stops_what_it_names(
    folder: Folder, contract_text: str, tmp_path: Path, place: str
) -> None:
    root = folder(contract_text.replace(*WRONG))
    (root / place).parent.mkdir(exist_ok=True)
    (root / "sources/elsewhere/activity.yaml").rename(root / place)
    catalogue = load_nightly_catalogue(settings(tmp_path, root))
    assert faults(catalogue) == [(place.removeprefix("sources/"), ("elsewhere",), "activity")]
    assert catalogue.of("elsewhere") == ()
    assert len(catalogue.contracts) > 5, "the others load"


@pytest.mark.parametrize("text", ["", "free_text: [Notes", "- a list", "\x00", "sites: [nowhere]\nsource: [1]"])
def test_one_that_says_nothing_of_its_site_stops_nobody_and_is_reported(
    folder: Folder, contract_text: str, tmp_path: Path, text: str
) -> None:
    root = folder()
    (root / "sources/anything.yaml").write_text(text)
    catalogue = load_nightly_catalogue(settings(tmp_path, root))
    assert faults(catalogue) == [("sources/anything.yaml", (), None)]
    assert catalogue.contract("elsewhere", "activity")
    (noted,) = look_faults_of(catalogue, UNASSIGNED, (), ())
    assert (noted.kind, noted.path, noted.sources) == ("contract_error", "sources/anything.yaml", ())


def test_a_site_without_any_right_contract_is_reported_by_nobody_else(
    folder: Folder, contract_text: str, tmp_path: Path
) -> None:
    catalogue = load_nightly_catalogue(settings(tmp_path, folder(contract_text.replace(*WRONG))))
    assert [fault.path for fault in look_faults_of(catalogue, UNASSIGNED, (), ())] == ["elsewhere/activity.yaml"]


def test_a_new_folder_that_cannot_be_read_is_left_out(folder: Folder, tmp_path: Path) -> None:
    before = kept(settings(tmp_path))
    home = settings(tmp_path, folder(activities="site,activity\nelsewhere,choir\n"))
    catalogue = load_nightly_catalogue(home)
    assert faults(catalogue) == [("contracts/", (), None)]
    assert catalogue.senders == load_nightly_catalogue(before).senders
    keep_contracts(home, catalogue)
    assert not (home.places.lake / "contracts" / "1").exists()
    home = kept(settings(tmp_path, folder()))
    assert load_nightly_catalogue(home).faults == ()


def test_on_a_home_where_nothing_was_ever_right_it_is_refused(folder: Folder, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"reference/activities\.csv"):
        load_nightly_catalogue(settings(tmp_path, folder(activities="site,activity\nelsewhere,choir\n")))
    (tmp_path / "empty").mkdir()
    kept(settings(tmp_path))
    with pytest.raises(ConfigurationError, match="holds no contract"):
        load_nightly_catalogue(settings(tmp_path, tmp_path / "empty"))
