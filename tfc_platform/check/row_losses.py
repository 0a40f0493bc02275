"""Which sources have far fewer rows tonight than in the last night that was published, and nobody said that it is right."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tfc_platform.ingest.error_rate import is_too_much

__all__ = ["SourceLoss", "lost_rows"]

MOST_LOST = 0.25  # of a source's rows, beyond chance


@dataclass(frozen=True)
class SourceLoss:
    """A source, as `site/source`, with its admitted rows in the last published night and tonight."""

    source: str
    before: int
    now: int


def lost_rows(before: Mapping[str, int], now: Mapping[str, int], explained: Collection[str]) -> list[SourceLoss]:
    """The sources whose loss somebody in the centre has to look at.

    Versions and contracts are compared file by file at admission, and never lose as much unasked. What is left is what nobody
    thought of: a contract that is gone, another reader, a lake that was damaged.

    :param before: admitted rows by source in the last published night.
    :param explained: sources of which somebody accepted a return, or a record was erased.
    """
    return [
        SourceLoss(source, rows, now.get(source, 0))
        for source, rows in sorted(before.items())
        if source not in explained and is_too_much(max(rows - now.get(source, 0), 0), rows, MOST_LOST)
    ]
