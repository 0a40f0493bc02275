"""The outcome marts of the sample surveys against the answers' key, and what they say where there is no figure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tfc_platform.build import dbt
from tfc_platform.settings import PROJECT, Places

pytestmark = pytest.mark.shared
TO_SIX_DECIMALS = 0.5e-6 * 1.000001  # the key is rounded to six
NODES = "stg_lake__ref_comparability int_indicator_asked int_wave_pair int_comparability int_change_panel int_change_repeated"
Row = dict[str, Any]


@pytest.fixture(scope="module")
def marts(scored: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    select = [*NODES.split(), "mart_outcome_indicator", "mart_outcome_change"]
    result = dbt.build(Places(scored.parents[1]), PROJECT / "dbt_project", select=select)
    assert result.success, [(node.name, node.status, node.error) for node in result.failed]
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


def test_a_population_with_a_panel_has_nothing_else(
    marts: duckdb.DuckDBPyConnection, key: dict[str, list[Row]]
) -> None:
    panels = {(row["site"], row["population"]) for row in key["paired_change"]}
    found = rows(marts, "select distinct site, population, design from marts.mart_outcome_change")
    assert {(row["site"], row["population"]) for row in found if row["design"] == "panel"} == panels
    assert len({(row["site"], row["population"]) for row in found}) == len(found)


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


def test_figures_are_settled_so_that_threads_leave_no_trace(marts: duckdb.DuckDBPyConnection) -> None:
    unsettled = """
        select count(*) from marts.mart_outcome_indicator
        where estimate <> round(estimate, 10) or se <> round(se, 10) or ci_low <> round(ci_low, 10)
    """
    assert marts.execute(unsettled).fetchall() == [(0,)]


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
