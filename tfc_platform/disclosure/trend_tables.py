"""Tables of the trend over three or more waves. A trend is shown only where every wave's own figure is in the same release.

Those figures are what the audit takes as known, so a combination of them tells nothing more. It is the change along the straight
line from the first to the last wave, in whole points, as the difference of two waves is.
"""

from __future__ import annotations

from collections.abc import Collection

from tfc_platform.disclosure import cell_rules
from tfc_platform.disclosure.lock_calendar import Period
from tfc_platform.disclosure.outcome_tables import domain_of, to_decimals
from tfc_platform.disclosure.policy import DisclosurePolicy, SuppressionRule
from tfc_platform.disclosure.snapshot_set import NOT_LOCKED, Locked, alike, hidden_by
from tfc_platform.disclosure.snapshots import FrozenRow, Snapshot
from tfc_platform.publication.publication_register import ALL, TrendTable
from tfc_platform.publication.released_table import CellValue, Figure, FigureRow, Status

__all__ = ["TREND_MEASURES", "TREND_WORDS", "trend_rows"]

TREND_MEASURES = ("rise", "rise_low", "rise_high", "p_adjusted", "smallest_rise", "waves", "n_smallest")
TREND_WORDS = (
    "rise: along the straight line through the waves' figures, from the first to the last wave, in percentage points or "
    "points of the scale; rise_low, rise_high: its 95% confidence interval; p_adjusted: by Holm; smallest_rise: the smallest "
    "true rise that a headline would have shown; waves: over how many; n_smallest: respondents of the wave with the fewest"
)
WAVES_CHANGED = "An earlier wave changed after it was locked. The trend is shown once that wave is revised."
FEWEST_WAVES = 3


def trend_rows(
    spec: TrendTable, locked: Locked, policy: DisclosurePolicy, shown: Collection[tuple[CellValue, ...]]
) -> list[FigureRow]:
    """A row an indicator and wave from the third on.

    :param shown: the keys of the estimates that the same release shows (`site, population, wave, indicator, all, all`).
    """
    rows = []
    waves: dict[tuple[str, str], list[Period]] = {}
    for period in sorted(locked.of(spec.record), key=lambda period: (period.ends_on, period.name)):
        waves.setdefault((period.site, period.name.split(" ", 1)[0]), []).append(period)
    for (site, population), periods in waves.items():
        for place, later in enumerate(periods):
            if place + 1 < FEWEST_WAVES:
                continue
            snapshot = locked.snapshot(later)
            snapshots = {
                period.name.split(" ", 1)[1]: locked.snapshot(period) for period in periods if period != later
            } | {later.name.split(" ", 1)[1]: snapshot}
            for asked in locked.codes_of(later).get("indicator", ()):
                frozen = None if snapshot is None else _frozen_trend(snapshot, asked["indicator"])
                first = periods[0].name.split(" ", 1)[1] if frozen is None else frozen["wave_from"]
                keys = (site, population, asked["indicator"], first, later.name.split(" ", 1)[1])
                figures = (
                    alike(Status.NOT_AVAILABLE, TREND_MEASURES, NOT_LOCKED)
                    if snapshot is None
                    else _trend(spec, frozen, asked, keys, snapshots, policy, shown)
                )
                rows.append(FigureRow(keys, (asked["measure"], *_labels(frozen, figures)), figures))
    return rows


def _frozen_trend(later: Snapshot, indicator: str) -> FrozenRow | None:
    rows = later.frozen.get("mart_outcome_trend", ())
    return next((row for row in rows if row["indicator"] == indicator), None)


def _labels(frozen: FrozenRow | None, figures: list[Figure]) -> tuple[CellValue, CellValue]:
    """Family and reading; what is hidden has no reading."""
    if frozen is None:
        return None, None
    is_told = figures[0].value is not None or figures[0].status == Status.NOT_COMPARABLE
    return frozen["family"], frozen["reading"] if is_told else None


def _trend(
    spec: TrendTable,
    row: FrozenRow | None,
    asked: FrozenRow,
    keys: tuple[str, ...],
    snapshots: dict[str, Snapshot | None],
    policy: DisclosurePolicy,
    shown: Collection[tuple[CellValue, ...]],
) -> list[Figure]:
    if row is None:
        return hidden_by(SuppressionRule.FEW_ANSWERS, TREND_MEASURES, policy)
    if not row["comparable"]:
        return alike(Status.NOT_COMPARABLE, TREND_MEASURES, row["reason"])
    site, population, indicator, _, wave_to = keys
    names = str(row["wave_names"] or "").split(", ")
    if row["rise"] is None or len(names) < FEWEST_WAVES:
        return alike(Status.NOT_AVAILABLE, TREND_MEASURES, row["reason"])
    used = [snapshots.get(name) for name in names]
    if not all((site, population, name, indicator, ALL, ALL) in shown for name in names):
        return hidden_by(SuppressionRule.FEW_ANSWERS, TREND_MEASURES, policy)
    later = snapshots[wave_to]
    locked = [snapshot for snapshot in used if snapshot is not None]
    if later is None or len(locked) < len(used):
        return alike(Status.NOT_AVAILABLE, TREND_MEASURES, NOT_LOCKED)
    if any(wave is not later and (later.waves or {}).get(wave.name) != wave.answers for wave in locked):
        return alike(Status.NOT_AVAILABLE, TREND_MEASURES, WAVES_CHANGED)
    # An exception lifts the rule on clusters of one wave's figure, and of no comparison.
    domains = [domain_of(wave, indicator, asked["measure"], ALL, ALL) for wave in locked]
    if not all(domain.is_enough(policy) for domain in domains) or (row["n_eff_smallest"] or 0) < policy.survey.base:
        return hidden_by(SuppressionRule.FEW_ANSWERS, TREND_MEASURES, policy)
    decimals = spec.decimals.get(indicator, 0)
    values = {
        **{name: to_decimals(row[name], decimals) for name in ("rise", "rise_low", "rise_high")},
        "p_adjusted": to_decimals(row["p_adjusted"], 2),
        "smallest_rise": to_decimals(row["smallest_rise"], max(decimals, 1)),
        "waves": float(row["waves"]),
        "n_smallest": float(cell_rules.rounded(row["n_smallest"], policy.rounding_base)),
    }
    return [
        Figure(name, values[name], (Status.NOT_AVAILABLE if values[name] is None else Status.ROUNDED).value, None)
        for name in TREND_MEASURES
    ]
