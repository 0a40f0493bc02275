"""The time by which the audit has to end. The clock is given, so that a test can let the time run out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Clock", "Deadline"]

# Seconds that never go back, from any beginning.
Clock = Callable[[], float]


@dataclass(frozen=True)
class Deadline:
    """`ends` is a reading of `clock`."""

    ends: float
    clock: Clock = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Clock = time.monotonic) -> Deadline:
        """The deadline that many seconds from now."""
        return cls(clock() + seconds, clock)

    def left(self) -> float:
        """Seconds that are left; below zero where the time is over."""
        return self.ends - self.clock()
