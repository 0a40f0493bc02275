"""Four waves of four sites with the faults of comparing built in, from the lake to the marts: one test a fault.

The list of faults, with what is right, is `../shared/comparisons.md`; the numbers in the names of tests are its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from tests.build.lake import write_lake
from tests.outcomes.four_waves import Survey, lake, surveys
from tests.shared_work import made_once
from tfc_platform.build import dbt
from tfc_platform.build.lake_views import make_views
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.settings import PROJECT, Places

Query = Callable[..., list[tuple[Any, ...]]]
MODELS = (
    "mart_outcome_indicator",
    "mart_outcome_change",
    "mart_outcome_trend",
    "mart_outcome_asked",
    "mart_dose",
    "mart_reach_group",
)
DECLARED = 12  # surveys in headlines.yaml


def _built(home: Path) -> Path:
    places = Places(home)
    reference = {name: table.to_pylist() for name, table in load_catalogue().reference_tables().items()}
    folder = home / "lake"
    folder.mkdir()
    make_views(places.warehouse_file, write_lake(folder, lake(reference)))
    result = dbt.build(places, PROJECT / "dbt_project", select=[f"+{model}" for model in MODELS])
    assert result.success, [(node.name, node.status) for node in result.failed]
    return places.warehouse_file


@pytest.fixture
def query(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Query]:
    with duckdb.connect(str(made_once(tmp_path_factory, "four_waves", _built)), read_only=True) as con:
        yield lambda sql, *values: con.execute(sql, list(values)).fetchall()


def survey(site: str, population: str, wave: str) -> Survey:
    return next(s for s in surveys() if (s.site, s.population, s.wave) == (site, population, wave))


def change(query: Query, site: str, population: str, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
    """Of the scale know."""
    return query(
        f"select {columns} from marts.mart_outcome_change where site = ? and population = ? and indicator = 'know' and {where} "
        "order by wave_to, wave_from, design",
        site,
        population,
    )


def test_1_a_later_wave_is_in_no_family_of_earlier_ones(query: Query) -> None:
    """Holm by hand within the pair of waves, times the declared surveys and the pair's place (1 x 2 for the second wave)."""
    rows = query(
        "select p_value, p_adjusted from marts.mart_outcome_change where site = 'north' and population = 'community' "
        "and wave_from = 'w2' and wave_to = 'w4' and family = 'headline' and p_value is not null order by p_value"
    )
    largest, m = 0.0, len(rows)
    assert m > 0
    for place, (p, adjusted) in enumerate(rows):
        largest = max(largest, (m - place) * p)
        assert adjusted == pytest.approx(min(1, min(1, largest) * DECLARED * 2))


def test_2_a_scale_of_other_items_is_not_compared_and_the_items_are_named(query: Query) -> None:
    ((comparable, reason, difference),) = change(query, "north", "professionals", "comparable, reason, difference")
    assert (comparable, difference) == (False, None)
    assert reason == "The scale was made of other items in one of the two waves: K3."


def test_3_a_panel_and_the_cross_section_are_both_there(query: Query) -> None:
    """The linked rise by a point of each item, but for ceilings; all together by less."""
    found = dict(change(query, "east", "community", "design, difference"))
    earlier, later = (survey("east", "community", wave).know() for wave in ("w2", "w4"))
    assert found["panel"] == pytest.approx((later[:120] - earlier[:120]).mean())
    assert found["repeated_cross_section"] == pytest.approx(later.mean() - earlier.mean())
    assert found["panel"] > found["repeated_cross_section"] + 5
    few = {
        design: (comparable, why)
        for design, comparable, why in change(query, "south", "community", "design, comparable, reason")
    }
    assert few["panel"] == (False, "Too few people of the earlier wave are linked.")
    assert few["repeated_cross_section"][0] is True


def test_4_waves_are_in_the_order_of_their_numbers(query: Query) -> None:
    order = query(
        "select wave from intermediate.int_survey_wave where site = 'north' and population = 'community' order by position"
    )
    assert [wave for (wave,) in order] == ["w2", "w4", "w8", "w10"]


def test_5_each_wave_is_compared_with_the_one_before_and_the_first_and_has_a_trend(query: Query) -> None:
    pairs = set(change(query, "north", "community", "wave_from, wave_to", "design = 'repeated_cross_section'"))
    assert pairs == {("w2", "w4"), ("w4", "w8"), ("w2", "w8"), ("w8", "w10"), ("w2", "w10")}
    ((span, rise, names, waves),) = query(
        "select span, rise, wave_names, waves from marts.mart_outcome_trend where site = 'north' and population = 'community' "
        "and indicator = 'know' and wave_to = 'w10'"
    )
    assert (waves, names) == (4, "w10, w2, w4, w8")
    means = [survey("north", "community", wave).know().mean() for wave in ("w2", "w4", "w8", "w10")]
    days = [survey("north", "community", wave).on.toordinal() for wave in ("w2", "w4", "w8", "w10")]
    slope = np.polyfit(days, means, 1)[0]
    assert span == pytest.approx((days[-1] - days[0]) / 365.25)
    assert rise == pytest.approx(slope * (days[-1] - days[0]))
    skipped = query(
        "select wave_from, wave_to, comparison from marts.mart_outcome_change where site = 'north' and indicator = 'T1' "
        "and population = 'community' and comparable"
    )
    assert skipped == [("w2", "w8", "previous")]


def test_6_one_cell_takes_no_comparison_and_a_school_more_leaves_that_of_the_others(query: Query) -> None:
    panel = change(query, "east", "young_people", "design, comparable, se is not null, n_pairs")
    assert ("panel", True, True, 200) in panel
    assert ("repeated_cross_section", True, True, None) in panel
    weights = query(
        "select distinct weight_status from marts.mart_outcome_asked where site = 'east' and population = 'young_people'"
    )
    assert weights == [("weighted",)]
    more = {
        design: (comparable, difference)
        for design, comparable, difference in change(query, "south", "young_people", "design, comparable, difference")
    }
    assert more["repeated_cross_section"] == (False, None)
    earlier, later = (survey("south", "young_people", wave).know() for wave in ("w2", "w4"))
    assert more["common_clusters"][0] is True
    assert more["common_clusters"][1] == pytest.approx(later[:200].mean() - earlier.mean())


def test_7_what_nobody_declared_is_exploratory_however_small_its_p(query: Query) -> None:
    ((p, family, reading),) = query(
        "select p_value, family, reading from marts.mart_outcome_change where site = 'north' and population = 'community' "
        "and indicator = 'K1' and wave_from = 'w4' and wave_to = 'w8'"
    )
    assert p < 1e-4
    assert (family, reading) == ("exploratory", "exploratory")


def test_8_a_change_is_one_thing(query: Query) -> None:
    """Known: a rise from the second to the third wave, and none before or after it."""
    read = {(a, b): reading for a, b, reading in change(query, "north", "community", "wave_from, wave_to, reading")}
    assert read == {
        ("w2", "w4"): "no_clear_change", ("w4", "w8"): "change", ("w2", "w8"): "change",
        ("w8", "w10"): "no_clear_change", ("w2", "w10"): "change",
    }  # fmt: skip
    wrong = query(
        "select count(*) from marts.mart_outcome_change where (reading = 'change') <> coalesce(family = 'headline' and "
        "p_adjusted < 0.05 and reading in ('change', 'no_clear_change'), false)"
    )
    assert wrong == [(0,)]


def test_9_one_answer_that_counts_as_a_million_is_no_finding(query: Query) -> None:
    ((n_eff, reading),) = change(query, "west", "community", "n_eff_smallest, reading")
    assert n_eff == pytest.approx(1, abs=0.01)
    assert reading == "indicative"


def test_10_a_panels_own_levels_and_its_attrition_are_beside_its_change(query: Query) -> None:
    ((level_from, level_to, difference, rate, attrition),) = change(
        query,
        "east",
        "community",
        "estimate_from, estimate_to, difference, linkage_rate, attrition_difference",
        "design = 'panel'",
    )
    earlier, later = (survey("east", "community", wave).know() for wave in ("w2", "w4"))
    assert (level_from, level_to) == (pytest.approx(earlier[:120].mean()), pytest.approx(later[:120].mean()))
    assert level_to - level_from == pytest.approx(difference)
    assert rate == pytest.approx(0.6)
    assert attrition == pytest.approx(earlier[:120].mean() - earlier[120:].mean())


def test_11_contact_is_that_between_the_two_waves(query: Query) -> None:
    found = query(
        "select wave_from, wave_to, sessions, sessions_per_1000 from marts.mart_dose where site = 'north' "
        "and population = 'community' and area = 'all'"
    )
    assert {(a, b): (sessions, rate) for a, b, sessions, rate in found} == {
        ("w2", "w4"): (2, 2), ("w4", "w8"): (0, 0), ("w2", "w8"): (2, 2), ("w8", "w10"): (3, 3), ("w2", "w10"): (5, 5),
    }  # fmt: skip


def test_12_how_each_wave_was_asked_is_told_and_another_tool_is_another_survey(query: Query) -> None:
    tools = query(
        "select wave, tools from marts.mart_outcome_asked where site = 'south' and population = 'parents' and indicator = 'know' "
        "order by wave"
    )
    assert tools == [("w2", "kobo"), ("w4", "qualtrics")]
    assert change(query, "south", "parents", "comparable, reason") == [
        (False, "The two waves were asked with different tools.")
    ]


def test_13_waves_of_other_months_or_in_the_wrong_order_are_not_compared(query: Query) -> None:
    assert change(query, "west", "parents", "comparable, reason") == [
        (False, "The two waves were asked at different times of the year.")
    ]
    assert change(query, "west", "professionals", "comparable, reason") == [
        (False, "The dates of the answers contradict the order of the waves.")
    ]


def test_14_populations_and_waves_have_any_name(query: Query) -> None:
    ((wave_from, wave_to, comparable, caution),) = change(
        query, "north", "grandparents", "wave_from, wave_to, comparable, caution"
    )
    assert (wave_from, wave_to, comparable) == ("pre", "post", True)
    assert "times of the year" in caution  # before and after a course: told, and no reason to refuse


def test_15_attendances_of_children_are_over_children(query: Query) -> None:
    """12 at each session in the footprint, of 200 residents of 5 to 17 and 1,000 of all ages."""
    found = query(
        "select attendances_in_footprint, residents, rate_per_1000 from marts.mart_reach_group where site = 'north' "
        "and breakdown = 'audience' and breakdown_value = 'children' and quarter = '2024-Q1'"
    )
    assert found == [(36, 200, 180)]


def test_16_a_breakdown_has_who_preferred_not_to_say_and_nobody_who_was_not_asked(query: Query) -> None:
    found = query(
        "select wave, breakdown_value, n from marts.mart_outcome_indicator where site = 'north' and population = 'community' "
        "and indicator = 'know' and breakdown = 'sex' order by all"
    )
    assert found == [
        ("w10", "female", 60),
        ("w10", "male", 50),
        ("w10", "not_stated", 2),
        ("w10", "prefer_not_to_say", 8),
    ]
