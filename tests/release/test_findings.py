"""Sentences of the first page, held against sentences written by hand for small releases with round numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from tests.release.paged import manifest, table
from tfc_platform.pages.findings import (
    ChangeDirection,
    delivery_heading,
    delivery_point,
    learning_heading,
    outcome_heading,
    outcome_points,
    population_findings,
    reach_heading,
    stories_heading,
    stories_point,
    verdict_of,
)
from tfc_platform.pages.indicators import headline_scales
from tfc_platform.pages.page_figures import ReleaseView
from tfc_platform.pages.view_models import FigureText, MissingText, PeriodText, StrongText
from tfc_platform.publication.released_table import ReleaseTable

SITES = ("ashby", "birk")
ONE_SCHOOL = "Only one school took part, so it could be recognised."
OTHER_SCHOOLS = "Different schools took part in each wave."


def plain(content: Any) -> str:
    """The words of a piece of content, as a reader sees them."""
    if isinstance(content, str):
        return content
    if isinstance(content, FigureText | MissingText | PeriodText):
        return content.text
    if isinstance(content, StrongText):
        return plain(content.content)
    return "".join(plain(part) for part in content)


def view(*tables: ReleaseTable, sites: Sequence[str] = SITES, persons: Sequence[str] = ()) -> ReleaseView:
    labels = {
        "sites": [{"site": site, "name": site.capitalize(), "nation": "England"} for site in sites],
        "indicators": {
            "know": {"kind": "scale", "name": "Know", "items": ["K1"], "range": [0, 100], "higher_is": "better"},
            "do": {"kind": "scale", "name": "Do", "items": ["D1"], "range": [0, 100], "higher_is": "better"},
            "worry": {"kind": "scale", "name": "Worry", "items": ["W1"], "range": [0, 10], "higher_is": "worse"},
        },
    }
    return ReleaseView(manifest(tables, sites, labels=labels, person_tables=list(persons)), tables)


def change(site: str, population: str, indicator: str, difference: float | None, p: float | None, **said: str) -> Any:
    """A row of changes; without a difference, `status` and `note` say why."""
    status, note = said.get("status", "rounded"), said.get("note")
    keys = {"site": site, "population": population, "indicator": indicator, "design": said.get("design", "panel")}
    keys |= {"wave_from": "w1", "wave_to": said.get("wave_to", "w2")}
    return keys, {"difference": (difference, status, note), "p_adjusted": (p, status, note)}


def changes(*rows: Any) -> ReleaseTable:
    return table("outcome_change", ("site", "population", "indicator", "design", "wave_from", "wave_to"), (), rows)


def estimates(*rows: tuple[str, str, str]) -> ReleaseTable:
    keys = ("site", "population", "wave", "indicator", "breakdown")
    return table(
        "outcome_indicator",
        keys,
        (),
        [(dict(zip(keys, (*row, "know", "all"), strict=True)), {"estimate": (50.0, "rounded", None)}) for row in rows],
    )


def found(*tables: ReleaseTable, scales: Sequence[str] = ("know", "do")) -> tuple[str, list[str]]:
    release = view(*tables)
    findings = population_findings(release, scales)
    return outcome_heading(findings), [plain(point) for point in outcome_points(release, findings)]


@pytest.mark.parametrize(
    ("difference", "p", "verdict"),
    [
        (5.0, 0.04, ChangeDirection.RISE),
        (-5.0, 0.0, ChangeDirection.FALL),
        (5.0, 0.05, ChangeDirection.NO_CLEAR_CHANGE),
        (0.0, 0.01, ChangeDirection.NO_CLEAR_CHANGE),  # rounded to nothing: which way is not known
        (5.0, None, ChangeDirection.CANNOT_SAY),
        (None, 0.01, ChangeDirection.CANNOT_SAY),
    ],
)
def test_a_verdict_follows_from_the_published_difference_and_p_value(
    difference: float | None, p: float | None, verdict: ChangeDirection
) -> None:
    assert verdict_of(difference, p) is verdict


def test_all_that_can_be_compared_rose_and_the_others_have_their_reasons() -> None:
    heading, points = found(
        changes(
            change("ashby", "community", "know", 5.0, 0.01),
            change("ashby", "community", "do", 9.0, 0.0),
            change("birk", "community", "know", 7.0, 0.04),
            change("birk", "community", "do", None, None, status="suppressed"),
            change("ashby", "professionals", "know", 6.0, 0.02),
            change("ashby", "young_people", "know", None, None, status="not_comparable", note=OTHER_SCHOOLS),
            change("ashby", "young_people", "do", None, None, status="not_comparable", note=OTHER_SCHOOLS),
            change("birk", "young_people", "know", None, None, status="suppressed", note=ONE_SCHOOL),
            change("birk", "young_people", "do", None, None, status="suppressed", note=ONE_SCHOOL),
        )
    )
    assert heading == "Residents and professionals scored higher; we cannot say yet for young people"
    assert points == [
        "Residents and professionals scored higher on know and do, by 5 to 9 points wherever we can compare.",
        "We cannot say yet whether young people changed. Ashby: different schools took part in each wave. "
        "Birk: only one school took part, so it could be recognised.",
    ]


def test_a_main_point_gives_the_first_sentence_of_a_reason_without_the_number_of_its_rule() -> None:
    few = "Rule R7: too few answered. An estimate needs 30 answers."
    _, points = found(changes(change("ashby", "community", "know", None, None, status="suppressed", note=few)))
    assert points[0].startswith("We cannot say yet whether residents changed. Ashby: too few answered. ")


def test_falls_and_no_clear_change_are_told_as_such() -> None:
    heading, points = found(
        changes(
            *(change(site, "community", scale, -4.0, 0.01) for site in SITES for scale in ("know", "do")),
            *(change(site, "professionals", scale, 2.0, 0.4) for site in SITES for scale in ("know", "do")),
        )
    )
    assert heading == "Residents scored lower; no clear change for professionals"
    assert points == [
        "Residents scored lower on know and do, with a change of −4 points wherever we can compare.",
        "There was no clear change for professionals on know and do: chance may explain the differences.",
    ]


def test_where_sites_differ_nobody_is_said_to_have_risen() -> None:
    heading, points = found(
        changes(
            change("ashby", "community", "know", 5.0, 0.01),
            change("ashby", "community", "do", -5.0, 0.01),
            change("birk", "community", "know", 1.0, 0.6),
        )
    )
    assert heading == "Results differ for residents"
    assert points == ["Results differ for residents. Some scores rose, some scores fell and some show no clear change."]


def test_a_survey_that_was_asked_once_or_is_not_final_is_not_a_silent_gap() -> None:
    returned = table(
        "expected_return",
        ("site", "return_key", "return_status"),
        (),
        [
            (
                {"site": "birk", "return_key": "community w2", "return_status": "received"},
                {"returns": (1.0, "shown", None)},
            )
        ],
    )
    heading, points = found(estimates(("ashby", "community", "w1"), ("birk", "community", "w1")), returned)
    assert heading == "We cannot say yet for residents"
    assert points == [
        "We cannot say yet whether residents changed. Ashby: asked once so far: there is nothing to compare with. "
        "Birk: a survey has been returned and is not final yet."
    ]


def test_the_latest_waves_decide_and_the_same_people_come_before_different_people() -> None:
    heading, _ = found(
        changes(
            change("ashby", "community", "know", 9.0, 0.01),
            change("ashby", "community", "know", -9.0, 0.01, wave_to="w3"),
            change("ashby", "community", "know", 9.0, 0.01, wave_to="w3", design="repeated_cross_section"),
        ),
        scales=("know",),
    )
    assert heading == "Residents scored lower"


def test_columns_of_the_first_page_are_the_scales_that_most_surveys_asked_for() -> None:
    rows = [change(site, "community", scale, 1.0, 0.9) for site in SITES for scale in ("know", "do")]
    assert headline_scales(view(changes(*rows, change("ashby", "community", "worry", 1.0, 0.9)))) == ["know", "do"]
    assert headline_scales(view()) == []


def sessions(values: Mapping[str, float | None]) -> ReleaseTable:
    rows = [
        (
            {"site": site, "month": date(2025, 5, 1), "activity": "play"},
            {"sessions_delivered": (value, "shown" if value is not None else "not_available", None)},
        )
        for site, value in values.items()
    ]
    return table("delivery", ("site", "month", "activity"), (), rows)


def test_delivery_is_told_by_the_fewest_and_the_most() -> None:
    release = view(sessions({"ashby": 275.0, "birk": 1360.0}))
    assert plain(delivery_heading(release)) == "Every site delivered at least 275 group sessions"
    assert [plain(point) for point in delivery_point(release)] == [
        "1,635 group sessions were delivered, from 275 in Ashby to 1,360 in Birk."
    ]
    gap = view(sessions({"ashby": 275.0, "birk": None}))
    assert plain(delivery_heading(gap)) == "Ashby delivered 275 group sessions"
    assert delivery_point(gap) == [], "a total without a site is not told as one with it"
    assert plain(delivery_heading(view())) == "No group sessions are in this release"


def test_attendances_are_a_range_and_never_a_sum() -> None:
    def reach(values: Mapping[str, float | None]) -> ReleaseView:
        rows = [
            (
                {"site": site, "year": "2025-26"},
                {"attendances_low": (value, "rounded" if value else "suppressed", None)},
            )
            for site, value in values.items()
        ]
        return view(table("reach_year", ("site", "year"), (), rows), persons=("reach_year",))

    assert plain(reach_heading(reach({"ashby": 6300.0, "birk": 9200.0}))) == (
        "Attendances ranged from 6,300 in Ashby to 9,200 in Birk"
    )
    assert plain(reach_heading(reach({"ashby": 6300.0, "birk": None}))) == "Ashby recorded at least 6,300 attendances"
    assert plain(reach_heading(reach({"birk": None}))) == "Attendances of a year are not published yet"


def test_learning_is_told_by_how_much_of_it_was_adopted() -> None:
    def learning(*statuses: str) -> ReleaseView:
        rows = [
            ({"learning_id": f"L{n}", "site": "ashby", "action_status": status}, {"days_to_send": (1.0, "shown", None)})
            for n, status in enumerate(statuses)
        ]
        return view(table("learning_action", ("learning_id", "site", "action_status"), (), rows))

    assert plain(learning_heading(learning("adopted", "sent", "received", "none"))) == (
        "Learning sent to another site was adopted in 1 of 3 cases"
    )
    assert plain(learning_heading(learning("none"))) == "No learning has been sent to another site yet"


def test_stories_are_told_by_what_they_tell_of_most() -> None:
    def stories(*domains: str) -> ReleaseView:
        columns = ("story_id", "change_domain")
        shape = table("stories", columns, (), [])
        rows = tuple((f"S{n}", domain, None, None, None, None) for n, domain in enumerate(domains))
        told = table(
            "story_domain", ("site", "year"), (), [({"site": "all", "year": "x"}, {"stories": (75.0, "rounded", None)})]
        )
        return view(ReleaseTable("stories", "Stories", "", shape.columns, 1, rows), told, persons=("story_domain",))

    release = stories("knowledge", "knowledge", "confidence")
    assert plain(stories_heading(release)) == "Shared stories tell most often of knowledge"
    assert [plain(point) for point in stories_point(release)] == [
        "3 stories of change are approved for sharing, of about 75 that were told."
    ]
    assert plain(stories_heading(stories("knowledge", "confidence"))) == (
        "Stories tell of several kinds of change, none more often than all others"
    )
    assert plain(stories_heading(stories())) == "No stories are approved for sharing yet"
