"""A night refuses a date that goes back, and a key that was lost or exchanged, until a person says that it is meant."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tfc_platform.night_refusals import note_key, refuse_mistakes
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.settings import ConfigurationError, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(str(tmp_path / "landing"), tmp_path / "home", (), "duckdb", date(2026, 5, 2), None)
    made.places.make()
    return made


def test_an_earlier_day_than_the_current_release(settings: Settings) -> None:
    refuse_mistakes(settings)
    current = settings.places.releases / "current"
    current.mkdir()
    (current / "manifest.json").write_text(json.dumps({"as_of": "2026-05-02"}))
    refuse_mistakes(settings)
    earlier = replace(settings, as_of=date(2026, 5, 1))
    with pytest.raises(ConfigurationError, match="--allow-earlier-date"):
        refuse_mistakes(earlier)
    refuse_mistakes(replace(earlier, allowed=frozenset({"earlier_date"})))


def test_a_lost_key_is_not_made_anew(settings: Settings) -> None:
    note_key(settings, Pseudonyms.load(settings))
    refuse_mistakes(settings)
    (settings.places.keys / "pseudonym.key").unlink()
    with pytest.raises(ConfigurationError, match=r"not there.*--allow-new-key"):
        refuse_mistakes(settings)
    assert not (settings.places.keys / "pseudonym.key").exists()


def test_another_key(settings: Settings) -> None:
    first = replace(settings, pseudonym_key="the first key of a test")
    note_key(first, Pseudonyms.load(first))
    refuse_mistakes(first)
    other = replace(settings, pseudonym_key="another key of the test")
    with pytest.raises(ConfigurationError, match="another than that of earlier nights"):
        refuse_mistakes(other)
    allowed = replace(other, allowed=frozenset({"new_key"}))
    refuse_mistakes(allowed)
    note_key(allowed, Pseudonyms.load(allowed))
    refuse_mistakes(other)
