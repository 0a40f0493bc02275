"""A folder of immutable versions and a pointer `current` that moves in one step.

A reader who opens `current/…` gets one version, whole. A reader who has one open can finish reading it, also when it is
removed: the operating system keeps an open file.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tfc_platform.atomic_io import point

__all__ = [
    "BUILDING",
    "VersionTaken",
    "building",
    "clear_leftovers",
    "current_id",
    "forget",
    "install",
    "switch",
    "version_ids",
]

BUILDING = ".building-"
CURRENT = "current"


def clear_leftovers(root: Path) -> int:
    """Remove what a killed publication left under `root`, and say how many. The caller holds the lock: none is live."""
    leftovers = [*root.glob(f"{BUILDING}*"), *root.glob(f".{CURRENT}-*")]
    for leftover in leftovers:
        if leftover.is_symlink() or leftover.is_file():
            leftover.unlink()
        else:
            shutil.rmtree(leftover)
    return len(leftovers)


@contextmanager
def building(root: Path) -> Iterator[Path]:
    """A fresh folder beside the versions, on the same disk so that it can be renamed; gone if it was not installed."""
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=BUILDING, dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class VersionTaken(Exception):  # noqa: N818  # its name says it
    """A version of that name is there with other content: it is damaged, or two nights made one name."""


def install(
    folder: Path, root: Path, version: str, *, keep_from_others: bool, same: Callable[[Path, Path], bool]
) -> Path:
    """Make the files of `folder` read-only and put it in its place as `version`; the pointer does not move yet.

    `keep_from_others`: whether only the owner may enter the folder. Where the version is there already (a run was
    killed before it pointed to it) and `same` finds no difference, it stays as it is.

    :raises VersionTaken: where it is there and differs: what may be open is never replaced.
    """
    for path in folder.rglob("*"):
        path.chmod((0o700 if keep_from_others else 0o755) if path.is_dir() else 0o444)
    folder.chmod(0o700 if keep_from_others else 0o755)
    target = root / version
    if not target.exists():
        os.replace(folder, target)
    elif not same(folder, target):
        raise VersionTaken(f"{target.parent.name}/{version} is there with other content. Remove it by hand.")
    return target


def switch(root: Path, version: str) -> None:
    """Let `current` name `version`, in one step."""
    point(root / CURRENT, version)


def current_id(root: Path) -> str | None:
    """The version that readers see; none before the first."""
    link = root / CURRENT
    return os.readlink(link) if link.is_symlink() and link.exists() else None


def version_ids(root: Path) -> list[str]:
    """All versions that are in their place, in the order of their names."""
    if not root.is_dir():
        return []
    return sorted(
        path.name for path in root.iterdir() if path.is_dir() and not path.is_symlink() and path.name[0] != "."
    )


def forget(root: Path, versions: list[str]) -> None:
    """Remove versions. Each is renamed first, so that nobody finds one half removed."""
    for version in versions:
        doomed = root / f"{BUILDING}forget-{version}"
        os.replace(root / version, doomed)
        shutil.rmtree(doomed)
