"""Nights of other returns of the same shapes: nothing is fitted to the programme's sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tfc_platform.demo import write

from .demonstration import Demonstration
from .nights import SECOND, Home, agree, agree_on_files, planted_flags, sessions, statuses, wrong_totals


def test_a_night_of_the_demonstration_agrees_with_the_answers(demonstration: Demonstration) -> None:
    agree(demonstration.home, demonstration.answers)


def test_every_planted_disclosure_is_flagged_with_few_beside(demonstration: Demonstration) -> None:
    planted, found = planted_flags(demonstration.answers), demonstration.home.flags()
    assert found >= planted
    # High recall over precision, but a queue that cries wolf is read by nobody.
    assert len(found - planted) <= 0.1 * len(planted)


def test_wrong_totals_are_found(demonstration: Demonstration) -> None:
    totals = demonstration.answers["totals_wrong"]
    assert wrong_totals(demonstration.home) == {(item["file"], item["sheet"]) for item in totals}


def test_a_second_night_gives_each_new_file_its_status(first_night: Home, second_night: Home, tmp_path: Path) -> None:
    answers = write(tmp_path / "landing", 5, night=2).as_dict()["files"]  # the seed of the small returns
    new = statuses(second_night).keys() - statuses(first_night).keys()
    assert len(new) == 3
    agree_on_files({file: statuses(second_night)[file] for file in new}, {file: answers[file] for file in new})


def test_one_site_gains_a_month_two_are_held(first_night: Home, second_night: Home) -> None:
    before, after = sessions(first_night), sessions(second_night)
    assert [row for row in before if row not in after] == []
    assert {(row["site"], row["month"]) for row in after if row not in before} == {("grimsby", "2026-04")}
    held = {(item["site"], item["source"], item["since"]) for item in second_night.manifest()["held"]}
    assert held == {("plymouth", "activity", SECOND.isoformat()), ("stoke", "activity", SECOND.isoformat())}


def test_analysts_who_read_all_night_see_the_one_or_the_other_and_no_error(
    first_night: Home, read_meanwhile: dict[str, list[Any]]
) -> None:
    assert read_meanwhile["errors"] == []
    for place, rows in (("research", len(sessions(first_night))), ("releases", None)):
        seen = read_meanwhile[place]
        assert len(seen) > 10
        versions = list(dict.fromkeys(version for version, _ in seen))
        assert len(versions) == 2, versions  # never back, and never a third
        counts = {version: {count for v, count in seen if v == version} for version in versions}
        assert all(len(found) == 1 for found in counts.values())  # a version never changes under its reader
        assert rows is None or counts[versions[0]] == {rows}
