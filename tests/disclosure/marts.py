"""The tables that `protect` reads, worked out from rows by plain Python: a second method beside the dbt project's SQL."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import pyarrow as pa

from tests.disclosure.database import (
    ASKED,
    CHANGE,
    DELIVERY,
    EXPECTED,
    OUTCOME,
    OUTCOME_CELL,
    REACH_CELL,
    SCORE,
    SESSION,
    STORY,
    STORY_CELL,
    TREND,
    table,
)
from tests.disclosure.programme import ITEM, POPULATION, SCALE
from tests.disclosure.rows import Respondent, Session, Story
from tfc_platform.disclosure.lock_calendar import quarter_of

__all__ = ["intermediate_tables", "mart_tables"]

Rows = list[dict[str, Any]]


def intermediate_tables(
    sessions: Sequence[Session], stories: Sequence[Story], respondents: Sequence[Respondent]
) -> dict[str, pa.Table]:
    """What a snapshot's records are read from."""
    return {
        "fct_session": table(
            SESSION,
            (
                {
                    "site": s.site,
                    "quarter": s.quarter,
                    "session_id": s.id,
                    "session_on": s.on,
                    "activity": s.activity,
                    "audience_unit": s.unit,
                    "area": s.area,
                    "small_area_code": s.small_area,
                    "is_delivered": s.delivered,
                    "attendance_low": s.low if s.delivered else None,
                }
                for s in sessions
            ),
        ),
        "fct_story": table(
            STORY,
            (
                {
                    "site": s.site,
                    "quarter": quarter_of(s.on),
                    "story_id": s.id,
                    "change_domain": s.domain,
                    "teller_role": s.teller,
                    "is_counted": s.counted,
                }
                for s in stories
            ),
        ),
        "int_indicator_score": table(
            SCORE,
            (
                {
                    "site": r.site,
                    "population": POPULATION,
                    "wave": r.wave,
                    "respondent_id": r.id,
                    "indicator": indicator,
                    "measure": measure,
                    "area": r.area,
                    "sector": None,
                    "y": y,
                }
                for r in respondents
                for indicator, measure, y in _scores(r)
            ),
        ),
    }


_MEASURES = {ITEM: "percent_positive", SCALE: "scale_mean"}


def _scores(respondent: Respondent) -> list[tuple[str, str, float]]:
    if respondent.answer is None:
        return []
    values = {ITEM: 100.0 if respondent.answer >= 4 else 0.0, SCALE: 25.0 * (respondent.answer - 1)}
    return [(indicator, _MEASURES[indicator], y) for indicator, y in values.items()]


# ----------------------------------------------------------------------------------------------------------------- marts


def mart_tables(
    sessions: Sequence[Session],
    stories: Sequence[Story],
    respondents: Sequence[Respondent],
    *,
    panel: bool,
    returns: Iterable[tuple[str, str, str, date, str]],
) -> dict[str, pa.Table]:
    """The marts that snapshots freeze, and those that the nightly tables of the world's register are read from."""
    return {
        "mart_reach_cell": table(REACH_CELL, _reach_cells(sessions)),
        "mart_story_cell": table(STORY_CELL, _story_cells(stories)),
        "mart_outcome_cell": table(OUTCOME_CELL, _outcome_cells(respondents)),
        "mart_outcome_indicator": table(OUTCOME, _outcomes(respondents)),
        "mart_outcome_asked": table(ASKED, _how_asked(respondents)),
        "mart_outcome_change": table(CHANGE, _changes(respondents, panel)),
        "mart_outcome_trend": table(TREND, []),
        "mart_expected_return": table(
            EXPECTED, (dict(zip(EXPECTED.names, returned, strict=True)) for returned in returns)
        ),
        "mart_delivery": table(DELIVERY, _delivery(sessions)),
    }


def _grouped(rows: Iterable[Any], key: Callable[[Any], tuple[Any, ...]]) -> dict[tuple[Any, ...], list[Any]]:
    found: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def _reach_cells(sessions: Sequence[Session]) -> Rows:
    found = []
    for key, rows in _grouped(
        sessions, lambda s: (s.site, s.quarter, s.activity, s.unit, s.area, s.small_area)
    ).items():
        held = [s for s in rows if s.delivered]
        known = [s for s in held if s.low is not None]
        hours = [s.hours for s in held if s.hours is not None]
        names = ("site", "quarter", "activity", "audience_unit", "area", "small_area_code")
        found.append(
            {
                **dict(zip(names, key, strict=True)),
                "sessions": len(held),
                "sessions_unknown": len(held) - len(known),
                "attendances_low": sum(s.low for s in known),
                "attendances_high": sum(s.low if s.high is None else s.high for s in known),
                "largest_session": max((s.low for s in known), default=None),
                "hours": sum(hours),
                "sessions_with_hours": len(hours),
            }
        )
    return found


def _story_cells(stories: Sequence[Story]) -> Rows:
    counted = [s for s in stories if s.counted]
    return [
        {
            **dict(zip(("site", "quarter", "change_domain", "teller_role"), key, strict=True)),
            "stories": len(rows),
            "selected": sum(s.selected for s in rows),
        }
        for key, rows in _grouped(counted, lambda s: (s.site, quarter_of(s.on), s.domain, s.teller)).items()
    ]


def _how_asked(respondents: Sequence[Respondent]) -> Rows:
    known = {"instrument": "core_v1", "made_of": None, "tools": "kobo", "mode": None, "asked_in": "2025-05"}
    return [
        {"site": site, "population": POPULATION, "wave": wave, "indicator": indicator, "measure": measure, **known}
        for site, wave in sorted({(r.site, r.wave) for r in respondents})
        for indicator, measure in _MEASURES.items()
    ]


def _asked(respondents: Sequence[Respondent]) -> Iterable[tuple[str, str, str, str, list[Respondent]]]:
    """Each survey's indicators, with who is in the base."""
    for (site, wave), rows in _grouped(respondents, lambda r: (r.site, r.wave)).items():
        for indicator, measure in _MEASURES.items():
            yield site, wave, indicator, measure, [r for r in rows if r.answer is not None]


def _ys(rows: Iterable[Respondent], indicator: str) -> list[float]:
    return [y for r in rows for name, _, y in _scores(r) if name == indicator]


def _outcome_cells(respondents: Sequence[Respondent]) -> Rows:
    # A survey in which nobody has an area did not ask for it: who left it out of one that did is a cell of its own.
    with_area = {(r.site, r.wave) for r in respondents if r.area is not None}
    found = []
    for site, wave, indicator, measure, base in _asked(respondents):
        nowhere = "unknown" if (site, wave) in with_area else "not_asked"
        for (area,), rows in _grouped(base, lambda r, nowhere=nowhere: (r.area or nowhere,)).items():
            positive = sum(y > 0 for y in _ys(rows, indicator)) if measure.startswith("percent") else None
            found.append(
                {
                    "site": site,
                    "population": POPULATION,
                    "wave": wave,
                    "indicator": indicator,
                    "measure": measure,
                    "area": area,
                    "sector": "not_asked",
                    "n": len(rows),
                    "positive": positive,
                    "n_clusters": len({r.cluster or r.id for r in rows}),
                }
            )
    return found


def _outcomes(respondents: Sequence[Respondent]) -> Rows:
    found = []
    for site, wave, indicator, measure, base in _asked(respondents):
        areas = sorted({r.area for r in respondents if (r.site, r.wave) == (site, wave) and r.area is not None})
        for breakdown, value in [("all", "all"), *(("area", area) for area in areas)]:
            rows = [r for r in base if breakdown == "all" or r.area == value]
            mean, low, high = _mean(_ys(rows, indicator))
            found.append(
                {
                    "site": site,
                    "population": POPULATION,
                    "wave": wave,
                    "indicator": indicator,
                    "measure": measure,
                    "breakdown": breakdown,
                    "breakdown_value": value,
                    "n": len(rows),
                    "n_eff": float(len(rows)),
                    "n_clusters": len({r.cluster or r.id for r in rows}),
                    "n_known_clusters": len({r.cluster or r.id for r in rows}),
                    "estimate": mean,
                    "ci_low": low,
                    "ci_high": high,
                    "weighted": False,
                }
            )
    return found


def _mean(values: Sequence[float]) -> tuple[float | None, float | None, float | None]:
    """A mean and its 95% interval by the normal distribution."""
    if not values:
        return None, None, None
    mean = sum(values) / len(values)
    if len(values) == 1:
        return mean, None, None
    half = 1.96 * math.sqrt(sum((y - mean) ** 2 for y in values) / (len(values) - 1) / len(values))
    return mean, mean - half, mean + half


def _changes(respondents: Sequence[Respondent], panel: bool) -> Rows:
    """Each wave against the one before it, in the order of their names."""
    by_survey = {(site, wave, indicator): base for site, wave, indicator, _, base in _asked(respondents)}
    waves = sorted({r.wave for r in respondents})
    found = []
    for site in sorted({r.site for r in respondents}):
        for earlier, later in pairwise(waves):
            for indicator, measure in _MEASURES.items():
                bases = [by_survey.get((site, wave, indicator), []) for wave in (earlier, later)]
                found.append(
                    {
                        "site": site,
                        "population": POPULATION,
                        "indicator": indicator,
                        "measure": measure,
                        "design": "panel" if panel else "repeated_cross_section",
                        "wave_from": earlier,
                        "wave_to": later,
                        "n_from": len(bases[0]),
                        "n_to": len(bases[1]),
                        "base_from": len(bases[0]),
                        "base_to": len(bases[1]),
                        "comparable": True,
                        "comparison": "previous",
                        "family": "headline",
                        "reading": "change",
                        "smallest_change": 5.0,
                        "n_eff_smallest": float(min(map(len, bases))),
                        "df": min(map(len, bases)),
                        **dict.fromkeys(("reason", "caution")),
                        **(_pairs(*bases, indicator) if panel else _samples(*bases, indicator)),
                    }
                )
    return found


def _pairs(before: Sequence[Respondent], after: Sequence[Respondent], indicator: str) -> dict[str, Any]:
    then = {r.panel: _ys([r], indicator)[0] for r in before if r.panel is not None}
    moves = [_ys([r], indicator)[0] - then[r.panel] for r in after if r.panel in then]
    mean, low, high = _mean(moves)
    return {
        "n_pairs": len(moves),
        "improved": sum(move > 0 for move in moves),
        "same": sum(move == 0 for move in moves),
        "worse": sum(move < 0 for move in moves),
        "difference": mean,
        "ci_low": low,
        "ci_high": high,
        "p_adjusted": None,
        "effect_size": None,
    }


def _samples(before: Sequence[Respondent], after: Sequence[Respondent], indicator: str) -> dict[str, Any]:
    (then, then_low, _), (now, now_low, _) = (_mean(_ys(rows, indicator)) for rows in (before, after))
    counts = dict.fromkeys(("n_pairs", "improved", "same", "worse"))
    if then is None or now is None:
        return {**counts, **dict.fromkeys(("difference", "ci_low", "ci_high", "p_adjusted", "effect_size"))}
    half = None if then_low is None or now_low is None else math.hypot(then - then_low, now - now_low)
    return {
        **counts,
        "difference": now - then,
        "ci_low": None if half is None else now - then - half,
        "ci_high": None if half is None else now - then + half,
        "p_adjusted": None,
        "effect_size": None,
    }


def _delivery(sessions: Sequence[Session]) -> Rows:
    found = []
    for key, rows in _grouped(sessions, lambda s: (s.site, s.on.replace(day=1), s.activity, s.unit)).items():
        held = [s for s in rows if s.delivered]
        hours = [s.hours for s in held if s.hours is not None]
        found.append(
            {
                **dict(zip(("site", "month", "activity", "audience_unit"), key, strict=True)),
                "tier": "primary",
                "audience": "families",
                "sessions_delivered": len(held),
                "sessions_cancelled": len(rows) - len(held),
                "hours": sum(hours),
                "sessions_with_hours": len(hours),
            }
        )
    return found
