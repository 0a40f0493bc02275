"""Named, reproducible random streams: the same names give the same numbers on any machine."""

from __future__ import annotations

from random import Random

__all__ = ["lot"]


def lot(*names: object) -> Random:
    """The stream of these names. Streams of different names do not disturb each other when one draws more."""
    return Random("/".join(map(str, names)))  # noqa: S311 - chance for a demonstration, not for a secret
