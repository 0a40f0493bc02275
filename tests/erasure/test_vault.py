"""What the vault keeps of a content after erasures: under the hash of its own bytes, for the hash of the original."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tfc_platform.ingest import vault

SENT = b"id,note\n1,x\n2,y\n"
SHA = hashlib.sha256(SENT).hexdigest()


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_original_goes_and_what_is_left_has_its_own_hash(tmp_path: Path) -> None:
    vault.keep(tmp_path, SENT)
    vault.keep(tmp_path, b"another")
    vault.replace(tmp_path, SHA, b"left")
    own = hashlib.sha256(b"left").hexdigest()
    other = hashlib.sha256(b"another").hexdigest()
    assert files(tmp_path) == sorted([f"after_erasure/{SHA}/0001-{own}", f"{other[:2]}/{other}"])
    assert vault.has(tmp_path, SHA)
    assert vault.content_of(tmp_path, SHA) == b"left"
    assert list(vault.contents(tmp_path)) == sorted([SHA, other])
    assert vault.keep(tmp_path, SENT) == SHA
    assert vault.content_of(tmp_path, SHA) == b"left", "what comes again does not bring it back"
    assert vault.receive(tmp_path, [SENT], lambda _: False) == SHA
    assert vault.content_of(tmp_path, SHA) == b"left"


def test_a_second_erasure_leaves_one_file(tmp_path: Path) -> None:
    vault.keep(tmp_path, SENT)
    vault.replace(tmp_path, SHA, b"left")
    vault.replace(tmp_path, SHA, b"less")
    assert files(tmp_path) == [f"after_erasure/{SHA}/0002-{hashlib.sha256(b'less').hexdigest()}"]
    vault.remove(tmp_path, SHA)
    assert files(tmp_path) == []
    assert not vault.has(tmp_path, SHA)
    assert list(vault.contents(tmp_path)) == []
    with pytest.raises(FileNotFoundError):
        vault.content_of(tmp_path, SHA)


def test_a_replacement_that_was_cut_short_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.keep(tmp_path, SENT)
    vault.replace(tmp_path, SHA, b"left")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", _killed)
        with pytest.raises(KeyboardInterrupt):
            vault.replace(tmp_path, SHA, b"less")
    assert len(files(tmp_path)) == 2
    assert vault.content_of(tmp_path, SHA) == b"left", "so that who looks through it finds what is to go"
    vault.replace(tmp_path, SHA, b"less")
    assert files(tmp_path) == [f"after_erasure/{SHA}/0002-{hashlib.sha256(b'less').hexdigest()}"]


def test_an_original_that_a_backup_brings_back_is_what_is_read(tmp_path: Path) -> None:
    vault.keep(tmp_path, SENT)
    vault.replace(tmp_path, SHA, b"left")
    restored = tmp_path / SHA[:2] / SHA
    restored.write_bytes(SENT)
    assert vault.content_of(tmp_path, SHA) == SENT, "so that it is looked through again"
    vault.replace(tmp_path, SHA, b"left")
    assert files(tmp_path) == [f"after_erasure/{SHA}/0001-{hashlib.sha256(b'left').hexdigest()}"]


def test_a_home_with_bytes_that_were_emptied_in_place_can_be_read_and_erased_from(tmp_path: Path) -> None:
    """As erasures left them before the table of cells: under the hash of the original, without the row."""
    place = tmp_path / SHA[:2] / SHA
    place.parent.mkdir()
    place.write_bytes(b"id,note\n\n2,y\n")
    assert vault.content_of(tmp_path, SHA) == b"id,note\n\n2,y\n"
    assert list(vault.contents(tmp_path)) == [SHA]
    vault.replace(tmp_path, SHA, b"left")
    assert not place.exists()


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
