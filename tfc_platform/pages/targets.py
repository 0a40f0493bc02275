"""The sites' own indicators against the targets that they set."""

from __future__ import annotations

from typing import Any

from tfc_platform.pages.charts import BarMark, ChartText, bar_chart
from tfc_platform.pages.formatting import humane, period_words
from tfc_platform.pages.page_figures import ReleaseRow, ReleaseView
from tfc_platform.pages.periods import is_complete, latest_complete
from tfc_platform.pages.reach import missing_state
from tfc_platform.pages.view_models import (
    Content,
    PageSection,
    Paragraph,
    cell,
    columns,
    data_table,
    joined,
    period_text,
)

__all__ = ["targets_section"]

_DIRECTIONS = {"at_least": "at least", "at_most": "at most"}
_SHOWN = 5  # periods of an indicator that a site's chart shows


def targets_section(release: ReleaseView, site: str | None = None) -> PageSection:
    """Of all sites, each indicator's latest complete period; or of one, all periods."""
    section = PageSection(
        "targets", "Sites' own indicators against their targets" if site is None else "Own indicators against targets"
    )
    groups: dict[tuple[Any, Any], list[ReleaseRow]] = {}
    for row in release.by_site(
        sorted(
            release.rows("local_indicator", **({} if site is None else {"site": site})),
            key=lambda row: (str(row["indicator"]), str(row["period"])),
        )
    ):
        groups.setdefault((row["site"], row["indicator"]), []).append(row)
    if not groups:
        section.add(Paragraph("This release has no indicator of a site's own."))
        return section
    latest = {key: _latest(release, key[0], rows) for key, rows in groups.items()}
    for met, words in ((1, "Target met"), (0, "Target missed")):
        against: list[Content] = [
            (_named(release, row, site), " (", _against(row), ", ", period_text(row["period"]), ")")
            for row in latest.values()
            if row is not None and row.value("met") == met
        ]
        if against:
            section.answers.append((words, " in the latest complete period: ", joined(against), "."))
    open_ones = [_named(release, groups[key][0], site) for key, row in latest.items() if row is None]
    if open_ones:
        section.answers.append(("No complete period yet: ", joined(open_ones), "."))
    section.add(_chart(release, groups, latest, site), _table(release, groups, site))
    return section


def _latest(release: ReleaseView, site: Any, rows: list[ReleaseRow]) -> ReleaseRow | None:
    chosen = latest_complete(release, site, [row["period"] for row in rows])
    return next((row for row in rows if row["period"] == chosen), None)


def _unit(row: ReleaseRow) -> str | None:
    return "percent" if row["indicator_measure"] == "percent" else None


def _against(row: ReleaseRow) -> Content:
    value = cell(row, "indicator_value", _unit(row))
    if row.value("target") is None:
        return value
    return (value, f" against {_DIRECTIONS.get(str(row['direction']), '')} ", cell(row, "target", _unit(row)))


def _named(release: ReleaseView, row: ReleaseRow, site: str | None) -> str:
    name = str(row["name"] or humane(row["indicator"]))
    return name if site is not None else f"{release.site_name(row['site'])}: {name}"


def _chart(
    release: ReleaseView,
    groups: dict[tuple[Any, Any], list[ReleaseRow]],
    latest: dict[tuple[Any, Any], ReleaseRow | None],
    site: str | None,
) -> Any:
    """A panel for each indicator, which has a unit of its own: of all sites the latest complete period, of one the last few."""
    marks = []
    for key, rows in groups.items():
        chosen = rows[-_SHOWN:] if site is not None else [row for row in (latest[key],) if row is not None]
        if all(row.value("indicator_value") is None for row in chosen):
            continue
        unit = "per cent" if _unit(rows[0]) else humane(rows[0]["base"]).lower()
        panel = f"{_named(release, rows[0], site)} ({unit})"
        marks += [
            BarMark(
                period_words(row["period"]),
                row.value("indicator_value"),
                target=row.value("target"),
                state=missing_state(row.figures.get("indicator_value")),
                panel=panel,
                unit=_unit(row),
            )
            for row in chosen
        ]
    text = ChartText(
        "targets",
        "Sites' own indicators against their targets",
        "A panel for each indicator, with bars from zero. The upright black line is the target.",
        "",
    )
    return bar_chart("Value by period; the upright black line is the target", text, marks, shares_scale=False)


def _table(release: ReleaseView, groups: dict[tuple[Any, Any], list[ReleaseRow]], site: str | None) -> Any:
    lines = [
        (
            _named(release, row, site),
            (period_text(row["period"]), "" if is_complete(release, row["site"], row["period"]) else " (in part)"),
            cell(row, "indicator_value", _unit(row)),
            (f"{_DIRECTIONS.get(str(row['direction']), '')} ", cell(row, "target", _unit(row))),
            cell(row, "met", "yes_no"),
            ("Percentage of " if _unit(row) else "") + humane(row["base"]).lower(),
        )
        for rows in groups.values()
        for row in rows
    ]
    caption = (
        "Each site's own indicators, as it defined them. In part: the period has not ended, or one of its returns is overdue. A "
        "missed target may still be met."
    )
    heads = columns("Indicator", "Period", "#Value", "#Target", "Met", "Counts")
    return data_table(caption, heads, lines, fold="Table: all values and targets")
