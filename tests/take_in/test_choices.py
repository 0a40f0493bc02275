"""Questions with several choices, as each tool writes them: chosen, not chosen, not asked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.take_in.grid import CellError
from tfc_platform.take_in.values.choices import joined, parts, reached, spread

ABC = {"A": "a", "B": "b", "C": "c"}
C, N, U = "chosen", "not_chosen", "not_asked"


@pytest.mark.parametrize(
    ("cell", "separator", "options", "marks"),
    [
        ("A;B;", ";", ABC, [C, C, N]),  # Microsoft Forms
        ("A;", ";", ABC, [C, N, N]),
        ("a c", " ", ABC, [C, N, C]),  # KoboToolbox, ODK
        ("1,3", ",", {"1": "a", "2": "b", "3": "c"}, [C, N, C]),  # Qualtrics
        (2, ",", {"1": "a", "2": "b", "3": "c"}, [N, C, N]),  # one choice alone is a number by the time it is read
        ("A, C", ", ", ABC, [C, N, C]),  # Google Forms
        ("Bread, butter, Tea", ", ", {"Bread, butter": "a", "Bread": "b", "Tea": "c"}, [C, N, C]),
        ("Bread, Tea", ", ", {"Bread, butter": "a", "Bread": "b", "Tea": "c"}, [N, C, C]),
        ("n/a", " ", ABC, [U, U, U]),  # Ona
        ("", ";", ABC, [U, U, U]),
        (None, ";", ABC, [U, U, U]),
    ],
)
def test_choices_in_one_cell(cell: Any, separator: str, options: dict[str, str], marks: list[str]) -> None:
    found = joined(cell, options, separator)
    assert list(found.marks.values()) == marks
    assert found.unread == 0


def test_a_blank_can_mean_that_nothing_was_chosen() -> None:
    assert set(joined("", ABC, ";", blank="not_chosen").marks.values()) == {N}


def test_the_text_of_other_is_counted_and_not_given() -> None:
    found = joined("A;ask Sue Quillon;", ABC, ";")
    assert (found.options, found.unread) == (["a"], 1)
    assert "Quillon" not in repr(found)
    assert joined(CellError("#REF!"), ABC, ";").unread == 1


@pytest.mark.parametrize(
    ("cells", "other", "marks"),
    [
        ({"a": "1", "b": "0"}, {}, [C, N]),  # KoboToolbox
        ({"a": 1.0, "b": None}, {}, [C, N]),  # Qualtrics: 1 or nothing
        ({"Tea": "Tea", "Cake": ""}, {}, [C, N]),  # SurveyMonkey: the option's text or nothing
        ({"Tea": "Tea", "Cake": "Not selected"}, {}, [C, N]),
        ({"a": "True", "b": "False"}, {}, [C, N]),  # Ona
        ({"a": "n/a", "b": "n/a"}, {}, [U, U]),
        ({"a": True, "b": False}, {}, [C, N]),
        ({"a": 1.0, "b": 0.0}, {"blank": U}, [C, N]),  # SPSS: 0 is user-missing and was kept
        ({"a": None, "b": None}, {"blank": U}, [U, U]),  # SPSS: not routed there
        ({"a": "", "b": ""}, {}, [U, U]),
        ({"a": "", "b": ""}, {"nothing": N}, [N, N]),
    ],
)
def test_choices_in_a_column_each(cells: dict[str, Any], other: dict[str, Any], marks: list[str]) -> None:
    found = spread(cells, **other)
    assert list(found.marks.values()) == marks
    assert found.unread == 0


def test_a_cell_that_says_neither() -> None:
    found = spread({"a": "1", "b": "Quillon", "c": CellError("#REF!")})
    assert (list(found.marks.values()), found.unread) == ([C, U, U], 2)


def test_zeros_that_may_mean_never_reached() -> None:
    """REDCap writes `f___1` = 0 for what was not ticked and for what was not reached."""
    none = spread({"f___1": "0", "f___2": "0"})
    assert set(reached(none, "not_asked").marks.values()) == {U}
    assert reached(none, "not_chosen") == none
    some = spread({"f___1": "0", "f___2": "1"})
    assert reached(some, "not_asked") == some


def test_parts() -> None:
    assert parts("Police, Fire, rescue and sea, School", ", ", ["Fire, rescue and sea"]) == [
        "Police",
        "Fire, rescue and sea",
        "School",
    ]
    assert parts("police,FIRE,  rescue and sea", ",", ["Fire, rescue and sea"])[0] == "police"
    assert parts(" ; ;", ";") == []


@given(
    st.lists(st.sampled_from(["Tea", "Cake", "Fire, rescue", "Sea"]), unique=True),
    st.sampled_from([";", ", ", ",", "|"]),
)
def test_what_was_joined_is_parted_again(chosen: list[str], separator: str) -> None:
    options = {name: name for name in ("Tea", "Cake", "Fire, rescue", "Sea")}
    found = joined(separator.join(chosen), options, separator, blank="not_chosen")
    assert set(found.options) == set(chosen)
    assert found.unread == 0


@given(st.text(max_size=40), st.sampled_from([";", ", ", " "]))
def test_any_text_gives_marks(text: str, separator: str) -> None:
    found = joined(text, ABC, separator)
    assert set(found.marks) == {"a", "b", "c"}
