"""What a reader reads off the published tables: intervals for cells, and the atoms that they sum over.

Tables of counts are read as they are published, by the register and these rules only (`attacker_counts`). Of a survey estimate
the reader is taken to know numerator and base exactly, as R7 says, so these come from the snapshot (`attacker_surveys`).
What each kind of figure tells is in `attacker_knowledge`.

Everything ever published is read together: what was published cannot be taken back. Versions of a revised snapshot are of the
same people: an atom has a code for each run of versions that people are in (`version_codes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from tfc_platform.disclosure.audit import PublishedCell, Universe
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.snapshots import FrozenRow, Snapshot
from tfc_platform.publication.publication_register import PersonTable
from tfc_platform.publication.released_table import CellValue, ReleaseTable

__all__ = [
    "ELSEWHERE",
    "AuditCells",
    "Counted",
    "Paired",
    "Problem",
    "Published",
    "PublishedRow",
    "Shared",
    "Surveyed",
    "audit_cells",
    "flows_of",
    "problem",
    "published_rows",
    "rule_out_unmoved",
    "run_code",
    "run_codes",
    "version_codes",
]

# Where else people can be than in the codes that a table shows: a venue that nobody wrote down, or outside the footprint.
ELSEWHERE = "elsewhere"
EVERYBODY = "everybody"


@dataclass(frozen=True)
class Published:
    """Tables as one release shows them, with the version of each snapshot behind them, and the rules that they were made by."""

    tables: Sequence[ReleaseTable]
    versions: Mapping[str, int]
    register: Sequence[PersonTable]
    policy: DisclosurePolicy


@dataclass(frozen=True)
class Counted:
    """A universe of counts: one figure of a mart at a site (`all`: at all of them), of the rows that `only` chooses."""

    record: str
    mart: str
    column: str
    site: str
    only: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Surveyed:
    """A universe of one survey's answers: to a question, or the bands of a scale (`bands`: indicator by band)."""

    snapshot: str
    indicator: str
    measure: str
    bands: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Paired:
    """A universe of linked pairs: how many improved, stayed and got worse, of the row of a snapshot's change that `row` names."""

    snapshot: tuple[str, int]
    row: tuple[str, ...]


@dataclass(frozen=True)
class Shared:
    """A universe of one wave's answers to a question, in the clusters of both waves of a change and in others.

    Of the row of a snapshot's change that `row` names; `base` is the column with the first ones; `whole` are all.
    """

    snapshot: tuple[str, int]
    row: tuple[str, ...]
    base: str
    whole: int


Population = Counted | Surveyed | Paired | Shared


@dataclass(frozen=True)
class Problem:
    """What the audit is given, and by universe what it counts: who has the snapshots can fill in the truth (`truth`)."""

    universes: tuple[Universe, ...]
    cells: tuple[PublishedCell, ...]
    counts: Mapping[str, Population]


@dataclass(frozen=True)
class PublishedRow:
    """The figures of one row: by measure its value and status."""

    keys: tuple[CellValue, ...]
    figures: Mapping[str, tuple[float | None, str]]


def problem(published: Iterable[Published], snapshots: Mapping[tuple[str, int], Snapshot]) -> Problem:
    """Universes and cells of everything published, for `audit`: see `audit_cells`."""
    cells = audit_cells(published, snapshots)
    return Problem(tuple(cells.universes()), tuple(cells.cells.values()), cells.counts)


def audit_cells(published: Iterable[Published], snapshots: Mapping[tuple[str, int], Snapshot]) -> AuditCells:
    """The cells of everything published, and their universes.

    A cell's key is its table and keys, as `unit_of` takes them. `snapshots` are by id and version.

    :raises ReleaseError: where a table has not the keys that its register says, or a figure whose meaning is not written down.
    """
    from tfc_platform.disclosure.attacker_counts import CountReader
    from tfc_platform.disclosure.attacker_surveys import SurveyReader

    cells = AuditCells()
    counts, surveys = CountReader(cells, snapshots), SurveyReader(cells, snapshots)
    for release in published:
        tables = {table.name: table for table in release.tables}
        for spec in release.register:
            if spec.table in tables:
                rows = published_rows(tables[spec.table], spec)
                if not counts.read(spec, rows, release):
                    surveys.read(spec, rows, release)
    counts.finish()
    surveys.finish()
    return cells


def published_rows(table: ReleaseTable, spec: PersonTable) -> list[PublishedRow]:
    """The rows of a table, a row of keys each.

    :raises ReleaseError: where the table has not the keys that its register says, or a figure whose meaning is not written down.
    """
    from tfc_platform.disclosure.attacker_knowledge import require_knowledge
    from tfc_platform.publication.released_table import ReleaseError

    if table.key_names != spec.keys:
        raise ReleaseError(f"Table {spec.table} was published by another register than this one.")
    names = [column.name for column in table.columns]
    measure, value, status = (names.index(name) for name in ("measure", "value", "status"))
    rows: dict[tuple[CellValue, ...], dict[str, tuple[float | None, str]]] = {}
    for row in table.rows:
        rows.setdefault(row[: table.keys], {})[row[measure]] = (row[value], row[status])
    require_knowledge(spec, {name for figures in rows.values() for name in figures})
    return [PublishedRow(keys, figures) for keys, figures in rows.items()]


@dataclass
class AuditCells:
    """Universes and cells as they are met: each code of a universe once, and each cell that says the same once.

    `impossible`: by universe, combinations (variable to code) in which nobody can be.
    """

    codes: dict[str, dict[str, dict[str, None]]] = field(default_factory=dict)
    cells: dict[tuple[object, ...], PublishedCell] = field(default_factory=dict)
    counts: dict[str, Population] = field(default_factory=dict)
    impossible: dict[str, set[frozenset[tuple[str, str]]]] = field(default_factory=dict)

    def add(self, cell: PublishedCell, counts: Population, others: Mapping[str, Iterable[str]] = {}) -> None:
        """A cell; `others` are codes that its universe has beside those that the cell names."""
        self.counts[cell.universe] = counts
        codes = self.codes.setdefault(cell.universe, {})
        for where in (others, cell.where, *cell.also):
            for variable, chosen in where.items():
                codes.setdefault(variable, {}).update(dict.fromkeys(sorted(chosen)))
        what = frozenset(frozenset(where.items()) for where in (cell.where, *cell.also))
        self.cells.setdefault((cell.table, cell.universe, what, cell.low, cell.high), cell)

    def rule_out(self, universe: str, where: Mapping[str, frozenset[str]]) -> None:
        """Nobody can be in these codes, and everybody knows."""
        names = sorted(where)
        chosen = product(*(sorted(where[name]) for name in names))
        combinations = {frozenset(zip(names, codes, strict=True)) for codes in chosen}
        self.impossible.setdefault(universe, set()).update(combinations)

    def universes(self) -> Iterator[Universe]:
        for name, variables in sorted(self.codes.items()):
            # A universe that every cell sums over whole has one atom all the same.
            codes = tuple((v, tuple(sorted(codes))) for v, codes in sorted(variables.items())) or ((EVERYBODY, ("1",)),)
            empty = self.impossible.get(name)
            yield Universe(
                name, codes, None if empty is None else _rule_out(empty), not isinstance(self.counts[name], Surveyed)
            )


def _rule_out(combinations: set[frozenset[tuple[str, str]]]) -> Callable[[Mapping[str, str]], bool]:
    """Whether an atom has all codes of one of these combinations."""
    by_variables: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for combination in combinations:
        variables, codes = zip(*sorted(combination), strict=True)
        by_variables.setdefault(variables, set()).add(codes)
    return lambda atom: any(tuple(atom[v] for v in variables) in known for variables, known in by_variables.items())


def version_codes(name: str, version: int, versions: Iterable[int]) -> frozenset[str]:
    """The codes of the runs of versions that have `version`: of a snapshot's part `name` that has these versions."""
    return run_codes(name, versions, lambda first, last: first <= version <= last)


def run_codes(name: str, versions: Iterable[int], chosen: Callable[[int, int], bool]) -> frozenset[str]:
    """The codes of the runs, by first and last version, that `chosen` takes: `2025-Q2@1`, `2025-Q2@1-2`.

    Whoever was in a run of versions came with the first and left after the last. Who left and came back is two people here.
    """
    known = sorted(set(versions))
    runs = [(first, last) for first in known for last in known if first <= last and chosen(first, last)]
    return frozenset(f"{name}@{run_code(first, last)}" for first, last in runs)


def run_code(first: int, last: int) -> str:
    """A run of versions: `1`, `1-2`."""
    return str(first) if first == last else f"{first}-{last}"


def rule_out_unmoved(
    cells: AuditCells, universe: str, snapshot: Snapshot, runs: Mapping[str, tuple[frozenset[str], frozenset[str]]]
) -> None:
    """Where nobody came with a version, or left before it, a reader is taken to know that.

    `runs`: the variable of the versions, to the codes of those who came and of those who left.
    """
    ((variable, (came, left)),) = runs.items()
    names = [name for name in cells.codes[universe] if name not in (variable, EVERYBODY)]
    for codes in product(*(cells.codes[universe][name] for name in names)):
        atom = dict(zip(names, codes, strict=True))
        rows = [
            row
            for row in snapshot.flows or ()
            if all(
                row.get(name) == code or (code == ELSEWHERE and row.get(name) not in cells.codes[universe][name])
                for name, code in atom.items()
            )
        ]
        where = {name: frozenset([code]) for name, code in atom.items()}
        for moved, chosen in (("came", came), ("left", left)):
            if not any(row[moved] for row in rows):
                cells.rule_out(universe, {**where, variable: chosen})


def flows_of(snapshot: Snapshot, where: Mapping[str, Any]) -> tuple[int, int] | None:
    """How many came and left in a cell with this version of a snapshot; none where that was not kept."""
    if snapshot.flows is None:
        return None
    rows: list[FrozenRow] = [
        row for row in snapshot.flows if all(row.get(name) == value for name, value in where.items())
    ]
    return sum(row["came"] for row in rows), sum(row["left"] for row in rows)
