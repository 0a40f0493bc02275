"""The expected results of a night, summed from the ledgers of its files and the entries that count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from tfc_platform.demo.activity_files import Drop
from tfc_platform.demo.data_entry_errors import SessionEntry
from tfc_platform.demo.file_ledgers import DemoAnswers, as_encoded
from tfc_platform.demo.scenario import World
from tfc_platform.demo.sessions import UNMAPPED, LearningAction
from tfc_platform.demo.story_texts import story_answers

__all__ = ["answers_of", "session_answers"]


def session_answers(entries: Iterable[SessionEntry]) -> list[dict[str, Any]]:
    """Sessions by site, month and activity. A cancelled session's attendance and hours do not count."""
    sums: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for entry in entries:
        session, attendance = entry.session, entry.attendance
        if not entry.counts:
            continue
        cell = sums[session.site, f"{session.held_on:%Y-%m}", session.activity]
        if not session.delivered:
            cell["cancelled"] += 1
            continue
        cell["delivered"] += 1
        cell["hours_x100"] += round((session.hours or 0) * 100)
        cell["sessions_with_hours"] += session.hours is not None
        if attendance.low is None:
            cell["attendance_unknown"] += 1
        else:
            cell["attendances_low"] += attendance.low
            cell["attendances_high"] += attendance.low if attendance.high is None else attendance.high
    return [
        {"site": site, "month": month, "activity": activity, **sums[site, month, activity]}
        for site, month, activity in sorted(sums)
    ]


def _learning(world: World) -> dict[str, Any]:
    items = [item for site in world.plan.sites for item in world.learning[site.key]]
    actions: Sequence[LearningAction] = world.actions
    acted = {action.learning_id for action in actions}
    return {
        "items": len(items),
        "actions": dict(sorted(Counter(action.status for action in actions).items())),
        "without_action": sum(item.learning_id not in acted for item in items),
    }


def _file(drop: Drop) -> dict[str, Any]:
    answer: dict[str, Any] = {"status": drop.status}
    # A file without a required column is not taken apart row by row: its rows have no ends.
    if drop.ledger is not None and drop.status != "rejected":
        answer |= drop.ledger.counts()
    if drop.because:
        answer["because"] = drop.because
    return answer


def answers_of(world: World, seed: int, night: int, drops: Sequence[Drop], written: Sequence[Drop]) -> DemoAnswers:
    """The answers for all `drops` in the landing zone by that night, of which `written` came in this one."""
    ledgers = [(drop, drop.ledger) for drop in drops if drop.ledger is not None]
    counted = [entry for drop in drops for entry in drop.counted]
    unmapped = Counter(e.session.site for e in counted if e.counts and e.session.activity == UNMAPPED)
    secrets = {as_encoded(world.manager.name, "cp1252")}.union(*(ledger.secrets for _, ledger in ledgers))
    return DemoAnswers(
        seed=seed,
        night=night,
        written=tuple(drop.path for drop in written),
        files={drop.path: _file(drop) for drop in drops},
        sessions=session_answers(counted),
        unmapped_sessions=dict(sorted(unmapped.items())),
        stories=story_answers([story for site in world.plan.sites for story in world.stories[site.key]]),
        learning=_learning(world),
        safeguarding_flags=[{"file": drop.path, **flag} for drop, ledger in ledgers for flag in ledger.flags],
        totals_wrong=[{"file": drop.path, **wrong} for drop, ledger in ledgers for wrong in ledger.totals_wrong],
        canaries=sorted(secrets),
    )
