"""The distribution functions that estimates need and SQL engines lack, as functions of a DuckDB connection.

They are called on figures, thousands of them, never on respondents. The estimators are the macros `survey_*.sql`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

__all__ = ["FUNCTIONS", "register", "student_t_cdf", "student_t_quantile"]


def student_t_quantile(probability: pa.Array, df: pa.Array) -> pa.Array:
    """The `probability` quantile of Student's t with `df` degrees of freedom.

    Element by element; null where either is null, where the probability is not within 0 to 1 (both excluded) or where
    df is not above 0: a figure without degrees of freedom has no interval, and a build does not stop for it.
    """
    from scipy.special import stdtrit

    return _on_doubles(lambda p, v: stdtrit(v, p), probability, df, defined=lambda p, v: (v > 0) & (p > 0) & (p < 1))


def student_t_cdf(value: pa.Array, df: pa.Array) -> pa.Array:
    """The probability that Student's t with `df` degrees of freedom is at most `value`; null where df is not above 0."""
    from scipy.special import stdtr

    return _on_doubles(lambda t, v: stdtr(v, t), value, df, defined=lambda t, v: v > 0)


# Name in SQL → the function; all take two doubles and give one.
FUNCTIONS: dict[str, Callable[[pa.Array, pa.Array], pa.Array]] = {
    "student_t_quantile": student_t_quantile,
    "student_t_cdf": student_t_cdf,
}


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every function of `FUNCTIONS` known to the database that `connection` is open on, for as long as it is open.

    :raises ImportError: when scipy is not installed, before any model runs.
    """
    from importlib.util import find_spec

    from duckdb.sqltypes import DOUBLE

    # Only looked for: many builds make no estimate, and importing scipy takes half a second.
    if find_spec("scipy.special") is None:
        raise ImportError("scipy.special is not installed: there would be no interval and no test.")

    for name, function in FUNCTIONS.items():
        connection.create_function(name, function, [DOUBLE, DOUBLE], DOUBLE, type="arrow", null_handling="special")


def _on_doubles(
    function: Callable[[Any, Any], Any], first: pa.Array, second: pa.Array, defined: Callable[[Any, Any], Any]
) -> pa.Array:
    import numpy as np

    a, b = (
        np.asarray(column.to_numpy(zero_copy_only=False), dtype=float) for column in map(_one_chunk, (first, second))
    )
    with np.errstate(all="ignore"):
        known = defined(a, b) & ~np.isnan(a) & ~np.isnan(b)
        result = np.where(known, function(np.where(known, a, 0.5), np.where(known, b, 1.0)), np.nan)
    return pa.array(result, type=pa.float64(), mask=np.isnan(result))


def _one_chunk(column: pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
