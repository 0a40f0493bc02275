"""Repair: what it hides is enough, needed, and only what may be hidden; where it gives up, hiding everything would not help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.disclosure.audit import ProblemError, PublishedCell, Universe
from tfc_platform.disclosure.audit.joint_audit import audit
from tfc_platform.disclosure.audit.repair import hide, repair

T = 9


def _passes(universe: Universe, cells: Iterable[PublishedCell], hidden=()) -> bool:
    return audit([universe], hide(cells, hidden, 10), least_upper=T).passed


@pytest.fixture
def four_beside_33() -> tuple[Universe, list[PublishedCell]]:
    """The trap of the oracle: 4 and 33 under a total of 37. The hidden 4 can be 0 to 4."""
    cells = [
        PublishedCell("inner", "u", {"v": frozenset(["few"])}, 0, 9, ("inner", "few")),
        PublishedCell("inner", "u", {"v": frozenset(["many"])}, 33, 37, ("inner", "many")),
        PublishedCell("total", "u", {}, 33, 37, ("total",)),
    ]
    return Universe("u", (("v", ("few", "many")),)), cells


@pytest.mark.parametrize(
    ("candidates", "hidden"),
    [
        pytest.param([("total",), ("inner", "many")], (("total",),), id="total first"),
        pytest.param([("inner", "many"), ("total",)], (("inner", "many"),), id="inner cell first"),
        pytest.param([("inner", "many")], (("inner", "many"),), id="the total was published before"),
        pytest.param([("inner", "few"), ("total",)], (("total",),), id="what is hidden already helps nobody"),
        pytest.param([("inner", "few")], None, id="nothing that could help may be hidden"),
        pytest.param([], None, id="nothing may be hidden"),
    ],
)
def test_the_first_candidate_that_helps_is_hidden(four_beside_33, candidates, hidden):
    universe, cells = four_beside_33
    assert not _passes(universe, cells)
    assert repair([universe], cells, candidates, least_upper=T) == hidden
    assert hidden is None or _passes(universe, cells, hidden)


def test_what_passes_is_left_alone(four_beside_33):
    universe, cells = four_beside_33
    assert repair([universe], cells[:2], [("inner", "many")], least_upper=T) == ()


def test_a_figure_that_is_published_twice_is_hidden_twice_or_not_at_all(four_beside_33):
    universe, cells = four_beside_33
    again = replace(cells[2], table="again", key=("again",))
    both = repair([universe], [*cells, again], [("total",), ("again",)], least_upper=T)
    assert both == (("total",), ("again",))
    assert repair([universe], [*cells, again], [("total",)], least_upper=T) is None
    same_key = replace(again, key=("total",))
    assert repair([universe], [*cells, same_key], [("total",)], least_upper=T) == (("total",),)


def test_contradictions_and_time_that_is_over_are_not_repaired(four_beside_33):
    universe, cells = four_beside_33
    wrong = replace(cells[2], table="wrong", low=60, high=64, key=("wrong",))
    assert repair([universe], [*cells, wrong], [("wrong",), ("total",)], least_upper=T) is None
    wider = Universe("u", (("v", ("few", "many", "none")),))
    assert repair([wider], cells, [("total",)], least_upper=T, time_limit=0.0) is None


@pytest.mark.parametrize("key", [("elsewhere",), ()])
def test_a_candidate_that_is_no_cell_is_refused(four_beside_33, key):
    universe, cells = four_beside_33
    with pytest.raises(ProblemError, match="A candidate is the key of no cell"):
        repair([universe], [*cells, replace(cells[2], key=())], [key], least_upper=T)


@st.composite
def crosses(draw: st.DrawFn) -> tuple[Universe, list[PublishedCell], list[tuple[str, ...]]]:
    """A small table of two variables with margins and a total under R4, and cells that may be hidden, in some order."""
    rows, columns = ("a", "b", "c"), ("x", "y", "z")
    counts = {cell: draw(st.integers(0, 20)) for cell in product(rows, columns)}
    universe = Universe("u", (("row", rows), ("column", columns)))
    boxes = [((r,), (c,)) for r, c in counts] + [((r,), columns) for r in rows]
    boxes += [(rows, (c,)) for c in columns] + [(rows, columns)]
    cells = []
    for inside in boxes:
        count = sum(counts[cell] for cell in product(*inside))
        figure = 5 * ((count + 2) // 5)
        low, high = (0, 9) if count < 10 else (max(figure - 2, 10), figure + 2)
        where = {"row": frozenset(inside[0]), "column": frozenset(inside[1])}
        cells.append(PublishedCell("t", "u", where, low, high, ("".join(inside[0]), "".join(inside[1]))))
    keys = draw(st.lists(st.sampled_from([cell.key for cell in cells]), unique=True))
    return universe, cells, keys


@given(crosses(), st.randoms())
def test_what_is_hidden_is_enough_needed_and_allowed(world, random):
    universe, cells, candidates = world
    hidden = repair([universe], cells, candidates, least_upper=T)
    if hidden is None:
        able = [cell.key for cell in cells if cell.key in candidates and cell.low >= 10]
        assert not _passes(universe, cells, able)
        return
    assert _passes(universe, cells, hidden)
    assert set(hidden) <= set(candidates)
    assert list(hidden) == [key for key in candidates if key in set(hidden)]
    for key in hidden:
        assert not _passes(universe, cells, set(hidden) - {key})
    random.shuffle(cells)
    assert repair([universe], cells, candidates, least_upper=T) == hidden
