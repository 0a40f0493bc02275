"""An analyst's output beside everything published: what a reader learns from each of its rows, for the joint audit.

A row's counts are taken as known exactly. What was left before (`output_register`) is known as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tfc_platform.disclosure import cell_rules
from tfc_platform.disclosure.attacker_surveys import ANSWER, OTHER, POSITIVE, surveyed_population
from tfc_platform.disclosure.attacker_view import ELSEWHERE, AuditCells, Counted
from tfc_platform.disclosure.audit.deadline import Deadline
from tfc_platform.disclosure.outcome_tables import SCALE_MEAN
from tfc_platform.disclosure.output_query import OutputQuery
from tfc_platform.disclosure.output_register import OutputCell, Population
from tfc_platform.disclosure.output_rules import SAFE, Judgement, OutputVerdict, Part, worst
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.snapshots import FrozenRow, Snapshot, latest_versions
from tfc_platform.publication.publication_register import ALL, CountTable, Register

__all__ = ["OUTPUT", "OutputReader"]

OUTPUT = "the query's output"
LEFT_BEFORE = "outputs that left before"
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
_NOT_LOCKED = Judgement(OutputVerdict.WITHHOLD, ("R0: its period is not locked.",))
_CHANGED = Judgement(
    OutputVerdict.WITHHOLD,
    ("R2: its records changed since the period was locked: beside the release it shows who came or left.",),
)
_TELLS_ALL = Judgement(OutputVerdict.WITHHOLD, ("R7: the mean tells what all answered, or all but a few.",))
_FINER = Judgement(
    OutputVerdict.REVIEW, ("It tells apart what no released table does: the joint audit cannot judge it.",)
)


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


class OutputReader:
    """Puts the exact counts of an output beside everything published."""

    def __init__(
        self,
        query: OutputQuery,
        register: Register,
        versions: Mapping[tuple[str, int], Snapshot],
        cells: AuditCells,
        left_before: Iterable[OutputCell],
        policy: DisclosurePolicy,
    ) -> None:
        self._query, self._policy, self._left_before = query, policy, list(left_before)
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
        self._told: dict[int, list[OutputCell]] = {}
        self._add_left_before(cells)

    def _add_left_before(self, cells: AuditCells) -> None:
        for cell in self._left_before:
            cell.add_to(cells, self._versions, self._code, LEFT_BEFORE, (LEFT_BEFORE,))

    def told(self, numbers: Iterable[int]) -> tuple[OutputCell, ...]:
        """What these rows tell, for the register."""
        return tuple(dict.fromkeys(cell for number in numbers for cell in self._told.get(number, ())))

    def add(self, number: int, parts: Sequence[Part]) -> Judgement:
        """A row's counts; of several sites or periods the reader is taken to know each of them."""
        self._number = number
        periods: dict[tuple[str, str], list[Part]] = {}
        for part in parts:
            name = part["quarter"] if "quarter" in part else f"{part['population']} {part['wave']}"
            periods.setdefault((str(part["site"]), str(name)), []).append(part)
        judged = SAFE
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
            judged = worst(judged, found)
        return judged

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
        period = ("quarter", name)
        counted = Counted(spec.record, spec.mart, column, site, only)
        if self._is_finer(universe, group, rows):
            return _FINER
        self._add_cell(universe, group, period, count, counted)
        return SAFE

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
        period: tuple[str, str],
        count: int,
        population: Population,
        answers: Iterable[str] = (),
    ) -> None:
        boxes = {tuple(part[name] for name in group.variables): None for part in group.parts}
        listed = sorted(answers)
        cell = OutputCell(
            universe,
            population,
            group.snapshot.id,
            group.snapshot.version,
            period,
            group.variables,
            tuple(boxes),
            (ANSWER, *listed) if listed else (),
            count,
        )
        cell.add_to(self._cells, self._versions, self._code, OUTPUT, self._key)
        self._told.setdefault(self._number, []).append(cell)

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
        if self._tells_all(snapshot, part):
            return _TELLS_ALL
        return self._add_answers(_Group(snapshot, rows, variables))

    def _tells_all(self, snapshot: Snapshot, part: Part) -> bool:
        """R7 of a mean, which the query has as it is."""
        ends = next(
            (one.get("ends") for one in snapshot.codes["indicator"] if one["indicator"] == part["indicator"]), None
        )
        if ends is None or part["measure"] != SCALE_MEAN or part["estimate"] is None:
            return False
        interval = (part["ci_low"], part["ci_high"])
        is_simple = part["n_known_clusters"] == part["n"] and (part["n_eff"] or 0) >= part["n"]
        exact = 6  # decimals
        return not cell_rules.mean_is_open(part["estimate"], interval, part["n"], ends, exact, self._policy, is_simple)

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
        period = ("version", "")
        if self._is_finer(universe, group, rows):
            return _FINER
        self._add_cell(universe, group, period, base, surveyed)
        if measure.startswith("percent") and self._referred & {"positive", "estimate", "se", "ci_low", "ci_high"}:
            chosen = POSITIVE if band is None else band
            known = set(self._cells.codes[universe].get(ANSWER, {}))
            rest = frozenset({POSITIVE, OTHER} if band is None else known | {one for _, one in surveyed.bands}) - {
                chosen
            }
            for codes, count in ((frozenset([chosen]), positive), (rest, base - positive)):
                self._add_cell(universe, group, period, count, surveyed, codes)
        return SAFE

    # ----------------------------------------------------------------------------------------------------------------- audit

    def failing(self, released: AuditCells, least_upper: int, deadline: Deadline) -> tuple[set[int], set[int]]:
        """The rows that give a small group away, and those that could not be decided by the deadline."""
        from tfc_platform.disclosure.audit.repair import repair_parts

        self._add_left_before(released)
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
