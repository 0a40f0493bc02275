"""The originals, by the hash of what was sent: whatever came is kept as it came, once.

One thing changes what is kept: an erasure (room `erase`). The bytes then lack what was erased, and keep the name, because all
that was made of the file is bound to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tfc_platform.atomic_io import Draft, write_bytes

__all__ = ["content_of", "contents", "has", "identity_of", "keep", "receive", "remove", "replace"]


def _place(vault: Path, sha256: str) -> Path:
    return vault / sha256[:2] / sha256


def identity_of(content: bytes) -> str:
    """The name of bytes as they were sent: their SHA-256."""
    return hashlib.sha256(content).hexdigest()


def has(vault: Path, sha256: str) -> bool:
    return _place(vault, sha256).exists()


def keep(vault: Path, content: bytes, sha256: str | None = None) -> str:
    """Put bytes in the vault and give the SHA-256 under which they stand.

    :param sha256: of what was sent, where something of it was erased before it came here.
    """
    sha256 = sha256 or identity_of(content)
    if not has(vault, sha256):
        write_bytes(_place(vault, sha256), content, mode=0o400)
    return sha256


def receive(vault: Path, pieces: Iterable[bytes], refuses: Callable[[str], bool]) -> str:
    """Put what comes in pieces in the vault, without ever holding the whole of it; gives the SHA-256 under which it stands.

    :param refuses: asked of the SHA-256 before anything is kept; what it refuses is dropped.
    """
    digest = hashlib.sha256()
    draft = Draft(vault / "received", mode=0o400)
    try:
        with draft.path.open("wb") as stream:
            for piece in pieces:
                digest.update(piece)
                stream.write(piece)
        sha256 = digest.hexdigest()
        if not has(vault, sha256) and not refuses(sha256):
            draft.place(_place(vault, sha256))
    finally:
        draft.drop()
    return sha256


def content_of(vault: Path, sha256: str) -> bytes:
    return _place(vault, sha256).read_bytes()


def contents(vault: Path) -> Iterator[str]:
    """The name of every content that is kept, in their order."""
    return (path.name for path in sorted(vault.glob("??/*")) if not path.name.startswith("."))


def replace(vault: Path, sha256: str, content: bytes) -> None:
    """Let other bytes stand under a name, for an erasure alone."""
    write_bytes(_place(vault, sha256), content, mode=0o400)


def remove(vault: Path, sha256: str) -> None:
    """Take a content away, for an erasure alone."""
    _place(vault, sha256).unlink(missing_ok=True)
