"""Writing that a killed run cannot halve."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tfc_platform.atomic_io import (
    atomic,
    canonical_json,
    point,
    sha256_file,
    sha256_text,
    sweep,
    write_bytes,
    write_json,
)


def test_a_failure_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a" / "file"
    write_bytes(target, b"old")

    def fail() -> None:
        with atomic(target) as temporary:
            temporary.write_bytes(b"ne")
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        fail()
    assert target.read_bytes() == b"old"
    assert [path.name for path in target.parent.iterdir()] == ["file"]


def test_a_reader_of_the_old_file_goes_on_reading_it(tmp_path: Path) -> None:
    target = tmp_path / "file"
    write_bytes(target, b"old")
    with target.open("rb") as stream:
        write_bytes(target, b"new")
        assert stream.read() == b"old"
    assert target.read_bytes() == b"new"


def test_mode(tmp_path: Path) -> None:
    write_bytes(tmp_path / "closed", b"")
    write_json(tmp_path / "fixed", {}, mode=0o400)
    assert (tmp_path / "closed").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "fixed").stat().st_mode & 0o777 == 0o400


def test_canonical_json_does_not_depend_on_order() -> None:
    assert canonical_json({"b": 1, "a": [1, "é"]}) == canonical_json({"a": [1, "é"], "b": 1}) == '{"a":[1,"é"],"b":1}'


def test_digests(tmp_path: Path) -> None:
    # FIPS 180-2, appendix B.1
    abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256_text("abc") == sha256_file(tmp_path / "abc") == abc


def test_pointing_swaps_in_one_step(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    point(tmp_path / "current", "one")
    point(tmp_path / "current", "two")
    assert os.readlink(tmp_path / "current") == "two"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["current", "one", "two"]


def test_sweeping_removes_what_a_killed_run_left_and_not_what_another_writes(tmp_path: Path) -> None:
    left, young, kept = tmp_path / "a" / ".writing-old", tmp_path / ".writing-now", tmp_path / "kept"
    left.parent.mkdir()
    for path in (left, young, kept):
        path.write_bytes(b"x")
    long_ago = time.time() - 7200
    os.utime(left, (long_ago, long_ago))
    os.utime(kept, (long_ago, long_ago))
    assert sweep(tmp_path) == 1
    assert not left.exists()
    assert young.exists()
    assert kept.exists()
