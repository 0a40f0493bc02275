"""Entries of a repeated group joined to their submissions. What comes of a file of them: `test_repeats_in_files`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.ingest.repeated_groups import NoGroup, RepeatedGroup, grouped
from tfc_platform.sheets.sheet_model import LazyRows, Sheet, SheetRow, text_of


def sheet(name: str | None, *rows: Sequence[Any], lazy: bool = False) -> Sheet:
    made = [SheetRow(number, tuple(row)) for number, row in enumerate(rows, start=1)]
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
    found: RepeatedGroup = grouped([main, kids], "kids")
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
