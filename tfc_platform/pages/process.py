"""Process: dose, fidelity, adaptation, completeness, partners.

Belongs here: the section. Figures are of sessions of groups, not of people. Does not belong: what was delivered (`delivered`).
"""

from __future__ import annotations

from tfc_platform.pages.charts import Bar, Interval, bars, draw, intervals
from tfc_platform.pages.components import Section, cell, chart, number, period, table
from tfc_platform.pages.formatting import join
from tfc_platform.pages.html import text
from tfc_platform.pages.page_figures import Release, Row
from tfc_platform.pages.periods import newest_whole
from tfc_platform.pages.reach import state_of

__all__ = ["process"]

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


def process(release: Release, site: str | None = None) -> Section:
    """Of all sites, each in its newest whole quarter; or of one, all quarters."""
    found = Section("process", "How it was delivered: dose, fidelity, adaptation")
    newest: list[Row] = []
    for place in release.sites if site is None else (site,):
        rows = release.rows("process", site=place)
        quarter = newest_whole(release, place, {row["quarter"] for row in rows})
        newest += sorted(
            (row for row in rows if row["quarter"] == quarter),
            key=lambda row: release.activity_name(place, row["activity"]),
        )
    where = {} if site is None else {"site": site}
    assessed = release.sum("process", "sessions_assessed", **where)
    near = release.sum("process", "sessions_near_design", **where)
    if assessed is not None and near is not None:
        found.answers.append(
            f"Of {number(assessed)} sessions whose hours can be compared with the design, {number(near)} were near the "
            "designed hours."
        )
    cancelled = release.sum("process", "sessions_cancelled", **where)
    if cancelled is not None:
        found.answers.append(f"{number(cancelled)} planned group sessions were cancelled.")
    if not release.rows("process", **where):
        found.body.append("<p>No figures on process are in this release.</p>")
        return found
    if newest:
        found.body.append(_chart(release, newest, site))
    if site is not None:
        found.body.append(_quarters(release, site))
        found.body.append(_partners(release, site))
    return found


def _chart(release: Release, rows: list[Row], site: str | None) -> str:
    def place(row: Row) -> str:
        return release.site_name(row["site"]).partition(" (")[0]

    fidelity = [
        Bar(
            place(row),
            release.activity_name(row["site"], row["activity"]),
            None if (share := row.value("fidelity_share")) is None else share * 100,
            None,
            None,
            state_of(row.figures.get("fidelity_share")),
        )
        for row in rows
    ]
    dose = [
        Interval(
            place(row),
            release.activity_name(row["site"], row["activity"]),
            None,
            row.value("dose_ratio"),
            None,
            True,
            state_of(row.figures.get("dose_ratio")),
        )
        for row in rows
    ]
    drawn = [
        draw(
            bars(fidelity, "Sessions near the designed hours, per cent", top=100),
            "process-fidelity",
            "Share of assessed sessions near the designed hours, by activity",
            "Bars from nought to a hundred per cent.",
        ),
        draw(
            intervals(dose, "Hours given over hours designed", None, 1),
            "process-dose",
            "Dose: hours given over hours designed, by activity",
            "A mark an activity. The upright line is one: as designed.",
        ),
    ]
    quarters = join(
        [
            f"{text(release.site_name(name))} {period(quarter)}"
            for name, quarter in dict.fromkeys((row["site"], row["quarter"]) for row in rows)
        ]
        if site is None
        else [period(rows[0]["quarter"])]
    )
    caption = (
        f"Each site's newest whole quarter: {quarters}." if site is None else f"The newest whole quarter: {quarters}."
    )
    return chart(
        drawn, "Fidelity and dose", _table(release, rows, caption, "All figures of these charts", site is None)
    )


def _table(release: Release, rows: list[Row], caption: str, fold: str, with_site: bool) -> str:
    lines = [
        (
            *((text(release.site_name(row["site"])),) if with_site else ()),
            text(release.activity_name(row["site"], row["activity"])),
            *(() if with_site else (period(row["quarter"]),)),
            *(cell(row, measure, unit) for measure, _, unit in _COLUMNS),
        )
        for row in rows
    ]
    heads = (
        *(("Site",) if with_site else ()),
        "Activity",
        *(() if with_site else ("Quarter",)),
        *(f"#{head}" for _, head, _ in _COLUMNS),
    )
    return table(caption, heads, lines, fold=fold)


def _quarters(release: Release, site: str) -> str:
    rows = sorted(
        release.rows("process", site=site),
        key=lambda row: (release.activity_name(site, row["activity"]), str(row["quarter"])),
    )
    return _table(release, rows, "All quarters, by activity", "All quarters, by activity", False)


def _partners(release: Release, site: str) -> str:
    lines = [
        (
            period(row["quarter"]),
            cell(row, "partners_active"),
            cell(row, "sessions_with_partner"),
            cell(row, "boards_held"),
        )
        for row in release.rows("partnership", site=site)
    ]
    heads = ("Quarter", "#Partner organisations", "#Sessions with a partner", "#Boards held")
    return ("<h3>Partners and boards</h3>" if lines else "") + table(
        "Partner organisations and boards by quarter", heads, lines
    )
