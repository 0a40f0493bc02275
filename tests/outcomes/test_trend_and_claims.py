"""The trend against R's figures, and how often a programme without any change claims one."""

from __future__ import annotations

import csv
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from tests.outcomes.estimator import ORACLE, connect, expected, render, rows

RUNS, SURVEYS, PEOPLE, WAVES = 100, 12, 15, 3
SCALES = {
    "know": (0, 1, 2),
    "think": (3, 4, 5),
    "do": (6, 7, 8),
    "identify": (0, 3, 6),
    "address": (1, 4, 7),
    "prevent": (2, 5, 8),
}
BY = ["run", "survey", "scale", "wave_from", "wave_to"]


@pytest.mark.parametrize("design", ["schools", "people", "weighted"])
def test_the_trend_is_the_contrast_that_r_works_out(design: str) -> None:
    """`svyby(covmat = TRUE)`, `svycontrast` with the coefficients of time, and `degf`: R 4.2, survey 4.1.

    Schools in all waves, people of whom some are in all, and strata with weights of which one wave's add up to seven times more.
    """
    with (ORACLE / "inputs" / "trend_people.csv").open(encoding="utf-8", newline="") as file:
        people = [row for row in csv.DictReader(file) if row["design"] == design]
    con = connect()
    numbers = {"time", "weight", "y"}
    con.register(
        "people", pa.Table.from_pylist([{k: float(v) if k in numbers else v for k, v in row.items()} for row in people])
    )
    (found,) = rows(con, render("survey_trend(relation, by)", relation="people", by=["design"]))
    (wanted,) = (row for row in expected("trend.csv") if row["design"] == design)
    assert found["waves"] == 4
    assert found["df"] == int(wanted["df"])
    for name, column in (("slope", "slope"), ("se", "se"), ("p_value", "p")):
        assert found[name] == pytest.approx(float(wanted[column]), rel=1e-8), name


def test_two_waves_are_no_trend() -> None:
    con = connect()
    people = [
        {
            "key": "k",
            "wave": f"w{n % 2}",
            "time": n % 2,
            "y": float(n),
            "weight": 1.0,
            "stratum": "all",
            "cluster": f"c{n}",
        }
        for n in range(8)
    ]
    con.register("people", pa.Table.from_pylist(people))
    (found,) = rows(con, render("survey_trend(relation, by)", relation="people", by=["key"]))
    assert (found["slope"], found["reason"]) == (None, "Fewer than three waves: no trend.")


def _answers(seed: int, change: float) -> dict[str, np.ndarray]:
    """Scores of the six scales: nine items that one attitude of each person moves together, in points of 0 to 100."""
    rng = np.random.default_rng(seed)
    shape = (RUNS, SURVEYS, WAVES, PEOPLE)
    items = 60 + 12 * rng.standard_normal((*shape, 1)) + 20 * rng.standard_normal((*shape, 9))
    items += change * np.arange(WAVES)[None, None, :, None, None]
    return {scale: items[..., list(members)].mean(axis=-1) for scale, members in SCALES.items()}


def _claims(seed: int, change: float) -> duckdb.DuckDBPyConnection:
    """The table `claim`: the adjusted p of each headline comparison of each run, by the macros of the marts."""
    con = connect()
    run, survey, wave, person = (axis.ravel() for axis in np.indices((RUNS, SURVEYS, WAVES, PEOPLE)))
    columns: dict[str, Any] = {"run": run, "survey": survey, "wave": wave + 1, "person": person}
    columns |= {scale: scores.ravel() for scale, scores in _answers(seed, change).items()}
    con.register("wide", pa.table(columns))
    con.execute(
        f"""
        create table person as
        select run, survey, scale, wave, wave * 2.0 as time, y, 1.0 as weight, 'all' as stratum,
            concat(wave, '|', person) as cluster
        from (unpivot wide on {", ".join(f'"{scale}"' for scale in SCALES)} into name scale value y);
        create table side as
        select p.*, wave_from, wave_to, case when wave = wave_to then 'to' else 'from' end as side
        from person as p inner join (values (1, 2), (2, 3), (1, 3)) as pairs (wave_from, wave_to) on wave in (wave_from, wave_to)
        """
    )
    contrast = render("survey_contrast(relation, by)", relation="side", by=BY)
    trend = render("survey_trend(relation, by)", relation="person", by=BY[:3])
    family = "run, survey, kind, wave_from, wave_to"
    con.execute(
        f"""
        create table tested as
        select run, survey, scale, wave_from, wave_to, 'change' as kind, se, df, p_value from ({contrast})
        union all
        select run, survey, scale, 1, 3, 'trend', se, df, p_value from ({trend})
        """
    )
    con.execute(
        f"""
        create table claim as
        select *, {render("survey_holm('p_value', 'step', family)", family=family)} * divisor as p_adjusted,
            {render("survey_smallest_change('se', 'df', '0.05 / (divisor * 6)', '0.8')")} as smallest_change
        from (
            select *, {render("survey_holm_step('p_value', family)", family=family)} as step,
                {render(f"headline_share('{SURVEYS}', 'wave_to')")} as divisor
            from tested
        )
        """
    )
    return con


@pytest.fixture(scope="module")
def unchanged() -> duckdb.DuckDBPyConnection:
    return _claims(seed=7, change=0)


def test_a_programme_without_change_claims_anything_in_at_most_one_run_of_twenty(
    unchanged: duckdb.DuckDBPyConnection,
) -> None:
    """Over all sites, populations, scales, waves, comparisons and trends together."""
    ((runs, any_claim, unadjusted),) = unchanged.execute(
        """
        select count(*), count(*) filter (where claims > 0), count(*) filter (where unadjusted > 0) from (
            select run, count(*) filter (where p_adjusted < 0.05) as claims, count(*) filter (where p_value < 0.05) as unadjusted
            from claim group by run
        )
        """
    ).fetchall()
    assert runs == RUNS
    assert any_claim <= 0.05 * RUNS
    assert unadjusted > 0.9 * RUNS  # what the same programme would claim by the intervals


def test_a_change_of_the_smallest_size_that_can_be_seen_is_seen_as_often_as_is_said(
    unchanged: duckdb.DuckDBPyConnection,
) -> None:
    """Changes that are as large as the smallest change says: 80 in 100 are found by Bonferroni, by Holm more."""
    ((size,),) = unchanged.execute(
        "select avg(smallest_change) from claim where kind = 'change' and wave_to = 2"
    ).fetchall()
    con = _claims(seed=11, change=size)
    ((found,),) = con.execute(
        "select avg(case when p_adjusted < 0.05 then 1 else 0 end) from claim where kind = 'change' and wave_to = 2"
    ).fetchall()
    assert 0.75 <= found <= 0.95
