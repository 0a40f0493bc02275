"""Twins: each is a dataset of whole numbers that has all published figures, with 9 or more where few were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfc_platform.disclosure.audit import Atom, ProblemError, PublishedCell, Universe
from tfc_platform.disclosure.audit.counterexamples import find_twins
from tfc_platform.disclosure.audit.intervals import Target, attackers_intervals

T = 9


def _count(universe: Universe, dataset: Mapping[Atom, int], where: Mapping[str, frozenset[str]]) -> int:
    names = [name for name, _ in universe.variables]
    return sum(
        count
        for atom, count in dataset.items()
        if all(code in where.get(name, {code}) for name, code in zip(names, atom.codes, strict=True))
    )


def _holds(universe: Universe, cells: Iterable[PublishedCell], dataset: Mapping[Atom, int]) -> bool:
    assert all(isinstance(count, int) and count > 0 for count in dataset.values())
    return all(
        cell.low <= _count(universe, dataset, cell.where) <= (10**9 if cell.high is None else cell.high)
        for cell in cells
    )


@st.composite
def datasets(draw: st.DrawFn) -> tuple[Universe, list[PublishedCell], dict[Atom, int]]:
    """A small dataset and some of its tables under R4; now and then a total is hidden secondarily."""
    codes = (("a", "b", "c"), ("x", "y"))
    universe = Universe("u", (("row", codes[0]), ("column", codes[1])))
    truth = {Atom("u", combination): draw(st.integers(0, 16)) for combination in product(*codes)}
    cells = []
    for by in draw(st.lists(st.sampled_from([(), ("row",), ("column",), ("row", "column")]), max_size=3, unique=True)):
        grid = [{}]
        for name in by:
            grid = [{**where, name: frozenset([code])} for where in grid for code in dict(universe.variables)[name]]
        for where in grid:
            count = _count(universe, truth, where)
            figure = 5 * ((count + 2) // 5)
            low, high = (0, 9) if count < 10 else (max(figure - 2, 10), figure + 2)
            if low >= 10 and draw(st.integers(0, 4)) == 0:
                low, high = 10, None
            cells.append(PublishedCell("_".join(by) or "total", "u", where, low, high))
    return universe, cells, truth


@settings(max_examples=60)
@given(datasets())
def test_every_small_group_has_a_twin_or_none_exists(world):
    universe, cells, truth = world
    found = find_twins([universe], cells, truth, least_upper=T)
    small = [atom for atom, count in truth.items() if 1 <= count <= 4]
    targets = [
        Target("u", {name: frozenset([code]) for (name, _), code in zip(universe.variables, atom.codes, strict=True)})
        for atom in small
    ]
    highest = attackers_intervals([universe], cells, targets, whole=True)
    able = {atom for atom, (_, high) in zip(small, highest, strict=True) if high is None or high >= T}
    assert set(found.twin_of) == able
    assert (found.sought, found.certified, found.passed) == (len(small), len(able), len(able) == len(small))
    for dataset in found.datasets:
        assert _holds(universe, cells, dataset)
    for atom, number in found.twin_of.items():
        assert found.datasets[number][atom] >= T
    for reason in found.reasons:
        assert "have no other dataset that would publish the same" in reason
        assert all(table in reason for table in found.without)


def test_a_group_without_a_twin_names_its_tables_alone():
    """4 beside 33 under 35: 0 to 4."""
    universe = Universe("u", (("v", ("Zebedee", "Dougal")),))
    cells = [
        PublishedCell("inner", "u", {"v": frozenset(["Zebedee"])}, 0, 9),
        PublishedCell("inner", "u", {"v": frozenset(["Dougal"])}, 33, 37),
        PublishedCell("whole", "u", {}, 33, 37),
    ]
    truth = {Atom("u", ("Zebedee",)): 4, Atom("u", ("Dougal",)): 33}
    found = find_twins([universe], cells, truth, least_upper=T)
    assert found.reasons == (
        "1 small groups of tables inner and whole have no other dataset that would publish the same.",
    )
    assert (found.passed, found.certified, found.datasets) == (False, 0, ())
    assert found.without == {"inner": 1, "whole": 1}


def test_time_that_is_over_is_not_a_twin():
    universe = Universe("u", (("v", ("a", "b")),))
    cells = [PublishedCell("t", "u", {"v": frozenset([code])}, 0, 9) for code in ("a", "b")]
    cells.append(PublishedCell("t", "u", {}, 0, 18))
    truth = {Atom("u", ("a",)): 3}
    assert find_twins([universe], cells, truth, least_upper=T).passed
    found = find_twins([universe], cells, truth, least_upper=T, time_limit=0.0)
    assert found.reasons == ("1 small groups of table t could not be certified in the time that was given.",)
    assert found.without == {"t": 1}


def test_several_small_groups_in_the_same_cells_take_turns():
    """Nine people can be in one of three places at a time: three twins."""
    universe = Universe("u", (("v", ("a", "b", "c")),))
    cells = [PublishedCell("t", "u", {}, 0, 9)]
    truth = {Atom("u", (code,)): 1 for code in ("a", "b", "c")}
    found = find_twins([universe], cells, truth, least_upper=T)
    assert sorted(map(tuple, (dataset.items() for dataset in found.datasets))) == [
        ((Atom("u", (code,)), 9),) for code in ("a", "b", "c")
    ]
    assert sorted(found.twin_of.values()) == [0, 1, 2]


def test_a_truth_that_has_not_the_figures_certifies_nothing():
    universe = Universe("u", (("v", ("a", "b")),))
    cells = [
        PublishedCell("right", "u", {"v": frozenset(["a"])}, 0, 9),
        PublishedCell("wrong", "u", {"v": frozenset(["b"])}, 10, 12),
    ]
    found = find_twins([universe], cells, {Atom("u", ("a",)): 3, Atom("u", ("b",)): 13}, least_upper=T)
    assert found.reasons == ("The true counts do not have the published figures of table wrong.",)
    assert (found.passed, found.certified, found.datasets) == (False, 0, ())


@pytest.mark.parametrize(
    ("truth", "says"),
    [
        ({Atom("u", ("a",)): -1}, "below zero or where nobody can be"),
        ({Atom("u", ("b",)): 1}, "below zero or where nobody can be"),
        ({Atom("u", ("Brian",)): 1}, "An atom has a code that variable v of u does not have"),
        ({Atom("w", ("a",)): 1}, "An atom is of no universe of this system"),
    ],
)
def test_a_truth_of_something_else_is_refused(truth, says):
    universe = Universe("u", (("v", ("a", "b")),), lambda codes: codes["v"] == "b")
    with pytest.raises(ProblemError, match=says) as caught:
        find_twins([universe], [], truth, least_upper=T)
    assert "Brian" not in str(caught.value)


def test_the_people_of_a_site_have_twins(people):
    """Inner tables and the site's total: each small group of a site could be 9 and more."""
    site = min(people.site_of.values())
    wards = {ward for ward, other in people.site_of.items() if other == site}
    cells = [cell for cell in people.inner() if cell.where["ward"] <= wards]
    truth = {atom: count for atom, count in people.truth.items() if atom.codes[0] in wards}
    found = find_twins([people.universe], cells, truth, least_upper=T)
    assert found.reasons == ()
    assert found.sought == found.certified == sum(1 <= count <= 4 for count in truth.values())
    assert found.sought > 100
    for dataset in found.datasets:
        assert _holds(people.universe, cells, dataset)
    assert all(found.datasets[number][atom] >= T for atom, number in found.twin_of.items())
