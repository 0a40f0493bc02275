"""Each rule of a cell at its boundaries; expected values are those of docs/disclosure.md and worked by hand."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.disclosure import cell_rules
from tfc_platform.disclosure.policy import load_policy

POLICY = load_policy()


@pytest.mark.parametrize(("count", "shown"), [(0, False), (9, False), (10, True), (11, True)])
def test_a_cell_is_shown_from_ten_persons(count: int, shown: bool) -> None:
    assert cell_rules.enough_people(count, POLICY) is shown


@pytest.mark.parametrize(
    ("value", "published"),
    [(10, 10), (12, 10), (13, 15), (17, 15), (18, 20), (22, 20), (12.4, 10), (12.5, 15), (0, 0)],
)
def test_counts_go_to_the_nearest_five(value: float, published: int) -> None:
    assert cell_rules.rounded(value, POLICY.rounding_base) == published


@pytest.mark.parametrize(
    ("sessions", "largest", "shown"),
    [(3, 10, True), (2, 10, False), (3, 9, False), (2, 400, False), (50, 9, False), (3, None, False)],
)
def test_heads_need_three_sessions_and_one_of_ten(sessions: int, largest: int | None, shown: bool) -> None:
    assert cell_rules.enough_heads(sessions, largest, POLICY) is shown


@pytest.mark.parametrize(
    ("base", "positive", "clusters", "shown"),
    [
        (30, 10, 3, True),
        (29, 10, 3, False),
        (30, 9, 3, False),
        (30, 21, 3, False),  # the complement is nine
        (30, 20, 3, True),
        (400, 200, 2, False),
        (30, None, 3, True),  # a mean has no numerator
        (29, None, 30, False),
    ],
)
def test_an_estimate_needs_base_numerator_complement_and_clusters(
    base: int, positive: int | None, clusters: int, shown: bool
) -> None:
    assert cell_rules.enough_respondents(base, positive, clusters, POLICY.survey) is shown


@pytest.mark.parametrize(
    ("pairs", "improved", "same", "worse", "shown"),
    [
        (30, 10, 10, 10, True),
        (29, 10, 10, 9, False),
        (30, 9, 11, 10, False),
        (30, 11, 10, 9, False),
        (30, 11, 9, 10, False),
    ],
)
def test_a_panel_needs_pairs_and_every_direction(pairs: int, improved: int, same: int, worse: int, shown: bool) -> None:
    assert cell_rules.enough_pairs(pairs, improved, same, worse, POLICY.panel) is shown


@pytest.mark.parametrize(
    ("pairs", "bases", "safe"),
    [
        (30, (30, 30), True),
        (30, (31, 30), False),  # one respondent of the first wave is in no pair
        (30, (30, 39), False),
        (30, (40, 30), True),
    ],
)
def test_the_number_of_pairs_tells_of_no_small_rest(pairs: int, bases: tuple[int, int], safe: bool) -> None:
    assert cell_rules.pairs_are_safe(pairs, bases, POLICY.panel) is safe


@pytest.mark.parametrize(
    ("number", "decimals", "expected"),
    [(0.5, 0, 1), (1.5, 0, 2), (2.5, 0, 3), (-2.5, 0, -3), (2.25, 1, 2.3), (-0.04, 1, 0)],
)
def test_halves_go_away_from_zero(number: float, decimals: int, expected: float) -> None:
    assert cell_rules.round_half_up(number, decimals) == expected


def test_the_numerators_behind_a_percentage_are_all_that_round_to_it() -> None:
    limits, half = POLICY.survey, POLICY.rounding_base // 2
    for base in range(30, 400, POLICY.rounding_base):
        expected: dict[int, set[int]] = {}
        for n in range(max(base - half, limits.base), base + half + 1):
            for count in range(limits.part, n - limits.part + 1):
                exact = (Decimal(100 * count) / n).quantize(Decimal(1), ROUND_HALF_UP)
                expected.setdefault(int(exact), set()).add(count)
        assert cell_rules.numerators(base, POLICY) == expected


def test_what_two_numerators_explain_is_published_as_it_is() -> None:
    # A base of 30 to 32. 34 per cent is 11 of 32 alone, 33 per cent 10 of 30 alone, 31 per cent 10 of 32.
    found = cell_rules.numerators(30, POLICY)
    assert found[33] == {10}
    assert found[34] == {11}
    assert found[50] == {15, 16}
    assert cell_rules.published_percentage(50.0, 30, False, POLICY) == 50
    assert cell_rules.published_percentage(100 * 10 / 30, 30, False, POLICY) == cell_rules.published_percentage(
        100 * 11 / 32, 30, False, POLICY
    )


def test_a_weighted_percentage_is_published_to_the_whole() -> None:
    assert cell_rules.published_percentage(100 / 3, 30, True, POLICY) == 33


def test_t14_no_numerator_can_be_had_from_percentage_and_base() -> None:
    """Every base up to 250 and every numerator that R7 lets through: brute force over what a reader could reckon."""
    behind: dict[tuple[int, int], set[int]] = defaultdict(set)
    furthest = 0.0
    for n in range(30, 251):
        base = cell_rules.rounded(n, 5)
        for count in range(10, n - 9):
            published = cell_rules.published_percentage(100 * count / n, base, False, POLICY)
            behind[base, published].add(count)
            furthest = max(furthest, abs(published - 100 * count / n))
    assert min(len(counts) for counts in behind.values()) >= 2
    assert furthest < 3  # points; the interval of a base of 30 is 30 points wide


@given(st.integers(10, 100_000))
def test_rounding_hides_at_least_two_and_moves_at_most_two(count: int) -> None:
    published = cell_rules.rounded(count, POLICY.rounding_base)
    assert abs(published - count) <= 2
    assert {c for c in range(max(10, published - 3), published + 4) if cell_rules.rounded(c, 5) == published} >= {count}


def test_an_interval_is_about_the_published_percentage() -> None:
    """40% of 60, by hand: t of 59 degrees of freedom is 2.0010, so the half-width is 0.5318 in log odds."""
    low, high = cell_rules.published_interval((31.2, 55.7), 40, 60, is_simple=True)
    assert low == pytest.approx(28.15, abs=0.01)
    assert high == pytest.approx(53.15, abs=0.01)
    # Whatever the exact interval was: beside the same percentage and base it says nothing of them.
    assert cell_rules.published_interval((28.0, 52.4), 40, 60, is_simple=True) == (low, high)


def test_an_interval_by_schools_keeps_its_width_and_not_its_middle() -> None:
    """Of the exact 41.7% it was 30 to 54.4: in log odds 0.512 either way. About 40% that is 28.5 to 52.8."""
    low, high = cell_rules.published_interval((30.0, 54.4), 40, 60, is_simple=False)
    assert low == pytest.approx(28.5, abs=0.15)
    assert high == pytest.approx(52.8, abs=0.15)


@pytest.mark.parametrize(("effective", "shown"), [(None, True), (30.0, True), (29.9, False), (1.0, False)])
def test_answers_count_as_far_as_they_do_in_effect(effective: float | None, shown: bool) -> None:
    assert cell_rules.enough_respondents(200, 100, 5, POLICY.survey, effective) is shown
