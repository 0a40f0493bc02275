"""The key: made once, closed to others, whole or refused."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from pathlib import Path

import pytest

from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.settings import ConfigurationError, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings.load({"TFC_HOME": str(tmp_path / "home")}, dotenv=tmp_path / "none")
    made.places.make()
    return made


def test_a_key_is_made_once_with_mode_0600(settings: Settings) -> None:
    first = Pseudonyms.load(settings)
    path = settings.places.keys / "pseudonym.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(first.key) == 64
    assert Pseudonyms.load(settings) == first
    assert [item.name for item in settings.places.keys.iterdir()] == ["pseudonym.key"]


def test_two_homes_have_two_keys(settings: Settings, tmp_path: Path) -> None:
    assert Pseudonyms.load(settings) != Pseudonyms.load(replace(settings, home=tmp_path / "other"))


def test_a_given_key_is_used_and_not_kept(settings: Settings) -> None:
    given = Pseudonyms.load(replace(settings, pseudonym_key="a key of sixteen letters"))
    assert given.key == b"a key of sixteen letters"
    assert list(settings.places.keys.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"short"])
def test_a_damaged_key_is_refused(settings: Settings, content: bytes) -> None:
    (settings.places.keys / "pseudonym.key").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"TFC_HOME: keys/pseudonym\.key is damaged"):
        Pseudonyms.load(settings)


def test_tokens_are_keyed_and_the_key_is_not_shown() -> None:
    pseudonyms = Pseudonyms(b"k" * 32)
    wanted = hmac.new(b"k" * 32, b"purpose\x1fR_1", hashlib.sha256).hexdigest()[:32]
    assert pseudonyms.token("purpose", "R_1") == wanted
    for length in (1, 63, 64, 65, 200):
        key = bytes(range(length))
        assert Pseudonyms(key).token("a", "é") == hmac.new(key, "a\x1fé".encode(), hashlib.sha256).hexdigest()[:32]
    assert pseudonyms.token("purpose", "R_1") != Pseudonyms(b"l" * 32).token("purpose", "R_1")
    assert pseudonyms.token("ab", "c") != pseudonyms.token("a", "bc"), "purpose and name do not run together"
    assert "kkk" not in repr(pseudonyms)
    assert pseudonyms.fingerprint != Pseudonyms(b"l" * 32).fingerprint
