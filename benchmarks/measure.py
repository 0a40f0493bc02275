"""Run a command and measure its processor time, wall time and greatest memory, as the system counts them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from tempfile import TemporaryFile

__all__ = ["Cost", "cost_of", "typical"]


@dataclass(frozen=True)
class Cost:
    """Processor time is user and system time of the process and of the children that it waited for."""

    cpu_seconds: float
    wall_seconds: float
    peak_mib: float


def cost_of(command: Sequence[str], env: Mapping[str, str]) -> tuple[Cost, str]:
    """Run a command to its end; gives what it cost, and what it printed.

    :raises RuntimeError: with the end of its error output, where it fails: a failed run is no measurement.
    """
    with TemporaryFile() as out, TemporaryFile() as errors:
        started = time.monotonic()
        process = subprocess.Popen(command, env=dict(env), stdout=out, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            said = errors.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"{' '.join(command[:4])} ended with {process.returncode}:\n{said}")
        out.seek(0)
        printed = out.read().decode()
    per_mib = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, KiB elsewhere
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / per_mib), printed


def typical(costs: Sequence[Cost]) -> Cost:
    """The median of each figure; of memory the greatest, since the bar is one that no night may pass."""
    return Cost(
        median(cost.cpu_seconds for cost in costs),
        median(cost.wall_seconds for cost in costs),
        max(cost.peak_mib for cost in costs),
    )
