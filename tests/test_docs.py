"""The documentation names files and folders that exist, and links to pages that exist.

Decisions are left out: they say what was decided on their day.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
# What a page may put before the path that it names.
PACKAGE = ROOT / "tfc_platform"
EXAMPLE = ROOT / "docs" / "examples" / "northbank" / "contracts"
BASES = (ROOT, PACKAGE, PACKAGE / "contracts" / "sources", ROOT / "dbt_project", EXAMPLE)
PATH = re.compile(r"`([A-Za-z_][\w./-]*(?:\.py|\.ya?ml|\.sql|\.toml))`")
FOLDER = re.compile(r"`((?:[a-z_]+/)+)`")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
# Pages that list what a release, a home or a landing zone holds, or files that their reader is to make.
MADE = {"datapackage.json"}


def missing(text: str, page: Path) -> list[str]:
    """The Python, YAML and SQL files that a page names and the checkout lacks, and its links that lead nowhere."""
    named = {path for path in PATH.findall(text) if "/" in path and not path.startswith("contracts/")}
    files = sorted(path for path in named - MADE if not any((base / path).exists() for base in BASES))
    links = sorted(link for link in LINK.findall(text) if not (page.parent / link).exists())
    return files + links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_what_exists(page: Path) -> None:
    if page.name == "old-names.md":
        pytest.skip("It names what is gone, beside what took its place, which has a test of its own.")
    assert missing(page.read_text(encoding="utf-8"), page) == []


def test_a_file_that_is_gone_is_found() -> None:
    page = ROOT / "docs" / "index.md"
    assert missing("See `ingest/never_was.py` and [this](never-was.md), not `tfc_platform/gate.py`.", page) == [
        "ingest/never_was.py",
        "never-was.md",
    ]


def test_what_took_the_place_of_old_names_exists() -> None:
    rows = [
        line.split("|")
        for line in (ROOT / "docs" / "old-names.md").read_text(encoding="utf-8").splitlines()
        if "|" in line
    ]
    now = {path for row in rows for path in re.findall(r"`([^`]+)`", row[2])}
    assert len(now) > 100
    assert sorted(path for path in now if not (ROOT / "tfc_platform" / path).exists()) == []
