"""Whether a share is above a limit beyond what chance does to few rows."""

from __future__ import annotations

import math

__all__ = ["is_too_much"]

Z95 = 1.959964  # the normal's two-sided 95% point


def is_too_much(faults: int, received: int, limit: float | None) -> bool:
    """Whether the share of faulty rows is above `limit` beyond what chance does to a small return.

    The lower end of Wilson's 95% interval of the share must exceed it (Wilson 1927): 4 faulty rows of 35 are 11% and say
    little; 8 of 35, or 52 of 382, say that something is wrong with the return.
    """
    if limit is None or not received:
        return False
    share, z2 = faults / received, Z95**2
    centre = share + z2 / (2 * received)
    reach = Z95 * math.sqrt(share * (1 - share) / received + z2 / (4 * received**2))
    return (centre - reach) / (1 + z2 / received) > limit
