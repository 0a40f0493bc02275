"""Questions with several choices, as each tool writes them: chosen, not chosen, not asked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tfc_platform.contracts.model import Choices
from tfc_platform.ingest.values.coded_choices import joined, parts, spread
from tfc_platform.sheets.sheet_model import CellError

C, N, U, E, X = "chosen", "not_chosen", "not_asked", "unanswered", "invalid"
ABC = {"a": "A", "b": "B", "c": "C"}


def cell_of(options: dict[str, Any] = ABC, separator: str = ";", **other: Any) -> Choices:
    return Choices.model_validate(
        {"column": "Q", "separator": separator, "options": options, "blank": "not_asked", **other}
    )


def columns_of(*items: str, **other: Any) -> Choices:
    return Choices.model_validate({"columns": {item: f"Q/{item}" for item in items}, "blank": "not_asked", **other})


def marks(question: Choices, *cells: Any, other: Any = None) -> list[str]:
    """Of each item, where nothing was left unread."""
    if question.column is not None:
        found = joined(cells[0], question)
    else:
        found = spread(dict(zip(question.items, cells, strict=True)), question, other)
    assert found.unread == 0
    return list(found.marks.values())


FIGURES = {"a": 1, "b": "2", "c": 3}
COMMA = {"a": "Bread, butter", "b": "Bread", "c": "Tea"}


@pytest.mark.parametrize(
    ("cell", "question", "wanted"),
    [
        ("A;B;", cell_of(), [C, C, N]),  # Microsoft Forms
        ("A;", cell_of(), [C, N, N]),
        ("a c", cell_of(separator=" "), [C, N, C]),  # KoboToolbox, ODK
        ("1,3", cell_of(FIGURES, ","), [C, N, C]),  # Qualtrics
        (2, cell_of(FIGURES, ","), [N, C, N]),  # one choice alone is a number by the time it is read
        (2.0, cell_of(FIGURES, ","), [N, C, N]),
        ("A, C", cell_of(separator=", "), [C, N, C]),  # Google Forms
        ("A\n c ", cell_of(separator="\n"), [C, N, C]),
        ("Bread, butter, Tea", cell_of(COMMA, ", "), [C, N, C]),
        ("Bread, Tea", cell_of(COMMA, ", "), [N, C, C]),
        ("Foodbank;B", cell_of({"a": ["Food bank", "Foodbank"], "b": "B"}), [C, C]),  # renamed between two waves
        ("n/a", cell_of(codes={"n/a": U}), [U, U, U]),  # Ona
        ("Prefer not to say;", cell_of(codes={"Prefer not to say": "prefer_not"}), ["prefer_not"] * 3),
        ("None of these;", cell_of(codes={"None of these": N}), [N, N, N]),
        ("A;None of these;", cell_of(codes={"None of these": N}), [C, N, N]),
        ("", cell_of(), [U, U, U]),
        (None, cell_of(blank=E), [E, E, E]),
        (" ; ", cell_of(blank=N), [N, N, N]),
    ],
)
def test_choices_in_one_cell(cell: Any, question: Choices, wanted: list[str]) -> None:
    assert marks(question, cell) == wanted


def test_the_text_of_other_is_counted_and_not_given() -> None:
    found = joined("A;ask Sue Quillon;", cell_of())
    assert (found.marks, found.unread) == ({"a": C, "b": N, "c": N}, 1)
    assert "Quillon" not in repr(found)
    alone = joined("ask Sue Quillon", cell_of())
    assert (set(alone.marks.values()), alone.unread) == ({N}, 1), "who chose something else was shown the question"
    broken = joined(CellError("#REF!"), cell_of())
    assert (set(broken.marks.values()), broken.unread) == ({X}, 1)


TEXTS = {"options": {"a": "Tea", "b": "Cake"}}


@pytest.mark.parametrize(
    ("cells", "question", "wanted"),
    [
        (("1", "0"), columns_of("a", "b"), [C, N]),  # KoboToolbox
        ((1.0, None), columns_of("a", "b"), [C, N]),  # Qualtrics: 1 or nothing
        (("-99", 1), columns_of("a", "b", codes={-99: N}), [N, C]),  # Qualtrics: seen and not chosen
        (("Tea", ""), columns_of("a", "b", **TEXTS), [C, N]),  # SurveyMonkey: the option's text or nothing
        (("Tea", "Not selected"), columns_of("a", "b", **TEXTS), [C, N]),
        (("True", "False"), columns_of("a", "b"), [C, N]),  # Ona
        (("n/a", "n/a"), columns_of("a", "b", codes={"n/a": U}), [U, U]),
        ((True, False), columns_of("a", "b"), [C, N]),
        (("2", "1"), columns_of("a", "b", codes={2: N}), [N, C]),  # an agency's 1 yes, 2 no
        ((1.0, 0.0), columns_of("a", "b"), [C, N]),  # SPSS: 0 is user-missing and was kept
        ((None, None), columns_of("a", "b"), [U, U]),  # SPSS: not routed there
        (("", ""), columns_of("a", "b", blank=N), [N, N]),
        (("", ""), columns_of("a", "b", blank=E), [E, E]),
        (("0", "0"), columns_of("a", "b"), [N, N]),
        (("0", "0"), columns_of("a", "b", unticked=U), [U, U]),  # REDCap: not ticked, or never reached
        (("0", "1"), columns_of("a", "b", unticked=U), [N, C]),
        (("1", "0", ""), columns_of("a", "b", "c"), [C, N, U]),  # an option that came with a later version
        (("0", "0", ""), columns_of("a", "b", "c", unticked=E), [E, E, U]),
    ],
)
def test_choices_in_a_column_each(cells: tuple[Any, ...], question: Choices, wanted: list[str]) -> None:
    assert marks(question, *cells) == wanted


def test_whoever_wrote_of_their_own_was_shown_the_question() -> None:
    question = columns_of("a", "b", other="Q/other")
    assert marks(question, None, None, other="the vicar") == [N, N]
    assert marks(question, None, None, other=" ") == [U, U]
    assert marks(columns_of("a", "b", other="Q/other", unticked=U), "0", "0", other="the vicar") == [N, N]


def test_a_cell_that_says_neither() -> None:
    found = spread({"a": "1", "b": "Quillon", "c": CellError("#REF!")}, columns_of("a", "b", "c"))
    assert (list(found.marks.values()), found.unread) == ([C, X, X], 2)
    other_option = spread({"a": "Cake", "b": "Cake"}, columns_of("a", "b", **TEXTS))
    assert (list(other_option.marks.values()), other_option.unread) == ([X, C], 1)


@pytest.mark.parametrize(
    ("cell", "question", "apart"),
    [
        ("A, C", cell_of(), True),
        ("a c", cell_of(), True),
        ("13", cell_of(FIGURES, ","), True),  # `1,3`, which a spreadsheet program took for a number
        ("31", cell_of(FIGURES, ","), False),
        ("A, ask Sue", cell_of(), False),
        ("A;C", cell_of(), False),
    ],
)
def test_choices_that_another_sign_parts(cell: str, question: Choices, apart: bool) -> None:
    assert joined(cell, question).run_together is apart


def test_parts() -> None:
    assert parts("Police, Fire, rescue and sea, School", ", ", ["Fire, rescue and sea"]) == [
        "Police",
        "Fire, rescue and sea",
        "School",
    ]
    assert parts("police,FIRE,  rescue and sea", ",", ["Fire, rescue and sea"])[0] == "police"
    assert parts(" ; ;", ";") == []
    assert parts("Fire,  rescue\nSea ", "\n") == ["Fire, rescue", "Sea"]


@given(
    st.lists(st.sampled_from(["Tea", "Cake", "Fire, rescue", "Sea"]), unique=True),
    st.sampled_from([";", ", ", ",", "|", "\n"]),
)
def test_what_was_joined_is_parted_again(chosen: list[str], separator: str) -> None:
    names = ("Tea", "Cake", "Fire, rescue", "Sea")
    question = cell_of({name: name for name in names}, separator, blank=N)
    found = joined(separator.join(chosen), question)
    assert [item for item, mark in found.marks.items() if mark == C] == [name for name in names if name in chosen]
    assert found.unread == 0


@given(st.text(max_size=40), st.sampled_from([";", ", ", " ", "\n"]))
def test_any_text_gives_marks(text: str, separator: str) -> None:
    assert set(joined(text, cell_of(separator=separator)).marks) == {"a", "b", "c"}
    assert set(spread({"a": text, "b": None}, columns_of("a", "b")).marks) == {"a", "b"}


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"columns": {"a": "Q/a"}}, "column, columns: say one of them"),
        ({"column": None}, "column, columns: say one of them"),
        ({"separator": None}, "separator: say what stands between"),
        ({"options": {}}, "options: say how the tool writes each option"),
        ({"options": {"a": "Food bank", "b": "food  bank"}}, r"options: a and b read alike \('food  bank'\)"),
        ({"options": {"a": ["Tea", " tea"]}}, "options: a and a read alike"),
        ({"options": {"a": " "}}, r"options\.a: an option is written as something"),
        ({"options": {"a": True}}, "put it in quotation marks"),
        ({"codes": {"a": "not_asked"}}, r"options\.a: 'A' is among the codes too"),
        ({"codes": {"n/a": "not_asked", "N/A": "unanswered"}}, "'N/A' is given twice"),
        ({"codes": {"yes": "chosen"}}, "codes: in one cell of choices an option is chosen where it is written"),
        ({"other": "Q/other"}, "other: only a question with a column an option has it"),
        ({"unticked": "not_asked"}, "unticked: only a question with a column an option has it"),
        ({"options": {"a": "Bread;Tea", "b": "Bread", "c": "Tea"}}, "'bread;tea' reads like 'bread' and 'tea'"),
        ({"blank": "dont_know"}, "blank"),
        ({"asked": {"header": "P", "equals": []}}, r"asked\.equals"),
        ({"seperator": ";"}, "seperator"),
    ],
)
def test_a_cell_of_choices_that_cannot_be(other: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        cell_of(**other)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"separator": ";"}, "separator: a question with a column an option has none"),
        ({"options": {"z": "Zoo"}}, r"options\.z: it has no column"),
        ({"columns": {"a": "Tea", "b": ["Cake", "TEA "]}}, "columns: a and b name one column"),
        ({"other": "q/A"}, "columns: a and other name one column"),
        ({"options": {"a": "Ja", "b": "ja"}}, "options: a and b read alike"),
    ],
)
def test_columns_of_options_that_cannot_be(other: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        columns_of("a", "b", **other)


def test_a_question_says_what_a_blank_means() -> None:
    with pytest.raises(ValidationError, match="blank"):
        Choices.model_validate({"columns": {"a": "Q/a"}})
