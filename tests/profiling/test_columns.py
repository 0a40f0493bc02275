"""What is said of columns: kinds, date orders, codes for missing, persons' data; and where a table begins and ends."""

from __future__ import annotations

import random

import pytest

from tests.profiling import export_files, exports
from tfc_platform.profiling.cell_types import cell_type, date_order
from tfc_platform.profiling.column_stats import MOST_DIFFERENT, ColumnProfile
from tfc_platform.profiling.models import FileProfile
from tfc_platform.profiling.profile_file import profile_file


def column(name: str, cells: list[object]) -> tuple[ColumnProfile, FileProfile]:
    """A column of its own in a small CSV, beside one that never matters."""
    rows = [[name, "Beside"], *([cell, f"word{number % 3}"] for number, cell in enumerate(cells))]
    found = profile_file(export_files.as_csv(rows), "x.csv")
    return found.columns[0], found


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("2026-05-04", "iso"),
        ("2026/05/04 10:00", "iso"),
        ("13/05/2026", "day_first"),
        ("05/13/2026", "month_first"),
        ("4.5.26", "ambiguous"),
        ("4 May 2026", "words"),
        ("31/31/2026", None),
        ("2026-13-45", None),
        ("12-15", None),
        ("May be", None),
    ],
)
def test_the_order_of_a_written_date(text: str, order: str | None) -> None:
    assert date_order(text) == order


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("12", "integer"),
        ("1,024", "decimal"),
        ("10:45", "time"),
        ("approx 20", "attendance"),
        ("", "blank"),
        ("Yes", "flag"),
    ],
)
def test_what_one_cell_looks_like(cell: str, kind: str) -> None:
    assert cell_type(cell) == kind


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("Day", ["13/05/2026", "4/5/2026", "TBC", "5/5/2026"], "date"),
        ("When", ["2026-05-04 10:00:00", "2026-05-05 11:00:00"], "datetime"),
        ("At", ["10:00", "11:30"], "time"),
        ("How many", ["12", "13", "8"], "number"),
        ("Came", ["12", "approx 20", "<5", "7"], "attendance"),
        ("Booked", ["Yes", "No", "Yes"], "flag"),
        ("Place", ["Hall", "Hall", "Park", "Park"], "category"),
        ("Used", ["a;b;", "a;", "b;", "a;b;"], "multi_choice"),
        ("Ref", ["AB-0001", "AB-0002", "AB-0003"], "id"),
        ("Notes", ["Fine", "Fine", "Fine", "Fine"], "free_text"),
        ("Thing", ["it went on and on for hours", "we all liked it very much", "no"], "free_text"),
        ("Word", ["one", "two", "three"], "text"),
        ("Gone", ["", "", ""], "blank"),
    ],
)
def test_the_kind_of_a_column(name: str, cells: list[object], kind: str) -> None:
    assert column(name, cells)[0].kind == kind


def test_date_orders_are_counted_and_said() -> None:
    both, found = column("Day", ["13/05/2026", "05/14/2026", "4/5/2026"])
    assert both.date_orders == {"day_first": 1, "month_first": 1, "ambiguous": 1}
    assert any("dates in both orders: 1 can only be day first, 1 only month first" in text for text in found.warnings)
    _, found = column("Day", ["05/13/2026", "4/5/2026"])
    assert any("“Day” is month first (US order): 1 dates" in text for text in found.warnings)
    _, found = column("Day", ["4/5/2026", "5/5/2026"])
    assert any("none of the 2 dates shows whether day or month comes first" in text for text in found.warnings)
    _, found = column("Day", ["13/5/2026", "5/5/2026"])
    assert found.warnings == []


def test_bands_that_became_dates_are_noticed() -> None:
    banded, found = column("Age band", ["5-Jan", "10-Jun", "11-15", "16-20", "5-Jan", "10-Jun", "11-15", "16-20"])
    assert banded.date_orders["words"] == 4
    assert any("a spreadsheet turns bands such as 5-10 into dates" in text for text in found.warnings)


@pytest.mark.parametrize(
    ("name", "cells", "personal"),
    [
        ("Reach", ["a@example.org", "b@example.org"], "email"),
        ("Number", ["07700 900123", "07700 900124"], "uk_phone"),
        ("Number", ["943 476 5919", "401 023 2137"], "nhs_number"),  # check digits that are right
        ("Number", ["943 476 5918", "401 023 2138"], "free_text"),  # and wrong
        ("No", ["AB123456C", "CE654321D"], "ni_number"),
        ("Where", ["ST6 6LA", "DN32 7LX"], "postcode"),
        ("DOB", ["2010-05-04", "2011-05-04"], "date_of_birth"),
        ("From", ["203.0.113.9", "203.0.113.10"], "ip_address"),
        ("Latitude", ["53.123456", "53.654321"], "position"),
        ("wt", ["1.1010", "0.4692"], None),  # a weight has decimals too
        ("First name", ["Ann", "Ben"], "name"),
        ("Facilitator", ["Ann", "Ann", "Ben", "Ben"], "name"),
        ("Activity", ["Drama", "Drama", "Cooking", "Cooking"], None),
        ("Word", ["one", "two", "three"], "free_text"),
    ],
)
def test_persons_data_are_told(name: str, cells: list[object], personal: str | None) -> None:
    found = column(name, cells)[0]
    assert found.personal == personal
    if personal:
        assert found.choices == ()


def test_codes_for_missing_are_said_and_counted_apart() -> None:
    found = column("How many", ["4", "5", "-99", "NULL", "n/a", "6"])[0]
    assert found.kind == "number"
    assert set(found.missing_codes) == {"-99", "NULL", "n/a"}
    assert found.distinct == 3
    codes = {c.name: c.missing_codes for c in profile_file(exports.spss().content, "x.sav").columns}
    assert codes["q1"] == ("97..99",)
    jisc = {c.name: c for c in profile_file(exports.jisc().content, "x.sav").columns}
    assert (jisc["Q2_1"].kind, jisc["Q2_1"].missing_codes) == ("multi_choice", ("0",))


def test_a_list_of_choices_never_has_what_stands_once_or_can_reach_somebody() -> None:
    often = column("Place", ["Hall"] * 8 + ["Park"] * 8 + ["Xanthippe"])[0]
    assert (often.kind, often.choices) == ("category", ("Hall", "Park"))
    spoken = column("Place", [*["Hall"] * 8, "ring 07700 900555", "ring 07700 900555"])[0]
    assert (spoken.kind, spoken.choices) == ("free_text", ())


def test_all_rows_of_a_long_file_are_looked_at() -> None:
    """Values that come once only, at the very end, beyond what is held at a time."""
    count = 2 * MOST_DIFFERENT + 10
    rows = [["Ref", "Day", "Place"]]
    rows += [[f"AB-{number:07}", "4/5/2026", ("Hall", "Park")[number % 2]] for number in range(count)]
    rows.append(["AB-9999999", "13/05/2026", "Quay"])
    found = profile_file(export_files.as_csv(rows), "x.csv")
    ref, day, place = found.columns
    assert found.rows == count + 1
    assert day.date_orders == {"day_first": 1, "ambiguous": count}
    assert (ref.kind, ref.more) == ("id", True)
    assert (place.distinct, place.more, place.choices) == (3, False, ("Hall", "Park"))


def test_the_sums_hold_whatever_rows_stand_in_a_sheet() -> None:
    """Every row that holds anything is a response, excluded, or no data."""
    chance = random.Random(7)
    for _ in range(40):
        rows: list[list[object]] = [["Date", "Activity", "Number of people", "Notes"]]
        for _ in range(chance.randrange(1, 30)):
            rows.append([chance.choice(["", "1/5/2026", "Total", "x", 7]) for _ in range(4)])
        found = profile_file(export_files.as_workbook({"Log": rows}), "x.xlsx")
        filled = sum(any(cell not in ("", None) for cell in row) for row in rows[1:])
        assert found.rows + sum(found.excluded.values()) + found.not_data == filled


def test_titles_totals_notes_and_a_second_table_are_no_rows() -> None:
    found = profile_file(exports.month_sheets().content, "x.xlsx")
    assert (found.rows, found.not_data, found.first_row) == (12, 4, 5)
    assert [(sheet.name, sheet.state, sheet.rows, sheet.header_row) for sheet in found.sheets] == [
        ("Apr 26", "data", 6, 4),
        ("May 26", "data", 6, 4),
    ]
    stacked = [*exports.log_rows(), [], ["Second"], ["Area", "Index", "Rank"], ["x", 1, 2]]
    found = profile_file(export_files.as_workbook({"Log": stacked}), "x.xlsx")
    assert found.rows == 12
    assert any("A second table stands under the first" in text for text in found.warnings)


def test_sheets_that_may_be_named_after_people_are_called_by_their_number() -> None:
    log = exports.log_rows()
    sheets = {"April": log, "Aoife Nkemelu": log, "Zbigniew": [["Area", "Index", "Rank"], ["x", 1, 2]]}
    found = profile_file(export_files.as_workbook(sheets), "x.xlsx")
    assert [sheet.name for sheet in found.sheets] == ["April", "sheet 2", "sheet 3"]
    everything = repr((found.sheets, found.warnings, found.notes))
    assert not any(word in everything for word in ("Aoife", "Nkemelu", "Zbigniew"))


def test_sheets_with_other_columns_are_named_and_not_counted() -> None:
    sheets = {"Log": exports.log_rows(), "Areas": [["Area", "Index", "Rank"], ["x", 1, 2]], "Sheet1": []}
    found = profile_file(export_files.as_workbook(sheets), "x.xlsx")
    assert {sheet.name: sheet.state for sheet in found.sheets} == {"Log": "data", "Areas": "other", "Sheet1": "empty"}
    assert any("The sheets Areas have other columns" in text for text in found.warnings)


def test_repeats_are_no_responses() -> None:
    found = profile_file(exports.kobo_repeats().content, "x.xlsx")
    assert {sheet.name: (sheet.state, sheet.rows) for sheet in found.sheets} == {
        "main": ("data", 13),
        "children": ("repeats", 29),
    }


def test_an_id_that_comes_again_is_said() -> None:
    rows = exports.kobo_rows()
    found = profile_file(export_files.as_csv([*rows, rows[5]], delimiter=";"), "x.csv")
    assert any("1 rows have an id in “_uuid” that another row has too" in text for text in found.warnings)
