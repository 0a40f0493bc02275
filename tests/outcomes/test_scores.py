"""Base and estimate of every indicator of the sample surveys, against those that their answers' key holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from statistics import mean, variance
from typing import Any

import pytest

pytestmark = pytest.mark.shared
Ask = Callable[..., list[tuple[Any, ...]]]
TO_SIX_DECIMALS = 0.5e-6 * 1.000001  # the key is rounded to six


@pytest.fixture(scope="module")
def outcomes(shared: Path) -> dict[tuple[str, ...], dict[str, Any]]:
    rows = json.loads((shared / "returns" / "answers.json").read_text(encoding="utf-8"))["outcomes"]
    return {tuple(row[key] for key in ("site", "population", "wave", "indicator", "measure")): row for row in rows}


def test_every_indicator_has_its_base_and_its_estimate(
    outcomes: dict[tuple[str, ...], dict[str, Any]], ask: Ask
) -> None:
    found = {
        row[:5]: row[5:]
        for row in ask(
            """
            select site, population, wave, indicator, measure, count(*), count(distinct stratum || cluster),
                sum(weight * y) / sum(weight)
            from intermediate.int_indicator_score group by all
            """
        )
    }
    assert len(outcomes) == 352
    assert set(found) == set(outcomes), "these figures and no other"
    assert {key: counts[:2] for key, counts in found.items()} == {
        key: (row["n"], row["n_clusters"]) for key, row in outcomes.items()
    }
    apart = {key: abs(found[key][2] - row["estimate"]) for key, row in outcomes.items()}
    assert {key: gap for key, gap in apart.items() if gap > TO_SIX_DECIMALS} == {}


def test_weighted_is_what_has_weights_and_it_matters(ask: Ask) -> None:
    statuses = ask(
        "select distinct site, population, weight_status from intermediate.int_survey_design where is_weighted"
    )
    assert len(statuses) == 1, "one agency weights one population"
    (gap,) = ask(
        """
        select max(gap) from (
            select abs(avg(y) - sum(weight * y) / sum(weight)) as gap
            from intermediate.int_indicator_score where is_weighted group by wave, indicator)
        """
    )
    assert gap[0] > 0.1


def test_a_first_wave_that_was_numbered_the_other_way_runs_as_the_second(ask: Ask) -> None:
    """Without its own codes, that wave's means would lie on the other side of the middle."""
    found = ask(
        """
        select site, wave, avg(y) from intermediate.int_indicator_score
        where measure = 'scale_mean' and population = 'professionals' and indicator = 'know' group by all
        """
    )
    assert len(found) == 8
    assert all(40 < figure < 85 for _, _, figure in found)


def test_nobody_has_a_wellbeing_score_with_an_answer_missing(ask: Ask) -> None:
    unlike = ask(
        """
        with person as (
            select site, population, wave, respondent_id, count(value) as answered, sum(value) as raw
            from lake.survey_answer where instrument = 'swemwbs' group by all)
        select count(*) filter (where person.answered < 7), count(*) filter (where person.answered = 7),
            count(*) filter (where (score.score is null) <> (person.answered < 7)),
            count(*) filter (where person.raw = 21 and score.score <> 19.25)
        from person inner join intermediate.int_scale_score as score using (site, population, wave, respondent_id)
        where score.scale = 'swemwbs'
        """
    )
    too_few, whole, wrong, not_as_published = unlike[0]
    assert too_few > 0
    assert whole > 100
    assert (wrong, not_as_published) == (0, 0)


def test_alpha_is_that_of_the_answers(ask: Ask) -> None:
    """Worked out again with the standard library, for one survey's scale with a reversed item."""
    where = "population = 'professionals' and wave = 'w1' and site = (select min(site) from lake.ref_site)"
    answers = ask(f"select respondent_id, item, value from lake.survey_answer where {where}")
    people: dict[str, dict[str, int]] = {}
    for person, item, value in answers:
        if item in ("T1", "T2", "T3") and value is not None:
            people.setdefault(person, {})[item] = 6 - value if item == "T2" else value
    complete = [person for person in people.values() if len(person) == 3]
    items = sum(variance([person[item] for person in complete]) for item in ("T1", "T2", "T3"))
    expected = 3 / 2 * (1 - items / variance([sum(person.values()) for person in complete]))
    ((alpha, counted, asked, scored, unscorable),) = ask(
        f"select alpha, complete, asked, scored, unscorable_share from intermediate.int_scale_quality"
        f" where {where} and scale = 'think'"
    )
    assert counted == len(complete)
    assert alpha == pytest.approx(expected, abs=1e-6)
    assert scored == sum(len(person) >= 2 for person in people.values())
    assert unscorable == pytest.approx(1 - scored / asked, abs=5e-5)
    assert mean(sum(person.values()) for person in complete) > 0


def test_answers_are_counted_once_by_what_they_are(ask: Ask) -> None:
    ((rows,),) = ask("select count(*) from lake.survey_answer")
    ((counted,),) = ask(
        "select sum(answered + dont_know + prefer_not + without_answer) from intermediate.int_item_quality"
    )
    assert counted == rows
