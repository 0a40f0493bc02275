"""Names of before are gone: docs/old-names.md lists them, and none of them is a room or module any more."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_no_old_name_is_a_module_or_room() -> None:
    page = (ROOT / "docs" / "old-names.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if "`" in line and line.startswith("|")]
    before = {path for row in rows for path in re.findall(r"`([^`]+)`", row[1])}
    now = {path for row in rows for path in re.findall(r"`([^`]+)`", row[2])}
    assert len(before) > 100
    assert sorted(path for path in before - now if (ROOT / "tfc_platform" / path).exists()) == []
