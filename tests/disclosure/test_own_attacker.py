"""The attacker of its own (`attacker`) on every small world of some kinds, published by the real tables and suppression."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.disclosure.attacker import HeadRow, interval_of_hidden_band, intervals_of_heads, rests_of_panel, rows_by_key
from tfc_platform.disclosure.attacker_view import problem
from tfc_platform.disclosure.lock_calendar import Period
from tfc_platform.disclosure.policy import DisclosurePolicy, load_policy
from tfc_platform.disclosure.secondary_suppression import TablesToAudit, cut, suppress
from tfc_platform.disclosure.snapshot_set import Locked
from tfc_platform.disclosure.snapshots import freeze
from tfc_platform.disclosure.true_counts import true_counts
from tfc_platform.publication.publication_register import load_register
from tfc_platform.publication.released_table import ReleaseTable

POLICY, REGISTER = load_policy(), load_register()
QUARTER = "2025-Q2"
ACTIVITIES, PLACES, ELSEWHERE = ("big", "tiny"), ("A1", "A2"), "unknown"
WAVE_ENDS = {"w1": date(2025, 5, 31), "w2": date(2025, 9, 30)}
Heads = Sequence[int | None]


def publish(
    record: str, name: str, codes: dict[str, Any], frozen: dict[str, Any], tables: Sequence[str]
) -> dict[str, Any]:
    """What readers see of one locked snapshot of the site `north`: the rows of each table."""
    period = Period("source", "north", name, record, date(2025, 6, 30))
    snapshot = freeze(period, codes, frozen, date(2026, 6, 1))
    locked = Locked([period], {snapshot.id: snapshot}, lambda _: codes)
    register = [spec for spec in REGISTER.person_tables if spec.table in tables]
    first = TablesToAudit(cut(register, REGISTER.columns, locked, POLICY), (), {(snapshot.id, 1): snapshot})
    safe = suppress(first, REGISTER.columns, locked)
    assert safe.report.passed
    return {table.name: as_rows(table) for table in safe.tables.published.tables}


def as_rows(table: ReleaseTable) -> list[dict[str, Any]]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


# ------------------------------------------------------------------------------------------------------------- head counts

TINY: tuple[Heads, ...] = ([1], [1, 1], [1, 1, None], [0, 1, 2], [4, 4, 4])
BIG: tuple[Heads, ...] = ([10], [35], [12, 12, 11], [10, 9, 9], [11, 1, 1])
SHAPES = list(itertools.product((("A1",), ("A1", "A2")), ("A1", "A2", ELSEWHERE)))


def cell(activity: str, place: str, heads: Heads) -> dict[str, Any]:
    known = [h for h in heads if h is not None]
    return {
        "activity": activity,
        "audience_unit": "group",
        "area": "Hill",
        "small_area_code": place,
        "sessions": len(heads),
        "sessions_unknown": len(heads) - len(known),
        "attendances_low": sum(known),
        "attendances_high": sum(known),
        "largest_session": max(known, default=None),
        "hours": float(len(heads)),
        "sessions_with_hours": len(heads),
    }


def published_heads(figures: dict[str, Any]) -> HeadRow:
    sessions, unknown = (int(figures[name][0]) for name in ("sessions_delivered", "sessions_unknown"))
    value, status = figures["attendances_low"]
    return HeadRow(
        sessions - unknown, sessions, None if value is None else int(value), status == "suppressed_secondary"
    )


CODES = {
    "activity": [{"activity": name, "audience_unit": "group"} for name in ACTIVITIES],
    "small_area_code": [
        {"small_area_code": p, "area": "Hill", "index_name": "i", "nation_quintile": 1, "population": 900}
        for p in PLACES
    ],
}


def shown_unless_broken(spread: Mapping[tuple[str, str], Heads]) -> int:
    """Publish the heads of each activity and place, let the attacker at them; how many counts are shown."""
    frozen = {"mart_reach_cell": [cell(*key, heads) for key, heads in spread.items()]}
    tables = publish("activity", QUARTER, CODES, frozen, ("reach", "reach_area"))
    reach = rows_by_key(tables["reach"], "activity")
    areas = rows_by_key(tables["reach_area"], "small_area_code")
    truth: dict[tuple[int, int | None], int] = {}
    for (activity, place), heads_there in spread.items():
        for target in ((*PLACES, ELSEWHERE).index(place), None):
            key = (ACTIVITIES.index(activity), target)
            truth[key] = truth.get(key, 0) + sum(h or 0 for h in heads_there)
    small = {target: count for target, count in truth.items() if 1 <= count < POLICY.audit.group}
    intervals = intervals_of_heads(
        [published_heads(reach[name,]) for name in ACTIVITIES],
        [published_heads(areas[name,]) for name in PLACES],
        small,
    )
    for key, count in small.items():
        low, high = intervals[key]
        assert low <= count <= high, "the attacker is wrong"
        assert high - low >= POLICY.audit.width, (spread, key)
    return sum(row["attendances_low"][0] is not None for row in (*reach.values(), *areas.values()))


@pytest.mark.parametrize(
    ("big_at", "tiny_at"), SHAPES, ids=lambda part: "-".join(part) if isinstance(part, tuple) else part
)
def test_one_tiny_and_one_large_activity(big_at: tuple[str, ...], tiny_at: str) -> None:
    shown = 0
    for tiny, big in itertools.product(TINY, BIG):
        spread: dict[tuple[str, str], list[int | None]] = {("tiny", tiny_at): list(tiny)}
        for number, heads in enumerate(big):
            spread.setdefault(("big", big_at[number % len(big_at)]), []).append(heads)
        shown += shown_unless_broken(spread)
    assert shown, "else it is no proof that all is hidden"


# `make attack` tries many more.
WORLDS = int(os.environ.get("ATTACKED_WORLDS", "15"))
HEADS_OF_ONE = st.one_of(st.none(), st.integers(0, 4), st.integers(5, 15), st.integers(16, 40))


@settings(max_examples=WORLDS, deadline=None, derandomize=WORLDS == 15, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.sampled_from([(activity, place) for activity in ACTIVITIES for place in (*PLACES, ELSEWHERE)]),
        st.lists(HEADS_OF_ONE, min_size=1, max_size=3),
        min_size=1,
        max_size=4,
    )
)
def test_random_worlds_of_two_activities_and_two_places(spread: dict[tuple[str, str], list[int | None]]) -> None:
    shown_unless_broken(spread)


def test_the_attacker_finds_what_sessions_give_away() -> None:
    """By hand: twelve at most at one place, ten of them in the one session that can be a large one; and 37 less 33."""
    baby_steps, speak_out, place = HeadRow(2, 3, None, False), HeadRow(1, 1, None, False), HeadRow(3, 4, 10, False)
    assert intervals_of_heads([baby_steps, speak_out], [place], [(0, None)]) == {(0, None): (0, 2)}
    choir, kitchen, place = HeadRow(3, 3, 35, False), HeadRow(1, 1, None, False), HeadRow(4, 4, 35, False)
    assert intervals_of_heads([choir, kitchen], [place], [(1, None)]) == {(1, None): (0, 4)}
    # With a session elsewhere the kitchen can be as large as anybody likes.
    place = HeadRow(3, 3, 35, False)
    ((_, high),) = intervals_of_heads([choir, kitchen], [place], [(1, None)]).values()
    assert high >= 9


# ------------------------------------------------------------------------------------------------------------------- bands


def bands_published(counts: Sequence[int]) -> tuple[int | None, list[float | None]]:
    names = [f"total:levels:b{number}" for number in range(len(counts))]
    base = sum(counts)
    codes = {"indicator": [{"indicator": name, "measure": "percent_in_band"} for name in names]}
    frozen = {
        "mart_outcome_cell": [
            {
                "indicator": n,
                "measure": "percent_in_band",
                "area": "not_asked",
                "sector": "not_asked",
                "n": base,
                "positive": c,
            }
            for n, c in zip(names, counts, strict=True)
        ],
        "mart_outcome_indicator": [
            {
                "indicator": n,
                "measure": "percent_in_band",
                "breakdown": "all",
                "breakdown_value": "all",
                "n_eff": float(base),
                "n_clusters": base,
                "n_known_clusters": base,
                "estimate": 100 * c / base,
                "ci_low": max(100 * c / base - 8, 0.1),
                "ci_high": 100 * c / base + 8,
                "weighted": False,
            }
            for n, c in zip(names, counts, strict=True)
        ],
        "mart_outcome_change": [],
    }
    tables = publish("survey_respondent", "pupils w1", codes, frozen, ("outcome_indicator",))
    rows = rows_by_key(tables["outcome_indicator"], "indicator")
    bases = {row["n"][0] for row in rows.values() if row["n"][0] is not None}
    return (int(max(bases)) if bases else None), [rows[name,]["estimate"][0] for name in names]


@pytest.mark.parametrize("bands", [3, 4])
def test_bands_of_one_scale(bands: int) -> None:
    """Three and four bands, of which one or two are small: the published ones are known, so the rest is."""
    steps = (1, 4, 9, 16, 24)
    shown = 0
    for counts in itertools.combinations_with_replacement(steps, bands):
        if sum(counts) < 30:
            continue
        base, percentages = bands_published(counts)
        shown += sum(percent is not None for percent in percentages)
        if base is None:
            continue
        interval = interval_of_hidden_band(base, percentages)
        for count, percent in zip(counts, percentages, strict=True):
            if percent is None and interval is not None:
                low, high = interval
                assert low <= count <= high, "the attacker is wrong"
                assert not 1 <= count <= 4 or high - low >= POLICY.audit.width, (counts, percentages)
    assert shown


def test_the_hidden_fourth_band_of_sixty_one_is_not_what_the_others_leave() -> None:
    """33, 39 and 26% of 61 are 20, 24 and 16: the fourth is one."""
    base, percentages = bands_published((20, 24, 16, 1))
    assert base is None
    assert percentages == [None] * 4


# ------------------------------------------------------------------------------------------------------------------- panels


def change_published(
    bases: tuple[int, int],
    pairs: int,
    measure: str,
    *,
    common: tuple[int, int] | None = None,
    policy: DisclosurePolicy = POLICY,
) -> dict[str, tuple[Any, str]]:
    """The figures of one change of a panel in which ten or more improved, stayed and got worse.

    With `common` of those in the clusters of both waves, who are so many, instead.
    """
    design = "panel" if common is None else "common_clusters"
    codes = {"indicator": [{"indicator": "know", "measure": measure}], "design": [{"design": design}]}
    periods, snapshots = [], {}
    for wave, base in zip(("w1", "w2"), bases, strict=True):
        cell_of_all = {"indicator": "know", "measure": measure, "area": "not_asked", "sector": "not_asked", "n": base}
        change = {
            **dict(
                zip(
                    ("indicator", "measure", "design", "wave_from", "wave_to"),
                    ("know", measure, design, "w1", "w2"),
                    strict=True,
                )
            ),
            **dict(
                zip(
                    ("n_from", "n_to", "base_from", "base_to", "n_pairs"),
                    (*(common or bases), *bases, pairs),
                    strict=True,
                )
            ),
            **dict(zip(("df", "n_eff_smallest"), (5, min(common or bases)), strict=True)),
            **dict(zip(("improved", "same", "worse"), (pairs - 20, 10, 10), strict=True)),
            **dict(zip(("difference", "ci_low", "ci_high"), (4.2, 1.1, 7.3), strict=True)),
            **dict(zip(("p_adjusted", "effect_size", "comparable"), (0.02, 0.3, True), strict=True)),
        }
        frozen = {
            "mart_outcome_cell": [{**cell_of_all, "positive": base // 2 if measure.startswith("percent") else None}],
            "mart_outcome_indicator": [],
            "mart_outcome_change": [change] if wave == "w2" else [],
        }
        period = Period("source", "north", f"staff {wave}", "survey_respondent", WAVE_ENDS[wave])
        periods.append(period)
        snapshot = freeze(period, codes, frozen, date(2026, 6, 1))
        snapshots[snapshot.id] = snapshot
    locked = Locked(periods, snapshots, lambda _: codes)
    register = [spec for spec in REGISTER.person_tables if spec.table == "outcome_change"]
    versions = {(snapshot.id, 1): snapshot for snapshot in snapshots.values()}
    safe = suppress(
        TablesToAudit(cut(register, REGISTER.columns, locked, policy), (), versions), REGISTER.columns, locked
    )
    assert safe.report.passed
    whole = problem([safe.tables.published], versions)
    truth = true_counts(whole, versions)
    for cell in whole.cells:
        if "|clusters" in cell.universe:
            inside = [
                n
                for atom, n in truth.items()
                if atom.universe == cell.universe and {*atom.codes} <= cell.where["clusters"]
            ]
            assert sum(inside) == cell.low == cell.high, "the truth is one of what a reader thinks possible"
    (row,) = rows_by_key(as_rows(safe.tables.published.tables[0]), "indicator").values()
    return row


def test_no_panel_gives_away_who_answered_once() -> None:
    """Every number of pairs from the fewest on, beside bases that are as large or larger by up to twelve."""
    shown = without_pairs = 0
    for pairs, more, yet_more in itertools.product((30, 33, 60), range(13), (0, 1, 4, 9, 12)):
        bases = (pairs + more, pairs + yet_more)
        row = change_published(bases, pairs, "mean_score")
        if row["difference"][0] is None:
            continue
        shown += 1
        without_pairs += row["n_pairs"][0] is None
        for rest, (low, high) in zip((more, yet_more), rests_of_panel(bases, row["n_pairs"][0]), strict=True):
            assert low <= rest <= high, "the attacker is wrong"
            if 1 <= rest < POLICY.audit.group:
                assert high - low >= POLICY.audit.width, (bases, pairs)
    assert 0 < without_pairs < shown
    assert change_published((63, 60), 60, "mean_score")["difference"] == (4, "rounded")
    assert change_published((31, 30), 30, "mean_score")["difference"] == (None, "suppressed"), "one answered once"


def test_percentages_of_a_panel_in_which_few_answered_once_are_withheld() -> None:
    assert change_published((60, 60), 60, "percent_agree")["difference"][0] == 4
    assert change_published((63, 60), 60, "percent_agree")["difference"] == (None, "suppressed")


def test_those_in_other_clusters_are_nobody_or_enough() -> None:
    """Beside the base of all, that of the clusters of both waves tells how many were asked in others."""
    for rests, is_shown in (((0, 0), True), ((0, 10), True), ((10, 25), True), ((3, 0), False), ((20, 9), False)):
        common = (60 - rests[0], 60 - rests[1])
        row = change_published((60, 60), 0, "mean_score", common=common)
        assert (row["difference"][0] is not None) == is_shown, rests
        if is_shown:
            assert row["n_from"][0] == 5 * round(common[0] / 5), "its own base, not that of all"


def test_the_audit_takes_a_change_in_common_clusters_by_its_own_base() -> None:
    """A policy that would let three in other clusters pass: the audit withholds what the rule lets through."""
    lax = POLICY.model_copy(update={"panel": POLICY.panel.model_copy(update={"rest": 1})})
    row = change_published((60, 60), 0, "mean_score", common=(57, 60), policy=lax)
    assert row["difference"] == (None, "suppressed_secondary")
    row = change_published((60, 60), 0, "mean_score", common=(60, 50), policy=lax)
    assert row["difference"] == (4, "rounded")
