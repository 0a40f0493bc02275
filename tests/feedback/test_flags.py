"""The safeguarding queue as commands see it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tfc_platform.feedback.flags import FIELDS, acknowledge, disclosures, list_flags
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


def test_a_text_that_several_files_hold_is_one_disclosure(places: Places) -> None:
    queue = places.sites / "east" / "flags"
    first, again, other = (flag("east", name, row) for name, row in (("g1", 3), ("g2", 5), ("g3", 3)))
    for one, day in ((first, "01"), (again, "02"), (other, "02")):
        one |= {"disclosure": "text", "raised_at": f"2026-05-{day}T02:00:00+00:00", "file": f"east/export {day}.csv"}
    other["disclosure"] = "another text"
    (queue / "abc.json").write_text(json.dumps([first]))
    (queue / "def.json").write_text(json.dumps([again, other]))
    shown = disclosures(list_flags(places, "east"))
    assert [(item["id"], item["raised_at"][:10], item["other_places"]) for item in shown] == [
        ("g2", "2026-05-01", 1),
        ("g3", "2026-05-02", 0),
    ]
    assert acknowledge(places, ["g1"]) == 1
    noted = {item["id"]: item["acknowledged_at"] is not None for item in list_flags(places, "east")}
    assert noted == {"g1": True, "g2": True, "g3": False}
    assert acknowledge(places, ["g2"]) == 0, "it was taken up for all places"
    assert acknowledge(places, ["g2", "g3"]) == 1


def test_the_same_words_at_two_sites_are_two_disclosures(places: Places) -> None:
    for site in ("east", "west"):
        queue = places.sites / site / "flags" / "abc.json"
        queue.write_text(json.dumps([{**flag(site, f"of_{site}", 3), "disclosure": "text"}]))
    assert len(disclosures(list_flags(places))) == 2
    assert acknowledge(places, ["of_east"]) == 1
    assert [item["acknowledged_at"] is None for item in list_flags(places)] == [False, True]


def test_an_unknown_flag_is_named_and_nothing_noted(places: Places) -> None:
    with pytest.raises(KeyError, match="f9"):
        acknowledge(places, ["f1", "f9"])
    assert list_flags(places)[0]["acknowledged_at"] is None


def test_a_site_cannot_take_up_anothers_flag(places: Places) -> None:
    with pytest.raises(KeyError, match="f3"):
        acknowledge(places, ["f3"], "east")
