"""A small release made by hand, for the tests of its pages: every status, every table, hostile texts, any number of sites.

The values are arbitrary and all different, so that a number that stands in the wrong place is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any

import pyarrow as pa

from tfc_platform.publication.publication_register import CHANGE_LABELS
from tfc_platform.publication.released_table import ReleaseColumn, ReleaseTable, figure_columns

HOSTILE = "<script>alert(\"x\")</script> & 'quoted'"
NOT_LOCKED = "Not locked yet: returns that it needs have not come."
HELD = "From an earlier return: activity held since 2026-04-20."
SITES = ("ashby", "birk", "corran", "dale", "eastness")

Row = tuple[dict[str, Any], dict[str, tuple[float | None, str, str | None]]]


def table(name: str, keys: Sequence[str], attributes: Sequence[str], rows: Sequence[Row]) -> ReleaseTable:
    """A table from rows of labels and of figures by measure: value, status, note."""
    names = (*keys, *attributes)
    kinds = {n: pa.date32() if n in ("month", "due_on") or n.endswith("_on") else pa.string() for n in names}
    long = [
        (*(labels.get(n) for n in names), measure, *figure)
        for labels, figures in rows
        for measure, figure in figures.items()
    ]
    columns = (*(ReleaseColumn(n, kinds[n], n) for n in names), *figure_columns("x"))
    return ReleaseTable(name, name.replace("_", " ").capitalize(), "A table.", columns, len(keys), tuple(long))


def tables(sites: Sequence[str] = SITES[:2]) -> tuple[ReleaseTable, ...]:
    """Every table of a release, for these sites."""
    numbers = count(11)

    def shown(step: float = 1.0, status: str = "shown", note: str | None = None) -> tuple[float, str, str | None]:
        return round(next(numbers) * step, 2), status, note

    def rounded(note: str | None = None) -> tuple[float, str, str | None]:
        return next(numbers) * 5.0, "rounded", note

    def none(status: str, note: str | None = None) -> tuple[None, str, str | None]:
        return None, status, note

    delivery, process, reach, years, areas, casework, outcome, change, local = ([] for _ in range(9))
    learning, returns, quality, state, files, partners = ([] for _ in range(6))
    for place, site in enumerate(sites):
        for month in (date(2025, 5, 1), date(2025, 11, 1)):
            for activity in ("play", "talk"):
                labels = {"site": site, "month": month, "activity": activity, "tier": "primary", "audience": "children"}
                held = ("held", HELD) if place == 1 else ("shown", None)
                delivery.append(
                    (
                        labels,
                        {
                            "sessions_delivered": shown(1, *held),
                            "sessions_cancelled": shown(1, *held),
                            "hours": shown(0.25, *held),
                        },
                    )
                )
        for quarter in ("2025-Q2", "2026-Q1"):
            labels = {"site": site, "quarter": quarter, "activity": "play", "tier": "primary", "audience": "children"}
            process.append(
                (
                    labels,
                    {
                        "sessions_delivered": shown(),
                        "sessions_cancelled": shown(),
                        "sessions_assessed": shown(),
                        "sessions_near_design": shown(),
                        "sessions_with_attendance": shown(),
                        "fidelity_share": (0.6153846153846154, "shown", None),
                        "dose_ratio": (1.2345, "shown", None) if place else none("not_available"),
                    },
                )
            )
            partners.append(({"site": site, "quarter": quarter}, {"partners_active": shown(), "boards_held": shown()}))
        for quarter, low in (
            ("2025-Q2", rounded()),
            ("2025-Q3", none("suppressed")),
            ("2026-Q1", none("not_available", NOT_LOCKED)),
        ):
            high = rounded() if low[0] is not None else low
            reach.append(
                (
                    {"site": site, "quarter": quarter, "activity": "play"},
                    {"attendances_low": low, "attendances_high": high, "sessions_delivered": shown()},
                )
            )
            casework.append(
                ({"site": site, "quarter": quarter, "activity": "visits"}, {"sessions_delivered": low, "hours": low})
            )
            areas.append(
                (
                    {
                        "site": site,
                        "quarter": quarter,
                        "small_area_code": f"E0{place}",
                        "area": HOSTILE,
                        "nation_quintile": "1",
                    },
                    {"attendances_low": low, "population": shown(), "rate_per_1000": low},
                )
            )
        years.append(({"site": site, "year": "2025-26"}, {"attendances_low": rounded(), "attendances_high": rounded()}))
        for population in ("community", "young_people"):
            for wave in ("w1", "w2"):
                for code, measure in (("K1", "percent_positive"), ("know", "scale_mean")):
                    few = population == "young_people" and wave == "w1"
                    found = {
                        name: none("suppressed") if few else (value + place, "rounded", None)
                        for name, value in {"n": 105.0, "estimate": 41.0, "ci_low": 33.0, "ci_high": 52.0}.items()
                    }
                    labels = {"site": site, "population": population, "wave": wave, "indicator": code}
                    outcome.append(
                        (labels | {"breakdown": "all", "breakdown_value": "all", "indicator_measure": measure}, found)
                    )
            for code, measure in (("K1", "percent_positive"), ("know", "scale_mean")):
                moved = {
                    "difference": 7.0,
                    "ci_low": -1.0 + place,
                    "ci_high": 15.0,
                    "p_adjusted": 0.04 if code == "know" else 0.31,
                }
                apart = population == "young_people"
                labels = {
                    "site": site,
                    "population": population,
                    "indicator": code,
                    "design": "panel",
                    "wave_from": "w1",
                }
                change.append(
                    (
                        labels
                        | {
                            "wave_to": "w2",
                            "indicator_measure": measure,
                            "comparison": "previous",
                            "family": "headline",
                        }
                        | {"reading": "not_comparable" if apart else "change" if code == "know" else "no_clear_change"},
                        {k: none("not_comparable") if apart else (v, "rounded", None) for k, v in moved.items()},
                    )
                )
        for period, value, met in (("2025-Q4", 14.5, 1.0), ("2026-Q1", 3.0, 0.0)):
            labels = {"site": site, "indicator": "own", "period": period, "name": f"Own {HOSTILE}", "base": "hours"}
            local.append(
                (
                    labels | {"indicator_measure": "count", "direction": "at_least"},
                    {
                        "indicator_value": (value, "shown", None),
                        "target": (12.0, "shown", None),
                        "met": (met, "shown", None),
                    },
                )
            )
        to = sites[(place + 1) % len(sites)]
        sent = {
            "learning_id": f"L-{place}",
            "site": site,
            "to_site": to,
            "noted_on": date(2025, 6, 1),
            "sent_on": date(2025, 7, 1),
        }
        adopted = {"received_on": date(2025, 7, 9), "adopted_on": date(2025, 8, 1), "action_status": "adopted"}
        learning.append(
            (sent | (adopted if place else {"action_status": "sent"}), {"days_to_send": (30.0, "shown", None)})
        )
        for key, status in (("2025-05", "received"), ("2026-03", "overdue")):
            labels = {
                "site": site,
                "source": "activity",
                "return_key": key,
                "due_on": date(2026, 4, 5),
                "return_status": status,
            }
            returns.append((labels, {"returns": (1.0, "shown", None)}))
        quality.append(
            ({"site": site, "source": "activity", "check_id": "c"}, {"passed": (float(place > 0), "shown", None)})
        )
        state.append(({"site": site, "source": "activity"}, {"is_held": (0.0, "shown", None)}))
        files.append(({"site": site, "source": "activity", "file_status": "accepted"}, {"files": shown()}))
    state.append(({"site": "central", "source": "learning_actions"}, {"is_held": (0.0, "shown", None)}))
    story_columns = ("story_id", "site", "quarter", "change_domain", "text")
    stories = ReleaseTable(
        "stories",
        "Stories of change",
        "Texts.",
        tuple(ReleaseColumn(n, pa.string(), n) for n in story_columns),
        1,
        tuple((f"S{n}", site, "2025-Q2", "confidence", f"A story {HOSTILE}") for n, site in enumerate(sites)),
    )
    return (
        *evidence(sites),
        table("casework", ("site", "quarter", "activity"), (), casework),
        table("data_quality", ("site", "source", "check_id"), (), quality),
        table("delivery", ("site", "month", "activity"), ("tier", "audience"), delivery),
        table("expected_return", ("site", "source", "return_key", "due_on", "return_status"), (), returns),
        table(
            "learning_action",
            ("learning_id", "site", "to_site"),
            ("noted_on", "sent_on", "received_on", "adopted_on", "action_status"),
            learning,
        ),
        table(
            "local_indicator",
            ("site", "indicator", "period"),
            ("name", "base", "indicator_measure", "direction"),
            local,
        ),
        table(
            "outcome_change",
            ("site", "population", "indicator", "design", "wave_from", "wave_to"),
            ("indicator_measure", *CHANGE_LABELS),
            change,
        ),
        table(
            "outcome_indicator",
            ("site", "population", "wave", "indicator", "breakdown", "breakdown_value"),
            ("indicator_measure",),
            outcome,
        ),
        trend(sites),
        table("partnership", ("site", "quarter"), (), partners),
        table("process", ("site", "quarter", "activity"), ("tier", "audience"), process),
        table("reach", ("site", "quarter", "activity"), (), reach),
        table("reach_area", ("site", "quarter", "small_area_code"), ("area", "nation_quintile"), areas),
        table("reach_year", ("site", "year"), (), years),
        table("source_state", ("site", "source"), (), state),
        stories,
        table("story_domain", ("site", "year"), (), [({"site": "all", "year": "2025-26"}, {"stories": rounded()})]),
        table("submission_status", ("site", "source", "file_status"), (), files),
    )


def trend(sites: Sequence[str]) -> ReleaseTable:
    """A trend over three waves that is claimed, and one of another scale that is not shown."""
    measures = ("rise", "rise_low", "rise_high", "p_adjusted", "smallest_rise", "waves", "n_smallest")
    values = dict(zip(measures, (9123.0, 9101.0, 9145.0, 0.01, 9.5, 3.0, 9155.0), strict=True))
    rows: list[Row] = []
    for site in sites[:1]:
        labels = {"site": site, "population": "community", "wave_from": "w1", "wave_to": "w3"}
        labels |= {"indicator_measure": "scale_mean", "family": "headline"}
        told = {name: (value, "rounded", None) for name, value in values.items()}
        hidden = dict.fromkeys(measures, (None, "suppressed", None))
        rows += [({**labels, "indicator": "know", "reading": "change"}, told)]
        rows += [({**labels, "indicator": "think", "reading": None}, hidden)]
    keys = ("site", "population", "indicator", "wave_from", "wave_to")
    return table("outcome_trend", keys, ("indicator_measure", "family", "reading"), rows)


def evidence(sites: Sequence[str]) -> tuple[ReleaseTable, ...]:
    """The tables of the page for the board: a piece of each kind at each site, and a claim."""
    names = ("site", "outcome", "kind", "piece", "subject", "finding", "direction", "grade", "limits")
    kinds = (
        ("survey_change", "know community panel w1 w2", "know", "better", "for", "measured", "No cause."),
        ("delivery", "play", "group", "below_design", "against", "recorded", "Short sessions."),
        ("story", "S-01", "confidence", "told", "for", "illustrative", "Chosen to be told."),
        ("learning", "L-01", None, "noted", "neither", "observed", "A team saw it."),
        ("contribution", "C-01", "play", "weak", "unclear", "argued", HOSTILE),
    )
    return (
        ReleaseTable(
            "code_outcome",
            "Code list: outcomes",
            "A list.",
            tuple(
                ReleaseColumn(n, pa.string(), n)
                for n in ("outcome", "name", "statement", "goals", "headline_indicator")
            ),
            1,
            (("notice", "Notice", f"People notice {HOSTILE}", "A goal", "know"),),
        ),
        ReleaseTable(
            "contribution",
            "Contribution claims",
            "Texts.",
            tuple(ReleaseColumn(n, pa.string(), n) for n in ("claim_id", "site", "quarter", "outcome", "text")),
            1,
            tuple((f"C{n}", site, "2025-Q2", "notice", f"A claim {HOSTILE}") for n, site in enumerate(sites)),
        ),
        ReleaseTable(
            "evidence",
            "Evidence by outcome",
            "Pieces.",
            (*(ReleaseColumn(n, pa.string(), n) for n in names), ReleaseColumn("is_headline", pa.bool_(), "Headline.")),
            4,
            tuple((site, "notice", *kind, kind[0] == "survey_change") for site in sites for kind in kinds),
        ),
    )


PERSONS = (
    "casework",
    "outcome_change",
    "outcome_indicator",
    "outcome_trend",
    "reach",
    "reach_area",
    "reach_year",
    "story_domain",
)


def manifest(made: Sequence[ReleaseTable], sites: Sequence[str] = SITES[:2], **changes: Any) -> dict[str, Any]:
    return {
        "id": "2026-05-01-0123456789ab",
        "as_of": "2026-05-01",
        "code_version": HOSTILE,
        "disclosure_policy_version": "7",
        "admitted": {site: ["a" * 64] for site in sites},
        "held": [{"site": sites[-1], "source": "activity", "since": "2026-04-20", "reason": HOSTILE}] if sites else [],
        "person_tables": [name for name in PERSONS if name in {one.name for one in made}],
        "rules": {"rounding_base": 5, "threshold_persons": 10},
        "labels": {
            "sites": [{"site": site, "name": f"{site.capitalize()} (Town)", "nation": "England"} for site in sites],
            "activities": {site: {"play": "Play & talk"} for site in sites},
            "indicators": {
                "know": {"kind": "scale", "name": "Know", "items": ["K1"], "range": [0, 100], "higher_is": "better"},
                "K1": {"kind": "item", "constructs": ["Know"], "reversed": True, "wording": f"I know {HOSTILE}"},
            },
            "units": {},
        },
        "follows": "2026-04-01-ba9876543210",
        "audit": [
            {
                "table": "reach",
                "cells": 31,
                "combinations": 37,
                "combinations_given_away": 0,
                "narrowest_interval": 12.0,
            },
            {
                "table": "casework",
                "cells": 5,
                "combinations": 7,
                "combinations_given_away": 0,
                "narrowest_interval": None,
            },
        ],
        "snapshots": [],
        "exceptions": [],
        "changed": [
            {"table": "delivery", "added": 3, "removed": 0, "changed": 17}
            | {"reasons": [{"site": site, "reason": "new returns"} for site in sites]}
        ],
        "tables": [
            {"name": one.name, "title": one.title, "rows": len(one.rows), "statuses": {"suppressed": 4}} for one in made
        ],
        **changes,
    }


def made(sites: Sequence[str] = SITES[:2], **changes: Any) -> tuple[dict[str, Any], tuple[ReleaseTable, ...]]:
    found = tables(sites)
    return manifest(found, sites, **changes), found
