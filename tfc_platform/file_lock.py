"""A lock on a file that the system lets go of when the process ends, however it ends; and temporary folders under such a lock."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["LockHeldError", "file_lock", "scratch_folder"]

IN_USE = "in-use.lock"


class LockHeldError(Exception):
    """Another process holds the lock."""


@contextmanager
def file_lock(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the exclusive lock on `path`, which is made (mode 0600) where it is not there.

    :param wait: whether to wait until another process lets go of it.
    :raises LockHeldError: where another process holds it and `wait` is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o600, exist_ok=True)
    with path.open("rb+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockHeldError(f"{path.name} is held by another process.") from None
        yield


@contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """A private temporary folder, removed on leaving. Those of this prefix that killed processes left are removed first."""
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        try:
            if left.lstat().st_uid == os.getuid() and (left / IN_USE).is_file() and not left.is_symlink():
                with file_lock(left / IN_USE, wait=False):
                    shutil.rmtree(left, ignore_errors=True)
        except (LockHeldError, OSError):
            continue  # it is in use, or has just been removed
    with tempfile.TemporaryDirectory(prefix=prefix) as name, file_lock(Path(name) / IN_USE):
        yield Path(name)
