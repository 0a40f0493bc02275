"""R4's primary suppressions against those of R's GaussSuppression and acro, by equality, at their thresholds."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.conftest import SHARED
from tfc_platform.disclosure import cell_rules
from tfc_platform.disclosure.policy import load_policy

ORACLE = SHARED / "oracle" / "sdc" / "expected"
POLICY = load_policy()


def rows(name: str) -> list[dict[str, str]]:
    path: Path = ORACLE / name
    if not path.is_file():
        pytest.skip(f"{name} stands in ../shared, which is not here")
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "count", "most"),
    [("z1_maxN4.csv", "ant", 4), ("d2_maxN3.csv", "freq", 3), ("d2s_region_income_maxN5.csv", "freq", 5)],
)
def test_the_same_cells_are_primary_as_in_r(name: str, count: str, most: int) -> None:
    policy = POLICY.model_copy(update={"threshold_persons": most + 1})
    found = rows(name)
    assert {row["primary"] for row in found} == {"TRUE", "FALSE"}
    for row in found:
        persons = int(float(row[count]))
        # R was told for one of them to show zeros; here zero is not told from nine.
        is_hidden = row["primary"] == "TRUE" or persons == 0
        assert cell_rules.enough_people(persons, policy) is not is_hidden, row


@pytest.mark.shared
def test_the_same_cells_are_below_the_threshold_as_in_acro() -> None:
    found = rows("acro_charities_primary_rules.csv")
    assert {row["threshold_fail"] for row in found} == {"True", "False"}
    for row in found:
        assert cell_rules.enough_people(float(row["n"]), POLICY) is (row["threshold_fail"] == "False")
