"""A question that is called as one of Qualtrics' own columns is: the import ids below the names tell the two apart."""

from __future__ import annotations

import json

import pytest

from tfc_platform.sheets.import_ids import distinct_names


def header(*columns: tuple[str, str]) -> list[list[str]]:
    """Names, questions in words, and import ids, as the export has them."""
    ids = [json.dumps({"ImportId": own}) if own else "" for _, own in columns]
    return [[name for name, _ in columns], [f"About {name}?" for name, _ in columns], ids]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ([("Status", "status"), ("Q1", "QID1")], ("Status", "Q1")),
        ([("Status", "status"), ("Status", "QID7")], ("Status", "Status (QID7)")),
        ([("Status", "QID7_TEXT"), ("Status", "status")], ("Status (QID7_TEXT)", "Status")),
        (
            [("Finished", "finished"), ("Finished", "QID1"), ("Finished", "")],
            ("Finished", "Finished (QID1)", "Finished (3)"),
        ),
        ([("Q1", "QID1"), ("Q1", "QID2")], ("Q1", "Q1")),  # nothing decides: the contract's name is doubled
        ([("Status", "status"), ("Status", "status")], ("Status", "Status")),
        ([("Status", ""), ("Status", "")], ("Status", "Status")),
    ],
)
def test_which_column_keeps_the_name(columns: list[tuple[str, str]], expected: tuple[str, ...]) -> None:
    assert distinct_names(header(*columns)) == expected


def test_what_is_no_row_of_ids_decides_nothing() -> None:
    assert distinct_names([["A", "A"], ["{broken", '["ImportId"]']]) == ("A", "A")
    assert distinct_names([["A", "A"]]) == ("A", "A")
