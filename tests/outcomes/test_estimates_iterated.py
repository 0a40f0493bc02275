"""R's logit interval and ours: which of the two is off, where they differ.

`svyciprop(method="logit")` fits a logistic regression with only an intercept. Its fixed point has a closed form, the log odds
of the weighted percentage, for the score equation is sum of w (y - p) = 0; the interval is then the delta method's. R comes to
it by iterations, which `glm.control(epsilon = 1e-8)` stops where the deviance moves by less than that.

So there are three figures for each row of R's: R's own; the iteration done again here, with R's start and R's rule for
stopping; and the fixed point in exact fractions with logarithms of forty digits. The first two are alike to 1e-11, the last is
the platform's to 1e-12: what lies between R and the platform is where R stopped.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from scipy.special import stdtrit

from .estimator import ORACLE, Row, connect, estimates, expected

EPSILON = 1e-8  # glm.control's own
LIKE_R = 1e-11
EXACT = 1e-12
Case = dict[str, str]


@dataclass(frozen=True)
class Sampled:
    """A person or school in the design: `y` is none outside the figure's domain or base."""

    y: int | None
    weight: Fraction
    stratum: str
    cluster: str
    population: Fraction


def logit_by_iterations(y: np.ndarray[Any, Any], weight: np.ndarray[Any, Any]) -> float:
    """The intercept as R's `glm.fit` leaves it: quasibinomial, weights of mean 1, 25 iterations at most."""
    w = weight / weight.mean()
    mu = (w * y + 0.5) / (w + 1)  # binomial()$initialize
    eta = np.log(mu / (1 - mu))
    before = deviance(y, w, mu)
    for _ in range(25):
        slope = mu * (1 - mu)
        intercept = float(np.sum(w * slope * (eta + (y - mu) / slope)) / np.sum(w * slope))
        eta = np.full_like(y, intercept)
        mu = 1 / (1 + np.exp(-eta))
        now = deviance(y, w, mu)
        if abs(now - before) / (abs(now) + 0.1) < EPSILON:
            return intercept
        before = now
    raise AssertionError("no convergence")


def deviance(y: np.ndarray[Any, Any], w: np.ndarray[Any, Any], mu: np.ndarray[Any, Any]) -> float:
    return float(-2 * np.sum(w * np.where(y == 1, np.log(mu), np.log1p(-mu))))


def variance(people: list[Sampled], about: Fraction, with_population: bool) -> Fraction:
    """Of the scores w (y - about) / sum of w: exact, cluster by cluster, stratum by stratum."""
    whole = sum((one.weight for one in people if one.y is not None), Fraction(0))
    totals: dict[str, dict[str, Fraction]] = {}
    populations = {one.stratum: one.population for one in people}
    for one in people:
        clusters = totals.setdefault(one.stratum, {})
        score = one.weight * (one.y - about) / whole if one.y is not None else Fraction(0)
        clusters[one.cluster] = clusters.get(one.cluster, Fraction(0)) + score
    found = Fraction(0)
    for stratum, clusters in totals.items():
        m = len(clusters)
        mean = sum(clusters.values(), Fraction(0)) / m
        squares = sum(((total - mean) ** 2 for total in clusters.values()), Fraction(0))
        found += squares * m / (m - 1) * (1 - m / populations[stratum] if with_population else 1)
    return found


def decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def interval(log_odds: Decimal, p: Decimal, spread: Decimal, t: float) -> tuple[float, float]:
    """On the scale of log odds and back; `spread` is the variance of the percentage."""
    width = Decimal(t) * spread.sqrt() / (p * (1 - p))
    low, high = (1 / (1 + (-end).exp()) for end in (log_odds - width, log_odds + width))
    return float(low), float(high)


def three_ways(people: list[Sampled], df: int, with_population: bool) -> dict[str, tuple[float, float, float]]:
    """Estimate and interval at the fixed point (`exact`) and where R's iterations stop (`stopped`)."""
    inside = [one for one in people if one.y is not None]
    p = sum((one.weight for one in inside if one.y == 1), Fraction(0)) / sum(
        (one.weight for one in inside), Fraction(0)
    )
    y = np.array([float(one.y or 0) for one in inside])
    stopped = logit_by_iterations(y, np.array([float(one.weight) for one in inside]))
    t = float(stdtrit(df, 0.975))
    with localcontext() as context:
        context.prec = 40
        exact = decimal(p)
        at_stop = 1 / (1 + (-Decimal(stopped)).exp())
        return {
            "exact": (
                float(exact),
                *interval((exact / (1 - exact)).ln(), exact, decimal(variance(people, p, with_population)), t),
            ),
            "stopped": (
                float(at_stop),
                *interval(Decimal(stopped), at_stop, decimal(variance(people, Fraction(at_stop), with_population)), t),
            ),
        }


API: dict[str, Callable[[Case], bool]] = {
    "awards=='Yes'": lambda row: row["awards"] == "Yes",
    "sch.wide=='Yes'": lambda row: row["sch.wide"] == "Yes",
    "api00>800": lambda row: int(row["api00"]) > 800,
    "ell<2": lambda row: int(row["ell"]) < 2,
}
"""The percentages of apistrat, as their names in R's table say."""


@cache
def inputs(name: str) -> list[Case]:
    with (ORACLE / "inputs" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def schools(case: Case) -> list[Sampled]:
    def one(row: Case) -> Sampled:
        is_in = case["domain"] == "all" or row["stype"] == case["level"]
        y = int(API[case["variable"]](row)) if is_in else None
        return Sampled(y, Fraction(row["pw"]), row["stype"], row["cds"], Fraction(row["fpc"]))

    return [one(row) for row in inputs("apistrat.csv")]


def pupils(case: Case) -> list[Sampled]:
    level = {"all": "", "wave": "{wave}", "site x wave": "{site} {wave}", "age_band x wave": "{age_band} {wave}"}

    def one(row: Case) -> Sampled:
        is_in = level[case["domain"]].format(**row) == case["level"] and row["knows_help"] not in ("", "NA")
        y = int(row["knows_help"]) if is_in else None
        return Sampled(y, Fraction(row["w_base"]), row["site"], row["school"], Fraction(row["n_schools_in_site"]))

    return [one(row) for row in inputs("tfc_waves.csv")]


def cases() -> list[Any]:
    """Every row of R's that was fitted so: how to read its people, the row, its columns, and whether fpc is in it."""
    found = []
    for row in expected("apistrat_estimates.csv"):
        if row["method"] == "logit":
            names = ("estimate", "ci_low", "ci_high")
            found.append(pytest.param(schools, row, names, True, id=f"{row['variable']} {row['level'] or 'all'}"))
    for row in expected("tfc_domain_estimates.csv"):
        if row["method"] == "logit":
            names, is_corrected = ("est", "lo", "hi"), row["fpc"] == "TRUE"
            name = f"{row['domain']} {row['level'] or 'all'} {row['fpc']}"
            found.append(pytest.param(pupils, row, names, is_corrected, id=name))
    return found


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect()
    yield connection
    connection.close()


def ours(con: duckdb.DuckDBPyConnection, people: list[Sampled], with_population: bool) -> Row:
    rows = [vars(one) | {"weight": float(one.weight), "population": float(one.population)} for one in people]
    con.register("of_python", pa.Table.from_pylist(rows))
    con.execute("create or replace table sampled as select 's' as id, * replace (y::double as y) from of_python")
    arguments = {"population": "population"} if with_population else {}
    (found,) = estimates(con, "sampled", ["id"], percent="true", whole=1, **arguments)
    return found


@pytest.mark.parametrize(("read", "row", "names", "with_population"), cases())
def test_what_lies_between_r_and_us_is_where_r_stopped(
    con: duckdb.DuckDBPyConnection,
    read: Callable[[Case], list[Sampled]],
    row: Case,
    names: tuple[str, ...],
    with_population: bool,
) -> None:
    people = read(row)
    figure = ours(con, people, with_population)
    found = (figure["estimate"], figure["ci_low"], figure["ci_high"])
    of_r = tuple(float(row[name]) for name in names)
    by_way = three_ways(people, figure["df"], with_population)
    assert found == pytest.approx(by_way["exact"], rel=EXACT), "the platform is at the fixed point"
    assert of_r == pytest.approx(by_way["stopped"], rel=LIKE_R), "R is where its iterations stop"


def test_one_figure_of_r_lies_beyond_a_hundred_millionth() -> None:
    """The three iterations that the share of schools with few learners of English took, and what a fourth would have changed."""
    (row,) = [
        row
        for row in expected("apistrat_estimates.csv")
        if (row["variable"], row["level"], row["method"]) == ("ell<2", "M", "logit")
    ]
    (twin,) = [
        row
        for row in expected("apistrat_estimates.csv")
        if (row["variable"], row["level"], row["method"]) == ("ell<2", "M", "xlogit")
    ]
    people = schools(row)
    by_way = three_ways(people, int(row["df"]), True)
    assert abs(float(row["ci_low"]) / by_way["exact"][1] - 1) > 1e-8
    assert float(twin["ci_low"]) == pytest.approx(by_way["exact"][1], rel=EXACT), "R's own closed form is the exact one"
