"""Keys are what people's bookmarks, alerts and runs hold on to: a change of one is meant, and stands in a diff."""

from __future__ import annotations

from pathlib import Path

from .keys import definitions_in, lines


def test_assets_and_checks_are_those_that_were_reviewed(tmp_path: Path) -> None:
    reviewed = Path(__file__).with_name("keys.txt").read_text().splitlines()
    found = lines(definitions_in(tmp_path))
    assert found == reviewed, "Where this is meant: python -m tests.orchestration.keys > tests/orchestration/keys.txt"
    assert list(tmp_path.iterdir()) == []  # putting the definitions together writes nothing
