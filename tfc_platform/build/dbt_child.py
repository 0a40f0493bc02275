"""The process in which a dbt command runs: it ends with the process that started it, however that one ends.

The standard input is a pipe that the parent holds open. A dbt that lived on would keep the warehouse locked.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading

__all__ = ["main"]


def _end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


def main(arguments: list[str]) -> None:
    """Run a Python program with its arguments in this process."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = arguments
    runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
