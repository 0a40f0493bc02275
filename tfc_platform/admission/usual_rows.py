"""A question about a month's first version that has far fewer rows than the months before it: it may have been cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import median_low

from tfc_platform.admission.arrivals import Submission
from tfc_platform.ingest.error_rate import is_too_much

__all__ = ["with_usual_rows"]

MONTH = re.compile(r"(?<!\d)\d{4}-(?:0[1-9]|1[0-2])(?!\d)")
FEWEST_MONTHS = 3  # before one can say what is usual
MOST_MISSING = 0.5  # of the usual rows, beyond chance


def with_usual_rows(submissions: Sequence[Submission]) -> list[Submission]:
    """The same verdicts, with a question in the message of each first version of a month that has few rows. It holds nothing."""
    of_source: dict[tuple[str, str | None], list[tuple[str, Submission]]] = {}
    for item in submissions:
        month = MONTH.search(item.arrival.return_key or "")
        if item.is_counted and month is not None:
            of_source.setdefault((item.arrival.site, item.arrival.source), []).append((month[0], item))
    asked = {}
    for months in of_source.values():
        for own, item in months:
            before = [other.arrival.accepted for earlier, other in months if earlier < own]
            usual = median_low(before) if len(before) >= FEWEST_MONTHS else 0
            if item.change is None and is_too_much(max(usual - item.arrival.accepted, 0), usual, MOST_MISSING):
                asked[item.arrival] = f" The months before have {usual} rows as a rule: is this one whole?"
    return [
        replace(item, message=f"{item.message}{asked[item.arrival]}") if item.arrival in asked else item
        for item in submissions
    ]
