"""The same seed gives the same bytes, at any hour; another seed gives others; a night writes only its own files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tfc_platform.demo import write


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_same_seed_same_bytes_and_answers(nights: Any, tmp_path: Path) -> None:
    again = write(tmp_path, nights.first.seed)
    assert again == nights.first
    earlier = contents(nights.landing)
    assert contents(tmp_path) == {name: earlier[name] for name in again.written}


def test_another_seed_is_another_world(nights: Any, tmp_path: Path) -> None:
    other = write(tmp_path, nights.first.seed + 1)
    ours, theirs = contents(nights.landing), contents(tmp_path)
    same = {name for name in ours.keys() & theirs.keys() if ours[name] == theirs[name]}
    # Only a file without content of its own, the Word file, may be the same.
    assert {Path(name).suffix for name in same} <= {".docx"}
    assert other.sessions != nights.first.sessions
    assert set(other.stories["publishable"]) != set(nights.first.stories["publishable"])


def test_no_clock_in_a_workbook(nights: Any) -> None:
    looked_at = 0
    for name in nights.second.files:
        if not name.endswith(".xlsx") or nights.second.files[name]["status"] not in ("accepted", "held"):
            continue
        with zipfile.ZipFile(io.BytesIO((nights.landing / name).read_bytes())) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(2026, 5, 1, 9, 0, 0)}
            core = archive.read("docProps/core.xml").decode()
        assert core.count("2026-05-01T09:00:00Z") == 2, "created and modified"
        looked_at += 1
    assert looked_at == 10  # two logs, six surveys, one forms export a night


def test_no_clock_in_an_spss_file(nights: Any) -> None:
    files = [name for name in nights.first.files if name.endswith(".sav")]
    assert len(files) == 6
    for name in files:
        assert (nights.landing / name).read_bytes()[92:109] == b"01 May 2609:00:00"


def test_second_night_writes_three_files(nights: Any) -> None:
    assert not set(nights.second.written) & set(nights.first.written)
    statuses = {name.split("/")[0]: nights.second.files[name]["status"] for name in nights.second.written}
    assert statuses == {"grimsby": "accepted", "plymouth": "held", "stoke": "rejected"}


@pytest.mark.parametrize("night", [0, 3])
def test_unknown_night_is_refused(tmp_path: Path, night: int) -> None:
    with pytest.raises(ValueError, match=f"night must be one of 1, 2, not {night}"):
        write(tmp_path, night=night)
    assert not list(tmp_path.iterdir())
