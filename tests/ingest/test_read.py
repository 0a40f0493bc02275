"""One file as a whole: its status, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.read_file import facts_of
from tfc_platform.ingest.reading_verdict import FileReading

Make = Callable[..., Contract]
Reader = Callable[..., FileReading]
HEADER = ("Date", "Activity", "Status", "People", "Hours", "Notes")


def test_what_a_name_says(contract: Make) -> None:
    assert facts_of(contract(), "log 2025-04 v2.csv") == {"month": "2025-04", "version": "2"}
    assert facts_of(contract(), "LOG 2025-04.CSV") == {"month": "2025-04"}
    assert facts_of(contract(), "harvest.csv") is None
    assert facts_of(contract(name=".*", **{"return": {"key": "all"}}), "harvest.csv") == {}


def test_no_data(contract: Make, read: Reader, csv_of: Any) -> None:
    for content, cause in ((csv_of([]), "no_data"), (csv_of([("Exported today",)]), "no_data")):
        found = read(content, contract())
        assert (found.status, found.cause) == ("rejected", cause)
        assert "no data row" in (found.message or "")


def test_nothing_that_counts_takes_no_ones_place(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    rule = {"header": "Kind", "equals": ["preview"], "reason": "preview", "message": "A preview.", "fault": False}
    rows = [(*session(number), "preview") for number in range(3)]
    found = read(csv_of(rows, (*HEADER, "Kind")), contract(reject=[rule]))
    assert (found.status, found.cause) == ("rejected", "nothing_counts")
    assert "Not one of the 3 rows counts" in (found.message or "")


def test_missing_columns_are_named_all(contract: Make, read: Reader, csv_of: Any) -> None:
    found = read(csv_of([("01/04/2025", "Choir", "2", "")], ("Date", "Activity", "Hours", "Notes")), contract())
    assert (found.status, found.cause) == ("rejected", "missing_column")
    assert found.message == (
        "The required columns “Status”, “People” are missing. Put them back under that name and send the file again."
    )


def test_a_doubled_column(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    found = read(csv_of([(*session(1), "5")], (*HEADER, "People")), contract())
    assert (found.status, found.cause) == ("rejected", "doubled_column")
    assert "“People” stands twice" in (found.message or "")


def test_a_name_that_says_no_return(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    found = read(csv_of([session(1)]), contract(), name="harvest.csv")
    assert (found.status, found.cause, found.result.accepted) == ("rejected", "name", 0)
    assert "Name it as before" in (found.message or "")


def test_unreadable(contract: Make, read: Reader) -> None:
    found = read(b"", contract())
    assert (found.status, found.cause) == ("unreadable", "unreadable")


def book(contract: Make, **other: Any) -> Contract:
    return contract(read={"format": "workbook", **other})


def test_one_sheet_without_a_header(contract: Make, read: Reader, book_of: Any, session: Any) -> None:
    table = [HEADER, session(1)]
    spoilt = [("a", "b", "c"), session(2)]
    content = book_of({"Apr 25": table, "May 25": spoilt, "Jun 25": [], "Jul 25": [("To come",)]})
    found = read(content, book(contract))
    assert (found.status, found.result.accepted) == ("read", 1), "any sheet may lie beside the table"
    assert {(issue.sheet, issue.reason) for issue in found.result.issues} == {
        ("May 25", "sheet_not_read"),
        ("Jun 25", "empty_sheet"),
        ("Jul 25", "sheet_not_read"),
    }
    told = read(content, book(contract, sheets=r"\w{3} \d\d"))
    assert (told.status, told.cause) == ("rejected", "no_header"), "a month would be lost in silence"
    assert "on sheet May 25" in (told.message or "")


def test_the_year_of_a_sheet(contract: Make, read: Reader, book_of: Any, session: Any) -> None:
    columns = contract().model_dump(mode="json", by_alias=True)["columns"]
    columns["session_on"]["formats"] = ["d month"]
    log = contract(columns=columns, read={"format": "workbook", "sheets": r"\w{3} (?P<year>\d{2}|\d{4})"})
    content = book_of({"Apr 25": [HEADER, session(1, Date="3 April")], "Jan 2026": [HEADER, session(2, Date="3 Jan")]})
    days = read(content, log, name="log.xlsx").result.columns["activity"]["session_on"]
    assert [day.isoformat() for day in days] == ["2025-04-03", "2026-01-03"]


def test_error_cells_and_uncalculated_formulas_are_no_unknown(
    contract: Make, read: Reader, book_of: Any, session: Any
) -> None:
    def change(workbook: openpyxl.Workbook) -> None:
        workbook["A"]["D2"] = "#DIV/0!"
        workbook["A"]["D2"].data_type = "e"
        workbook["A"]["D3"] = "=SUM(1,2)"

    rows = [session(number, People=5) for number in range(30)]
    found = read(book_of({"A": [HEADER, *rows]}, change), book(contract))
    assert dict(found.result.reasons) == {"invalid_attendance": 2}


SURVEY: dict[str, Any] = {
    "source": "surveys",
    "record": "survey_respondent",
    "files": "surveys/*.csv",
    "name": r"(?P<population>\w+) (?P<wave>w\d)\.csv",
    "return": {"key": "{population} {wave}"},
    "columns": {
        "respondent_id": {"header": "id", "type": "token", "required": True},
        "panel_id": {"header": "pid", "type": "panel", "when": {"population": "staff"}},
        "weight": {"header": "wt", "type": "number", "when": {"population": "parents"}},
        "duration_seconds": {"header": "took", "type": "number"},
    },
    "key": ["respondent_id"],
    "free_text": ["comments"],
    "survey": {
        "tool": "tool",
        "instrument": "core_1",
        "answers": [
            {
                "items": {"K1": "q1", "K2": "q2"},
                "codes": [
                    {"when": {"wave": "w1"}, "values": {1: 5, 5: 1}},
                    {"when": {"wave": "w2"}, "values": {1: 1, 5: 5}},
                ],
                "missing": {97: "dont_know"},
            }
        ],
    },
}


def survey(read: Reader, contract: Make, name: str, text: str, site: str = "here") -> FileReading:
    return read(text.encode(), contract(**SURVEY), name=name, site=site)


def test_a_survey_is_respondents_and_answers(contract: Make, read: Reader) -> None:
    text = "id,wt,q1,q2,comments,took\na,0.5,1,97,fine,412.0\nb,1.5,,8,,\n"
    result = survey(read, contract, "parents w1.csv", text).result
    respondents, answers = result.columns["survey_respondent"], result.columns["survey_answer"]
    assert (respondents["population"], respondents["wave"]) == (["parents"] * 2, ["w1"] * 2)
    assert (respondents["weight"], respondents["weighted"]) == ([0.5, 1.5], [True, True])
    assert respondents["duration_seconds"] == [412, None]
    assert list(zip(answers["item"], answers["code"], answers["value"], answers["missing_reason"], strict=True)) == [
        ("K1", "1", 5, None),
        ("K2", "97", None, "dont_know"),
        ("K1", None, None, "unanswered"),  # nothing was written: it is no code
        ("K2", None, None, "invalid"),
    ]
    assert answers["respondent_id"][:2] == respondents["respondent_id"][:1] * 2
    assert [(issue.row, issue.column, issue.reason) for issue in result.issues] == [(3, "q2", "invalid_answer")]


def test_the_wave_says_how_the_choices_were_numbered(contract: Make, read: Reader) -> None:
    text = "id,wt,q1,q2,comments,took\na,1,1,5,,\n"
    values = [
        survey(read, contract, f"parents {wave}.csv", text).result.columns["survey_answer"]["value"]
        for wave in ("w1", "w2")
    ]
    assert values == [[5, 1], [1, 5]]
    third = survey(read, contract, "parents w3.csv", text)
    assert (third.status, third.cause) == ("rejected", "unknown_codes"), "a guess could turn every answer round"


def test_people_are_linked_over_waves_in_one_population_of_one_site_alone(contract: Make, read: Reader) -> None:
    text = "id,pid,q1,q2,comments,took\na,p1,1,1,,\n"

    def ids(name: str, site: str = "here") -> tuple[str, str]:
        record = survey(read, contract, name, text, site).result.columns["survey_respondent"]
        return record["respondent_id"][0], record["panel_id"][0]

    first, second, there = ids("staff w1.csv"), ids("staff w2.csv"), ids("staff w1.csv", "there")
    assert first[1] == second[1]
    assert first[0] != second[0]
    assert there[1] != first[1]


@pytest.mark.parametrize("blank", ["unanswered", "not_asked"])
def test_a_blank_answer_is_what_the_contract_says(contract: Make, read: Reader, blank: str) -> None:
    group = {**SURVEY["survey"]["answers"][0], "blank": blank}
    asked = contract(**{**SURVEY, "survey": {**SURVEY["survey"], "answers": [group]}})
    found = read(b"id,wt,q1,q2,comments,took\na,1,,1,,\n", asked, name="parents w1.csv")
    assert found.result.columns["survey_answer"]["missing_reason"] == [blank, None]
