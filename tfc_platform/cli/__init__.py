"""The command `tfc`: thin commands over the rooms, for people and, with --json, for programs.

`main` is the way in, `output` how things are said, and each further module a group of commands.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

from tfc_platform.collector import collect_rarely
from tfc_platform.generated_code import use_kept

__all__ = ["main"]


def main() -> None:
    """Run a command. Imports make most of a short command's time, and collecting garbage a fifth of theirs: so not meanwhile."""
    gc.disable()
    use_kept()
    try:
        from tfc_platform.cli.app import run
    finally:
        collect_rarely()
        gc.enable()
    try:
        run()
    except SystemExit as ending:
        if isinstance(ending.code, str):
            raise
        _leave(ending.code or 0)
    _leave(0)


def _leave(code: int) -> NoReturn:
    """End the process as the interpreter does, but for taking millions of objects apart one by one, which takes a second
    or two after a night: the system gets all of the memory back at once. Every command has closed its files by then."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # who was reading has gone
            stream.flush()
    os._exit(code)
