"""Tables of change between two waves (R8 for panels, R7 for both waves of repeated cross-sections)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tfc_platform.disclosure import cell_rules
from tfc_platform.disclosure.lock_calendar import Period
from tfc_platform.disclosure.outcome_tables import INDICATIVE, domain_of, to_decimals, wave_is_open
from tfc_platform.disclosure.policy import DisclosurePolicy, SuppressionRule
from tfc_platform.disclosure.snapshot_set import NOT_LOCKED, Locked, alike, hidden_by, unit_of
from tfc_platform.disclosure.snapshots import FrozenRow, Snapshot
from tfc_platform.publication.publication_register import ALL, ChangeTable
from tfc_platform.publication.released_table import CellValue, Figure, FigureRow, Status

__all__ = ["CHANGE_WORDS", "COMMON_CLUSTERS", "MOVES", "change_row", "change_rows"]

MOVES = ("improved", "same", "worse")
EARLIER_CHANGED = "The earlier wave changed after it was locked. The change is shown once that wave is revised."
NOT_COMPARABLE = "The two waves cannot be compared."
CHANGE_WORDS = (
    "difference: later less earlier wave, in percentage points or points of the scale; ci_low, ci_high: its 95% "
    "confidence interval; effect_size: Cohen's h or Glass's delta; p_adjusted: by Holm; n_from, n_to: respondents; "
    "n_pairs: linked pairs; smallest_change: the smallest true change that a headline would have shown"
)
_CHANGE_MEASURES = (
    *("difference", "ci_low", "ci_high", "effect_size", "p_adjusted", "n_from", "n_to", "n_pairs"),
    "smallest_change",
)
COMMON_CLUSTERS = "common_clusters"


def change_rows(spec: ChangeTable, locked: Locked, policy: DisclosurePolicy) -> list[FigureRow]:
    """A row an indicator, design and two waves: each with the wave before it, and with others that its mart compares it with."""
    rows = []
    waves: dict[tuple[str, str], list[Period]] = {}
    for period in sorted(locked.of(spec.record), key=lambda period: (period.ends_on, period.name)):
        waves.setdefault((period.site, period.name.split(" ", 1)[0]), []).append(period)
    for (site, population), periods in waves.items():
        for earlier, later, is_next in _pairs(periods):
            pair = (earlier.name.split(" ", 1)[1], later.name.split(" ", 1)[1])
            snapshots = (locked.snapshot(earlier), locked.snapshot(later))
            for asked in locked.codes_of(later).get("indicator", ()):
                for code in locked.codes_of(later).get("design", ()):
                    indicator, design = asked["indicator"], code["design"]
                    frozen = None if snapshots[1] is None else change_row(snapshots[1], (indicator, design, *pair))
                    # Where the schools are the same, or the mart does not compare the two, there is nothing to give a reason for.
                    if frozen is None and (design == COMMON_CLUSTERS or not is_next):
                        continue
                    keys = (site, population, indicator, design, *pair)
                    figures = _change(spec, snapshots, asked, keys, locked, policy)
                    rows.append(FigureRow(keys, (asked["measure"], *_labels(frozen, figures)), figures))
    return rows


def _pairs(periods: Sequence[Period]) -> Iterator[tuple[Period, Period, bool]]:
    """Each two waves in their order, and whether they follow one another."""
    for place, later in enumerate(periods):
        for number, earlier in enumerate(periods[:place], start=1):
            yield earlier, later, number == place


def _labels(frozen: FrozenRow | None, figures: Sequence[Figure]) -> tuple[CellValue, CellValue, CellValue]:
    """Comparison, family and reading of a change. What is hidden has no reading, and a snapshot of before has none at all."""
    if frozen is None:
        return None, None, None
    is_told = figures[0].value is not None or figures[0].status == Status.NOT_COMPARABLE
    return frozen.get("comparison"), frozen.get("family"), frozen.get("reading") if is_told else None


def _change(
    spec: ChangeTable,
    snapshots: tuple[Snapshot | None, Snapshot | None],
    asked: FrozenRow,
    keys: tuple[CellValue, ...],
    locked: Locked,
    policy: DisclosurePolicy,
) -> list[Figure]:
    earlier, later = snapshots
    if earlier is None or later is None:
        return alike(Status.NOT_AVAILABLE, _CHANGE_MEASURES, NOT_LOCKED)
    rule = locked.withheld.get(unit_of((spec.table, keys)))
    if rule is not None:
        return hidden_by(rule, _CHANGE_MEASURES, policy)
    indicator, design, wave_from, wave_to = keys[2:6]
    primary = SuppressionRule.FEW_PAIRS if design == "panel" else SuppressionRule.FEW_ANSWERS
    row = change_row(later, (indicator, design, wave_from, wave_to))
    if row is None:
        return hidden_by(primary, _CHANGE_MEASURES, policy)
    if not row["comparable"]:
        return alike(Status.NOT_COMPARABLE, _CHANGE_MEASURES, row.get("reason") or NOT_COMPARABLE)
    if not _is_from_locked_answers(row, earlier, later):
        return alike(Status.NOT_AVAILABLE, _CHANGE_MEASURES, EARLIER_CHANGED)
    decimals = spec.decimals.get(indicator, 0)
    are_open = all(wave_is_open(wave, asked, decimals, policy) for wave in (earlier, later))
    if not are_open or not _change_shown(row, earlier, later, decimals, policy):
        return hidden_by(primary, _CHANGE_MEASURES, policy)
    values = {
        **{name: to_decimals(row[name], decimals) for name in ("difference", "ci_low", "ci_high")},
        "effect_size": to_decimals(row["effect_size"], 1),
        "p_adjusted": to_decimals(row["p_adjusted"], 2),
        **{
            name: None if row[name] is None else float(cell_rules.rounded(row[name], policy.rounding_base))
            for name in ("n_from", "n_to", "n_pairs")
        },
        "smallest_change": to_decimals(row.get("smallest_change"), max(decimals, 1)),
    }
    hides_pairs = design == "panel" and not _pairs_are_safe(row, policy)
    is_panel = design == "panel" and not hides_pairs
    bases = [values["n_pairs"]] if is_panel else [values["n_from"], values["n_to"]]
    is_small = any(base is not None and base < policy.survey.flag_below for base in bases)
    notes = [INDICATIVE.format(limit=policy.survey.flag_below)] if is_small else []
    note = " ".join([*notes, *([row["caution"]] if row.get("caution") else [])]) or None
    return [
        hidden_by(SuppressionRule.PAIRS_BESIDE_BASES, [name], policy)[0]
        if name == "n_pairs" and hides_pairs
        else Figure(name, values[name], (Status.NOT_AVAILABLE if values[name] is None else Status.ROUNDED).value, note)
        for name in _CHANGE_MEASURES
    ]


def change_row(later: Snapshot, wanted: tuple[str, ...]) -> FrozenRow | None:
    """The frozen change of an indicator by design and waves."""
    names = ("indicator", "design", "wave_from", "wave_to")
    rows = later.frozen["mart_outcome_change"]
    return next((row for row in rows if tuple(row[name] for name in names) == wanted), None)


def _is_from_locked_answers(row: FrozenRow, earlier: Snapshot, later: Snapshot) -> bool:
    """Whether the change is from the answers of the earlier wave that are published (R0, R2).

    It is made in the marts of the night on which the later wave locks. What came late to the earlier wave would show in the
    change, and in its base.
    """
    if later.waves is not None:
        return later.waves.get(earlier.name) == earlier.answers
    base = domain_of(earlier, row["indicator"], row["measure"], ALL, ALL).base  # of before that was kept
    return row.get("base_from") in (None, base)


def _change_shown(row: FrozenRow, earlier: Snapshot, later: Snapshot, decimals: int, policy: DisclosurePolicy) -> bool:
    """R8 for the pairs of a panel; R7 for both waves where different people were asked.

    Where few of a wave are in no pair, two percentages and their difference would tell how these few answered. Two means and
    their difference, each to a whole point, tell it to within a point and a half for each pair, and there are 30 or more.
    Nine in no pair have to be possible: a reader knows that a change that is shown has 30 pairs.
    """
    if row["design"] == "panel":
        pairs, improved, same, worse = (row[name] or 0 for name in ("n_pairs", "improved", "same", "worse"))
        limits = policy.panel
        if (row.get("n_eff_smallest") or pairs) < policy.survey.base:
            return False
        is_coarse = not row["measure"].startswith("percent") and decimals == 0
        has_room = min(row["base_from"] or 0, row["base_to"] or 0) >= limits.pairs + limits.rest - 1
        return cell_rules.enough_pairs(pairs, improved, same, worse, limits) and (
            _pairs_are_safe(row, policy) or (is_coarse and has_room)
        )
    if row["design"] == COMMON_CLUSTERS:
        return _common_shown(row, earlier, later, decimals, policy)
    domains = [domain_of(wave, row["indicator"], row["measure"], ALL, ALL) for wave in (earlier, later)]
    return all(domain.is_enough(policy) for domain in domains)


def _pairs_are_safe(row: FrozenRow, policy: DisclosurePolicy) -> bool:
    bases = (row["base_from"] or 0, row["base_to"] or 0)
    return cell_rules.pairs_are_safe(row["n_pairs"] or 0, bases, policy.panel)


def _common_shown(row: FrozenRow, earlier: Snapshot, later: Snapshot, decimals: int, policy: DisclosurePolicy) -> bool:
    """R7 for those in the clusters of both waves. Only whole means: of a percentage that of the other clusters could follow."""
    bases = (row["n_from"] or 0, row["n_to"] or 0)
    whole = [domain_of(wave, row["indicator"], row["measure"], ALL, ALL) for wave in (earlier, later)]
    rests = [domain.base - base for domain, base in zip(whole, bases, strict=True)]
    # Clusters less strata, and a stratum at least.
    clusters = (row.get("df") or 0) + 1
    return (
        not row["measure"].startswith("percent")
        and decimals == 0
        and min(*bases, row.get("n_eff_smallest") or 0) >= policy.survey.base
        and clusters >= policy.survey.clusters
        and all(rest == 0 or rest >= policy.panel.rest for rest in rests)
    )
