"""Digests of what is frozen of a period, and of tonight's rows as a snapshot has them. They stay in the restricted zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfc_platform.atomic_io import canonical_json, sha256_text

__all__ = ["CHANGE_MART", "TREND_MART", "Frozen", "FrozenRow", "answers_of", "content_like", "content_of", "rows_like"]

FrozenRow = Mapping[str, Any]
Frozen = Mapping[str, Sequence[FrozenRow]]
CHANGE_MART, TREND_MART = "mart_outcome_change", "mart_outcome_trend"


def content_of(frozen: Frozen) -> str:
    """The digest of frozen rows, whatever their order."""
    return sha256_text(canonical_json({mart: sorted(map(canonical_json, rows)) for mart, rows in frozen.items()}))


def answers_of(frozen: Frozen) -> str:
    """The digest of a wave's frozen answers and estimates, without its change from other waves."""
    return content_of({mart: rows for mart, rows in frozen.items() if mart not in (CHANGE_MART, TREND_MART)})


def content_like(like: Frozen, frozen: Frozen) -> str:
    """The digest of rows by the marts and columns that `like` has: a snapshot may be of before one was kept."""
    return content_of(rows_like(like, frozen))


def rows_like(like: Frozen, frozen: Frozen) -> dict[str, list[FrozenRow]]:
    """Rows by the marts and columns that `like` has."""
    alike: dict[str, list[FrozenRow]] = {}
    for mart, rows in like.items():
        names = set(rows[0]) if rows else None
        alike[mart] = [
            {name: value for name, value in row.items() if names is None or name in names}
            for row in frozen.get(mart, ())
        ]
    return alike
