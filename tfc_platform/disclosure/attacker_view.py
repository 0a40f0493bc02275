"""What an attacker reads off the published tables: intervals for cells, and the atoms that they sum over.

Belongs here: turning figures, statuses and the rules into the audit's universes and cells. Does not belong: solving
(`audit`), or the true counts. Tables of counts are read as they are published, by the register alone; of a survey estimate the
attacker is taken to know numerator and base exactly, as R7 says, so these come from the snapshot.

Everything ever published is read together: a figure that was said cannot be taken back. Versions of a revised snapshot are
populations of their own, which the minimum change keeps apart (`revise`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tfc_platform.disclosure.audit import PublishedCell, Universe
from tfc_platform.disclosure.change_tables import MOVES, change_row
from tfc_platform.disclosure.lock_calendar import quarters_of_year
from tfc_platform.disclosure.outcome_tables import Domain, domain_of
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.snapshots import Snapshot
from tfc_platform.publication.publication_register import ALL, ChangeTable, CountTable, OutcomeTable, PersonTable
from tfc_platform.publication.released_table import CellValue, ReleaseError, ReleaseTable, Status

__all__ = ["ELSEWHERE", "Counted", "Paired", "Problem", "Published", "Surveyed", "problem", "quarter_label"]

# Where else persons can be than in the codes that a table shows: a venue that nobody wrote down, or outside the footprint.
ELSEWHERE = "elsewhere"


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
    """A universe of one survey's answers to one indicator; `snapshot` is its id and version."""

    snapshot: tuple[str, int]
    indicator: str
    measure: str


@dataclass(frozen=True)
class Paired:
    """A universe of linked pairs: how many improved, stayed and got worse, of the row of a snapshot's change that `row` names."""

    snapshot: tuple[str, int]
    row: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """What the audit is given, and by universe what it counts: who has the snapshots can fill in the truth (`truth`)."""

    universes: tuple[Universe, ...]
    cells: tuple[PublishedCell, ...]
    counts: Mapping[str, Counted | Surveyed | Paired]


@dataclass(frozen=True)
class _Row:
    """The figures of one row: by measure its value and status."""

    keys: tuple[CellValue, ...]
    figures: Mapping[str, tuple[float | None, str]]


def problem(published: Iterable[Published], snapshots: Mapping[tuple[str, int], Snapshot]) -> Problem:
    """Universes and cells of everything published, for `audit`.

    A cell's key is its table and keys, as `unit_of` takes them. `snapshots` are by id and version, and are read for
    survey estimates alone.

    :raises ReleaseError: where a table has not the keys that its register says.
    """
    found = _Found()
    for release in published:
        tables = {table.name: table for table in release.tables}
        counts, outcomes = _Counts(release.policy, found), _Outcomes(release.policy, found)
        for spec in release.register:
            if spec.table not in tables:
                continue
            if tables[spec.table].key_names != spec.keys:
                raise ReleaseError(f"Table {spec.table} was published by another register than this one.")
            rows = list(_rows(tables[spec.table]))
            if isinstance(spec, CountTable):
                counts.add(spec, rows, release.versions)
            elif isinstance(spec, OutcomeTable):
                outcomes.add(spec, rows, release.versions, snapshots)
            else:
                _add_changes(spec, rows, release.versions, snapshots, found)
    return Problem(tuple(found.universes()), tuple(found.cells.values()), found.counts)


def _rows(table: ReleaseTable) -> Iterator[_Row]:
    names = [column.name for column in table.columns]
    measure, value, status = (names.index(name) for name in ("measure", "value", "status"))
    found: dict[tuple[CellValue, ...], dict[str, tuple[float | None, str]]] = {}
    for row in table.rows:
        found.setdefault(row[: table.keys], {})[row[measure]] = (row[value], row[status])
    return (_Row(keys, figures) for keys, figures in found.items())


@dataclass
class _Found:
    """Universes and cells as they are met: each code of a universe once, and each cell that says the same once."""

    codes: dict[str, dict[str, dict[str, None]]] = field(default_factory=dict)
    cells: dict[tuple[object, ...], PublishedCell] = field(default_factory=dict)
    counts: dict[str, Counted | Surveyed | Paired] = field(default_factory=dict)

    def add(self, cell: PublishedCell, elsewhere: Iterable[str], counts: Counted | Surveyed | Paired) -> None:
        self.counts[cell.universe] = counts
        codes = self.codes.setdefault(cell.universe, {})
        for variable, chosen in cell.where.items():
            first = (ELSEWHERE,) if variable in elsewhere else ()
            codes.setdefault(variable, {}).update(dict.fromkeys((*first, *sorted(chosen))))
        what = tuple(sorted((variable, tuple(sorted(chosen))) for variable, chosen in cell.where.items()))
        self.cells.setdefault((cell.table, cell.universe, what, cell.low, cell.high), cell)

    def universes(self) -> list[Universe]:
        return [
            # A universe that every cell sums over whole has one atom all the same.
            Universe(
                name, tuple((v, tuple(codes)) for v, codes in sorted(variables.items())) or (("everybody", ("1",)),)
            )
            for name, variables in sorted(self.codes.items())
        ]


class _Counts:
    """Counts of one mart's measure at one site: atoms are quarters by every dimension that any table shows."""

    def __init__(self, policy: DisclosurePolicy, found: _Found) -> None:
        self.policy = policy
        self.found = found

    def add(self, spec: CountTable, rows: Iterable[_Row], versions: Mapping[str, int]) -> None:
        for row in rows:
            site, period = str(row.keys[0]), str(row.keys[1])
            quarters = quarters_of_year(period) if spec.period == "year" else (period,)
            for measure in spec.measures:
                if measure.column is None or measure.counts != "persons":
                    continue
                bounds = self._interval(spec, measure.column, row, row.figures[measure.name])
                if bounds is None:
                    continue
                only = tuple(sorted(spec.only.items()))
                counted = Counted(spec.record, spec.mart, measure.column, site, only)
                universe = "|".join([spec.mart, measure.column, site, *(f"{name}={value}" for name, value in only)])
                where = {"quarter": frozenset(_labels(spec.record, site, quarters, versions))}
                for name, code in zip(spec.dimensions, row.keys[2:], strict=True):
                    if code != ALL:
                        where[name] = frozenset([str(code)])
                elsewhere = spec.dimensions if spec.partial else ()
                self.found.add(
                    PublishedCell(spec.table, universe, where, *bounds, (spec.table, row.keys)), elsewhere, counted
                )

    def _interval(
        self, spec: CountTable, column: str, row: _Row, figure: tuple[float | None, str]
    ) -> tuple[int, int | None] | None:
        """What the figure and the rules say; none where they say nothing."""
        value, status = figure
        threshold, half = self.policy.threshold_persons, self.policy.rounding_base // 2
        if status in (Status.NOT_AVAILABLE, Status.NOT_APPLICABLE):
            return None
        if value is not None:
            low, high = int(value) - half, int(value) + half
            return max(low, threshold), high
        if status == Status.SUPPRESSED_SECONDARY:
            return 0, None  # withheld with its whole unit, whatever its own size
        first = column == spec.measures[0].column
        if spec.rule == "persons":
            # What goes with the count (hours) is hidden with it, whatever its own value.
            return (0, threshold - 1) if first else (0, None)
        return self._few_heads(row) if first else (0, None)

    def _few_heads(self, row: _Row) -> tuple[int, int | None]:
        """R5 suppressed: sessions are published, and where there are enough of them none was large."""
        limits = self.policy.head_count
        sessions = row.figures.get("sessions_delivered", (None, ""))[0]
        if sessions is None:
            return 0, None
        if sessions == 0:
            return 0, 0
        return 0, int(sessions) * (limits.largest_session - 1) if sessions >= limits.sessions else None


class _Outcomes:
    """One survey's indicator: atoms are the breakdown's codes by whether an answer is positive."""

    def __init__(self, policy: DisclosurePolicy, found: _Found) -> None:
        self.policy = policy
        self.found = found

    def add(
        self,
        spec: OutcomeTable,
        rows: Iterable[_Row],
        versions: Mapping[str, int],
        snapshots: Mapping[tuple[str, int], Snapshot],
    ) -> None:
        by_wave = {(s.record, s.site, s.name, s.version): s for s in snapshots.values()}
        measures: dict[str, dict[str, str]] = {}
        for row in rows:
            site, population, wave, indicator, breakdown, value = map(str, row.keys)
            version = _version(spec.record, site, f"{population} {wave}", versions)
            snapshot = by_wave.get((spec.record, site, f"{population} {wave}", version))
            if snapshot is None:
                continue  # not locked: nothing of it is published
            if snapshot.label not in measures:
                asked = snapshot.codes.get("indicator", ())
                measures[snapshot.label] = {code["indicator"]: code["measure"] for code in asked}
            measure = measures[snapshot.label][indicator]
            domain = domain_of(snapshot, indicator, measure, breakdown, value)
            universe = f"{snapshot.label}|{indicator}"
            surveyed = Surveyed((snapshot.id, snapshot.version), indicator, measure)
            where = {} if breakdown == ALL else {breakdown: frozenset([value])}
            status, key = row.figures["estimate"][1], (spec.table, row.keys)
            for cell in _parts(domain, where):
                bounds = self._interval(status, cell.persons)
                self.found.add(PublishedCell(spec.table, universe, cell.where, *bounds, key), where, surveyed)
            if breakdown != ALL:
                self._elsewhere(spec.table, universe, snapshot, surveyed, breakdown)

    def _elsewhere(self, table: str, universe: str, snapshot: Snapshot, what: Surveyed, breakdown: str) -> None:
        """Who said nothing of the breakdown is in no row of it. How many they are, the attacker is taken to know."""
        codes = {code[breakdown] for code in snapshot.codes.get(breakdown, ())}
        rows = [
            row
            for row in snapshot.frozen["mart_outcome_cell"]
            if (row["indicator"], row["measure"]) == (what.indicator, what.measure) and row[breakdown] not in codes
        ]
        positive = sum(row["positive"] or 0 for row in rows) if what.measure.startswith("percent") else None
        domain = Domain(sum(row["n"] for row in rows), positive, 0)
        for cell in _parts(domain, {breakdown: frozenset([ELSEWHERE])}):
            self.found.add(PublishedCell(table, universe, cell.where, cell.persons, cell.persons), (), what)

    def _interval(self, status: str, count: int) -> tuple[int, int | None]:
        # Which of R7's limits an estimate missed is not told, so the rule bounds no part of it.
        return (count, count) if status == Status.ROUNDED else (0, None)


def _add_changes(
    spec: ChangeTable,
    rows: Iterable[_Row],
    versions: Mapping[str, int],
    snapshots: Mapping[tuple[str, int], Snapshot],
    found: _Found,
) -> None:
    """What a published change tells: of a panel its three directions, of cross-sections both waves' numerators and bases."""
    by_wave = {(s.record, s.site, s.name, s.version): s for s in snapshots.values()}
    for row in rows:
        if row.figures["difference"][1] != Status.ROUNDED:
            continue
        site, population, indicator, design, *waves = map(str, row.keys)
        names = [f"{population} {wave}" for wave in waves]
        earlier, later = (by_wave[spec.record, site, n, _version(spec.record, site, n, versions)] for n in names)
        frozen = change_row(later, (indicator, design, *waves))
        if frozen is None:
            continue
        key = (spec.table, row.keys)
        if design == "panel":
            paired = Paired((later.id, later.version), (indicator, design, *waves))
            for move in MOVES:
                where = {"move": frozenset([move])}
                count = int(frozen[move])
                found.add(
                    PublishedCell(spec.table, f"{later.label}|{indicator}|pairs", where, count, count, key), (), paired
                )
            continue
        for wave in (earlier, later):
            surveyed = Surveyed((wave.id, wave.version), indicator, frozen["measure"])
            for part in _parts(domain_of(wave, indicator, frozen["measure"], ALL, ALL), {}):
                universe = f"{wave.label}|{indicator}"
                found.add(
                    PublishedCell(spec.table, universe, part.where, part.persons, part.persons, key), (), surveyed
                )


class _Part(NamedTuple):
    where: Mapping[str, frozenset[str]]
    persons: int


def _parts(domain: Domain, where: Mapping[str, frozenset[str]]) -> list[_Part]:
    """The counts behind an estimate: numerator and what is left of the base; of a mean the base alone."""
    if domain.positive is None:
        return [_Part(where, domain.base)]
    return [
        _Part({**where, "answer": frozenset(["positive"])}, domain.positive),
        _Part({**where, "answer": frozenset(["other"])}, domain.base - domain.positive),
    ]


def _version(record: str, site: str, name: str, versions: Mapping[str, int]) -> int:
    return versions.get(f"{record}/{site}/{name}", 0)


def _labels(record: str, site: str, quarters: Iterable[str], versions: Mapping[str, int]) -> set[str]:
    """Quarters in their versions; those of all sites together are each site's."""
    sites = sorted({key.split("/")[1] for key in versions if key.startswith(f"{record}/")}) if site == ALL else [site]
    marks = {quarter: [_version(record, one, quarter, versions) for one in sites] for quarter in quarters}
    return {quarter_label(quarter, mark) for quarter, mark in marks.items()}


def quarter_label(quarter: str, versions: Iterable[int]) -> str:
    """A quarter in the version of its snapshot, of all sites together in those of each: `2025-Q2@1`."""
    return f"{quarter}@{'.'.join(map(str, versions))}"
