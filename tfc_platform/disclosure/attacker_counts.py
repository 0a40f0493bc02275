"""What a reader reads off tables of counts, with the numbers of sessions that stand beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product

from tfc_platform.disclosure.attacker_knowledge import Constraint, kind_of, knowledge_of
from tfc_platform.disclosure.attacker_view import (
    ELSEWHERE,
    AuditCells,
    Counted,
    Published,
    PublishedRow,
    flows_of,
    rule_out_unmoved,
    run_codes,
    version_codes,
)
from tfc_platform.disclosure.audit import PublishedCell
from tfc_platform.disclosure.lock_calendar import quarters_of_year
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.snapshots import Snapshot, counted_unit
from tfc_platform.publication.publication_register import ALL, CountTable, PersonMeasure, PersonTable
from tfc_platform.publication.released_table import CellValue, Status

__all__ = ["CountReader"]

SESSIONS = "sessions"  # what a message calls the published numbers of sessions, which are in several tables
ANY = 10**6  # sessions: as many as there may be
# A universe and a quarter in one version: what its sessions are known by.
Slice = tuple[str, str]


@dataclass
class _Margin:
    """One code of a dimension in a slice: its sessions whose heads are known, and whether each of them is known to be small.

    `shown` are the keys of shown cells: in each of them one session is large.
    """

    sessions: int
    is_small: bool = False
    shown: list[tuple[object, ...]] = field(default_factory=list)


@dataclass
class _Sessions:
    """All that the published sessions of one slice tell. `complete`: dimensions in whose codes every session is."""

    counted: Counted
    quarter: frozenset[str]
    large: int
    margins: dict[str, dict[str, _Margin]] = field(default_factory=dict)
    complete: set[str] = field(default_factory=set)


class CountReader:
    """Counts of one mart's measure at one site: atoms are quarters by every dimension that any table shows."""

    def __init__(self, cells: AuditCells, snapshots: Mapping[tuple[str, int], Snapshot]) -> None:
        self._cells = cells
        self._snapshots = {(s.record, s.site, s.name, s.version): s for s in snapshots.values()}
        self._versions: dict[tuple[str, str, str], list[int]] = {}
        for record, site, name, version in sorted(self._snapshots):
            self._versions.setdefault((record, site, name), []).append(version)
        self._sessions: dict[Slice, _Sessions] = {}
        self._revised: dict[tuple[str, str], tuple[Snapshot, tuple[frozenset[str], frozenset[str]]]] = {}
        self._years: list[tuple[str, list[frozenset[str]], tuple[object, ...]]] = []

    def read(self, spec: PersonTable, rows: Iterable[PublishedRow], release: Published) -> bool:
        """Add the cells of a table of counts; false of any other table."""
        if not isinstance(spec, CountTable):
            return False
        for row in rows:
            for measure in spec.measures:
                constraint = knowledge_of(spec.table, spec.rule, kind_of(spec, measure)).constraint
                if constraint in (Constraint.COUNT, Constraint.COUNT_BESIDE, Constraint.HEADS):
                    self._add(spec, measure, constraint, row, release)
        return True

    def _add(
        self, spec: CountTable, measure: PersonMeasure, constraint: Constraint, row: PublishedRow, release: Published
    ) -> None:
        assert measure.column is not None
        bounds = _interval(constraint, row, row.figures[measure.name], spec, release.policy)
        if bounds is None:
            return
        site, period = str(row.keys[0]), str(row.keys[1])
        quarters = quarters_of_year(period) if spec.period == "year" else (period,)
        only = tuple(sorted(spec.only.items()))
        counted = Counted(spec.record, spec.mart, measure.column, site, only)
        universe = "|".join([spec.mart, measure.column, site, *(f"{name}={value}" for name, value in only)])
        where = {"quarter": self._quarter_codes(spec.record, site, quarters, release.versions)}
        for name, code in zip(spec.dimensions, row.keys[2:], strict=True):
            if code != ALL:
                where[name] = frozenset([str(code)])
        others = dict.fromkeys(spec.dimensions, (ELSEWHERE,)) if spec.partial else {}
        key = (spec.table, row.keys)
        self._cells.add(PublishedCell(spec.table, universe, where, *bounds, key), counted, others)
        if spec.period == "quarter":
            self._add_flows(spec, counted, universe, where, key, release)
            self._note_sessions(spec, counted, universe, where, row, constraint, release)
        elif constraint is Constraint.HEADS and row.figures[measure.name][0] is not None:
            codes = [self._quarter_codes(spec.record, site, [quarter], release.versions) for quarter in quarters]
            self._years.append((universe, codes, key))

    # ------------------------------------------------------------------------------------------------- versions of a quarter

    def _quarter_codes(
        self, record: str, site: str, quarters: Iterable[str], versions: Mapping[str, int]
    ) -> frozenset[str]:
        """The codes of quarters in these versions; of all sites together those of each site."""
        sites = (
            sorted({key.split("/")[1] for key in versions if key.startswith(f"{record}/")}) if site == ALL else [site]
        )
        codes: set[str] = set()
        for one in sites:
            for quarter in quarters:
                version = versions.get(f"{record}/{one}/{quarter}", 0)
                known = self._versions.get((record, one, quarter), []) or [version]
                name = quarter if site != ALL else f"{one} {quarter}"
                codes |= version_codes(name, version, {*known, version})
        return frozenset(codes)

    def _add_flows(
        self,
        spec: CountTable,
        counted: Counted,
        universe: str,
        where: Mapping[str, frozenset[str]],
        key: tuple[str, tuple[CellValue, ...]],
        release: Published,
    ) -> None:
        """Of a revised quarter: a published cell gained nobody or enough people, and lost nobody or enough (R2)."""
        site, quarter = str(key[1][0]), str(key[1][1])
        version = release.versions.get(f"{spec.record}/{site}/{quarter}", 0)
        snapshot = self._snapshots.get((spec.record, site, quarter, version))
        if snapshot is None or version - 1 not in self._versions[spec.record, site, quarter]:
            return
        if counted.column != counted_unit(spec.record, dict(spec.only)):
            return  # what came and left is counted in the one figure that counts people
        group = {name: next(iter(codes)) for name, codes in where.items() if name != "quarter"}
        flows = flows_of(snapshot, {**dict(spec.only), **group})
        if flows is None:
            return
        least = release.policy.revision.minimum
        known = self._versions[spec.record, site, quarter]
        runs = (
            run_codes(quarter, known, lambda first, _: first == version),
            run_codes(quarter, known, lambda _, last: last == version - 1),
        )
        for count, codes in zip(flows, runs, strict=True):
            if count:
                within = {**where, "quarter": codes}
                self._cells.add(PublishedCell(spec.table, universe, within, least, None, key), counted)
        self._revised[universe, snapshot.label] = (snapshot, runs)

    # ------------------------------------------------------------------------------------------------------------- sessions

    def _note_sessions(
        self,
        spec: CountTable,
        counted: Counted,
        universe: str,
        where: Mapping[str, frozenset[str]],
        row: PublishedRow,
        constraint: Constraint,
        release: Published,
    ) -> None:
        """Keep what the row says of its sessions. Rows of one dimension, and totals, are margins of the same sessions."""
        known = _known_sessions(spec, row)
        if known is None or len(spec.dimensions) != 1 or spec.dimensions[0] not in where:
            return
        (dimension,) = spec.dimensions
        (code,) = where[dimension]
        quarter = where["quarter"]
        limits = release.policy.head_count
        sessions = self._sessions.setdefault(
            (universe, "|".join(sorted(quarter))), _Sessions(counted, quarter, limits.largest_session)
        )
        if not spec.partial:
            sessions.complete.add(dimension)
        margin = sessions.margins.setdefault(dimension, {}).setdefault(code, _Margin(known[1]))
        if constraint is not Constraint.HEADS:
            return
        value, status = row.figures[spec.measures[0].name]
        if status == Status.SUPPRESSED and known[0] >= limits.sessions:
            margin.is_small = True
        if value is not None:
            margin.shown.append((spec.table, row.keys))

    def finish(self) -> None:
        """Add what needs all tables: what sessions tell, and where nobody came or left."""
        self._add_what_sessions_tell()
        for (universe, _), (snapshot, runs) in sorted(self._revised.items()):
            rule_out_unmoved(self._cells, universe, snapshot, {"quarter": runs})

    def _add_what_sessions_tell(self) -> None:
        """Where no session can be, nobody is; what is in small sessions only is bounded by them; in a shown cell one session is
        large, so those who can be in a large one are as many."""
        for (universe, _), sessions in sorted(self._sessions.items()):
            margins = _with_elsewhere(sessions)
            names = list(margins)
            for number, one in enumerate(names):
                self._add_small(universe, sessions, {one: margins[one]})
                for other in names[number + 1 :]:
                    self._add_small(universe, sessions, {one: margins[one], other: margins[other]})
            for name in names:
                for code, margin in margins[name].items():
                    boxes = _boxes_of_large(sessions, margins, {name: code})
                    for key in margin.shown:
                        self._add_large(universe, sessions, boxes, key)
        for universe, quarters, key in self._years:
            slices = [self._sessions.get((universe, "|".join(sorted(codes)))) for codes in quarters]
            boxes = [
                box
                for codes, sessions in zip(quarters, slices, strict=True)
                for box in (
                    [{"quarter": codes}]
                    if sessions is None
                    else _boxes_of_large(sessions, _with_elsewhere(sessions), {})
                )
            ]
            some = next((sessions for sessions in slices if sessions is not None), None)
            if some is not None:
                self._add_large(universe, some, boxes, key)

    def _add_small(self, universe: str, sessions: _Sessions, margins: Mapping[str, Mapping[str, _Margin]]) -> None:
        """Bounds by the sessions of one code, or of a pair of codes of two dimensions: these are at most those of either."""
        for codes in product(*(margins[name].items() for name in margins)):
            most = min(margin.sessions for _, margin in codes)
            if most and (most == ANY or not any(margin.is_small for _, margin in codes)):
                continue
            where = {name: frozenset([code]) for name, (code, _) in zip(margins, codes, strict=True)}
            where["quarter"] = sessions.quarter
            if most:
                cell = PublishedCell(SESSIONS, universe, where, 0, most * (sessions.large - 1))
                self._cells.add(cell, sessions.counted)
            else:
                self._cells.rule_out(universe, where)

    def _add_large(
        self, universe: str, sessions: _Sessions, boxes: list[dict[str, frozenset[str]]], key: tuple[object, ...]
    ) -> None:
        if boxes:
            first, *also = boxes
            cell = PublishedCell(str(key[0]), universe, first, sessions.large, None, key, tuple(also))
            self._cells.add(cell, sessions.counted)


def _with_elsewhere(sessions: _Sessions) -> dict[str, dict[str, _Margin]]:
    """The margins by dimension, with what is in no code: its sessions follow where another dimension has all."""
    totals = [sum(m.sessions for m in sessions.margins[name].values()) for name in sorted(sessions.complete)]
    margins = {name: dict(codes) for name, codes in sorted(sessions.margins.items())}
    for name, codes in margins.items():
        if name not in sessions.complete:
            rest = totals[0] - sum(m.sessions for m in codes.values()) if totals else ANY
            codes[ELSEWHERE] = _Margin(max(rest, 0))
    return margins


def _boxes_of_large(
    sessions: _Sessions, margins: Mapping[str, Mapping[str, _Margin]], fixed: Mapping[str, str]
) -> list[dict[str, frozenset[str]]]:
    """Where a large session can be, in a cell of the codes that are `fixed`: a box for each code of the first other dimension."""
    can_be = {
        name: {
            code
            for code, margin in codes.items()
            if margin.sessions and not margin.is_small and fixed.get(name, code) == code
        }
        for name, codes in margins.items()
    }
    return (
        [{"quarter": sessions.quarter, **{name: frozenset(codes) for name, codes in can_be.items()}}]
        if all(can_be.values())
        else []
    )


def _interval(
    constraint: Constraint,
    row: PublishedRow,
    figure: tuple[float | None, str],
    spec: CountTable,
    policy: DisclosurePolicy,
) -> tuple[int, int | None] | None:
    """What the figure and the rules say; none where they say nothing."""
    value, status = figure
    threshold, half = policy.threshold_persons, policy.rounding_base // 2
    if status in (Status.NOT_AVAILABLE, Status.NOT_APPLICABLE):
        return None
    sessions = _known_sessions(spec, row)
    if value is not None:
        low, high = int(value) - half, int(value) + half
        return max(low, threshold), high
    if sessions is not None and sessions[1] == 0 and len(spec.dimensions) != 1:
        return 0, 0  # of one dimension the sessions themselves rule it out
    if status == Status.SUPPRESSED_SECONDARY or constraint is Constraint.COUNT_BESIDE:
        return 0, None  # withheld with its whole unit or with the count beside it, whatever its own size
    if constraint is Constraint.COUNT:
        return 0, threshold - 1
    # R5 suppressed: sessions are published, and where there are enough of them none was large.
    limits = policy.head_count
    if sessions is None or sessions[0] < limits.sessions:
        return 0, None
    return 0, sessions[1] * (limits.largest_session - 1)


def _known_sessions(spec: CountTable, row: PublishedRow) -> tuple[int, int] | None:
    """The published sessions of a row, and those of them whose heads are known; none where they are not published."""
    columns = {
        m.column: row.figures[m.name][0] for m in spec.measures if m.counts == "sessions" and m.name in row.figures
    }
    sessions = columns.get("sessions")
    if sessions is None:
        return None
    return int(sessions), int(sessions) - int(columns.get("sessions_unknown") or 0)
