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


def main() -> None:
    """Run the Python program that the arguments name, with the arguments after it."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    del sys.argv[0]  # the program's own arguments are left
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
