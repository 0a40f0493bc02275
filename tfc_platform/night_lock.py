"""One night at a time: the lock `night.lock` that nights, erasures and repairs hold, whoever started them.

The system lets go of it when the last process that holds it ends, however it ends. The file says who holds it, so that several
processes of one run may hold it together, and so that a run whose processes were killed is known by name.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from tfc_platform.file_lock import file_lock
from tfc_platform.settings import ConfigurationError

__all__ = ["LockState", "NightRunningError", "lock_state", "night_lock"]

LOCK, TURN = "night.lock", "night-turn.lock"
BOOT = Path("/proc/sys/kernel/random/boot_id")


class NightRunningError(ConfigurationError):
    """Another night, or a command that no night may run beside, holds the lock."""


@dataclass(frozen=True)
class LockState:
    """Who holds the lock, or what the last holder left.

    `left` are runs whose processes ended before they let go of it.
    """

    is_held: bool
    what: str = ""
    since: datetime | None = None
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Owner:
    """What the file says. `process` is one that lasts as long as the run, where each step has a process of its own."""

    run: str = ""
    what: str = ""
    since: str = ""
    process: str = ""
    left: tuple[str, ...] = ()

    @property
    def is_between_steps(self) -> bool:
        return bool(self.process) and self.process == _process_mark(int(self.process.split(":")[0]))

    @property
    def dead_runs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.left, *([self.run] if self.run else [])]))

    def refusal(self) -> NightRunningError:
        since = f" since {self.since[:16].replace('T', ' ')} UTC" if self.since else ""
        return NightRunningError(
            f"{self.what or 'Another night'} is running in this TFC_HOME{since}. Wait until it has ended."
        )


@contextmanager
def night_lock(
    home: Path, run: str = "", what: str = "Another night", *, steps_have_processes: bool = False
) -> Iterator[tuple[str, ...]]:
    """Hold the night's lock; gives the runs that were killed while they held it, for the caller to end.

    :param run: the run that it is held for: other processes of the same run may hold it too.
    :param what: the holder, as a second one is shown it.
    :param steps_have_processes: the run goes on between two holders: as long as the parent of this process lives.
    :raises NightRunningError: where another holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    path = home / LOCK
    path.touch(0o600, exist_ok=True)
    with path.open("rb+") as stream:
        with file_lock(home / TURN):
            left = _take(stream, run, what, _process_mark(os.getppid()) if steps_have_processes else "")
        try:
            yield left
        finally:
            if not steps_have_processes:
                with file_lock(home / TURN):
                    _let_go(stream, () if run else left)


def lock_state(home: Path) -> LockState:
    """Who holds the lock now. Nothing is changed.

    :raises OSError: where TFC_HOME cannot be used.
    """
    path = home / LOCK
    if not path.exists():
        return LockState(False)
    with file_lock(home / TURN), path.open("rb") as stream:
        owner = _read(stream)
        if _is_free(stream) and not owner.is_between_steps:
            return LockState(False, left=owner.dead_runs)
    since = datetime.fromisoformat(owner.since) if owner.since else None
    return LockState(True, owner.what, since, owner.left)


def _take(stream: BinaryIO, run: str, what: str, process: str) -> tuple[str, ...]:
    owner = _read(stream)
    is_own = bool(run) and owner.run == run
    if not _is_free(stream):
        if not is_own:
            raise owner.refusal()
        fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return ()
    if not is_own and owner.is_between_steps:
        raise owner.refusal()
    left = owner.left if is_own else owner.dead_runs
    since = owner.since if is_own else datetime.now(UTC).isoformat(timespec="seconds")
    _write(stream, _Owner(run, what, since, process, left))
    fcntl.flock(stream, fcntl.LOCK_SH)  # for other processes of the same run
    return left


def _is_free(stream: BinaryIO) -> bool:
    """Take the lock for this process alone where nobody holds it."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _let_go(stream: BinaryIO, left: tuple[str, ...]) -> None:
    if _is_free(stream):
        _write(stream, _Owner(left=left))


def _read(stream: BinaryIO) -> _Owner:
    stream.seek(0)
    try:
        values = json.loads(stream.read())
        return _Owner(**{**values, "left": tuple(values["left"])})
    except (ValueError, KeyError, TypeError):
        return _Owner()  # nobody has held it yet, or it was written on a full disk


def _write(stream: BinaryIO, owner: _Owner) -> None:
    try:
        stream.seek(0)
        stream.truncate()
        if owner != _Owner():
            stream.write(json.dumps(asdict(owner)).encode())
        stream.flush()
    except OSError:
        pass  # a full disk: the lock holds all the same, and whoever writes next says what is wrong


def _process_mark(pid: int) -> str:
    """The process and when it began, so that a later one with the same number is another; empty where it has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    try:
        began = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
        return f"{pid}:{began}:{BOOT.read_text().strip()}"
    except (OSError, IndexError):
        return f"{pid}:"  # no Linux: the number has to do
