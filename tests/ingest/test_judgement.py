"""Whole files by what their cells say together: held, warned of, or rejected row by row, with the address and the reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.column_checks import is_like_a_formula
from tfc_platform.ingest.ingest_result import RowIssue
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.sheets.sheet_model import cell_address

from .conftest import HEADER
from .test_read import SURVEY

Make = Callable[..., Contract]
Reader = Callable[..., FileReading]
NAME = "log.csv"  # which says no month, so that nothing but the dates shows their order


def with_column(contract: Make, name: str, **other: Any) -> Contract:
    columns = contract().model_dump(mode="json")["columns"]
    plain = {key: {k: v for k, v in value.items() if v not in (None, [], {}, "")} for key, value in columns.items()}
    return contract(columns=plain | {name: plain.get(name, {}) | other})


def of(read: FileReading, reason: str) -> list[RowIssue]:
    return [issue for issue in read.result.issues if issue.reason == reason]


def only(read: FileReading, reason: str) -> RowIssue:
    found = of(read, reason)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("index", "address"), [(0, "A7"), (25, "Z7"), (26, "AA7"), (701, "ZZ7"), (702, "AAA7"), (16383, "XFD7")]
)
def test_addresses(index: int, address: str) -> None:
    assert cell_address(7, index) == address


def test_dates_in_the_wrong_order_hold_the_file(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    days = ["04/15/2025", "05/02/2025", "06/21/2025"]
    found = read(csv_of([session(n, Date=day) for n, day in enumerate(days)]), contract(), name=NAME)
    assert (found.status, found.cause) == ("held", "date_order")
    assert found.message is not None
    assert "rows 2 (“04/15/2025”), 4 (“06/21/2025”)" in found.message
    assert "the month seems to stand before the day" in of(found, "invalid_date")[0].message


def test_both_orders_hold_the_file_over_its_sheets(contract: Make, read: Reader, book_of: Any, session: Any) -> None:
    sheets = {"Apr 25": [HEADER, session(1, Date="15/04/2025")], "May 25": [HEADER, session(2, Date="05/16/2025")]}
    made = contract(read={"format": "workbook"}, files="log/*.xlsx")
    found = read(book_of(sheets), made, name="log.xlsx")
    assert (found.status, found.cause) == ("held", "date_order")
    assert "row 2 of sheet May 25 (“05/16/2025”)" in (found.message or "")


def test_true_dates_that_were_swapped_hold_the_file(contract: Make, read: Reader, book_of: Any, session: Any) -> None:
    made = contract(read={"format": "workbook"}, files="log/*.xlsx")
    low = [datetime(2025, 5, 4), datetime(2025, 6, 4), datetime(2025, 8, 4), datetime(2025, 9, 12)]
    rows = [session(n, Date=day) for n, day in enumerate([*low, "15/04/2025"])]
    found = read(book_of({"A": [HEADER, *rows]}), made, name="log.xlsx")
    assert (found.status, found.cause) == ("held", "date_order")
    good = read(book_of({"A": [HEADER, *rows, session(9, Date=datetime(2025, 4, 20))]}), made, name="log.xlsx")
    assert good.status == "read"


def test_dates_that_could_be_either(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    content = csv_of([session(1, Date="03/04/2025"), session(2, Date="05/06/2025")])
    found = read(content, contract(), name=NAME)
    assert found.status == "read"
    issue = only(found, "ambiguous_date")
    assert (issue.severity, issue.column, issue.row) == ("warn", "Date", None)
    assert [day.isoformat() for day in found.result.columns["activity"]["session_on"]] == ["2025-04-03", "2025-06-05"]
    april = csv_of([session(1, Date="03/04/2025"), session(2, Date="05/04/2025")])
    assert not of(read(april, contract(), name="log 2025-04.csv"), "ambiguous_date"), "the file's name shows the month"
    assert of(read(april, contract(), name=NAME), "ambiguous_date")


def test_serials_are_read_where_the_contract_says_so(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    content = csv_of([session(1, Date="45775"), session(2, Date="45776.5")])
    found = read(content, with_column(contract, "session_on", serials=True), name=NAME)
    assert [day.isoformat() for day in found.result.columns["activity"]["session_on"]] == ["2025-04-28", "2025-04-29"]
    issue = only(found, "excel_serial")
    assert (issue.severity, issue.disposition) == ("warn", None)
    assert issue.message.startswith("2 cells in the column “Date” (rows 2, 3)")
    assert found.result.checks.changed() == {"excel_serial": 2}
    refused = read(content, contract(), name=NAME)
    assert dict(refused.result.reasons) == {"invalid_date": 2}
    assert "count of days (it would be 28/04/2025)" in of(refused, "invalid_date")[0].message


def test_hours_with_units(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    content = csv_of([session(1, Hours="90 min"), session(2, Hours="1.5 hours"), session(3, Hours="2")])
    found = read(content, with_column(contract, "hours", units="hours"))
    assert found.result.columns["activity"]["hours"] == [1.5, 1.5, 2.0]
    assert found.result.checks.changed() == {"unit_converted": 2}
    assert "2 cells in the column “Hours” (rows 2, 3) had a unit" in only(found, "unit_converted").message
    plain = read(content, contract())
    assert plain.result.columns["activity"]["hours"] == [None, None, 2.0]
    assert "“90 min” is no number" in of(plain, "invalid_number")[0].message
    assert "It has a unit" in of(plain, "invalid_number")[0].message


def test_a_wrong_weekday_is_a_warning_and_the_row_counts(
    contract: Make, read: Reader, csv_of: Any, session: Any
) -> None:
    found = read(csv_of([session(1, Date="Mon 15 April 2025"), session(2, Date="Tue 15 April 2025")]), contract())
    assert found.result.accepted == 2
    issue = only(found, "wrong_weekday")
    assert (issue.row, issue.severity, issue.disposition) == (2, "warn", None)
    assert "is a Tuesday, and Monday stands beside it" in issue.message


def formulas(cells: dict[str, object]) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        for address, value in cells.items():
            book.worksheets[0][address] = value
            if str(value).startswith("#"):
                book.worksheets[0][address].data_type = "e"

    return change


def test_formulas_that_were_never_calculated_hold_the_file(
    contract: Make, read: Reader, book_of: Any, session: Any
) -> None:
    rows = [session(n) for n in range(20)]
    made = contract(read={"format": "workbook"}, files="log/*.xlsx", hold={"above": None})
    many = read(book_of({"A": [HEADER, *rows]}, formulas({f"D{row}": "=1+2" for row in range(2, 7)})), made)
    assert (many.status, many.cause) == ("held", "formulas")
    assert "“People” holds formulas without a calculated value (D2, D3, D4, D5, D6)" in (many.message or "")
    single = read(book_of({"A": [HEADER, *rows]}, formulas({"D3": "=1+2"})), made)
    assert (single.status, single.result.accepted, dict(single.result.reasons)) == (
        "read",
        19,
        {"invalid_attendance": 1},
    )
    issue = only(single, "invalid_attendance")
    assert (issue.cell, issue.row) == ("D3", 3)
    assert issue.message.startswith("D3: The cell holds a formula without a calculated value, which is not zero")
    other = read(book_of({"A": [HEADER, *rows]}, formulas({f"E{row}": "=1+2" for row in range(2, 22)})), made)
    assert (other.status, other.cause) == ("held", "unreadable_column"), "hours may be left out, and not all of them"
    assert other.result.columns["activity"]["hours"] == [None] * 20, "and never zero"


def test_error_cells_are_named(contract: Make, read: Reader, book_of: Any, session: Any) -> None:
    made = contract(read={"format": "workbook"}, files="log/*.xlsx", hold={"above": None})
    content = book_of({"A": [HEADER, session(1), session(2)]}, formulas({"D3": "#REF!", "E2": "#DIV/0!"}))
    found = read(content, made)
    rejected, left_out = only(found, "invalid_attendance"), only(found, "invalid_number")
    assert rejected.message == "D3: The cell holds the error #REF!, no value. Correct its formula, or write the value."
    assert (left_out.cell, left_out.severity) == ("E2", "warn")
    strange = read(book_of({"A": [HEADER, session(1)]}, formulas({"D2": "#Quillon 07700 900123"})), made)
    assert "Quillon" not in "".join(issue.message for issue in strange.result.issues)


def test_a_csv_has_no_addresses(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    found = read(csv_of([session(1, People="<x")]), contract())
    assert only(found, "invalid_attendance").cell is None


def test_blank_counts_are_unknown_and_said_so(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    rows = [session(1, People=""), session(2, People="0"), session(3, People="", Status="Cancelled")]
    found = read(csv_of(rows), contract())
    assert found.result.columns["activity"]["attendance_low"] == [None, 0, None]
    issue = only(found, "blank_count")
    assert (issue.row, issue.column) == (2, "People")
    assert "1 cell in the column “People” (row 2) blank: unknown, which is not zero" in issue.message


def test_signs_that_can_mean_none_or_not_counted(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    made = with_column(contract, "attendance", unknown=["n/a"], ask=["-"], zero=["nil"])
    found = read(csv_of([session(1, People="-"), session(2, People="Nil"), session(3, People="N/A")]), made)
    assert found.result.columns["activity"]["attendance_low"] == [None, 0, None]
    assert "or leave it blank where nobody counted" in only(found, "ask_count").message
    assert not of(found, "blank_count")


def test_texts_that_begin_like_a_formula(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    secret = "=cmd|' /C Quillon'!A0"
    rows = [
        session(1, Notes=secret),
        session(2, Notes="- a point"),
        session(3, Notes="-2.5"),
        session(4, Notes="@SUM(1)*cmd"),
    ]
    found = read(csv_of(rows), contract())
    issue = only(found, "formula_text")
    assert issue.message.startswith("2 cells in the column “Notes” (rows 2, 5) begin like a formula")
    assert "Quillon" not in issue.message
    assert (None, 2, "Notes", secret) in found.result.texts, "kept as it was written, apart"


@pytest.mark.parametrize("text", ["- a point", "-2.5", "+44 7700 900123", "a = b", "", "\t", None, -3, -2.5])
def test_what_is_no_formula(text: Any) -> None:
    assert not is_like_a_formula(text)


def test_bands_that_became_dates_reject_the_row(contract: Make, read: Reader, book_of: Any, session: Any) -> None:
    made = contract(
        read={"format": "workbook"},
        files="log/*.xlsx",
        hold={"above": None},
        columns=contract().model_dump(mode="json", exclude_defaults=True)["columns"]
        | {"audience": {"header": "Ages", "type": "category", "codes": {"1-5": "a", "6-10": "b"}, "invalid": "reject"}},
    )
    rows = [(*session(1), "6-10"), (*session(2), datetime(2025, 1, 5)), (*session(3), "10-Jun")]
    found = read(book_of({"A": [(*HEADER, "Ages"), *rows]}), made)
    assert dict(found.result.reasons) == {"band_as_date": 2}
    first, second = of(found, "band_as_date")
    assert (first.cell, second.cell) == ("G3", "G4")
    assert "did you mean 1-5?" in first.message
    assert "did you mean 6-10?" in second.message


def test_a_name_outside_a_closed_list(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    made = with_column(contract, "status", quote=True)
    found = read(
        csv_of([session(1, Status="Deliverd"), session(2, Status="Narnia"), session(3, Status="x 07700")]), made
    )
    messages = [issue.message for issue in of(found, "invalid_code")]
    assert messages[0].startswith("“Deliverd” is not one of the answers that the form offers.")
    assert messages[0].endswith("Is “Delivered” meant?")
    assert messages[1].endswith("It can be: Delivered, Cancelled.")
    assert "x 07700" not in messages[2]
    silent = read(csv_of([session(1, Status="Narnia")]), contract())
    assert "Narnia" not in only(silent, "invalid_code").message


WORDS = {"Strongly agree": 5, "Agree": 4, "Disagree": 2}


def a_survey(
    read: Reader, contract: Make, codes: list[dict[str, Any]], answers: list[tuple[str, str]], **other: Any
) -> FileReading:
    group = SURVEY["survey"]["answers"][0] | {"codes": codes}
    made = contract(**SURVEY | {"survey": SURVEY["survey"] | {"answers": [group]}} | other)
    rows = "".join(f"{n},1.5,{first},{second},,\n" for n, (first, second) in enumerate(answers))
    return read(f"id,wt,q1,q2,comments,took\n{rows}".encode(), made, name="parents w1.csv")


@pytest.mark.parametrize(
    ("codes", "answers", "says"),
    [
        ([{"values": WORDS}], [("1", "2"), ("5", "97"), ("4", "1")], "exported as codes; expected text"),
        ([{"values": {1: 1, 5: 5}}], [("Agree", "Disagree"), ("Agree", "")], "exported as text; expected codes"),
        (
            [{"when": {"wave": "w1"}, "values": {"a": 1, "b": 2}}, {"values": {"yes": 1, "no": 2}}],
            [("yes", "no"), ("no", "yes")],
            "as in another return of this survey",
        ),
    ],
)
def test_answers_in_another_way_of_writing(
    contract: Make, read: Reader, codes: list[dict[str, Any]], answers: list[tuple[str, str]], says: str
) -> None:
    found = a_survey(read, contract, codes, answers)
    assert (found.status, found.cause) == ("rejected", "unknown_codes")
    assert says in (found.message or "")


@pytest.mark.parametrize(
    ("codes", "answers"),
    [
        ([{"values": WORDS}], [("Agree", "agree "), ("Disagree", "97"), ("1", "")]),
        ([{"values": WORDS}], [("1", "2")]),  # too few to judge a file by
        ([{"values": WORDS}], [("", ""), ("97", "97")]),
        ([{"values": WORDS}], [("maybe", "Agree"), ("Agree", "97")]),  # a slip
    ],
)
def test_answers_that_are_looked_at_one_by_one(
    contract: Make, read: Reader, codes: list[dict[str, Any]], answers: list[tuple[str, str]]
) -> None:
    assert a_survey(read, contract, codes, answers).status == "read"


@pytest.mark.parametrize(
    ("codes", "answers"),
    [
        ([{"values": WORDS}], [("maybe", "perhaps"), ("well", "no idea")]),  # words, though none of the form's
        ([{"values": {1: 1, 5: 5}}], [("1", "5"), ("8", "9"), ("8", "8")]),  # numbers, though none of the codes
        ([{"values": {1: 1, 5: 5}}], [("1", "5")] * 20 + [("3", "4")] * 10),  # a third of the answers
    ],
)
def test_answers_of_which_too_many_are_no_code_hold_the_file(
    contract: Make, read: Reader, codes: list[dict[str, Any]], answers: list[tuple[str, str]]
) -> None:
    found = a_survey(read, contract, codes, answers)
    assert (found.status, found.cause) == ("held", "invalid_answers")
    assert found.message is not None
    assert "none of the codes" in found.message


@pytest.mark.parametrize(
    ("answers", "is_held"),
    [
        ([("1", "5")] * 200 + [("0", "1"), ("5", "0")] * 6, True),  # numbered from 0: under 10% of the answers
        ([("1", "5")] * 200 + [("0", "1")] * 12, False),  # in one item of two
        ([("1", "5")] * 200 + [(str(10 + n), str(30 + n)) for n in range(12)], False),  # each a slip of its own
        ([("1", "5")] * 200 + [("0", "0")] * 2, False),
    ],
    ids=["most items", "one item", "different", "few"],
)
def test_one_unknown_answer_in_most_of_the_items_holds_the_file(
    contract: Make, read: Reader, answers: list[tuple[str, str]], is_held: bool
) -> None:
    found = a_survey(read, contract, [{"values": {1: 1, 5: 5}}], answers)
    assert (found.status, found.cause) == (("held", "invalid_answers") if is_held else ("read", None))
    if is_held:
        assert "stands 12 times, in 2 of 2 items" in (found.message or "")


def test_weights_that_cannot_be_used(contract: Make, read: Reader) -> None:
    text = "id,wt,q1,q2,comments,took\na,1.5,1,5,,\nb,,1,5,,\nc,0,1,5,,\nd,-2,1,5,,\ne,x,1,5,,\n"
    found = read(text.encode(), contract(**SURVEY), name="parents w1.csv")
    assert found.result.columns["survey_respondent"]["weight"] == [1.5, None, None, None, None]
    assert found.result.accepted == 5, "the answers stay"
    issues = of(found, "invalid_weight")
    assert [(issue.row, issue.severity) for issue in issues] == [(3, "warn"), (4, "warn"), (5, "warn")]
    assert ["missing" in issues[0].message, "zero" in issues[1].message, "negative" in issues[2].message] == [True] * 3
    assert [issue.row for issue in of(found, "invalid_number")] == [6]


def test_an_answer_that_ends_before_it_starts(contract: Make, read: Reader) -> None:
    made = contract(**SURVEY, times={"start": "began", "end": "ended"}, ignored=["began", "ended"])
    text = (
        "id,wt,q1,q2,comments,took,began,ended\n"
        "a,1,1,5,,,2025-05-01 10:00:00,2025-05-01 09:59:00\n"
        "b,1,1,5,,,2025-05-01 10:00:00,2025-05-01 10:09:00\n"
        "c,1,1,5,,,2025-05-01 10:00:00,2025-05-01T09:00:00+00:00\n"
        "d,1,1,5,,,2025-05-01 10:00:00,soon\n"
    )
    found = read(text.encode(), made, name="parents w1.csv")
    assert found.result.accepted == 4
    issue = only(found, "end_before_start")
    assert (issue.row, issue.column, issue.severity) == (2, "ended", "warn")
    assert "(row 2) lie before the start of the same answer" in issue.message
    assert not of(found, "unknown_column")


def test_an_answer_in_bands_that_became_a_date(contract: Make, read: Reader) -> None:
    found = a_survey(read, contract, [{"values": {"1-5": 1, "6-10": 2}}], [("1-5", "6-10"), ("6-10", "5-Jan")])
    assert "did you mean 1-5?" in only(found, "invalid_answer").message
    assert found.result.columns["survey_answer"]["missing_reason"][-1] == "invalid"


def test_partners_whose_names_hold_the_separator(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    columns = contract().model_dump(mode="json", exclude_defaults=True)["columns"]
    partners = {"header": "With", "type": "partners", "separator": ", "}
    content = csv_of([(*session(1), "Police, Fire, rescue and sea")], header=(*HEADER, "With"))
    three = read(content, contract(columns=columns | {"partners": partners}))
    two = read(content, contract(columns=columns | {"partners": partners | {"options": ["Fire, rescue and sea"]}}))
    assert [len(found.result.columns["activity"]["partners"][0]) for found in (three, two)] == [3, 2]
