"""T9: an independent programme writes its own matrix from published rows and solves it with scipy; every whole table is tried.

Nothing of the engine is used on the other side: no merging, no components, no warm start, another interface to a solver, and
none where every table is tried.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from tfc_platform.disclosure.audit import Interval, ProblemError, PublishedCell, Universe
from tfc_platform.disclosure.audit.intervals import Target, attackers_intervals
from tfc_platform.disclosure.audit.joint_audit import audit

T = 9


class World(NamedTuple):
    """Published rows as a file has them: (table, {variable: code, none for all}, low, high)."""

    variables: dict[str, tuple[str, ...]]
    rows: list[tuple[str, dict[str, str], int, int | None]]

    @property
    def atoms(self) -> list[tuple[str, ...]]:
        return list(product(*self.variables.values()))

    @property
    def universe(self) -> Universe:
        return Universe("u", tuple(self.variables.items()))

    @property
    def cells(self) -> list[PublishedCell]:
        return [
            PublishedCell(table, "u", {v: frozenset([c]) for v, c in row.items()}, low, high)
            for table, row, low, high in self.rows
        ]

    @property
    def targets(self) -> list[Target]:
        names = list(self.variables)
        return [Target("u", {v: frozenset([c]) for v, c in zip(names, atom, strict=True)}) for atom in self.atoms]

    def covers(self, row: dict[str, str]) -> list[bool]:
        names = list(self.variables)
        return [all(atom[names.index(v)] == c for v, c in row.items()) for atom in self.atoms]


def by_scipy(world: World, atoms: list[int]) -> list[tuple[float, float | None]] | None:
    """Lowest and highest value of atoms; none where nothing has these rows."""
    matrix = csr_array(np.array([world.covers(row) for _, row, _, _ in world.rows], dtype=float))
    low = np.array([row[2] for row in world.rows], dtype=float)
    high = np.array([np.inf if row[3] is None else row[3] for row in world.rows], dtype=float)
    bounded = np.isfinite(high)
    sides = vstack([matrix[np.flatnonzero(bounded)], -matrix]) if bounded.any() else -matrix
    ends = np.concatenate([high[bounded], -low])
    found: list[tuple[float, float | None]] = []
    for atom in atoms:
        cost = np.zeros(matrix.shape[1])
        cost[atom] = 1.0
        down = linprog(cost, A_ub=sides, b_ub=ends, method="highs-ds")
        if down.status == 2:
            return None
        up = linprog(-cost, A_ub=sides, b_ub=ends, method="highs-ds")
        found.append((down.fun, None if up.status in (3, 4) else -up.fun))
    return found


def _r4(count: int) -> tuple[int, int]:
    figure = 5 * ((count + 2) // 5)
    return (0, 9) if count < 10 else (max(figure - 2, 10), figure + 2)


@st.composite
def worlds(draw: st.DrawFn, largest: int = 40, rule=_r4, sizes=((2, 3), (1, 3), (1, 2))) -> World:
    """Small worlds with tables of some of the variables; now and then a cell is hidden secondarily."""
    variables = {f"v{i}": tuple(f"c{j}" for j in range(draw(st.integers(*size)))) for i, size in enumerate(sizes)}
    atoms = list(product(*variables.values()))
    truth = [draw(st.integers(0, largest)) for _ in atoms]
    names = list(variables)
    tables = draw(st.lists(st.sets(st.sampled_from(names)), min_size=1, max_size=4))
    rows: list[tuple[str, dict[str, str], int, int | None]] = []
    for number, by in enumerate(tables):
        for codes in product(*(variables[v] for v in sorted(by))):
            row = dict(zip(sorted(by), codes, strict=True))
            count = sum(
                n
                for n, atom in zip(truth, atoms, strict=True)
                if all(atom[names.index(v)] == c for v, c in row.items())
            )
            low, high = rule(count)
            if low >= 10 and draw(st.integers(0, 5)) == 0:
                rows.append((f"t{number}", row, 10, None))
            else:
                rows.append((f"t{number}", row, low, high))
    return World(variables, rows)


def _same(mine: tuple[Interval, ...], others: list[tuple[float, float | None]]) -> None:
    for interval, (low, high) in zip(mine, others, strict=True):
        assert interval.low == pytest.approx(low, abs=1e-6)
        assert (interval.high is None) == (high is None)
        assert high is None or interval.high == pytest.approx(high, abs=1e-6)


@settings(max_examples=60)
@given(worlds())
def test_intervals_and_verdict_are_scipys(world):
    others = by_scipy(world, list(range(len(world.atoms))))
    assert others is not None  # there is a true table
    _same(attackers_intervals([world.universe], world.cells, world.targets), others)
    report = audit([world.universe], world.cells, least_upper=T)
    failing = [high for _, high in others if high is not None and 1 - 1e-6 <= high < T - 1e-6]
    assert report.failing == len(failing)
    assert report.passed == (not failing)
    for table in report.tables:
        inside = np.any([world.covers(row) for name, row, _, _ in world.rows if name == table.table], axis=0)
        here = [pair for pair, covered in zip(others, inside, strict=True) if covered]
        small = [high - low for low, high in here if high is not None and low <= 4 + 1e-6 and high >= 1 - 1e-6]
        assert table.atoms == len(here)
        assert table.failing == sum(high is not None and 1 - 1e-6 <= high < T - 1e-6 for _, high in here)
        assert (table.narrowest is None) == (not small)
        assert table.narrowest is None or table.narrowest.width == pytest.approx(min(small), abs=1e-5)


@given(worlds())
def test_tables_that_pin_are_enough(world):
    """Without all other tables the same atoms still fail: what is named is the proof."""
    report = audit([world.universe], world.cells, least_upper=T)
    pinning = {name for table in report.tables for name in table.pinned_by}
    kept = [cell for cell in world.cells if cell.table in pinning]
    assert bool(pinning) == bool(report.failing)
    if pinning:
        assert audit([world.universe], kept, least_upper=T).failing == report.failing


@given(worlds(), st.randoms())
def test_order_of_cells_codes_and_variables_changes_nothing(world, random):
    report = audit([world.universe], world.cells, least_upper=T)
    cells = list(world.cells)
    random.shuffle(cells)
    variables = [(name, tuple(random.sample(codes, len(codes)))) for name, codes in world.variables.items()]
    random.shuffle(variables)
    again = audit([Universe("u", tuple(variables))], cells, least_upper=T)
    assert (again.reasons, again.failing, again.atoms) == (report.reasons, report.failing, report.atoms)
    for table, other in zip(report.tables, again.tables, strict=True):
        assert (table.table, table.cells, table.atoms, table.failing) == (
            other.table,
            other.cells,
            other.atoms,
            other.failing,
        )
        widths = [None if t.narrowest is None else pytest.approx(t.narrowest.width, abs=1e-5) for t in (table, other)]
        assert widths[0] == (None if other.narrowest is None else other.narrowest.width)


def _loose(count: int) -> tuple[int, int]:
    return (max(count - 1, 0), count + 1)


@settings(max_examples=60)
@given(worlds(largest=2, rule=_loose, sizes=((2, 2), (2, 2), (1, 1))))
def test_whole_intervals_are_those_of_every_table_tried(world):
    capped = [any(covers[i] for covers in map(world.covers, (r[1] for r in world.rows))) for i in range(4)]
    assume(all(capped))  # otherwise an atom can be any number, and there is no end of tables
    largest = max(high for *_, high in world.rows)
    tables = [
        table
        for table in product(range(largest + 1), repeat=len(world.atoms))
        if all(low <= sum(np.array(table)[world.covers(row)]) <= high for _, row, low, high in world.rows)
    ]
    expected = [(min(column), max(column)) for column in zip(*tables, strict=True)]
    whole = attackers_intervals([world.universe], world.cells, world.targets, whole=True)
    linear = attackers_intervals([world.universe], world.cells, world.targets)
    assert [(interval.low, interval.high) for interval in whole] == expected
    for outer, inner in zip(linear, whole, strict=True):
        assert outer.low <= inner.low + 1e-6
        assert outer.high >= inner.high - 1e-6


@given(worlds(largest=20), st.integers(1, 30))
def test_cells_that_contradict_each_other_are_found(world, more):
    """A second total that no table has: scipy and the audit agree whether anything is left."""
    low = sum(low for _, row, low, _ in world.rows if not row) + more
    broken = World(world.variables, [*world.rows, ("total", {}, low, low), ("other_total", {}, low + 3, low + 5)])
    assert by_scipy(broken, [0]) is None
    report = audit([broken.universe], broken.cells, least_upper=T)
    assert not report.passed
    assert any("contradict each other: they cannot all be true" in reason for reason in report.reasons)
    with pytest.raises(ProblemError, match="contradict each other"):
        attackers_intervals([broken.universe], broken.cells, broken.targets)


def test_scipy_has_the_same_intervals_of_the_people(people):
    """On the inner tables of the 1,500 people, one site at a time for scipy's sake: a site's cells have its wards alone."""
    cells = people.inner()
    codes = dict(people.universe.variables)
    atoms = [dict(zip(codes, atom, strict=True)) for atom in product(*codes.values())]
    wards = {ward for ward, site in people.site_of.items() if site == min(people.site_of.values())}
    own = [cell for cell in cells if cell.where["ward"] <= wards]
    columns = [atom for atom in atoms if atom["ward"] in wards]
    assert len(columns) == 480
    matrix = csr_array(
        np.array([[all(atom[v] in c for v, c in cell.where.items()) for atom in columns] for cell in own], dtype=float)
    )
    ends = np.array([cell.high for cell in own] + [-cell.low for cell in own], dtype=float)
    sides = vstack([matrix, -matrix])
    asked = columns[::12]
    targets = [Target("people", {v: frozenset([c]) for v, c in atom.items()}) for atom in asked]
    mine = attackers_intervals([people.universe], cells, targets)
    for atom, interval in zip(asked, mine, strict=True):
        cost = np.array([float(column == atom) for column in columns])
        low = linprog(cost, A_ub=sides, b_ub=ends, method="highs").fun
        high = -linprog(-cost, A_ub=sides, b_ub=ends, method="highs").fun
        assert interval == pytest.approx((low, high), abs=1e-6)
