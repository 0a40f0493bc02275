"""Applying a contract to the rows of a sheet: every row gets one disposition, and every loss an issue that says why.

Belongs here: what is data and what stands around it, duplicates, rejections, and the columns of the records. Does not
belong: how a cell is read (`cells`), where the header is (`header`), what is written (`store`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tfc_platform.contracts.model import AnswerGroup, CodeSet, Column, Contract, applies, normal
from tfc_platform.files import sha256_text
from tfc_platform.records import RECORDS
from tfc_platform.take_in.cells import Context, Problem, value_of
from tfc_platform.take_in.grid import Cell, Row, Sheet, is_blank, text_of
from tfc_platform.take_in.header import Layout, columns_of
from tfc_platform.take_in.values.attendance import Attendance

__all__ = ["Issue", "Taken", "take_sheet"]

Screen = Callable[[str], list[str]]


@dataclass(frozen=True)
class Issue:
    """What a sender should know of a row, a column, a sheet or the whole file; never a cell."""

    sheet: str | None
    row: int | None
    column: str | None
    severity: str
    reason: str
    message: str
    disposition: str | None = None


@dataclass(frozen=True)
class Flag:
    """Where a text may disclose harm, and by which rule; never the text."""

    sheet: str | None
    row: int
    column: str
    rule: str


@dataclass
class Taken:
    """What a file's sheets became. `columns` holds each record's fields as lists; `texts` is for the text store alone."""

    columns: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    texts: list[tuple[str | None, int, str, str]] = field(default_factory=list)
    received: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    not_data: int = 0
    faults: int = 0  # rejected rows that speak against the return
    reasons: Counter[str] = field(default_factory=Counter)
    months: set[str] = field(default_factory=set)
    unknown_columns: list[str] = field(default_factory=list)

    def add(self, record: str, values: dict[str, Any]) -> None:
        lists = self.columns.get(record)
        if lists is None:
            lists = self.columns[record] = {name: [] for name in RECORDS[record].names}
        for name, column in lists.items():
            column.append(values.get(name))


@dataclass(frozen=True)
class _Answer:
    """One survey item: its column, what each way of writing means, and why a cell may be no answer."""

    item: str
    index: int
    values: dict[str, int]
    missing: dict[str, str]
    blank: str


@dataclass(frozen=True)
class _Work:
    """All that the rows of one sheet share."""

    sheet: Sheet
    contract: Contract
    layout: Layout
    context: Context
    facts: dict[str, str]
    sha256: str
    screen: Screen
    fields: dict[str, tuple[Column, int]]
    dates_first: list[tuple[str, Column, int]]
    answers: list[_Answer]
    keys: tuple[int, ...]
    texts: frozenset[int]
    screened: tuple[int, ...]
    base: dict[str, Any]


def _code_set(group: AnswerGroup, facts: dict[str, str]) -> CodeSet:
    return next(codes for codes in group.codes if applies(codes.when, facts))


def _answers(layout: Layout, facts: dict[str, str]) -> list[_Answer]:
    found = []
    for group, places in layout.items:
        values = {normal(key): value for key, value in _code_set(group, facts).values.items()}
        missing = {normal(key): str(value) for key, value in group.missing.items()}
        found += [_Answer(item, index, values, missing, group.blank) for item, index in places.items()]
    return found


def _base(contract: Contract, context: Context, facts: dict[str, str], sheet: Sheet, sha256: str) -> dict[str, Any]:
    base: dict[str, Any] = {"site": context.site, "source": contract.source, "file_sha256": sha256, "sheet": sheet.name}
    if contract.survey:
        base |= {
            "population": contract.survey.population.format(**facts),
            "wave": contract.survey.wave.format(**facts),
            "tool": contract.survey.tool,
            "instrument": contract.survey.instrument,
            "weighted": "weight" in contract.fields(facts),
        }
    return base


def _prepare(
    sheet: Sheet,
    contract: Contract,
    layout: Layout,
    context: Context,
    facts: dict[str, str],
    sha256: str,
    screen: Screen,
) -> _Work:
    fields = columns_of(contract, facts, layout)
    ordered = sorted(fields.items(), key=lambda item: item[1][0].type != "date")
    return _Work(
        sheet=sheet,
        contract=contract,
        layout=layout,
        context=context,
        facts=facts,
        sha256=sha256,
        screen=screen,
        fields=fields,
        dates_first=[(name, column, index) for name, (column, index) in ordered],
        answers=_answers(layout, facts),
        keys=tuple(fields[name][1] for name in contract.key if name in fields),
        texts=frozenset(layout.free_text),
        screened=tuple(sorted({*layout.free_text, *layout.unknown})),
        base=_base(contract, context, facts, sheet, sha256),
    )


def _cell(row: Row, index: int) -> Cell:
    return row.cells[index] if index < len(row.cells) else None


def _name(work: _Work, index: int) -> str:
    return work.layout.names[index] if index < len(work.layout.names) else f"column {index + 1}"


def _look(work: _Work, row: Row, indexes: Iterator[int] | tuple[int, ...], taken: Taken) -> None:
    """Screen the cells at `indexes`, and keep those of free-text columns in the text store."""
    for index in indexes:
        cell = _cell(row, index)
        if not isinstance(cell, str) or is_blank(cell):
            continue
        name = _name(work, index)
        taken.flags += [Flag(work.sheet.name, row.number, name, rule) for rule in work.screen(cell)]
        if index in work.texts:
            taken.texts.append((work.sheet.name, row.number, name, cell))


def _is_total(work: _Work, row: Row) -> bool:
    totals = work.contract.totals
    if totals is None:
        return False
    first = next((text_of(cell) for cell in row.cells if not is_blank(cell)), "")
    return re.fullmatch(rf"(grand |sub-?)?{re.escape(normal(totals.label))}s?\s*:?", normal(first)) is not None


def _is_note(work: _Work, row: Row) -> bool:
    """One filled cell that is not what its column holds: a sentence under the table, no row of it."""
    filled = [index for index, cell in enumerate(row.cells) if not is_blank(cell)]
    if len(filled) != 1 or len(work.layout.names) < 3 or filled[0] in work.keys:
        return False
    of_cell = [column for column, index in work.fields.values() if index == filled[0]]
    return all(value_of(_cell(row, filled[0]), column, work.context)[1] is not None for column in of_cell)


def _identity(work: _Work, row: Row) -> tuple[str, ...]:
    key = tuple(text_of(_cell(row, index)) for index in work.keys)
    return key if key and all(key) else ("cells", work.sheet.name or "", *map(text_of, row.cells))


def _ruled_out(work: _Work, row: Row) -> tuple[Issue, bool] | None:
    """The first rule of the contract that says that a row is not to be counted, and whether it is a fault."""
    for number, index in work.layout.rules.items():
        rule = work.contract.reject[number]
        if normal(text_of(_cell(row, index))) in {normal(value) for value in rule.equals}:
            issue = Issue(
                work.sheet.name, row.number, _name(work, index), "error", rule.reason, rule.message, "rejected"
            )
            return issue, rule.fault
    return None


def _values(work: _Work, row: Row) -> tuple[dict[str, Any], list[tuple[int, Column, Problem]]]:
    """Each field's value, and the problems in the order of the contract's columns."""
    context, values = work.context, {}
    problems: dict[str, tuple[int, Column, Problem]] = {}
    for name, column, index in work.dates_first:
        values[name], problem = value_of(_cell(row, index), column, context)
        if problem is not None:
            problems[name] = (index, column, problem)
        if column.type == "date" and context.on is None and values[name] is not None:
            context = replace(context, on=values[name])
    return values, [problems[name] for name in work.fields if name in problems]


def _spread(values: dict[str, Any]) -> dict[str, Any]:
    """An attendance is three columns of its record."""
    found = values.pop("attendance", None)
    if isinstance(found, Attendance):
        values |= {"attendance_low": found.low, "attendance_high": found.high, "attendance_kind": found.kind}
    return values


def _add_answers(work: _Work, row: Row, base: dict[str, Any], taken: Taken) -> None:
    for answer in work.answers:
        text = text_of(_cell(row, answer.index))
        code = normal(text)
        value = answer.values.get(code)
        missing = None if value is not None else answer.missing.get(code, "invalid") if code else answer.blank
        if missing == "invalid":
            message = "This answer is none of the codes that the contract knows: it was left out."
            column = _name(work, answer.index)
            taken.issues.append(Issue(work.sheet.name, row.number, column, "warn", "invalid_answer", message))
        known = code if missing != "invalid" else None
        taken.add(
            "survey_answer", base | {"item": answer.item, "code": known, "value": value, "missing_reason": missing}
        )


def _accept(work: _Work, row: Row, values: dict[str, Any], taken: Taken) -> None:
    record = work.contract.record
    own_id = next((name for name in ("session_id", "respondent_id") if name in RECORDS[record].names), None)
    if own_id and not values.get(own_id):
        values[own_id] = sha256_text(f"{work.sha256}:{work.sheet.name}:{row.number}")[:32]
    full = work.base | {"row_number": row.number} | values
    if full.get("duration_seconds") is not None:
        full["duration_seconds"] = int(full["duration_seconds"])
    taken.add(record, full)
    taken.accepted += 1
    taken.months |= {value.strftime("%Y-%m") for value in values.values() if isinstance(value, date)}
    if work.answers:
        _add_answers(work, row, full, taken)


def _check_total(work: _Work, row: Row, exact: int, taken: Taken) -> None:
    assert work.contract.totals is not None
    name = work.contract.totals.field
    if name not in work.fields:
        return
    column, index = work.fields[name]
    stated = value_of(_cell(row, index), column, work.context)[0]
    if isinstance(stated, Attendance) and stated.low is not None and stated.low != exact:
        message = (
            f"The total on sheet {work.sheet.name} is {abs(stated.low - exact)} {'more' if stated.low > exact else 'less'}"
            " than the exact counts of its delivered sessions add up to. Check the sheet's rows and its total."
        )
        taken.issues.append(Issue(work.sheet.name, row.number, _name(work, index), "warn", "total_mismatch", message))


def _counts_to_total(work: _Work, values: dict[str, Any]) -> int:
    totals = work.contract.totals
    if totals is None or any(values.get(name) != want for name, want in totals.where.items()):
        return 0
    found = values.get(totals.field)
    return found.low or 0 if isinstance(found, Attendance) and found.kind == "exact" else 0


def take_sheet(
    sheet: Sheet,
    contract: Contract,
    layout: Layout,
    context: Context,
    facts: dict[str, str],
    sha256: str,
    screen: Screen,
    seen: set[tuple[str, ...]],
    taken: Taken,
) -> None:
    """Add the rows under a sheet's header to `taken`.

    :param seen: identities of the file's earlier rows; those of this sheet are added.
    :param screen: the ids of the safeguarding rules that a text sets off.
    """
    work = _prepare(sheet, contract, layout, context, facts, sha256, screen)
    exact = 0
    for row in sheet.rows[layout.first_data :]:
        if all(is_blank(cell) for cell in row.cells):
            continue
        if _is_total(work, row):
            taken.not_data += 1
            _check_total(work, row, exact, taken)
            _look(work, row, tuple(range(len(row.cells))), taken)
            continue
        if _is_note(work, row):
            taken.not_data += 1
            _look(work, row, tuple(range(len(row.cells))), taken)
            continue
        taken.received += 1
        _look(work, row, work.screened, taken)
        identity = _identity(work, row)
        if identity in seen:
            taken.duplicate += 1
            message = "The same row came before in this file: it is counted once."
            taken.issues.append(Issue(sheet.name, row.number, None, "info", "duplicate", message, "duplicate"))
            continue
        seen.add(identity)
        ruled_out = _ruled_out(work, row)
        if ruled_out is not None:
            issue, fault = ruled_out
            taken.issues.append(issue)
            taken.rejected += 1
            taken.faults += fault
            taken.reasons[issue.reason] += 1
            continue
        values, problems = _values(work, row)
        fatal = [problem for _, column, problem in problems if column.invalid == "reject"]
        for index, column, problem in problems:
            is_fatal = column.invalid == "reject"
            disposition = "rejected" if fatal and problem is fatal[0] else None
            severity = "error" if is_fatal else "warn"
            name = _name(work, index)
            taken.issues.append(
                Issue(sheet.name, row.number, name, severity, problem.reason, problem.message, disposition)
            )
            if problem.reason == "unmapped_activity":
                taken.texts.append((sheet.name, row.number, name, text_of(_cell(row, index))))
        if fatal:
            taken.rejected += 1
            taken.faults += 1
            taken.reasons[fatal[0].reason] += 1
            continue
        exact += _counts_to_total(work, values)
        _accept(work, row, _spread(values), taken)
