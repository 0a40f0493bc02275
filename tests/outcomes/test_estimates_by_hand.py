"""The estimators where somebody can follow with a pencil, where there is no standard error, and what never changes a figure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from math import asin, exp, log, sqrt
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .estimator import Row, connect, contrast, estimates, load, paired

FIGURES = ("n", "n_eff", "n_clusters", "n_strata", "df", "estimate", "se", "ci_low", "ci_high")
T_4 = 2.7764451051977987  # 97.5 % quantile of t with 4 degrees of freedom, from a table


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect()
    yield connection
    connection.close()


def person(number: int, y: float | None, **columns: Any) -> Row:
    return {"id": "s", "y": y, "weight": 1.0, "stratum": "all", "cluster": str(number)} | columns


def figure(con: duckdb.DuckDBPyConnection, people: list[Row], **arguments: Any) -> Row:
    load(con, "people", people)
    (found,) = estimates(con, "people", ["id"], **arguments)
    return found


def test_a_mean_of_five_by_hand(con: duckdb.DuckDBPyConnection) -> None:
    found = figure(con, [person(n, y) for n, y in enumerate((1, 2, 3, 4, 10))])
    # mean 4; sum of squares 9 + 4 + 1 + 0 + 36 = 50; variance of the mean 50 / 4 / 5 = 2.5
    assert (found["n"], found["n_eff"], found["n_clusters"], found["n_strata"], found["df"]) == (5, 5, 5, 1, 4)
    assert (found["estimate"], found["se"]) == (4, pytest.approx(sqrt(2.5)))
    assert found["ci_low"] == pytest.approx(4 - T_4 * sqrt(2.5))
    assert (found["ci_high"], found["ci_method"]) == (pytest.approx(4 + T_4 * sqrt(2.5)), "t")


def test_weights_and_a_percentage_by_hand(con: duckdb.DuckDBPyConnection) -> None:
    people = [person(n, y, weight=w) for n, (y, w) in enumerate([(100, 2), (100, 1), (0, 1), (0, 1), (0, 1)])]
    found = figure(con, people, percent="true", whole=100)
    # 300 / 6 = 50; scores 2 x 50 / 6, 50 / 6, -50 / 6 three times; squares (4 + 1 + 3) x 2500 / 36, times 5 / 4
    se = sqrt(8 * 2500 / 36 * 5 / 4)
    assert (found["estimate"], found["se"], found["n_eff"]) == (50, pytest.approx(se), pytest.approx(36 / 8))
    width = T_4 * se / 100 / 0.25
    assert found["ci_low"] == pytest.approx(100 / (1 + exp(width)))
    assert (found["ci_high"], found["ci_method"]) == (pytest.approx(100 / (1 + exp(-width))), "logit")
    assert log(found["ci_high"] / (100 - found["ci_high"])) == pytest.approx(width)


def test_a_group_by_hand_as_the_page_has_it(con: duckdb.DuckDBPyConnection) -> None:
    """docs/estimates.md, "One breakdown by hand"; the test's column `area` holds the group."""
    people = [(100, "female")] * 4 + [(0, "female")] * 2 + [(100, "male")] * 3 + [(0, "prefer_not_to_say")]
    load(con, "people", [person(n, y, area=group) for n, (y, group) in enumerate(people)])
    found = {
        row["breakdown_value"]: row for row in estimates(con, "people", ["id"], breakdowns=["area"], percent="true")
    }
    women = found["female"]
    assert (women["n"], women["df"], found["prefer_not_to_say"]["n"]) == (6, 5, 1)
    assert women["estimate"] == pytest.approx(400 / 6)
    assert women["se"] == pytest.approx(100 * sqrt(10 / 9 * 12 / 324))
    assert (round(women["se"], 2), round(women["ci_low"], 1), round(women["ci_high"], 1)) == (20.29, 16.1, 95.4)


def test_a_finite_population_shrinks_the_error_and_none_leaves_it(con: duckdb.DuckDBPyConnection) -> None:
    people = [person(n, y, population=20) for n, y in enumerate((1, 2, 3, 4, 10))]
    whole, corrected = figure(con, people), figure(con, people, population="population")
    assert corrected["se"] == pytest.approx(whole["se"] * sqrt(1 - 5 / 20))


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        ([person(1, 1), person(1, 2), person(1, 3)], "One cluster only: nothing to work a standard error out from."),
        ([person(1, 1)], "One cluster only: nothing to work a standard error out from."),
        (
            [person(1, 1), person(2, 2), person(3, 2), person(4, 3, stratum="alone")],
            "A stratum has one cluster only: nothing to work a standard error out from.",
        ),
    ],
)
def test_no_standard_error_is_never_zero(con: duckdb.DuckDBPyConnection, people: list[Row], reason: str) -> None:
    found = figure(con, people)
    assert found["estimate"] is not None
    assert (found["se"], found["ci_low"], found["ci_high"], found["ci_method"]) == (None,) * 4
    assert found["reason"] == reason


def test_as_many_strata_as_clusters_in_a_domain_leave_no_degrees_of_freedom(con: duckdb.DuckDBPyConnection) -> None:
    people = [
        person(n, n, stratum="ab"[n % 2], area="in" if n < 2 else None)
        for n in range(6)
    ]  # fmt: skip
    load(con, "people", people)
    found = {row["breakdown"]: row for row in estimates(con, "people", ["id"], breakdowns=["area"])}
    assert found["all"]["se"] > 0
    assert (found["area"]["se"], found["area"]["n"]) == (None, 2)
    assert found["area"]["reason"] == "No more clusters than strata: no degrees of freedom."


def test_clusters_that_are_alike_have_no_interval(con: duckdb.DuckDBPyConnection) -> None:
    found = figure(con, [person(n % 3, 1 + n // 3) for n in range(6)])
    assert (found["se"], found["ci_low"], found["reason"]) == (
        0,
        None,
        "All clusters are alike: no interval can be worked out.",
    )


@pytest.mark.parametrize(("y", "low", "high"), [(0, 0, None), (100, None, 100)])
def test_nobody_or_everybody_in_few_schools_has_a_wide_interval(
    con: duckdb.DuckDBPyConnection, y: float, low: float | None, high: float | None
) -> None:
    """Forty pupils in three schools are worth less than forty who were drawn one by one."""
    schools = figure(con, [person(n % 3, y) for n in range(40)], percent="true")
    pupils = figure(con, [person(n, y) for n in range(40)], percent="true")
    for found in (schools, pupils):
        assert found["ci_method"] == "beta"
        assert found["ci_low"] == low if low is not None else found["ci_high"] == high
    # Korn and Graubard: 40 x (t of 39 / t of 2)^2 = 40 x (2.022691 / 4.302653)^2
    n = 40 * (2.0226909200367595 / 4.302652729911275) ** 2
    width = 100 * (1 - 0.025 ** (1 / n))
    assert schools["ci_high"] - schools["ci_low"] == pytest.approx(width)
    assert pupils["ci_high"] - pupils["ci_low"] == pytest.approx(100 * (1 - 0.025 ** (1 / 40)))


def test_an_empty_base_gives_no_row_and_no_error(con: duckdb.DuckDBPyConnection) -> None:
    load(con, "people", [person(1, None), person(2, None)])
    assert estimates(con, "people", ["id"], percent="true", breakdowns=["area"]) == []


# Invariants, on small surveys of every shape: strata, clusters, weights, some of whom gave no answer.

respondents = st.lists(
    st.tuples(
        st.sampled_from([None, 0.0, 25.0, 60.0, 100.0]), st.floats(0.2, 5), st.sampled_from("ab"), st.integers(0, 3),
        st.sampled_from(["x", "y"]),
    ),
    min_size=8,
    max_size=30,
)  # fmt: skip
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def survey(drawn: list[tuple[Any, ...]]) -> list[Row]:
    return [
        {"id": "s", "y": y, "weight": w, "stratum": stratum, "cluster": f"{stratum}{cluster}", "area": area}
        for y, w, stratum, cluster, area in drawn
    ]


def all_figures(con: duckdb.DuckDBPyConnection, people: list[Row], **arguments: Any) -> dict[tuple[str, str], Row]:
    load(con, "people", people)
    found = estimates(con, "people", ["id"], breakdowns=["area"], **arguments)
    return {(row["breakdown"], row["breakdown_value"]): row for row in found}


def same(one: Row, other: Row, names: tuple[str, ...] = FIGURES) -> bool:
    return all(
        other[name] is None
        if one[name] is None
        else other[name] is not None and other[name] == pytest.approx(one[name], rel=1e-9, abs=1e-9)
        for name in names
    )


@quick
@given(drawn=respondents, factor=st.floats(1e-3, 1e3), seed=st.integers(0, 9))
def test_neither_the_scale_of_weights_nor_the_order_of_rows_changes_anything(
    con: duckdb.DuckDBPyConnection, drawn: list[tuple[Any, ...]], factor: float, seed: int
) -> None:
    people = survey(drawn)
    before = all_figures(con, people)
    shuffled = [row | {"weight": row["weight"] * factor} for row in people]
    random.Random(seed).shuffle(shuffled)
    after = all_figures(con, shuffled)
    assert before.keys() == after.keys()
    assert all(same(before[name], after[name]) for name in before)


@quick
@given(drawn=respondents)
def test_copying_everybody_within_their_cluster_makes_nothing_surer(
    con: duckdb.DuckDBPyConnection, drawn: list[tuple[Any, ...]]
) -> None:
    people = survey(drawn)
    before, after = all_figures(con, people), all_figures(con, people * 2)
    unchanged = ("n_clusters", "n_strata", "df", "estimate", "se", "ci_low", "ci_high")
    assert all(same(before[name], after[name], unchanged) for name in before)
    assert all(after[name]["n"] == 2 * before[name]["n"] for name in before)


@quick
@given(drawn=respondents)
def test_a_domain_is_the_whole_design_with_the_others_out_of_the_base(
    con: duckdb.DuckDBPyConnection, drawn: list[tuple[Any, ...]]
) -> None:
    people = survey(drawn)
    found = all_figures(con, people)
    for area in ("x", "y"):
        subset = all_figures(con, [row if row["area"] == area else row | {"y": None} for row in people])
        assert (("area", area) in found) == (("all", "all") in subset)
        if ("area", area) in found:
            assert same(found["area", area], subset["all", "all"])


@quick
@given(drawn=respondents)
def test_the_variance_is_the_textbooks(con: duckdb.DuckDBPyConnection, drawn: list[tuple[Any, ...]]) -> None:
    """Brute force: every cluster of the design in turn, those without an answer too."""
    people = survey(drawn)
    for (breakdown, value), found in all_figures(con, people).items():
        inside = [row for row in people if row["y"] is not None and (breakdown == "all" or row["area"] == value)]
        weights = sum(row["weight"] for row in inside)
        mean = sum(row["weight"] * row["y"] for row in inside) / weights
        assert found["estimate"] == pytest.approx(mean, abs=1e-9)
        if found["se"] is None:
            continue
        variance = 0.0
        for stratum in {row["stratum"] for row in inside}:
            clusters = sorted({row["cluster"] for row in people if row["stratum"] == stratum})
            totals = [
                sum(row["weight"] * (row["y"] - mean) / weights for row in inside if row["cluster"] == cluster)
                for cluster in clusters
            ]
            variance += len(totals) * np.var(totals, ddof=1)
        assert found["se"] == pytest.approx(sqrt(variance), rel=1e-8, abs=1e-8)


# Change.


def test_paired_change_by_hand(con: duckdb.DuckDBPyConnection) -> None:
    pairs = [(1, 2), (2, 4), (3, 3), (4, 8), (5, 8), (None, 9), (9, None)]
    load(con, "people", [person(n, None, y_from=a, y_to=b) for n, (a, b) in enumerate(pairs)])
    (found,) = paired(con, "people", ["id"])
    # differences 1 2 0 4 3: mean 2, sum of squares 1 + 0 + 4 + 4 + 1 = 10; the design holds the two who are in no pair
    assert (found["n_from"], found["difference"], found["estimate_from"], found["estimate_to"]) == (5, 2, 3, 5)
    assert found["se"] == pytest.approx(sqrt(7 / 6 * 10 / 25))
    assert found["df"] == 4
    assert found["effect_size"] == pytest.approx(2 / sqrt(2.5)), "by the standard deviation of 1 2 3 4 5"


def waves(earlier: list[tuple[str, float]], later: list[tuple[str, float]]) -> list[Row]:
    return [
        {"id": "s", "y": y, "weight": 1.0, "stratum": "all", "cluster": cluster, "side": side}
        for side, people in (("from", earlier), ("to", later))
        for cluster, y in people
    ]


def test_schools_in_both_waves_take_their_covariance_out(con: duckdb.DuckDBPyConnection) -> None:
    """Schools that differ much and change alike: of the same schools the change is known well, of others hardly."""
    earlier = [("a", 10.0), ("a", 12.0), ("b", 50.0), ("b", 52.0), ("c", 90.0), ("c", 93.0)]
    alike = [(school, y + 5) for school, y in earlier[:-1]] + [("c", 100.0)]
    others = [(school.upper(), y) for school, y in alike]
    load(con, "people", waves(earlier, alike))
    (same_schools,) = contrast(con, "people", ["id"])
    load(con, "people", waves(earlier, others))
    (other_schools,) = contrast(con, "people", ["id"])
    assert same_schools["difference"] == pytest.approx(other_schools["difference"])
    assert same_schools["se"] < 0.1 * other_schools["se"]
    assert (same_schools["df"], other_schools["df"]) == (2, 5)


def test_percentages_have_cohens_h(con: duckdb.DuckDBPyConnection) -> None:
    earlier = [(f"e{n}", 100.0 if n < 5 else 0.0) for n in range(20)]
    later = [(f"l{n}", 100.0) for n in range(10)]
    load(con, "people", waves(earlier, later))
    (found,) = contrast(con, "people", ["id"], percent="true")
    assert (found["estimate_from"], found["estimate_to"], found["difference"]) == (25, 100, 75)
    assert found["effect_size"] == pytest.approx(2 * asin(1) - 2 * asin(0.5))
    assert 0 < found["p_value"] < 0.001


def test_a_wave_of_one_school_gives_a_difference_and_no_error(con: duckdb.DuckDBPyConnection) -> None:
    load(con, "people", waves([("a", 1.0), ("a", 2.0)], [("a", 3.0), ("b", 5.0), ("c", 2.0)]))
    (found,) = contrast(con, "people", ["id"])
    assert found["difference"] == pytest.approx(10 / 3 - 1.5)
    assert (found["se"], found["ci_low"], found["p_value"]) == (None, None, None)
    assert found["reason"] == "One cluster only: nothing to work a standard error out from."
