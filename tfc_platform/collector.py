"""Python's garbage collector, asked to look rarely: a night makes millions of objects, and nearly all of them stay.

Belongs here: that one setting, for a process that runs nights. Does not belong: turning it off where a room imports or
unpickles much (`check.gx`, `build.manifest`).

What a night gives back, it gives back without the collector, when the last name of a thing goes; the collector is for
circles. At Python's own thresholds it went through everything again and again, for a fifth of the processor time of a
night with one new file.
"""

from __future__ import annotations

import gc

__all__ = ["collect_rarely"]

# New objects before the youngest are looked at; such looks before the next generation's; and of these before all are.
THRESHOLDS = (2_000_000, 50, 100)


def collect_rarely() -> None:
    """Set the collector's thresholds for this process, and let it take no more looks at what is there already."""
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
