"""The landing zone, a folder or any address that fsspec knows."""

from __future__ import annotations

import hashlib
from pathlib import Path

import fsspec
import pytest

from tfc_platform.ingest.landing import Landing, LandingError
from tfc_platform.settings import ConfigurationError


def test_a_folder(tmp_path: Path) -> None:
    for name in ("here/b.csv", "here/sub/a.csv", "there/c.csv", "loose.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    landing = Landing(str(tmp_path))
    assert landing.is_there()
    assert [item.path for item in landing.files()] == ["here/b.csv", "here/sub/a.csv", "loose.csv", "there/c.csv"]
    first, second = landing.files("here")
    assert (first.folder, first.below, first.name, first.size) == ("here", "b.csv", "b.csv", 10)
    assert (second.below, second.name) == ("sub/a.csv", "a.csv")
    assert landing.fetch(second) == b"here/sub/a.csv"
    assert landing.digest(second) == hashlib.sha256(b"here/sub/a.csv").hexdigest()
    loose = next(item for item in landing.files() if item.path == "loose.csv")
    assert (loose.folder, loose.below) == ("", "loose.csv")


def test_no_folder_yet(tmp_path: Path) -> None:
    landing = Landing(str(tmp_path / "none"))
    assert not landing.is_there()
    for folder in (None, "here"):
        with pytest.raises(LandingError, match="The landing zone is not there"):
            landing.look(folder)


def test_another_file_system() -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/tests-landing/here/a.csv", b"abc")
    landing = Landing("memory://tests-landing")
    (item,) = landing.files("here")
    assert (item.path, landing.fetch(item)) == ("here/a.csv", b"abc")
    memory.rm("/tests-landing", recursive=True)


def test_an_address_that_nothing_opens_names_the_setting_and_no_password() -> None:
    with pytest.raises(ConfigurationError, match="TFC_LANDING: 'carrier-pigeon' addresses") as caught:
        Landing("carrier-pigeon://user:swordfish@host/x")
    assert "swordfish" not in str(caught.value)
