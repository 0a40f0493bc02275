"""Nights whose system calls fail, or that are killed in a step: whoever writes, DuckDB, dbt and Dagster too.

Nothing of theirs is replaced. `strace` lets the system refuse one call on their files, a limit of the process refuses large
files, and a signal kills the command with all that it started. A night here is the command `tfc nightly`, as people run it.
"""

from __future__ import annotations

import collections
import itertools
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import dagster as dg

from tests.night.nights import FIRST, Home

TFC = Path(sys.executable).with_name("tfc")
LONGEST = 600  # seconds
CALLS = ("write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename")
ERRORS = ("ENOSPC", "EIO", "EACCES")
# Whose files are where in a home. What DuckDB, dbt and Dagster write there, they write by themselves.
OWNERS = {"DuckDB": "warehouse/*.duckdb", "dbt": "warehouse/dbt/**/*", "Dagster": "dagster/*/**/*.db"}
BESIDE = ("", ".wal", "-journal", "-wal")  # files that a database has beside it only while it writes


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, or minus the signal, and what it said in the end."""

    code: int
    said: str

    @property
    def in_short(self) -> str:
        """The exit code with the sentence that a person reads."""
        lines = [line.strip() for line in self.said.splitlines() if line.strip()]
        return f"exit {self.code}: {' '.join(lines[-3:])}"

    @property
    def is_told(self) -> bool:
        """Whether a night that did not succeed says so in sentences, without a traceback."""
        return self.code == 0 or (self.code in (1, 2) and bool(self.said.strip()) and "Traceback" not in self.said)


def night(home: Home, before: Sequence[str] = (), largest: int | None = None) -> Ended:
    """Run `tfc nightly`.

    :param before: the words of a command that runs it, such as `strace`.
    :param largest: bytes beyond which the system lets no file grow.
    """

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest or resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    done = subprocess.run(
        [*before, str(TFC), "nightly"],
        cwd=home.folder,
        env=_environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        timeout=LONGEST,
        preexec_fn=limit if largest else None,
    )
    return Ended(done.returncode, done.stdout)


def _environment(home: Home) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("TFC_", "DAGSTER_"))}
    return own | home.env(FIRST)


def files_of(home: Home, owner: str) -> list[Path]:
    """The files that one of the packages writes into a home, by their path in it."""
    places = home.places.home
    written = {path.relative_to(places) for path in places.glob(OWNERS[owner]) if path.is_file()}
    return sorted(
        path.with_name(path.name + end) for path in written for end in BESIDE[: 1 if owner == "dbt" else None]
    )


def refusals(undisturbed: Home, before: Home, scratch: Path) -> Iterator[tuple[str, str, str, int]]:
    """For each package and call: the first, the middle and the last one of a night, each with another error.

    Gives the package, the call, the error and which call.
    """
    errors = itertools.cycle(ERRORS)
    for owner in OWNERS:
        home = before.copied(scratch / f"counted-{owner}")
        most = count_calls(home, files_of(undisturbed, owner), scratch / "calls")
        shutil.rmtree(home.folder)
        for call in CALLS:
            for number in sorted({1, (most[call] + 1) // 2, most[call]} - {0}) if most[call] else ():
                yield owner, call, next(errors), number


def refused(home: Home, files: Sequence[Path], call: str, error: str, number: int) -> Ended:
    """A night with the Nth call of a kind on any of these files refused once, in each of its threads."""
    return night(home, [*_traced(home, files), "-e", f"inject={call}:error={error}:when={number}"])


def count_calls(home: Home, files: Sequence[Path], log: Path) -> collections.Counter[str]:
    """How many calls of each kind a night makes on these files, at most, in one thread."""
    done = night(home, [*_traced(home, files, log), "-e", f"trace={','.join(CALLS)}"])
    assert done.code == 0, done.said
    in_thread: collections.Counter[tuple[str, str]] = collections.Counter()
    with log.open(errors="replace") as lines:
        for line in lines:
            if made := re.match(r"(\d+) +([a-z0-9]+)\(", line):
                in_thread[made[1], made[2]] += 1
    most: collections.Counter[str] = collections.Counter()
    for (_, call), count in in_thread.items():
        most[call] = max(most[call], count)
    return most


def _traced(home: Home, files: Sequence[Path], log: Path = Path(os.devnull)) -> list[str]:
    paths = [word for path in files for word in ("-P", str(home.places.home / path))]
    return ["strace", "-f", "-qq", "-o", str(log), *paths]


def sizes_to_refuse(home: Home) -> Iterator[tuple[str, int]]:
    """Half the size of the largest file of each kind, with its path: the largest first, down to those of Dagster.

    With a lower limit Dagster cannot keep a run, and no other file is reached.
    """
    largest: dict[str, Path] = {}
    for path in home.places.home.rglob("*"):
        is_larger = path.suffix not in largest or path.stat().st_size > largest[path.suffix].stat().st_size
        if path.is_file() and not path.is_symlink() and is_larger:
            largest[path.suffix] = path
    for path in sorted(largest.values(), key=lambda item: -item.stat().st_size):
        yield path.relative_to(home.places.home).as_posix(), path.stat().st_size // 2
        if path.is_relative_to(home.places.dagster):
            return


def killed_in(home: Home, step: str) -> Ended:
    """Run `tfc nightly`, and kill it and all that it started once a step has begun, as a power cut would."""
    process = subprocess.Popen(
        [str(TFC), "nightly"],
        cwd=home.folder,
        env=_environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + LONGEST
    while process.poll() is None and time.monotonic() < deadline and step not in _begun(home):
        time.sleep(0.2)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    return Ended(process.wait(), "")


def _begun(home: Home) -> set[str]:
    """The steps that have begun in the run that is going on."""
    if not list(
        home.places.dagster.glob("history/runs/*-*.db")
    ):  # two that make Dagster's store at once are in each other's way
        return set()
    with mock.patch.dict(os.environ, {"DAGSTER_HOME": str(home.places.dagster)}), dg.DagsterInstance.get() as instance:
        return {
            record.dagster_event.step_key or ""
            for run in instance.get_runs(limit=1)
            for record in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_START)
            if record.dagster_event
        }


def steps_of(home: Home) -> list[str]:
    """The steps of the last run, in the order in which they began."""
    with mock.patch.dict(os.environ, {"DAGSTER_HOME": str(home.places.dagster)}), dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs(limit=1)
        events = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_START)
        return [record.dagster_event.step_key or "" for record in events if record.dagster_event]


def is_there() -> bool:
    """Whether strace is installed here and may trace."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], check=False).returncode == 0
