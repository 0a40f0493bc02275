"""What lies below a folder of the landing zone: what may be read, what is refused unread, and what could not be looked at.

Python's and fsspec's own walks leave out a folder that cannot be opened, and follow or hand out whatever is in it.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field
from typing import Any

__all__ = ["FoundFile", "FoundFiles", "UnreadFile", "walk_folder", "walk_store"]

_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(frozen=True)
class UnreadFile:
    """A file or folder that was not read, and why. `path` is below the landing zone; "" is the landing zone itself."""

    path: str
    reason: str
    is_folder: bool = False
    may_pass: bool = False  # whether another attempt in a moment may succeed


@dataclass(frozen=True)
class FoundFile:
    """A file that may be read: its path as it is listed, its address, and what the store says of it."""

    name: str
    address: str
    info: dict[str, Any]


@dataclass
class FoundFiles:
    """What a walk found. `failed` could not be looked at; `refused` is never read."""

    files: list[FoundFile] = field(default_factory=list)
    failed: list[UnreadFile] = field(default_factory=list)
    refused: list[UnreadFile] = field(default_factory=list)


def failed_folder(path: str, error: BaseException) -> UnreadFile:
    """A folder that could not be listed."""
    return UnreadFile(path, f"the folder cannot be opened ({type(error).__name__})", True, may_pass(error))


def may_pass(error: BaseException) -> bool:
    """Whether another attempt may succeed: not where permission is missing, or the path is no folder."""
    return not isinstance(error, PermissionError | NotADirectoryError | FileNotFoundError | TimeoutError)


def walk_folder(root: str, top: str) -> FoundFiles:
    """Everything below a folder of this machine.

    A link is followed where it leads to a file of the same sender. The folder of a sender may itself be a link to a place outside
    the landing zone: whoever runs the platform made it. All other links are refused.

    :param root: the landing zone.
    :param top: the folder to begin with: the landing zone, or a sender's folder in it.
    :raises OSError: where `top` cannot be listed.
    """
    found = FoundFiles()
    folders = [top]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            if folder == top:
                raise
            found.failed.append(failed_folder(_below(root, folder), error))
            continue
        for entry in listed:
            path = _below(root, entry.path)
            try:
                if entry.is_symlink():
                    _add_link(found, root, folders, entry, path)
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    _add_file(found, entry.path, entry.path, path, entry.stat(follow_symlinks=False))
            except FileNotFoundError:
                continue  # it went away since it was listed
            except OSError as error:
                reason = f"it cannot be looked at ({type(error).__name__})"
                found.failed.append(UnreadFile(path, reason, may_pass=may_pass(error)))
    return found


def _below(root: str, path: str) -> str:
    return path[len(root) :].lstrip("/")


def _add_file(found: FoundFiles, name: str, address: str, path: str, info: os.stat_result) -> None:
    if stat.S_ISREG(info.st_mode):
        found.files.append(FoundFile(name, address, {"size": info.st_size, "mtime": info.st_mtime}))
        return
    kind = next((words for test, words in _KINDS if test(info.st_mode)), "no ordinary file")
    found.refused.append(UnreadFile(path, f"it is {kind}, and no file"))


def _add_link(found: FoundFiles, root: str, folders: list[str], entry: os.DirEntry[str], path: str) -> None:
    target = os.path.realpath(entry.path)
    is_sender = "/" not in path
    try:
        info = os.stat(target)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR):
            raise
        found.refused.append(UnreadFile(path, "it is a link that leads to nothing"))
        return
    if is_sender:
        if stat.S_ISDIR(info.st_mode) and not _is_in(target, os.path.realpath(root)):
            folders.append(entry.path)
        else:
            found.refused.append(UnreadFile(path, "it is a link to another part of the landing zone, or to a file"))
    elif not _is_in(target, os.path.realpath(os.path.join(root, path.split("/", 1)[0]))):
        found.refused.append(UnreadFile(path, "it is a link that leads out of the folder"))
    elif stat.S_ISDIR(info.st_mode):
        found.refused.append(UnreadFile(path, "it is a link to a folder"))
    else:
        _add_file(found, entry.path, target, path, info)


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def walk_store(fs: Any, root: str, top: str) -> FoundFiles:
    """Everything below an address of a store that fsspec knows.

    :param fs: the fsspec file system.
    :raises FileNotFoundError: where the store has no such place.
    """
    found = FoundFiles()
    fs.invalidate_cache(root)
    folders = [top]
    while folders:
        folder = folders.pop()
        try:
            listed = fs.ls(folder, detail=True)
        except Exception as error:  # each kind of store has its own
            if folder == top:
                raise
            found.failed.append(failed_folder(_below(root, folder), error))
            continue
        for info in listed:
            name = str(info["name"])
            if name.rstrip("/") == folder.rstrip("/"):
                continue  # the mark of a folder in an object store
            if info.get("type") == "directory":
                folders.append(name)
            elif info.get("islink") or info.get("type") == "link":
                found.refused.append(UnreadFile(_below(root, name), "it is a link"))
            elif info.get("type") == "file":
                found.files.append(FoundFile(name, name, dict(info)))
            else:
                found.refused.append(UnreadFile(_below(root, name), "it is no ordinary file"))
    return found
