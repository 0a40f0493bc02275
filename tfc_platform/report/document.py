"""The report as a page that a person finishes, and its figures as CSV. Figures and grades are fixed, paragraphs are to write.

The page has no script and no outside resource. It opens in a browser and in a word processor, and its paragraphs can be edited
in both.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tfc_platform.pages.formatting import humane
from tfc_platform.pages.rendering import render
from tfc_platform.pages.view_models import Content, DataTable, FigureText, columns, data_table
from tfc_platform.release.table_files import csv_cell
from tfc_platform.report.grades import SiteGrade
from tfc_platform.report.plan import ReportPlan
from tfc_platform.report.report_changes import HeadlineChange
from tfc_platform.report.report_figures import ALL, ItemCounts, ReportFigure, SurveyEstimate

__all__ = ["Report", "ReportPart", "as_csv", "as_html"]

_IN_PLACE_OF_A_VALUE = {
    "suppressed": "[too few to show]",
    "suppressed_secondary": "[not shown]",
    "not_available": "[not available]",
    "not_applicable": "[not applicable]",
    "not_comparable": "[not comparable]",
}
_DESIGNS = {"panel": "the same people", "common_clusters": "different people, of the schools in both waves"}


@dataclass(frozen=True)
class ReportPart:
    title: str
    definition: str | None
    figures: tuple[ReportFigure, ...]
    estimates: tuple[SurveyEstimate, ...]
    items: tuple[ItemCounts, ...]
    grades: tuple[SiteGrade, ...]
    changes: tuple[HeadlineChange, ...] = ()


@dataclass(frozen=True)
class Report:
    """All that the document says. `held` are [site, source, since, reason] of the release."""

    year: str
    release: str
    as_of: str
    parts: tuple[ReportPart, ...]
    held: tuple[tuple[str, str, str, str], ...]
    names: dict[str, str]  # of sites, indicators and activities (`site/activity`), where the release carries one

    def name_of(self, key: str, site: str = "") -> str:
        """The name of a site, an indicator, or an activity of a site; a code that has none, in words."""
        if key == ALL:
            return "All sites"
        return self.names.get(f"{site}/{key}") or self.names.get(key) or humane(key)


@dataclass(frozen=True)
class PartView:
    """A part of the report as its template shows it."""

    title: str
    definition: str | None
    table: DataTable | None
    terms: tuple[tuple[str, str], ...]
    grades: DataTable | None


def as_html(report: Report, plan: ReportPlan) -> str:
    """The whole document. Equal reports give equal bytes."""
    held = [(report.name_of(site), *rest) for site, *rest in report.held]
    return render(
        "tfc_platform.report",
        "report.html.j2",
        report=report,
        parts=[_part(report, part) for part in report.parts],
        held=data_table(
            "Sources whose latest file cannot be used yet; figures are from the previous file",
            columns("Site", "Source", "Since", "Reason"),
            held,
        ),
        grades=data_table(
            "What a grade means; the worst that is true decides",
            columns("Grade", "Name", "Meaning"),
            [(grade.letter, grade.name, grade.meaning) for grade in plan.grades],
        ),
    )


def _part(report: Report, part: ReportPart) -> PartView:
    table: Any = None
    if part.figures:
        table = _figures(report, part)
    elif part.estimates:
        table = _estimates(report, part)
    elif part.changes:
        table = _changes(report, part)
    elif part.items:
        table = _items(report, part)
    grades = data_table(
        f"How good the data behind these figures are: {part.title.lower()}",
        columns("Site", "Grade", "Why"),
        [(report.name_of(item.site), f"{item.letter}, {item.name}", " ".join(item.reasons)) for item in part.grades],
    )
    definitions = {figure.label: figure.definition for figure in part.figures}
    return PartView(part.title, part.definition, table, tuple(definitions.items()), grades)


def _figures(report: Report, part: ReportPart) -> DataTable | None:
    has_before = any(figure.before is not None for figure in part.figures)
    rows = []
    for figure in part.figures:
        before = [_value(figure.before, figure.status) if figure.before is not None else ""] if has_before else []
        what = f"{figure.label}: {report.name_of(figure.detail, figure.site)}" if figure.detail else figure.label
        value = _value(figure.value, figure.status)
        rows.append((report.name_of(figure.site), what, figure.period, value, *before, figure.unit, _made_of(figure)))
    names = ("Site", "Measure", "Period", "#Figure", *(["#Year before"] if has_before else []), "Unit", "Note")
    return data_table(f"{part.title} in {report.year}", columns(*names), rows)


def _made_of(figure: ReportFigure) -> str:
    notes = [figure.note] if figure.note else []
    if figure.of > 1 and figure.periods < figure.of:
        notes.append(f"Of {figure.periods} of {figure.of} periods.")
    if figure.status == "rounded":
        notes.append("Rounded.")
    return " ".join(notes)


def _value(value: float | None, status: str) -> Content:
    if value is None:
        return _IN_PLACE_OF_A_VALUE.get(status, "[no figure]")
    return FigureText(f"{value:g}", f"{value:,.2f}".rstrip("0").rstrip("."), ())


def _estimates(report: Report, part: ReportPart) -> DataTable | None:
    rows = []
    for item in part.estimates:
        low, high = (item.values.get(name) for name in ("ci_low", "ci_high"))
        has_interval = item.values.get("estimate") is not None and low is not None and high is not None
        rows.append(
            (
                report.name_of(item.site),
                f"{report.name_of(item.population)}, {item.wave}",
                report.name_of(item.indicator),
                _value(item.values.get("estimate"), item.status),
                (_value(low, item.status), " to ", _value(high, item.status)) if has_interval else "",
                _value(item.values.get("n"), item.status),
                item.measure.replace("_", " "),
            )
        )
    names = ("Site", "Who was asked, wave", "Indicator", "#Estimate", "95% interval", "#Responses", "Measure")
    return data_table("Survey estimates of the latest wave", columns(*names), rows)


def _changes(report: Report, part: ReportPart) -> DataTable | None:
    rows = []
    for item in part.changes:
        has_interval = item.value is not None and item.low is not None and item.high is not None
        waves = f"{item.wave_from} to {item.wave_to}" + (" (baseline)" if item.is_baseline else "")
        rows.append(
            (
                report.name_of(item.site),
                report.name_of(item.population),
                report.name_of(item.indicator),
                waves if item.kind == "change" else f"{waves}, trend",
                _DESIGNS.get(item.design, "different people each time"),
                _value(item.value, item.status),
                (_value(item.low, item.status), " to ", _value(item.high, item.status)) if has_interval else "",
                _verdict(item),
                _value(item.smallest, item.status) if item.smallest is not None else "",
                item.note or "",
            )
        )
    names = ("Site", "Who was asked", "Scale", "Waves", "Design", "#Change, points", "95% interval", "Finding")
    more = ("#Smallest change that would have shown", "Note")
    return data_table("Headline changes to the latest wave", columns(*names, *more), rows)


def _verdict(item: HeadlineChange) -> str:
    if item.reading == "change" and item.value is not None:
        return "Rise" if item.value > 0 else "Fall"
    words = {
        "no_clear_change": "No clear change",
        "not_comparable": "Cannot be compared",
        "indicative": "Too few people for a finding",
        "no_interval": "No interval, so no finding",
    }
    return words.get(item.reading, "Not shown" if item.value is None else "No finding")


def _items(report: Report, part: ReportPart) -> DataTable | None:
    rows = [
        (
            report.name_of(item.site),
            *(f"{count:,}" for count in (item.noted, item.sent, item.received, item.adopted)),
        )
        for item in part.items
    ]
    caption = f"Learning items noted in {report.year}, and how many of them were passed on"
    return data_table(caption, columns("Site", "#Noted", "#Sent", "#Received", "#Adopted by a site"), rows)


def as_csv(report: Report) -> str:
    """The figures as a table, one row for each figure. Safe to open in a spreadsheet."""
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(
        [
            "part",
            "site",
            "label",
            "detail",
            "period",
            "measure",
            "value",
            "unit",
            "status",
            "note",
            "periods",
            "of",
            "before",
            "grade",
            "definition",
        ]
    )
    for part in report.parts:
        graded = {item.site: item.letter for item in part.grades}
        for figure in part.figures:
            cells: Sequence[object] = (
                part.title,
                figure.site,
                figure.label,
                figure.detail,
                figure.period,
                figure.measure,
                figure.value,
                figure.unit,
                figure.status,
                figure.note,
                figure.periods,
                figure.of,
                figure.before,
                graded.get(figure.site),
                figure.definition,
            )
            lines.writerow([csv_cell(cell) for cell in cells])
    return out.getvalue()
