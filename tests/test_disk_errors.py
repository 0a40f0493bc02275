"""An error of a disk is one sentence, with its folder and without the error's own words."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import duckdb
import pytest

from tfc_platform.disk_errors import disk_sentence

CELL = "Mrs Example"


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "The disk is full (OSError)"),
        (errno.EROFS, "The disk is read-only (OSError)"),
        (errno.EACCES, "Permission is missing (PermissionError)"),
    ],
)
def test_what_is_wrong_and_in_which_folder(tmp_path: Path, number: int, sentence: str) -> None:
    assert disk_sentence(OSError(number, CELL, str(tmp_path / CELL))) == f"{sentence} in {tmp_path}."
    assert disk_sentence(OSError(number, CELL, CELL)) == f"{sentence}."


def test_an_error_behind_another_and_one_of_a_database() -> None:
    error = ValueError(CELL)
    error.__cause__ = sqlite3.OperationalError("database or disk is full")
    assert disk_sentence(error) == "The disk is full (OperationalError) where Dagster keeps its runs."


def test_of_a_database_that_names_its_file_the_folder_is_said(tmp_path: Path) -> None:
    error = duckdb.IOException(f'IO Error: Could not write file "{tmp_path / CELL}": File too large')
    sentence = f"A file may not grow any further: a limit of its size is reached (IOException) in {tmp_path}."
    assert disk_sentence(error) == sentence


@pytest.mark.parametrize("error", [ValueError(CELL), FileNotFoundError(2, "no", CELL), sqlite3.OperationalError(CELL)])
def test_other_errors_are_not_the_disks(error: Exception) -> None:
    assert disk_sentence(error) is None
