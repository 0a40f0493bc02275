"""The linear system behind all published cells: equal rows and equal columns merged, cut into connected parts.

A row is a set of atoms with the narrowest interval that any cell over exactly this set has. Atoms in exactly the same rows are
one column, a *group*: only their sum meets the rows, so whatever the sum can be, each single atom of the group can be too.
Rows and columns are ordered by what they hold: the order in which cells, codes and universes come changes nothing.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise, product
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from tfc_platform.disclosure.audit.problem import Atom, ProblemError, PublishedCell, Universe

__all__ = ["Component", "System", "SystemRow", "build"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
IMPOSSIBLE, FREE = -1, -2


@dataclass
class SystemRow:
    """All cells over one set of atoms. `atoms` are positions, rising; the interval is what their intervals have in common."""

    atoms: Ints
    cells: list[int]
    low: int
    high: float

    def lower_cells(self, cells: Sequence[PublishedCell]) -> list[int]:
        """The cells that give the lower end."""
        return [cell for cell in self.cells if cells[cell].low == self.low]

    def upper_cells(self, cells: Sequence[PublishedCell]) -> list[int]:
        """The cells that give the upper end."""
        return [cell for cell in self.cells if cells[cell].high == self.high]


@dataclass(frozen=True)
class Component:
    """A connected part: low <= A y <= high, y >= 0. A is 0 or 1, by column: j has the rows indices[starts[j]:starts[j + 1]].

    `rows` and `groups` say which rows and groups of the system these are; `sizes` how many atoms each group has; `zero_is_safe`
    whether a group may be known to be empty.
    """

    rows: tuple[int, ...]
    groups: Ints
    starts: npt.NDArray[np.int32]
    indices: npt.NDArray[np.int32]
    low: Floats
    high: Floats
    sizes: Ints
    zero_is_safe: npt.NDArray[np.bool_]

    @property
    def signature(self) -> bytes:
        """Equal for components whose matrix, bounds and single atoms are equal, so that one solution serves all."""
        parts = (self.starts, self.indices, self.low, self.high, self.sizes > 1, self.zero_is_safe)
        return b"|".join([len(self.rows).to_bytes(4, "big"), *(part.tobytes() for part in parts)])

    @cached_property
    def matrix(self) -> csr_array:
        """A as a sparse array of rows by groups."""
        columns = np.repeat(np.arange(len(self.groups)), np.diff(self.starts))
        ones = np.ones(len(self.indices))
        return csr_array(coo_array((ones, (self.indices, columns)), shape=(len(self.rows), len(self.groups))))

    def high_of(self, group: int) -> float:
        """The least upper end of the group's rows."""
        return float(self.high[self.rows_of(group)].min())

    def rows_of(self, group: int) -> npt.NDArray[np.int32]:
        return self.indices[self.starts[group] : self.starts[group + 1]]


@dataclass
class System:
    """Everything published, as rows over groups of atoms.

    `group_of[position]` is the group of an atom, or IMPOSSIBLE, or FREE: in no row, so it may be any number. `row_of[cell]`
    counts in `row_atoms`, which has the atoms of every cell, also of those that bound nothing.
    `contradictions`: the tables of cells over one set of atoms whose intervals have nothing in common.
    """

    universes: dict[str, Universe]
    cells: tuple[PublishedCell, ...]
    offsets: dict[str, int]
    atoms: int
    rows: list[SystemRow]
    group_of: Ints
    components: list[Component]
    row_of: list[int] = field(default_factory=list)
    row_atoms: list[Ints] = field(default_factory=list)
    contradictions: list[frozenset[str]] = field(default_factory=list)

    def tables(self, rows: Iterable[int]) -> frozenset[str]:
        """The tables with a cell in these rows."""
        return frozenset(self.cells[cell].table for row in rows for cell in self.rows[row].cells)

    @cached_property
    def members(self) -> list[list[int]]:
        """The positions of each group's atoms, rising."""
        order = np.argsort(self.group_of, kind="stable")
        order = order[self.group_of[order] >= 0]
        groups = self.group_of[order]
        first = np.searchsorted(groups, np.arange(groups.max(initial=-1) + 2))
        return [order[start:end].tolist() for start, end in pairwise(first.tolist())]

    def position(self, atom: Atom) -> int:
        """Where the atom stands in `group_of`.

        :raises ProblemError: where there is no such universe or combination.
        """
        universe = self.universes.get(atom.universe)
        if universe is None or len(atom.codes) != len(universe.variables):
            raise ProblemError("An atom is of no universe of this system.")
        found = 0
        for (variable, codes), code in zip(universe.variables, atom.codes, strict=True):
            if code not in codes:
                raise ProblemError(f"An atom has a code that variable {variable} of {universe.name} does not have.")
            found = found * len(codes) + codes.index(code)
        return self.offsets[universe.name] + found

    @cached_property
    def _universe_starts(self) -> tuple[list[int], list[str]]:
        pairs = sorted((offset, name) for name, offset in self.offsets.items())
        return [offset for offset, _ in pairs], [name for _, name in pairs]

    def universe_at(self, position: int) -> str:
        """The name of the universe whose atom is at a position of `group_of`."""
        starts, names = self._universe_starts
        return names[bisect_right(starts, position) - 1]

    def zero_is_safe(self, position: int) -> bool:
        """Whether the atom at a position may be known to be empty."""
        return self.universes[self.universe_at(position)].zero_is_safe

    def atom(self, position: int) -> Atom:
        """The atom at a position of `group_of`."""
        name = self.universe_at(position)
        universe = self.universes[name]
        index = np.unravel_index(position - self.offsets[name], universe.shape)
        return Atom(name, tuple(codes[i] for (_, codes), i in zip(universe.variables, index, strict=True)))

    def box(self, name: str, where: dict[str, frozenset[str]] | Any, table: str) -> Ints:
        """The positions of all possible atoms of a universe in `where`, rising.

        :raises ProblemError: where the universe, a variable or a code of it is not known.
        """
        universe = self.universes.get(name)
        if universe is None:
            raise ProblemError(f"Table {table} counts in a universe that is not given.")
        unknown = set(where) - {variable for variable, _ in universe.variables}
        if unknown:
            raise ProblemError(f"Table {table} sums over {sorted(unknown)[0]}, which universe {name} does not have.")
        chosen = []
        for variable, codes in universe.variables:
            wanted = where.get(variable)
            if wanted is None:
                chosen.append(np.arange(len(codes)))
                continue
            index = [i for i, code in enumerate(codes) if code in wanted]
            if len(index) < len(wanted):
                raise ProblemError(
                    f"Table {table} has a code that variable {variable} of universe {name} does not have."
                )
            chosen.append(np.array(index, dtype=np.int64))
        flat = np.ravel_multi_index(np.ix_(*chosen), universe.shape).ravel() + self.offsets[name]
        return np.asarray(flat[self.group_of[flat] != IMPOSSIBLE], dtype=np.int64)


def build(universes: Iterable[Universe], cells: Iterable[PublishedCell], *, minima: bool = False) -> System:
    """The system of these cells: all of it that can bound an atom above, and with `minima` what bounds one below as well.

    :raises ProblemError: where a cell names a universe, a variable or a code that is not there, or two universes share a name.
    """
    by_name: dict[str, Universe] = {}
    for universe in sorted(universes, key=lambda universe: universe.name):
        if universe.name in by_name:
            raise ProblemError(f"There are two universes {universe.name}.")
        by_name[universe.name] = universe
    offsets, total = {}, 0
    for name, universe in by_name.items():
        offsets[name] = total
        total += math.prod(universe.shape)
    possible = np.concatenate([_possible(universe) for universe in by_name.values()]) if by_name else np.zeros(0, bool)
    system = System(
        universes=by_name,
        cells=tuple(sorted(cells, key=_order)),
        offsets=offsets,
        atoms=int(possible.sum()),
        rows=[],
        group_of=np.where(possible, FREE, IMPOSSIBLE).astype(np.int64),
        components=[],
    )
    _merge_rows(system)
    if not minima:
        _drop_free(system)
    _merge_columns(system)
    return system


def _order(cell: PublishedCell) -> tuple[Any, ...]:
    where = [sorted((variable, sorted(codes)) for variable, codes in box.items()) for box in (cell.where, *cell.also)]
    return (cell.universe, cell.table, where, cell.low, math.inf if cell.high is None else cell.high)


def _possible(universe: Universe) -> npt.NDArray[np.bool_]:
    impossible = universe.impossible
    if impossible is None:
        return np.ones(math.prod(universe.shape), dtype=bool)
    names = [variable for variable, _ in universe.variables]
    combinations = product(*(codes for _, codes in universe.variables))
    return np.fromiter((not impossible(dict(zip(names, codes, strict=True))) for codes in combinations), dtype=bool)


def _merge_rows(system: System) -> None:
    """One row for all cells over the same atoms: releases repeat each other, and tables share totals."""
    by_where: dict[tuple[str, frozenset[frozenset[tuple[str, frozenset[str]]]]], SystemRow] = {}
    by_atoms: dict[bytes, SystemRow] = {}
    number_of: dict[int, int] = {}
    for number, cell in enumerate(system.cells):
        boxes = (cell.where, *cell.also)
        key = (cell.universe, frozenset(frozenset(where.items()) for where in boxes))
        row = by_where.get(key)
        if row is None:
            atoms = np.unique(np.concatenate([system.box(cell.universe, where, cell.table) for where in boxes]))
            row = by_where[key] = by_atoms.setdefault(atoms.tobytes(), SystemRow(atoms, [], 0, math.inf))
        row.cells.append(number)
        system.row_of.append(number_of.setdefault(id(row), len(number_of)))
        row.low = max(row.low, cell.low)
        row.high = min(row.high, math.inf if cell.high is None else cell.high)
    system.row_atoms = [row.atoms for row in by_atoms.values()]
    for row in by_atoms.values():
        # No atom, no person: such a cell is 0.
        if row.low > (row.high if len(row.atoms) else 0):
            tables = {system.cells[cell].table for cell in row.cells}
            system.contradictions.append(frozenset(tables))
        elif len(row.atoms) and (row.low > 0 or row.high < math.inf):
            system.rows.append(row)


def _drop_free(system: System) -> None:
    """Without the rows that have no upper end and an atom that may be any number: they say nothing about the rest of theirs."""
    bounded = np.zeros(len(system.group_of), dtype=bool)
    for row in system.rows:
        if row.high < math.inf:
            bounded[row.atoms] = True
    system.rows = [row for row in system.rows if row.high < math.inf or bounded[row.atoms].all()]


def _merge_columns(system: System) -> None:
    if not system.rows:
        return
    lengths = np.array([len(row.atoms) for row in system.rows])
    atoms = np.concatenate([row.atoms for row in system.rows])
    row_numbers = np.repeat(np.arange(len(lengths)), lengths)
    order = np.lexsort((row_numbers, atoms))
    atoms, row_numbers = atoms[order], row_numbers[order].astype(np.int32)
    positions, first = np.unique(atoms, return_index=True)
    by_rows: dict[bytes, list[int]] = {}
    for position, start, end in zip(positions, first, [*first[1:], len(atoms)], strict=True):
        by_rows.setdefault(row_numbers[start:end].tobytes(), []).append(position)
    groups = sorted(by_rows.items(), key=lambda item: tuple(np.frombuffer(item[0], dtype=np.int32)))
    for number, (_, members) in enumerate(groups):
        system.group_of[members] = number
    system.components = _components(system, [np.frombuffer(rows, dtype=np.int32) for rows, _ in groups], groups)


def _components(
    system: System, columns: list[npt.NDArray[np.int32]], groups: list[tuple[bytes, list[int]]]
) -> list[Component]:
    n_rows = len(system.rows)
    lengths = np.array([len(column) for column in columns])
    numbers = np.repeat(np.arange(len(columns)), lengths)
    shape = (n_rows + len(columns), n_rows + len(columns))
    graph = coo_array((np.ones(len(numbers)), (np.concatenate(columns), numbers + n_rows)), shape=shape)
    count, label = connected_components(graph, directed=False)
    rows_in: list[list[int]] = [[] for _ in range(count)]
    groups_in: list[list[int]] = [[] for _ in range(count)]
    for row in range(n_rows):
        rows_in[label[row]].append(row)
    for group in range(len(columns)):
        groups_in[label[n_rows + group]].append(group)
    sizes = np.array([len(members) for _, members in groups])
    return [_component(system, rows, members, columns, sizes) for rows, members in zip(rows_in, groups_in, strict=True)]


def _component(
    system: System, rows: list[int], members: list[int], columns: list[npt.NDArray[np.int32]], sizes: Ints
) -> Component:
    rows, members = _canonical(system, rows, members, columns, sizes)
    local = {row: i for i, row in enumerate(rows)}
    entries = [sorted(local[row] for row in columns[group].tolist()) for group in members]
    starts = np.concatenate([[0], np.cumsum([len(entry) for entry in entries])]).astype(np.int32)
    return Component(
        rows=tuple(rows),
        groups=np.array(members, dtype=np.int64),
        starts=starts,
        indices=np.array([row for entry in entries for row in entry], dtype=np.int32),
        low=np.array([system.rows[row].low for row in rows], dtype=float),
        high=np.array([system.rows[row].high for row in rows], dtype=float),
        sizes=sizes[members],
        zero_is_safe=np.array([system.zero_is_safe(system.members[group][0]) for group in members], dtype=bool),
    )


def _canonical(
    system: System, rows: list[int], members: list[int], columns: list[npt.NDArray[np.int32]], sizes: Ints
) -> tuple[list[int], list[int]]:
    """Rows and groups in an order that two components of one pattern mostly share.

    Three rounds of colour refinement: a row is known by its bounds, a group by the colours of its rows, a row by the colours of
    its groups. What is still alike keeps the order of the system. Two alike components that end up in different orders are
    solved twice, which costs time and nothing else.
    """
    groups_of: dict[int, list[int]] = {row: [] for row in rows}
    for group in members:
        for row in columns[group].tolist():
            groups_of[row].append(group)
    row_colour = _ranks({row: (system.rows[row].high, system.rows[row].low, len(groups_of[row])) for row in rows})
    group_colour: dict[int, int] = {}
    for _ in range(3):
        group_colour = _ranks(
            {
                group: (bool(sizes[group] > 1), *sorted(row_colour[row] for row in columns[group].tolist()))
                for group in members
            }
        )
        row_colour = _ranks(
            {row: (row_colour[row], *sorted(group_colour[group] for group in groups_of[row])) for row in rows}
        )
    ordered = sorted(rows, key=lambda row: (row_colour[row], row))
    place = {row: i for i, row in enumerate(ordered)}
    return ordered, sorted(members, key=lambda group: sorted(place[row] for row in columns[group].tolist()))


def _ranks(values: dict[int, tuple[Any, ...]]) -> dict[int, int]:
    rank = {value: number for number, value in enumerate(sorted(set(values.values())))}
    return {item: rank[value] for item, value in values.items()}
