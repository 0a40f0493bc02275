"""What takes long and is only looked at is made once for all of the test processes, not once in each."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

__all__ = ["made_once"]

Made = TypeVar("Made")


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Made]) -> Made:
    """What `make` gives for an empty folder of that name, which all processes of one run of the tests share.

    The first that asks makes it while the others wait. Where making it failed, the next one tries again in a new folder.
    """
    own = tmp_path_factory.getbasetemp()
    root = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    kept = root / f"{name}.pickle"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            folder = root / f"{name}-{os.getpid()}"
            folder.mkdir()
            made = make(folder)
            kept.write_bytes(pickle.dumps(made))
        found: Made = pickle.loads(kept.read_bytes())  # written a line above, by this run of the tests
    return found
