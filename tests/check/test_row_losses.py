"""A source that has far fewer rows than in the last published night is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfc_platform.check.row_losses import SourceLoss, losses_of, lost_rows, note_rows
from tfc_platform.settings import Places


@pytest.mark.parametrize(
    ("before", "now", "is_lost"),
    [
        (952, 760, False),
        (400, 190, True),
        (400, 380, False),
        (400, 0, True),
        (5, 4, False),
        (40, 60, False),
        (0, 0, False),
    ],
)
def test_what_is_a_loss(before: int, now: int, is_lost: bool) -> None:
    losses = lost_rows({"east/log": before}, {"east/log": now}, ())
    assert losses == ([SourceLoss("east/log", before, now)] if is_lost else [])


def test_a_source_that_is_gone_has_lost_all_and_a_new_one_nothing() -> None:
    assert lost_rows({"east/log": 30}, {"west/log": 3}, ()) == [SourceLoss("east/log", 30, 0)]


def test_what_somebody_accepted_is_no_loss() -> None:
    assert lost_rows({"east/log": 30, "west/log": 30}, {}, {"east/log"}) == [SourceLoss("west/log", 30, 0)]


def test_a_build_is_compared_with_the_last_published_one(tmp_path: Path) -> None:
    places = Places(tmp_path)
    note_rows(places, "first", None, {"east/log": 30}, ())
    note_rows(places, "closed", "first", {"east/log": 3}, ())
    assert losses_of(places, "closed") == [SourceLoss("east/log", 30, 3)]
    note_rows(places, "next", "first", {"east/log": 4}, ())
    assert losses_of(places, "next") == [SourceLoss("east/log", 30, 4)], "and not with the one that was not published"
    assert losses_of(places, "closed") == [], "whose rows are no longer kept"
    note_rows(places, "next", "next", {"east/log": 4}, ())
    assert losses_of(places, "next") == [SourceLoss("east/log", 30, 4)], "built anew, it is the same"
    note_rows(places, "later", "next", {"east/log": 4}, ())
    assert losses_of(places, "first") == losses_of(places, "later") == []
