"""KoboToolbox exports, `;` between columns and everything quoted: the session form, and surveys as XML values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tfc_platform.demo.data_entry_errors import SessionEntry
from tfc_platform.demo.file_ledgers import ACCEPTED, DUPLICATE, FileLedger
from tfc_platform.demo.respondents import DrawnSurvey
from tfc_platform.demo.writers.containers import Delimited, Rendered
from tfc_platform.settings import LONDON

__all__ = ["render_sessions", "render_survey", "token"]

FIRST_SESSION_ID, FIRST_RESPONSE_ID = 1000, 5000
AGREEMENT = {
    1: "strongly_disagree", 2: "disagree", 3: "neither", 4: "agree", 5: "strongly_agree",
    "dont_know": "dont_know", "prefer_not": "prefer_not", "unanswered": "",
}  # fmt: skip


def token(label: str) -> str:
    """A label as the name of a choice: `Social care` is `social_care`."""
    return label.lower().replace(" ", "_")


def _uuid(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _moment(moment: datetime) -> str:
    return moment.replace(tzinfo=LONDON).isoformat(timespec="milliseconds")


def _session_headings(layout: Mapping[str, Any], attendance_column: str) -> list[str]:
    return [
        "start", "end", "session/date", "session/activity", "session/status", "session/venue_postcode", "audience",
        *(f"audience/{choice}" for choice in layout["audiences"]),
        attendance_column, "attendance/hours", "partners", layout["notes_column"],
        "_id", "_uuid", "_submission_time", "_validation_status", "_index",
    ]  # fmt: skip


def _session(entry: SessionEntry, index: int, layout: Mapping[str, Any]) -> list[object]:
    session, day = entry.session, entry.date_cell
    # A submission sent twice has one _uuid and two _id.
    number = FIRST_SESSION_ID + entry.number + (FIRST_RESPONSE_ID if entry.end == DUPLICATE else 0)
    return [
        _moment(session.reported_at),
        _moment(session.reported_at + timedelta(minutes=9)),
        day.isoformat() if isinstance(day, date) else day,
        entry.activity_cell,
        layout["statuses"]["delivered" if session.delivered else "cancelled"],
        session.venue.postcode,
        session.audience,
        *("1" if choice == session.audience else "0" for choice in layout["audiences"]),
        entry.attendance_cell,
        "" if session.hours is None else f"{session.hours:g}",
        " ".join(partner.replace(" ", "_") for partner in session.partners),
        entry.remark.text,
        number,
        _uuid(session.uid),
        (session.reported_at + timedelta(minutes=60)).isoformat(),
        entry.approval,
        index,
    ]


def render_sessions(
    entries: Sequence[SessionEntry], layout: Mapping[str, Any], attendance_column: str, line_end: str = "\r\n"
) -> Rendered:
    """The session form's export; `attendance_column` is what the form then called it."""
    ledger, out = FileLedger(), Delimited(";", quote_all=True, line_end=line_end)
    out.record(_session_headings(layout, attendance_column))
    for index, entry in enumerate(entries, 1):
        line = out.record(_session(entry, index, layout))
        ledger.row(entry.end)
        ledger.remark(entry.remark, line, layout["notes_column"])
    return Rendered(out.encoded("utf-8"), ledger)


def render_survey(survey: DrawnSurvey, items: Sequence[str], group: str | None) -> Rendered:
    """A survey's export; `group` is what the population is grouped by (school, sector), or None."""
    prefix, own = survey.population[:2], survey.site.settings["surveys"]
    ledger, out = FileLedger(), Delimited(";", quote_all=True)
    has_panel = any(r.panel is not None for r in survey.respondents)
    out.record([
        "start", "end", *(f"core/{prefix}_{item.lower()}" for item in items),
        *(f"wellbeing/w{n + 1}" for n in range(len(survey.respondents[0].feelings))),
        "about/area", *([f"about/{group}"] if group else []), *(["about/pid"] if has_panel else []), "about/phone",
        "comments", "_id", "_uuid", "_submission_time", "_validation_status", "_index",
    ])  # fmt: skip
    opened = datetime(survey.first_day.year, survey.first_day.month, survey.first_day.day, 11)
    for index, respondent in enumerate(survey.respondents, 1):
        moment = opened + timedelta(minutes=11 * index)
        end = moment + timedelta(seconds=respondent.seconds)
        # Schools are typed in, sectors chosen from a list.
        member = respondent.group if group == "school" else token(respondent.group or "")
        line = out.record([
            moment.isoformat(), end.isoformat(), *(AGREEMENT[answer] for answer in respondent.items),
            *("" if isinstance(answer, str) else answer for answer in respondent.feelings),
            token(survey.site.areas[respondent.area]), *([member] if group else []),
            *([f"{own['panel_prefix']}{respondent.panel:03d}"] if respondent.panel is not None else []),
            respondent.person.phone, respondent.remark.text,
            FIRST_RESPONSE_ID + index - 1, respondent.uid[:30], end.isoformat(), "", index,
        ])  # fmt: skip
        ledger.row(ACCEPTED)
        ledger.remark(respondent.remark, line, "comments")
        ledger.secrets.add(respondent.person.phone)
    return Rendered(out.encoded("utf-8"), ledger)
