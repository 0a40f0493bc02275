"""Which period a page is about: the latest one whose returns are all in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tfc_platform.pages.formatting import period_bounds, reporting_year, year_range
from tfc_platform.pages.page_figures import ReleaseView

__all__ = ["covered_period", "delivery_year", "is_complete", "latest_complete", "year_code"]


def delivery_year(release: ReleaseView) -> tuple[date, date] | None:
    """The first day, and the first day after, of the latest ended reporting year with sessions; else of the current year."""
    years = sorted({reporting_year(row["month"]) for row in release.rows("delivery") if isinstance(row["month"], date)})
    ended = [year for year in years if year_range(year)[1] <= release.as_of]
    return year_range((ended or years)[-1]) if years else None


def is_complete(release: ReleaseView, site: Any, period: Any) -> bool:
    """Whether a period has ended, and no return of the site that falls into it is overdue."""
    bounds = period_bounds(period)
    if bounds is None or bounds[1] > release.as_of:
        return False
    for row in release.rows("expected_return", site=site, return_status="overdue"):
        due = period_bounds(row["return_key"])
        if due is not None and due[0] < bounds[1] and due[1] > bounds[0]:
            return False
    return True


def latest_complete(release: ReleaseView, site: Any, periods: Iterable[Any]) -> Any:
    """The latest of a site's periods that are complete; None where there is none."""
    return max((period for period in periods if is_complete(release, site, period)), default=None)


def year_code(year: tuple[date, date]) -> str:
    """`2025-26`, as the files name a reporting year."""
    return f"{year[0].year}-{year[1].year % 100:02d}"


def covered_period(release: ReleaseView) -> tuple[date, date] | None:
    """The first and the last month of the delivery year that has sessions."""
    year = delivery_year(release)
    if year is None:
        return None
    months = [row["month"] for row in release.rows("delivery") if year[0] <= row["month"] < year[1]]
    return min(months), max(months)
