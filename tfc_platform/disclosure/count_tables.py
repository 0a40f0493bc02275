"""Tables of counts: a site's quarter by one dimension, its total, and its year (R1, R4, R5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfc_platform.disclosure import cell_rules
from tfc_platform.disclosure.code_lists import Codes
from tfc_platform.disclosure.lock_calendar import Period, quarters_of_year, year_of
from tfc_platform.disclosure.policy import DisclosurePolicy, SuppressionRule
from tfc_platform.disclosure.snapshot_set import NOT_LOCKED, CellKey, Locked, alike, hidden_by, unit_of
from tfc_platform.disclosure.snapshots import FrozenRow, Snapshot
from tfc_platform.publication.publication_register import ALL, CountTable
from tfc_platform.publication.released_table import CellValue, Figure, FigureRow, Status

__all__ = ["count_rows", "total_last"]


def total_last(keys: tuple[CellValue, ...]) -> tuple[CellValue, ...]:
    """A sort key: a site's total comes after its parts."""
    return tuple((cell == ALL, cell) for cell in keys)


def count_rows(spec: CountTable, locked: Locked, policy: DisclosurePolicy) -> list[FigureRow]:
    """Every row of the table, in any order."""
    return (_years if spec.period == "year" else _quarters)(spec, locked, policy)


def _quarters(spec: CountTable, locked: Locked, policy: DisclosurePolicy) -> list[FigureRow]:
    found = []
    for period in locked.of(spec.record):
        snapshot = locked.snapshot(period)
        rows = None if snapshot is None else _chosen(spec, snapshot)
        codes = locked.codes_of(period)
        for described in _grid(spec, codes):
            keys = (period.site, period.name, *(described[name] for name in spec.dimensions))
            fits = all(described.get(name, value) == value for name, value in spec.only.items())
            mine = None if rows is None else [row for row in rows if _is_in(row, spec.dimensions, described)]
            found.append(_count_row(spec, keys, described, mine, fits, locked, policy))
    return found


def _years(spec: CountTable, locked: Locked, policy: DisclosurePolicy) -> list[FigureRow]:
    """R1: a year is four disjoint quarters that are all locked; one that is not makes the year not available."""
    sites: dict[str, dict[str, Period]] = {}
    for period in locked.of(spec.record):
        sites.setdefault(period.site, {})[period.name] = period
    groups = {ALL: list(sites)} if spec.level == "programme" else {site: [site] for site in sites}
    found = []
    for name, members in groups.items():
        for year in sorted({year_of(quarter) for site in members for quarter in sites[site]}):
            parts = [sites[site].get(quarter) for site in members for quarter in quarters_of_year(year)]
            periods = [part for part in parts if part is not None]
            if len(periods) < len(parts):
                continue  # the last day to lock has not come
            snapshots = [snapshot for period in periods if (snapshot := locked.snapshot(period)) is not None]
            rows = [row for snapshot in snapshots for row in _chosen(spec, snapshot)]
            known = rows if len(snapshots) == len(periods) else None
            found.append(_count_row(spec, (name, year), {}, known, True, locked, policy))
    return found


def _chosen(spec: CountTable, snapshot: Snapshot) -> list[FrozenRow]:
    rows = snapshot.frozen.get(spec.mart, ())
    return [row for row in rows if all(row[name] == value for name, value in spec.only.items())]


def _grid(spec: CountTable, codes: Codes) -> list[dict[str, Any]]:
    """Every combination of the dimensions' codes, with what describes them; last the site's total, if there is one."""
    combined: list[dict[str, Any]] = [{}]
    for name in spec.dimensions:
        combined = [{**one, **code} for one in combined for code in codes.get(name, ())]
    return [*combined, *([{spec.total_over: ALL}] if spec.total_over else [])]


def _is_in(row: FrozenRow, dimensions: Sequence[str], described: Mapping[str, Any]) -> bool:
    return all(described[name] in (ALL, row[name]) for name in dimensions)


def _count_row(
    spec: CountTable,
    keys: tuple[CellValue, ...],
    described: Mapping[str, Any],
    rows: Sequence[FrozenRow] | None,
    fits: bool,
    locked: Locked,
    policy: DisclosurePolicy,
) -> FigureRow:
    attributes = tuple(described.get(name) for name in spec.attributes)
    names = [measure.name for measure in spec.measures]
    if not fits:
        return FigureRow(keys, attributes, alike(Status.NOT_APPLICABLE, names))
    if rows is None:
        return FigureRow(keys, attributes, alike(Status.NOT_AVAILABLE, names, NOT_LOCKED))
    cell: CellKey = (spec.table, keys)
    rule = _deciding_rule(spec, rows, cell, locked, policy)
    first: float | None = None
    figures = []
    for measure in spec.measures:
        if measure.column is not None:
            total = sum(row[measure.column] or 0 for row in rows)
            figure = _counted(measure.name, measure.counts, total, rule, policy)
            first = figure.value if measure is spec.measures[0] else first
        elif measure.code is not None:
            value = described.get(measure.code)
            figure = _plain(measure.name, None if value is None else float(value))
        else:
            assert measure.per_1000_of is not None
            figure = _rate(measure.name, first, described.get(measure.per_1000_of), rule, policy)
        figures.append(figure)
    return FigureRow(keys, attributes, figures)


def _deciding_rule(
    spec: CountTable, rows: Sequence[FrozenRow], cell: CellKey, locked: Locked, policy: DisclosurePolicy
) -> SuppressionRule | None:
    """The rule that withholds the cell; none where it is shown."""
    rule = locked.withheld.get(unit_of(cell))
    if rule is not None:
        return rule
    first = spec.measures[0].column
    assert first is not None
    total = sum(row[first] or 0 for row in rows)
    if spec.rule == "head_count":
        largest = max((row["largest_session"] or 0 for row in rows), default=0)
        enough = cell_rules.enough_heads(sum(row["sessions"] for row in rows), largest, policy)
        if not enough and cell in locked.excepted:
            enough = cell_rules.enough_people(total, policy)
        return None if enough else SuppressionRule.FEW_HEADS
    return None if cell_rules.enough_people(total, policy) else SuppressionRule.FEW_PEOPLE


def _counted(name: str, counts: str, total: float, rule: SuppressionRule | None, policy: DisclosurePolicy) -> Figure:
    if counts == "sessions":
        return Figure(name, float(total), Status.SHOWN.value, None)
    if rule is not None:
        return hidden_by(rule, [name], policy)[0]
    return Figure(name, float(cell_rules.rounded(total, policy.rounding_base)), Status.ROUNDED.value, None)


def _plain(name: str, value: float | None) -> Figure:
    return Figure(name, value, (Status.NOT_AVAILABLE if value is None else Status.SHOWN).value, None)


def _rate(
    name: str, published: float | None, population: Any, rule: SuppressionRule | None, policy: DisclosurePolicy
) -> Figure:
    if rule is not None:
        return hidden_by(rule, [name], policy)[0]
    if not population or published is None:
        return Figure(name, None, Status.NOT_AVAILABLE.value, None)
    return Figure(name, cell_rules.round_half_up(1000 * published / population, 1), Status.ROUNDED.value, None)
