"""The safeguarding queue as commands see it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tfc_platform.feedback.flags import FIELDS, acknowledge, list_flags
from tfc_platform.settings import Places


def flag(site: str, name: str, row: int) -> dict[str, object]:
    pointer = {"site": site, "file": f"{site}/log.csv", "sheet": None, "row": row, "column": "Notes", "rule": "a.rule"}
    return {"id": name, **pointer, "raised_at": "2026-05-01T02:00:00+00:00", "acknowledged_at": None}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    for site, flags in {
        "east": [flag("east", "f2", 10), flag("east", "f1", 9)],
        "west": [flag("west", "f3", 2)],
    }.items():
        queue = tmp_path / "sites" / site / "flags" / "abc.json"
        queue.parent.mkdir(parents=True)
        queue.write_text(json.dumps(flags))
    return Places(tmp_path)


def test_flags_are_listed_by_file_and_row(places: Places) -> None:
    found = list_flags(places)
    assert [item["id"] for item in found] == ["f1", "f2", "f3"]
    assert set(FIELDS) <= set(found[0])
    assert [item["id"] for item in list_flags(places, "west")] == ["f3"]


def test_taking_up_is_noted_once_and_closes_nothing(places: Places) -> None:
    assert acknowledge(places, ["f1"]) == 1
    noted = list_flags(places)[0]["acknowledged_at"]
    assert noted
    assert acknowledge(places, ["f1"]) == 0
    assert list_flags(places)[0]["acknowledged_at"] == noted
    assert len(list_flags(places)) == 3


def test_an_unknown_flag_is_named_and_nothing_noted(places: Places) -> None:
    with pytest.raises(KeyError, match="f9"):
        acknowledge(places, ["f1", "f9"])
    assert list_flags(places)[0]["acknowledged_at"] is None


def test_a_site_cannot_take_up_anothers_flag(places: Places) -> None:
    with pytest.raises(KeyError, match="f3"):
        acknowledge(places, ["f3"], "east")
