"""Which column of a log of sessions could be which field: guesses, each marked as one."""

from __future__ import annotations

import re
from collections.abc import Callable

from tfc_platform.contracts.model import normal
from tfc_platform.contracts.parse import FILL_IN
from tfc_platform.profiling.column_stats import ColumnProfile
from tfc_platform.profiling.draft import DraftPart, date_formats, quoted
from tfc_platform.profiling.models import FileProfile

__all__ = ["activity_part", "is_log"]

COUNTED = re.compile(
    r".*\b(attend\w*|people|persons?|came|participants?|children|adults|total|how many|head ?count|number)\b.*"
)
ACTIVITY = re.compile(r".*\b(activity|programme|program|session|workshop|group|event|course|service)s?\b.*")
STATUS = re.compile(r".*\b(status|outcome|go ahead|went ahead|took place|delivered|held|cancelled)\b.*")
LASTING = re.compile(r".*\b(hours?|hrs|duration|length|long)\b.*")
PARTNER = re.compile(r".*\bpartner(s|\(s\))?\b.*")
CANCELLED = re.compile(r".*(cancel|postpone|did not|not held)|no\b", re.IGNORECASE)
NOBODY_COUNTED = ("n/a", "-", "TBC")


def _words(column: ColumnProfile) -> str:
    return re.sub(r"[/_|]", " ", normal(f"{column.name} {column.label}"))


def _counts(column: ColumnProfile) -> bool:
    lasting = LASTING.fullmatch(_words(column)) and not COUNTED.fullmatch(_words(column))
    return column.kind == "attendance" or (
        column.kind == "number" and bool(COUNTED.fullmatch(_words(column))) and not lasting
    )


def is_log(found: FileProfile) -> bool:
    """Whether rows look like sessions: a day that is asked for, and how many came."""
    own = [column for column in found.columns if not column.system and not column.personal]
    return any(column.kind == "date" for column in own) and any(map(_counts, own))


class _Guessing:
    def __init__(self, found: FileProfile, part: DraftPart) -> None:
        self.found, self.part = found, part

    def first(self, fits: Callable[[ColumnProfile], bool], system: bool = False) -> ColumnProfile | None:
        """The first column that fits and that no field has yet."""
        free = (column for column in self.found.columns if column.name and column.number not in self.part.used)
        return next((column for column in free if column.system == system and fits(column)), None)

    def add(self, field: str, column: ColumnProfile | None, rest: str, needed: str = "") -> None:
        if column is None:
            if needed:
                self.part.columns.append(f"  {field}: {{header: {FILL_IN}, {rest}}} # {needed}")
            return
        self.part.used.add(column.number)
        self.part.columns.append(f"  {field}: {{header: {quoted(column.name)}, {rest}}} # guess")


def _separator(found: FileProfile, column: ColumnProfile) -> str:
    return "' '" if found.tool in {"kobo", "odk"} and column.kind == "multi_choice" else "';'"


def activity_part(found: FileProfile, key: str | None) -> DraftPart:
    """The columns of a log of sessions.

    :param key: the name of the tool's own id of a row.
    """
    part = DraftPart("activity", "activity", "all sessions")
    guess = _Guessing(found, part)
    identity = next((column for column in found.columns if column.name == key and column.kind == "id"), None)
    identity = identity or guess.first(lambda column: column.kind == "id" and column.distinct == column.rows)
    guess.add("session_id", identity, "type: token, required: true")
    day = guess.first(lambda column: column.kind == "date" and not column.personal)
    day = day or guess.first(lambda column: column.kind in {"date", "datetime"} and not column.personal)
    day = day or guess.first(lambda column: column.kind == "datetime", system=True)
    formats = ", ".join(date_formats(day)) if day else "d/m/y"
    within = f"within: [{FILL_IN}, {FILL_IN}]"
    guess.add(
        "session_on", day, f"type: date, formats: [{formats}], {within}, required: true, invalid: reject", "the day"
    )
    part.columns.append("    # within: the first and the last day that can stand here, as 2026-04-01")
    if day and day.date_orders.get("month_first"):
        part.columns.append(
            "    # Dates stand month first in this file. They are never read so: have them written day first."
        )
    status = guess.first(
        lambda c: c.kind in {"category", "flag"} and bool(c.choices) and bool(STATUS.fullmatch(_words(c)))
    )
    closed = ("category", "text")
    activity = guess.first(lambda c: c is not status and c.kind in closed and bool(ACTIVITY.fullmatch(_words(c))))
    activity = activity or guess.first(lambda c: c is not status and c.kind == "category" and len(c.choices) > 2)
    guess.add(
        "activity", activity, "type: activity, required: true", "what was done; its names go into activity_aliases.csv"
    )
    if status:
        codes = ", ".join(
            f"{quoted(choice)}: {'cancelled' if CANCELLED.match(choice) else 'delivered'}" for choice in status.choices
        )
        guess.add("status", status, f"type: category, codes: {{{codes}}}, invalid: reject")
        part.columns.append(
            "    # codes: as seen in this file. Add what else can stand here, or such rows are rejected."
        )
    counted = guess.first(lambda column: column.kind == "attendance") or guess.first(_counts)
    unknown = {normal(code): code for code in ((counted.missing_codes if counted else ()) + NOBODY_COUNTED)}
    rest = f"type: attendance, unknown: [{', '.join(map(quoted, unknown.values()))}], required: true, invalid: reject"
    guess.add("attendance", counted, rest, "how many came")
    others = [column.name for column in found.columns if column.number not in part.used and _counts(column)]
    if others:
        part.columns.append(f"    # also counts, and one alone can be the attendance: {', '.join(map(quoted, others))}")
    guess.add(
        "hours",
        guess.first(lambda column: column.kind == "number" and bool(LASTING.fullmatch(_words(column)))),
        "type: number, least: 0, most: 24",
    )
    partner = guess.first(
        lambda c: (
            c.kind in {"multi_choice", "category", "text"} and bool(PARTNER.fullmatch(_words(c))) and c.distinct > 0
        )
    )
    if partner:
        guess.add("partners", partner, f"type: partners, separator: {_separator(found, partner)}")
    if identity:
        part.further.append("key: [session_id]")
    return part
