"""Keyed tokens in place of identifiers: the same identifier gives the same token within one purpose, and none across.

HMAC-SHA-256, cut to 128 bits. The key is a secret of the restricted zone, made at first need and never written elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache

from tfc_platform.settings import ConfigurationError, Settings

__all__ = ["Pseudonyms"]


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
        """The key of the settings, else that of the restricted zone, which is made with mode 0600 where there is none."""
        if settings.pseudonym_key is not None:
            if len(settings.pseudonym_key) < 16:
                raise ConfigurationError("TFC_PSEUDONYM_KEY is shorter than 16 characters: give a longer one.")
            return cls(settings.pseudonym_key.encode())
        path = settings.places.keys / "pseudonym.key"
        path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return cls(path.read_bytes())
        with os.fdopen(handle, "wb") as stream:
            stream.write(secrets.token_hex(32).encode())
        return cls(path.read_bytes())


@lru_cache(maxsize=65536)
def _token(key: bytes, purpose: str, identifier: str) -> str:
    message = f"{purpose}\x1f{identifier}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:32]
