"""Tables of survey estimates: for all, and by one breakdown (R7)."""

from __future__ import annotations

from dataclasses import dataclass

from tfc_platform.disclosure import cell_rules
from tfc_platform.disclosure.policy import DisclosurePolicy, SuppressionRule
from tfc_platform.disclosure.snapshot_set import NOT_LOCKED, CellKey, Locked, alike, hidden_by, unit_of
from tfc_platform.disclosure.snapshots import FrozenRow, Snapshot
from tfc_platform.publication.publication_register import ALL, ASKED_LABELS, OutcomeTable
from tfc_platform.publication.released_table import CellValue, Figure, FigureRow, Status

__all__ = [
    "INDICATIVE",
    "OUTCOME_WORDS",
    "SCALE_MEAN",
    "Domain",
    "domain_of",
    "outcome_rows",
    "to_decimals",
    "wave_is_open",
]

SCALE_MEAN = "scale_mean"
INDICATIVE = "Base below {limit}: indicative."
OUTCOME_WORDS = (
    "n: respondents in the base, to the nearest 5; estimate: the percentage or mean; "
    "ci_low, ci_high: its 95% confidence interval"
)


def outcome_rows(spec: OutcomeTable, locked: Locked, policy: DisclosurePolicy) -> list[FigureRow]:
    """Every row of the table, in any order."""
    found = []
    for period in locked.of(spec.record):
        population, wave = period.name.split(" ", 1)
        snapshot, codes = locked.snapshot(period), locked.codes_of(period)
        domains: list[tuple[str, str]] = [(ALL, ALL)]
        for name in spec.breakdowns.get(population, ()):
            domains += [(name, str(code[name])) for code in codes.get(name, ())]
        for asked in codes.get("indicator", ()):
            labels = _how_asked(snapshot, asked["indicator"])
            for breakdown, value in domains:
                keys = (period.site, population, wave, asked["indicator"], breakdown, value)
                figures = (
                    alike(Status.NOT_AVAILABLE, _OUTCOME_MEASURES, NOT_LOCKED)
                    if snapshot is None
                    else _estimate(spec, snapshot, asked, (spec.table, keys), locked, policy)
                )
                found.append(FigureRow(keys, (asked["measure"], *labels), figures))
    return found


def _how_asked(snapshot: Snapshot | None, indicator: str) -> tuple[CellValue, ...]:
    """Instrument, items, tools, mode and month of a locked survey. A snapshot of before has none, as one that did not ask."""
    rows = () if snapshot is None else snapshot.frozen.get("mart_outcome_asked", ())
    found: FrozenRow = next((row for row in rows if row["indicator"] == indicator), {})
    return tuple(found.get(name) for name in ASKED_LABELS)


_OUTCOME_MEASURES = ("n", "estimate", "ci_low", "ci_high")


@dataclass(frozen=True)
class Domain:
    """The unweighted counts of one estimate: its base, and of a percentage the numerator (none for a mean).

    `effective`: the base in effect; none where the snapshot is of before it was kept.
    """

    base: int
    positive: int | None
    clusters: int
    effective: float | None = None

    def is_enough(self, policy: DisclosurePolicy, clusters: int | None = None) -> bool:
        """R7; `clusters` instead of those that there are, by an exception."""
        there = self.clusters if clusters is None else clusters
        return cell_rules.enough_respondents(self.base, self.positive, there, policy.survey, self.effective)


def domain_of(snapshot: Snapshot, indicator: str, measure: str, breakdown: str, value: str) -> Domain:
    """What R7 judges, and what the audit takes an attacker to know exactly where it is published."""
    cells = [
        row
        for row in snapshot.frozen["mart_outcome_cell"]
        if row["indicator"] == indicator and row["measure"] == measure and (breakdown == ALL or row[breakdown] == value)
    ]
    estimate = _frozen_estimate(snapshot, indicator, measure, breakdown, value)
    positive = sum(row["positive"] or 0 for row in cells) if measure.startswith("percent") else None
    base = sum(row["n"] for row in cells)
    if estimate is None:
        return Domain(base, positive, 0)
    clusters = estimate.get("n_known_clusters", estimate["n_clusters"])  # of before they were told apart: all
    return Domain(base, positive, clusters, estimate.get("n_eff"))


def _frozen_estimate(snapshot: Snapshot, indicator: str, measure: str, breakdown: str, value: str) -> FrozenRow | None:
    for row in snapshot.frozen["mart_outcome_indicator"]:
        if (row["indicator"], row["measure"], row["breakdown"], row["breakdown_value"]) == (
            indicator,
            measure,
            breakdown,
            value,
        ):
            return row
    return None


def _estimate(
    spec: OutcomeTable,
    snapshot: Snapshot,
    asked: FrozenRow,
    cell: CellKey,
    locked: Locked,
    policy: DisclosurePolicy,
) -> list[Figure]:
    rule = locked.withheld.get(unit_of(cell))
    if rule is not None:
        return hidden_by(rule, _OUTCOME_MEASURES, policy)
    indicator, measure = asked["indicator"], asked["measure"]
    breakdown, value = cell[1][4:6]
    domain = domain_of(snapshot, indicator, measure, breakdown, value)
    estimate = _frozen_estimate(snapshot, indicator, measure, breakdown, value)
    limits = policy.survey
    enough = domain.is_enough(policy, limits.clusters if cell in locked.excepted else None)
    if estimate is None or estimate["estimate"] is None or not enough:
        return hidden_by(SuppressionRule.FEW_ANSWERS, _OUTCOME_MEASURES, policy)
    base = cell_rules.rounded(domain.base, policy.rounding_base)
    decimals = spec.decimals.get(indicator, 0)

    shown = to_decimals(estimate["estimate"], decimals)
    ends = (estimate["ci_low"], estimate["ci_high"])
    if domain.positive is not None:
        percent = cell_rules.published_percentage(estimate["estimate"], base, bool(estimate["weighted"]), policy)
        shown = float(percent)
        if not estimate["weighted"] and None not in ends:
            ends = cell_rules.published_interval(ends, percent, base, domain.clusters == domain.base)
    # By the published base: that a base of 100 is called small would tell that it is 98 or 99.
    words = [INDICATIVE.format(limit=limits.flag_below)] if base < limits.flag_below else []
    words += ["Weighted."] if estimate["weighted"] else []
    note = " ".join(words) or None
    values = (float(base), shown, to_decimals(ends[0], decimals), to_decimals(ends[1], decimals))
    if not _is_open(asked, values, decimals, policy, domain):
        return hidden_by(SuppressionRule.FEW_ANSWERS, _OUTCOME_MEASURES, policy)
    return [
        Figure(name, number, (Status.NOT_AVAILABLE if number is None else Status.ROUNDED).value, note)
        for name, number in zip(_OUTCOME_MEASURES, values, strict=True)
    ]


def _is_open(
    asked: FrozenRow,
    published: tuple[float, float | None, float | None, float | None],
    decimals: int,
    policy: DisclosurePolicy,
    domain: Domain,
) -> bool:
    """R7 of a mean as it would be published: base, mean and its interval. Of a percentage other limits decide.

    A snapshot of before has no ends of its scales: what was published of it stays.
    """
    base, mean, *interval = published
    if asked["measure"] != SCALE_MEAN or asked.get("ends") is None or mean is None:
        return True
    is_simple = domain.clusters == domain.base and (domain.effective or domain.base) >= domain.base
    ends = (interval[0], interval[1])
    return cell_rules.mean_is_open(mean, ends, int(base), asked["ends"], decimals, policy, is_simple)


def wave_is_open(snapshot: Snapshot, asked: FrozenRow, decimals: int, policy: DisclosurePolicy) -> bool:
    """The same of all of a wave: a change beside the other wave's mean would tell it."""
    indicator, measure = asked["indicator"], asked["measure"]
    estimate = _frozen_estimate(snapshot, indicator, measure, ALL, ALL)
    if estimate is None:
        return True
    domain = domain_of(snapshot, indicator, measure, ALL, ALL)
    base = cell_rules.rounded(domain.base, policy.rounding_base)
    mean, low, high = (to_decimals(estimate[name], decimals) for name in ("estimate", "ci_low", "ci_high"))
    return _is_open(asked, (float(base), mean, low, high), decimals, policy, domain)


def to_decimals(number: float | None, decimals: int) -> float | None:
    return None if number is None else cell_rules.round_half_up(number, decimals)
