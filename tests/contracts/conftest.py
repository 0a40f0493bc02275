"""A contracts' folder of a fifth site, whole and right, that a test can spoil."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

SITES = "- {site: elsewhere, name: Elsewhere, nation: Wales}\n"
CONTRACT = """\
source: activity
sites: [elsewhere]
record: activity
owner: Elsewhere's team
description: A CSV a month.
files: log/*.csv
name: 'log (?P<month>\\d{4}-\\d{2})(?: v(?P<version>\\d+))?\\.csv'
return: {key: '{month}', version: version}
read: {format: csv}
columns:
  session_on: {header: Date, type: date, required: true, invalid: reject}
  activity: {header: Activity, type: activity, required: true}
  status: {header: Status, type: category, codes: {'Yes': delivered, 'No': cancelled}, required: true, invalid: reject}
  attendance: {header: People, type: attendance, required: true, invalid: reject}
free_text: [Notes]
"""
ACTIVITIES = "site,activity,name,tier,audience,designed_hours\nelsewhere,choir,Choir,primary,families,\n"
ALIASES = "site,alias,activity,valid_from,valid_to\nelsewhere,The Choir,choir,,2025-08-31\n"
VENUES = "postcode,site,area,small_area_code\nCF10 1AA,elsewhere,Splott,W01000001\n"

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Write the folder; a file's text can be given by its name with `/` and `.` as `_`, and contracts by further names."""

    def write(contract: str = CONTRACT, **files: str) -> Path:
        texts = {
            "sites.yaml": files.get("sites", SITES),
            "sources/elsewhere/activity.yaml": contract,
            "reference/activities.csv": files.get("activities", ACTIVITIES),
            "reference/activity_aliases.csv": files.get("aliases", ALIASES),
            "reference/venues.csv": files.get("venues", VENUES),
        }
        if "second" in files:
            texts["sources/elsewhere/second.yaml"] = files["second"]
        if "indicators" in files:
            texts["indicators/elsewhere.yaml"] = files["indicators"]
        root = tmp_path / "contracts"
        for name, text in texts.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return root

    return write


@pytest.fixture
def contract_text() -> str:
    return CONTRACT
