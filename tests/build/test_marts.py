"""Every mart over one small lake, against figures worked by hand from the rows below.

Two places in two nations: `north` runs story_time, toy_library and a board; `south` runs story_time. What is worked out
here with pencil and paper is what the returns' rules say, not what the models do.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tfc_platform.build import dbt
from tfc_platform.build.lake_views import make_views
from tfc_platform.settings import Places

from .lake import write_lake


def session(number: int, day: date, activity: str, **cells: Any) -> dict[str, Any]:
    delivered = {"status": "delivered", "attendance_kind": "unknown", "partners": [], "small_area_code": "N1"}
    return (
        {"session_id": f"s{number}", "session_on": day, "activity": activity, "row_number": number} | delivered | cells
    )


def exactly(count: int) -> dict[str, Any]:
    return {"attendance_low": count, "attendance_high": count, "attendance_kind": "exact"}


def activities() -> list[dict[str, Any]]:
    april, may, july = date(2025, 4, 7), date(2025, 5, 6), date(2025, 7, 1)
    return [
        session(1, april, "story_time", **exactly(20), hours=2.0, partners=["p1", "p2"], audience="families"),
        session(
            2, april, "story_time", attendance_low=20, attendance_kind="lower_bound", hours=1.0, audience="parents"
        ),
        session(3, april, "story_time", partners=["p1"]),  # nobody wrote how many came, or for how long
        session(4, april, "story_time", status="cancelled", **exactly(99), hours=9.0, partners=["p9"]),
        session(5, may, "story_time", **exactly(5) | {"attendance_low": 1, "attendance_high": 4}, small_area_code="N2"),
        session(6, may, "toy_library", **exactly(0), hours=2.0, small_area_code=None),
        session(7, may, "unmapped", **exactly(7), hours=0.1, small_area_code="X9"),
        session(8, april, "board", hours=0.2, partners=["p2"]),
        session(9, july, "board", status="cancelled"),
        session(1, april, "story_time", site="south", **exactly(30), hours=1.0, small_area_code="S1", partners=["p1"]),
        session(2, april, "toy_library", site="south", **exactly(3), small_area_code="S1"),  # not south's activity
    ]


def tables() -> dict[str, list[dict[str, Any]]]:
    area = {"small_area_kind": "zone", "rank": 10, "areas_in_nation": 100, "pop_year": 2024}
    bands = ("pop_0_4", "pop_5_11", "pop_12_17", "pop_18_plus")
    seen = datetime(2026, 5, 1, 2, 30, tzinfo=UTC)
    counted = {"counted_sha256": "f" * 64, "counted_source": "activity", "counted_accepted": 9}
    file = {"is_counted": True, "received": 9, "accepted": 9, "rejected": 0, "duplicate": 0, "not_data": 1}
    return {
        "activity": activities(),
        "ref_site": [
            {"site": "north", "name": "North", "nation": "Scotland"},
            {"site": "south", "name": "South", "nation": "England"},
        ],
        "ref_activity": [
            {
                "site": "north",
                "activity": "story_time",
                "tier": "primary",
                "audience": "families",
                "designed_hours": 2.0,
                "audience_unit": "group",
            },
            {
                "site": "north",
                "activity": "toy_library",
                "tier": "primary",
                "audience": "families",
                "designed_hours": 2.0,
                "audience_unit": None,  # nobody has said
            },
            {
                "site": "north",
                "activity": "board",
                "tier": "system",
                "audience": "professionals",
                "designed_hours": 2.0,
                "audience_unit": "group",
            },
            {
                "site": "south",
                "activity": "story_time",
                "tier": "secondary",
                "audience": "parents",
                "designed_hours": 1.0,
                "audience_unit": "individual",
            },
        ],
        "ref_footprint_area": [
            {"site": "north", "area": "Hill", "small_area_code": "N1", "index": "northern 2020", "nation_quintile": 1}
            | area
            | dict(zip(bands, (100, 100, 100, 700), strict=True)),
            {"site": "north", "area": "Hill", "small_area_code": "N2", "index": "northern 2020", "nation_quintile": 2}
            | area
            | dict(zip(bands, (50, 50, 50, 350), strict=True)),
            {"site": "south", "area": "Dale", "small_area_code": "S1", "index": "southern 2025", "nation_quintile": 1}
            | area
            | dict(zip(bands, (10, 20, 30, 1440), strict=True)),
        ],
        "story": [
            {"story_id": "a", "told_on": date(2025, 4, 1), "teller_role": "parent", "change_domain": "confidence"}
            | {"consent": "share", "selected": True},
            {"story_id": "b", "told_on": date(2025, 4, 1), "teller_role": "parent", "change_domain": "confidence"}
            | {"consent": "internal", "selected": False},
            {"story_id": "c", "told_on": date(2025, 4, 1), "teller_role": "parent", "change_domain": "confidence"}
            | {"consent": "withdrawn", "selected": True},
            {"story_id": "d", "told_on": date(2026, 4, 1), "consent": "share"},
        ],
        "learning_item": [
            {"learning_id": "l1", "noted_on": date(2025, 8, 1), "learning_source": "board"},
            {"learning_id": "l2", "noted_on": date(2025, 8, 1), "learning_source": "survey"},
        ],
        "learning_action": [
            {"site": "central", "learning_id": "l2", "to_site": "south", "sent_on": date(2025, 8, 31)}
            | {"received_on": date(2025, 9, 5), "adopted_on": date(2025, 10, 1), "status": "adopted"},
            {"site": "central", "learning_id": "l2", "to_site": "east", "sent_on": date(2025, 9, 1)}
            | {"received_on": date(2025, 9, 5), "status": "received"},
            {
                "site": "central",
                "learning_id": "nobody's",
                "to_site": "east",
                "sent_on": date(2025, 9, 1),
                "status": "sent",
            },
        ],
        "ref_local_indicator": [
            {"site": "north", "indicator": "with_partner", "name": "With a partner", "base": "sessions"}
            | {"denominator_field": "status", "denominator_in": ["delivered"], "numerator_field": "has_partner"}
            | {
                "numerator_in": ["yes"],
                "measure": "percent",
                "period": "quarter",
                "target": 50.0,
                "direction": "at_least",
            },
            {"site": "north", "indicator": "people_at_stories", "name": "Attendances", "base": "attendances"}
            | {"numerator_field": "activity", "numerator_in": ["story_time"], "measure": "count", "period": "month"}
            | {"target": 10.0, "direction": "at_most"},
            {"site": "north", "indicator": "stories", "name": "Stories", "base": "stories", "measure": "count"}
            | {"period": "year"},
            {"site": "south", "indicator": "cancelled", "name": "Cancelled", "base": "sessions"}
            | {"numerator_field": "status", "numerator_in": ["cancelled"], "measure": "percent", "period": "year"},
        ],
        "submission": [
            {"file": "north/activity/a.csv", "status": "accepted", "first_seen_at": seen} | file | counted,
            {"file": "north/activity/copy.csv", "status": "duplicate_file", "first_seen_at": seen, "is_counted": False},
            {"file": "north/x.docx", "source": "none", "file_sha256": "e" * 64, "status": "unrecognised"}
            | {"first_seen_at": seen, "is_counted": False, "message": "Left alone."},
        ],
        "row_issue": [
            {"row_number": 12, "column_name": "Date", "severity": "error", "disposition": "rejected"}
            | {"reason": "invalid_date", "message": "Write the date."},
            {
                "row_number": None,
                "sheet": "May",
                "severity": "warn",
                "reason": "total_differs",
                "message": "Add up again.",
            },
        ],
        "source_state": [
            {"is_held": False},
            {"site": "south", "is_held": True, "held_since": date(2026, 5, 1), "held_reason": "Half is rejected."}
            | {"held_file": "south/activity/b.csv"},
        ],
        "expected_return": [{"return_key": "2025-04", "due_on": date(2025, 5, 14), "status": "received"}],
        "check_result": [
            {"check_id": "c1", "place": "source", "dimension": "validity", "severity": "error", "content_hash": "h"}
            | {"rows_checked": 9, "rows_failed": 0, "verdict": "passed", "gate_effect": "none"},
            {"check_id": "c2", "place": "source", "dimension": "validity", "severity": "warn", "content_hash": "h"}
            | {"rows_checked": 9, "rows_failed": None, "verdict": "broken", "gate_effect": "warns"},
        ],
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, project_dir: Path) -> tuple[Path, dbt.BuildResult]:
    home = tmp_path_factory.mktemp("home")
    places = Places(home)
    places.make()
    make_views(places.warehouse_file, write_lake(home / "lake", tables()))
    return places.warehouse_file, dbt.build(places, project_dir)


@pytest.fixture
def ask(built: tuple[Path, dbt.BuildResult]) -> Any:
    def query(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(built[0]), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    return query


def test_the_build_succeeds_and_warns_of_what_points_nowhere(built: tuple[Path, dbt.BuildResult]) -> None:
    result = built[1]
    assert result.success, [(node.name, node.status, node.error) for node in result.failed]
    warned = {node.name: node.failures for node in result.nodes if node.status == "warn"}
    # one session of an activity that its site does not list, and one action whose item is in no log
    assert warned == {"fct_session_activity_in_reference": 1, "fct_learning_action_learning_id_exists": 1}


def test_delivery(ask: Any) -> None:
    april, may, july = date(2025, 4, 1), date(2025, 5, 1), date(2025, 7, 1)
    assert ask("from marts.mart_delivery order by site, month, activity") == [
        ("north", april, "board", "system", "professionals", 1, 0, 0.2, 1, "group"),
        ("north", april, "story_time", "primary", "families", 3, 1, 3.0, 2, "group"),
        ("north", may, "story_time", "primary", "families", 1, 0, 0.0, 0, "group"),
        ("north", may, "toy_library", "primary", "families", 1, 0, 2.0, 1, "individual"),  # nobody has said
        ("north", may, "unmapped", "unmapped", "unmapped", 1, 0, 0.1, 1, "individual"),
        ("north", july, "board", "system", "professionals", 0, 1, 0.0, 0, "group"),
        ("south", april, "story_time", "secondary", "parents", 1, 0, 1.0, 1, "individual"),
        ("south", april, "toy_library", "unmapped", "unmapped", 1, 0, 0.0, 0, "individual"),
    ]


def test_reach(ask: Any) -> None:
    april, may = date(2025, 4, 1), date(2025, 5, 1)
    assert ask("from marts.mart_reach order by site, month, activity") == [
        ("north", april, "board", "professionals", "attendances", 0, 0, 1, "group"),
        # 20, and 20 or more, and unknown
        ("north", april, "story_time", "families", "attendances", 40, 40, 1, "group"),
        ("north", may, "story_time", "families", "attendances", 1, 4, 0, "group"),
        ("north", may, "toy_library", "families", "attendances", 0, 0, 0, "individual"),  # nobody came: known
        ("north", may, "unmapped", "unmapped", "attendances", 7, 7, 0, "individual"),
        ("south", april, "story_time", "parents", "attendances", 30, 30, 0, "individual"),
        ("south", april, "toy_library", "unmapped", "attendances", 3, 3, 0, "individual"),
    ]


def test_cells_of_reach(ask: Any) -> None:
    """One row a quarter, activity and small area; the largest session is of one session, never a sum."""
    found = ask(
        """
        select site, quarter, activity, area, small_area_code, audience_unit, sessions, sessions_unknown, attendances_low,
            attendances_high, largest_session, hours, sessions_with_hours, sessions_cancelled
        from marts.mart_reach_cell order by site, quarter, activity, small_area_code
        """
    )
    assert found == [
        ("north", "2025-Q2", "board", "Hill", "N1", "group", 1, 1, 0, 0, None, 0.2, 1, 0),
        ("north", "2025-Q2", "story_time", "Hill", "N1", "group", 3, 1, 40, 40, 20, 3.0, 2, 1),
        ("north", "2025-Q2", "story_time", "Hill", "N2", "group", 1, 0, 1, 4, 1, 0.0, 0, 0),
        ("north", "2025-Q2", "toy_library", "unknown", "unknown", "individual", 1, 0, 0, 0, 0, 2.0, 1, 0),
        ("north", "2025-Q2", "unmapped", "outside_footprint", "X9", "individual", 1, 0, 7, 7, 7, 0.1, 1, 0),
        ("north", "2025-Q3", "board", "Hill", "N1", "group", 0, 0, 0, 0, None, 0.0, 0, 1),
        ("south", "2025-Q2", "story_time", "Dale", "S1", "individual", 1, 0, 30, 30, 30, 1.0, 1, 0),
        ("south", "2025-Q2", "toy_library", "Dale", "S1", "individual", 1, 0, 3, 3, 3, 0.0, 0, 0),
    ]


def test_reach_by_area(ask: Any) -> None:
    april, may = date(2025, 4, 1), date(2025, 5, 1)
    assert ask("from marts.mart_reach_area order by site, month, small_area_code") == [
        # N1 has 1,000 residents: story_time's 40 and a board whose attendance is not known
        ("north", april, "Hill", "N1", "northern 2020", 1, 1000, 40, 40.0, 4, 2, "venue"),
        ("north", may, "Hill", "N2", "northern 2020", 2, 500, 1, 2.0, 1, 0, "venue"),
        ("north", may, "outside_footprint", "X9", None, None, None, 7, None, 1, 0, "venue"),
        ("north", may, "unknown", "unknown", None, None, None, 0, None, 1, 0, "venue"),
        ("south", april, "Dale", "S1", "southern 2025", 1, 1500, 33, 22.0, 2, 0, "venue"),
    ]


def test_areas_and_activities_hold_the_same_attendances(ask: Any) -> None:
    by_activity = ask("select site, month, sum(value_low) from marts.mart_reach group by all order by all")
    assert by_activity == ask(
        "select site, month, sum(attendances_low) from marts.mart_reach_area group by all order by all"
    )


def test_process(ask: Any) -> None:
    found = ask(
        """
        select sessions_delivered, sessions_cancelled, cancelled_share, hours, sessions_with_hours, hours_completeness,
            mean_hours, designed_hours, dose_ratio, sessions_assessed, sessions_near_design, fidelity_share,
            sessions_with_audience, adaptations, partners, sessions_with_attendance, attendance_completeness
        from marts.mart_process where site = 'north' and quarter = '2025-Q2' and activity = 'story_time'
        """
    )
    # four delivered and one cancelled; lengths 2 and 1 of a design of 2; one of two forms named another audience
    assert found == [(4, 1, 0.2, 3.0, 2, 0.5, 1.5, 2.0, 0.75, 2, 1, 0.5, 2, 1, 2, 3, 0.75)]
    only_cancelled = ask(
        """
        select sessions_delivered, cancelled_share, hours_completeness, mean_hours, fidelity_share, adaptations, partners
        from marts.mart_process where quarter = '2025-Q3'
        """
    )
    assert only_cancelled == [(0, 1.0, None, None, None, None, 0)]


def test_partnership(ask: Any) -> None:
    assert ask("from marts.mart_partnership order by site, quarter") == [
        ("north", "2025-Q2", 2, 3, 1, 3, 2, True),  # p1 and p2; the cancelled session's p9 is no active partner
        ("north", "2025-Q3", 0, 0, 0, 0, 0, True),
        ("south", "2025-Q2", 1, 1, 0, 0, 0, False),  # the one session is one family's
    ]


def test_stories(ask: Any) -> None:
    assert ask("from marts.mart_story_domain order by all") == [
        ("north", "confidence", "parent", 2, 1),
        ("north", "not_stated", "not_stated", 1, 0),
    ]


def test_cells_of_stories(ask: Any) -> None:
    assert ask("from marts.mart_story_cell order by all") == [
        ("north", "2025-Q2", "2025-26", "confidence", "parent", 2, 1),
        ("north", "2026-Q2", "2026-27", "not_stated", "not_stated", 1, 0),
    ]


def test_learning(ask: Any) -> None:
    noted = date(2025, 8, 1)
    assert ask("from marts.mart_learning_action order by learning_id, to_site") == [
        ("l1", "north", None, noted, None, None, None, "none", None, None),
        ("l2", "north", "east", noted, date(2025, 9, 1), date(2025, 9, 5), None, "received", 31, None),
        ("l2", "north", "south", noted, date(2025, 8, 31), date(2025, 9, 5), date(2025, 10, 1), "adopted", 30, 31),
    ]


def test_local_indicators(ask: Any) -> None:
    found = ask(
        """
        select site, indicator, period, value, numerator, denominator, target, direction, met
        from marts.mart_local_indicator order by site, indicator, period
        """
    )
    assert found == [
        ("north", "people_at_stories", "2025-04", 40.0, 40.0, None, 10.0, "at_most", False),
        ("north", "people_at_stories", "2025-05", 1.0, 1.0, None, 10.0, "at_most", True),
        ("north", "stories", "2025-26", 2.0, 2.0, None, None, None, None),
        ("north", "stories", "2026-27", 1.0, 1.0, None, None, None, None),
        ("north", "with_partner", "2025-Q2", 42.8571, 3.0, 7.0, 50.0, "at_least", False),
        ("north", "with_partner", "2025-Q3", None, 0.0, 0.0, 50.0, "at_least", None),
        ("south", "cancelled", "2025-26", 0.0, 0.0, 2.0, None, None, None),
    ]
    persons = ask("select distinct indicator, about_persons from marts.mart_local_indicator order by all")
    # with_partner is of all delivered sessions, and north has two activities that nobody has declared; south has casework
    assert persons == [("cancelled", True), ("people_at_stories", True), ("stories", True), ("with_partner", True)]


def test_returns_and_their_quality(ask: Any) -> None:
    assert ask(
        "select file, status, received, is_counted, first_seen_at from marts.mart_submission_status order by 1"
    ) == [
        ("north/activity/a.csv", "accepted", 9, True, datetime(2026, 5, 1, 2, 30)),  # UTC's clock
        ("north/activity/copy.csv", "duplicate_file", None, False, datetime(2026, 5, 1, 2, 30)),
        ("north/x.docx", "unrecognised", None, False, datetime(2026, 5, 1, 2, 30)),
    ]
    assert ask('select site, file, sheet, "row", "column", severity, reason from marts.mart_row_issue order by 4') == [
        ("north", "north/activity/a.csv", None, 12, "Date", "error", "invalid_date"),
        ("north", "north/activity/a.csv", "May", None, None, "warn", "total_differs"),
    ]
    assert ask("select site, is_held, held_since, held_file from marts.mart_source_state order by 1") == [
        ("north", False, None, None),
        ("south", True, date(2026, 5, 1), "south/activity/b.csv"),
    ]
    assert ask("from marts.mart_expected_return") == [("north", "activity", "2025-04", date(2025, 5, 14), "received")]
    assert ask("select check_id, passed, rows_failed, gate_effect from marts.mart_data_quality order by 1") == [
        ("c1", True, 0, "none"),
        ("c2", False, None, "warns"),
    ]


def test_facts_keep_every_row_with_its_provenance(ask: Any) -> None:
    written = tables()
    for fact, record in (
        ("fct_session", "activity"),
        ("fct_story", "story"),
        ("fct_learning_action", "learning_action"),
    ):
        found = ask(f"select count(*), count(file_sha256), count(row_number) from intermediate.{fact}")
        assert found == [(len(written[record]),) * 3], fact
