"""SPSS: raw codes with user-missing kept apart from system-missing, cases numbered from 1."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.readers.spss import read
from tfc_platform.sheets.sheet_model import Unreadable

READING = Reading(format="spss")


def sav(tmp_path: Path) -> bytes:
    frame = pd.DataFrame({"serial": ["a1", "a2", "a3"], "q1": [1.0, 98.0, None], "wt": [0.75, 1.0, 1.25]})
    path = tmp_path / "x.sav"
    missing = {"q1": [{"lo": 97, "hi": 99}]}
    labels = {"q1": {1: "Strongly disagree", 98: "Prefer not to say"}}
    pyreadstat.write_sav(frame, str(path), missing_ranges=missing, variable_value_labels=labels)
    return path.read_bytes()


def test_user_missing_codes_stay_and_system_missing_is_blank(tmp_path: Path) -> None:
    (sheet,) = read(sav(tmp_path), READING).sheets
    assert sheet.name is None
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (0, ("serial", "q1", "wt")),
        (1, ("a1", 1.0, 0.75)),
        (2, ("a2", 98.0, 1.0)),
        (3, ("a3", None, 1.25)),
    ]


def test_a_truncated_file(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="SPSS file is damaged or incomplete"):
        read(sav(tmp_path)[:150], READING)
