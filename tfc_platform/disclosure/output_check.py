"""An analyst's output, judged: by the rules for each figure, and by the joint audit with everything released.

Nothing is released by it. Counts are audited as exact numbers, however the query rounds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

from tfc_platform.disclosure.attacker_surveys import ANSWER, OTHER, POSITIVE, surveyed_population
from tfc_platform.disclosure.attacker_view import ELSEWHERE, AuditCells, Counted, Population, audit_cells, version_codes
from tfc_platform.disclosure.audit import PublishedCell
from tfc_platform.disclosure.audit.deadline import Deadline
from tfc_platform.disclosure.output_query import (
    OutputColumn,
    OutputQuery,
    OutputRow,
    open_research,
    output_rows,
    parse_query,
)
from tfc_platform.disclosure.output_rules import CHECKED_MARTS, CheckedMart, Judgement, OutputVerdict, Part, judge_parts
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.published_sets import Archive
from tfc_platform.disclosure.snapshots import FrozenRow, Snapshot, Store, latest_versions
from tfc_platform.publication.publication_register import ALL, CountTable, Register

__all__ = ["CheckedOutput", "JudgedRow", "OutputVerdict", "check_output"]

OUTPUT = "the query's output"
_RECORDS = {
    "mart_reach_cell": "activity",
    "mart_story_cell": "story",
    "mart_outcome_cell": "survey_respondent",
    "mart_outcome_indicator": "survey_respondent",
}
# By what an output's rows can differ, and be found again in what was locked.
_FROZEN = {
    "mart_reach_cell": ("activity", "area", "small_area_code"),
    "mart_story_cell": ("change_domain", "teller_role"),
    "mart_outcome_cell": ("area", "sector"),
}
_BOXED = {"tier": "activity", "area": "small_area_code"}  # what is decided by another variable
_SAFE = Judgement(OutputVerdict.SAFE)
_NOT_LOCKED = Judgement(OutputVerdict.WITHHOLD, ("R0: its period is not locked.",))
_CHANGED = Judgement(
    OutputVerdict.WITHHOLD,
    ("R2: its records changed since the period was locked: beside the release it shows who came or left.",),
)
_GIVEN_AWAY = Judgement(
    OutputVerdict.WITHHOLD, ("R9: with released figures, or others of this output, it gives a small group away.",)
)
_UNDECIDED = Judgement(OutputVerdict.WITHHOLD, ("R9: it was not proved in time that it gives no small group away.",))
_FIGURES_CHOOSE = Judgement(OutputVerdict.REVIEW, ("Figures decide which rows are shown or how they are grouped.",))
_FINER = Judgement(
    OutputVerdict.REVIEW, ("It tells apart what no released table does: the joint audit cannot judge it.",)
)
_UNKNOWN = Judgement(OutputVerdict.REVIEW, ("It is not written down what this figure tells of people.",))
_ROWS = Judgement(OutputVerdict.REVIEW, ("It counts rows of the mart, which are no people.",))


@dataclass(frozen=True)
class JudgedRow:
    """A row of the output: a judgement for each of its columns, none of what only says where it belongs."""

    values: tuple[Any, ...]
    judgements: tuple[Judgement | None, ...]


@dataclass(frozen=True)
class CheckedOutput:
    """The output's columns and judged rows. `unclear`: why a person has to judge all of it."""

    columns: tuple[str, ...]
    rows: tuple[JudgedRow, ...]
    unclear: str | None

    def count(self, verdict: OutputVerdict) -> int:
        """Figures with this verdict."""
        return sum(one is not None and one.verdict == verdict for row in self.rows for one in row.judgements)


@dataclass(frozen=True)
class _Group:
    """The part of an output's row that is of one snapshot: what it sums over, by which variables."""

    snapshot: Snapshot
    parts: Sequence[Part]
    variables: tuple[str, ...]

    def among(self, rows: Iterable[FrozenRow]) -> list[FrozenRow]:
        """The frozen rows of the same codes."""
        places = {self._place(part) for part in self.parts}
        return [row for row in rows if self._place(row) in places]

    def _place(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.variables)


def check_output(
    sql: str, research_file: Path, snapshots_root: Path, register: Register, policy: DisclosurePolicy
) -> CheckedOutput:
    """Run a query over a research database and judge each figure of its output.

    :raises QueryError: where the query is not one SELECT over the marts, or does not end.
    """
    with open_research(research_file) as connection:
        query, rows = output_rows(connection, parse_query(connection, sql))
    names = tuple(column.name for column in query.columns)
    if query.mart is None or query.unclear is not None:
        review = Judgement(OutputVerdict.REVIEW, (query.unclear or "",))
        return CheckedOutput(names, tuple(JudgedRow(row.values, (review,) * len(names)) for row in rows), query.unclear)
    mart = CHECKED_MARTS.get(query.mart)
    if mart is None:
        unclear = f"It is not written down what {query.mart} tells of people."
        return CheckedOutput(names, tuple(JudgedRow(row.values, (_UNKNOWN,) * len(names)) for row in rows), unclear)
    if not query.used <= mart.keys:
        judged = [JudgedRow(row.values, (_FIGURES_CHOOSE,) * len(names)) for row in rows]
        return CheckedOutput(names, tuple(judged), _FIGURES_CHOOSE.reasons[0])
    by_row = _judge_rows(query, mart, rows, snapshots_root, register, policy)
    judged = [
        JudgedRow(row.values, tuple(_judge_column(column, mart, row.parts, of_row) for column in query.columns))
        for row, of_row in zip(rows, by_row, strict=True)
    ]
    return CheckedOutput(names, tuple(judged), None)


def _judge_column(
    column: OutputColumn, mart: CheckedMart, parts: Sequence[Part], of_row: Judgement
) -> Judgement | None:
    if not column.refers_to:
        return _ROWS
    if column.refers_to <= mart.keys:
        return None if column.is_group else _UNKNOWN
    if not column.is_sum or not column.refers_to <= mart.keys | mart.counts | mart.of_groups:
        return _UNKNOWN
    if column.refers_to <= mart.keys | mart.of_groups and all(part["audience_unit"] == "group" for part in parts):
        return _SAFE
    return of_row


def _judge_rows(
    query: OutputQuery,
    mart: CheckedMart,
    rows: Sequence[OutputRow],
    snapshots_root: Path,
    register: Register,
    policy: DisclosurePolicy,
) -> list[Judgement]:
    """The judgement of the people that each row counts."""
    assert query.mart is not None
    by_rules = [judge_parts(query.mart, row.parts, policy) for row in rows]
    if not mart.counts:
        return [_SAFE] * len(rows)
    versions = Store(snapshots_root).versions()
    earlier = Archive(snapshots_root).read()
    reader = _OutputReader(query, register, versions, audit_cells(earlier, versions))
    judged = []
    for number, (row, by_rule) in enumerate(zip(rows, by_rules, strict=True)):
        found = reader.add(number, row.parts) if by_rule.verdict == OutputVerdict.SAFE else _SAFE
        judged.append(_worst(by_rule, found))
    deadline = Deadline.after(policy.audit.seconds)
    given_away, undecided = reader.failing(audit_cells(earlier, versions), policy.audit.least_upper, deadline)
    return [
        _worst(one, _GIVEN_AWAY if number in given_away else _UNDECIDED if number in undecided else _SAFE)
        for number, one in enumerate(judged)
    ]


def _worst(*judgements: Judgement) -> Judgement:
    order = list(OutputVerdict)
    worst = reduce(lambda one, other: max(one, other, key=order.index), (each.verdict for each in judgements))
    return Judgement(worst, tuple(dict.fromkeys(reason for each in judgements for reason in each.reasons)))


class _OutputReader:
    """Puts the exact counts of an output beside everything published."""

    def __init__(
        self, query: OutputQuery, register: Register, versions: Mapping[tuple[str, int], Snapshot], cells: AuditCells
    ) -> None:
        self._query = query
        self._specs = [
            spec for spec in register.person_tables if isinstance(spec, CountTable) and spec.mart == query.mart
        ]
        self._cells = cells
        self._versions: dict[str, list[int]] = {}
        for key, version in sorted(versions):
            self._versions.setdefault(key, []).append(version)
        self._latest = {(s.record, s.site, s.name): s for s in latest_versions(versions).values()}
        self._referred = frozenset().union(*(column.refers_to for column in query.columns))
        self._number = 0

    def add(self, number: int, parts: Sequence[Part]) -> Judgement:
        """A row's counts; of several sites or periods the reader is taken to know each of them."""
        self._number = number
        periods: dict[tuple[str, str], list[Part]] = {}
        for part in parts:
            name = part["quarter"] if "quarter" in part else f"{part['population']} {part['wave']}"
            periods.setdefault((str(part["site"]), str(name)), []).append(part)
        worst = _SAFE
        for (site, name), of_period in sorted(periods.items()):
            snapshot = self._latest.get((_RECORDS[str(self._query.mart)], site, name))
            if snapshot is None:
                return _NOT_LOCKED
            if self._query.mart == "mart_outcome_indicator":
                found = self._add_estimate(snapshot, of_period[0])
            elif self._query.mart == "mart_outcome_cell":
                found = self._add_answers(_Group(snapshot, of_period, self._variables("area", "sector")))
            else:
                found = self._add_count(snapshot, of_period)
            worst = _worst(worst, found)
        return worst

    # ---------------------------------------------------------------------------------------------------------------- counts

    def _add_count(self, snapshot: Snapshot, parts: Sequence[Part]) -> Judgement:
        spec = next((s for s in self._specs if all(parts[0][name] == value for name, value in s.only.items())), None)
        column = None if spec is None else spec.measures[0].column
        if spec is None or column is None:
            return Judgement(OutputVerdict.REVIEW, ("No released table is of these people.",))
        rows = [row for row in snapshot.frozen[spec.mart] if all(row[key] == value for key, value in spec.only.items())]
        names = ("activity", "area", "small_area_code", "change_domain", "teller_role")
        group = _Group(snapshot, parts, self._variables(*names))
        count = sum(part[column] or 0 for part in parts)
        if sum(row[column] or 0 for row in group.among(rows)) != count:
            return _CHANGED
        # The area is the small area's: who is in no small area can be in any.
        group = replace(group, variables=tuple(dict.fromkeys(_BOXED.get(name, name) for name in group.variables)))
        site = ALL if spec.level == "programme" else snapshot.site
        only = tuple(sorted(spec.only.items()))
        universe = "|".join([spec.mart, column, site, *(f"{name}={value}" for name, value in only)])
        name = snapshot.name if site != ALL else f"{snapshot.site} {snapshot.name}"
        period = {"quarter": version_codes(name, snapshot.version, self._versions[snapshot.id])}
        counted = Counted(spec.record, spec.mart, column, site, only)
        if self._is_finer(universe, group, rows):
            return _FINER
        self._add_cell(universe, group, period, count, counted)
        return _SAFE

    def _variables(self, *names: str) -> tuple[str, ...]:
        """Those by which the output's rows differ; a tier is one of an activity's."""
        used = {_BOXED.get(name, name) if name == "tier" else name for name in self._query.used}
        return tuple(
            name for name in names if name in _FROZEN[str(self._query.mart)] and (self._is_by_row or name in used)
        )

    @property
    def _is_by_row(self) -> bool:
        return not self._query.rows_sql

    def _is_finer(self, universe: str, group: _Group, rows: Iterable[FrozenRow]) -> bool:
        """Whether the output tells apart what no released table does: those who are in no small area, say."""
        inside = {self._box(universe, group, part) for part in group.parts}
        return sum(self._box(universe, group, row) in inside for row in rows) > len(group.parts)

    def _box(self, universe: str, group: _Group, row: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(self._code(universe, name, row[name]) for name in group.variables)

    def _add_cell(
        self,
        universe: str,
        group: _Group,
        within: Mapping[str, frozenset[str]],
        count: int,
        counts: Population,
    ) -> None:
        boxes = {self._box(universe, group, part) for part in group.parts}
        wheres = [
            {**within, **{name: frozenset([code]) for name, code in zip(group.variables, box, strict=True)}}
            for box in sorted(boxes)
        ]
        first, *also = wheres
        self._cells.add(PublishedCell(OUTPUT, universe, first, count, count, self._key, tuple(also)), counts)

    @property
    def _key(self) -> tuple[object, ...]:
        return (OUTPUT, (self._number,))

    def _code(self, universe: str, variable: str, value: Any) -> str:
        known = self._cells.codes.get(universe, {}).get(variable, {})
        return str(value) if str(value) in known or (value is not None and ELSEWHERE not in known) else ELSEWHERE

    # --------------------------------------------------------------------------------------------------------------- surveys

    def _add_estimate(self, snapshot: Snapshot, part: Part) -> Judgement:
        """An estimate is of the answers of one code of a breakdown."""
        name, value = str(part["breakdown"]), part["breakdown_value"]
        if name not in ("all", "area", "sector"):
            return Judgement(OutputVerdict.REVIEW, ("No released table has this breakdown.",))
        keys = ("indicator", "measure", "breakdown", "breakdown_value")
        frozen = [
            row for row in snapshot.frozen["mart_outcome_indicator"] if all(row[key] == part[key] for key in keys)
        ]
        if len(frozen) != 1 or not _is_same(frozen[0]["estimate"], part["estimate"]):
            return _CHANGED
        variables = () if name == "all" else (name,)
        rows = [
            row
            for row in snapshot.frozen["mart_outcome_cell"]
            if all(row[key] == part[key] for key in keys[:2]) and all(row[one] == value for one in variables)
        ]
        if sum(row["n"] for row in rows) != part["n"]:
            return _CHANGED
        return self._add_answers(_Group(snapshot, rows, variables))

    def _add_answers(self, group: _Group) -> Judgement:
        indicator, measure = str(group.parts[0]["indicator"]), str(group.parts[0]["measure"])
        rows = [
            row
            for row in group.snapshot.frozen["mart_outcome_cell"]
            if (row["indicator"], row["measure"]) == (indicator, measure)
        ]
        base, positive = _answers(group.parts)
        if (base, positive) != _answers(group.among(rows)):
            return _CHANGED
        surveyed, band = surveyed_population(group.snapshot, indicator, measure)
        universe = f"{group.snapshot.id}|{surveyed.indicator}"
        versions = self._versions[group.snapshot.id]
        within = {} if len(versions) == 1 else {"version": version_codes("", group.snapshot.version, versions)}
        if self._is_finer(universe, group, rows):
            return _FINER
        self._add_cell(universe, group, within, base, surveyed)
        if measure.startswith("percent") and self._referred & {"positive", "estimate", "se", "ci_low", "ci_high"}:
            chosen = POSITIVE if band is None else band
            known = set(self._cells.codes[universe].get(ANSWER, {}))
            rest = frozenset({POSITIVE, OTHER} if band is None else known | {one for _, one in surveyed.bands}) - {
                chosen
            }
            for codes, count in ((frozenset([chosen]), positive), (rest, base - positive)):
                self._add_cell(universe, group, {**within, ANSWER: codes}, count, surveyed)
        return _SAFE

    # ----------------------------------------------------------------------------------------------------------------- audit

    def failing(self, released: AuditCells, least_upper: int, deadline: Deadline) -> tuple[set[int], set[int]]:
        """The rows that give a small group away, and those that could not be decided by the deadline."""
        from tfc_platform.disclosure.audit.repair import repair_parts

        cells = list(self._cells.cells.values())
        mine = list(dict.fromkeys(cell.key for cell in cells if cell.table == OUTPUT))
        if not mine:
            return set(), set()
        # What every row of the output says is at most what is known already: the last rows are the first to be withheld.
        repair = repair_parts(
            tuple(self._cells.universes()),
            cells,
            list(released.cells.values()),
            mine[::-1],
            least_upper=least_upper,
            deadline=deadline,
        )
        return _numbers([*repair.hidden, *repair.hopeless]), _numbers(repair.unfinished)


def _numbers(keys: Iterable[tuple[Any, ...]]) -> set[int]:
    return {int(key[1][0]) for key in keys if key[0] == OUTPUT}


def _answers(rows: Iterable[FrozenRow]) -> tuple[int, int]:
    listed = list(rows)
    return sum(row["n"] for row in listed), sum(row["positive"] or 0 for row in listed)


def _is_same(one: float | None, other: float | None) -> bool:
    return one == other if one is None or other is None else abs(one - other) < 1e-4
