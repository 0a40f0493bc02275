"""The code lists of a release and of the research database: what each code of a key column means.

They come from contracts and codebooks, so they say nothing of returns. Both databases have the same lists under the same names.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.publication.publication_register import Register
from tfc_platform.publication.released_table import ReleaseColumn, ReleaseTable
from tfc_platform.release.datapackage import STATUS_LABELS
from tfc_platform.release.labels import release_labels

__all__ = ["ACTIVITIES", "PERIOD_COLUMNS", "code_lists", "period_list"]

ACTIVITIES = "code_activity"
PERIOD_COLUMNS = (
    "month",
    "quarter",
    "period",
    "year",
    "reporting_year",
)  # keys of released tables and columns of marts whose cells are periods
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_YEAR_OR_MONTH = re.compile(r"(\d{4})-(\d{2})")


def _list(
    name: str,
    title: str,
    description: str,
    keys: int,
    columns: Sequence[tuple[str, pa.DataType, str]],
    rows: Iterable[Any],
) -> ReleaseTable:
    """A code list as a table, sorted by its keys."""
    ordered = sorted((tuple(row) for row in rows), key=lambda row: row[:keys])
    return ReleaseTable(name, title, description, tuple(ReleaseColumn(*c) for c in columns), keys, tuple(ordered))


def code_lists(catalogue: Catalogue, register: Register) -> tuple[ReleaseTable, ...]:
    """The lists of sites, activities, areas, outcomes, survey indicators, sites' own indicators and statuses."""
    text = pa.string()
    labels = release_labels(catalogue, register)
    return (
        _list(
            "code_site",
            "Code list: sites",
            "The programme's sites. One row a site.",
            1,
            [
                ("site", text, "The site's code."),
                ("name", text, "The site's name."),
                ("nation", text, "The nation whose deprivation index applies."),
            ],
            ((site.site, site.name, site.nation) for site in catalogue.sites),
        ),
        _list(
            ACTIVITIES,
            "Code list: activities",
            "The programme's activities as each site runs them. One row a site and activity.",
            2,
            [
                ("site", text, "The site that runs the activity."),
                ("activity", text, "The activity's code."),
                ("name", text, "The activity's name."),
                ("tier", text, "The tier of prevention at this site; system is work with boards."),
                ("audience", text, "Whom the activity is designed for at this site."),
                (
                    "designed_hours",
                    pa.float64(),
                    "The length of a session by design, in hours; empty if there is none.",
                ),
                ("audience_unit", text, "group, or individual for casework with one person or family."),
            ],
            (
                # Of what nobody has declared, a session may be one person's.
                (a.site, a.activity, a.name, a.tier, a.audience, a.designed_hours, a.audience_unit or "individual")
                for a in catalogue.activities
            ),
        ),
        _list(
            "code_area",
            "Code list: areas",
            "The small areas of each site's footprint. One row a site and small area.",
            2,
            [
                ("site", text, "The site whose footprint the area is in."),
                ("small_area_code", text, "The official code of the small area."),
                ("area", text, "The local name of the area, which takes in several small areas."),
                ("small_area_kind", text, "The kind of small area and its vintage."),
                ("index_name", text, "The deprivation index and its version."),
                (
                    "nation_quintile",
                    pa.int64(),
                    "The quintile of deprivation within the nation; 1 is the most deprived.",
                ),
                ("population", pa.int64(), "Residents of all ages, by the official estimate."),
                ("pop_0_4", pa.int64(), "Of these, residents aged 0 to 4."),
                ("pop_5_11", pa.int64(), "Residents aged 5 to 11."),
                ("pop_12_17", pa.int64(), "Residents aged 12 to 17."),
                ("pop_18_plus", pa.int64(), "Residents aged 18 and over."),
                ("pop_year", pa.int64(), "The year of the estimate."),
            ],
            (
                (
                    *(
                        area.site,
                        area.small_area_code,
                        area.area,
                        area.small_area_kind,
                        area.index,
                        area.nation_quintile,
                    ),
                    area.pop_0_4 + area.pop_5_11 + area.pop_12_17 + area.pop_18_plus,
                    *(area.pop_0_4, area.pop_5_11, area.pop_12_17, area.pop_18_plus, area.pop_year),
                )
                for area in catalogue.areas
            ),
        ),
        _list(
            "code_resident_group",
            "Code list: residents of a group",
            "Of which residents the people of a group are a part. One row a group and age band of residents.",
            3,
            [
                ("breakdown", text, "age_band, or audience as code_activity has it."),
                ("breakdown_value", text, "The group."),
                ("residents", text, "The column of code_area that counts such residents."),
            ],
            ((item.breakdown, item.breakdown_value, item.residents) for item in catalogue.resident_groups),
        ),
        _list(
            "code_breakdown",
            "Code list: breakdowns for equity",
            "The harmonised codes by which people may be broken down. One row a code.",
            2,
            [
                ("breakdown", text, "What people are broken down by."),
                ("breakdown_value", text, "The code."),
                ("name", text, "The group's name."),
            ],
            ((item.field, item.code, item.label) for item in catalogue.harmonised_codes),
        ),
        _list(
            "code_outcome",
            "Code list: outcomes",
            "The outcomes of the programme's framework. One row an outcome.",
            1,
            [
                ("outcome", text, "The outcome's code."),
                ("name", text, "The outcome's name."),
                ("statement", text, "What should change."),
                ("goals", text, "The goals that it serves, separated by semicolons."),
                ("headline_indicator", text, "The survey indicator that it is judged by first."),
            ],
            (
                (
                    *(code, outcome.name, outcome.statement),
                    "; ".join(catalogue.framework.goals[goal].name for goal in outcome.goals),
                    outcome.indicators[0],
                )
                for code, outcome in catalogue.framework.outcomes.items()
            ),
        ),
        _list(
            "code_indicator",
            "Code list: survey indicators",
            "The items, scales and bands of scales that survey tables have figures of. One row an indicator.",
            1,
            [
                ("indicator", text, "The indicator's code; a band of a scale is scale:banding:band."),
                ("kind", text, "item, scale or band."),
                ("name", text, "The name of the scale or band; empty for items."),
                ("wording", text, "The words of the item, where its licence lets them be reproduced."),
                ("constructs", text, "What an item belongs to, or the items of a scale, separated by semicolons."),
                ("lowest", pa.float64(), "The lowest score of the scale or band; empty for items."),
                ("highest", pa.float64(), "The highest score of the scale or band; empty for items."),
                ("higher_is", text, "Whether a higher score is better or worse; empty for items."),
            ],
            [*map(_indicator, labels["indicators"].items()), *_bands(catalogue)],
        ),
        _list(
            "code_local_indicator",
            "Code list: sites' own indicators",
            "The indicators that each site chose for itself. One row a site and indicator.",
            2,
            [
                ("site", text, "The site whose indicator it is."),
                ("indicator", text, "The indicator's code at this site."),
                ("name", text, "The indicator's name."),
                ("base", text, "What the indicator counts."),
                ("indicator_measure", text, "count or percent."),
                ("period_kind", text, "The length of its periods: month, quarter or year (April to March)."),
                ("direction", text, "Whether the target is a least or a most."),
            ],
            ((i.site, i.indicator, i.name, i.base, i.measure, i.period, i.direction) for i in catalogue.indicators),
        ),
        _list(
            "code_status",
            "Code list: statuses",
            "What a reader may make of a figure. One row a status.",
            1,
            [
                ("figure_status", text, "The status, as the column status of tables of figures has it."),
                ("name", text, "What it means."),
            ],
            ((status.value, label) for status, label in STATUS_LABELS.items()),
        ),
    )


def _indicator(entry: tuple[str, dict[str, Any]]) -> tuple[Any, ...]:
    code, said = entry
    lowest, highest = said.get("range", (None, None))
    parts = said.get("items") or said.get("constructs") or ()
    # Two codebooks that use a code in different ways agree on nothing: then only the code is given.
    return (
        *(code, said.get("kind"), said.get("name"), said.get("wording"), "; ".join(parts) or None),
        *(lowest, highest, said.get("higher_is")),
    )


def _bands(catalogue: Catalogue) -> list[tuple[Any, ...]]:
    """The bands of scales; of a code that two codebooks use, the first: its limits are part of its code's meaning."""
    rows: dict[str, tuple[Any, ...]] = {}
    for book in catalogue.codebooks:
        for scale, made in book.scales.items():
            for banding, bands in made.bands.items():
                for band in bands:
                    code = f"{scale}:{banding}:{band.band}"
                    name = f"{made.name}: {band.band.replace('_', ' ')}"
                    rows.setdefault(code, (code, "band", name, None, None, band.lowest, band.highest, made.higher_is))
    return list(rows.values())


def period_list(cells: Iterable[object]) -> ReleaseTable:
    """The list of the periods among `cells`: first days of months, `2025-04`, `2025-Q2`, `2025-26` (April to March).

    Two years that follow each other are a reporting year. What is no such period is left out.
    """
    text = pa.string()
    return _list(
        "code_period",
        "Code list: periods",
        "The months, quarters and reporting years (April to March) that tables have figures of. One row a period.",
        1,
        [
            ("period", text, "The period as tables have it; of a month its first day."),
            ("kind", text, "month, quarter or year."),
            ("name", text, "The period in words."),
            ("starts_on", pa.date32(), "Its first day."),
            ("ends_on", pa.date32(), "Its last day."),
        ],
        {row for row in map(_period, cells) if row is not None},
    )


def _period(cell: object) -> tuple[Any, ...] | None:
    if isinstance(cell, date):
        return _months(cell.isoformat(), "month", f"{cell:%B %Y}", cell, 1) if cell.day == 1 else None
    written = str(cell)
    if found := _QUARTER.fullmatch(written):
        first = date(int(found[1]), 3 * int(found[2]) - 2, 1)
        last = date(first.year, first.month + 2, 1)
        return _months(written, "quarter", f"{first:%B} to {last:%B %Y}", first, 3)
    if found := _YEAR_OR_MONTH.fullmatch(written):
        year, second = int(found[1]), int(found[2])
        if second == (year + 1) % 100:
            return _months(written, "year", f"April {year} to March {year + 1}", date(year, 4, 1), 12)
        if 1 <= second <= 12:
            first = date(year, second, 1)
            return _months(written, "month", f"{first:%B %Y}", first, 1)
    return None


def _months(written: str, kind: str, name: str, first: date, months: int) -> tuple[Any, ...]:
    years, month = divmod(first.month - 1 + months - 1, 12)
    year = first.year + years
    return written, kind, name, first, date(year, month + 1, monthrange(year, month + 1)[1])
