"""How activities were delivered: dose and fidelity against the design, adaptation, cancellations, partners."""

from __future__ import annotations

from typing import Any

from tfc_platform.pages.charts import BarMark, ChartText, bar_chart
from tfc_platform.pages.formatting import short
from tfc_platform.pages.page_figures import ReleaseRow, ReleaseView
from tfc_platform.pages.periods import latest_complete
from tfc_platform.pages.reach import missing_state
from tfc_platform.pages.view_models import (
    PageSection,
    Paragraph,
    Subheading,
    cell,
    columns,
    data_table,
    figure_text,
    joined,
    period_text,
)

__all__ = ["process_section"]

_COLUMNS = (
    ("sessions_delivered", "Sessions", None),
    ("mean_hours", "Mean hours", None),
    ("designed_hours", "Hours by design", None),
    ("dose_ratio", "Dose: given over designed", None),
    ("fidelity_share", "Near the designed hours", "share"),
    ("adaptations", "For another audience", None),
    ("cancelled_share", "Cancelled", "share"),
    ("hours_completeness", "Hours known", "share"),
    ("partners", "Partners", None),
)


def process_section(release: ReleaseView, site: str | None = None) -> PageSection:
    """Of all sites, each in its latest complete quarter; or of one, all quarters."""
    section = PageSection("process", "How it was delivered: dose, fidelity, adaptation")
    where = {} if site is None else {"site": site}
    if not release.rows("process", **where):
        section.add(Paragraph("This release has no figures on process."))
        return section
    assessed = release.sum("process", "sessions_assessed", **where)
    near = release.sum("process", "sessions_near_design", **where)
    if assessed is not None and near is not None:
        section.answers.append(
            (
                *("Of ", figure_text(assessed), " sessions whose hours can be compared with the design, "),
                *(figure_text(near), " were near the designed hours."),
            )
        )
    cancelled = release.sum("process", "sessions_cancelled", **where)
    if cancelled is not None:
        section.answers.append((figure_text(cancelled), " planned group sessions were cancelled."))
    if site is not None:
        rows = sorted(
            release.rows("process", site=site),
            key=lambda row: (release.activity_name(site, row["activity"]), str(row["quarter"])),
        )
        section.add(_table(release, rows, "All quarters, by activity", with_site=False), *_partners(release, site))
        return section
    latest = _latest_rows(release)
    if latest:
        quarters = joined(
            [
                (release.site_name(name), " ", period_text(quarter))
                for name, quarter in dict.fromkeys((row["site"], row["quarter"]) for row in latest)
            ]
        )
        caption = ("Each site's latest complete quarter: ", quarters)
        section.add(_chart(release, latest), _table(release, latest, caption, with_site=True))
    return section


def _latest_rows(release: ReleaseView) -> list[ReleaseRow]:
    latest: list[ReleaseRow] = []
    for site in release.sites:
        rows = release.rows("process", site=site)
        quarter = latest_complete(release, site, {row["quarter"] for row in rows})
        latest += sorted(
            (row for row in rows if row["quarter"] == quarter),
            key=lambda row: release.activity_name(site, row["activity"]),
        )
    return latest


def _chart(release: ReleaseView, rows: list[ReleaseRow]) -> Any:
    marks = [
        BarMark(
            release.activity_name(row["site"], row["activity"]),
            None if (share := row.value("fidelity_share")) is None else share * 100,
            state=missing_state(row.figures.get("fidelity_share")),
            panel=short(release.site_name(row["site"])),
            unit="whole_percent",
        )
        for row in rows
    ]
    text = ChartText(
        "process-fidelity",
        "Share of assessed sessions near the designed hours, by activity",
        "Bars from zero, in per cent. The table below has dose and all other figures.",
        "Per cent of assessed sessions",
    )
    return bar_chart("Sessions near the designed hours", text, marks)


def _table(release: ReleaseView, rows: list[ReleaseRow], caption: Any, *, with_site: bool) -> Any:
    lines = [
        (
            *((release.site_name(row["site"]),) if with_site else ()),
            release.activity_name(row["site"], row["activity"]),
            *(() if with_site else (period_text(row["quarter"]),)),
            *(cell(row, measure, unit) for measure, _, unit in _COLUMNS),
        )
        for row in rows
    ]
    heads = columns(
        *(("Site",) if with_site else ()),
        "Activity",
        *(() if with_site else ("Quarter",)),
        *(f"#{head}" for _, head, _ in _COLUMNS),
    )
    return data_table(caption, heads, lines, fold="Table: process, by activity")


def _partners(release: ReleaseView, site: str) -> list[Any]:
    lines = [
        (
            *(period_text(row["quarter"]), cell(row, "partners_active")),
            *(cell(row, "sessions_with_partner"), cell(row, "boards_held")),
        )
        for row in release.rows("partnership", site=site)
    ]
    heads = columns("Quarter", "#Partner organisations", "#Sessions with a partner", "#Boards held")
    partners = data_table("Partner organisations and boards by quarter", heads, lines)
    return [Subheading("Partners and boards"), partners] if lines else []
