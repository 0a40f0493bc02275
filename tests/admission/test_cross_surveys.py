"""Surveys beside each other: another wave's answers, days outside the fieldwork, a scale that changed without a word."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tfc_platform.admission.admit import Night
from tfc_platform.admission.survey_copies import is_beyond_chance, is_doubled
from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.ingest.intake import Intake

CONTRACT = """\
source: surveys
sites: [elsewhere]
record: survey_respondent
owner: team
description: Surveys.
files: surveys/*.csv
name: '(?P<population>\\w+) (?P<wave>w\\d)(?: v(?P<version>\\d))?\\.csv'
return: {key: '{population} {wave}', version: version}
read: {format: csv}
survey:
  tool: form
  instrument: tfc_core_1
  fieldwork: {w1: spring, w2: autumn}
  answers:
    - items: {K1: a, K2: b, K3: c, T1: d, T3: e, D1: f}
      codes: [{values: {1: 1, 2: 2, 3: 3, 4: 4, 5: 5}}]
columns:
  respondent_id: {header: id, type: token, required: true}
  answered_on: {header: day, type: date}
key: [respondent_id]
"""
CALENDAR = """\
- {name: spring, description: The first wave, first: 2025-03-01, last: 2025-05-31}
- {name: autumn, description: The second wave, first: 2025-09-01, last: 2025-11-30}
"""
HEADER = ("id", "day", "a", "b", "c", "d", "e", "f")
SPRING, AUTUMN = "10/04/2025", "10/10/2025"
People = list[list[int]]
Put = Callable[[str, str, People], None]
Run = Callable[..., Night]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    root = tmp_path_factory.mktemp("contracts")
    (root / "sources").mkdir()
    (root / "sources" / "surveys.yaml").write_text(CONTRACT)
    (root / "calendar.yaml").write_text(CALENDAR)
    (root / "sites.yaml").write_text("- {site: elsewhere, name: Elsewhere, nation: Wales}\n")
    return load_catalogue([root])


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def write(name: str, day: str, people: People) -> None:
        text = io.StringIO()
        rows = [[f"{name[:10]}{number}", day, *own] for number, own in enumerate(people)]
        csv.writer(text).writerows([HEADER, *rows])
        target = tmp_path / "landing" / "elsewhere" / "surveys" / f"{name}.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.getvalue())

    return write


@pytest.fixture
def run(catalogue: Catalogue, intake: Callable[..., Intake], run_night: Callable[[Intake], Night]) -> Run:
    return lambda night=0: run_night(intake(catalogue, night))


def people(seed: int, count: int = 120, weights: Sequence[int] = (1, 2, 4, 8, 5)) -> People:
    draw = random.Random(seed)
    return [draw.choices(range(1, 6), weights, k=6) for _ in range(count)]


def verdicts(night: Night) -> dict[str, tuple[str, str | None]]:
    return {item.arrival.path.rsplit("/", 1)[-1]: (item.status, item.cause) for item in night.submissions}


GOOD = ("accepted", None)


def test_two_waves_of_like_minded_people_are_both_used(put: Put, run: Run) -> None:
    put("parents w1", SPRING, people(1))
    put("parents w2", AUTUMN, people(2, weights=(1, 1, 3, 8, 9)))
    put("staff w2", AUTUMN, people(3))
    assert verdicts(run()) == {"parents w1.csv": GOOD, "parents w2.csv": GOOD, "staff w2.csv": GOOD}


def test_a_wave_exported_again_as_the_next_is_held(put: Put, run: Run) -> None:
    """With a day that does not show it, and with some answers that are new."""
    put("parents w1", SPRING, people(1))
    put("parents w2", AUTUMN, people(1)[:80] + people(2)[:30])
    night = run()
    assert verdicts(night) == {"parents w1.csv": GOOD, "parents w2.csv": ("held", "copied_answers")}
    assert "the very answers that are in elsewhere/surveys/parents w1.csv too" in (night.held[0].held_reason or "")
    put("parents w2 v2", AUTUMN, people(2))
    after = run(1)
    assert not after.held
    assert verdicts(after)["parents w2 v2.csv"] == GOOD


def test_another_populations_answers_are_held(put: Put, run: Run) -> None:
    put("parents w1", SPRING, people(1))
    put("staff w1", SPRING, people(1))
    assert verdicts(run()) == {"staff w1.csv": GOOD, "parents w1.csv": ("held", "copied_answers")}


def test_days_outside_the_fieldwork_hold_the_wave(put: Put, run: Run) -> None:
    put("parents w2", SPRING, people(1))
    night = run()
    assert verdicts(night) == {"parents w2.csv": ("held", "other_wave")}
    reason = "120 of 120 answers were given outside the fieldwork of w2 (01/09/2025 to 30/11/2025)"
    assert reason in (night.held[0].held_reason or "")


def test_a_wave_without_a_window_is_not_judged_by_days(put: Put, run: Run) -> None:
    put("parents w3", SPRING, people(1))
    assert verdicts(run()) == {"parents w3.csv": GOOD}


def test_a_wave_that_is_mirrored_is_held_and_the_version_before_it_is_used(put: Put, run: Run) -> None:
    put("parents w1", SPRING, people(1))
    put("parents w2", AUTUMN, people(2))
    run()
    put("parents w2 v2", AUTUMN, [[6 - answer for answer in own] for own in people(2)])
    night = run(1)
    assert verdicts(night)["parents w2 v2.csv"] == ("held", "scale_drift")
    assert verdicts(night)["parents w2.csv"] == GOOD
    assert "the answers of tfc_core_1 seem turned round, on 6 items together" in (night.held[0].held_reason or "")


def test_a_wave_whose_highest_answer_nobody_gives_is_held(put: Put, run: Run) -> None:
    put("parents w1", SPRING, people(1))
    put("parents w2", AUTUMN, people(2, weights=(1, 2, 4, 8, 0)))
    assert verdicts(run())["parents w2.csv"] == ("held", "scale_drift")


@pytest.mark.parametrize(
    ("alike", "doubles", "smaller", "is_copy"),
    [(100, 0, 110, True), (4, 0, 4, False), (15, 0, 110, False), (30, 14, 110, False), (60, 10, 110, True)],
)
def test_how_many_alike_answers_are_beyond_chance(alike: int, doubles: int, smaller: int, is_copy: bool) -> None:
    """`doubles`: combinations that two people of one file gave, which measure how alike the answers are anyway."""
    assert is_beyond_chance(alike, doubles, smaller) is is_copy


def test_two_samples_of_the_same_people_are_no_copies() -> None:
    """Answers that are as alike as they get: nearly everybody agrees with everything."""
    draw = random.Random(7)
    for _ in range(100):
        weights = [draw.random() ** 3 for _ in range(5)]
        files = [
            [tuple(own) for own in people(draw.randrange(10**9), draw.randint(30, 300), weights)] for _ in range(2)
        ]
        single = [{own for own in file if file.count(own) == 1} for file in files]
        larger = max(files, key=len)
        doubles = sum(larger.count(own) == 2 for own in set(larger))
        assert not is_beyond_chance(len(single[0] & single[1]), doubles, min(map(len, files)))


def test_people_who_were_pasted_under_new_ids_are_held(put: Put, run: Run) -> None:
    once = people(1)
    put("parents w1", SPRING, once + once[:60])
    night = run()
    assert verdicts(night) == {"parents w1.csv": ("held", "copied_answers")}
    assert "stand in the file twice, under two ids" in (night.held[0].held_reason or "")


def test_people_who_answer_alike_are_no_pasted_rows() -> None:
    """Simulation: of files drawn from few or many combinations, common ones and rare ones, none in 400 is taken for pasted.

    Each is found once it is pasted twice, where most people's answers are their own.
    """
    draw = random.Random(8)
    for number in range(400):
        kinds = (30, 200, 2000, 20000)[number % 4]
        weights = [1 / (place + 1) ** (0.5 * (number % 5)) for place in range(kinds)]
        drawn = draw.choices(range(kinds), weights, k=(60, 300, 1500)[number % 3])
        assert not is_doubled(len(drawn), *times(drawn))
        if times(drawn)[0] > len(drawn) / 2:
            assert is_doubled(2 * len(drawn), *times(drawn + drawn))


def times(said: list[int]) -> tuple[int, int, int]:
    of_each = Counter(Counter(said).values())
    return of_each[1], of_each[2], of_each[3]
