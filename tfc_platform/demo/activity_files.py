"""The activity files of each site: versions, copies, empty and cumulative files, on either night."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from tfc_platform.demo.config import SitePlan, months
from tfc_platform.demo.data_entry_errors import SessionEntry, before_correction, distinct, nonsense
from tfc_platform.demo.file_ledgers import FileLedger
from tfc_platform.demo.scenario import World
from tfc_platform.demo.writers import council_csv, forms_workbook, kobo_csv, workbook_log
from tfc_platform.demo.writers.containers import Rendered

__all__ = ["ACTIVITY_FILES", "Drop"]


@dataclass(frozen=True)
class Drop:
    """A file dropped into the landing zone, and what must be reported of it."""

    path: str  # in the landing zone
    content: bytes
    status: str
    ledger: FileLedger | None = None  # None: not read, so nothing to count
    counted: tuple[SessionEntry, ...] = ()  # the entries whose accepted rows count tonight
    because: str | None = None


def _read(
    site: SitePlan, path: str, rendered: Rendered, entries: tuple[SessionEntry, ...] = (), status: str = "accepted",
    because: str | None = None,
) -> Drop:  # fmt: skip
    counted = entries if status == "accepted" else ()
    return Drop(f"{site.key}/{path}", rendered.content, status, rendered.ledger, counted, because)


def _written(world: World, site: SitePlan, night: int) -> dict[date, tuple[SessionEntry, ...]]:
    """The months written down by that night."""
    last = world.plan.settings["activity"]["months"]["last"]
    entries = world.entries[site.key]
    return {month: rows for month, rows in entries.items() if night > 1 or f"{month:%Y-%m}" <= last}


def workbook_log_files(world: World, site: SitePlan, night: int) -> list[Drop]:
    """Half-year workbooks, all on the first night; one total in one of them is wrong."""
    if night > 1:
        return []
    layout, lot = site.settings["activity"], world.lot(f"{site.key}/totals")
    wrong = (lot.choice(sorted(world.entries[site.key])), lot.choice(layout["wrong_totals"]))
    drops = []
    for part in layout["parts"]:
        rows = {month: world.entries[site.key][month] for month in months(part["first"], part["last"])}
        everything = tuple(entry for entries in rows.values() for entry in entries)
        rendered = workbook_log.render(rows, layout, wrong)
        drops.append(_read(site, layout["file"].format(part=part["part"]), rendered, everything))
    return drops


def council_csv_files(world: World, site: SitePlan, night: int) -> list[Drop]:
    """A file a month. One month came twice under two names, one was revised, one came empty and was sent again."""
    layout, lot = site.settings["activity"], world.lot(f"{site.key}/versions")
    written = _written(world, site, 1)
    # A copied month discloses nothing, so that nobody need decide under which of its two names a flag is raised.
    calm = [month for month, rows in written.items() if not any(entry.remark.disclosure for entry in rows)]
    copied = lot.choice(calm or list(written))
    revised, empty = lot.sample([month for month in written if month != copied], 2)
    suffixes = layout["suffixes"]

    def path(month: date, kind: str | None = None) -> str:
        return str(layout["file"].format(month=f"{month:%Y-%m}", suffix=suffixes[kind] if kind else ""))

    if night > 1:
        new = [month for month in _written(world, site, night) if month not in written]
        entries = world.entries[site.key]
        return [
            _read(site, path(month), council_csv.render(month, entries[month], layout), entries[month]) for month in new
        ]
    drops: list[Drop] = []
    for month, rows in written.items():
        rendered = council_csv.render(month, rows, layout)
        name = path(month, "revised" if month == revised else "resent" if month == empty else None)
        drops.append(_read(site, name, rendered, rows))
        if month == copied:
            drops.append(Drop(f"{site.key}/{path(month, 'copy')}", rendered.content, "duplicate_file"))
        elif month == revised:
            first = [entry for entry in rows if not entry.repeats][: round(len(rows) * 0.85)]
            early = tuple(distinct(world.plan, before_correction(first, 0.2, lot)))
            drops.append(_read(site, path(month), council_csv.render(month, early, layout), early, "superseded"))
        elif month == empty:
            drops.append(Drop(f"{site.key}/{path(month)}", b"", "unreadable"))
    return drops


def forms_workbook_files(world: World, site: SitePlan, night: int) -> list[Drop]:
    """Cumulative workbooks: half of the year, the whole year, and then one that half nonsense has got into."""
    layout, lot = site.settings["activity"], world.lot(f"{site.key}/exports")
    rows = tuple(entry for entries in _written(world, site, night).values() for entry in entries)
    whole = layout["file"].format(count=len(rows))
    if night > 1:
        spoilt = tuple(nonsense(list(rows), layout["nonsense"], lot))
        rendered = forms_workbook.render(spoilt, layout)
        because = f"{rendered.ledger.rejected} of {rendered.ledger.received} rows rejected"
        return [_read(site, whole, rendered, spoilt, "held", because)]
    early = tuple(before_correction(list(rows[: len(rows) // 2]), layout["corrected_share"], lot))
    name = layout["file"].format(count=len(early))
    return [
        _read(site, name, forms_workbook.render(early, layout), early, "superseded"),
        _read(site, whole, forms_workbook.render(rows, layout), rows),
    ]


def kobo_csv_files(world: World, site: SitePlan, night: int) -> list[Drop]:
    """Cumulative exports by date; the later one comes after a question was renamed, so a required column is missing."""
    layout = site.settings["activity"]
    rows = tuple(entry for entries in _written(world, site, night).values() for entry in entries)
    path = layout["file"].format(exported=layout["exported"][night])
    if night == 1:
        return [_read(site, path, kobo_csv.render_sessions(rows, layout, layout["attendance_column"]), rows)]
    # The later export also comes from another machine, with other line ends.
    rendered = kobo_csv.render_sessions(rows, layout, layout["renamed_to"], line_end="\n")
    because = f"required column {layout['attendance_column']} is missing"
    return [_read(site, path, rendered, rows, "rejected", because)]


ACTIVITY_FILES: Mapping[str, Callable[[World, SitePlan, int], list[Drop]]] = {
    "workbook_log": workbook_log_files,
    "council_csv": council_csv_files,
    "forms_workbook": forms_workbook_files,
    "kobo_csv": kobo_csv_files,
}
