"""Applying a contract to the rows of a sheet: every row gets one disposition, and every loss an issue that says why.

Belongs here: what is data and what stands around it, duplicates, rejections, and the columns of the records. Does not
belong: how a cell is read (`cells`), where the header is (`header`), what is written (`store`).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tfc_platform.contracts.model import Column, Contract, normal
from tfc_platform.files import sha256_text
from tfc_platform.records import RECORDS
from tfc_platform.take_in.answers import Answer, add_answers, answers_of
from tfc_platform.take_in.cells import Context, Problem, value_of
from tfc_platform.take_in.doubles import settle
from tfc_platform.take_in.grid import Row, Sheet, is_blank, text_of
from tfc_platform.take_in.header import Layout, columns_of
from tfc_platform.take_in.taken import Issue, Screen, Taken
from tfc_platform.take_in.values.attendance import UNKNOWN, Attendance
from tfc_platform.take_in.watch import watch, watched

__all__ = ["look", "open_cells", "take_sheet"]

LONGEST_LABEL = 60  # characters of a cell that may be the word for a total
BETWEEN_LOOKS = 1000  # rows, after which is looked whether anything is full
IDENTIFIERS = frozenset({"id", "panel", "token"})  # column types whose cells are no sentence


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
    answers: list[Answer]
    keys: tuple[int, ...]
    base: dict[str, Any]
    watched: tuple[int, ...]  # columns with a name in which personal data are looked for
    totalled: tuple[str, ...]  # fields whose exact counts a totals row adds
    again: dict[int, str]  # the names of the columns, as a header that is repeated among the rows has them
    prevailing: tuple[str, ...]  # fields of which the stricter value holds where a row comes twice
    said: set[int] = field(default_factory=set)  # columns without a name of which the sender has been told


def _base(contract: Contract, context: Context, facts: dict[str, str], sheet: Sheet, sha256: str) -> dict[str, Any]:
    base: dict[str, Any] = {"site": context.site, "source": contract.source, "file_sha256": sha256, "sheet": sheet.name}
    base |= contract.fixed
    if contract.survey:
        population, wave = contract.population_and_wave(facts)
        base |= {
            "population": population,
            "wave": wave,
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
        answers=answers_of(layout, facts),
        keys=tuple(fields[name][1] for name in contract.key if name in fields),
        base=_base(contract, context, facts, sheet, sha256),
        watched=watched(layout),
        totalled=(contract.totals.field,)
        if contract.totals
        else tuple(name for name, (column, _) in fields.items() if column.type == "attendance"),
        again={index: normal(name) for index, name in enumerate(layout.names) if name},
        prevailing=tuple(name for name, column in contract.fields(facts).items() if column.prevails),
    )


def open_cells(row: Row, layout: Layout) -> Iterable[int]:
    """The cells in which a person may have written anything: free text, and all that stands under no known name."""
    return (index for index in range(len(row.cells)) if index not in layout.closed)


def look(sheet: Sheet, row: Row, layout: Layout, indexes: Iterable[int], screen: Screen, taken: Taken) -> None:
    """Screen the texts at `indexes`, and keep those of free-text columns for the text store."""
    for index in indexes:
        cell = row.at(index)
        if not isinstance(cell, str) or is_blank(cell):
            continue
        name = layout.name(index)
        taken.flag(screen, sheet.name, row.number, name, cell)
        if index in layout.free_text:
            taken.texts.append((sheet.name, row.number, name, cell))


def _is_total(work: _Work, row: Row) -> bool:
    """A row that begins with the word; where the contract does not say it of the table, it must have no date as well."""
    totals = work.contract.totals
    place, first = next(((i, cell) for i, cell in enumerate(row.cells) if not is_blank(cell)), (0, None))
    if not isinstance(first, str) or len(first) > LONGEST_LABEL:
        return False
    label = re.escape(normal(totals.label)) if totals else "total"
    if re.fullmatch(rf"(grand |sub-?)?{label}s?\s*:?", normal(first)) is None:
        return False
    dates = [index for column, index in work.fields.values() if column.type == "date"]
    return totals is not None or (bool(dates) and all(index == place or is_blank(row.at(index)) for index in dates))


def _is_header_again(work: _Work, row: Row) -> bool:
    """Every filled cell says its column's name. Of nearly every row the first one says something else."""
    seen = 0
    for index, cell in enumerate(row.cells):
        if is_blank(cell):
            continue
        if not isinstance(cell, str) or work.again.get(index) != normal(cell):
            return False
        seen += 1
    return seen > 1


def _is_note(work: _Work, row: Row) -> bool:
    """One filled cell that is not what its column holds: a sentence under the table, no row of it."""
    filled = [index for index, cell in enumerate(row.cells) if not is_blank(cell)]
    if len(filled) != 1 or len(work.layout.names) < 3 or filled[0] in work.keys:
        return False
    of_cell = [column for column, index in work.fields.values() if index == filled[0]]
    return all(value_of(row.at(filled[0]), column, work.context)[1] is not None for column in of_cell)


def _identity(work: _Work, row: Row) -> bytes:
    """What makes two rows the same row: the tool's own id, else all cells in their sheet, blanks at the end aside.

    It is kept of every row, so as a digest of 128 bits (BLAKE2b): of a milliard rows, two that differ have one with a
    probability below 1e-20. `repr` tells any two lists of texts apart, whatever stands in them.
    """
    key = [text_of(row.at(index)) for index in work.keys]
    if key and all(key):
        return _digest(["key", *key])
    cells = [text_of(cell) for cell in row.cells]
    while cells and not cells[-1]:
        cells.pop()
    return _digest(["cells", work.sheet.name or "", *cells])


def _digest(texts: list[str]) -> bytes:
    return hashlib.blake2b(repr(texts).encode(), digest_size=16).digest()


def _ruled_out(work: _Work, row: Row) -> tuple[Issue, bool] | None:
    """The first rule of the contract that says that a row is not to be counted, and whether it is a fault."""
    for number, index in work.layout.rules.items():
        rule = work.contract.reject[number]
        if normal(text_of(row.at(index))) in {normal(value) for value in rule.equals}:
            name = work.layout.name(index)
            return Issue(work.sheet.name, row.number, name, "error", rule.reason, rule.message, "rejected"), rule.fault
    return None


def _values(work: _Work, row: Row) -> tuple[dict[str, Any], list[tuple[int, Column, Problem]]]:
    """Each field's value, and the problems in the order of the contract's columns."""
    context, values = work.context, {}
    problems: dict[str, tuple[int, Column, Problem]] = {}
    for name, column, index in work.dates_first:
        values[name], problem = value_of(row.at(index), column, context)
        if problem is not None:
            problems[name] = (index, column, problem)
        if column.type == "date" and context.on is None and values[name] is not None:
            context = replace(context, on=values[name])
    return values, [problems[name] for name in work.fields if name in problems]


def _spread(values: dict[str, Any]) -> dict[str, Any]:
    """An attendance is three columns of its record."""
    if "attendance" not in values:
        return values
    found = values.pop("attendance") or UNKNOWN
    return values | {"attendance_low": found.low, "attendance_high": found.high, "attendance_kind": found.kind}


def _accept(work: _Work, row: Row, values: dict[str, Any], taken: Taken) -> None:
    record = work.contract.record
    own_id = next((name for name in ("session_id", "respondent_id") if name in RECORDS[record].names), None)
    if own_id and not values.get(own_id):
        values[own_id] = sha256_text(f"{work.sha256}:{work.sheet.name}:{row.number}")[:32]
    full = work.base | {"row_number": row.number} | values
    taken.add(record, full)
    taken.accepted += 1
    dates = (value for name, value in values.items() if isinstance(value, date) and name not in work.contract.checked)
    taken.months |= {value.strftime("%Y-%m") for value in dates}
    if work.answers:
        add_answers(work.sheet, row, work.layout, work.answers, full, taken)


def _check_total(work: _Work, row: Row, exact: Counter[str], taken: Taken) -> None:
    """Compare what a totals row states with what the rows above it add up to, and say that it is no row itself."""
    on = f" on sheet {work.sheet.name}" if work.sheet.name else ""
    for field_name in work.totalled:
        if field_name not in work.fields:
            continue
        column, index = work.fields[field_name]
        stated, name = value_of(row.at(index), column, work.context)[0], work.layout.name(index)
        if not isinstance(stated, Attendance) or stated.low is None:
            continue
        apart = stated.low - exact[field_name]
        if apart:
            message = (
                f"The total{on} is {abs(apart)} {'more' if apart > 0 else 'less'} than the exact counts"
                " of its rows add up to. Check the rows and the total."
            )
            taken.issues.append(Issue(work.sheet.name, row.number, name, "warn", "total_mismatch", message))
        else:
            message = f"The total{on} is what the exact counts of its rows add up to. It was not taken in as a row."
            taken.issues.append(Issue(work.sheet.name, row.number, name, "info", "total_row", message))


def _counts_to_totals(work: _Work, values: dict[str, Any]) -> dict[str, int]:
    totals = work.contract.totals
    if totals is not None and any(values.get(name) != want for name, want in totals.where.items()):
        return {}
    found = {name: values.get(name) for name in work.totalled}
    return {
        name: value.low or 0 for name, value in found.items() if isinstance(value, Attendance) and value.kind == "exact"
    }


def take_sheet(
    sheet: Sheet,
    contract: Contract,
    layout: Layout,
    context: Context,
    facts: dict[str, str],
    sha256: str,
    screen: Screen,
    seen: set[bytes],
    taken: Taken,
    on_rows: Callable[[int], None] = lambda _: None,
) -> None:
    """Add the rows under a sheet's header to `taken`.

    :param seen: identities of the file's earlier rows; those of this sheet are added.
    :param screen: the ids of the safeguarding rules that a text sets off.
    :param on_rows: told now and then how many rows of the file were looked at so far, for progress.
    """
    work = _prepare(sheet, contract, layout, context, facts, sha256, screen)
    exact: Counter[str] = Counter()
    content = taken.content
    if content is not None:
        content.begin(sheet.name, layout.names)
    for number, row in enumerate(sheet.after(layout.first_data)):
        if number % BETWEEN_LOOKS == 0:
            taken.hand_out()
            on_rows(taken.received)
        if all(is_blank(cell) for cell in row.cells):
            continue
        if content is not None:
            content.add(row)
        if _is_header_again(work, row):
            taken.not_data += 1
            message = "The names of the columns stand here again: the row was not taken in."
            taken.issues.append(Issue(sheet.name, row.number, None, "info", "header_again", message))
            continue
        is_total = _is_total(work, row)
        if is_total or _is_note(work, row):
            taken.not_data += 1
            look(sheet, row, layout, range(len(row.cells)), screen, taken)
            if is_total:
                _check_total(work, row, exact, taken)
            continue
        taken.received += 1
        look(sheet, row, layout, open_cells(row, layout), screen, taken)
        watch(layout, work.watched, row, taken)
        identity = _identity(work, row)
        if identity in seen:
            taken.duplicate += 1
            taken.issues.append(_doubled(work, row, identity, taken))
            continue
        seen.add(identity)
        before = taken.accepted
        exact.update(_judge(work, row, taken))
        if work.prevailing and taken.accepted > before:
            record = taken.columns[contract.record]
            taken.kept[identity] = before, [record[name][-1] for name in work.prevailing]


def _doubled(work: _Work, row: Row, identity: bytes, taken: Taken) -> Issue:
    changed = settle(work.dates_first, row, work.context, work.contract.record, identity, work.prevailing, taken)
    if not changed:
        message = "The same row came before in this file: the first one alone is used."
        return Issue(work.sheet.name, row.number, None, "info", "duplicate", message, "duplicate")
    name = work.layout.name(work.fields[changed[0]][1])
    message = f"The same row came before in this file and said another {name}: the stricter of the two holds."
    return Issue(work.sheet.name, row.number, name, "warn", "duplicate", message, "duplicate")


def _judge(work: _Work, row: Row, taken: Taken) -> dict[str, int]:
    """Accept or reject a row that is data and no duplicate; gives what it adds to the sheet's totals."""
    ruled_out = _ruled_out(work, row)
    if ruled_out is not None:
        taken.reject(*ruled_out)
        return {}
    values, problems = _values(work, row)
    _say_spilt(work, row, taken)
    fatal = next((problem for _, column, problem in problems if column.invalid == "reject"), None)
    for index, column, problem in problems:
        cell, name = row.at(index), work.layout.name(index)
        severity = "error" if column.invalid == "reject" else "warn"
        issue = Issue(work.sheet.name, row.number, name, severity, problem.reason, problem.message)
        if problem is fatal:
            taken.reject(replace(issue, disposition="rejected"))
        else:
            taken.issues.append(issue)
        if isinstance(cell, str) and column.type not in IDENTIFIERS:
            # Where no count, date or name of an activity stands, someone may have written a sentence.
            taken.flag(work.screen, work.sheet.name, row.number, name, cell)
        if problem.reason == "unmapped_activity":
            taken.texts.append((work.sheet.name, row.number, name, text_of(cell)))
    if fatal is not None:
        return {}
    adds = _counts_to_totals(work, values)
    _accept(work, row, _spread(values), taken)
    return adds


def _say_spilt(work: _Work, row: Row, taken: Taken) -> None:
    """A cell under no name belongs nowhere. In a CSV a separator stands in a text before it; in a sheet it is a jotting."""
    names = work.layout.names
    for index, cell in enumerate(row.cells):
        if is_blank(cell) or (index < len(names) and names[index]):
            continue
        if work.contract.read.format == "csv" and index >= len(names):
            message = "The row has more cells than there are columns: put a text with a separator in quotation marks."
        elif index in work.said:
            continue
        else:
            message = "The column has cells and no name: it was not taken in."
        work.said.add(index)
        name = work.layout.name(index)
        taken.issues.append(Issue(work.sheet.name, row.number, name, "warn", "unnamed_column", message))
        return
