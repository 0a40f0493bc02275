"""docs/disclosure.md works one table by hand: its numbers, by the real tables, audit and suppression, and by counting here.

The figures of the page are read from the page, so that neither it nor the code can change alone.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping

import pytest

from tests.disclosure.test_small_world import COLUMNS, POLICY, Atom, locked, table
from tfc_platform.disclosure import cell_rules
from tfc_platform.disclosure.audit.intervals import Target, attackers_intervals
from tfc_platform.disclosure.secondary_suppression import TablesToAudit, cut, suppress
from tfc_platform.publication.publication_register import CountTable
from tfc_platform.publication.released_table import ReleaseTable
from tfc_platform.settings import PROJECT

QUARTER = "2025-Q2"
INNER = table("inner", "activity", "small_area_code")
TOTAL = table("total")
MARGIN = table("by_activity", "activity")
T = POLICY.audit.least_upper

Cells = dict[tuple[str, str], str]


@pytest.fixture(scope="module")
def page() -> str:
    text = (PROJECT / "docs" / "disclosure.md").read_text(encoding="utf-8")
    return text.split("## A table by hand")[1].split("\n## ")[0]


def grid(page: str, name: str) -> Cells:
    """The cells of the page's table with this word in its corner, by row and column."""
    lines = page[page.index(f"| {name} |") :].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    width, found = len(rows[0]), {}
    for row in rows[2:]:
        if len(row) != width or row[0] not in ("choir", "play", "kitchen"):
            break
        found.update({(row[0], head): cell for head, cell in zip(rows[0][1:], row[1:], strict=True)})
    return found


def counts_of(cells: Cells) -> dict[tuple[str, str], int]:
    return {place: int(cell) for place, cell in cells.items() if place[1] != "all"}


@pytest.fixture(scope="module")
def truth(page: str) -> dict[tuple[str, str], int]:
    found = counts_of(grid(page, "truth"))
    assert len(found) == 9
    return found


def dataset(counts: Mapping[tuple[str, str], int]) -> dict[Atom, int]:
    return {(QUARTER, activity, area): count for (activity, area), count in counts.items()}


def tried(counts: Mapping[tuple[str, str], int], *register: CountTable) -> TablesToAudit:
    base, versions = locked(dataset(counts))
    return TablesToAudit(cut(register, COLUMNS, base, POLICY), (), versions)


def shown(made: ReleaseTable) -> Cells:
    """What the table shows, in the page's words."""
    return {row[2 : made.keys]: "[c]" if row[-3] is None else f"{row[-3]:.0f}" for row in made.rows}  # type: ignore[misc]


def dash(low: float, high: float | None) -> str:
    assert high is not None
    return f"{low:.0f}–{high:.0f}"


def known(work: TablesToAudit, places: Iterable[tuple[str, str]], *, whole: bool = True) -> Cells:
    """The attacker's interval of each cell, from everything published."""
    problem = work.problem
    (universe,) = problem.universes
    places = list(places)
    targets = [
        Target(universe.name, {"activity": frozenset([activity]), "small_area_code": frozenset([area])})
        for activity, area in places
    ]
    found = attackers_intervals(problem.universes, problem.cells, targets, whole=whole)
    return {place: dash(*interval) for place, interval in zip(places, found, strict=True)}  # type: ignore[arg-type]


def ends(cell: str) -> range:
    low, high = map(int, cell.split("–"))
    return range(low, high + 1)


def test_the_sums_of_the_truth(page: str, truth: dict[tuple[str, str], int]) -> None:
    for (activity, head), cell in grid(page, "truth").items():
        if head == "all":
            assert int(cell) == sum(count for place, count in truth.items() if place[0] == activity)
    assert f"Together {sum(truth.values())}. **Rounding" in page


def test_what_is_published_is_what_the_tables_show(page: str, truth: dict[tuple[str, str], int]) -> None:
    (made,) = tried(truth, INNER).published.tables
    assert shown(made) == grid(page, "published")


@pytest.mark.parametrize("register", [(INNER,), (INNER, TOTAL)])
def test_what_is_known_is_the_attackers_interval_and_it_passes(
    page: str, truth: dict[tuple[str, str], int], register: tuple[CountTable, ...]
) -> None:
    work = tried(truth, *register)
    for whole in (False, True):
        assert known(work, truth, whole=whole) == grid(page, "known")
    assert work.report().passed


def test_the_total_by_hand(page: str, truth: dict[tuple[str, str], int]) -> None:
    cells = grid(page, "known")
    hidden = [place for place, cell in grid(page, "published").items() if cell == "[c]"]
    lows, highs = ([ends(cells[place])[end] for place in cells if place not in hidden] for end in (0, -1))
    total = cell_rules.rounded(sum(truth.values()), POLICY.rounding_base)
    (row,) = next(made for made in tried(truth, TOTAL).published.tables).rows
    assert row[-3] == total
    assert f"{sum(truth.values())} is published as {total} and stands for {total - 2} to {total + 2}." in page
    assert f"at least {' + '.join(map(str, lows))} = {sum(lows)} and" in page
    assert f"at most {' + '.join(map(str, highs))} = {sum(highs)}. So" in page
    assert f"hold at most {total + 2} − {sum(lows)} = {total + 2 - sum(lows)}," in page
    assert f"since {total - 2} − {sum(highs)} is below zero" in page
    # Every pair that the two can be: brute force over their intervals and what the seven leave.
    pairs = [
        pair
        for pair in itertools.product(*(ends(cells[place]) for place in hidden))
        if sum(lows) + sum(pair) <= total + 2 and sum(highs) + sum(pair) >= total - 2
    ]
    assert [{min(column), max(column)} for column in zip(*pairs, strict=True)] == [{0, T}, {0, T}]


def test_the_twin_publishes_the_same(page: str, truth: dict[tuple[str, str], int]) -> None:
    twin = counts_of(grid(page, "twin"))
    assert twin["play", "Dock"] >= T > truth["play", "Dock"] == 4
    assert f"Together {sum(twin.values())}, which is published as 160" in page
    ours, theirs = (tried(counts, INNER, TOTAL).published.tables for counts in (truth, twin))
    assert [made.rows for made in ours] == [made.rows for made in theirs]


def test_totals_by_activity_would_fail(page: str, truth: dict[tuple[str, str], int]) -> None:
    work = tried(truth, INNER, MARGIN)
    made = next(made for made in work.published.tables if made.name == "by_activity")
    margins = {key[0]: cell for key, cell in shown(made).items()}
    cells, by_hand = grid(page, "known"), grid(page, "total")
    for activity, published in margins.items():
        assert by_hand[activity, "truth"] == grid(page, "truth")[activity, "all"]
        assert by_hand[activity, "published"] == published
        assert by_hand[activity, "stands for"] == dash(int(published) - 2, int(published) + 2)
    report = work.report()
    assert not report.passed
    assert [f"> {reason}" in page for reason in report.reasons] == [True]
    # By counting: every way to fill the row of play within what is known of its cells and its total.
    possible = {
        dock
        for hill, dock, mill in itertools.product(*(ends(cells["play", area]) for area in ("Hill", "Dock", "Mill")))
        if hill + dock + mill in ends(by_hand["play", "stands for"])
    }
    assert known(work, [("play", "Dock")]) == {("play", "Dock"): dash(min(possible), max(possible))}
    assert max(possible) < T
    low = {place: ends(cell)[0] for place, cell in cells.items()}
    play, kitchen = (ends(by_hand[activity, "stands for"])[-1] for activity in ("play", "kitchen"))
    at_least = low["play", "Hill"] + low["play", "Mill"]
    assert f"{low['play', 'Hill']} + {low['play', 'Mill']} = {at_least}. All of play is at most {play}." in page
    assert f"at most {play} − {at_least} = **{max(possible)}**, where T asks that {T} be possible" in page
    shown_of_kitchen = (low["kitchen", "Dock"], low["kitchen", "Mill"])
    assert f"{kitchen} − ({' + '.join(map(str, shown_of_kitchen))}) = {kitchen - sum(shown_of_kitchen)}, so {T}" in page


def test_all_totals_of_the_quarter_are_withheld(page: str, truth: dict[tuple[str, str], int]) -> None:
    base, _ = locked(dataset(truth))
    safe = suppress(tried(truth, INNER, MARGIN), COLUMNS, base)
    work, withheld = safe.tables, safe.withheld.keys()
    assert withheld == {("by_activity", "north", QUARTER)}
    made = next(made for made in work.published.tables if made.name == "by_activity")
    assert [row[-2] for row in made.rows] == ["suppressed_secondary"] * 3
    assert re.search(r"all three totals of the quarter are withheld", page)
    assert work.report().passed
