"""The sensor of the landing zone: it waits for what still grows, and asks once for what has come to rest."""

from __future__ import annotations

from tfc_platform.orchestration.schedules import at_rest

FIRST = {"a/x.csv": [10, "1"]}
GROWN = {"a/x.csv": [20, "2"]}


def test_a_file_at_rest_is_asked_for_once() -> None:
    cursor, run = at_rest(FIRST, None)
    assert run is None, "seen once, it may still grow"
    cursor, run = at_rest(FIRST, cursor)
    assert run is not None
    for _ in range(3):
        cursor, again = at_rest(FIRST, cursor)
        assert again is None


def test_a_growing_file_is_waited_for() -> None:
    cursor, _ = at_rest(FIRST, None)
    cursor, run = at_rest(GROWN, cursor)
    assert run is None
    _, run = at_rest(GROWN, cursor)
    assert run is not None


def test_other_content_is_another_run() -> None:
    cursor, _ = at_rest(FIRST, None)
    cursor, first = at_rest(FIRST, cursor)
    cursor, _ = at_rest(GROWN, cursor)
    _, second = at_rest(GROWN, cursor)
    assert None not in (first, second)
    assert first != second


def test_an_empty_landing_zone_asks_for_nothing() -> None:
    cursor, run = at_rest({}, None)
    _, again = at_rest({}, cursor)
    assert (run, again) == (None, None)


def test_a_growing_file_keeps_no_other_waiting() -> None:
    def landed(size: int) -> dict[str, list[object]]:
        return {"a/x.csv": [10, "1"], "b/y.csv": [size, str(size)]}

    cursor, run = at_rest(landed(1), None)
    assert run is None
    cursor, first = at_rest(landed(2), cursor)
    assert first is not None, "x is at rest, y is not"
    cursor, run = at_rest(landed(3), cursor)
    assert run is None, "x has been asked for"
    cursor, second = at_rest(landed(3), cursor)
    assert second not in (None, first)
