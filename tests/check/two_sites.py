"""A small warehouse of two sites, written by hand: the lake's rows, the counts that receipts promise, and the marts' figures."""

from __future__ import annotations

from datetime import date

CONTRACTED = [(site, record) for site in ("a", "b") for record in ("activity", "survey_respondent", "story")] + [
    ("a", "learning_item"),
    ("a", "contribution_claim"),
    ("centre", "learning_action"),
    ("centre", "story_approval"),
]
JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)


def _session(site, number, day, activity, status, low, high, hours, partners):
    return {
        "site": site,
        "source": "activity",
        "file_sha256": f"{site}-act",
        "row_number": number,
        "session_id": f"{site}{number}",
        "session_on": day,
        "activity": activity,
        "status": status,
        "attendance_low": low,
        "attendance_high": high,
        "hours": hours,
        "partners": partners,
    }


SESSIONS = [
    _session("a", 1, date(2026, 1, 5), "toys", "delivered", 20, None, 1.5, ["p"]),  # 20+
    _session("a", 2, date(2026, 1, 9), "toys", "delivered", 15, 20, None, []),
    _session("a", 3, date(2026, 1, 31), "toys", "cancelled", 99, 99, 9.0, ["p"]),  # what was typed must not count
    _session("a", 4, date(2026, 2, 1), None, "delivered", None, None, 2.25, None),  # nobody counted, nobody mapped
    _session("b", 1, date(2026, 1, 7), "toys", "delivered", 4, 4, 0.3333333, ["q", "r"]),
]
_OF_FILE = {"site": "a", "source": "s", "file_sha256": "f", "row_number": 2}
LAKE = {
    "activity": SESSIONS,
    "survey_respondent": [{**_OF_FILE, "source": "surveys", "file_sha256": "a-sur", "respondent_id": "r1"}],
    "survey_answer": [
        {**_OF_FILE, "source": "surveys", "file_sha256": "a-sur", "respondent_id": "r1", "population": "p", "wave": "w1",
         "instrument": "core", "item": item, **answer}
        for item, answer in (
            ("K1", {"value": 5}),
            ("K2", {"missing_reason": "dont_know"}),  # in the base, as its codebook says
            ("T1", {"missing_reason": "dont_know"}),  # out of it
            ("Q1", {"value": 2}),  # no indicator of its own
            ("R1", {"value": 1}),  # runs the other way: 1 is as good as 5
        )
    ],
    "story": [
        {**_OF_FILE, "source": "stories", "file_sha256": "a-sto", "story_id": name, "consent": consent, **more}
        for name, consent, more in (
            ("S1", "share", {"change_domain": "confidence", "selected": True, "told_on": FEB}),
            ("S2", "internal", {"selected": False}),
            ("S3", "withdrawn", {"change_domain": "confidence", "selected": True}),
        )
    ],
    "story_approval": [{**_OF_FILE, "site": "centre", "source": "approvals", "file_sha256": "c-app", "story_id": "S1"}],
    "learning_item": [
        {**_OF_FILE, "source": "learning", "file_sha256": "a-lea", "learning_id": name} for name in ("L1", "L2")
    ],
    "learning_action": [
        {**_OF_FILE, "site": "centre", "source": "actions", "file_sha256": "c-act", "learning_id": name, "to_site": "b"}
        for name in ("L1", "L1", "L-unknown")
    ],
    "contribution_claim": [{**_OF_FILE, "source": "claims", "file_sha256": "a-cla", "claim_id": "C1"}],
    "row_issue": [
        {"site": "a", "source": "activity", "file_sha256": "a-act", "row_number": 9, "severity": "error",
         "disposition": "rejected", "reason": "invalid_date", "message": "Write the date as 3/4/25."},
    ],
    "source_state": [{"site": "a", "source": "activity", "is_held": True, "held_since": FEB, "held_reason": "late"}],
    "expected_return": [{"site": "b", "source": "activity", "return_key": "2026-03", "due_on": FEB, "status": "overdue"}],
}  # fmt: skip
COUNTS = {
    ("a", "activity", "a-act", "activity"): 4,
    ("b", "activity", "b-act", "activity"): 1,
    ("a", "surveys", "a-sur", "survey_respondent"): 1,
    ("a", "surveys", "a-sur", "survey_answer"): 5,
    ("a", "stories", "a-sto", "story"): 3,
    ("a", "learning", "a-lea", "learning_item"): 2,
    ("a", "claims", "a-cla", "contribution_claim"): 1,
    ("centre", "approvals", "c-app", "story_approval"): 1,
    ("centre", "actions", "c-act", "learning_action"): 3,
}
MARTS = {
    "mart_delivery (site varchar, month date, activity varchar, sessions_delivered bigint, sessions_cancelled bigint, "
    "hours double, sessions_with_hours bigint)": [
        ("a", JAN, "toys", 2, 1, 1.5, 1),
        ("a", FEB, "unmapped", 1, 0, 2.25, 1),
        ("b", JAN, "toys", 1, 0, 0.3333, 1),
    ],
    "mart_reach (site varchar, month date, activity varchar, measure varchar, value_low bigint, value_high bigint, "
    "sessions_unknown bigint)": [
        ("a", JAN, "toys", "attendances", 35, 40, 0),
        ("a", FEB, "unmapped", "attendances", 0, 0, 1),
        ("b", JAN, "toys", "attendances", 4, 4, 0),
    ],
    "mart_reach_area (site varchar, month date, area varchar, attendances_low bigint)": [
        ("a", JAN, "Govan", 20), ("a", JAN, "unknown", 15), ("a", FEB, "unknown", 0), ("b", JAN, "unknown", 4),
    ],
    "mart_reach_cell (site varchar, quarter varchar, activity varchar, area varchar, sessions bigint, sessions_unknown bigint, "
    "attendances_low bigint, attendances_high bigint, largest_session bigint, hours double, sessions_with_hours bigint, "
    "sessions_cancelled bigint)": [
        ("a", "2026-Q1", "toys", "Govan", 1, 0, 20, 20, 20, 1.5, 1, 0),
        ("a", "2026-Q1", "toys", "unknown", 1, 0, 15, 20, 15, 0, 0, 1),
        ("a", "2026-Q1", "unmapped", "unknown", 1, 1, 0, 0, None, 2.25, 1, 0),
        ("b", "2026-Q1", "toys", "unknown", 1, 0, 4, 4, 4, 0.3333, 1, 0),
    ],
    "mart_process (site varchar, quarter varchar, activity varchar, sessions_delivered bigint, sessions_cancelled bigint)": [
        ("a", "2026-Q1", "toys", 2, 1), ("a", "2026-Q1", "unmapped", 1, 0), ("b", "2026-Q1", "toys", 1, 0),
    ],
    "mart_partnership (site varchar, quarter varchar, sessions_with_partner bigint)": [("a", "2026-Q1", 1), ("b", "2026-Q1", 1)],
    "mart_story_domain (site varchar, change_domain varchar, teller_role varchar, stories bigint, selected bigint)": [
        ("a", "confidence", "partner", 1, 1), ("a", "not_stated", "partner", 1, 0),
    ],
    "mart_story_cell (site varchar, quarter varchar, change_domain varchar, teller_role varchar, stories bigint, "
    "selected bigint)": [
        ("a", "2026-Q1", "confidence", "partner", 1, 1), ("a", "not_stated", "not_stated", "partner", 1, 0),
    ],
    "mart_learning_action (site varchar, learning_id varchar, to_site varchar)": [("a", "L1", "b"), ("a", "L2", None)],
    "mart_outcome_indicator (site varchar, population varchar, wave varchar, indicator varchar, measure varchar, "
    "breakdown varchar, breakdown_value varchar, n bigint)": [
        ("a", "p", "w1", "K1", "percent_positive", "all", "all", 1),
        ("a", "p", "w1", "K1", "percent_positive", "area", "Govan", 1),
        ("a", "p", "w1", "K1", "percent_positive", "sector", "Health", 1),
        ("a", "p", "w1", "K2", "percent_positive", "all", "all", 1),
        ("a", "p", "w1", "K2", "percent_positive", "area", "Govan", 0),
        ("a", "p", "w1", "K2", "percent_positive", "sector", "Health", 1),
        ("a", "p", "w1", "R1", "percent_positive", "all", "all", 1),
        ("a", "p", "w1", "T1", "percent_positive", "all", "all", 0),
        ("a", "p", "w1", "know", "scale_mean", "all", "all", 1),
    ],
    "mart_outcome_cell (site varchar, population varchar, wave varchar, indicator varchar, measure varchar, area varchar, "
    "sector varchar, n bigint, positive bigint)": [
        ("a", "p", "w1", "K1", "percent_positive", "Govan", "Health", 1, 1),
        ("a", "p", "w1", "K2", "percent_positive", "unknown", "Health", 1, 0),
        ("a", "p", "w1", "R1", "percent_positive", "unknown", "not_asked", 1, 1),
        ("a", "p", "w1", "know", "scale_mean", "unknown", "not_asked", 1, None),
    ],
    "mart_submission_status (site varchar, file varchar, status varchar)": [],
    'mart_row_issue (site varchar, source varchar, file varchar, sheet varchar, "row" bigint, "column" varchar, '
    "cell varchar, severity varchar, disposition varchar, reason varchar, message varchar)": [
        ("a", "activity", "a/act", None, 9, None, None, "error", "rejected", "invalid_date", "Write the date as 3/4/25."),
    ],
    "mart_source_state (site varchar, source varchar, is_held boolean, held_since date)": [("a", "activity", True, FEB)],
    "mart_expected_return (site varchar, source varchar, return_key varchar, due_on date, status varchar)": [
        ("b", "activity", "2026-03", FEB, "overdue"),
    ],
}  # fmt: skip
