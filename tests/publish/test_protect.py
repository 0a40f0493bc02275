"""Which figures are shown: the threshold at its boundary, what is hidden along, and that no status tells a hidden value."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.publish.protect import Figure, protect_row
from tfc_platform.publish.register import DisclosurePolicy, Measure

POLICY = DisclosurePolicy(
    version="t", threshold_persons=10, protect_complement=True, research_versions_kept=1, story_screen=()
)
LOW = Measure(label="low", name="low", column="low", unit="persons")
HIGH = Measure(label="high", name="high", column="high", unit="persons", derived_from=("low",))
RATE = Measure(label="rate", name="rate", column="rate", unit="rate", derived_from=("low",))
OTHER = Measure(label="other", name="other", column="other", unit="sessions")
WHOLE = Measure(label="whole", name="whole", column="whole", unit="persons")
PART = Measure(label="part", name="part", column="part", unit="persons", part_of="whole", derived_from=("whole",))
SHARE = Measure(label="share", name="share", column="share", unit="rate", derived_from=("part", "whole"))
MET = Measure(label="met", name="met", column="met", unit="rate", derived_from=("share",))


def row(measures: list[Measure], values: list[Any], note: str | None = None) -> list[tuple[Any, str]]:
    persons = [measure.unit == "persons" for measure in measures]
    return [(figure.value, figure.status) for figure in protect_row(measures, values, persons, POLICY, note)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, (None, "suppressed")),
        (9, (None, "suppressed")),
        (10, (10.0, "shown")),
        (-3, (None, "suppressed")),
        (None, (None, "not_available")),
        (math.nan, (None, "not_available")),
        (math.inf, (None, "not_available")),
    ],
)
def test_a_count_of_persons_is_shown_from_ten(value: Any, expected: tuple[Any, str]) -> None:
    assert row([LOW], [value]) == [expected]


@pytest.mark.parametrize("value", [0, 1, 9, 10])
def test_a_count_of_sessions_is_shown_however_small(value: int) -> None:
    assert row([OTHER], [value]) == [(float(value), "shown")]


def test_what_is_derived_from_a_hidden_count_is_hidden_with_it_whatever_its_own_value() -> None:
    assert row([LOW, HIGH, RATE, OTHER], [9, 40, 3.2, 2]) == [
        (None, "suppressed"),
        (None, "suppressed"),
        (None, "suppressed"),
        (2.0, "shown"),
    ]


def test_a_high_that_is_unknown_does_not_tell_itself_from_one_that_is_hidden() -> None:
    assert row([LOW, HIGH], [4, None])[1] == row([LOW, HIGH], [4, 8])[1] == row([LOW, HIGH], [4, 40])[1]


def test_a_small_remainder_hides_the_part_and_all_that_is_made_of_it_but_not_the_whole() -> None:
    assert row([WHOLE, PART, SHARE, MET], [100, 91, 91.0, 1]) == [(100.0, "shown")] + [(None, "suppressed")] * 3
    assert row([WHOLE, PART, SHARE, MET], [100, 90, 90.0, 1])[1:] == [(90.0, "shown"), (90.0, "shown"), (1.0, "shown")]
    assert row([WHOLE, PART, SHARE, MET], [100, 100, 100.0, 1])[1] == (None, "suppressed")


def test_a_part_without_a_whole_stands_on_its_own_count() -> None:
    assert row([WHOLE, PART, SHARE], [None, 40, None]) == [
        (None, "not_available"),
        (40.0, "shown"),
        (None, "not_available"),
    ]


def test_a_held_figure_keeps_its_value_and_says_so_but_a_hidden_one_stays_hidden() -> None:
    figures = protect_row([LOW, OTHER, RATE], [4, 3, None], [True, False, False], POLICY, "held since 2026-04-28")
    assert figures == [
        Figure("low", None, "suppressed", "held since 2026-04-28"),
        Figure("other", 3.0, "held", "held since 2026-04-28"),
        Figure("rate", None, "suppressed", "held since 2026-04-28"),
    ]
    shown = protect_row([OTHER, RATE], [3, None], [False, False], POLICY, "held since 2026-04-28")
    assert [figure.status for figure in shown] == ["held", "not_available"]


def test_the_policy_can_leave_remainders_alone() -> None:
    lenient = POLICY.model_copy(update={"protect_complement": False})
    figures = protect_row([WHOLE, PART], [100, 95], [True, True], lenient, None)
    assert [figure.value for figure in figures] == [100.0, 95.0]


COUNTS = st.one_of(st.none(), st.integers(0, 40))


@given(low=COUNTS, high=COUNTS, whole=COUNTS, part=COUNTS, share=st.floats(0, 100))
def test_nothing_below_the_threshold_is_ever_shown(
    low: int | None, high: int | None, whole: int | None, part: int | None, share: float
) -> None:
    measures = [LOW, HIGH, RATE, WHOLE, PART, SHARE]
    shown = {
        figure.measure: figure.value
        for figure in protect_row(
            measures, [low, high, share, whole, part, share], [True, True, False, True, True, False], POLICY, None
        )
        if figure.value is not None
    }
    assert all(shown[name] >= 10 for name in ("low", "high", "whole", "part") if name in shown)
    assert "low" in shown or low is None or not {"high", "rate"} & shown.keys()
    if "whole" in shown and "part" in shown:
        assert shown["whole"] - shown["part"] >= 10
    if part is not None and part < 10:
        assert "share" not in shown


@given(
    first=st.integers(0, 9), second=st.integers(0, 9), highs=st.tuples(COUNTS, COUNTS), rates=st.tuples(COUNTS, COUNTS)
)
def test_what_is_shown_does_not_depend_on_what_is_hidden(
    first: int, second: int, highs: tuple[int | None, int | None], rates: tuple[int | None, int | None]
) -> None:
    one, other = (
        row([LOW, HIGH, RATE, OTHER], [low, high, rate, 7])
        for low, high, rate in zip((first, second), highs, rates, strict=True)
    )
    assert one == other
