"""Which period a page speaks of: the newest that can be told whole.

Belongs here: choosing periods from what the release says of returns. Does not belong: words for them (`words`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tfc_platform.pages.formatting import period_bounds, reporting_year, year_range
from tfc_platform.pages.page_figures import Release

__all__ = ["delivery_year", "is_whole", "newest_whole"]


def delivery_year(release: Release) -> tuple[date, date] | None:
    """The newest reporting year that has ended and has sessions; before one has, the year that is under way."""
    years = sorted({reporting_year(row["month"]) for row in release.rows("delivery") if isinstance(row["month"], date)})
    ended = [year for year in years if year_range(year)[1] <= release.as_of]
    return year_range((ended or years)[-1]) if years else None


def is_whole(release: Release, site: Any, period: Any) -> bool:
    """Whether a period has ended, and no return of the site that falls into it is overdue."""
    bounds = period_bounds(period)
    if bounds is None or bounds[1] > release.as_of:
        return False
    for row in release.rows("expected_return", site=site, return_status="overdue"):
        due = period_bounds(row["return_key"])
        if due is not None and due[0] < bounds[1] and due[1] > bounds[0]:
            return False
    return True


def newest_whole(release: Release, site: Any, periods: Iterable[Any]) -> Any:
    """The newest of a site's periods that can be told whole; None where there is none."""
    whole = [period for period in periods if is_whole(release, site, period)]
    return max(whole, default=None)
