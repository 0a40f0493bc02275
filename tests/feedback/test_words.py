"""Every reason that taking in can give has words for its sender."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tfc_platform import ingest, sheets
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.feedback.receipts import wording
from tfc_platform.ingest import column_checks

ROOMS = [Path(room.__file__).parent for room in (ingest, sheets)]
GIVEN = (
    re.compile(r'Problem\(\s*"([a-z_]+)"'),
    re.compile(r'Notice\([^,()]+(?:\([^()]*\))?[^,()]*, "([a-z_]+)"'),
    re.compile(r'"(?:warn|info|error)",\s*"([a-z_]+)"'),
)


def reasons() -> set[str]:
    found = set(column_checks._SENTENCES)
    for path in (path for room in ROOMS for path in room.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found |= {match for pattern in GIVEN for match in pattern.findall(text)}
    return found | {rule.reason for contract in load_catalogue([]).contracts for rule in contract.reject}


def test_every_reason_has_words():
    written = yaml.safe_load((Path(wording.__file__).parent / "words.yaml").read_text(encoding="utf-8"))["rules"]
    found = reasons()
    assert {"invalid_date", "hidden_sheet", "duplicate", "blank_count", "not_approved"} <= found
    assert sorted(found - set(written)) == []
