"""The metric dictionary: whole, joined with the register and the policy, and the page that is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.release.docs import DOCS, metrics_page
from tfc_platform.disclosure.policy import load_policy
from tfc_platform.disclosure.trend_tables import TREND_MEASURES
from tfc_platform.publication.publication_register import CountTable, load_register
from tfc_platform.publication.released_table import ReleaseTable
from tfc_platform.release.metrics import load_metrics, metric_table, metrics_in
from tfc_platform.release.questions import load_questions, question_views
from tfc_platform.settings import ConfigurationError


def empty(name: str) -> ReleaseTable:
    return ReleaseTable(name, "", "", (), 0, ())


def test_the_dictionary_has_every_measure_of_the_register_and_no_other() -> None:
    register, metrics = load_register(), load_metrics()
    listed = {spec.table: {m.name for m in spec.measures} for spec in register.tables}
    listed |= {
        spec.table: {m.name for m in spec.measures} for spec in register.person_tables if isinstance(spec, CountTable)
    }
    listed["outcome_indicator"] = {"n", "estimate", "ci_low", "ci_high"}
    change = (
        "difference",
        "ci_low",
        "ci_high",
        "effect_size",
        "p_adjusted",
        "n_from",
        "n_to",
        "n_pairs",
        "smallest_change",
    )
    listed["outcome_change"] = set(change)
    listed["outcome_trend"] = set(TREND_MEASURES)
    assert {table: set(said) for table, said in metrics.root.items()} == listed


def test_measures_of_the_surveys_are_those_that_are_released(released_measures: dict[str, set[str]]) -> None:
    for table, measures in released_measures.items():
        assert measures <= set(load_metrics().of(table)), table


@pytest.fixture
def released_measures() -> dict[str, set[str]]:
    """As the modules that make the tables name them."""
    from tfc_platform.disclosure import change_tables

    return {"outcome_change": set(change_tables._CHANGE_MEASURES)}


def test_a_row_joins_register_policy_and_dictionary() -> None:
    names = ["reach", "casework", "delivery", "outcome_indicator"]
    table = metric_table([empty(name) for name in names], load_register(), load_policy(), load_metrics())
    found = {(m.table_name, m.measure): m for metrics in metrics_in([table]).values() for m in metrics}
    assert {name for name, _ in found} == set(names)
    low = found[("reach", "attendances_low")]
    assert (low.label, low.unit) == ("Attendances at least", "attendances")
    assert low.disclosure_rule == (
        "Shown from 3 sessions or more of which the largest had 10 or more, rounded to the nearest 5; otherwise suppressed."
    )
    assert found[("casework", "sessions_delivered")].disclosure_rule.startswith("10 or more, rounded to the nearest 5;")
    assert found[("delivery", "hours")].disclosure_rule == "Not about people: shown as it is."
    policy = load_policy()
    stricter = policy.model_copy(update={"survey": policy.survey.model_copy(update={"base": 77})})
    other = metric_table([empty("outcome_indicator")], load_register(), stricter, load_metrics())
    assert any("a base of 77" in row[-1] for row in other.rows)


def test_a_register_of_ones_own_needs_no_dictionary(tmp_path: Path) -> None:
    (tmp_path / "none.yaml").write_text("{}\n")
    table = metric_table([empty("delivery")], load_register(), load_policy(), load_metrics(tmp_path / "none.yaml"))
    assert [row[4] for row in table.rows][:2] == ["Sessions delivered", "Sessions cancelled"]


def test_the_page_of_metrics_is_current() -> None:
    """Is it out of date, `python -m tests.release.docs` writes it anew."""
    assert (DOCS / "metrics.md").read_text(encoding="utf-8") == metrics_page()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {name: q1, question: Which one is it?, answer: None of them is., tables: [], sql: 'select 1; drop table x'}",
         "question_register.yaml: 0.sql: a view is one query, without a semicolon."),
        ("- &a {name: q1, question: Which one is it?, answer: None of them is., tables: [], sql: select 1}\n- *a",
         "question_register.yaml: (the whole file): the view 'q1' is given twice, or has the name of one that is there anyway."),
    ],
)  # fmt: skip
def test_a_wrong_register_of_questions_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "question_register.yaml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_questions(file)
    assert str(caught.value) == f"{tmp_path.name}/{said}"


def test_no_view_adds_up_rounded_figures_of_persons() -> None:
    """Sums are of measures that the dictionary knows as no count of persons."""
    persons = {"attendances_low", "attendances_high", "stories", "n", "estimate", "rate_per_1000"}
    for question in load_questions():
        summed = question.sql.split("sum(value)")[1:]
        assert not any(f"'{name}'" in part.split(" as ")[0] for part in summed for name in persons), question.name


def test_what_the_manifest_tells_is_quoted(released_about: dict[str, Any]) -> None:
    views = {view.name: view.query for view in question_views([], released_about, ())}
    assert "'it''s new'::varchar as reason" in views["about_changes"]
    assert views["about_holds"].endswith("where false")


@pytest.fixture
def released_about() -> dict[str, Any]:
    change = {"table": "reach", "added": 1, "removed": 0, "changed": 2}
    return {
        "number": 2,
        "as_of": "2026-05-01",
        "disclosure_policy_version": "2",
        "changed": [{**change, "reasons": [{"site": "all", "reason": "it's new"}]}],
    }
