"""The header is found by what it says; what is missing, doubled, outdated or unknown is told apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.header_fields import SheetLayout, find_layout
from tfc_platform.sheets.sheet_model import Sheet, SheetRow

Make = Callable[..., Contract]
HEADER = ("Date", "Activity", "Status", "People", "Hours", "Notes")
DATA = ("01/04/2025", "Choir", "Delivered", "12", "2", "")


def sheet(*rows: Sequence[Any]) -> Sheet:
    return Sheet(None, [SheetRow(number, tuple(row)) for number, row in enumerate(rows, start=1)])


def layout(contract: Contract, *rows: Sequence[Any], month: date | None = None) -> SheetLayout:
    found = find_layout(sheet(*rows), contract, {}, month)
    assert found is not None
    return found


def test_titles_and_blank_rows_above(contract: Make) -> None:
    found = layout(contract(), ("Activity log",), ("",), ("Date: see below",), HEADER, DATA)
    assert found.first_data == 4
    assert found.names == HEADER
    assert found.fields == {"session_on": 0, "activity": 1, "status": 2, "attendance": 3, "hours": 4}
    assert (found.free_text, found.missing, found.unknown) == ((5,), (), ())


def test_case_spaces_and_order_do_not_count(contract: Make) -> None:
    found = layout(contract(), ("notes", " PEOPLE ", "status", "activity\n", "Date", "hours"))
    assert found.fields == {"session_on": 4, "activity": 3, "status": 2, "attendance": 1, "hours": 5}


def test_a_missing_column_is_named_as_the_contract_names_it(contract: Make) -> None:
    found = layout(contract(), [name for name in HEADER if name not in ("People", "Hours")], DATA)
    assert found.missing == ("People",), "hours are not required"


def test_a_row_that_holds_one_of_the_words_is_no_header(contract: Make) -> None:
    """Its cells would be told as the names of columns, and they are what people wrote."""
    assert find_layout(sheet(("Zorvanna", "Notes", "07700 900570"), DATA), contract(), {}) is None
    assert find_layout(sheet(("x", "y"), DATA), contract(), {}) is None
    assert find_layout(sheet(), contract(), {}) is None


def test_a_name_that_stands_twice(contract: Make) -> None:
    assert layout(contract(), (*HEADER, "people"), DATA).doubled == ("People / people",)
    assert layout(contract(), (*HEADER, "Email", "Email"), DATA).doubled == (), "nothing is taken from these"


RENAMED = [{"name": "No. attending", "valid_to": "2025-09-30"}, {"name": "Actual", "valid_from": "2025-10-01"}]


def renamed(contract: Make) -> Contract:
    columns = contract().model_dump(mode="json", by_alias=True)["columns"]
    columns["attendance"]["header"] = RENAMED
    return contract(columns=columns)


def header(*names: str) -> list[str]:
    return ["Date", "Activity", "Status", *names]


def test_a_name_holds_for_its_months(contract: Make) -> None:
    log, september, october = renamed(contract), date(2025, 9, 1), date(2025, 10, 1)
    assert layout(log, header("No. attending"), month=september).outdated == ()
    assert layout(log, header("Actual"), month=october).outdated == ()
    early = layout(log, header("Actual"), month=september)
    assert (early.outdated, early.fields["attendance"]) == (("Actual",), 3), "read all the same"
    assert layout(log, header("No. attending"), month=october).outdated == ("No. attending",)
    assert layout(log, header(), month=october).missing == ("Actual",), "the sender is told this month's name"
    assert layout(log, header("Actual")).outdated == (), "the file says no month"


def test_where_both_names_stand_the_month_decides(contract: Make) -> None:
    log = renamed(contract)
    found = layout(log, header("No. attending", "Actual"), month=date(2025, 10, 1))
    assert (found.fields["attendance"], found.doubled, found.unknown) == (4, (), (3,))
    assert layout(log, header("No. attending", "Actual")).doubled == ("No. attending / Actual",)


def test_unknown_columns_and_what_may_hold_free_text(contract: Make) -> None:
    found = layout(contract(), (*HEADER, "Email", "Room", "Mood", ""), DATA)
    assert found.unknown == (8,)
    assert found.closed == {0, 1, 2, 3, 4, 6, 7}
    assert [found.name(index) for index in (8, 9, 12)] == ["Mood", "column 10", "column 13"]


def test_two_rows_with_merged_groups(contract: Make) -> None:
    log = contract(read={"format": "workbook", "header": {"rows": 2, "join": "last"}})
    found = layout(
        log, ("Log",), ("Date", "Session", None, "Reach"), (None, "Activity", "Status", "People", "Hours"), DATA
    )
    assert found.names[:5] == ("Date", "Activity", "Status", "People", "Hours")
    assert found.first_data == 3


def test_a_question_and_its_parts(contract: Make) -> None:
    columns = {
        "session_on": {"header": "When | Day", "type": "date"},
        "activity": {"header": "* | What", "type": "activity"},
    }
    log = contract(columns=columns, read={"format": "workbook", "header": {"rows": 2, "join": "path"}}, free_text=[])
    found = layout(log, ("ID", "When", "", "Which"), ("", "Day", "What", ""))
    assert found.names == ("ID", "When | Day", "When | What", "Which")
    assert found.fields == {"session_on": 1, "activity": 2}


def test_describing_rows_that_are_missing_cost_no_row_of_data(contract: Make) -> None:
    log = contract(read={"format": "csv", "header": {"rows": 3, "join": "first"}})
    described = layout(log, HEADER, ("When was it?", "What?", "Held?", "How many?", "", ""), ("{id: 1}",) * 6, DATA)
    assert described.first_data == 3
    assert layout(log, HEADER, DATA, DATA, DATA).first_data == 1
    assert layout(log, HEADER, ("When was it?",), DATA, DATA).first_data == 2
