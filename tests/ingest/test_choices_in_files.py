"""Questions with several choices, from a file to records: every encoding, what its sender is told, and what rejects the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.ingest_result import RowIssue
from tfc_platform.ingest.reading_verdict import FileReading

from .conftest import HARM
from .test_read import SURVEY

Make = Callable[..., Contract]
Reader = Callable[..., FileReading]
NAME = "parents w1.csv"
CELL = {
    "column": "Services",
    "separator": ";",
    "options": {"S1": "Family hub", "S2": "Library", "S3": "Food bank"},
    "blank": "not_asked",
}
COLUMNS = {"columns": {"S1": "s/hub", "S2": "s/lib", "S3": "s/food"}, "blank": "not_asked"}


def asking(contract: Make, *questions: dict[str, Any], answers: Any = (), **other: Any) -> Contract:
    columns = {"respondent_id": SURVEY["columns"]["respondent_id"]}
    survey = {**SURVEY["survey"], "answers": list(answers), "choices": list(questions)}
    values = {**SURVEY, "columns": columns, "free_text": [], "personal": [], "ignored": [], "survey": survey}
    return contract(**{**values, **other})


def by_person(read: FileReading) -> list[dict[str, int | str]]:
    """Of each respondent, in the order of the file, the value of each item or why there is none."""
    people = read.result.columns["survey_respondent"]["respondent_id"]
    answers = read.result.columns["survey_answer"]
    found: dict[str, dict[str, int | str]] = {name: {} for name in people}
    for name, item, value, why in zip(
        *(answers[key] for key in ("respondent_id", "item", "value", "missing_reason")), strict=True
    ):
        found[name][item] = why if value is None else value
    return list(found.values())


def of(read: FileReading, reason: str) -> list[RowIssue]:
    return [issue for issue in read.result.issues if issue.reason == reason]


def asked(*values: int | str, first: int = 1) -> dict[str, int | str]:
    return {f"S{number}": value for number, value in enumerate(values, start=first)}


def test_one_cell_of_choices(contract: Make, read: Reader) -> None:
    text = b"id,Services\na,Family hub;Food bank;\nb,library;\nc,\n"
    found = read(text, asking(contract, CELL), name=NAME)
    assert (found.status, found.result.accepted, found.result.issues) == ("read", 3, [])
    assert by_person(found) == [asked(1, 0, 1), asked(0, 1, 0), asked(*["not_asked"] * 3)]
    answers = found.result.columns["survey_answer"]
    assert set(answers["instrument"]) == {"core_1"}
    assert set(answers["code"]) == {None}


def test_a_column_an_option(contract: Make, read: Reader) -> None:
    text = b"id,s/hub,s/lib,s/food\na,1,0,1\nb,0,0,0\nc,,,\n"
    found = read(text, asking(contract, COLUMNS), name=NAME)
    assert (found.status, found.result.issues) == ("read", [])
    assert by_person(found) == [asked(1, 0, 1), asked(0, 0, 0), asked(*["not_asked"] * 3)]


def test_a_question_has_an_instrument_of_its_own(contract: Make, read: Reader) -> None:
    found = read(b"id,Services\na,Library\n", asking(contract, {**CELL, "instrument": "services_1"}), name=NAME)
    assert found.result.columns["survey_answer"]["instrument"] == ["services_1"] * 3


BOTH = b"id,Services,s/hub,s/lib,s/food\na,hub food,1,0,1\nb,lib,0,1,0\nc,,,,\n"


def test_kobo_s_both_is_counted_once_whichever_is_read(contract: Make, read: Reader) -> None:
    cell = {**CELL, "separator": " ", "options": {"S1": "hub", "S2": "lib", "S3": "food"}}
    by_cell = read(BOTH, asking(contract, cell, ignored=["s/*"]), name=NAME)
    by_columns = read(BOTH, asking(contract, COLUMNS, ignored=["Services"]), name=NAME)
    for found in (by_cell, by_columns):
        assert (found.status, found.result.issues) == ("read", [])
        assert by_person(found) == [asked(1, 0, 1), asked(0, 1, 0), asked(*["not_asked"] * 3)]
    with pytest.raises(ValidationError, match=r"choices\.0, choices\.1: 'S1' is in both, for one file"):
        asking(contract, cell, COLUMNS)


def test_an_item_is_answered_once_for_a_file(contract: Make) -> None:
    single = {"items": {"S1": "q1"}, "codes": [{"values": {0: 0, 1: 1}}]}
    with pytest.raises(ValidationError, match=r"answers\.0, choices\.0: 'S1' is in both, for one file"):
        asking(contract, CELL, answers=[single])
    waves = [{**single, "when": {"wave": "w1"}}]
    assert asking(contract, {**CELL, "when": {"wave": ["w2", "w3"]}}, answers=waves).survey is not None
    with pytest.raises(ValidationError, match="answers, choices: a survey asks something"):
        asking(contract)
    with pytest.raises(ValidationError, match=r"survey\.choices\.0\.when: 'term' is no named group"):
        asking(contract, {**CELL, "when": {"term": "1"}})


def test_two_waves_in_two_encodings(contract: Make, read: Reader) -> None:
    made = asking(contract, {**CELL, "when": {"wave": "w1"}}, {**COLUMNS, "when": {"wave": "w2"}})
    first = read(b"id,Services\na,Library;\n", made, name="parents w1.csv")
    second = read(b"id,s/hub,s/lib,s/food\na,0,1,0\n", made, name="parents w2.csv")
    assert by_person(first) == by_person(second) == [asked(0, 1, 0)]


def test_only_those_who_were_shown_the_question_are_in_its_base(contract: Make, read: Reader) -> None:
    question = {**CELL, "blank": "not_chosen", "asked": {"header": "Used any?", "equals": ["Yes"]}}
    text = b"id,Used any?,Services\na,Yes,Library;\nb,yes,\nc,No,\nd,,\ne,No,Library;\n"
    found = read(text, asking(contract, question), name=NAME)
    none, away = asked(0, 0, 0), asked(*["not_asked"] * 3)
    # e says No and names one all the same: whoever names one was shown the question.
    assert by_person(found) == [asked(0, 1, 0), none, away, away, asked(0, 1, 0)]
    gone = read(b"id,Services\na,Library;\n", asking(contract, question), name=NAME)
    assert (gone.status, gone.cause) == ("rejected", "missing_column")
    assert "“Used any?”" in (gone.message or "")


def test_every_column_of_a_question_must_be_there(contract: Make, read: Reader) -> None:
    found = read(b"id,s/hub,s/lib\na,1,0\n", asking(contract, COLUMNS), name=NAME)
    assert (found.status, found.cause) == ("rejected", "missing_column")
    assert "The required column “s/food” is missing" in (found.message or "")


SECRET = "ring Xanthippe Quarrelwick"


def test_the_text_of_other_is_told_and_screened_and_never_quoted(contract: Make, read: Reader, book_of: Any) -> None:
    rows = [
        ("id", "Services"),
        ("a", f"Library;{SECRET};"),
        ("b", f"he {HARM} me"),
        ("c", "Family hub;"),
        ("d", "Library"),
    ]
    found = read(book_of({"Sheet1": rows}), asking(contract, CELL, files="surveys/*.xlsx"), name=NAME)
    assert by_person(found) == [asked(0, 1, 0), asked(0, 0, 0), asked(1, 0, 0), asked(0, 1, 0)]
    (issue,) = of(found, "unlisted_choice")
    assert (issue.severity, issue.column, issue.row, issue.sheet) == ("warn", "Services", None, "Sheet1")
    assert issue.message.startswith(
        "2 cells in the column “Services” (rows 2, 3) hold something that is none of the options"
    )
    assert [(flag.sheet, flag.row, flag.column) for flag in found.result.flags] == [("Sheet1", 3, "Services")]
    assert "Quarrelwick" not in repr(found.result.issues) + repr(found.result.columns)


def test_personal_data_among_the_choices_are_told_and_hold_nothing(contract: Make, read: Reader) -> None:
    text = "id,Services\n" + "".join(f"p{n},Library;call 07700 900{n}\n" for n in range(100, 112))
    found = read(text.encode(), asking(contract, CELL), name=NAME)
    assert found.status == "read"
    cells = of(found, "personal_text")
    assert [cell.row for cell in cells] == list(range(2, 14))
    assert all(
        cell.message.startswith("A cell of the column “Services” holds what looks like personal") for cell in cells
    )


def test_a_text_in_the_column_of_an_option(contract: Make, read: Reader, book_of: Any) -> None:
    rows = [("id", "s/hub", "s/lib", "s/food"), ("a", 1, 0, 0), ("b", 0, f"he {HARM} me", 1), ("c", 0, 1, 0)]
    found = read(book_of({"S": rows}), asking(contract, COLUMNS, files="surveys/*.xlsx"), name=NAME)
    assert by_person(found)[1] == {"S1": 0, "S2": "invalid", "S3": 1}
    (issue,) = of(found, "invalid_answer")
    assert (issue.column, issue.row, issue.cell, issue.severity) == ("s/lib", 3, "C3", "warn")
    assert issue.message == "This says neither that the option was chosen nor that it was not: it was left out."
    assert [flag.row for flag in found.result.flags] == [3]


def test_the_column_of_other_is_an_answer(contract: Make, read: Reader) -> None:
    text = b"id,s/hub,s/lib,s/food,s/other\na,1,,,\nb,,,,the vicar\nc,,,,\n"
    question = {**COLUMNS, "other": "s/other"}
    found = read(text, asking(contract, question, free_text=["s/other"]), name=NAME)
    assert by_person(found) == [asked(1, 0, 0), asked(0, 0, 0), asked(*["not_asked"] * 3)]
    assert [text[3] for text in found.result.texts] == ["the vicar"], "kept apart, as free text is"


FIGURES = {**CELL, "separator": ",", "options": {"S1": 1, "S2": 2, "S3": 3}}
WORDS = {**COLUMNS, "options": {"S1": "Family hub", "S2": "Library", "S3": "Food bank"}}


@pytest.mark.parametrize(
    ("question", "rows", "says"),
    [
        (CELL, [";1;", "2;3", "2"], "in the column “Services” were exported as codes; expected text"),
        (FIGURES, ["Family hub,Library", "Library", "Food bank"], "were exported as text; expected codes"),
        (CELL, ["Hub;Books;", "Books;", "Food;"], "are none of those that the contract knows"),
        (CELL, ["Library;", "Family hub,Library", "Food bank"], "are not parted as in this return before"),
        (FIGURES, ["1", '"13"', "2", "3"], "are not parted as in this return before"),
    ],
)
def test_a_cell_of_choices_in_another_way_of_writing(
    contract: Make, read: Reader, question: dict[str, Any], rows: list[str], says: str
) -> None:
    text = "id;Services\n" + "".join(f'{number};"{row.strip(chr(34))}"\n' for number, row in enumerate(rows))
    made = asking(contract, question, read={"format": "csv", "delimiter": ";"})
    found = read(text.encode(), made, name=NAME)
    assert (found.status, found.cause) == ("rejected", "unknown_codes")
    assert says in (found.message or "")
    assert not any(word in (found.message or "") for word in ("Hub", "Books", "13"))


@pytest.mark.parametrize(
    ("question", "rows", "says"),
    [
        (
            COLUMNS,
            ["Family hub,,", ",Library,", "Family hub,,Food bank"],
            "“s/hub” to “s/food” were exported as text; expected codes",
        ),
        (WORDS, ["7,,", ",8,", "7,,9"], "“s/hub” to “s/food” were exported as codes; expected text"),
        (WORDS, ["Hub,,", ",Books,", "Hub,,Food"], "are none of those that the contract knows"),
    ],
)
def test_columns_of_options_in_another_way_of_writing(
    contract: Make, read: Reader, question: dict[str, Any], rows: list[str], says: str
) -> None:
    text = "id,s/hub,s/lib,s/food\n" + "".join(f"{number},{row}\n" for number, row in enumerate(rows))
    found = read(text.encode(), asking(contract, question), name=NAME)
    assert (found.status, found.cause) == ("rejected", "unknown_codes")
    assert says in (found.message or "")


@pytest.mark.parametrize(
    "rows",
    [
        ["the vicar", "a neighbour"],  # too few to judge a file by
        ["", "", ""],
        ["the vicar", "a neighbour", "Library"],
        ["Library;Food bank", "Library, Food bank, mostly", "Family hub"],
    ],
)
def test_what_people_write_of_their_own_rejects_no_file(contract: Make, read: Reader, rows: list[str]) -> None:
    text = "id,Services\n" + "".join(f'{number},"{row}"\n' for number, row in enumerate(rows))
    assert read(text.encode(), asking(contract, CELL), name=NAME).status == "read"


def test_what_was_remembered_is_what_would_be_found_again(contract: Make, read: Reader, monkeypatch: Any) -> None:
    rows = ["Library", "Library;Food bank", "", "the vicar", "Family hub"] * 40
    text = ("id,Services\n" + "".join(f"{n},{row}\n" for n, row in enumerate(rows))).encode()
    found = by_person(read(text, asking(contract, CELL), name=NAME))
    monkeypatch.setattr("tfc_platform.ingest.value_cache.REMEMBERED", 2)
    assert by_person(read(text, asking(contract, CELL), name=NAME)) == found
    assert Counter(person["S2"] for person in found) == {1: 80, 0: 80, "not_asked": 40}


def test_answers_beside_choices(contract: Make, read: Reader) -> None:
    group = {"items": {"K1": "q1"}, "codes": [{"values": {1: 1, 5: 5}}]}
    found = read(b"id,q1,Services\na,5,Library\nb,x,\n", asking(contract, CELL, answers=[group]), name=NAME)
    away = asked(*["not_asked"] * 3)
    assert by_person(found) == [{"K1": 5, **asked(0, 1, 0)}, {"K1": "invalid", **away}]


def test_no_answer_of_a_kind_is_a_sentence_that_nobody_reads(contract: Make, read: Reader) -> None:
    group = {"items": {"K1": "q1"}, "codes": [{"values": {1: 1, 5: 5}}]}
    found = read(f"id,q1\na,5\nb,he {HARM} me\n".encode(), asking(contract, answers=[group]), name=NAME)
    assert [(flag.row, flag.column) for flag in found.result.flags] == [(3, "q1")]
