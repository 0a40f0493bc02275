"""What a change of the survey that says nothing new may not change, and what one that says more may change by how much.

Every test draws surveys of its own: hypothesis looks for the one that breaks the rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from .estimator import Row, connect, contrast, estimates, load, paired

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Drawn = list[tuple[Any, ...]]
# Score, score a wave later, weight, stratum, cluster, wave.
respondents = st.lists(
    st.tuples(
        st.sampled_from([0.0, 10.0, 25.0, 60.0, 100.0]),
        st.sampled_from([0.0, 15.0, 35.0, 50.0, 100.0]),
        st.floats(0.2, 5),
        st.sampled_from("ab"),
        st.integers(0, 4),
        st.sampled_from(["from", "to"]),
    ),
    min_size=12,
    max_size=40,
)
CHANGE = ("n_from", "n_to", "difference", "se", "df", "ci_low", "ci_high", "p_value", "effect_size", "reason")


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect()
    yield connection
    connection.close()


def people(drawn: Drawn) -> list[Row]:
    return [
        {
            "id": "s", "y": y, "y_from": y, "y_to": later, "weight": w, "stratum": stratum,
            "cluster": f"{stratum}{cluster}", "side": side,
        }
        for y, later, w, stratum, cluster, side in drawn
    ]  # fmt: skip


def one(found: list[Row]) -> Row:
    (row,) = found
    return row


def alike(one: Row, other: Row, names: tuple[str, ...] = CHANGE) -> bool:
    return all(
        one[name] == (pytest.approx(other[name], rel=1e-8, abs=1e-8) if isinstance(other[name], float) else other[name])
        for name in names
    )


@quick
@given(drawn=respondents)
def test_a_population_that_is_copied_with_its_schools_is_surer_by_what_the_formula_says(
    con: duckdb.DuckDBPyConnection, drawn: Drawn
) -> None:
    """Twice as many schools: m / (m - 1) times half of the squares becomes 2m / (2m - 1) times it. Never half the error."""
    asked = [row | {"stratum": "all"} for row in people(drawn)]
    copied = [row | {"cluster": f"copy of {row['cluster']}"} for row in asked]
    load(con, "people", asked)
    before = one(estimates(con, "people", ["id"]))
    load(con, "people", asked + copied)
    after = one(estimates(con, "people", ["id"]))
    assume(before["se"] is not None)
    m = before["n_clusters"]
    assert after["estimate"] == pytest.approx(before["estimate"], abs=1e-9)
    assert after["n_clusters"] == 2 * m
    assert after["se"] == pytest.approx(before["se"] * sqrt((m - 1) / (2 * m - 1)), abs=1e-8)
    assert after["se"] >= 0.5 * before["se"] - 1e-9


@quick
@given(drawn=respondents)
def test_whoever_is_copied_within_their_school_makes_no_change_surer(
    con: duckdb.DuckDBPyConnection, drawn: Drawn
) -> None:
    asked = people(drawn)
    assume({row["side"] for row in asked} == {"from", "to"})
    load(con, "people", asked)
    before, before_pairs = one(contrast(con, "people", ["id"])), one(paired(con, "people", ["id"]))
    load(con, "people", asked * 3)
    after, after_pairs = one(contrast(con, "people", ["id"])), one(paired(con, "people", ["id"]))
    names = ("difference", "se", "df", "ci_low", "ci_high", "p_value", "reason")
    assert alike(after, before, names)
    assert alike(after_pairs, before_pairs, names)


@quick
@given(drawn=respondents, factor=st.floats(1e-3, 1e3))
def test_the_scale_of_the_weights_changes_no_change(
    con: duckdb.DuckDBPyConnection, drawn: Drawn, factor: float
) -> None:
    asked = people(drawn)
    assume({row["side"] for row in asked} == {"from", "to"})
    load(con, "people", asked)
    before, before_pairs = one(contrast(con, "people", ["id"])), one(paired(con, "people", ["id"]))
    load(con, "people", [row | {"weight": row["weight"] * factor} for row in asked])
    assert alike(one(contrast(con, "people", ["id"])), before)
    assert alike(one(paired(con, "people", ["id"])), before_pairs)


@quick
@given(drawn=respondents)
def test_a_change_that_is_read_backwards_has_the_other_sign_and_nothing_else(
    con: duckdb.DuckDBPyConnection, drawn: Drawn
) -> None:
    asked = people(drawn)
    assume({row["side"] for row in asked} == {"from", "to"})
    load(con, "people", asked)
    forwards = one(contrast(con, "people", ["id"]))
    load(con, "people", [row | {"side": "from" if row["side"] == "to" else "to"} for row in asked])
    backwards = one(contrast(con, "people", ["id"]))
    assert backwards["difference"] == pytest.approx(-forwards["difference"], abs=1e-9)
    assert alike(backwards, forwards, ("se", "df", "p_value", "reason"))


@quick
@given(drawn=respondents)
def test_two_waves_without_a_school_in_common_are_two_surveys(con: duckdb.DuckDBPyConnection, drawn: Drawn) -> None:
    """Each wave a stratum of its own: the variance of the difference is the sum of the two."""
    asked = [row | {"stratum": row["side"], "cluster": f"{row['side']} {row['cluster']}"} for row in people(drawn)]
    assume({row["side"] for row in asked} == {"from", "to"})
    load(con, "people", asked)
    both = one(contrast(con, "people", ["id"]))
    alone = {}
    for side in ("from", "to"):
        load(con, "people", [row for row in asked if row["side"] == side])
        alone[side] = one(estimates(con, "people", ["id"]))
    assert both["difference"] == pytest.approx(alone["to"]["estimate"] - alone["from"]["estimate"], abs=1e-9)
    assume(both["se"] is not None)
    assert both["se"] == pytest.approx(sqrt(alone["from"]["se"] ** 2 + alone["to"]["se"] ** 2), rel=1e-8)
    assert both["df"] == alone["from"]["df"] + alone["to"]["df"]


@quick
@given(drawn=respondents)
def test_a_panel_is_a_survey_of_differences(con: duckdb.DuckDBPyConnection, drawn: Drawn) -> None:
    asked = people(drawn)
    load(con, "people", asked)
    pairs = one(paired(con, "people", ["id"]))
    load(con, "people", [row | {"y": row["y_to"] - row["y_from"]} for row in asked])
    differences = one(estimates(con, "people", ["id"]))
    assert pairs["difference"] == pytest.approx(differences["estimate"], abs=1e-9)
    assert alike(pairs, differences, ("se", "df", "ci_low", "ci_high"))
