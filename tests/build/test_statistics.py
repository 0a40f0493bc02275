"""The functions that DuckDB lacks, against tables and closed forms; and a build without them."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from math import atan, pi, sqrt
from pathlib import Path

import duckdb
import pytest

from tfc_platform.build import dbt_plugin, statistics


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2})
    statistics.register(connection)
    return connection


def value(con: duckdb.DuckDBPyConnection, expression: str) -> float | None:
    found: float | None = con.execute(f"select {expression}").fetchall()[0][0]
    return found


# R 4: qt(0.975, c(3, 14, 197)), qt(0.995, 10), 15 digits.
@pytest.mark.parametrize(
    ("p", "df", "quantile"),
    [
        (0.975, 3, 3.18244630528371),
        (0.975, 14, 2.14478668791780),
        (0.975, 197, 1.97207903375),
        (0.995, 10, 3.16927267261695),
    ],
)
def test_quantiles_of_t_as_in_r(con: duckdb.DuckDBPyConnection, p: float, df: float, quantile: float) -> None:
    assert value(con, f"student_t_quantile({p}, {df})") == pytest.approx(quantile, rel=1e-9)


@pytest.mark.parametrize("t", [-30.0, -2.5, 0.0, 0.7, 12.0])
def test_t_with_one_and_two_degrees_of_freedom_has_a_closed_form(con: duckdb.DuckDBPyConnection, t: float) -> None:
    assert value(con, f"student_t_cdf({t}, 1)") == pytest.approx(0.5 + atan(t) / pi, rel=1e-10)
    assert value(con, f"student_t_cdf({t}, 2)") == pytest.approx(0.5 + t / (2 * sqrt(2 + t * t)), rel=1e-10)


def test_what_is_not_defined_is_null_and_stops_nothing(con: duckdb.DuckDBPyConnection) -> None:
    for call in ("quantile(0.975, 0)", "quantile(0.975, -1)", "quantile(1, 5)", "quantile(null, 5)", "quantile(0.9, null)",
                 "cdf(1, 0)", "cdf(null, 3)"):  # fmt: skip
        assert value(con, f"student_t_{call}") is None, call
    assert con.execute("select student_t_quantile(0.9, df) from (select 1.0 as df where false)").fetchall() == []


def test_threads_share_them(con: duckdb.DuckDBPyConnection) -> None:
    def add_up(_: int) -> float:
        with con.cursor() as cursor:
            rows = cursor.execute("select sum(student_t_cdf(1.0, i)) from range(1, 20000) as t(i)").fetchall()
        return float(rows[0][0])

    with ThreadPoolExecutor(4) as threads:
        sums = list(threads.map(add_up, range(4)))
    assert sums == pytest.approx([sums[0]] * 4)


def test_dbt_stops_before_the_first_model_where_scipy_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    plugin = dbt_plugin.Plugin("statistics", {})
    with duckdb.connect() as connection, pytest.raises(ImportError, match=r"scipy\.special"):
        plugin.configure_connection(connection)


def test_the_profile_names_the_plugin(project_dir: Path) -> None:
    assert "- module: tfc_platform.build.dbt_plugin" in (project_dir / "profiles.yml").read_text(encoding="utf-8")


def test_without_them_a_query_says_which_function_is_missing() -> None:
    with duckdb.connect() as bare, pytest.raises(duckdb.CatalogException, match="student_t_quantile"):
        bare.execute("select student_t_quantile(0.975, 3)")
