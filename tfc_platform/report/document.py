"""The report as a page that a person finishes: figures and grades stand, and what only a person can say is left to write.

Belongs here: HTML and CSV from what `figures` and `grades` found. Does not belong: any figure. The page has no script and no
outside resource, opens in a browser and in a word processor, and prints. The paragraphs to write are editable in both.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tfc_platform.pages.formatting import humane
from tfc_platform.pages.html import document, table, text
from tfc_platform.release.table_files import csv_cell
from tfc_platform.report.grades import Graded
from tfc_platform.report.plan import Plan
from tfc_platform.report.report_figures import ALL, Estimate, Figure, Items

__all__ = ["Report", "ReportPart", "as_csv", "as_html"]

_SAID = {
    "suppressed": "[too few to show]",
    "suppressed_secondary": "[withheld]",
    "not_available": "[not available]",
    "not_applicable": "[not applicable]",
    "not_comparable": "[not comparable]",
}


@dataclass(frozen=True)
class ReportPart:
    title: str
    definition: str | None
    figures: tuple[Figure, ...]
    estimates: tuple[Estimate, ...]
    items: tuple[Items, ...]
    grades: tuple[Graded, ...]


@dataclass(frozen=True)
class Report:
    """All that the document says. `held` are [site, source, since, reason] of the release."""

    year: str
    release: str
    as_of: str
    parts: tuple[ReportPart, ...]
    held: tuple[tuple[str, str, str, str], ...]
    names: dict[str, str]  # of sites, indicators and activities (`site/activity`), where the release carries one

    def called(self, key: str, site: str = "") -> str:
        """The name of a site, an indicator, or an activity of a site; a code that has none, in words."""
        if key == ALL:
            return "All sites"
        return self.names.get(f"{site}/{key}") or self.names.get(key) or humane(key)


def as_html(report: Report, plan: Plan) -> str:
    """The whole document. Equal reports give equal bytes."""
    title = f"Together for Childhood: the year {text(report.year)}"
    parts = [
        f"<header><h1>{title}</h1><p>A draft from release <code>{text(report.release)}</code> of {text(report.as_of)}. "
        "The figures, their definitions and the grades are the release's. The paragraphs in brackets are for a person to "
        "write; change no figure.</p></header>",
        '<main id="main">',
        _to_write("What this year was about, in five sentences: what was set out to do, what was done, for whom."),
    ]
    for part in report.parts:
        parts += _part(report, part)
    if report.held:
        rows = [tuple(text(cell) for cell in (report.called(item[0]), *item[1:])) for item in report.held]
        caption = "Sources whose newest return cannot count yet; their last good return goes on counting"
        parts.append(table("Returns that are held", caption, ("Site", "Source", "Since", "Reason"), rows))
    parts += [
        _to_write("What we learnt this year, and what we shall do differently."),
        table(
            "How good the data are",
            "What a grade means; the worst that is true decides",
            ("Grade", "Called", "Meaning"),
            [(text(grade.letter), text(grade.name), text(grade.meaning)) for grade in plan.grades],
        ),
        "<h2>How to read the figures</h2><p>Figures about people are rounded to the nearest five, and those of fewer than ten "
        "are not shown. Attendances are no people. No measure is added to another, and no figure about people is added up "
        "here. What stands in square brackets is no figure, and says why.</p>",
        "</main>",
    ]
    return document(title, parts)


def _to_write(what: str) -> str:
    return f'<p contenteditable="true"><em>[To be written: {text(what)}]</em></p>'


def _part(report: Report, part: ReportPart) -> Iterable[str]:
    yield f"<h2>{text(part.title)}</h2>"
    if part.definition:
        yield f"<p>{text(part.definition)}</p>"
    if part.figures:
        yield from _figures(report, part)
    elif part.estimates:
        yield _estimates(report, part)
    elif part.items:
        yield _items(report, part)
    else:
        yield "<p>The release has no figure of this year.</p>"
    if part.grades:
        yield _grades(report, part)
    yield _to_write(f"What these figures mean, and what they do not say ({part.title.lower()}).")


def _figures(report: Report, part: ReportPart) -> Iterable[str]:
    has_before = any(figure.before is not None for figure in part.figures)
    rows = []
    for figure in part.figures:
        before = [_value(figure.before, figure.status) if figure.before is not None else ""] if has_before else []
        what = f"{figure.label}: {report.called(figure.detail, figure.site)}" if figure.detail else figure.label
        place = (text(report.called(figure.site)), text(what), text(figure.period))
        rows.append((*place, _value(figure.value, figure.status), *before, text(figure.unit), text(_made_of(figure))))
    names = ("Site", "Measure", "Period", "#Figure", *(["#Year before"] if has_before else []), "Unit", "Note")
    yield _bare(table(part.title, f"{text(part.title)} in {text(report.year)}", names, rows))
    definitions = {figure.label: figure.definition for figure in part.figures}
    terms = "".join(f"<dt>{text(name)}</dt><dd>{text(meaning)}</dd>" for name, meaning in definitions.items())
    yield f"<dl>{terms}</dl>"


def _made_of(figure: Figure) -> str:
    told = [figure.note] if figure.note else []
    if figure.of > 1 and figure.periods < figure.of:
        told.append(f"Of {figure.periods} of {figure.of} periods.")
    if figure.status == "rounded":
        told.append("Rounded.")
    return " ".join(told)


def _value(value: float | None, status: str) -> str:
    if value is None:
        return _SAID.get(status, "[no figure]")
    written = f"{value:,.2f}".rstrip("0").rstrip(".")
    return f'<data value="{value:g}">{written}</data>'


def _estimates(report: Report, part: ReportPart) -> str:
    rows = []
    for item in part.estimates:
        low, high = (item.values.get(name) for name in ("ci_low", "ci_high"))
        has_interval = item.values.get("estimate") is not None and low is not None and high is not None
        rows.append(
            (
                text(report.called(item.site)),
                text(f"{report.called(item.population)}, {item.wave}"),
                text(report.called(item.indicator)),
                _value(item.values.get("estimate"), item.status),
                f"{_value(low, item.status)} to {_value(high, item.status)}" if has_interval else "",
                _value(item.values.get("n"), item.status),
                text(item.measure.replace("_", " ")),
            )
        )
    names = ("Site", "Who was asked, wave", "Indicator", "#Estimate", "95% interval", "#Answers", "Measure")
    return _bare(table(part.title, "Survey estimates of the newest wave", names, rows))


def _items(report: Report, part: ReportPart) -> str:
    rows = [
        (
            text(report.called(item.site)),
            *(f"{count:,}" for count in (item.noted, item.sent, item.received, item.adopted)),
        )
        for item in part.items
    ]
    caption = f"Learning items noted in {text(report.year)}, and how many of them were passed on"
    return _bare(table(part.title, caption, ("Site", "#Noted", "#Sent", "#Received", "#Adopted by a site"), rows))


def _grades(report: Report, part: ReportPart) -> str:
    rows = [
        (text(report.called(item.site)), f"{text(item.letter)}, {text(item.name)}", text(" ".join(item.reasons)))
        for item in part.grades
    ]
    return _bare(table("Grades", "How good the data behind these figures are", ("Site", "Grade", "Why"), rows))


def _bare(html: str) -> str:
    """A table under the heading of its part needs no heading of its own."""
    return html[html.index("</h2>") + len("</h2>") :]


def as_csv(report: Report) -> str:
    """The figures as a table, one row a figure, for those who draw or count on. Safe to open in a spreadsheet."""
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
