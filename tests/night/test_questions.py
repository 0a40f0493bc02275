"""The page of questions, the notebook and the release's other readers, on a whole night of the demonstration."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.disclosure.withheld import PAGE, section, written
from tests.release.accessible import faults
from tests.release.docs import DOCS, questions_page
from tfc_platform.release.questions import load_questions

from .demonstration import Demonstration


@pytest.fixture(scope="module")
def release(demonstration: Demonstration) -> Path:
    return (demonstration.home.places.releases / "current").resolve()


def test_the_page_of_questions_has_the_answers_of_the_demonstration(release: Path) -> None:
    """Is it out of date, `python -m tests.release.docs` writes it anew from such a release."""
    assert (DOCS / "questions.md").read_text(encoding="utf-8") == questions_page(release)


def test_the_page_of_disclosure_says_how_much_is_withheld(release: Path) -> None:
    """Is it out of date, `python -m tests.disclosure.withheld` writes it anew from such a release."""
    page = PAGE.read_text(encoding="utf-8")
    assert written(page, section(release)) == page


def test_answers_agree_with_sums_over_the_tables(release: Path) -> None:
    """Counted again from the CSV files, without the views' queries."""
    with duckdb.connect(str(release / "tfc.duckdb"), read_only=True) as con:
        delivery = con.read_csv(str(release / "csv" / "delivery.csv"))
        by_tier = con.sql("select site, tier, sessions, hours from questions.q5_effort_by_tier").fetchall()
        assert len(by_tier) > 4
        for site, tier, sessions, hours in by_tier:
            rows = delivery.filter(f"site = '{site}' and tier = '{tier}'").fetchall()
            assert sum(row[6] or 0 for row in rows if row[5] == "sessions_delivered") == sessions
            assert sum(row[6] or 0 for row in rows if row[5] == "hours") == pytest.approx(hours, abs=0.005)
        withheld = con.sql("select sum(figures) from questions.q8_what_is_withheld").fetchall()
        hidden = 0
        for file in sorted(release.glob("csv/*.csv")):
            table = con.read_csv(str(file), all_varchar=True)
            if "status" in table.columns:
                hidden += len(table.filter("status not in ('shown', 'rounded', 'held')"))
        assert withheld == [(hidden,)]
        # Panels, schools of both waves and repeated cross-sections are rows of their own.
        designs = con.sql("select distinct design from questions.q3_change_over_time order by 1").fetchall()
        assert designs == [("common_clusters",), ("panel",), ("repeated_cross_section",)]


def test_all_eight_views_are_there_with_comments_on_every_column(release: Path) -> None:
    with duckdb.connect(str(release / "tfc.duckdb"), read_only=True) as con:
        views = con.sql("select view_name from duckdb_views() where schema_name = 'questions' and view_name like 'q%'")
        assert sorted(name for (name,) in views.fetchall()) == [question.name for question in load_questions()]
        for what in ("duckdb_columns()", "duckdb_tables()", "duckdb_views()"):
            assert con.sql(f"from {what} where not internal and coalesce(comment, '') = ''").fetchall() == [], what


def test_the_workbook_of_a_whole_release_keeps_the_rules(release: Path) -> None:
    assert faults(release / "tables.xlsx") == []


def test_the_notebook_runs(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("marimo")
    file = DOCS / "notebooks" / "questions.py"
    spec = importlib.util.spec_from_file_location("questions_notebook", file)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "argv", [str(file), "--release", str(release)])
    spec.loader.exec_module(module)
    _, found = module.app.run()
    assert sorted(found["answers"]) == [question.name for question in load_questions()]
    assert len(found["answers"]["q5_effort_by_tier"]) > 4
    assert {"table_name", "never_add"} <= set(found["metric"].columns)
