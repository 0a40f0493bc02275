"""Two nights of other returns of the same shapes: nothing is fitted to the programme's sample."""

from __future__ import annotations

from .demonstration import SECOND, Demonstration
from .nights import agree, planted_flags, sessions, wrong_totals


def test_both_nights_agree_with_the_answers(demonstration: Demonstration) -> None:
    agree(demonstration.home, demonstration.answers)


def test_every_planted_disclosure_is_flagged_with_few_beside(demonstration: Demonstration) -> None:
    planted, found = planted_flags(demonstration.answers), demonstration.home.flags()
    assert found >= planted
    # High recall over precision, but a queue that cries wolf is read by nobody.
    assert len(found - planted) <= 0.1 * len(planted)


def test_wrong_totals_are_found(demonstration: Demonstration) -> None:
    assert wrong_totals(demonstration.home) == {
        (item["file"], item["sheet"]) for item in demonstration.answers["totals_wrong"]
    }


def test_one_site_gains_a_month_two_are_held(demonstration: Demonstration) -> None:
    gained = [row for row in sessions(demonstration.home) if row not in demonstration.first_sessions]
    assert {(row["site"], row["month"]) for row in gained} == {("grimsby", "2026-04")}
    held = {(item["site"], item["source"], item["since"]) for item in demonstration.home.manifest()["held"]}
    assert held == {("plymouth", "activity", SECOND.isoformat()), ("stoke", "activity", SECOND.isoformat())}


def test_analysts_who_read_all_night_see_the_one_or_the_other_and_no_error(demonstration: Demonstration) -> None:
    seen = demonstration.read_meanwhile
    assert seen["errors"] == []
    for place, rows in (("research", len(demonstration.first_sessions)), ("releases", None)):
        assert len(seen[place]) > 10
        versions = list(dict.fromkeys(version for version, _ in seen[place]))
        assert len(versions) == 2, versions  # never back, and never a third
        counts = {version: {count for v, count in seen[place] if v == version} for version in versions}
        assert all(len(found) == 1 for found in counts.values())  # a version never changes under its reader
        assert rows is None or counts[versions[0]] == {rows}
