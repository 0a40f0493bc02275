"""A SmartSurvey workbook: a row of questions, under it a row of their parts, answers as labels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from openpyxl import Workbook

from tfc_platform.demo.file_ledgers import ACCEPTED, FileLedger
from tfc_platform.demo.respondents import COMPLETE, DrawnSurvey, Respondent
from tfc_platform.demo.writers.containers import Rendered, workbook_bytes

__all__ = ["render"]

SHEET = "Sheet"
OWN_COLUMNS = ["UserID", "UserNo", "Name", "Email", "IP Address", "Unique ID", "Started", "Ended", "Completed"]
AGREE, FEEL = "1. How far do you agree?", "2. Over the last two weeks"
AREA, GROUP, COMMENT = "10. Where do you live or work?", "11. Your {group}", "12. Anything else?"
AGREEMENT = {
    1: "Strongly disagree", 2: "Disagree", 3: "Neither agree nor disagree", 4: "Agree", 5: "Strongly agree",
    "dont_know": "Don't know", "prefer_not": "Prefer not to say", "unanswered": None,
}  # fmt: skip
FEELINGS = {
    1: "None of the time", 2: "Rarely", 3: "Some of the time", 4: "Often", 5: "All of the time", "unanswered": None,
}  # fmt: skip
FIRST_USER = 100_000


def _headings(items: int, feelings: int, group: str | None) -> tuple[list[str | None], list[str | None]]:
    questions: list[str | None] = [*OWN_COLUMNS, AGREE, *[None] * (items - 1)]
    parts: list[str | None] = [*[None] * len(OWN_COLUMNS), *(f"Statement {n + 1}" for n in range(items))]
    if feelings:
        questions += [FEEL, *[None] * (feelings - 1)]
        parts += [f"Feeling {n + 1}" for n in range(feelings)]
    last = [AREA, *([GROUP.format(group=group)] if group else []), COMMENT]
    return questions + last, parts + [None] * len(last)


def _answers(respondent: Respondent, area: str, group: str | None) -> list[object]:
    """An incomplete response keeps nothing but, now and then, the comment."""
    if respondent.state != COMPLETE:
        blanks = len(respondent.items) + len(respondent.feelings) + 1 + (group is not None)
        return [None] * blanks
    return [
        *(AGREEMENT[answer] for answer in respondent.items),
        *(FEELINGS[answer] for answer in respondent.feelings),
        area,
        *([respondent.group] if group else []),
    ]


def render(survey: DrawnSurvey, items: Sequence[str], group: str | None) -> Rendered:
    """`group` is what the population is grouped by (school, sector), or None."""
    workbook, ledger = Workbook(), FileLedger()
    sheet = workbook.worksheets[0]
    sheet.title = SHEET
    for headings in _headings(len(items), len(survey.respondents[0].feelings), group):
        sheet.append(headings)
    opened = datetime(survey.first_day.year, survey.first_day.month, survey.first_day.day, 10)
    for number, respondent in enumerate(survey.respondents, 1):
        person, done = respondent.person, respondent.state == COMPLETE
        start = opened + timedelta(minutes=9 * number)
        end = start + timedelta(seconds=respondent.seconds) if done else None
        sheet.append([
            FIRST_USER + number, number, person.name, person.email, person.address, respondent.uid[:12],
            start, end, "Yes" if done else "No",
            *_answers(respondent, survey.site.areas[respondent.area], group), respondent.remark.text or None,
        ])  # fmt: skip
        ledger.row(ACCEPTED if done else respondent.state)
        ledger.remark(respondent.remark, number + 2, COMMENT, SHEET)
        ledger.secrets.update([person.name, person.email, person.address])
    return Rendered(workbook_bytes(workbook), ledger)
