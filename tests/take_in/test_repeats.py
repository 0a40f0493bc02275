"""Entries of a repeated group as the rows of a return: joined, accounted for, and told; KoboToolbox's workbook and ODK's zip."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tfc_platform.contracts.model import Contract, Reading
from tfc_platform.take_in.grid import LazyRows, Row, Sheet, text_of
from tfc_platform.take_in.read import Read
from tfc_platform.take_in.repeats import Grouped, NoGroup, grouped
from tfc_platform.take_in.taken import Issue

from .conftest import HARM

Make = Callable[..., Contract]
Reader = Callable[..., Read]
Rows = Sequence[Sequence[Any]]


def sheet(name: str | None, *rows: Sequence[Any], lazy: bool = False) -> Sheet:
    made = [Row(number, tuple(row)) for number, row in enumerate(rows, start=1)]
    return Sheet(name, LazyRows(lambda: iter(made)) if lazy else made)


def cells(found: Sheet) -> list[tuple[str, ...]]:
    return [tuple(map(text_of, row.cells)) for row in found.rows]


MAIN = sheet("form", ("ward", "note", "_index"), ("South", "x", 1), ("East", "y", 2.0), ("West", "z", 3))
LINKED = ("age", "_index", "_parent_table_name", "_parent_index")


@pytest.mark.parametrize("lazy", [False, True])
def test_entries_have_their_submission_s_cells_behind_their_own(lazy: bool) -> None:
    kids = sheet("kids", LINKED, (4, 1, "form", 1), (7, 2, "form", 1), (9, 3, "form", 3), lazy=lazy)
    found = grouped([MAIN, kids], "kids")
    (joined,) = found.entries
    assert cells(joined) == [
        (*LINKED, "ward", "note"),
        ("4", "1", "form", "1", "South", "x"),
        ("7", "2", "form", "1", "South", "x"),
        ("9", "3", "form", "3", "West", "z"),
    ]
    assert [row.number for row in joined.rows] == [1, 2, 3, 4]
    assert joined.beside is not None
    assert (joined.elsewhere, joined.beside.link, dict(joined.beside.orphans)) == ({4, 5}, 3, {})
    assert (found.without_entry, found.submissions) == (1, 3)
    row = next(iter(joined.rows))
    assert [joined.address(row, index) for index in (0, 3, 4)] == ["A1", "D1", None], "the last stands on another sheet"


def test_an_entry_whose_submission_is_not_there_or_there_twice() -> None:
    twice = sheet("form", ("ward", "_index"), ("South", 1), ("East", 1), ("West", 2))
    kids = sheet("kids", ("age", "_parent_index"), (4, 1), (5, 9), (6, None), (7, 2))
    found = grouped([twice, kids], "kids")
    assert found.entries[0].beside is not None
    orphans = found.entries[0].beside.orphans
    assert {row: why.split(" ", 1)[0] for row, why in orphans.items()} == {2: "Two", 3: "No", 4: "No"}
    assert all("Export the form again, whole" in why for why in orphans.values())
    assert [row[:3] for row in cells(found.entries[0])[1:]] == [
        ("4", "1", ""),
        ("5", "9", ""),
        ("6", "", ""),
        ("7", "2", "West"),
    ]
    assert (found.without_entry, found.submissions) == (2, 3)


def test_a_group_within_a_group_has_the_cells_of_both_above_it() -> None:
    visit = sheet(
        "visit", ("day", "_index", "_parent_table_name", "_parent_index"), ("Mon", 1, "form", 3), ("Tue", 2, "form", 1)
    )
    child = sheet("child", LINKED, (4, 1, "visit", 2), (5, 2, "visit", 1), (6, 3, "visit", 7))
    other = sheet("other", LINKED, (1, 1, "form", 1))
    found = grouped([MAIN, visit, child, other], "child")
    assert [row[0:1] + row[4:] for row in cells(found.entries[0])[1:]] == [
        ("4", "Tue", "South", "x"),
        ("5", "Mon", "West", "z"),
        ("6", "", "", ""),
    ]
    assert [part.name for part in found.above] == ["visit", "form"]
    assert [part.name for part in found.aside] == ["other"]
    assert (found.without_entry, found.submissions) == (1, 3)


def test_odk_s_groups_are_found_by_their_keys() -> None:
    main = sheet(None, ("ward", "KEY"), ("South", "u1"), ("East", "u2"))
    visit = sheet("f-visit", ("day", "PARENT_KEY", "KEY"), ("Mon", "u1", "u1/visit[1]"), ("Tue", "u2", "u2/visit[1]"))
    child = sheet("f-visit-child", ("age", "PARENT_KEY", "KEY"), (4, "u2/visit[1]", "u2/visit[1]/child[1]"))
    found = grouped([main, visit, child], ".*-child")
    assert cells(found.entries[0])[1] == ("4", "u2/visit[1]", "u2/visit[1]/child[1]", "Tue", "East")
    outer = grouped([main, visit, child], "f-visit")
    assert cells(outer.entries[0])[2] == ("Tue", "u2", "u2/visit[1]", "East")
    lost = grouped([main, sheet("f-visit", ("day", "PARENT_KEY"), ("Mon", "u9"))], "f-visit")
    assert lost.entries[0].beside is not None
    assert list(lost.entries[0].beside.orphans) == [2]


def test_several_groups_of_one_pattern() -> None:
    girls, boys = (
        sheet(name, LINKED, (age, 1, "form", place)) for name, age, place in (("girls", 4, 1), ("boys", 5, 2))
    )
    found = grouped([MAIN, girls, boys], "girls|boys")
    assert [part.name for part in found.entries] == ["girls", "boys"]
    assert (found.without_entry, found.submissions, len(found.above)) == (1, 3, 1)


ONA = ("_uuid", "_index", "_parent_table_name", "_parent_index")


def test_ona_gives_submissions_and_entries_the_same_columns() -> None:
    """As its exporter does: a submission's parent is -1, and an entry's own id is blank."""
    main = sheet("visits", ("ward", *ONA), ("South", "u1", 1, None, -1), ("East", "u2", 2, None, -1))
    kids = sheet("g_kids", ("age", *ONA), (4, None, 1, "visits", 2), (5, None, 2, "visits", 9))
    toys = sheet("g_kids_toys", ("toy", *ONA), ("car", None, 1, "g/kids", 1))
    found = grouped([main, kids, toys], "g_kids")
    (joined,) = found.entries
    assert cells(joined) == [
        ("age", *ONA, "ward"),
        ("4", "u2", "1", "visits", "2", "East"),
        ("5", "", "2", "visits", "9", ""),
    ]
    assert joined.elsewhere == {1, 5}
    assert (found.without_entry, found.submissions, [part.name for part in found.aside]) == (1, 2, ["g_kids_toys"])
    inner = grouped([main, kids, toys], "g_kids_toys").entries[0]
    assert cells(inner)[1] == ("car", "u2", "1", "g/kids", "1", "4", "East")


def test_a_name_that_stands_twice_stays_there_twice() -> None:
    main = sheet("form", ("ward", "ward", "_index"), ("South", "East", 1))
    found = grouped([main, sheet("kids", ("age", "_index", "_parent_index"), (4, 1, 1))], "kids")
    assert cells(found.entries[0]) == [
        ("age", "_index", "_parent_index", "ward", "ward"),
        ("4", "1", "1", "South", "East"),
    ]


def test_names_that_kobo_has_cut_and_cleaned() -> None:
    name = "1/2: What did you do in this week"
    main = sheet("form", ("ward", "_index"), ("South", 1), ("East", 2))
    week = sheet("1_2_ What did you do in this...", ("day", *ONA[1:]), ("Mon", 1, "form", 2))
    child = sheet("child", ("age", "_parent_table_name", "_parent_index"), (4, name, 1))
    assert cells(grouped([main, week, child], "child").entries[0])[1][:2] == ("4", name)
    assert cells(grouped([main, week, child], "child").entries[0])[1][-1] == "East"
    renamed = replace(week, name="renamed by hand")
    with pytest.raises(NoGroup, match="cannot be joined"):  # numbers are alike on all sheets
        grouped([main, renamed, child], "child")


def test_a_group_in_which_nobody_entered_anything() -> None:
    found = grouped([MAIN, sheet("kids", LINKED), sheet("other", LINKED)], "kids")
    assert (cells(found.entries[0]), found.without_entry) == ([(*LINKED, "ward", "note")], 3)


def test_titles_above_cut_names_and_cells_beyond_the_header() -> None:
    title = "a form with a rather long title"  # 31 characters, where Excel cuts it
    main = sheet(title, ("Export",), ("ward", "_index"), ("South", 1))
    kids = sheet(
        "kids", ("Export",), (), ("age", "_parent_table_name", "_parent_index", ""), (4, title + " indeed", 1, "spilt")
    )
    found = grouped([main, kids, sheet("more", LINKED, (1, 1, title, 1))], "kids")
    assert [row[:5] for row in cells(found.entries[0])[2:]] == [
        ("age", "_parent_table_name", "_parent_index", "", "ward"),
        ("4", title + " indeed", "1", "spilt", "South"),
    ]


@pytest.mark.parametrize(
    ("sheets", "says"),
    [
        ([MAIN], "has no sheet of the repeated group whose entries are the rows of this return (“kids”)"),
        ([MAIN, sheet("kids", ("age",), (4,))], "cannot be joined to their submissions"),
        ([sheet("form", ("ward",), ("South",)), sheet("kids", LINKED, (4, 1, "form", 1))], "cannot be joined"),
        ([sheet("kids", LINKED, (4, 1, "form", 1))], "either these are not in the file"),
        ([sheet("a", ("KEY",), ("u",)), sheet("kids", LINKED, (4, 1, "form", 1))], "cannot be joined"),
        # without the name of the parent's sheet nobody can say whose number it is
        (
            [MAIN, sheet("visit", LINKED, (1, 1, "form", 1)), sheet("kids", ("_parent_index",), (1,))],
            "cannot be joined",
        ),
    ],
)
def test_entries_that_cannot_be_read(sheets: list[Sheet], says: str) -> None:
    with pytest.raises(NoGroup) as told:
        grouped(sheets, "kids")
    assert says in str(told.value)


@given(st.lists(st.integers(0, 6), max_size=12), st.lists(st.integers(0, 6), max_size=12))
def test_every_entry_is_joined_or_an_orphan_and_every_submission_counted(numbers: list[int], links: list[int]) -> None:
    main = sheet("form", ("ward", "_index"), *((f"w{place}", number) for place, number in enumerate(numbers)))
    kids = sheet("kids", ("_parent_index", "n"), *((link, place) for place, link in enumerate(links)))
    found: Grouped = grouped([main, kids], "kids")
    (joined,) = found.entries
    assert joined.beside is not None
    orphans = {links[row - 2] for row in joined.beside.orphans}
    assert orphans == {link for link in links if numbers.count(link) != 1}
    assert len(joined.beside.orphans) == sum(numbers.count(link) != 1 for link in links)
    wards = [row[2] for row in cells(joined)[1:]]
    assert wards == [f"w{numbers.index(link)}" if numbers.count(link) == 1 else "" for link in links]
    assert found.submissions == len(numbers)
    assert found.without_entry == sum(numbers.count(number) != 1 or number not in links for number in numbers)


# From a file to records

FORM = ("ward", "worker", "remarks", "_index", "_uuid", "_validation_status")
GROUP = (
    "When",
    "Activity",
    "Status",
    "People",
    "Notes",
    "_index",
    "_parent_table_name",
    "_parent_index",
    "_submission__uuid",
)
IGNORED = ["ward", "_index", "_uuid", "_parent_*", "_submission__*", "KEY", "PARENT_KEY", "_validation_status"]


@pytest.fixture
def sessions(contract: Make) -> Callable[..., Contract]:
    """A contract by which each session of a form that is filled in once a week is a row."""

    def make(**other: Any) -> Contract:
        columns = contract().model_dump(mode="json", exclude_unset=True)["columns"]
        columns = {name: columns[name] for name in ("activity", "status", "attendance")}
        when = {"header": "When", "type": "date", "required": True, "invalid": "reject"}
        audience = {
            "header": "ward",
            "type": "category",
            "codes": {"South": "south", "East": "east"},
            "invalid": "reject",
        }
        values: dict[str, Any] = {
            "files": "log/*",
            "name": ".*",
            "return": {"key": "all"},
            "read": {"format": "workbook", "repeats": "session"},
            "columns": {**columns, "session_on": when, "audience": audience},
            "reject": [
                {
                    "header": "_validation_status",
                    "equals": ["Not approved"],
                    "reason": "not_approved",
                    "message": "Not approved.",
                    "optional": True,
                }
            ],
            "free_text": ["Notes", "remarks"],
            "personal": [{"column": "worker", "kind": "staff"}],
            "ignored": IGNORED,
        }
        return contract(**{**values, **other})

    return make


def entry(number: int, of: Any, uuid: str = "u", **other: Any) -> tuple[Any, ...]:
    values = {
        "When": f"{number:02}/04/2025",
        "Activity": "Choir",
        "Status": "Delivered",
        "People": 10 + number,
        "Notes": f"note {number}",
    }
    return (*{**values, **other}.values(), number, "form", of, uuid)


SUBMISSIONS = [
    ("South", "Sue Quillon", "a good week", 1, "u1", "Approved"),
    ("East", "Tom Arkwell", f"he {HARM} me", 2, "u2", ""),
    ("South", "Una Brindle", f"nobody came, and she {HARM} him", 3, "u3", ""),
    ("East", "Una Brindle", "", 4, "u4", "Not approved"),
    ("Moon", "", "", 5, "u5", ""),
]
ENTRIES = [
    entry(1, 1),
    entry(2, 1, Notes=f"they {HARM} her"),
    entry(2, 1, Notes=f"they {HARM} her"),
    entry(3, 2),
    entry(4, 4),
    entry(5, 5),
    entry(6, 9),
    entry(7, 2, When="31/06/2025"),
]


def of(read: Read, reason: str) -> list[Issue]:
    return [issue for issue in read.taken.issues if issue.reason == reason]


def test_every_entry_is_accepted_rejected_or_a_duplicate(sessions: Make, read: Reader, book_of: Any) -> None:
    book = book_of({"form": [FORM, *SUBMISSIONS], "session": [GROUP, *ENTRIES]})
    found = read(book, sessions(hold={"above": None}))
    taken = found.taken
    assert (found.status, found.message) == ("read", None)
    assert (taken.received, taken.accepted, taken.rejected, taken.duplicate) == (len(ENTRIES), 3, 4, 1)
    assert dict(taken.reasons) == {"not_approved": 1, "invalid_code": 1, "orphan_entry": 1, "invalid_date": 1}
    record = taken.columns["activity"]
    assert record["audience"] == ["south", "south", "east"]
    assert (record["sheet"], record["row_number"]) == (["session"] * 3, [2, 3, 5])
    assert len(set(record["session_id"])) == 3
    assert taken.unknown_columns == []


def test_places_are_those_of_the_entry(sessions: Make, read: Reader, book_of: Any) -> None:
    book = book_of({"form": [FORM, *SUBMISSIONS], "session": [GROUP, *ENTRIES]})
    found = read(book, sessions(hold={"above": None}))
    places = {
        issue.reason: (issue.sheet, issue.row, issue.column, issue.cell) for issue in found.taken.issues if issue.row
    }
    assert places["orphan_entry"] == ("session", 8, "_parent_index", "H8")
    assert places["invalid_date"] == ("session", 9, "When", "A9")
    assert places["invalid_code"] == ("session", 7, "ward", None), "the cell stands on the sheet of the submissions"
    assert places["not_approved"] == ("session", 6, "_validation_status", None)
    (orphan,) = of(found, "orphan_entry")
    assert (orphan.severity, orphan.disposition) == ("error", "rejected")
    assert orphan.message.startswith("No submission has the number or key by which this entry names its own")


def test_submissions_without_an_entry_are_told(sessions: Make, read: Reader, book_of: Any) -> None:
    found = read(book_of({"form": [FORM, *SUBMISSIONS], "session": [GROUP, *ENTRIES]}), sessions())
    (issue,) = of(found, "without_entry")
    assert (issue.sheet, issue.row, issue.severity) == ("form", None, "warn")
    assert issue.message == (
        "1 of 5 submissions has no entry in the repeated group “session”, whose entries are the rows of this return: nothing"
        " was taken in of it. Check that nothing is missing."
    )
    assert (
        of(
            read(book_of({"form": [FORM, SUBMISSIONS[0]], "session": [GROUP, entry(1, 1)]}), sessions()),
            "without_entry",
        )
        == []
    )


def test_what_was_written_in_a_submission_is_looked_through_once(sessions: Make, read: Reader, book_of: Any) -> None:
    found = read(book_of({"form": [FORM, *SUBMISSIONS], "session": [GROUP, *ENTRIES]}), sessions())
    flags = [(flag.sheet, flag.row, flag.column) for flag in found.taken.flags]
    # The second submission has two entries and one flag, and the third has no entry at all; a doubled entry is a text again.
    assert sorted(flags) == [
        ("form", 3, "remarks"),
        ("form", 4, "remarks"),
        ("session", 3, "Notes"),
        ("session", 4, "Notes"),
    ]
    texts = [(text[0], text[1]) for text in found.taken.texts]
    assert sorted(texts) == [("form", 2), ("form", 3), ("form", 4), *(("session", row) for row in range(2, 10))]
    names = read(book_of({"form": [FORM, SUBMISSIONS[2]], "session": [GROUP]}), sessions()).taken.names
    assert {kind for kind, _ in names} == {"staff"}, "of whom no entry is there"


def test_other_groups_and_other_sheets_are_told(sessions: Make, read: Reader, book_of: Any) -> None:
    snacks = [("What", "_index", "_parent_table_name", "_parent_index"), (f"he {HARM} it", 1, "form", 1)]
    book = book_of(
        {"form": [FORM, *SUBMISSIONS], "session": [GROUP, entry(1, 1)], "snack": snacks, "About": [("Read me",)]}
    )
    found = read(book, sessions())
    assert [(issue.sheet, issue.severity) for issue in of(found, "repeat")] == [("snack", "info")]
    assert "has 1 entries: the contract reads another group" in of(found, "repeat")[0].message
    assert [(issue.sheet, issue.severity) for issue in of(found, "sheet_not_read")] == [("About", "warn")]
    assert ("snack", 2) in [(flag.sheet, flag.row) for flag in found.taken.flags]
    named = read(book, sessions(read={"format": "workbook", "repeats": "session", "sheets": "form"}))
    assert (named.status, named.taken.received) == ("read", 1)


def test_a_submission_s_unknown_column_that_looks_personal_holds_the_file(
    sessions: Make, read: Reader, book_of: Any
) -> None:
    calls = [(*row, f"07700 900{place:03}") for place, row in enumerate(SUBMISSIONS)]
    found = read(book_of({"form": [(*FORM, "Ring"), *calls], "session": [GROUP, entry(1, 1)]}), sessions())
    assert (found.status, found.cause) == ("held", "personal_column")
    assert found.taken.tallies["unknown", "Ring"].filled == len(SUBMISSIONS), "each once, whatever entries it has"


def test_kobo_s_json(sessions: Make, read: Reader) -> None:
    visits = [
        {
            "_uuid": "u1",
            "ward": "South",
            "session": [dict(zip(GROUP[:5], entry(day, 1), strict=False)) for day in (1, 2)],
        },
        {"_uuid": "u2", "ward": "East", "session": [dict(zip(GROUP[:5], entry(3, 2), strict=False))]},
        {"_uuid": "u3", "ward": "East"},
    ]
    found = read(json.dumps(visits).encode(), sessions(), name="form.json")
    assert (found.status, found.taken.received, found.taken.accepted) == ("read", 3, 3)
    assert found.taken.columns["activity"]["audience"] == ["south", "south", "east"]
    assert len(of(found, "without_entry")) == 1


def test_an_ona_workbook_is_read_by_either_contract(sessions: Make, read: Reader, book_of: Any) -> None:
    form = [(*FORM, "_parent_table_name", "_parent_index"), *((*row, None, -1) for row in SUBMISSIONS[:3])]
    blank = [(*(cell if place != 8 else None for place, cell in enumerate(row)), None) for row in ENTRIES[:4]]
    book = book_of({"form": form, "session": [(*GROUP, "_uuid"), *blank]})
    entries = read(book, sessions())
    assert (entries.status, entries.taken.received, entries.taken.accepted) == ("read", 4, 3)
    columns = {"audience": {"header": "ward", "type": "category", "codes": {"South": "south", "East": "east"}}}
    columns["session_id"] = {"header": "_uuid", "type": "token", "required": True}
    submissions = read(book, sessions(read={"format": "workbook"}, columns=columns, key=["session_id"]))
    assert (submissions.status, submissions.taken.received) == ("read", 3)
    assert [(issue.sheet, issue.reason) for issue in of(submissions, "repeat")] == [("session", "repeat")]


@pytest.mark.parametrize("group", [None, "hidden", "unlinked"])
def test_a_file_without_the_group_is_rejected(sessions: Make, read: Reader, book_of: Any, group: str | None) -> None:
    def change(book: Any) -> None:
        if group == "hidden":
            book["session"].sheet_state = "hidden"

    names = [name if group != "unlinked" or name != "_parent_index" else "parent" for name in GROUP]
    sheets = {"form": [FORM, *SUBMISSIONS]} | ({"session": [names, entry(1, 1)]} if group else {})
    found = read(book_of(sheets, change), sessions())
    assert (found.status, found.cause, found.taken.accepted) == ("rejected", "repeated_group", 0)
    says = {
        None: "A CSV leaves repeated groups out: export the form as XLSX",
        "hidden": "if the entries stand on “session”, show it.",
        "unlinked": "The entries on sheet session cannot be joined to their submissions",
    }
    assert says[group] in (found.message or "")
    assert ("form", 3) in [(flag.sheet, flag.row) for flag in found.taken.flags], "and is screened all the same"


def test_a_csv_has_no_groups(sessions: Make, read: Reader, csv_of: Any) -> None:
    found = read(csv_of(SUBMISSIONS, FORM), sessions(), name="log.csv")
    assert (found.status, found.cause) == ("rejected", "repeated_group")
    missing = read(csv_of(SUBMISSIONS, FORM), sessions(read={"format": "csv"}), name="log.csv")
    assert missing.cause == "missing_column", "without the key it is a return as any other"


def test_a_missing_column_of_either_sheet_is_named(sessions: Make, read: Reader, book_of: Any) -> None:
    need = sessions().model_dump(mode="json", by_alias=True, exclude_unset=True)["columns"]
    need["audience"]["required"] = True
    book = book_of({"form": [FORM[1:], *(row[1:] for row in SUBMISSIONS)], "session": [GROUP, entry(1, 1)]})
    found = read(book, sessions(columns=need))
    assert (found.status, found.cause) == ("rejected", "missing_column")
    assert "The required column “ward” is missing on sheet session" in (found.message or "")


def test_entries_of_one_of_two_groups_are_not_lost(sessions: Make, read: Reader, book_of: Any) -> None:
    other = [("Colour", "Size", "_index", "_parent_table_name", "_parent_index"), ("red", 4, 1, "form", 1)]
    book = book_of(
        {"form": [FORM[1:3] + FORM[3:], SUBMISSIONS[0][1:]], "session": [GROUP, entry(1, 1)], "session 2": other}
    )
    found = read(book, sessions(read={"format": "workbook", "repeats": "session.*"}))
    assert (found.status, found.taken.accepted) == ("rejected", 0)
    assert found.cause in ("no_header", "missing_column")
    assert "on sheet session 2" in (found.message or "")


@pytest.mark.parametrize("header", ["_submission__uuid", "_uuid"])
def test_a_key_that_is_the_submission_s_is_refused(sessions: Make, read: Reader, book_of: Any, header: str) -> None:
    columns = sessions().model_dump(mode="json", by_alias=True, exclude_unset=True)["columns"]
    columns["session_id"] = {"header": header, "type": "token"}
    book = book_of(
        {"form": [FORM, *SUBMISSIONS], "session": [GROUP, entry(1, 1, "u1"), entry(2, 1, "u1"), entry(3, 2, "u2")]}
    )
    for other in ({"key": ["session_id"]}, {}):
        found = read(book, sessions(columns=columns, **other))
        assert (found.status, found.cause) == ("rejected", "repeated_group")
        assert f"by “{header}”, which all entries of a submission share" in (found.message or "")


def zipped(**tables: Rows) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, rows in tables.items():
            archive.writestr(f"{name.replace('_', '-')}.csv", "".join(",".join(map(str, row)) + "\n" for row in rows))
    return content.getvalue()


ODK = [("When", "Activity", "Status", "People", "Notes", "PARENT_KEY", "KEY")]
PARENTS = [
    ("SubmissionDate", "ward", "remarks", "KEY"),
    ("2025-04-03", "South", f"he {HARM} me", "u1"),
    ("2025-04-04", "East", "", "u2"),
]


def test_odk_central_s_zip(sessions: Make, read: Reader) -> None:
    rows = [
        ("03/04/2025", "Choir", "Delivered", 12, "", "u1", "u1/session[1]"),
        ("04/04/2025", "Choir", "Delivered", 13, "", "u1", "u1/session[2]"),
        ("05/04/2025", "Choir", "Delivered", 14, "", "u9", "u9/session[1]"),
    ]
    columns = sessions().model_dump(mode="json", by_alias=True, exclude_unset=True)["columns"]
    columns["session_id"] = {"header": "KEY", "type": "token", "required": True}
    made = sessions(
        read={"format": "csv", "repeats": ".*-session"},
        columns=columns,
        key=["session_id"],
        personal=[],
        ignored=["SubmissionDate", "PARENT_KEY"],
        hold={"above": None},
    )
    found = read(zipped(form=PARENTS, form_session=[*ODK, *rows]), made, name="form.zip")
    taken = found.taken
    assert (found.status, found.message) == ("read", None)
    assert (taken.received, taken.accepted, taken.rejected, taken.duplicate) == (3, 2, 1, 0)
    assert taken.columns["activity"]["audience"] == ["south", "south"]
    (orphan,) = of(found, "orphan_entry")
    assert (orphan.sheet, orphan.row, orphan.column, orphan.cell) == ("form-session", 4, "PARENT_KEY", None)
    assert [
        (issue.sheet, issue.message.split(" have")[0].split(" has")[0]) for issue in of(found, "without_entry")
    ] == [(None, "1 of 2 submissions")]
    assert [(flag.sheet, flag.row, flag.column) for flag in taken.flags] == [(None, 2, "remarks")]
    alone = read(zipped(form=PARENTS), made, name="form.zip")
    assert (alone.status, alone.cause) == ("rejected", "repeated_group")
    none = read(zipped(form=PARENTS, form_session=ODK), made, name="form.zip")
    assert (none.status, none.cause) == ("rejected", "no_data"), "a group without an entry is a return without a row"


def test_a_submission_without_an_entry_is_part_of_what_the_file_says(
    sessions: Make, read: Reader, book_of: Any
) -> None:
    """Two files that differ there alone are not the same return twice."""

    def digest(*submissions: Any) -> str | None:
        content = read(
            book_of({"form": [FORM, *submissions], "session": [GROUP, entry(1, 1)]}), sessions()
        ).taken.content
        return content.digest if content is not None else None

    assert digest(SUBMISSIONS[0], SUBMISSIONS[2]) == digest(SUBMISSIONS[0], SUBMISSIONS[2])
    assert digest(SUBMISSIONS[0], SUBMISSIONS[2]) != digest(SUBMISSIONS[0])


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"name_sheets": False}, "repeats: the group is found by the name of its sheet"),
        ({"header": {"rows": 2}}, "repeats: entries and submissions have one row of names each"),
        ({"repeats": "(kids"}, "not a regular expression"),
    ],
)
def test_a_reading_that_cannot_be(other: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Reading.model_validate({"format": "workbook", "repeats": "kids", **other})
