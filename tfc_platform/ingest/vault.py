"""The originals, by the hash of what was sent: whatever came is kept as it came, once.

Only an erasure changes what is kept. The original then goes, and what is left of it is kept below `after_erasure/`, in a folder
that is called by the hash of the original, because all that was made of the file is bound to it, and in a file that is called
by the hash of its own bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tfc_platform.atomic_io import Draft, write_bytes

__all__ = ["content_of", "contents", "has", "identity_of", "keep", "receive", "remove", "replace"]

AFTER_ERASURE = "after_erasure"


def _place(vault: Path, sha256: str) -> Path:
    return vault / sha256[:2] / sha256


def _versions(vault: Path, sha256: str) -> list[Path]:
    """What is kept of a content: one file, or several where a process was killed that was replacing it; the earliest first."""
    original = _place(vault, sha256)
    left = sorted((vault / AFTER_ERASURE / sha256).glob("[0-9]*"))
    return [original, *left] if original.exists() else left


def identity_of(content: bytes) -> str:
    """The name of bytes as they were sent: their SHA-256."""
    return hashlib.sha256(content).hexdigest()


def has(vault: Path, sha256: str) -> bool:
    return _place(vault, sha256).exists() or bool(_versions(vault, sha256))


def keep(vault: Path, content: bytes, sha256: str | None = None) -> str:
    """Put bytes in the vault and give the SHA-256 under which they are kept.

    :param sha256: of what was sent, where something of it was erased before it came here.
    """
    sha256 = sha256 or identity_of(content)
    if not has(vault, sha256):
        write_bytes(_place(vault, sha256), content, mode=0o400)
    return sha256


def receive(vault: Path, pieces: Iterable[bytes], refuses: Callable[[str], bool]) -> str:
    """Put what comes in pieces in the vault, without ever holding the whole of it; gives the SHA-256 under which it is kept.

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
    """The bytes that are kept of a content: those that were sent, or what erasures left of them.

    :raises FileNotFoundError: where the vault has nothing of it.
    """
    versions = _versions(vault, sha256)
    # The earliest: where a replacement was cut short, looking through it again leads to the later one and ends it.
    return (versions[0] if versions else _place(vault, sha256)).read_bytes()


def contents(vault: Path) -> Iterator[str]:
    """The name of every content that is kept, in their order."""
    found = {path.name for path in vault.glob("??/*") if not path.name.startswith(".")}
    return iter(sorted(found | {path.parent.name for path in vault.glob(f"{AFTER_ERASURE}/*/[0-9]*")}))


def replace(vault: Path, sha256: str, content: bytes) -> None:
    """Keep what an erasure left of a content, in place of all that was kept of it. Files are numbered in their order."""
    versions, own = _versions(vault, sha256), identity_of(content)
    place = next((path for path in versions if path.name.endswith(f"-{own}")), None)
    if place is None:
        number = max((int(path.name.partition("-")[0]) for path in versions if path.parent.name == sha256), default=0)
        place = vault / AFTER_ERASURE / sha256 / f"{number + 1:04}-{own}"
        write_bytes(place, content, mode=0o400)
    for other in versions:
        if other != place:
            other.unlink(missing_ok=True)


def remove(vault: Path, sha256: str) -> None:
    """Take a content away: only an erasure does."""
    for version in _versions(vault, sha256):
        version.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        (vault / AFTER_ERASURE / sha256).rmdir()
