"""Breaks of the release that an attacker found, made again: those that no other module has. `docs/disclosure.md` lists all."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.disclosure.attacker import rows_by_key
from tests.disclosure.programme import ITEM, POPULATION, SCALE
from tests.disclosure.test_near_names import cluster_key_sql
from tests.disclosure.test_own_attacker import publish
from tests.disclosure.world import make_world
from tfc_platform.disclosure import cell_rules
from tfc_platform.disclosure.policy import load_policy

POLICY = load_policy()
T, PART = 9, 10
Answers = tuple[int, int]  # positive, other


def survey_published(by_area: Mapping[str, Answers]) -> dict[tuple[Any, ...], dict[str, tuple[Any, str]]]:
    """What readers see of one question by area; whoever has none is in `unknown`."""
    areas = [{"area": area} for area in ("Hill", "Shore")]
    codes = {"indicator": [{"indicator": "Q1", "measure": "percent_positive"}], "area": areas}
    same = {"indicator": "Q1", "measure": "percent_positive"}
    cells = [
        {**same, "area": area, "sector": "not_asked", "n": positive + other, "positive": positive}
        for area, (positive, other) in by_area.items()
        if positive + other
    ]
    whole = {"all": tuple(map(sum, zip(*by_area.values(), strict=True)))}
    estimates = [
        {
            **same,
            "breakdown": "all" if name == "all" else "area",
            "breakdown_value": name,
            **dict.fromkeys(("n_clusters", "n_known_clusters"), sum(counts)),
            "n_eff": float(sum(counts)),
            "estimate": 100 * counts[0] / sum(counts),
            "ci_low": 1.0,
            "ci_high": 99.0,
            "weighted": False,
        }
        for name, counts in {**by_area, **whole}.items()
        if name != "unknown" and sum(counts)
    ]
    frozen = {"mart_outcome_cell": cells, "mart_outcome_indicator": estimates, "mart_outcome_change": []}
    tables = publish("survey_respondent", f"{POPULATION} w1", codes, frozen, ("outcome_indicator",))
    return rows_by_key(tables["outcome_indicator"], "breakdown_value")


@pytest.mark.parametrize("hidden", ["Shore", "unknown"])
def test_everybody_and_all_other_areas_are_never_shown_beside_few(hidden: str) -> None:
    """Breaks 2 and 9: of every small number of answers in an area, or of people who named none, nothing follows.

    Base and numerator count as known exactly where they are shown, so everybody less the other areas is exact as well.
    """
    published = set()
    shown = 0
    for counts in itertools.product((0, 1, 4, 5, 8, 9), repeat=2):
        by_area: dict[str, Answers] = {"Hill": (40, 35), "Shore": (31, 33) if hidden == "unknown" else counts}
        rows = survey_published({**by_area, "unknown": counts if hidden == "unknown" else (0, 0)})
        told = {area for area, row in rows.items() if row["estimate"][0] is not None}
        others = {("Hill",), ("Shore",)} - {(hidden,)}
        shown += len(told)
        if {("all",), *others} <= told:
            assert sum(counts) == 0 or min(counts) >= T, "8 or fewer answered so, and that would be known"
        if hidden == "Shore":
            assert rows["Shore",]["estimate"][0] is None
            published.add(tuple((area, tuple(row.items())) for area, row in sorted(rows.items()) if area == ("Shore",)))
    assert shown
    assert len(published) <= 1, "no number of them looks unlike another"


@pytest.mark.parametrize("few", [1, 3, 8])
def test_a_base_that_is_withheld_comes_back_nowhere(tmp_path: Path, few: int) -> None:
    """Break 8: few of a wave named no area. Its base stands in the estimate of all, and as `n_from` in each of its changes."""
    world = make_world(tmp_path, sites=("north",), quarters=1, panel=True)
    for wave in world.waves:
        world.set_answers("north", wave, None, few if wave == "w1" else 0, 0)
    world.write()
    assert world.release(world.lock_day("w2")).published is not None
    estimates, changes = world.figures("outcome_indicator"), world.figures("outcome_change")
    for indicator in (ITEM, SCALE):
        bases = [
            estimates["north", POPULATION, "w1", indicator, *where]["n"][0]
            for where in (("area", "Hill"), ("area", "Shore"), ("all", "all"))
        ]
        whole = [bases[2], *(row["n_from"][0] for keys, row in changes.items() if keys[2] == indicator)]
        assert any(base is not None for base in (*bases, *whole)), "something is shown"
        assert None in bases[:2] or whole == [None] * len(whole), indicator


@pytest.mark.parametrize("base", [30, 35, 60])
def test_interval_and_percentage_leave_two_numerators_or_more(base: int) -> None:
    """Break 7: everybody is a cluster, and the interval is the logit one that a reader could turn round."""
    behind: dict[tuple[Any, ...], set[Answers]] = defaultdict(set)
    for people in range(max(base - 2, 30), base + 3):
        for count in range(PART, people - PART + 1):
            share = count / people
            percent = cell_rules.published_percentage(100 * share, base, False, POLICY)
            spread = 1.96 * (share * (1 - share) / people) ** 0.5
            ends = cell_rules.published_interval((100 * (share - spread), 100 * (share + spread)), percent, base, True)
            behind[percent, *(round(end) for end in ends if end is not None)].add((count, people))
    assert len(behind) > 5
    for published, answers in behind.items():
        assert len({count for count, _ in answers}) > 1, published


def test_a_survey_of_scales_alone_is_released(tmp_path: Path) -> None:
    """Break 10: no question has an answer that counts as positive, so there is a mean and no percentage."""
    world = make_world(tmp_path, sites=("north",), quarters=1)
    (book,) = world.catalogue.codebooks
    responses = {name: one.model_copy(update={"positive_from": None}) for name, one in book.responses.items()}
    world.catalogue = replace(world.catalogue, codebooks=(book.model_copy(update={"responses": responses}),))
    assert world.release(world.lock_day("w1")).published is not None
    rows = world.figures("outcome_indicator")
    assert {keys[3] for keys in rows} == {SCALE}
    assert rows["north", POPULATION, "w1", SCALE, "all", "all"]["estimate"][1] == "rounded"


def spellings(words: Sequence[str]) -> list[str]:
    """Ways to write a name that differ in case, spaces and punctuation."""
    cases = [words, [word.upper() for word in words], [word.lower() for word in words]]
    return [join.join(one) for one in cases for join in (" ", "  ", "-", ". ", " . ")]


def test_two_schools_are_two_clusters_however_they_are_spelt_and_blanks_are_none() -> None:
    """Break 11: 30 spellings, and what stands where nobody wrote one."""
    names = [*spellings(["St", "Mary's"]), *spellings(["Hill", "Académie"]), "", " ", "-", "…", None]
    with duckdb.connect() as connection:
        connection.execute("create table pupil (name text)")
        connection.executemany("insert into pupil values (?)", [[name] for name in names])
        query = f"select count(distinct {cluster_key_sql('name')}), count({cluster_key_sql('name')}) from pupil"
        assert connection.execute(query).fetchall() == [(2, 30)]
