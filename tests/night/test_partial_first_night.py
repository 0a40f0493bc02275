"""A first night in which only some of what came can be used is published: nobody's returns close the gate for the others."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tfc_platform.demo import write

from .nights import FIRST, Home, Ran

SURVEY = "glasgow/surveys/TfC professionals w1 qualtrics.csv"
LOG = "{}/learning/learning_log.csv"
ACTIONS = "learning_id,to_site,sent_on,received_on,adopted_on,status\nL-GR-01,stoke,02/06/2025,,,sent\n"


def without_a_readable_answer(path: Path) -> str:
    """A Qualtrics export in which each answer is a code that no contract knows."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    items = [index for index, name in enumerate(rows[0]) if name.startswith("Q5_")]
    for row in rows[3:]:
        for index in items:
            row[index] = "77"
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Ran]:
    home = Home(tmp_path_factory.mktemp("partial"))
    everything = home.folder / "everything"
    write(everything, 5, 1)
    files = {
        SURVEY: without_a_readable_answer(everything / SURVEY),
        LOG.format("grimsby"): (everything / LOG.format("grimsby")).read_text(),
        LOG.format("plymouth"): (everything / LOG.format("grimsby")).read_text(),  # a copy under the wrong site
        "central/learning_actions.csv": ACTIONS,
        "stoke/activity/minutes.txt": "This is no return.",
    }
    for name, text in files.items():
        (home.landing / name).parent.mkdir(parents=True, exist_ok=True)
        (home.landing / name).write_text(text, encoding="utf-8")
    return home, home.night(FIRST)


def test_the_night_is_published(night: tuple[Home, Ran]) -> None:
    home, ran = night
    assert ran.outcome.reasons == ()
    assert ran.success
    assert home.release_id


def test_a_survey_without_a_readable_answer_has_no_figure(night: tuple[Home, Ran]) -> None:
    figures = "select count(*) from marts.mart_outcome_indicator where estimate is not null"
    assert night[0].rows(figures) == [(0,)]


def test_two_sites_with_the_same_learning_ids_are_both_held(night: tuple[Home, Ran]) -> None:
    """Which of the two sent the other's log cannot be seen: each is shown the other's file, and nobody else is held."""
    held = "select site, source, held_reason from marts.mart_source_state where is_held and source = 'learning' order by site"
    (grimsby, plymouth) = night[0].rows(held)
    assert (grimsby[:2], plymouth[:2]) == (("grimsby", "learning"), ("plymouth", "learning"))
    assert LOG.format("plymouth") in grimsby[2]
    assert LOG.format("grimsby") in plymouth[2]
