"""Which figures of a row are shown. A pure function, and the only place that decides.

Belongs here: the statuses, the threshold for counts of persons, and what is hidden along with a hidden figure. Does not
belong: reading marts, writing files. The joint audit over all tables and releases is another step, after this one.

A hidden value leaves this function as none, so nothing after it can write, log or compress it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from tfc_platform.publish.register import DisclosurePolicy, Measure

__all__ = ["HIDDEN", "Figure", "Status", "protect_row"]


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
    """The last four columns of a released row."""

    measure: str
    value: float | None
    status: str
    note: str | None


def protect_row(
    measures: Sequence[Measure],
    values: Sequence[float | None],
    persons: Sequence[bool],
    policy: DisclosurePolicy,
    held_note: str | None,
) -> list[Figure]:
    """The figures of one row; `persons` says for each measure whether it counts persons, `held_note` that it is held.

    Suppressed: a count of persons below the threshold; one whose remainder to its whole is below it; and all that
    is derived from a suppressed figure of the row, whatever its own value, also where it has none: were a high of 15
    shown as "not available" or otherwise than a high of 5, the status itself would tell.
    """
    hidden: set[str] = set()
    seen: dict[str, float | None] = {}
    figures = []
    for measure, raw, is_persons in zip(measures, values, persons, strict=True):
        value = float(raw) if raw is not None and math.isfinite(raw) else None
        whole = seen.get(measure.part_of) if measure.part_of else None
        seen[measure.name] = value
        if (is_persons and _too_few(value, whole, policy)) or not hidden.isdisjoint(measure.derived_from):
            hidden.add(measure.name)
            figures.append(Figure(measure.name, None, Status.SUPPRESSED.value, held_note))
        elif value is None:
            figures.append(Figure(measure.name, None, Status.NOT_AVAILABLE.value, held_note))
        else:
            status = Status.HELD if held_note else Status.SHOWN
            figures.append(Figure(measure.name, value, status.value, held_note))
    return figures


def _too_few(value: float | None, whole: float | None, policy: DisclosurePolicy) -> bool:
    if value is None:
        return False
    if value < policy.threshold_persons:
        return True
    return policy.protect_complement and whole is not None and whole - value < policy.threshold_persons
