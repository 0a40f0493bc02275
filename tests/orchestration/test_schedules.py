"""The sensor of the landing zone: it waits for what still grows, and asks once for what has come to rest."""

from __future__ import annotations

from tfc_platform.orchestration.schedules import look

FIRST = {"a/x.csv": [10, "1"]}
GROWN = {"a/x.csv": [20, "2"]}


def test_a_file_at_rest_is_asked_for_once() -> None:
    cursor, run = look(FIRST, None)
    assert run is None, "seen once, it may still grow"
    cursor, run = look(FIRST, cursor)
    assert run is not None
    for _ in range(3):
        cursor, again = look(FIRST, cursor)
        assert again is None


def test_a_growing_file_is_waited_for() -> None:
    cursor, _ = look(FIRST, None)
    cursor, run = look(GROWN, cursor)
    assert run is None
    _, run = look(GROWN, cursor)
    assert run is not None


def test_other_content_is_another_run() -> None:
    cursor, _ = look(FIRST, None)
    cursor, first = look(FIRST, cursor)
    cursor, _ = look(GROWN, cursor)
    _, second = look(GROWN, cursor)
    assert None not in (first, second)
    assert first != second


def test_an_empty_landing_zone_asks_for_nothing() -> None:
    cursor, run = look({}, None)
    _, again = look({}, cursor)
    assert (run, again) == (None, None)
