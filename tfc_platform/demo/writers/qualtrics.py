"""A Qualtrics export as numbers: three header rows, a byte order mark, and its own columns before the questions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from tfc_platform.demo.file_ledgers import ACCEPTED, DUPLICATE, FileLedger
from tfc_platform.demo.respondents import COMPLETE, INCOMPLETE, PREVIEW, DrawnSurvey, Respondent
from tfc_platform.demo.writers.containers import Delimited, Rendered

__all__ = ["render"]

OWN_COLUMNS = [
    "StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished", "RecordedDate",
    "ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "LocationLatitude", "LocationLongitude",
    "DistributionChannel", "UserLanguage",
]  # fmt: skip
GROUP, AREA, COMMENT = "Q1", "Q3", "Q9_TEXT"
SEEN_BUT_UNANSWERED = -99
NO_ANSWER = {"dont_know": 6, "prefer_not": 7, "unanswered": SEEN_BUT_UNANSWERED}


def _code(answer: int | str, agreeing_is_low: bool) -> int:
    if isinstance(answer, str):
        return NO_ANSWER[answer]
    return 6 - answer if agreeing_is_low else answer


def _items(respondent: Respondent, agreeing_is_low: bool) -> list[object]:
    """An incomplete response has blanks after its last answer: those questions were never shown."""
    codes: list[object] = [_code(answer, agreeing_is_low) for answer in respondent.items]
    if respondent.state == INCOMPLETE:
        shown = next(n for n in range(len(codes), -1, -1) if n == 0 or respondent.items[n - 1] != "unanswered")
        codes[shown:] = [""] * (len(codes) - shown)
    return codes


def _feelings(respondent: Respondent) -> list[object]:
    if respondent.state == INCOMPLETE:
        return [""] * len(respondent.feelings)
    return [SEEN_BUT_UNANSWERED if isinstance(answer, str) else answer for answer in respondent.feelings]


def render(survey: DrawnSurvey, items: Sequence[str], group: str | None) -> Rendered:
    """`group` is what the population is grouped by (school, sector), or None."""
    ledger, out = FileLedger(), Delimited()
    low = survey.site.settings["surveys"]["agree_is"][survey.wave] == "low"
    questions = [f"Q5_{n + 1}" for n in range(len(items))]
    questions += [f"Q6_{n + 1}" for n in range(len(survey.respondents[0].feelings))]
    questions += [GROUP, AREA, COMMENT] if group else [AREA, COMMENT]
    out.record([*OWN_COLUMNS, *questions])
    out.record([*OWN_COLUMNS, *(f"Question text of {name}" for name in questions)])
    out.record([json.dumps({"ImportId": name}) for name in [*OWN_COLUMNS, *questions]])
    opened = datetime(survey.first_day.year, survey.first_day.month, survey.first_day.day, 9)
    firsts: dict[str, int] = {}
    for number, respondent in enumerate(survey.respondents, 1):
        # A repeated response is the same record again, with the time of the first.
        position = firsts.setdefault(respondent.uid, number)
        person, seed = respondent.person, int(respondent.uid[:6], 16)
        start = opened + timedelta(minutes=7 * position)
        end = start + timedelta(seconds=respondent.seconds)
        partial = respondent.state == INCOMPLETE
        line = out.record([
            start, end, 1 if respondent.state == PREVIEW else 0, person.address, 30 if partial else 100,
            respondent.seconds, 0 if partial else 1, end, f"R_{respondent.uid[:15]}",
            person.last, person.first, person.email,
            f"{55.8 + seed % 1000 / 10000:.6f}", f"{-4.4 + seed // 1000 / 180000:.6f}", "anonymous", "EN",
            *_items(respondent, low), *_feelings(respondent),
            *([respondent.group] if group else []), survey.site.areas[respondent.area], respondent.remark.text,
        ])  # fmt: skip
        ledger.row(DUPLICATE if respondent.repeats else ACCEPTED if respondent.state == COMPLETE else respondent.state)
        ledger.remark(respondent.remark, line, COMMENT)
        # First and last name are in two columns: only the surname is what can be found again.
        ledger.secrets.update([person.last, person.email, person.address])
    return Rendered(out.encoded("utf-8-sig"), ledger)
