"""Which columns of a survey are answers, and how they seem to be written: for a person to say which item each is.

It comes from the codebook, never from the order of the codes: each code's value is left open.
"""

from __future__ import annotations

import re

from tfc_platform.contracts.model import normal
from tfc_platform.contracts.parse import FILL_IN
from tfc_platform.profiling.column_stats import ColumnProfile
from tfc_platform.profiling.draft import DraftPart, date_formats, quoted, shortened
from tfc_platform.profiling.draft_activity import is_log
from tfc_platform.profiling.draft_choices import choices_part, option_columns
from tfc_platform.profiling.models import FileProfile
from tfc_platform.profiling.tools import Tool

__all__ = ["is_survey", "survey_part"]

MOST_CODES = 12  # of one scale
ALIKE = 0.5  # of two columns' codes, and they are answered in one manner, where they are parts of one question
ALIKE_APART = 0.8  # the same of other columns
SCALE = 3  # codes that a scale has at least: yes and no are asked in logs too
LEAST = 3  # columns that make a group: fewer are questions about the respondent
LONGEST_SPAN = 10  # codes between the ends of a range of missing codes that are written out
DONT_KNOW = re.compile(r"(don'?t|do not|dont)[ _]know.*|unsure|not sure")
PREFER_NOT = re.compile(r"(i'?d |i would )?(prefer|rather)[ _]not.*|refused")
EVENTS = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")
WEIGHT = re.compile(r"(wt|wgt|weight|.*\bweight(ing)?)")
AREA = re.compile(r".*\b(area|ward|neighbou?rhood|where do you live)\b.*")
SCHOOL = re.compile(r".*\bschool\b.*")


def _candidates(found: FileProfile, used: set[int]) -> list[ColumnProfile]:
    return [
        column
        for column in found.columns
        if column.name
        and column.number not in used
        and not (column.system or column.personal)
        and column.kind in {"category", "number", "flag"}
        and 0 < len(column.choices) <= MOST_CODES
    ]


def _question(column: ColumnProfile) -> str:
    """The name up to its last part: `Q5` of `Q5_1`."""
    return re.split(r"[_/|.\[]\s*[^_/|.\[]*$", column.name)[0]


def _differ(column: ColumnProfile, group: list[ColumnProfile]) -> bool:
    """Whether a code means something else in one of the columns, where the file says what codes mean."""
    if bool(column.choice_labels) != bool(group[0].choice_labels):
        return True
    return any(
        normal(other.choice_labels.get(code, label)) != normal(label)
        for other in group
        for code, label in column.choice_labels.items()
    )


def _alike_groups(columns: list[ColumnProfile]) -> list[list[ColumnProfile]]:
    """Columns that share most of their codes, in the order of the file: those of at least `LEAST`; where there are none, all."""
    groups: list[list[ColumnProfile]] = []
    codes: list[set[str]] = []
    for column in columns:
        own = set(column.choices)
        for group, seen in zip(groups, codes, strict=True):
            alike = ALIKE if _question(column) == _question(group[0]) else ALIKE_APART
            fits = len(own & seen) >= alike * len(own | seen) and len(own | seen) <= MOST_CODES
            if fits and not _differ(column, group):
                group.append(column)
                seen |= own
                break
        else:
            groups.append([column])
            codes.append(own)
    return [group for group in groups if len(group) >= LEAST] or groups


def is_survey(found: FileProfile) -> bool:
    """Whether the rows of a file that no tool wrote look like responses: most columns are answered with the same few codes."""
    own = [column for column in found.columns if column.name and not column.personal and column.kind != "blank"]
    on_scales = [group for group in _alike_groups(_candidates(found, set())) if len(group) >= LEAST]
    scales = [group for group in on_scales if len({code for column in group for code in column.choices}) >= SCALE]
    answered = sum(map(len, scales))
    return 2 * answered >= len(own) if is_log(found) else answered >= LEAST


def _reason(text: str) -> str | None:
    word = normal(text)
    if DONT_KNOW.fullmatch(word):
        return "dont_know"
    return "prefer_not" if PREFER_NOT.fullmatch(word) else None


def _spelled(code: str) -> list[str]:
    """A range of missing codes written out, as a contract wants them."""
    low, dots, high = code.partition("..")
    if not dots or not (re.fullmatch(r"-?\d+", low) and re.fullmatch(r"-?\d+", high)):
        return [code]
    codes = range(int(low), int(high) + 1)
    return [str(number) for number in codes] if len(codes) <= LONGEST_SPAN else [low, high]


def _answers(group: list[ColumnProfile], first: int) -> list[str]:
    labels = {code: label for column in group for code, label in column.choice_labels.items()}
    choices = sorted({choice for column in group for choice in column.choices}, key=lambda code: (len(code), code))
    missing = {choice: reason for choice in choices if (reason := _reason(labels.get(choice, choice)))}
    codes = dict.fromkeys(code for column in group for said in column.missing_codes for code in _spelled(said))
    missing |= {code: _reason(labels.get(code, "")) or FILL_IN for code in codes}
    lines = ["    - items: # item of the codebook: the column that holds it. Delete those that are none"]
    lines += [
        f"        {FILL_IN}_{number}: {quoted(column.name)}"
        + (f" # {shortened(column.label)}" if column.label and column.label != column.name else "")
        for number, column in enumerate(group, start=first)
    ]
    lines.append(
        "      codes: # how an answer is written: its value on the codebook's scale, in the codebook's direction"
    )
    lines.append("        - values:")
    lines += [
        f"            {quoted(choice)}: {FILL_IN}" + (f" # {shortened(labels[choice])}" if choice in labels else "")
        for choice in choices
        if choice not in missing
    ]
    if missing:
        lines.append("      missing: # dont_know, prefer_not, unanswered or not_asked")
        lines += [
            f"        {quoted(code)}: {reason}" + (f" # {shortened(labels[code])}" if code in labels else "")
            for code, reason in missing.items()
        ]
    return lines


def _named(found: FileProfile, names: tuple[str, ...]) -> ColumnProfile | None:
    return next((column for name in names for column in found.columns if normal(column.name) == normal(name)), None)


def _events(found: FileProfile, identity: ColumnProfile | None) -> list[ColumnProfile]:
    """The columns that tell the rows of one record apart, where the id does not: the event, and the number of a repetition."""
    if identity is None or identity.more or identity.distinct >= identity.rows - identity.blank:
        return []
    return [column for column in found.columns if normal(column.name) in EVENTS and not column.blank]


def _answer_time(found: FileProfile) -> ColumnProfile | None:
    """The column that may say when a response was given, where no tool says which: the last time of day, else the last day."""
    of_kind = {
        kind: [c for c in found.columns if c.kind == kind and c.name and not c.personal]
        for kind in ("datetime", "date")
    }
    return next((columns[-1] for columns in of_kind.values() if columns), None)


def survey_part(found: FileProfile, tool: Tool | None, key_name: str | None) -> DraftPart:
    """The columns and answers of a survey.

    :param key_name: the name of the tool's own id of a response.
    """
    part = DraftPart("survey_respondent", "surveys", "all responses")

    def add(field: str, column: ColumnProfile | None, rest: str) -> None:
        if column is not None and column.number not in part.used:
            part.used.add(column.number)
            part.columns.append(f"  {field}: {{header: {quoted(column.name)}, {rest}}} # guess")

    identity = _named(found, (key_name,)) if key_name else None
    identity = identity or next((column for column in found.columns if column.kind == "id" and column.name), None)
    add("respondent_id", identity, "type: token, required: true")
    if identity is None:
        part.columns.append(
            f"  respondent_id: {{header: {FILL_IN}, type: token, required: true}} # the id of a response"
        )
    answered = _named(found, tool.answered_on) if tool else _answer_time(found)
    if answered is not None and not answered.date_orders.get("month_first"):
        add("answered_on", answered, f"type: date, formats: [{', '.join(date_formats(answered))}]")
    elif answered is not None:
        part.columns.append(
            f"  # {shortened(answered.name)} has dates month first, which are never read: answered_on is left out."
        )
    if tool and tool.duration and (duration := _named(found, (tool.duration,))):
        add("duration_seconds", duration, "type: number, least: 0")
    own = [column for column in found.columns if column.name and not column.system and not column.personal]
    add(
        "weight",
        next((c for c in own if c.kind == "number" and WEIGHT.fullmatch(normal(c.name))), None),
        "type: number",
    )
    options = {column.number for column in option_columns(found, tool)}
    groups = _alike_groups(_candidates(found, part.used | options))
    answers = {column.number for group in groups for column in group}
    about = [c for c in own if c.kind in {"category", "text"} and c.number not in answers]
    words = {c.number: normal(f"{c.name} {c.label}").replace("/", " ").replace("_", " ") for c in about}
    add("area", next((c for c in about if AREA.fullmatch(words[c.number])), None), "type: area")
    school = next((c for c in about if SCHOOL.fullmatch(words[c.number])), None)
    add("school", school, "type: category, open: true, kind: school")
    events = _events(found, identity)
    if events:
        part.further.append("checked: # a record has a row for each of these")
        part.further += [
            f"  event_{number}: {{header: {quoted(column.name)}, type: category, open: true}}"
            for number, column in enumerate(events, start=1)
        ]
    key = ", ".join(["respondent_id", *(f"event_{number}" for number in range(1, len(events) + 1))])
    part.used |= {column.number for column in events}
    part.further += [f"key: [{key}]", "survey:", f"  tool: {found.tool}"]
    part.further += [
        f"  instrument: {FILL_IN} # the codebook that the items are of, with its version, as tfc_core_1",
        f"  population: {FILL_IN} # whom it asks: community, young_people, professionals",
        f"  wave: {FILL_IN} # w1, w2 …; or a group of `name`, where the files' names say it",
    ]
    part.used |= answers
    choices, taken = choices_part(found, tool, part.used, sum(map(len, groups)) + 1)
    part.used |= taken
    if groups or not choices:
        part.further += (
            ["  answers:"] if groups else [f"  answers: {FILL_IN} # no columns were found that are answered alike"]
        )
    number = 1
    for group in groups:
        part.further += _answers(group, number)
        number += len(group)
    part.further += choices
    return part
