"""The outcome marts of the sample surveys against the answers' key, and what they say where there is no figure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tfc_platform.settings import PROJECT

pytestmark = pytest.mark.shared
TO_SIX_DECIMALS = 0.5e-6 * 1.000001  # the key is rounded to six
Row = dict[str, Any]


@pytest.fixture(scope="module")
def marts(scored: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(scored), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def key(shared: Path) -> dict[str, list[Row]]:
    answers = json.loads((shared / "returns" / "answers.json").read_text(encoding="utf-8"))
    return {name: answers[name] for name in ("outcomes", "paired_change")}


def rows(marts: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    cursor = marts.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def apart(found: Any, wanted: Any) -> bool:
    if found is None or wanted is None:
        return found is not wanted
    return abs(found - wanted) > TO_SIX_DECIMALS


def test_every_figure_of_the_key_with_its_standard_error(
    marts: duckdb.DuckDBPyConnection, key: dict[str, list[Row]]
) -> None:
    names = ("site", "population", "wave", "indicator", "measure")
    found = {
        tuple(row[name] for name in names): row
        for row in rows(marts, "select * from marts.mart_outcome_indicator where breakdown = 'all'")
    }
    assert len(key["outcomes"]) == 352
    assert set(found) == {tuple(row[name] for name in names) for row in key["outcomes"]}
    wrong = [
        (wanted, column)
        for wanted in key["outcomes"]
        for column in ("n", "n_clusters", "estimate", "se")
        if apart(found[tuple(wanted[name] for name in names)][column], wanted[column])
    ]
    assert wrong == []


def test_every_paired_change_of_the_key(marts: duckdb.DuckDBPyConnection, key: dict[str, list[Row]]) -> None:
    found = {
        (row["site"], row["population"], row["indicator"]): row
        for row in rows(marts, "select * from marts.mart_outcome_change where design = 'panel'")
    }
    assert len(key["paired_change"]) == 12
    for wanted in key["paired_change"]:
        figure = found[wanted["site"], wanted["population"], wanted["indicator"]]
        assert not any(apart(figure[name], wanted[name]) for name in ("n_pairs", "difference", "se")), (figure, wanted)
        assert figure["not_linked_from"] == figure["n_from"] - wanted["n_pairs"]
        assert figure["linkage_rate"] == pytest.approx(wanted["n_pairs"] / figure["n_from"], abs=1e-4)


def test_a_population_with_a_panel_has_both_designs_and_one_claim(
    marts: duckdb.DuckDBPyConnection, key: dict[str, list[Row]]
) -> None:
    panels = {(row["site"], row["population"]) for row in key["paired_change"]}
    found = rows(marts, "select distinct site, population, design, family from marts.mart_outcome_change")
    assert {(row["site"], row["population"]) for row in found if row["design"] == "panel"} == panels
    designs = {(row["design"], row["family"]) for row in found if (row["site"], row["population"]) in panels}
    assert ("panel", "headline") in designs
    assert {family for design, family in designs if design == "repeated_cross_section"} == {"exploratory"}


def test_one_school_has_no_standard_error_and_says_so(
    marts: duckdb.DuckDBPyConnection, key: dict[str, list[Row]]
) -> None:
    alone = sum(row["se"] is None for row in key["outcomes"])
    assert alone > 0
    found = rows(marts, "select * from marts.mart_outcome_indicator where breakdown = 'all' and se is null")
    assert len(found) == alone
    assert {row["reason"] for row in found} == {"One cluster only: nothing to work a standard error out from."}
    assert all(row["ci_low"] is row["ci_high"] is row["ci_method"] is None for row in found)


def test_breakdowns_are_of_the_very_same_people(marts: duckdb.DuckDBPyConnection) -> None:
    unequal = rows(
        marts,
        """
        select figure.site, figure.population, figure.wave, figure.indicator, figure.breakdown
        from marts.mart_outcome_indicator as figure
        inner join (
            select site, population, wave, indicator, count(area) as area, count(sector) as sector, count(school) as school
            from intermediate.int_indicator_score group by all
        ) as person using (site, population, wave, indicator)
        where figure.breakdown <> 'all'
        group by all
        having sum(figure.n) <> case figure.breakdown
            when 'area' then any_value(person.area) when 'sector' then any_value(person.sector)
            else any_value(person.school) end
        """,
    )
    assert unequal == []
    kinds = rows(marts, "select distinct breakdown from marts.mart_outcome_indicator")
    assert {row["breakdown"] for row in kinds} == {"all", "area", "sector", "school"}


def test_cells_add_up_to_the_bases(marts: duckdb.DuckDBPyConnection) -> None:
    """Every base of all, of an area and of a sector is the sum of its cells; nobody is in two, or in none."""
    figure = "site, population, wave, indicator, measure"
    for breakdown in ("all", "area", "sector"):
        value = "'all'" if breakdown == "all" else breakdown
        unequal = f"""
            select * from (
                select {figure}, breakdown_value as value, n from marts.mart_outcome_indicator
                where breakdown = '{breakdown}' and n > 0
            ) full outer join (
                select {figure}, {value} as value, sum(n) as cells from marts.mart_outcome_cell
                where {value} not in ('unknown', 'not_asked') group by all
            ) using ({figure}, value)
            where n is distinct from cells
        """
        assert rows(marts, unequal) == [], breakdown
    assert rows(marts, "select count(*) as n from marts.mart_outcome_cell")[0]["n"] > 0


def _positive_by_hand(marts: duckdb.DuckDBPyConnection) -> dict[tuple[str, ...], dict[str, tuple[str | None, bool]]]:
    """Site, population, wave and item → respondent → key of the panel and whether the answer is positive, in plain Python."""
    people = {
        (row["site"], row["population"], row["wave"], row["respondent_id"]): row["panel_id"]
        for row in rows(marts, "select * from lake.survey_respondent")
    }
    # A key that is in a wave twice links nobody.
    times = Counter((*key[:3], panel) for key, panel in people.items())
    items = {(row["instrument"], row["item"]): row for row in rows(marts, "select * from lake.ref_item")}
    found: dict[tuple[str, ...], dict[str, tuple[str | None, bool]]] = {}
    for answer in rows(marts, "select * from lake.survey_answer"):
        item = items[answer["instrument"], answer["item"]]
        if item["positive_from"] is None:
            continue
        unsure = answer["missing_reason"] == "dont_know" and item["dont_know_in_base"]
        if answer["value"] is None and not unsure:
            continue
        value = answer["value"]
        if value is not None and item["is_reversed"]:
            value = item["minimum"] + item["maximum"] - value
        survey = (answer["site"], answer["population"], answer["wave"])
        person = people[(*survey, answer["respondent_id"])]
        person = person if times[*survey, person] == 1 else None
        positive = value is not None and value >= item["positive_from"]
        found.setdefault((*survey, answer["item"]), {})[answer["respondent_id"]] = (person, positive)
    return found


def test_positive_answers_of_the_cells_by_hand(marts: duckdb.DuckDBPyConnection) -> None:
    by_hand = _positive_by_hand(marts)
    query = """
        select site, population, wave, indicator, cast(sum(n) as bigint) as n, cast(sum(positive) as bigint) as positive
        from marts.mart_outcome_cell where measure = 'percent_positive' group by all
    """
    found = {
        (row["site"], row["population"], row["wave"], row["indicator"]): (row["n"], row["positive"])
        for row in rows(marts, query)
    }
    wanted = {key: (len(people), sum(yes for _, yes in people.values())) for key, people in by_hand.items()}
    assert found == wanted


def test_who_improved_by_hand(marts: duckdb.DuckDBPyConnection) -> None:
    by_hand = _positive_by_hand(marts)
    panels = rows(
        marts, "select * from marts.mart_outcome_change where design = 'panel' and measure = 'percent_positive'"
    )
    assert any(row["comparable"] for row in panels)
    for row in panels:
        sides = []
        for wave, base in ((row["wave_from"], row["base_from"]), (row["wave_to"], row["base_to"])):
            people = by_hand[row["site"], row["population"], wave, row["indicator"]].values()
            assert base == len(people)
            sides.append({key: yes for key, yes in people if key is not None})
        moves = [sides[1][key] - sides[0][key] for key in sides[0].keys() & sides[1].keys()]
        wanted = (moves.count(1), moves.count(0), moves.count(-1)) if row["comparable"] else (None, None, None)
        assert (row["improved"], row["same"], row["worse"]) == wanted, row["indicator"]


def test_figures_are_rounded_so_that_threads_leave_no_trace(marts: duckdb.DuckDBPyConnection) -> None:
    unrounded = """
        select count(*) from marts.mart_outcome_indicator
        where estimate <> round(estimate, 10) or se <> round(se, 10) or ci_low <> round(ci_low, 10)
    """
    assert marts.execute(unrounded).fetchall() == [(0,)]


def test_the_figure_that_the_page_works_by_hand_is_the_marts(marts: duckdb.DuckDBPyConnection) -> None:
    page = (PROJECT / "docs" / "estimates.md").read_text(encoding="utf-8")
    (figure,) = rows(
        marts,
        "select * from marts.mart_outcome_indicator where site = 'glasgow' and population = 'young_people'"
        " and wave = 'w1' and indicator = 'K1' and breakdown = 'all'",
    )
    assert (figure["n"], figure["n_clusters"], figure["df"]) == (260, 3, 2)
    assert figure["se"] == pytest.approx(100 * 21**0.5 / 260)
    assert f"{figure['estimate']:.1f}, 95% interval {figure['ci_low']:.1f} to {figure['ci_high']:.1f}" in page
