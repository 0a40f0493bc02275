"""Whether the C library that reads SPSS and Stata files survives one: it is tried in a process of its own first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tfc_platform.sheets.sheet_model import Unreadable

__all__ = ["refuse_fatal"]

CHILD = Path(__file__).with_name("readstat_child.py")
WHOLE = (
    2**20
)  # bytes up to which the answers are tried too; of a larger file its variables, where the faults are that were seen


def refuse_fatal(function: str, content: bytes, message: str) -> None:
    """Refuse a file that would end the process which reads it.

    :param function: of pyreadstat, as `read_sav`.
    :raises Unreadable: with the message.
    """
    command = [sys.executable, "-I", str(CHILD), function, "all" if len(content) <= WHOLE else "labels"]
    done = subprocess.run(command, input=content, capture_output=True, check=False)
    if done.returncode < 0:  # ended by a signal
        raise Unreadable(message)
