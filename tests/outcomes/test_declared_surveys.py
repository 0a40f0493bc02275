"""The check that headlines.yaml still declares enough surveys when a site joins: its own SQL, rendered without dbt."""

from __future__ import annotations

import re

import duckdb
import pytest
from jinja2 import Environment

from tfc_platform.settings import PROJECT


def _failing(populations: int, declared: int) -> int:
    text = (PROJECT / "dbt_project" / "tests" / "generic" / "surveys_declared.sql").read_text(encoding="utf-8")
    body = re.search(r"{% test .*?%}(.*){% endtest %}", text, re.DOTALL)
    assert body is not None
    con = duckdb.connect()
    con.execute("create table headline (indicator varchar, surveys integer)")
    con.execute("insert into headline values ('know', ?), ('think', ?)", [declared, declared + 3])
    # Each population has several waves.
    con.execute("create table change (site varchar, population varchar, wave_to integer)")
    con.execute(f"insert into change select 'north', 'p' || p, w from range({populations}) as a (p), range(3) as b (w)")
    return len(con.execute(Environment().from_string(body[1]).render(model="change", headlines="headline")).fetchall())


@pytest.mark.parametrize(("populations", "declared", "failing"), [(12, 12, 0), (13, 12, 1), (1, 12, 0), (0, 1, 0)])
def test_more_surveys_than_declared_are_told(populations: int, declared: int, failing: int) -> None:
    assert _failing(populations, declared) == failing
