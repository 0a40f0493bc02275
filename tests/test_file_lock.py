"""Temporary folders: what a killed process left goes, and what another uses stays."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tfc_platform.file_lock import scratch_folder


def test_a_folder_that_a_killed_process_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / "tfc-test-left"
    left.mkdir()
    (left / "in-use.lock").touch()
    (left / "a cell").touch()
    (tmp_path / "tfc-test-of-nobody").mkdir()
    with scratch_folder("tfc-test-") as mine:
        assert not left.exists()
        with scratch_folder("tfc-test-") as other:
            assert mine.is_dir()
            assert other != mine
        assert mine.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["tfc-test-of-nobody"]
