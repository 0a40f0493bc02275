"""Schools whose names are nearly alike are reported, by number and never by name, and stay two clusters."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import jinja2
import pytest

DBT = Path(__file__).parents[2] / "dbt_project"


def cluster_key_sql(name: str) -> str:
    """What is one school, as dbt writes it on DuckDB."""
    macros = (DBT / "macros/engine.sql").read_text()
    macro = re.search(r"{% macro default__cluster_key\(name\) -%}(.*?){%- endmacro %}", macros, re.DOTALL)
    assert macro is not None
    return jinja2.Template(macro[1]).render(name=name)


def near_names_sql() -> str:
    """The generic test as dbt makes it on DuckDB, for a table `fact`."""
    body = (DBT / "tests/generic/no_near_names.sql").read_text()
    body = re.sub(r"{% (end)?test.*?%}", "", body)
    return jinja2.Template(body).render(
        cluster_key=cluster_key_sql, model="fact", column="cluster", group=["site", "wave"]
    )


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (["St Marys", "St Mary's CofE"], 1),
        (["St Mary", "St. Mary's"], 1),
        (["Hill Primary", "Hill Primary School", "Dock High"], 1),
        (["St Mary", "ST MARY", "st. mary"], 0),  # one cluster already
        (["School 1", "School 2", "School 12"], 0),
        (["School A", "School B", "School AB"], 0),
        (["Hill", "Dock", None, None], 0),
        (["A", "Ash"], 0),
    ],
)
def test_near_names_are_counted_as_pairs(names: list[str | None], pairs: int) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table fact (site text, wave text, cluster text)")
        for name in names:
            connection.executemany("insert into fact values ('north', 'w1', ?)", [[name], [name]])
            connection.execute("insert into fact values ('south', 'w1', 'St Mary''s Junior')")
        assert connection.execute(near_names_sql()).fetchall() == [("near names",)] * pairs
