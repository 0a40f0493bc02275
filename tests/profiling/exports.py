"""Exports of each tool, made here from what is known of their layouts: invented questions, invented answers.

`Export` has the bytes and what a reader should find.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from tests.profiling.export_files import as_csv, as_sav, as_workbook

LIKERT = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
PERSON = ("Xanthippe", "Quarrelwick", "xq@example.org", "07700 900555")  # in every export that has such columns
ITEMS = 9


@dataclass(frozen=True)
class Export:
    name: str
    content: bytes
    rows: int
    excluded: dict[str, int] = field(default_factory=dict)
    header_rows: int = 1


def _answers(number: int, choices: Sequence[Any] = LIKERT) -> list[Any]:
    """Every choice comes up in every column, more than once."""
    return [choices[(number + item) % len(choices)] for item in range(ITEMS)]


def qualtrics_rows(broken_ids: bool = False, labels: str = "Frage") -> list[list[Any]]:
    system = [
        "StartDate",
        "EndDate",
        "Status",
        "IPAddress",
        "Progress",
        "Duration (in seconds)",
        "Finished",
        "RecordedDate",
    ]
    system += ["ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "DistributionChannel"]
    names = [*system, *(f"Q5_{item}" for item in range(1, ITEMS + 1)), "Q9_TEXT"]
    ids = [f"{{'ImportId': '{name}'}}" if broken_ids else json.dumps({"ImportId": name}) for name in names]
    rows: list[list[Any]] = [names, [f"{labels} {name}" for name in names], ids]
    for number in range(14):
        status, finished = ("1" if number == 0 else "0"), ("0" if number == 1 else "1")
        moment = f"2026-05-{number + 1:02} 10:00:00"
        rows.append(
            [
                moment,
                moment,
                status,
                "203.0.113.9",
                "100",
                "300",
                finished,
                moment,
                f"R_{number:015}",
                PERSON[1],
                PERSON[0],
                PERSON[2],
                "anonymous",
                *_answers(number, "12345"),
                f"Ring me on {PERSON[3]}",
            ]
        )
    return rows


def qualtrics(**options: Any) -> Export:
    return Export("x.csv", as_csv(qualtrics_rows(**options)), 12, {"incomplete": 1, "preview": 1}, 3)


def qualtrics_legacy() -> Export:
    labels = ["ResponseID", "ResponseSet", "Name", "ExternalDataReference", "EmailAddress", "IPAddress", "Status"]
    labels += ["StartDate", "EndDate", "Finished", "Wie geht es?", ""]
    rows: list[list[Any]] = [[*(f"V{number}" for number in range(1, 11)), "Q1", ""], labels]
    for number in range(5):
        moment = f"2016-05-0{number + 1} 10:00:00"
        rows.append(
            [f"R_{number}", "Standard", PERSON[0], "", PERSON[2], "203.0.113.9", "0", moment, moment, "1", "3", ""]
        )
    return Export("x.csv", as_csv(rows, encoding="utf-8-sig"), 5, {}, 2)


FORMS_HEADERS = {
    "en": ["ID", "Start time", "Completion time", "Email", "Name"],
    "es": ["Id", "Hora de inicio", "Hora de finalización", "Correo electrónico", "Nombre"],
    "fi": ["Tunnus", "Aloitusaika", "Valmistumisaika", "Sähköposti", "Nimi"],  # a language that no list has
}


def msforms_rows(language: str = "en", anonymous: bool = False) -> list[list[Any]]:
    questions = ["Which day?", "Which activity?", "Who came?", "How many people came?", "Anything else?"]
    rows: list[list[Any]] = [[*FORMS_HEADERS[language], *questions]]
    for number in range(1, 13):
        start = datetime(2026, 5, number, 16, 10)
        who = ["anonymous", None] if anonymous else [PERSON[2], f"{PERSON[0]} {PERSON[1]}"]
        rows.append(
            [
                number + 3,
                start,
                start + timedelta(minutes=6),
                *who,
                datetime(2026, 5, number),
                ("Toy library", "Drama", "Cooking")[number % 3],
                ("Children;Parents;", "Parents;")[number % 2],
                10 + number % 5,
                "Went well, a lovely afternoon",
            ]
        )
    return rows


def msforms(language: str = "en", anonymous: bool = False) -> Export:
    return Export("x.xlsx", as_workbook({"Sheet1": msforms_rows(language, anonymous)}), 12)


def surveymonkey(id_name: str = "Respondent ID", parts: str = "Response") -> Export:
    first = [id_name, "Collector ID", "Start Date", "End Date", "IP Address", "First Name", "How far do you agree?"]
    first += [""] * (ITEMS - 1) + ["Which did you use?", "", "What would you change?"]
    second = ["", "", "", "", "", "", *(f"Statement {item}" for item in range(1, ITEMS + 1)), "Library", "Drama", parts]
    rows: list[list[Any]] = [first, second]
    for number in range(12):
        moment = f"05/{number + 13:02}/2026 10:00:00"
        rows.append(
            [
                str(3290000000 + number),
                "4001",
                moment,
                moment,
                "203.0.113.9",
                PERSON[0],
                *_answers(number),
                "Library" if number % 2 else "",
                "Drama" if number % 3 else "",
                "More of it, please, and longer hours",
            ]
        )
    return Export("x.csv", as_csv(rows), 12, {}, 2)


def smartsurvey() -> Export:
    first = ["UserID", "UserNo", "Name", "Email", "IP Address", "Unique ID", "Started", "Ended", "Completed"]
    first += ["1. How far?", *[""] * (ITEMS - 1)]
    second = [""] * 9 + [f"Statement {item}" for item in range(1, ITEMS + 1)]
    rows: list[list[Any]] = [first, second]
    for number in range(12):
        moment = datetime(2026, 5, number + 1, 10)
        done = "No" if number == 4 else "Yes"
        rows.append(
            [
                1000 + number,
                number,
                PERSON[0],
                PERSON[2],
                "203.0.113.9",
                f"ab{number:010}",
                moment,
                moment,
                done,
                *_answers(number),
            ]
        )
    return Export("x.xlsx", as_workbook({"Sheet": rows}), 11, {"incomplete": 1}, 2)


def smartsurvey_json() -> Export:
    responses = [
        {
            "id": 500 + number,
            "tracking_link_id": 7,
            "status": "completed" if number else "partial",
            "date_started": "2026-05-01T10:00:00Z",
            "date_ended": "2026-05-01T10:05:00Z",
            "date_modified": "2026-05-01T10:05:00Z",
            "pages": [{"questions": [{"title": "How far?", "answers": [{"value": LIKERT[number % 5]}]}]}],
        }
        for number in range(6)
    ]
    return Export("x.json", json.dumps(responses).encode(), 5, {"incomplete": 1})


def jisc_frame(names: Sequence[str] = ("URN",)) -> pd.DataFrame:
    frame = pd.DataFrame({names[0]: [f"356806-356797-{33882794 + number}" for number in range(12)]})
    for item in range(1, ITEMS + 1):
        frame[f"Q1_{item}_a"] = [float((number + item) % 5 + 1) for number in range(12)]
    frame["Q2_1"] = [float(number % 2) for number in range(12)]
    frame["Q3"] = ["It was good to be there with others"] * 12
    return frame


def jisc(names: Sequence[str] = ("URN",)) -> Export:
    frame = jisc_frame(names)
    scale = {float(number): label for number, label in enumerate(LIKERT, start=1)}
    labels = {name: scale for name in frame.columns if name.startswith("Q1")} | {"Q2_1": {1.0: "Library"}}
    zero = {name: [0.0] for name in frame.columns if name.startswith(("Q1", "Q2"))}
    content = as_sav(frame, variable_value_labels=labels, missing_ranges=zero, column_labels=["x"] * len(frame.columns))
    return Export("x.sav", content, 12)


def jisc_csv() -> Export:
    rows: list[list[Any]] = [["Unique Response Number", "1. Wie sehr?"]]
    rows += [[f"1234-1235-{66000 + number}", LIKERT[number % 5]] for number in range(10)]
    return Export("x.csv", as_csv(rows), 10)


def kobo_rows() -> list[list[Any]]:
    names = ["start", "end", "username", *(f"core/k{item}" for item in range(1, ITEMS + 1)), "used", "used/library"]
    names += ["used/drama", "comments", "_id", "_uuid", "_submission_time", "_validation_status", "_index"]
    rows: list[list[Any]] = [names]
    codes = ("strongly_disagree", "disagree", "neither", "agree", "strongly_agree")
    for number in range(13):
        moment = f"2026-05-{number + 1:02}T10:00:00.000+01:00"
        rows.append(
            [
                moment,
                moment,
                PERSON[0],
                *_answers(number, codes),
                ("library drama", "drama")[number % 2],
                1 - number % 2,
                1,
                "We had a lovely afternoon",
                100 + number,
                f"5b2cc313-fc09-437e-8149-{number:012}",
                moment[:19],
                "Not approved" if number == 2 else "",
                number + 1,
            ]
        )
    return rows


def kobo() -> Export:
    return Export("x.csv", as_csv(kobo_rows(), delimiter=";"), 12, {"not_approved": 1})


def kobo_repeats() -> Export:
    children = [["name", "age", "_index", "_parent_index"], *(["x", 5, number, 1] for number in range(1, 30))]
    return Export("x.xlsx", as_workbook({"main": kobo_rows(), "children": children}), 12, {"not_approved": 1})


def odk() -> Export:
    names = [
        "SubmissionDate",
        "q-how",
        "KEY",
        "SubmitterID",
        "SubmitterName",
        "AttachmentsPresent",
        "ReviewState",
        "FormVersion",
    ]
    rows: list[list[Any]] = [names]
    for number in range(8):
        state = "rejected" if number == 3 else "approved"
        rows.append([f"2026-05-0{number + 1}T10:00:00.000Z", "agree", f"uuid:{number:032}", 4, PERSON[0], 0, state, 3])
    return Export("x.csv", as_csv(rows), 7, {"not_approved": 1})


REDCAP_DICTIONARY = as_csv(
    [
        [
            "Variable / Field Name",
            "Form Name",
            "Section Header",
            "Field Type",
            "Field Label",
            "Choices, Calculations, OR Slider Labels",
            "Field Note",
            "Text Validation Type OR Show Slider Number",
            "Text Validation Min",
            "Text Validation Max",
            "Identifier?",
        ],
        ["record_id", "core", "", "text", "Record", "", "", "", "", "", ""],
        ["colour", "core", "", "radio", "Which colour?", "1, Red | 2, Green, or nearly | 3, Blue", "", "", "", "", ""],
        ["town", "core", "", "text", "Where do you live?", "", "", "", "", "", "y"],
        ["used", "core", "", "checkbox", "Which did you use?", "a, Library | b, Drama", "", "", "", "", ""],
        ["thoughts", "core", "", "notes", "Your thoughts", "", "", "", "", "", ""],
    ]
)


def redcap_rows() -> list[list[Any]]:
    rows: list[list[Any]] = [["record_id", "colour", "town", "used___a", "used___b", "thoughts", "core_complete"]]
    rows += [[n, n % 3 + 1, ("Here", "There")[n % 2], n % 2, 1, "", n % 3] for n in range(1, 13)]
    return rows


def redcap() -> Export:
    return Export("x.csv", as_csv(redcap_rows()), 12)


def googleforms(direct: bool = True) -> Export:
    rows: list[list[Any]] = [["Timestamp" if direct else "Horodateur", "Email Address", "Which did you use?", "Why?"]]
    for number in range(1, 11):
        moment = f"2026/09/{number:02} 3:00:00 PM GMT+1" if direct else f"{number}/9/2026 18:05:12"
        rows.append([moment, PERSON[2], ("Library, Drama", "Drama")[number % 2], "Because it was near to home"])
    return Export("x.csv", as_csv(rows), 10)


def limesurvey() -> Export:
    names = [
        "id",
        "submitdate",
        "lastpage",
        "startlanguage",
        "seed",
        "startdate",
        "ipaddr",
        "refurl",
        "token",
        "G1Q1",
        "G1Q2[SQ001]",
        "G1Q2[SQ002]",
    ]
    rows: list[list[Any]] = [names]
    for number in range(1, 11):
        moment = f"2026-09-{number:02} 15:00:00"
        ticks = ["Y" if number % 2 else "", "Y" if number % 3 else ""]
        rows.append(
            [number, moment, 3, "en", 1000 + number, moment, "203.0.113.1", "", f"tk{number}", f"A{number % 3}", *ticks]
        )
    return Export("x.csv", as_csv(rows), 10)


def spss() -> Export:
    frame = pd.DataFrame({"serial": [f"w{n:06}" for n in range(10)], "q1": [float(n % 5 + 1) for n in range(10)]})
    content = as_sav(
        frame, missing_ranges={"q1": [{"lo": 97, "hi": 99}]}, variable_value_labels={"q1": {1.0: "No", 5.0: "Yes"}}
    )
    return Export("x.sav", content, 10)


def log_rows() -> list[list[Any]]:
    rows: list[list[Any]] = [
        ["Session date", "Activity", "Outcome", "Children attended", "Hours", "Facilitator", "Notes"]
    ]
    counts = ("20", "approx 15", "<5", "12", "9")
    for number in range(1, 13):
        day = f"{number + 12:02}/05/2026"
        activity = ("Toy library", "Drama", "Cooking")[number % 3]
        outcome = "Cancelled" if number in (5, 6) else "Delivered"
        note = f"{PERSON[0]} was upset, call {PERSON[3]}"
        rows.append([day, activity, outcome, counts[number % 5], "1.5", PERSON[0], note])
    return rows


def spreadsheet() -> Export:
    return Export("sessions 2026-05.csv", as_csv(log_rows(), encoding="cp1252"), 12)


def month_sheets() -> Export:
    """A sheet a month with a title, groups above the names, a total and a note under the table."""
    groups = ["Session", None, None, "Attendance", None, "Staff", None]
    sheets: dict[str, Sequence[Sequence[Any]]] = {}
    for title, rows in (("Apr 26", log_rows()[:7]), ("May 26", log_rows()[:1] + log_rows()[7:])):
        around: list[list[Any]] = [["Together for Children: our log 2026"], [], groups, *rows]
        sheets[title] = [*around, ["Total", None, None, 88], [], ["Note: two sessions were moved"]]
    return Export("log.xlsx", as_workbook(sheets), 12, {}, 2)


ALL: dict[str, Callable[[], Export]] = {
    "qualtrics": qualtrics,
    "qualtrics_legacy": qualtrics_legacy,
    "msforms": msforms,
    "surveymonkey": surveymonkey,
    "smartsurvey": smartsurvey,
    "jisc": jisc,
    "kobo": kobo,
    "odk": odk,
    "redcap": redcap,
    "googleforms": googleforms,
    "limesurvey": limesurvey,
    "spss": spss,
    "spreadsheet": spreadsheet,
}
