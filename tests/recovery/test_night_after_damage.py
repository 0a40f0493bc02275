"""Nights after damage, after a failed write, and in a home rebuilt from its backup: each ends as an undisturbed one."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.night.nights import FIRST, Home, marts, tree
from tfc_platform.home_inventory import HOME_PLACES
from tfc_platform.recovery.backup import BackupRefusedError, restore_damaged, restore_home, write_backup
from tfc_platform.recovery.damage import all_damage
from tfc_platform.recovery.repair import HomeDamagedError

from .faults import DAMAGE, ended_as, failing_write, flip, one_of_each_place

PASSPHRASE = "a passphrase of the tests"


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory, first_night: Home) -> Home:
    """A home of which one file of every derived place is damaged, in turn removed, cut and flipped."""
    home = first_night.copied(tmp_path_factory.mktemp("damaged") / "home", with_pages=True)
    derived = {place.name for place in HOME_PLACES if place.is_derived and place.name != "runs"}
    faults = list(DAMAGE.values())
    for number, (place, path) in enumerate(sorted(one_of_each_place(home).items())):
        if place in derived:
            faults[number % 3](home.places.home / path)
    return home


def test_a_failed_write_is_a_reason_and_the_next_night_makes_everything_again(damaged: Home, first_night: Home) -> None:
    with failing_write("release/publish.py:_write_json begins", errno.ENOSPC):
        first = damaged.night(FIRST)
    again = damaged.night(FIRST)
    assert again.success, again.outcome.reasons
    assert sum("makes it again" in text for text in first.said) >= 5
    assert ended_as(damaged, first_night) == "as undisturbed"


def test_a_home_rebuilt_from_its_backup_makes_the_same_release(tmp_path: Path, first_night: Home) -> None:
    file = tmp_path / "home.backup"
    write_backup(first_night.settings(FIRST), file, PASSPHRASE)
    home = replace(first_night.copied(tmp_path / "copy"), folder=tmp_path / "rebuilt", with_pages=True)
    (tmp_path / "copy" / "landing").rename((tmp_path / "rebuilt").mkdir() or tmp_path / "rebuilt" / "landing")
    info = restore_home(home.settings(FIRST), file, PASSPHRASE)
    assert info.release == first_night.release_id
    assert tree(home.places.vault) == tree(first_night.places.vault)
    # The release itself goes: the night has to make it from what else was in the backup.
    for path in sorted(home.places.releases.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    home.good_night(FIRST)
    assert home.release_id == first_night.release_id
    assert tree(home.places.releases) == tree(first_night.places.releases)
    assert marts(home) == marts(first_night)
    assert home.flags() == first_night.flags()
    assert all_damage(home.places) == []


def test_what_nothing_can_make_again_is_put_back_from_a_backup(tmp_path: Path, first_night: Home) -> None:
    file = tmp_path / "home.backup"
    home = first_night.copied(tmp_path / "copy")
    write_backup(home.settings(FIRST), file, PASSPHRASE)
    before = tree(home.places.releases)
    release = home.places.releases / home.release_id / "index.html"
    flip(release)
    sighting = next((home.places.lake / "sightings").rglob("*.json"))
    sighting.unlink()
    with pytest.raises(HomeDamagedError, match="sightings"):
        home.night(FIRST)
    with pytest.raises(BackupRefusedError, match="damage"):
        write_backup(home.settings(FIRST), tmp_path / "of-damage.backup", PASSPHRASE)
    assert not (tmp_path / "of-damage.backup").exists()
    put_back: list[str] = []
    assert restore_damaged(home.settings(FIRST), file, PASSPHRASE, put_back.append) == 2
    assert tree(home.places.releases) == before
    assert all_damage(home.places) == []


def test_another_passphrase_or_a_changed_byte_restores_nothing(tmp_path: Path, first_night: Home) -> None:
    file = tmp_path / "home.backup"
    write_backup(first_night.settings(FIRST), file, PASSPHRASE)
    fresh = replace(first_night, folder=tmp_path / "fresh")
    with pytest.raises(BackupRefusedError, match="passphrase"):
        restore_home(fresh.settings(FIRST), file, PASSPHRASE + "?")
    with pytest.raises(BackupRefusedError, match="TFC_PSEUDONYM_KEY"):
        restore_home(replace(fresh.settings(FIRST), pseudonym_key="another key of the tests"), file, PASSPHRASE)
    flip(file)
    with pytest.raises(BackupRefusedError, match="damaged"):
        restore_home(fresh.settings(FIRST), file, PASSPHRASE)
    assert not fresh.places.home.exists()
    assert list(fresh.folder.iterdir()) == []
    assert SENT_TEXT not in file.read_bytes()


SENT_TEXT = json.dumps({"format": 1})[1:-1].encode()  # what the list of a backup begins with, were it not encrypted


def test_a_backup_that_cannot_be_written_leaves_the_earlier_one(tmp_path: Path, first_night: Home) -> None:
    file = tmp_path / "home.backup"
    file.write_bytes(b"the earlier one")
    with (
        failing_write("recovery/backup.py:write_backup places", errno.ENOSPC) as failed,
        pytest.raises(OSError, match="No space"),
    ):
        write_backup(first_night.settings(FIRST), file, PASSPHRASE)
    assert failed
    assert [path.name for path in tmp_path.iterdir()] == ["home.backup"]
    assert file.read_bytes() == b"the earlier one"
