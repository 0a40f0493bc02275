"""Which contents of a site are held where its rows break an error rule: of the failing source, the latest first."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tfc_platform.admission.admit import Night
from tfc_platform.admission.arrivals import Arrival, Submission
from tfc_platform.check.evidence import Evidence
from tfc_platform.check.suites import load_suites
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.pipeline import contents_to_hold

SITE = "grimsby"
# (source, content, the night that brought it, whether it counts)
SENT = [
    ("activity", "april", 1, True),
    ("activity", "may", 2, True),
    ("activity", "june, a bad version", 3, False),
    ("stories", "stories", 3, True),
    ("surveys", "survey", 1, True),
]


def _night(site: str = SITE) -> Night:
    submissions = [
        Submission(
            Arrival(f"{site}/{sha256}", site, source, sha256, datetime(2026, 5, day, tzinfo=UTC), date(2026, 5, day)),
            "accepted" if counts else "held",
            counts,
            None,
        )
        for source, sha256, day, counts in SENT
    ]
    return Night(submissions, [], [], [], [], "")


def _failed(check_id: str, place: str, source: str) -> Evidence:
    return Evidence(check_id, place, SITE, source, "validity", "error", "h", 9, 1, "failed", "holds_site")  # type: ignore[arg-type]


HOURS = _failed("activity_hours_possible", "source", "activity")
TWICE = _failed("respondent_unique", "source", "surveys")


def _held(*evidence: Evidence, every_night: bool = False, night: Night | None = None) -> dict[str, str]:
    found = contents_to_hold(night or _night(), load_suites(), load_catalogue(()), evidence, every_night=every_night)
    return {sha256: hold.reason for sha256, hold in found.items()}


def test_the_latest_content_of_the_failing_source_is_held_though_another_source_came_later():
    held = _held(HOURS)
    assert set(held) == {"may"}
    assert "No session lasts less than 0 or more than 24 hours." in held["may"]


def test_every_content_of_the_failing_source_is_held_where_older_ones_fail_too():
    assert set(_held(HOURS, every_night=True)) == {"april", "may"}


def test_a_rule_about_respondents_holds_the_survey():
    assert set(_held(TWICE)) == {"survey"}
    both = _held(TWICE, HOURS)
    assert set(both) == {"survey", "may"}, "of each failing source its own latest"
    assert "24 hours" not in both["survey"]


def test_nobody_elses_content_is_held():
    assert _held(HOURS, night=_night("stoke")) == {}
    assert _held() == {}
