"""Rows: each gets one disposition, the sums hold whatever stands in a sheet, and nothing is lost without a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.error_rate import is_too_much
from tfc_platform.ingest.ingest_result import RowIssue
from tfc_platform.ingest.reading_verdict import FileReading

Make = Callable[..., Contract]
Reader = Callable[..., FileReading]
Csv = Callable[..., bytes]
Session = Callable[..., tuple[object, ...]]


def reasons(read: FileReading) -> list[tuple[int | None, str, str | None]]:
    return [(issue.row, issue.reason, issue.disposition) for issue in read.result.issues]


def assert_accounted(read: FileReading, data_rows: int | None = None) -> None:
    result = read.result
    assert result.received == result.accepted + result.rejected + result.duplicate
    disposed = [issue for issue in result.issues if issue.disposition]
    assert len({(issue.sheet, issue.row) for issue in disposed}) == len(disposed) == result.rejected + result.duplicate
    counted = Counter(issue.reason for issue in disposed if issue.disposition == "rejected")
    assert counted == Counter(result.reasons)
    assert result.rejected == sum(result.reasons.values())
    for record in result.columns.values():
        assert len(record["row_number"]) == result.accepted
    if data_rows is not None:
        assert result.received + result.not_data == data_rows


def test_good_rows(contract: Make, read: Reader, csv_of: Csv, session: Session) -> None:
    found = read(csv_of([session(1), session(2, Activity="Band"), session(3, Status="Cancelled")]), contract())
    assert_accounted(found, 3)
    assert (found.status, found.result.accepted) == ("read", 3)
    record = found.result.columns["activity"]
    assert record["row_number"] == [2, 3, 4]
    assert record["activity"] == ["choir", "unmapped", "choir"], "counted, never dropped"
    assert record["status"] == ["delivered", "delivered", "cancelled"]
    assert record["attendance_low"] == [11, 12, 13]
    assert reasons(found) == [(3, "unmapped_activity", None)]
    assert (None, 3, "Activity", "Band") in found.result.texts, "a person has to map it"
    assert found.result.months == {"2025-04"}


def test_rejected_rows_name_their_first_fault(contract: Make, read: Reader, csv_of: Csv, session: Session) -> None:
    rows = [
        session(1, Date="32/04/2025", People="lots"),
        session(2, Date="01/05/2026"),
        session(3, People="-4"),
        session(4, Status="Postponed"),
        session(5, Date=""),
    ]
    found = read(csv_of(rows + [session(number) for number in range(10, 60)]), contract())
    assert_accounted(found, 55)
    assert reasons(found) == [
        (2, "invalid_date", "rejected"),
        (2, "invalid_attendance", None),
        (3, "date_outside_period", "rejected"),
        (4, "invalid_attendance", "rejected"),
        (5, "invalid_code", "rejected"),
        (6, "invalid_date", "rejected"),
    ]
    assert {issue.column for issue in found.result.issues} == {"Date", "People", "Status"}


def test_an_optional_cell_that_cannot_be_read_costs_its_row_nothing(
    contract: Make, read: Reader, csv_of: Csv, session: Session
) -> None:
    found = read(csv_of([session(1, Hours="two")]), contract())
    assert found.result.columns["activity"]["hours"] == [None]
    assert reasons(found) == [(2, "invalid_number", None)]


def test_duplicates_by_all_cells(contract: Make, read: Reader, csv_of: Csv, session: Session) -> None:
    found = read(csv_of([session(1), session(2), session(1), session(1, Notes="another")]), contract())
    assert_accounted(found, 4)
    assert (found.result.accepted, found.result.duplicate) == (3, 1)
    assert reasons(found) == [(4, "duplicate", "duplicate")]


def test_blanks_at_the_end_do_not_make_another_row(contract: Make, read: Reader) -> None:
    text = "Date,Activity,Status,People,Hours,Notes\n01/04/2025,Choir,Delivered,5,,\n01/04/2025,Choir,Delivered,5\n"
    assert read(text.encode(), contract()).result.duplicate == 1


def test_the_same_cells_in_two_sheets_are_two_rows(
    contract: Make, read: Reader, book_of: Any, session: Session
) -> None:
    header = ["Date", "Activity", "Status", "People", "Hours", "Notes"]
    log = contract(read={"format": "workbook"})
    found = read(book_of({"A": [header, session(1)], "B": [header, session(1)]}), log)
    assert (found.result.accepted, found.result.duplicate) == (2, 0)


def keyed(contract: Make) -> Contract:
    columns = contract().model_dump(mode="json", by_alias=True)["columns"]
    columns["session_id"] = {"header": "ID", "type": "token", "required": True}
    return contract(columns=columns, key=["session_id"])


def test_duplicates_by_the_tools_own_id(contract: Make, read: Reader, csv_of: Csv, session: Session) -> None:
    header = ("ID", "Date", "Activity", "Status", "People", "Hours", "Notes")
    rows = [("7", *session(1)), ("7", *session(1)), ("8", *session(1)), ("", *session(3)), ("", *session(4))]
    found = read(csv_of(rows, header), keyed(contract))
    assert_accounted(found, 5)
    assert reasons(found) == [(3, "duplicate", "duplicate")], "rows without an id are told apart by their cells"
    ids = found.result.columns["activity"]["session_id"]
    assert len(set(ids)) == 4, "and have an id of their own"


RULES = [
    {"header": "Checked", "equals": ["Not approved"], "reason": "not_approved", "message": "Approve it."},
    {
        "header": "Kind",
        "equals": ["preview"],
        "reason": "preview",
        "message": "A preview.",
        "fault": False,
        "optional": True,
    },
]


def test_the_tools_own_marks(contract: Make, read: Reader, csv_of: Csv, session: Session) -> None:
    header = ("Date", "Activity", "Status", "People", "Hours", "Notes", "Checked", "Kind")
    rows = [(*session(number), "", "Preview" if number < 6 else "") for number in range(10)]
    rows.append((*session(10), "not  APPROVED", ""))
    found = read(csv_of(rows, header), contract(reject=RULES))
    assert_accounted(found, 11)
    assert dict(found.result.reasons) == {"preview": 6, "not_approved": 1}
    assert (found.status, found.result.faults) == ("read", 1), "previews are no sign of a bad return"
    without = read(csv_of([session(1)]), contract(reject=RULES))
    assert (without.status, without.cause) == ("rejected", "missing_column")
    assert "“Checked”" in (without.message or ""), "the optional one is not asked for"


def test_notes_and_blank_rows_under_a_table_are_no_data(
    contract: Make, read: Reader, csv_of: Csv, session: Session
) -> None:
    rows = [session(1), None, ("", " ", ""), ("Exported from the system",), ("", "", "", "", "", "A remark")]
    found = read(csv_of(rows), contract())
    assert_accounted(found)
    assert (found.result.received, found.result.not_data) == (1, 2)


def test_a_row_with_a_date_alone_is_data(contract: Make, read: Reader, csv_of: Csv, session: Session) -> None:
    found = read(csv_of([session(1), ("02/04/2025", "", "", "", "", "")]), contract())
    assert (found.result.received, found.result.rejected) == (2, 1)


TOTALS = {"label": "Total", "field": "attendance", "where": {"status": "delivered"}}


@pytest.mark.parametrize(
    ("stated", "told"),
    [("33", None), ("34", "1 more"), ("30", "3 less"), ("", None), ("about thirty", None)],
)
def test_a_total_adds_exact_counts_of_accepted_delivered_sessions(
    contract: Make, read: Reader, csv_of: Csv, session: Session, stated: str, told: str | None
) -> None:
    rows = [
        session(1),  # 11
        session(2, People="22"),
        session(3, People="approx 40"),
        session(4, People="50", Status="Cancelled"),
        session(5, People="60", Date="no"),
        session(2, People="22"),  # a duplicate
        ("Total:", "", "", stated, "", ""),
    ]
    found = read(csv_of(rows), contract(totals=TOTALS))
    assert (found.result.received, found.result.not_data) == (6, 1)
    said = [issue for issue in found.result.issues if issue.reason == "total_mismatch"]
    assert [issue.row for issue in said] == ([8] if told else [])
    assert all(told in issue.message for issue in said if told)


def test_a_total_names_its_sheet(contract: Make, read: Reader, book_of: Any, session: Session) -> None:
    header = ["Date", "Activity", "Status", "People", "Hours", "Notes"]
    log = contract(read={"format": "workbook"}, totals=TOTALS)
    found = read(book_of({"Apr": [header, session(1), ["Total", "", "", 12]]}), log)
    assert [(issue.sheet, issue.severity) for issue in found.result.issues] == [("Apr", "warn")]
    assert found.result.issues[0].message.startswith("The total on sheet Apr is 1 more")


def test_a_separator_in_a_text_is_said_and_screened(contract: Make, read: Reader) -> None:
    text = "Date,Activity,Status,People,Hours,Notes\n01/04/2025,Choir,Delivered,5,2,He said, harmed at home\n"
    found = read(text.encode(), contract())
    assert reasons(found) == [(2, "unnamed_column", None)]
    assert [(flag.row, flag.column) for flag in found.result.flags] == [(2, "column 7")]
    assert found.result.accepted == 1


def test_jottings_beside_a_table_are_said_once(contract: Make, read: Reader, book_of: Any, session: Session) -> None:
    header = ["Date", "Activity", "Status", "People", "Hours", "Notes"]
    rows = [(*session(number), "", "a jotting: harmed") for number in range(3)]
    found = read(book_of({"A": [header, *rows]}), contract(read={"format": "workbook"}))
    assert reasons(found) == [(2, "unnamed_column", None)]
    assert [flag.row for flag in found.result.flags] == [2, 3, 4]


def test_every_free_text_is_screened(contract: Make, read: Reader, csv_of: Csv, session: Session) -> None:
    header = ("Date", "Activity", "Status", "People", "Hours", "Notes", "Email", "Room", "Mood")
    rows = [
        (*session(1, Notes="was harmed"), "harmed@example.org", "harmed room", ""),  # known columns are no free text
        (*session(2, Date="harmed on Monday", Notes="harmed"), "", "", ""),  # a rejected row
        (*session(1, Notes="was harmed"), "harmed@example.org", "harmed room", ""),  # a duplicate
        (*session(3), "", "", "harmed"),  # a column that no contract names
        ("harmed, said the teacher",),  # a note
    ]
    found = read(csv_of(rows, header), contract())
    flags = [(flag.row, flag.column) for flag in found.result.flags]
    assert flags == [(2, "Notes"), (3, "Notes"), (3, "Date"), (4, "Notes"), (5, "Mood"), (6, "Date")]
    assert {column for _, _, column, _ in found.result.texts} == {"Notes"}


def test_a_rejected_file_is_screened(contract: Make, read: Reader, csv_of: Csv) -> None:
    header = ("Date", "Activity", "Status", "Notes", "Email")
    found = read(csv_of([("01/04/2025", "Choir", "Delivered", "harmed", "harmed@example.org")], header), contract())
    assert (found.status, found.result.received) == ("rejected", 0)
    assert [flag.column for flag in found.result.flags] == ["Notes"]
    headless = read(b"harmed,x,y\n", contract())
    assert headless.cause == "no_header"
    assert [(flag.row, flag.column) for flag in headless.result.flags] == [(1, "column 1")]
    misnamed = read(b"harmed,x,y\n", contract(), name="harvest.csv")
    assert misnamed.cause == "name"
    assert len(misnamed.result.flags) == 1


DATES = st.sampled_from(["01/04/2025", "2/5/25", "31/02/2025", "01/01/2020", "", "Total", "soon"])
ROWS = st.lists(
    st.one_of(
        st.tuples(
            DATES,
            st.sampled_from(["Choir", "Band", ""]),
            st.sampled_from(["Delivered", "Cancelled", "Perhaps", ""]),
            st.sampled_from(["5", "20+", "lots", "-1", "", "15-20", "n/a"]),
            st.sampled_from(["1.5", "x", "", "99"]),
            st.sampled_from(["", "a note", "harmed"]),
        ),
        st.tuples(st.sampled_from(["Exported today", "", "01/04/2025"])),
        st.lists(st.text(max_size=6), max_size=9).map(tuple),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(rows=ROWS)
def test_whatever_stands_in_a_sheet_every_row_is_accounted_for(
    contract: Make, read: Reader, csv_of: Csv, rows: list[tuple[str, ...]]
) -> None:
    found = read(csv_of(rows), contract(totals=TOTALS))
    assert found.status in ("read", "held", "rejected", "unreadable")
    if found.status == "unreadable":
        return
    blank = sum(all(not cell.strip() for cell in row) for row in rows)
    assert_accounted(found)
    if found.cause != "missing_column":
        # A cell of spaces of some other kind may make a row blank that this test takes for a note: never the other way.
        assert found.result.received + found.result.not_data <= len(rows) - blank


def by_score_test(faults: int, received: int, limit: float) -> bool:
    """Wilson's interval holds the shares that a score test does not refuse: this asks the test itself."""
    share = faults / received
    return share > limit and (share - limit) ** 2 > 1.959964**2 * limit * (1 - limit) / received


@given(st.integers(0, 400), st.integers(1, 400), st.sampled_from([0.05, 0.1, 0.25]))
def test_too_much_is_beyond_chance(faults: int, more: int, limit: float) -> None:
    assert is_too_much(faults, faults + more, limit) == by_score_test(faults, faults + more, limit)


@pytest.mark.parametrize(
    ("faults", "received", "held"),
    [(1, 10, False), (10, 100, False), (4, 35, False), (8, 35, True), (52, 382, True), (203, 382, True), (0, 5, False)],
)
def test_the_share_of_rejected_rows_that_holds_a_return(
    contract: Make, read: Reader, csv_of: Csv, session: Session, faults: int, received: int, held: bool
) -> None:
    rows = [session(number, People="lots" if number < faults else "5") for number in range(received)]
    found = read(csv_of(rows), contract())
    assert (found.result.received, found.result.faults) == (received, faults)
    assert (found.status, found.cause) == (("held", "rejected_rows") if held else ("read", None))
    if held:
        assert found.message == (
            f"{faults} of {received} rows were rejected, more than 10%."
            " Correct the rows that the receipt names and send the file again."
        )


def test_a_contract_may_have_no_limit(contract: Make, read: Reader, csv_of: Csv, session: Session) -> None:
    rows = [session(number, People="lots" if number else "5") for number in range(30)]
    assert read(csv_of(rows), contract(hold={"above": None})).status == "read"


def test_issues_are_told_without_the_cell(contract: Make, read: Reader, csv_of: Csv, session: Session) -> None:
    secret = "Zorvanna Brackwothepc"
    rows = [
        session(number, **{name: secret})
        for number, name in enumerate(("Date", "Activity", "Status", "People", "Hours"))
    ]
    found = read(csv_of(rows), contract())
    assert len(found.result.issues) >= 5
    assert all(isinstance(issue, RowIssue) and "Zorvanna" not in repr(issue) for issue in found.result.issues)
    assert "Zorvanna" not in repr(found.result.columns["activity"])
