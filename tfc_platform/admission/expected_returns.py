"""Which returns should have come by a day, by the contracts' expectations, and which have.

How long one is overdue is not kept: it changes with every day.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date, timedelta

from tfc_platform.contracts.model import Contract

__all__ = ["Expected", "expected_returns"]


@dataclass(frozen=True)
class Expected:
    """A return with its due date; status: received · overdue · not_yet_due."""

    site: str
    source: str
    return_key: str
    due_on: date
    status: str


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _due(contract: Contract, as_of: date) -> Iterable[tuple[str, date]]:
    expects = contract.expects
    yield from sorted(expects.returns.items())
    month = expects.monthly_from
    while month is not None and _next_month(month) <= as_of:
        yield f"{month:%Y-%m}", _next_month(month) + timedelta(days=expects.days_after_month - 1)
        month = _next_month(month)


def expected_returns(contract: Contract, site: str, as_of: date, keys: Set[str], months: Set[str]) -> list[Expected]:
    """Every return of a source that should exist on a day, with what has become of it.

    :param keys: return keys that an accepted file has.
    :param months: months (2025-04) in which accepted rows lie.
    """
    found = []
    for key, due_on in _due(contract, as_of):
        came = key in keys or key in months
        status = "received" if came else "overdue" if due_on < as_of else "not_yet_due"
        found.append(Expected(site, contract.source, key, due_on, status))
    return found
