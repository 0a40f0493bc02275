"""The landing zone, a folder or any address that fsspec knows."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

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


def refused_of(landing: Landing, folder: str | None = None) -> dict[str, str]:
    return {item.path: item.reason for item in landing.look(folder).refused}


@pytest.fixture
def zone(tmp_path: Path) -> Path:
    for name in ("zone/here/a.csv", "zone/here/sub/b.csv", "zone/there/c.csv", "outside/d.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path / "zone"


def test_pipes_and_sockets_are_refused_and_never_opened(zone: Path) -> None:
    os.mkfifo(zone / "here" / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as own:
        own.bind(str(zone / "here" / "s.csv"))
        landing = Landing(str(zone), read_seconds=5)
        assert refused_of(landing, "here") == {
            "here/pipe.csv": "it is a named pipe, and no file",
            "here/s.csv": "it is a socket, and no file",
        }
    assert [item.path for item in landing.files("here")] == ["here/a.csv", "here/sub/b.csv"]


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(zone: Path) -> None:
    landing = Landing(str(zone), read_seconds=5)
    first = next(iter(landing.files("here")))
    (zone / "here" / "a.csv").unlink()
    os.mkfifo(zone / "here" / "a.csv")
    with pytest.raises(LandingError, match="no ordinary file any more"):
        landing.fetch(first)


@pytest.mark.parametrize(
    ("link", "target", "reason"),
    [
        ("here/x.csv", "there/c.csv", "it is a link that leads out of the folder"),
        ("here/x.csv", "../outside/d.csv", "it is a link that leads out of the folder"),
        ("here/x", "there", "it is a link that leads out of the folder"),
        ("here/x", "here/sub", "it is a link to a folder"),
        ("here/x.csv", "here/none.csv", "it is a link that leads to nothing"),
        ("here/x.csv", "here/x.csv", "it is a link that leads to nothing"),
        ("other", "there", "it is a link to another part of the landing zone, or to a file"),
    ],
)
def test_links_that_are_refused(zone: Path, link: str, target: str, reason: str) -> None:
    (zone / link).symlink_to(zone / target)
    assert refused_of(Landing(str(zone))) == {link: reason}


def test_a_link_to_a_file_of_the_same_folder_and_one_of_whoever_runs_the_platform_are_followed(zone: Path) -> None:
    (zone / "here" / "same.csv").symlink_to("sub/b.csv")
    (zone / "mounted").symlink_to(zone.parent / "outside")
    landing = Landing(str(zone))
    assert refused_of(landing) == {}
    files = {item.path: landing.fetch(item) for item in landing.files()}
    assert files["here/same.csv"] == b"zone/here/sub/b.csv"
    assert files["mounted/d.csv"] == b"outside/d.csv"


def test_a_file_beyond_the_size_is_refused(zone: Path) -> None:
    landing = Landing(str(zone), most_bytes=2**20)
    (zone / "here" / "big.csv").write_bytes(b"x" * (2**20 + 1))
    (zone / "here" / "full.csv").write_bytes(b"x" * 2**20)
    assert refused_of(landing) == {"here/big.csv": "it is larger than 1 MB (TFC_MOST_FILE_MB)"}
    full = next(item for item in landing.files() if item.name == "full.csv")
    (zone / "here" / "full.csv").write_bytes(b"x" * (2**20 + 1))
    with pytest.raises(LandingError, match="has grown beyond 1 MB"):
        landing.fetch(full)
    with pytest.raises(LandingError, match="has grown beyond 1 MB"):
        list(landing.pieces(full))


def test_a_folder_that_cannot_be_opened_is_a_failed_look_and_the_others_are_seen(
    zone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/sub"):
            raise PermissionError(13, "no")
        return scandir(path)

    monkeypatch.setattr("tfc_platform.ingest.landing_walk.os.scandir", refuse)
    look = Landing(str(zone)).look()
    assert [(item.path, item.reason, item.is_folder, item.may_pass) for item in look.failed] == [
        ("here/sub", "the folder cannot be opened (PermissionError)", True, False)
    ]
    assert [item.path for item in look.files] == ["here/a.csv", "there/c.csv"]


def test_a_store_that_does_not_answer_a_folder_is_a_failed_look() -> None:
    class Store(MemoryFileSystem):
        cachable = False

        def ls(self, path: str, detail: bool = True, **kwargs: object) -> object:
            if path.endswith("/here"):
                raise RuntimeError("503")
            return super().ls(path, detail, **kwargs)

    memory = fsspec.filesystem("memory")
    memory.pipe({"/tests-down/here/a.csv": b"a", "/tests-down/there/b.csv": b"b"})
    landing = Landing("memory://tests-down")
    landing.fs = Store()
    look = landing.look()
    assert [(item.path, item.may_pass) for item in look.failed] == [("here", True)]
    assert [item.path for item in look.files] == ["there/b.csv"]
    with pytest.raises(LandingError, match="cannot be read \\(RuntimeError\\)"):
        landing.look("here")
    memory.rm("/tests-down", recursive=True)


def test_a_read_that_never_ends_is_left_behind(zone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    landing = Landing(str(zone), read_seconds=0.2)
    file = next(iter(landing.files()))
    monkeypatch.setattr(landing, "_open", lambda _: time.sleep(30))
    started = time.monotonic()
    with pytest.raises(LandingError, match="TimeoutError") as caught:
        landing.fetch(file)
    assert time.monotonic() - started < 5
    assert not caught.value.may_pass


def test_control_characters_of_a_name_are_spelt_out(zone: Path) -> None:
    name = "a\x1b[31m\u202e\nb.csv"
    (zone / "here" / name).write_bytes(b"x")
    landing = Landing(str(zone))
    (file,) = (item for item in landing.files() if "b.csv" in item.path and "sub" not in item.path)
    assert file.path == "here/a\\x1b[31m\\u202e\\nb.csv"
    assert landing.fetch(file) == b"x"
