"""A published figure: its value, and the status that says what a reader may make of it.

Belongs here: the statuses of the interface and the record of a figure. Does not belong: deciding which it is (`rules`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

__all__ = ["HIDDEN", "Figure", "Status"]


class Status(StrEnum):
    """What a reader may make of a figure."""

    SHOWN = "shown"
    ROUNDED = "rounded"
    SUPPRESSED = "suppressed"
    SUPPRESSED_SECONDARY = "suppressed_secondary"
    NOT_APPLICABLE = "not_applicable"
    NOT_AVAILABLE = "not_available"
    NOT_COMPARABLE = "not_comparable"
    HELD = "held"


HIDDEN = frozenset({Status.SUPPRESSED, Status.SUPPRESSED_SECONDARY})


class Figure(NamedTuple):
    """The last four columns of a released row. A hidden value is none: nothing after it can write, log or compress it."""

    measure: str
    value: float | None
    status: str
    note: str | None
