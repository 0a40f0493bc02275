"""Breakdowns for equity: only harmonised codes, so that figures of two sites are of the same groups."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.settings import ConfigurationError

Folder = Callable[..., Path]
COLUMN = "  sex: {header: Sex, type: category, codes: {F: female, M: male, X: prefer_not_to_say}}\n"


def with_column(text: str, column: str) -> str:
    return text.replace("free_text:", f"{column}free_text:")


def test_harmonised_codes_are_taken(folder: Folder, contract_text: str) -> None:
    contract = load_catalogue([folder(with_column(contract_text, COLUMN))]).contract("elsewhere", "activity")
    assert set(contract.columns["sex"].codes.values()) == {"female", "male", "prefer_not_to_say"}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("F: female", "F: girls", "columns.sex.codes: 'girls' is no code of sex in reference/harmonised_codes.csv."),
        ("  sex:", "  disability:", "columns.disability.codes: 'female' is no code of disability"),
        ("codes: {F: female, M: male, X: prefer_not_to_say}", "open: true", "columns.sex: a category with codes"),
    ],
)
def test_other_codes_are_refused_with_their_key(
    folder: Folder, contract_text: str, old: str, new: str, sentence: str
) -> None:
    assert old in COLUMN
    with pytest.raises(ConfigurationError) as refused:
        load_catalogue([folder(with_column(contract_text, COLUMN.replace(old, new)))])
    assert sentence in str(refused.value)


def test_children_are_residents_of_school_age() -> None:
    groups = load_catalogue().resident_groups
    children = {item.residents for item in groups if (item.breakdown, item.breakdown_value) == ("audience", "children")}
    assert children == {"pop_5_11", "pop_12_17"}
