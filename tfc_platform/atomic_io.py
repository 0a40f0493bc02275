"""Atomic file writes, atomic swap of a pointer, and hashes. A killed run leaves nothing half-written."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = [
    "WRITING",
    "Draft",
    "atomic",
    "canonical_json",
    "point",
    "sha256_file",
    "sha256_text",
    "sweep",
    "write_bytes",
    "write_json",
]

WRITING = ".writing-"  # what a name begins with until its file is whole


class Draft:
    """A file on its way: written under a temporary name beside its target, then put in its place in one step, or dropped.

    What is written is on the disk before it takes the place: a power cut leaves the old file or the new one.
    """

    def __init__(self, target: Path, mode: int = 0o600) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=WRITING, dir=target.parent)
        os.close(handle)
        self.path, self._target, self._mode = Path(name), target, mode

    def place(self, target: Path | None = None) -> None:
        """Let what was written take the target's place.

        :param target: another target, in the same file system, where it turned out only while writing.
        """
        target = target or self._target
        target.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("rb") as written:
            os.fsync(written.fileno())
        os.chmod(self.path, self._mode)
        os.replace(self.path, target)

    def drop(self) -> None:
        """Take it away; nothing happens where it was placed or dropped before."""
        self.path.unlink(missing_ok=True)


@contextmanager
def atomic(target: Path, mode: int = 0o600) -> Iterator[Path]:
    """Give a temporary path beside `target`; on leaving without an error it takes the target's place in one step."""
    draft = Draft(target, mode)
    try:
        yield draft.path
        draft.place()
    finally:
        draft.drop()


def sweep(folder: Path, older_than: float = 3600) -> int:
    """Remove what a killed run was writing in a folder and below; gives how many files.

    :param older_than: seconds since the last change, so that nothing goes that another run is writing now.
    """
    latest, swept = time.time() - older_than, 0
    for left in folder.rglob(f"{WRITING}*"):
        if left.is_file() and left.stat().st_mtime < latest:
            left.unlink(missing_ok=True)
            swept += 1
    return swept


def write_bytes(target: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file in one step, with the given mode."""
    with atomic(target, mode) as temporary:
        temporary.write_bytes(content)


def canonical_json(value: Any) -> str:
    """The same value gives the same text, whatever the order in which it was put together."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def write_json(target: Path, value: Any, mode: int = 0o600) -> None:
    """Write a value as JSON in one step."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, default=str)
    write_bytes(target, text.encode() + b"\n", mode)


def sha256_text(text: str) -> str:
    """The SHA-256 of a text in UTF-8, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def point(link: Path, target: str) -> None:
    """Let the symbolic link `link` name `target` in one step: a reader sees the old one or the new one."""
    temporary = link.with_name(f".{link.name}-{os.getpid()}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    os.replace(temporary, link)
