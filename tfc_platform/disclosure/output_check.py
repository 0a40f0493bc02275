"""An analyst's output, judged: by the rules for each figure, and by the joint audit with all that was released or has left.

Nothing is released by it. Counts are audited as exact numbers, however the query rounds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfc_platform.disclosure.attacker_view import audit_cells
from tfc_platform.disclosure.audit.deadline import Deadline
from tfc_platform.disclosure.output_query import (
    OutputColumn,
    OutputQuery,
    OutputRow,
    open_research,
    output_rows,
    parse_query,
)
from tfc_platform.disclosure.output_reader import OutputReader
from tfc_platform.disclosure.output_register import OutputCell, OutputRegister
from tfc_platform.disclosure.output_rules import (
    CHECKED_MARTS,
    SAFE,
    CheckedMart,
    Judgement,
    OutputVerdict,
    Part,
    judge_parts,
    worst,
)
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.published_sets import Archive
from tfc_platform.disclosure.snapshots import Store
from tfc_platform.publication.publication_register import Register

__all__ = ["CheckedOutput", "JudgedRow", "OutputVerdict", "check_output"]

_GIVEN_AWAY = Judgement(
    OutputVerdict.WITHHOLD,
    ("R9: with released figures, outputs that left before, or others of this output, it gives a small group away.",),
)
_UNDECIDED = Judgement(OutputVerdict.WITHHOLD, ("R9: it was not proved in time that it gives no small group away.",))
_FIGURES_CHOOSE = Judgement(OutputVerdict.REVIEW, ("Figures decide which rows are shown or how they are grouped.",))
_UNKNOWN = Judgement(OutputVerdict.REVIEW, ("It is not written down what this figure tells of people.",))
_ROWS = Judgement(OutputVerdict.REVIEW, ("It counts rows of the mart, which are no people.",))


@dataclass(frozen=True)
class JudgedRow:
    """A row of the output: a judgement for each of its columns, none of what only says where it belongs."""

    values: tuple[Any, ...]
    judgements: tuple[Judgement | None, ...]


@dataclass(frozen=True)
class CheckedOutput:
    """The output's columns and judged rows. `unclear`: why a person has to judge all of it. `told`: what its safe figures tell of
    people, for the register of what left."""

    columns: tuple[str, ...]
    rows: tuple[JudgedRow, ...]
    unclear: str | None
    told: tuple[OutputCell, ...] = ()

    def count(self, verdict: OutputVerdict) -> int:
        """Figures with this verdict."""
        return sum(one is not None and one.verdict == verdict for row in self.rows for one in row.judgements)


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
    by_row, told = _judge_rows(query, mart, rows, snapshots_root, register, policy)
    judged = [
        JudgedRow(row.values, tuple(_judge_column(column, mart, row.parts, of_row) for column in query.columns))
        for row, of_row in zip(rows, by_row, strict=True)
    ]
    return CheckedOutput(names, tuple(judged), None, told)


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
        return SAFE
    return of_row


def _judge_rows(
    query: OutputQuery,
    mart: CheckedMart,
    rows: Sequence[OutputRow],
    snapshots_root: Path,
    register: Register,
    policy: DisclosurePolicy,
) -> tuple[list[Judgement], tuple[OutputCell, ...]]:
    """The judgement of the people that each row counts, and what the safe ones tell."""
    assert query.mart is not None
    by_rules = [judge_parts(query.mart, row.parts, policy) for row in rows]
    if not mart.counts:
        return [SAFE] * len(rows), ()
    versions = Store(snapshots_root).versions()
    earlier = Archive(snapshots_root).read()
    left_before = OutputRegister(snapshots_root).cells()
    reader = OutputReader(query, register, versions, audit_cells(earlier, versions), left_before, policy)
    judged = []
    for number, (row, by_rule) in enumerate(zip(rows, by_rules, strict=True)):
        found = reader.add(number, row.parts) if by_rule.verdict == OutputVerdict.SAFE else SAFE
        judged.append(worst(by_rule, found))
    deadline = Deadline.after(policy.audit.seconds)
    given_away, undecided = reader.failing(audit_cells(earlier, versions), policy.audit.least_upper, deadline)
    whole = [
        worst(one, _GIVEN_AWAY if number in given_away else _UNDECIDED if number in undecided else SAFE)
        for number, one in enumerate(judged)
    ]
    return whole, reader.told(number for number, one in enumerate(whole) if one.verdict == OutputVerdict.SAFE)
