"""From a release to its report: reads the release, puts the parts together, and never writes over what a person has written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfc_platform.atomic_io import write_bytes
from tfc_platform.pages.page_figures import ReleaseView
from tfc_platform.publication.publication_register import Register, load_register
from tfc_platform.publication.released_table import ReleaseError, ReleaseTable
from tfc_platform.release.manage import folder_of
from tfc_platform.release.manifest import read_manifest, read_tables
from tfc_platform.release.metrics import Metric, metrics_in
from tfc_platform.report.document import Report, ReportPart, as_csv, as_html
from tfc_platform.report.grades import SiteGrade, grade
from tfc_platform.report.plan import PlannedPart, PlannedSection, ReportPlan, load_plan
from tfc_platform.report.report_changes import headline_changes
from tfc_platform.report.report_figures import (
    ALL,
    ReportFigure,
    check_year,
    estimates,
    learning_items,
    section_figures,
    sites_of,
    with_before,
    year_before,
)
from tfc_platform.settings import ConfigurationError, Places

__all__ = ["WrittenReport", "make_report", "report_of", "write_report"]


@dataclass(frozen=True)
class WrittenReport:
    """The files of a report, and how many figures it has."""

    document: Path
    figures: Path
    count: int


def report_of(
    manifest: Mapping[str, Any], tables: Sequence[ReleaseTable], plan: ReportPlan, register: Register, year: str
) -> Report:
    """The report of a reporting year from one release's manifest and tables. Pure."""
    by_name = {table.name: table for table in tables}
    sites = sites_of(tables, register.shared_senders)
    metrics = metrics_in(tables)
    parts = [_section(section, by_name, plan, metrics.get(section.table, ()), year, sites) for section in plan.sections]
    survey_estimates = tuple(estimates(plan.outcomes, by_name.get(plan.outcomes.table), sites))
    parts.append(
        ReportPart(
            title=plan.outcomes.title,
            definition=plan.outcomes.definition,
            figures=(),
            estimates=survey_estimates,
            items=(),
            grades=_grades(plan, by_name, plan.outcomes, year, sites),
        )
    )
    parts.append(
        ReportPart(
            title=plan.changes.title,
            definition=plan.changes.definition,
            figures=(),
            estimates=(),
            items=(),
            grades=_grades(plan, by_name, plan.changes, year, sites),
            changes=tuple(headline_changes(plan.changes, by_name, sites)),
        )
    )
    items = tuple(learning_items(plan.learning, by_name.get(plan.learning.table), year, sites))
    parts.append(
        ReportPart(
            title=plan.learning.title,
            definition=plan.learning.definition,
            figures=(),
            estimates=(),
            items=items,
            grades=_grades(plan, by_name, plan.learning, year, sites),
        )
    )
    return Report(
        year=year,
        release=str(manifest["id"]),
        as_of=str(manifest["as_of"]),
        parts=tuple(parts),
        held=tuple((item["site"], item["source"], str(item["since"]), item["reason"]) for item in manifest["held"]),
        names=_names(ReleaseView(manifest, tables)),
    )


def _section(
    section: PlannedSection,
    tables: Mapping[str, ReleaseTable],
    plan: ReportPlan,
    metrics: Sequence[Metric],
    year: str,
    sites: Sequence[str],
) -> ReportPart:
    table = tables.get(section.table)
    figures = section_figures(section, table, metrics, year, sites)
    earlier = section_figures(section, table, metrics, year_before(year), sites)
    # A section without one figure of a site grades nobody: there is nothing that the grade would be of.
    of_sites = tuple(site for site in sites if any(figure.site == site for figure in figures))
    return ReportPart(
        title=section.title,
        definition=None,
        figures=tuple(with_before(figures, earlier, year)),
        estimates=(),
        items=(),
        grades=_grades(plan, tables, section, year, of_sites, figures),
    )


def _grades(
    plan: ReportPlan,
    tables: Mapping[str, ReleaseTable],
    part: PlannedPart,
    year: str,
    sites: Sequence[str],
    figures: Sequence[ReportFigure] = (),
) -> tuple[SiteGrade, ...]:
    return tuple(grade(plan, tables, site, part, year, figures) for site in sites if site != ALL)


def _names(release: ReleaseView) -> dict[str, str]:
    """What the release's pages call its sites, indicators and, site by site, activities (`site/activity`)."""
    labels = release.manifest.get("labels", {})
    names = {site: release.site_name(site) for site in release.sites}
    names |= {code: entry["name"] for code, entry in labels.get("indicators", {}).items() if entry.get("name")}
    for site, activities in labels.get("activities", {}).items():
        names |= {f"{site}/{activity}": release.activity_name(site, activity) for activity in activities}
    return names


def make_report(places: Places, year: str, release: str = "current") -> Report:
    """The report of a year from a release, by its id or `current`.

    :raises ConfigurationError: for what is not a year, or a plan that does not match the register.
    :raises ReleaseError: where the release is not there or cannot be read.
    """
    try:
        check_year(year)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    register = load_register()
    plan = load_plan(register)
    folder = folder_of(places, release)
    manifest = read_manifest(folder)
    report = report_of(manifest, read_tables(folder, manifest), plan, register, year)
    if not any(figure.value is not None for part in report.parts for figure in part.figures):
        raise ReleaseError(f"Release {manifest['id']} has no figure of {year}: there is nothing to report.")
    return report


def write_report(report: Report, target: Path, overwrite: bool = False) -> WrittenReport:
    """Write the document and its figures (the same name, `.csv`), whole.

    :raises ConfigurationError: where the document is there and has other content: a person may have written in it.
    """
    content = as_html(report, load_plan(load_register())).encode()
    if target.exists() and target.read_bytes() != content and not overwrite:
        raise ConfigurationError(
            f"{target} is there already and has other content: somebody may have written in it. "
            "Name another file with --out, or use --overwrite."
        )
    figures = target.with_suffix(".csv")
    target.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(target, content, 0o644)
    write_bytes(figures, as_csv(report).encode("utf-8-sig"), 0o644)
    return WrittenReport(target, figures, sum(len(part.figures) for part in report.parts))
