"""Keyed tokens in place of identifiers: the same identifier gives the same token within one purpose, and none across.

HMAC-SHA-256, cut to 128 bits. The key is a secret of the restricted zone, made at first need and written nowhere else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tfc_platform.atomic_io import WRITING
from tfc_platform.settings import SHORTEST_KEY, ConfigurationError, Settings

__all__ = ["Pseudonyms", "make_key"]

BLOCK = 64  # bytes, of SHA-256


@dataclass(frozen=True)
class Pseudonyms:
    """Tokens under one key."""

    key: bytes

    def __repr__(self) -> str:  # a key must not be shown by a traceback or a log
        return "Pseudonyms(…)"

    def token(self, purpose: str, identifier: str) -> str:
        """32 hexadecimal digits; `purpose` says what may be linked by it (a site's respondents of one survey, say)."""
        return _token(self.key, purpose, identifier)

    @property
    def fingerprint(self) -> str:
        """Tells one key from another without telling either."""
        return self.token("fingerprint", "")[:8]

    @classmethod
    def load(cls, settings: Settings) -> Pseudonyms:
        """The key of the settings, else that of the restricted zone, made with mode 0600 where there is none.

        :raises ConfigurationError: where the key that was kept is damaged: another would cut every link to earlier nights.
        """
        if settings.pseudonym_key is not None:
            return cls(settings.pseudonym_key.encode())
        path = settings.places.keys / "pseudonym.key"
        path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        if not path.exists():
            make_key(path)
        key = path.read_bytes()
        if len(key) < SHORTEST_KEY:
            raise ConfigurationError(f"TFC_HOME: {path.parent.name}/{path.name} is damaged: put the kept copy back.")
        return cls(key)


def make_key(path: Path) -> None:
    """Whole or not at all, and never over one that is there: the link fails where another run was first."""
    draft = path.with_name(f"{WRITING}{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(secrets.token_hex(32).encode())
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


@lru_cache(maxsize=8)
def _states(key: bytes) -> tuple[Any, Any]:
    """The two hashes with which HMAC begins (RFC 2104, section 2), so that they are made once a key."""
    short = hashlib.sha256(key).digest() if len(key) > BLOCK else key
    padded = short.ljust(BLOCK, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in padded)), hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))


def _token(key: bytes, purpose: str, identifier: str) -> str:
    inner, outer = (state.copy() for state in _states(key))
    inner.update(f"{purpose}\x1f{identifier}".encode())
    outer.update(inner.digest())
    token: str = outer.hexdigest()[:32]
    return token
