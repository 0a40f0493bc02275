"""Names that are likely to be one are told with their rows, and neither merged nor quoted."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.near_spellings import near_spellings
from tfc_platform.ingest.reading_verdict import FileReading

from .test_populations import SURVEY

HEAD = "id,place,q1,q2"


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (["Hillside Academy", "Hillside Acadmy"], 1),  # a letter left out
        (["Hillside Academy", "Hlilside Academy"], 1),  # two changed places
        (["Hillside Academy", "Hillside Acadeny"], 1),  # another letter
        (["Hillside Academy", "Hillsidde academy"], 1),  # a letter twice
        (["St Marys", "St Mary's CofE"], 1),
        (["St Mary", "St. Mary's"], 1),
        (["Hill Primary", "Hill Primary School", "Dock High"], 1),
        (["Hillside Academy", "HILLSIDE  ACADEMY", "hillside-academy"], 0),  # one cluster already
        (["School 1", "School 2", "School 12"], 0),
        (["School A", "School B", "School AB"], 0),
        (["SchoolA", "SchoolB"], 0),
        (["Class 4A", "Class 4B", "Class 5A"], 0),
        (["E01000124", "E01000125", "KX7T", "KX7P"], 0),
        (["Hillside", "Millside"], 0),  # another first letter is another name
        (["Hill View", "Mill View", "Hall View"], 0),  # short words have too many neighbours
        (["Northfield High", "Southfield High"], 0),
        (["A", "Ash", "", "—"], 0),
    ],
)
def test_names_that_are_nearly_alike(names: list[str], pairs: int) -> None:
    assert len(near_spellings(names)) == pairs


@given(st.lists(st.text("abAB 1'", max_size=9), max_size=12))
def test_which_pairs_are_near_is_decided_pair_by_pair(names: list[str]) -> None:
    """The short way by what a slip leaves finds what comparing each with each other one finds."""
    found = near_spellings(names)
    assert found == sorted(set(found))
    for one, other in itertools.combinations(sorted(set(names)), 2):
        if (one, other) in found:
            assert near_spellings([one, other]) == [(one, other)]
    assert bool(found) == any(near_spellings(pair) for pair in itertools.combinations(set(names), 2))


def test_thousands_of_names_take_no_longer_each() -> None:
    rng = random.Random(7)
    names = [f"{''.join(rng.choices('abcdefghij', k=9))} Academy" for _ in range(8000)]
    begun = time.process_time()
    near_spellings(names)
    assert time.process_time() - begun < 10, "all pairs would take a minute"


def read_places(contract: Callable[..., Contract], read: Callable[..., FileReading], places: list[str]) -> FileReading:
    cluster = SURVEY["columns"]["school"]
    columns = {**{name: one for name, one in SURVEY["columns"].items() if name != "school"}, "cluster": cluster}
    other: dict[str, Any] = {**SURVEY, "columns": columns}
    rows = [f"r{number},{place},4,2" for number, place in enumerate(places)]
    return read("\n".join([HEAD, *rows]).encode(), contract(**other), name="pupils w1.csv")


def test_the_site_is_told_the_rows_and_no_name(
    contract: Callable[..., Contract], read: Callable[..., FileReading]
) -> None:
    places = ["Dock High"] * 3 + ["Hillside Academy"] * 4 + ["Hillside Acadmy"] + ["Dock High"] * 4
    found = read_places(contract, read, places)
    (said,) = [issue for issue in found.result.issues if issue.reason == "near_names"]
    assert said.severity == "warn"
    assert "(rows 5 and 9)" in said.message
    assert "Hillside" not in said.message
    assert found.result.accepted == len(places), "told, and nothing changed"
    found = read_places(contract, read, ["Dock High", "School 1", "School 2"] * 4)
    assert [issue for issue in found.result.issues if issue.reason == "near_names"] == []
