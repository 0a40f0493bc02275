"""When a snapshot locks (R0): on a day that the calendar gives, once its expected returns are in. Never because of the data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Contract

__all__ = ["QUARTERLY", "Period", "quarter_of", "quarters_of_year", "snapshot_periods", "year_of"]

# Records whose snapshots are quarters, by the date of what happened; a survey's are its waves.
QUARTERLY = ("activity", "story")
SURVEY = "survey_respondent"


@dataclass(frozen=True, order=True)
class Period:
    """A snapshot to be: one site's quarter, or one population's wave there.

    `name` is `2025-Q2`, or `community w1`. `needs` are the keys of the returns that must have come.
    """

    source: str
    site: str
    name: str
    record: str
    ends_on: date
    needs: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.source}/{self.site}/{self.name.replace(' ', '/')}"

    def locks_on(self, days: int) -> date:
        """The first day on which it may lock, `days` after its last one."""
        return self.ends_on + timedelta(days=days)


def quarter_of(day: date) -> str:
    """2025-Q2 is April to June 2025."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def year_of(quarter: str) -> str:
    """The reporting year (April to March) of a quarter: `2025-26`."""
    year, number = int(quarter[:4]), int(quarter[-1])
    first = year if number > 1 else year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def quarters_of_year(year: str) -> tuple[str, ...]:
    """The four quarters of a reporting year, in order."""
    first = int(year[:4])
    return (*(f"{first}-Q{number}" for number in (2, 3, 4)), f"{first + 1}-Q1")


def snapshot_periods(catalogue: Catalogue, as_of: date, days: int) -> tuple[Period, ...]:
    """Every snapshot whose day to lock has come by `as_of`, from the contracts' calendars alone."""
    found: list[Period] = []
    for site in catalogue.sites:
        contracts = catalogue.of(site.site)
        first = min((c.expects.monthly_from for c in contracts if c.expects.monthly_from), default=None)
        for contract in contracts:
            if contract.record in QUARTERLY and first is not None:
                found += _quarters(contract, site.site, first, as_of)
            elif contract.record == SURVEY:
                found += _waves(contract, site.site)
    return tuple(sorted(period for period in found if period.locks_on(days) <= as_of))


def _quarters(contract: Contract, site: str, first: date, as_of: date) -> Iterable[Period]:
    month = first
    while month <= as_of:
        months = [date(month.year, 3 * ((month.month - 1) // 3) + number, 1) for number in (1, 2, 3)]
        after = _next(months[-1])
        monthly = contract.expects.monthly_from
        # What is not sent month by month is one return for all of them.
        needs = (
            tuple(contract.expects.returns)
            if monthly is None
            else tuple(f"{day:%Y-%m}" for day in months if monthly <= day)
        )
        yield Period(contract.source, site, quarter_of(month), contract.record, after - timedelta(days=1), needs)
        month = after


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _waves(contract: Contract, site: str) -> Iterable[Period]:
    """A survey's waves. Its fieldwork counts as ended when its return is due: no date of an answer says when it locks."""
    for key, due_on in contract.expects.returns.items():
        facts = _facts(contract.identity.key, key)
        population, wave = contract.population_and_wave(dict(facts))
        if population and wave:
            yield Period(contract.source, site, f"{population} {wave}", contract.record, due_on, (key,))


def _facts(template: str, key: str) -> Mapping[str, str]:
    """The groups of a file's name that made a return's key: `{population} {wave}` and `community w1`."""
    parts = re.split(r"\{(\w+)\}", template)
    pattern = "".join(f"(?P<{part}>.+)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
    match = re.fullmatch(pattern, key)
    return match.groupdict() if match else {}
