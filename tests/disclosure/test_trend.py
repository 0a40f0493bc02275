"""A trend leaves only where the figures of all its waves do. The world is three waves by hand; nothing of the marts is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tfc_platform.disclosure.lock_calendar import Period
from tfc_platform.disclosure.person_tables import person_tables
from tfc_platform.disclosure.policy import SuppressionRule, load_policy
from tfc_platform.disclosure.snapshot_set import Locked, unit_of
from tfc_platform.disclosure.snapshots import Snapshot, freeze
from tfc_platform.publication.publication_register import load_register
from tfc_platform.publication.released_table import ReleaseTable

REGISTER, POLICY = load_register(), load_policy()
SPECS = [spec for spec in REGISTER.person_tables if spec.table in ("outcome_indicator", "outcome_trend")]
WAVES = ("w1", "w2", "w3")
CODES = {"indicator": ({"indicator": "know", "measure": "scale_mean"},)}
KEYS = ("north", "community", "know", "w1", "w3")
TREND = {
    "indicator": "know",
    "measure": "scale_mean",
    "wave_from": "w1",
    "wave_to": "w3",
    "waves": 3,
    "wave_names": "w1, w2, w3",
    "rise": 7.46,
    "rise_low": 2.5,
    "rise_high": 12.4,
    "p_adjusted": 0.0123,
    "smallest_rise": 6.04,
    "n_smallest": 98,
    "n_eff_smallest": 98.0,
    "comparable": True,
    "reason": None,
    "family": "headline",
    "reading": "change",
}


def period(number: int, wave: str) -> Period:
    return Period(
        source="surveys",
        site="north",
        name=f"community {wave}",
        record="survey_respondent",
        ends_on=date(2024 + number, 5, 31),
    )


def answers(base: int) -> dict[str, list[dict[str, Any]]]:
    know = {"indicator": "know", "measure": "scale_mean"}
    return {
        "mart_outcome_cell": [{**know, "area": "not_asked", "sector": "not_asked", "n": base, "positive": None}],
        "mart_outcome_indicator": [
            {
                **know,
                "breakdown": "all",
                "breakdown_value": "all",
                "n_eff": float(base),
                "n_clusters": base,
                "n_known_clusters": base,
                "estimate": 50.0,
                "ci_low": 46.0,
                "ci_high": 54.0,
                "weighted": False,
            }
        ],
        "mart_outcome_change": [],
        "mart_outcome_trend": [],
    }


def snapshots(bases: Mapping[str, int], trend: Mapping[str, Any]) -> dict[str, Snapshot]:
    found = {}
    for number, wave in enumerate(WAVES):
        frozen = answers(bases[wave]) | ({"mart_outcome_trend": [dict(trend)]} if wave == "w3" else {})
        digests = {known.name: known.answers for known in found.values()}
        snapshot = freeze(period(number, wave), CODES, frozen, date(2027, 1, 1), digests)
        found[snapshot.id] = snapshot
    return found


def released(
    bases: Mapping[str, int] | None = None,
    trend: Mapping[str, Any] = TREND,
    withheld: Mapping[Any, SuppressionRule] | None = None,
    without: str | None = None,
    changed: str | None = None,
) -> dict[str, tuple[float | None, str, str | None]]:
    """Figures of the trend by measure."""
    kept = snapshots(bases or dict.fromkeys(WAVES, 98), trend)
    if without is not None:
        del kept[f"surveys/north/community/{without}"]
    if changed is not None:
        key = f"surveys/north/community/{changed}"
        kept[key] = replace(kept[key], version=2, frozen=answers(108))
    periods = [period(number, wave) for number, wave in enumerate(WAVES)]
    locked = Locked(periods, kept, lambda _: CODES, withheld or {})
    tables = {table.name: table for table in person_tables(SPECS, REGISTER.columns, locked, POLICY)}
    return figures(tables["outcome_trend"])


def figures(table: ReleaseTable) -> dict[str, tuple[float | None, str, str | None]]:
    assert {row[:5] for row in table.rows} == {KEYS}
    return {row[-4]: row[-3:] for row in table.rows}


def test_the_rise_is_in_whole_points_and_the_smallest_base_to_the_nearest_five() -> None:
    found = {name: figure[0] for name, figure in released().items()}
    assert found == {
        "rise": 7,
        "rise_low": 3,
        "rise_high": 12,
        "p_adjusted": 0.01,
        "smallest_rise": 6.0,
        "waves": 3,
        "n_smallest": 100,
    }


def test_a_wave_that_is_too_small_takes_the_trend_with_it() -> None:
    found = released({"w1": 98, "w2": 29, "w3": 98})
    assert {(value, status) for value, status, _ in found.values()} == {(None, "suppressed")}


def test_a_wave_that_the_audit_withholds_takes_the_trend_with_it() -> None:
    cell = ("outcome_indicator", ("north", "community", "w2", "know", "all", "all"))
    found = released(withheld={unit_of(cell): SuppressionRule.JOINT_AUDIT})
    assert {value for value, _, _ in found.values()} == {None}


def test_few_in_effect_hide_it_however_many_answered() -> None:
    assert {value for value, _, _ in released(trend={**TREND, "n_eff_smallest": 29.9}).values()} == {None}


@pytest.mark.parametrize(("without", "status"), [("w3", "not_available"), ("w2", "suppressed")])
def test_before_its_waves_are_locked_there_is_none(without: str, status: str) -> None:
    assert {figure[:2] for figure in released(without=without).values()} == {(None, status)}


def test_a_wave_that_was_revised_later_leaves_no_trend_of_other_answers() -> None:
    found = released(changed="w1")
    assert {figure[:2] for figure in found.values()} == {(None, "not_available")}
    assert "changed after it was locked" in str(found["rise"][2])


def test_what_may_not_be_compared_says_why() -> None:
    why = "The two waves were asked with different tools."
    bare = {**TREND, "comparable": False, "reason": why, "rise": None, "reading": "not_comparable"}
    assert set(released(trend=bare).values()) == {(None, "not_comparable", why)}
