"""One sentence for an error of a disk: what is wrong and in which folder, without a word of the error's own text."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

__all__ = ["disk_sentence"]

_BY_NUMBER = {
    errno.ENOSPC: "The disk is full",
    errno.EDQUOT: "The quota of the disk is used up",
    errno.EFBIG: "A file may not grow any further: a limit of its size is reached",
    errno.EROFS: "The disk is read-only",
    errno.EACCES: "Permission is missing",
    errno.EPERM: "Permission is missing",
    errno.EIO: "The disk reports an error",
    errno.EMFILE: "Too many files are open",
    errno.ENFILE: "Too many files are open",
}
# What SQLite and DuckDB say of the same errors. Of the platform's databases Dagster's are SQLite.
_BY_WORDS = {
    "database or disk is full": "The disk is full",
    "No space left on device": "The disk is full",
    "File too large": "A file may not grow any further: a limit of its size is reached",
    "readonly database": "The disk is read-only, or permission is missing",
    "Read-only file system": "The disk is read-only",
    "Permission denied": "Permission is missing",
    "unable to open database file": "A file cannot be opened: permission is missing, or its folder is not there",
    "disk I/O error": "The disk reports an error",
    "Input/output error": "The disk reports an error",
}
_QUOTED_PATH = re.compile(r"[\"'](/[^\"']+)[\"']")


def disk_sentence(error: BaseException) -> str | None:
    """What is wrong with the disk where an error, or one behind it, is about that; None for any other error."""
    for one in _chain(error):
        if isinstance(one, OSError) and one.errno in _BY_NUMBER:
            return f"{_BY_NUMBER[one.errno]} ({type(one).__name__}){_place(one.filename2 or one.filename)}."
        is_dagsters = isinstance(one, sqlite3.Error)
        if is_dagsters or type(one).__module__.partition(".")[0] in ("duckdb", "_duckdb"):
            said = next((sentence for words, sentence in _BY_WORDS.items() if words in str(one)), None)
            if said is not None:
                named = _QUOTED_PATH.search(str(one))
                place = " where Dagster keeps its runs" if is_dagsters else _place(named[1] if named else None)
                return f"{said} ({type(one).__name__}){place}."
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__


def _place(name: object) -> str:
    """The folder, where there is one: the name of a file may have been made from a cell."""
    if not isinstance(name, str | os.PathLike) or not Path(name).is_absolute():
        return ""
    folder = next((parent for parent in Path(name).parents if parent.is_dir()), None)
    return f" in {folder}" if folder is not None and folder != Path(folder.anchor) else ""
