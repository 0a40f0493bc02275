"""Columns as a whole: headers of other shapes, guessed names, second tables, personal columns, other sites, totals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import pytest

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.header_fields import SheetLayout, find_layout
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.sheets.sheet_model import Sheet, SheetRow, letters_of

Make = Callable[..., Contract]
Reader = Callable[..., FileReading]
HEADER = ("Date", "Activity", "Status", "People", "Hours", "Notes")
DATA = ("01/04/2025", "Choir", "Delivered", "12", "2", "")
BLANK = (None,) * 6


def sheet(*rows: Sequence[Any]) -> Sheet:
    return Sheet(None, [SheetRow(number, tuple(row)) for number, row in enumerate(rows, start=1)])


def layout(contract: Contract, *rows: Sequence[Any], **other: Any) -> SheetLayout:
    found = find_layout(sheet(*rows), contract, {}, **other)
    assert found is not None
    return found


def said(read: FileReading, reason: str) -> list[str]:
    return [issue.message for issue in read.result.issues if issue.reason == reason]


def renamed(new: dict[str, str]) -> list[str]:
    return [new.get(name, name) for name in HEADER]


# Two rows of names


def test_headings_of_groups_above_the_names(contract: Make) -> None:
    found = layout(contract(), ("Session", None, None, "Numbers", None, None), HEADER, DATA)
    assert (found.first_data, found.row, found.is_joined) == (2, 2, True)
    assert found.names == HEADER
    for above in (("A title",), BLANK, ("01/04/2025", "12")):
        assert not layout(contract(), above, HEADER, DATA).is_joined


def test_names_that_stand_in_either_of_two_rows(contract: Make) -> None:
    upper = ("Date", "Activity", "Status", "Attendance", None, "Notes")
    lower = (None, None, None, "People", "Hours", None)
    found = layout(contract(), ("Log",), upper, lower, DATA)
    assert (found.first_data, found.row, found.is_joined, found.missing) == (3, 3, True, ())
    assert found.fields == {"session_on": 0, "activity": 1, "status": 2, "attendance": 3, "hours": 4}


def test_names_that_two_rows_make_together(contract: Make) -> None:
    columns = contract().model_dump(mode="json", by_alias=True)["columns"]
    columns["attendance"]["header"], columns["hours"]["header"] = "Attended people", "Attended hours"
    rows = ("Date", "Activity", "Status", "Attended", None), (None, None, None, "people", "hours")
    assert layout(contract(columns=columns), *rows, DATA).fields["hours"] == 4


def test_a_row_of_data_is_no_second_row_of_names(contract: Make) -> None:
    short = [name for name in HEADER if name != "People"]
    found = layout(contract(), short, ("01/04/2025", "People", "Delivered", "2", ""))
    assert (found.first_data, found.missing, found.is_joined) == (1, ("People",), False)


def test_a_header_of_two_rows_is_told(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    found = read(csv_of([HEADER, session(1)], ("Session", "", "", "Numbers", "", "")), contract())
    assert (found.status, found.result.accepted) == ("read", 1)
    assert "The header has two rows" in said(found, "two_header_rows")[0]


# Names that look like values


def test_a_value_among_the_names_is_not_said(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    strange = ("07700 900123", "03/02/2015", "12.5", "amy@example.org", "Further")
    found = read(csv_of([(*session(1), *"abcde")], (*HEADER, *strange)), contract())
    assert found.result.unknown_columns == ["column 7", "column 8", "column 9", "column 10", "Further"]
    every = "".join(str(issue) for issue in found.result.issues)
    assert not any(name in every for name in strange[:4])


def test_data_without_a_header_is_said_to_have_none(contract: Make, read: Reader, session: Any) -> None:
    content = "\n".join(",".join(map(str, session(number))) for number in range(5)).encode()
    found = read(content, contract())
    assert (found.status, found.cause) == ("rejected", "no_header")
    assert "No header row was found" in (found.message or "")


# Guessed names


def test_a_slip_in_a_name_is_read_and_told(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    found = read(csv_of([session(1)], renamed({"Activity": "Actvity*", "People": "Number of people"})), contract())
    assert (found.status, found.result.accepted) == ("read", 1)
    assert found.result.mappings == [
        ("Activity", "Actvity*", "guessed"),
        ("People", "Number of people", "guessed"),
    ]
    told = said(found, "renamed_column")
    assert told[0].startswith("The column “Actvity*” was read as “Activity”: it seems to have been renamed.")
    assert {issue.severity for issue in found.result.issues if issue.reason == "renamed_column"} == {"warn"}


def test_what_was_decided_of_a_guess_holds(contract: Make) -> None:
    names = renamed({"Activity": "Actvity"})
    pair = ("activity", "actvity")
    confirmed = layout(contract(), names, DATA, decisions={pair: "confirmed"})
    assert [guess.state for guess in confirmed.guesses] == ["confirmed"]
    refused = layout(contract(), names, DATA, decisions={pair: "refused"})
    assert (refused.guesses, refused.missing, refused.unknown) == ((), ("Activity",), (1,))


def test_a_column_is_not_read_as_a_field_that_its_cells_are_not(
    contract: Make, read: Reader, csv_of: Any, session: Any
) -> None:
    rows = [session(number, Status="Ten people came") for number in range(5)]
    found = read(csv_of(rows, renamed({"Status": "Sttatus"})), contract())
    assert (found.status, found.cause) == ("rejected", "missing_column")
    assert "“Status”" in (found.message or "")


@pytest.mark.parametrize(
    "names",
    [
        [*renamed({"Activity": "Actvity"}), "Acttivity"],  # two that could be meant
        renamed({"Activity": "Activity held"}),
        renamed({"People": "Adults"}),
        renamed({"People": "Poeple left"}),
    ],
)
def test_where_another_could_be_meant_nothing_is_guessed(contract: Make, names: list[str]) -> None:
    found = layout(contract(), names, DATA)
    assert (found.guesses, len(found.missing)) == ((), 1)


def test_names_of_the_contract_that_are_near_each_other_are_never_guessed(contract: Make) -> None:
    columns = contract().model_dump(mode="json", by_alias=True)["columns"]
    columns["attendance"]["header"], columns["hours"]["header"] = "Sessions attended", "Session attended"
    columns["hours"]["required"] = True
    found = layout(
        contract(columns=columns), ["Date", "Activity", "Status", "Sesions attended", "Session attended"], DATA
    )
    assert (found.guesses, found.missing) == ((), ("Sessions attended",))


def test_no_column_of_ids_is_guessed(contract: Make) -> None:
    """Erasure looks for ids under the contract's names alone."""
    columns = contract().model_dump(mode="json", by_alias=True)["columns"]
    log = contract(columns={**columns, "session_id": {"header": "Session number", "type": "token", "required": True}})
    assert layout(log, [*HEADER, "Session number"], DATA).missing == ()
    found = layout(log, [*HEADER, "Sesion number"], DATA)
    assert (found.guesses, found.missing) == ((), ("Session number",))


def test_synonyms_of_the_contract(contract: Make) -> None:
    names = renamed({"People": "Persons"})
    assert layout(contract(), names, DATA).missing == ("People",)
    assert layout(contract(synonyms={"people": ["persons"]}), names, DATA).fields["attendance"] == 3


def test_a_name_near_to_a_personal_one_is_kept_out(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    """Also where a field is missing that it could be meant for."""
    columns = contract().model_dump(mode="json", by_alias=True)["columns"]
    columns["hours"] |= {"header": "Emaill", "required": True}
    names = renamed({"Hours": "Emaiil", "Notes": "Note"})
    found = read(csv_of([session(1, Hours="1", Notes="x harmed")], names), contract(columns=columns))
    assert (found.status, found.cause) == ("rejected", "missing_column")
    found = read(csv_of([session(1, Notes="x harmed")], renamed({"Notes": "Note"})), contract())
    assert found.status == "read"
    assert "may be “Notes”" in said(found, "guarded_column")[0]
    assert (found.result.texts, len(found.result.flags)) == ([], 1), "kept nowhere, and screened all the same"


# Two tables


def test_two_tables_side_by_side(contract: Make, read: Reader, book_of: Any, session: Any) -> None:
    log = contract(read={"format": "workbook"})
    for other in (("Date", "Activity"), ("Ward", "Lead")):
        rows = [(*HEADER, None, *other), *((*session(number), None, "01/04/2025", "Choir") for number in range(4))]
        found = read(book_of({"Log": [("A title",), *rows, session(9)]}), log)
        assert (found.status, found.cause) == ("rejected", "two_tables"), other
        assert "side by side on sheet Log: A2:F7 and H2:I6" in (found.message or "")


def test_what_is_no_second_table(contract: Make, read: Reader, book_of: Any, session: Any) -> None:
    log = contract(read={"format": "workbook"})
    few = session(1)
    for names, row in (
        ((*HEADER, None, "yellow = cancelled"), few),  # a jotting
        ((*HEADER, None, "yellow", "red"), few),  # names and no rows
        ((*HEADER, None, "Ward"), (*few, None, "Old Town")),  # one column is no table
        ((*HEADER[:3], None, *HEADER[3:]), (*few[:3], None, *few[3:])),  # a column was left blank
        ((*HEADER, None, "Ward", "Lead"), (*few, "a jotting", "Old Town", "x")),  # nothing lies between
    ):
        found = read(book_of({"Log": [names, row]}), log)
        assert found.status == "read", names


def test_letters_are_the_spreadsheets() -> None:
    for index in (0, 25, 26, 51, 52, 701, 702):
        assert letters_of(index) == openpyxl.utils.get_column_letter(index + 1)


# Personal columns


def test_an_unknown_column_that_looks_personal_holds_the_file(
    contract: Make, read: Reader, csv_of: Any, session: Any
) -> None:
    rows = [(*session(number), f"0770090{number:04}") for number in range(3)]
    found = read(csv_of(rows, (*HEADER, "Ring")), contract())
    assert (found.status, found.cause, found.result.accepted) == ("held", "personal_column", 3)
    assert "“Ring”" in (found.message or "")
    assert "telephone number" in (found.message or "")
    assert "07700" not in "".join([found.message or "", *map(str, found.result.issues)])
    allowed = read(csv_of(rows, (*HEADER, "Ring")), contract(hold={"personal": False}))
    assert allowed.status == "read"
    assert said(allowed, "personal_column"), "it is told all the same"


def test_a_column_without_a_name_is_looked_at_too(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    found = read(csv_of([(*session(1), "amy@example.org")], (*HEADER, "")), contract())
    assert (found.status, found.cause) == ("held", "personal_column")
    assert "“column 7”" in (found.message or "")


def test_unknown_columns_that_are_harmless_hold_nothing(
    contract: Make, read: Reader, csv_of: Any, session: Any
) -> None:
    rows = [(*session(number), "Old Town", "3.25", "") for number in range(3)]
    found = read(csv_of(rows, (*HEADER, "Ward", "Miles", "Surname")), contract())
    assert (found.status, found.result.accepted) == ("read", 3)
    assert len(said(found, "unknown_column")) == 3


def test_each_cell_with_personal_data_in_free_text_is_named_with_its_kinds(
    contract: Make, read: Reader, csv_of: Any, session: Any
) -> None:
    rows = [session(1, Notes="ring 07700 900123"), session(2, Notes="amy@example.org or 07700 900456"), session(3)]
    found = read(csv_of(rows), contract())
    assert found.status == "read"
    cells = [
        (issue.row, issue.column, issue.message) for issue in found.result.issues if issue.reason == "personal_text"
    ]
    assert [cell[:2] for cell in cells] == [(2, "Notes"), (3, "Notes")]
    assert "“Notes” holds what looks like personal data (telephone number)" in cells[0][2]
    assert "“Notes” holds what looks like personal data (e-mail address, telephone number)" in cells[1][2]
    assert "07700" not in repr(found.result.issues)
    email = read(csv_of([(*session(1), "amy@example.org")], (*HEADER, "Email")), contract())
    assert said(email, "personal_text") == [], "a dropped column whose name says what it holds is no news"
    dropped = read(csv_of([session(1, Notes="amy@example.org")]), contract(free_text=[], personal=["Notes"]))
    assert "“Notes”" in said(dropped, "personal_text")[0]


# Rows that are none


def test_a_header_again_among_the_rows(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    found = read(csv_of([session(1), HEADER, session(2)]), contract())
    assert (found.result.received, found.result.accepted, found.result.not_data) == (2, 2, 1)
    assert [issue.row for issue in found.result.issues if issue.reason == "header_again"] == [3]


def test_a_total_that_the_contract_does_not_speak_of(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    rows = [session(1, People="10"), session(2, People="5"), session(3, People="~7")]
    found = read(csv_of([*rows, ("Total", "", "", "15", "", "")]), contract())
    assert (found.result.received, found.result.not_data) == (3, 1)
    assert "The total is what the exact counts of its rows add up to" in said(found, "total_row")[0]
    found = read(csv_of([*rows, ("Grand total:", "", "", "17", "", "")]), contract())
    assert "2 more" in said(found, "total_mismatch")[0]


def test_a_session_of_that_name_is_no_total(contract: Make, read: Reader, csv_of: Any) -> None:
    names = ("Activity", "Date", "Status", "People")
    found = read(csv_of([("Total", "01/04/2025", "Delivered", "4")], names), contract())
    assert (found.result.received, found.result.not_data) == (1, 0)


# Returns without rows


def test_a_return_of_none(contract: Make, read: Reader, csv_of: Any) -> None:
    found = read(csv_of([]), contract(empty="accept"))
    assert (found.status, found.result.received, found.result.accepted) == ("read", 0, 0)
    assert "no rows" in said(found, "no_rows")[0]
    assert read(csv_of([]), contract()).status == "rejected"
    assert read(b"\n", contract(empty="accept")).status == "unreadable", "a header is the least"


def test_hidden_sheets_are_named_where_nothing_else_is_there(
    contract: Make, read: Reader, book_of: Any, session: Any
) -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book["Kept back"].sheet_state = "veryHidden"

    content = book_of({"Log": [], "Kept back": [HEADER, session(1)]}, hide)
    found = read(content, contract(read={"format": "workbook"}))
    assert (found.status, found.cause) == ("rejected", "no_data")
    assert "“Kept back”" in (found.message or "")


# Sites


def of_sites(contract: Make, **other: Any) -> Contract:
    columns = contract().model_dump(mode="json", by_alias=True)["columns"]
    site = {"header": "Site", "type": "site", "own": True, "invalid": "reject"}
    return contract(columns={**columns, "site": site}, **other)


def test_rows_of_another_site(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    sites = ["Here", "here ", "HERE", "There", "Hree", "Elsewhere", "Here", "Here"]
    rows = [(*session(number), site) for number, site in enumerate(sites)]
    found = read(csv_of(rows, (*HEADER, "Site")), of_sites(contract, hold={"above": None}))
    assert (found.status, found.result.accepted) == ("read", 5)
    assert found.result.reasons == {"other_site": 1, "invalid_code": 2}
    assert set(found.result.columns["activity"]["site"]) == {"here"}
    assert "There, another site" in said(found, "other_site")[0]
    assert ["Did you mean Here?" in message for message in said(found, "invalid_code")] == [True, False]


def test_a_file_of_another_site(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    rows = [(*session(number), "There" if number < 3 else "Here") for number in range(6)]
    found = read(csv_of(rows, (*HEADER, "Site")), of_sites(contract, hold={"above": None}))
    assert (found.status, found.cause, found.result.accepted) == ("rejected", "other_site", 0)
    assert "3 of 6 rows say that they are of There, not of Here" in (found.message or "")
    one = read(csv_of(rows[2:4], (*HEADER, "Site")), of_sites(contract, hold={"above": None}))
    assert (one.status, one.result.accepted) == ("read", 1), "one of two is a slip"


def test_only_the_field_of_the_site_is_the_rows_own(contract: Make) -> None:
    columns = contract().model_dump(mode="json", by_alias=True)["columns"]
    for wrong in (
        {"site": {"header": "Site", "type": "site"}},
        {"audience": {"header": "A", "type": "id", "own": True}},
    ):
        with pytest.raises(ValueError, match="own"):
            contract(columns={**columns, **wrong})


# Columns that are checked and kept nowhere; fields that no column says


def test_checked_columns_reject_and_are_not_kept(contract: Make, read: Reader, csv_of: Any, session: Any) -> None:
    ward = {"header": "Ward", "type": "category", "codes": {"East": "e"}, "invalid": "reject", "required": True}
    log = contract(checked={"ward": ward}, fixed={"audience": "children"})
    found = read(csv_of([(*session(1), "east"), (*session(2), "West")], (*HEADER, "Ward")), log)
    assert (found.result.accepted, dict(found.result.reasons)) == (1, {"invalid_code": 1})
    assert "ward" not in found.result.columns["activity"]
    assert found.result.columns["activity"]["audience"] == ["children"]
    assert read(csv_of([session(1)]), log).cause == "missing_column"
    for wrong in (
        {"checked": {"hours": ward}},
        {"fixed": {"hours": "1"}},
        {"fixed": {"site": "x"}},
        {"fixed": {"status": "x"}},
    ):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            contract(**wrong)


# Content


def test_the_same_content_in_other_bytes(contract: Make, read: Reader, csv_of: Any, book_of: Any, session: Any) -> None:
    rows = [session(number) for number in range(4)]
    plain = csv_of(rows)
    resaved = "\ufeff" + plain.decode().replace("\r\n", "\n").replace("Choir", '"Choir"').replace("\n", ",,\n\n")
    first = read(plain, contract()).result.content
    assert first is not None
    assert first.digest is not None
    for same in (resaved.encode(), b"A title\r\n" + plain):
        again = read(same, contract()).result.content
        assert again is not None
        assert again.digest == first.digest
    for other in (
        csv_of([*rows[:3], session(3, Notes="corrected")]),
        csv_of([*rows, session(9)]),
        csv_of(rows[::-1]),
        csv_of(rows, renamed({"Notes": "Email"})),
    ):
        changed = read(other, contract()).result.content
        assert changed is not None
        assert changed.digest != first.digest
