"""How good the data behind a site's figures are: one of the plan's grades with its reasons, from returns, holds and checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfc_platform.publication.released_table import ReleaseTable
from tfc_platform.report.plan import PlannedPart, ReportPlan
from tfc_platform.report.report_figures import ReportFigure, in_year, rows_of

__all__ = ["SiteGrade", "grade"]


@dataclass(frozen=True)
class SiteGrade:
    """A site's grade for a part of the report; `reasons` are sentences, empty for the best grade."""

    site: str
    letter: str
    name: str
    reasons: tuple[str, ...]


def grade(
    plan: ReportPlan,
    tables: Mapping[str, ReleaseTable],
    site: str,
    part: PlannedPart,
    year: str,
    figures: Iterable[ReportFigure] = (),
) -> SiteGrade:
    """The worst grade of which something is true; data of which nothing bad is known have the first."""
    findings = {
        "held": _held(tables, site, part.sources),
        "overdue": _overdue(tables, site, part.sources, year),
        "check_failed": _failed(tables, site, (*part.sources, *part.checks)),
        **_missing(plan, site, figures),
    }
    reasons = tuple(sentence for sentence in findings.values() if sentence)
    worst = plan.grades[0]
    for candidate in plan.grades[1:]:
        if any(findings[finding] for finding in candidate.when):
            worst = candidate
    return SiteGrade(site, worst.letter, worst.name, reasons)


def _rows(tables: Mapping[str, ReleaseTable], name: str) -> list[dict[str, Any]]:
    return rows_of(tables[name]) if name in tables else []


def _held(tables: Mapping[str, ReleaseTable], site: str, sources: Sequence[str]) -> str | None:
    held = sorted(
        row["source"]
        for row in _rows(tables, "source_state")
        if row["site"] == site and row["source"] in sources and row["measure"] == "is_held" and row["value"]
    )
    return f"The latest file of {', '.join(held)} cannot be used; figures are from the previous file." if held else None


def _overdue(tables: Mapping[str, ReleaseTable], site: str, sources: Sequence[str], year: str) -> str | None:
    late = [
        row
        for row in _rows(tables, "expected_return")
        if row["site"] == site
        and row["source"] in sources
        and row["return_status"] == "overdue"
        and (in_year(row["return_key"], year) or in_year(row["due_on"], year))
    ]
    if not late:
        return None
    return f"{len(late)} {'returns are' if len(late) > 1 else 'return is'} overdue."


def _failed(tables: Mapping[str, ReleaseTable], site: str, subjects: Sequence[str]) -> str | None:
    failed = sorted(
        row["check_id"]
        for row in _rows(tables, "data_quality")
        if row["site"] == site and row["source"] in subjects and row["measure"] == "passed" and row["value"] == 0
    )
    return f"Not passed: {', '.join(failed)}." if failed else None


def _missing(plan: ReportPlan, site: str, figures: Iterable[ReportFigure]) -> dict[str, str | None]:
    """How many of the year's periods have no figure, by the site's figure that has the fewest.

    What the site does not record at all counts only where it records nothing: the document says that it is not available.
    """
    sums = [figure for figure in figures if figure.site == site and figure.of > 1]
    of_site = [figure for figure in sums if figure.periods] or sums
    missing = max((figure.of - figure.periods for figure in of_site), default=0)
    whole = max((figure.of for figure in of_site), default=1)
    sentence = f"{missing} of {whole} periods of the year have no figure." if missing else None
    is_many = missing / whole > plan.many_missing_above
    return {"period_missing": None if is_many else sentence, "many_missing": sentence if is_many else None}
