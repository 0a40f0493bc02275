"""Faults of a home and of its disk, one at a time, and the night after each. `make faults` tries them all and prints a table.

Writes fail in the platform's own modules, at the first call of each place in the code that writes. Those of DuckDB, dbt and
Dagster are refused by the system, and each step is killed (`system_faults`).
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.night.nights import FIRST, Home, Ran, marts, small_returns, tree
from tests.recovery import system_faults
from tfc_platform import atomic_io
from tfc_platform.home_inventory import place_of
from tfc_platform.recovery.damage import all_damage
from tfc_platform.recovery.repair import HomeDamagedError
from tfc_platform.sealed_files import home_files

PACKAGE = Path(atomic_io.__file__).resolve().parent
ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)


def cut(file: Path) -> None:
    os.chmod(file, 0o600)
    os.truncate(file, file.stat().st_size // 2)


def flip(file: Path) -> None:
    os.chmod(file, 0o600)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


DAMAGE: dict[str, Callable[[Path], None]] = {"removed": Path.unlink, "cut": cut, "flipped": flip}


def one_of_each_place(home: Home) -> dict[str, str]:
    """For each place that holds a file the path of one: of research, releases and evidence one that is in use."""
    chosen: dict[str, str] = {}
    in_use = {"research": home.research_id, "releases": home.release_id}
    for path in home_files(home.places):
        place = place_of(path)
        if place is not None and path.split("/")[1] == in_use.get(place.name, path.split("/")[1]):
            chosen[place.name] = path
    return chosen


def writing_place() -> str:
    """The function of the platform that is writing, which called `atomic_io`."""
    for frame, _ in traceback.walk_stack(sys._getframe(1)):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(PACKAGE) and file.name not in ("atomic_io.py",):
            return f"{file.relative_to(PACKAGE).as_posix()}:{frame.f_code.co_name}"
    return "elsewhere"


@contextmanager
def watched_writes(react: Callable[[str], None]) -> Iterator[None]:
    """Call `react` with the place of each write of the platform, before it is done: a new file, and a file put in its place."""
    original_draft, original_replace = atomic_io.Draft.__init__, os.replace

    def draft(self: atomic_io.Draft, *arguments: Any, **named: Any) -> None:
        react(f"{writing_place()} begins")
        original_draft(self, *arguments, **named)

    def replace(source: Any, target: Any, **named: Any) -> None:
        caller = Path(sys._getframe(1).f_code.co_filename)
        if caller.is_relative_to(PACKAGE):
            react(f"{writing_place()} places")
        original_replace(source, target, **named)

    with mock.patch.object(atomic_io.Draft, "__init__", draft), mock.patch.object(os, "replace", replace):
        yield


@contextmanager
def failing_write(place: str, error: int) -> Iterator[list[str]]:
    """Let the first write at a place fail; the list gets it when it did."""
    failed: list[str] = []

    def react(now: str) -> None:
        if now == place and not failed:
            failed.append(now)
            raise OSError(error, os.strerror(error), "a file of the home")

    with watched_writes(react):
        yield failed


def ended_as(home: Home, undisturbed: Home) -> str:
    """Whether readers find what they find after an undisturbed night; else the first difference."""
    if tree(home.places.releases) != tree(undisturbed.places.releases):
        return "another release"
    if marts(home) != marts(undisturbed):
        return "other marts"
    left = all_damage(home.places)
    return f"damage is left: {left[0].path}" if left else "as undisturbed"


def sentence_of(home: Home) -> tuple[str, Ran | None]:
    """One night: what it reported, in short."""
    try:
        ran = home.night(FIRST)
    except HomeDamagedError as error:
        return f"refused: {error}", None
    if ran.success:
        return next(
            (f"repaired: {text}" for text in ran.said if "makes it again" in text or "fetched" in text), "good"
        ), ran
    return f"failed: {' '.join(ran.outcome.reasons)}", ran


@dataclass(frozen=True)
class Tried:
    """A line of the table."""

    where: str
    fault: str
    first_night: str
    after: str

    @property
    def is_good(self) -> bool:
        """A refusal names the place and what to do; anything else ends as an undisturbed night."""
        return self.after == "as undisturbed" or (
            self.first_night.startswith("refused") and "tfc restore" in self.first_night
        )


def try_damage(undisturbed: Home, path: str, fault: str, folder: Path) -> Tried:
    """Damage one file of a copy, and run a night, which repairs or refuses."""
    home = undisturbed.copied(folder, kept=True, with_pages=True)
    DAMAGE[fault](home.places.home / path)
    said, ran = sentence_of(home)
    after = ended_as(home, undisturbed) if ran is not None and ran.success else "not run"
    shutil.rmtree(folder)
    return Tried(path, fault, said, after)


def try_failing_write(undisturbed: Home, before: Home, place: str, error: int, folder: Path) -> Tried:
    """Let a write of a first night fail, and run the next."""
    home = before.copied(folder, kept=True, with_pages=True)
    with failing_write(place, error) as failed:
        said, _ = sentence_of(home)
    again, ran = sentence_of(home)
    after = ended_as(home, undisturbed) if ran is not None and ran.success else again
    shutil.rmtree(folder)
    return Tried(place, errno.errorcode[error] if failed else "never written", said, after)


def try_command(
    where: str, fault: str, before: Home, undisturbed: Home, run: Callable[[Home], system_faults.Ended]
) -> Tried:
    """Run a night as a command that something happens to, and the next one undisturbed."""
    home = before.copied(undisturbed.folder.with_name("tried"), kept=True, with_pages=True)
    first, again = run(home), system_faults.night(home)
    after = ended_as(home, undisturbed) if again.code == 0 else again.in_short
    shutil.rmtree(home.folder)
    is_told = first.is_told or (fault == "killed" and first.code < 0)
    return Tried(where, fault, first.in_short, after if is_told else f"not told; {after}")


def tried_by_the_system(before: Home, undisturbed: Home) -> Iterator[tuple[str, Tried]]:
    """Each kind of file that may not grow, each step that is killed, calls on the files of each package that are refused."""
    for path, size in system_faults.sizes_to_refuse(undisturbed):
        run = partial(system_faults.night, largest=size)
        yield "size", try_command(f"half of {path}", "EFBIG", before, undisturbed, run)
    for step in system_faults.steps_of(undisturbed):
        run = partial(system_faults.killed_in, step=step)
        yield "step", try_command(step, "killed", before, undisturbed, run)
    if not system_faults.is_there():
        sys.stdout.write("strace is not installed, or may not trace: no call was refused.\n")
        return
    for owner, call, error, number in system_faults.refusals(undisturbed, before, undisturbed.folder.parent):
        files = system_faults.files_of(undisturbed, owner)
        run = partial(system_faults.refused, files=files, call=call, error=error, number=number)
        yield owner, try_command(f"{call}, call {number}", error, before, undisturbed, run)


def main() -> int:
    """Try everything in a folder of its own; gives how many ended badly."""
    scratch = Path(tempfile.mkdtemp(prefix="tfc-faults-"))
    before, places = Home(scratch / "before", kept=True, with_pages=True), dict[str, None]()
    small_returns(before.landing)
    undisturbed = before.copied(scratch / "undisturbed", kept=True, with_pages=True)
    with watched_writes(lambda place: places.setdefault(place)):
        undisturbed.good_night(FIRST)
    bad = 0
    try:
        for place, path in one_of_each_place(undisturbed).items():
            for fault in DAMAGE:
                bad += _print(place, try_damage(undisturbed, path, fault, scratch / "tried"))
        for number, where in enumerate(places):
            error = ERRORS[number % len(ERRORS)]
            bad += _print("write", try_failing_write(undisturbed, before, where, error, scratch / "tried"))
        for kind, tried in tried_by_the_system(before, undisturbed):
            bad += _print(kind, tried)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return bad


def _print(kind: str, tried: Tried) -> int:
    mark = "good" if tried.is_good else "BAD"
    what = f"{mark:5} {kind:22} {tried.fault:8} {tried.where[:70]:70}"
    sys.stdout.write(f"{what} | {tried.first_night[:110]} | {tried.after}\n")
    sys.stdout.flush()
    return not tried.is_good


if __name__ == "__main__":
    sys.exit(bool(main()))
