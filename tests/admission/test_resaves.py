"""Which version counts where the same rows come in other bytes: a resave is treated as the same bytes are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.admission.decided import arrival, told
from tfc_platform.admission.arrivals import Arrival
from tfc_platform.admission.version_verdicts import decide


def resaved(path: str, content: str, says: str, night: int, number: int = 1, **other: Any) -> Arrival:
    return replace(arrival(path, content, night, number=number, **other), content=says)


def test_the_same_rows_in_other_bytes_are_used_once() -> None:
    found = decide(
        [resaved("a.csv", "x", "rows", 1), resaved("b.csv", "y", "rows", 2), resaved("c.csv", "z", "other", 3)]
    )
    assert told(found) == {("a.csv", 1): "superseded", ("b.csv", 1): "duplicate_file", ("c.csv", 1): "accepted*"}
    assert next(item.message for item in found if item.status == "duplicate_file") == (
        "The same content came as a.csv: it is used once."
    )


def test_a_resave_is_treated_as_the_same_bytes_are() -> None:
    """v1, v2 and v1 saved anew: the sender has gone back to it, under whichever path."""
    for third in ("x", "resaved"):
        back = decide(
            [
                resaved("a.csv", "x", "one", 1),
                resaved("a.csv", "y", "two", 2, number=2),
                resaved("a.csv", third, "one", 3, number=3),
            ]
        )
        assert told(back) == {("a.csv", 2): "superseded", ("a.csv", 3): "accepted*"}, third
        other = decide(
            [resaved("a.csv", "x", "one", 1), resaved("b.csv", "y", "two", 2), resaved("c.csv", third, "one", 3)]
        )
        assert told(other) == {("a.csv", 1): "superseded", ("b.csv", 1): "superseded", ("c.csv", 1): "accepted*"}


def test_the_same_rows_as_another_return_or_source_are_not_the_same_file() -> None:
    months = decide([resaved("a.csv", "x", "rows", 1), resaved("b.csv", "y", "rows", 2, key="2025-05")])
    assert told(months) == {("a.csv", 1): "accepted*", ("b.csv", 1): "accepted*"}
    sources = decide([resaved("a.csv", "x", "rows", 1), resaved("b.csv", "y", "rows", 2, source="other")])
    assert told(sources) == {("a.csv", 1): "accepted*", ("b.csv", 1): "accepted*"}


def test_a_resave_under_a_mended_name_is_the_return_that_its_bytes_are() -> None:
    """Bytes that came under two names are known by themselves alone, as before."""
    found = decide(
        [
            resaved("a.csv", "x", "rows", 1),
            resaved("b.csv", "y", "rows", 2),
            resaved("c.csv", "y", "rows", 3, key="2025-05"),
        ]
    )
    assert told(found)[("c.csv", 1)] == "duplicate_file"


def test_returns_without_a_row_are_each_their_own() -> None:
    """Of two months without a session the files are alike to the byte."""
    none = [replace(arrival(path, "x", night, key=key), received=0, accepted=0, rejected=0, duplicate=0)
            for path, night, key in (("a.csv", 1, "2025-04"), ("b.csv", 2, "2025-05"), ("c.csv", 3, "2025-05"))]  # fmt: skip
    assert told(decide(none)) == {("a.csv", 1): "accepted*", ("b.csv", 1): "accepted*", ("c.csv", 1): "duplicate_file"}
    rows = [arrival(item.path, "x", number, key=item.return_key) for number, item in enumerate(none, start=1)]
    assert told(decide(rows))[("b.csv", 1)] == "duplicate_file"


def test_the_same_bytes_under_the_right_name_are_used_though_the_wrong_name_is_still_there() -> None:
    """Under the wrong name they are another population's and refused: nothing of them is used there."""
    wrong = arrival("a/wrong.csv", "x", status="rejected", key="parents w1")
    right = arrival("a/right.csv", "x", night=2, key="staff w1")
    verdicts = told(decide([wrong, right]))
    assert verdicts[("a/right.csv", 1)] == "accepted*"
    assert not verdicts[("a/wrong.csv", 1)].endswith("*")
