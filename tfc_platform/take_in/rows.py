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
from typing import Any

import pyarrow as pa

from tfc_platform.contracts.model import Column, Contract, RejectRule, normal
from tfc_platform.files import sha256_text
from tfc_platform.records import RECORDS
from tfc_platform.take_in.answers import Answer, add_answers, answers_of
from tfc_platform.take_in.cells import Context, Problem
from tfc_platform.take_in.doubles import settle
from tfc_platform.take_in.grid import CellError, Row, Sheet, cell_address, is_blank, text_of, texts_of
from tfc_platform.take_in.header import Layout, columns_of
from tfc_platform.take_in.meaning import Meaning
from tfc_platform.take_in.personal import Tally, kind_of_header
from tfc_platform.take_in.respondents import weight_problem
from tfc_platform.take_in.taken import Issue, Screen, Taken
from tfc_platform.take_in.values.attendance import UNKNOWN, Attendance
from tfc_platform.take_in.watch import CHANGES
from tfc_platform.take_in.watcher import Watcher

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
    meanings: dict[str, Meaning]  # of each field
    reading: tuple[tuple[str, int, Meaning, bool], ...]  # field, column, whether it is a date: dates come first
    open: tuple[int, ...]  # columns under the header in which a person may have written anything
    nameless: tuple[int, ...]  # columns under the header without a name
    ruling: tuple[tuple[int, RejectRule, frozenset[str]], ...]  # column, rule, the values for which it holds
    total: re.Pattern[str]  # the label of a totals row
    own_id: str | None  # the record's field for the tool's own id
    dated: tuple[str, ...]  # the record's fields that hold a date
    answers: list[Answer]
    keys: tuple[int, ...]
    base: dict[str, Any]
    watched: tuple[int, ...]  # columns with a name in which personal data are looked for
    totalled: tuple[str, ...]  # fields whose exact counts a totals row adds
    again: dict[int, str]  # the names of the columns, as a header that is repeated among the rows has them
    is_book: bool  # cells have addresses
    watcher: Watcher
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
    is_book: bool,
) -> _Work:
    fields = columns_of(contract, facts, layout)
    meanings = {name: Meaning(column, context) for name, (column, _) in fields.items()}
    # Names hold for a time, so a row's date is read before them.
    ordered = sorted(fields, key=lambda name: fields[name][0].type != "date")
    schema = RECORDS[contract.record]
    label = re.escape(normal(contract.totals.label)) if contract.totals else "total"
    return _Work(
        sheet=sheet,
        contract=contract,
        layout=layout,
        context=context,
        facts=facts,
        sha256=sha256,
        screen=screen,
        fields=fields,
        meanings=meanings,
        reading=tuple((name, fields[name][1], meanings[name], fields[name][0].type == "date") for name in ordered),
        open=tuple(index for index in range(len(layout.names)) if index not in layout.closed),
        nameless=tuple(index for index, name in enumerate(layout.names) if not name),
        ruling=tuple(
            (index, contract.reject[number], frozenset(map(normal, contract.reject[number].equals)))
            for number, index in layout.rules.items()
        ),
        total=re.compile(rf"(grand |sub-?)?{label}s?\s*:?"),
        own_id=next((name for name in ("session_id", "respondent_id") if name in schema.names), None),
        dated=tuple(item.name for item in schema if pa.types.is_date(item.type) and item.name not in contract.checked),
        answers=answers_of(layout, facts),
        keys=tuple(fields[name][1] for name in contract.key if name in fields),
        base=_base(contract, context, facts, sheet, sha256),
        watched=_watched(layout),
        totalled=(contract.totals.field,)
        if contract.totals
        else tuple(name for name, (column, _) in fields.items() if column.type == "attendance"),
        again={index: normal(name) for index, name in enumerate(layout.names) if name},
        is_book=is_book,
        watcher=Watcher(sheet.name, layout, fields, contract, facts, is_book),
        prevailing=tuple(name for name, column in contract.fields(facts).items() if column.prevails),
    )


def _watched(layout: Layout) -> tuple[int, ...]:
    """Columns that may hold what people wrote; of those that the contract drops, the ones whose name does not say so."""
    dropped = {index for index in layout.personal if kind_of_header(layout.names[index]) is None}
    return tuple(index for index in range(len(layout.names)) if index not in layout.closed or index in dropped)


def _watch(work: _Work, row: Row, texts: list[str], taken: Taken) -> None:
    """Count what looks personal, column by column: what comes of it is decided once all rows have passed."""
    layout, width = work.layout, len(texts)
    for index in (*work.watched, *range(len(layout.names), width)):
        text = texts[index] if index < width else ""
        if not text:
            continue
        is_read = index in layout.free_text or index in layout.closed or index in layout.guarded
        key = ("known" if is_read else "unknown", layout.name(index))
        tally = taken.tallies.get(key)
        if tally is None:
            header = layout.names[index] if index < len(layout.names) else ""
            tally = taken.tallies[key] = Tally(header)
        tally.add(text)


def _address(work: _Work, row: Row, index: int) -> str | None:
    return cell_address(row.number, index) if work.is_book else None


def open_cells(row: Row, layout: Layout) -> Iterable[int]:
    """The cells in which a person may have written anything: free text, and all that stands under no known name."""
    return (index for index in range(len(row.cells)) if index not in layout.closed)


def look(sheet: Sheet, row: Row, layout: Layout, indexes: Iterable[int], screen: Screen, taken: Taken) -> None:
    """Screen the texts at `indexes`, and keep those of free-text columns for the text store."""
    for index in indexes:
        cell = row.at(index)
        if not cell or not isinstance(cell, str) or is_blank(cell):
            continue
        name = layout.name(index)
        taken.flag(screen, sheet.name, row.number, name, cell)
        if index in layout.free_text:
            taken.texts.append((sheet.name, row.number, name, cell))


def _open_cells(work: _Work, row: Row) -> tuple[int, ...]:
    """As `open_cells`, without asking of every column again."""
    width = len(work.layout.names)
    return work.open if len(row.cells) <= width else (*work.open, *range(width, len(row.cells)))


def _is_total(work: _Work, row: Row) -> bool:
    """A row that begins with the word; where the contract does not say it of the table, it must have no date as well."""
    place, first = next(((i, cell) for i, cell in enumerate(row.cells) if not is_blank(cell)), (0, None))
    if not isinstance(first, str) or len(first) > LONGEST_LABEL:
        return False
    if work.total.fullmatch(normal(first)) is None:
        return False
    dates = [index for _, index, _, is_date in work.reading if is_date]
    is_said = work.contract.totals is not None
    return is_said or (bool(dates) and all(index == place or is_blank(row.at(index)) for index in dates))


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
    of_cell = [name for name, (_, index) in work.fields.items() if index == filled[0]]
    return all(work.meanings[name].of(row.at(filled[0]), None)[1] is not None for name in of_cell)


def _identity(work: _Work, texts: list[str]) -> bytes:
    """What makes two rows the same row: the tool's own id, else all cells in their sheet, blanks at the end aside.

    It is kept of every row, so as a digest of 128 bits (BLAKE2b): of a milliard rows, two that differ have one with a
    probability below 1e-20. `repr` tells any two lists of texts apart, whatever stands in them.

    :param texts: of the row's cells.
    """
    key = [texts[index] if index < len(texts) else "" for index in work.keys]
    if key and all(key):
        return _digest(["key", *key])
    last = len(texts)
    while last and not texts[last - 1]:
        last -= 1
    return _digest(["cells", work.sheet.name or "", *texts[:last]])


def _digest(texts: list[str]) -> bytes:
    return hashlib.blake2b(repr(texts).encode(), digest_size=16).digest()


def _ruled_out(work: _Work, row: Row, texts: list[str]) -> tuple[Issue, bool] | None:
    """The first rule of the contract that says that a row is not to be counted, and whether it is a fault."""
    for index, rule, equals in work.ruling:
        if normal(texts[index] if index < len(texts) else "") in equals:
            name = work.layout.name(index)
            where, cell = work.sheet.name, _address(work, row, index)
            issue = Issue(where, row.number, name, "error", rule.reason, rule.message, "rejected", cell)
            return issue, rule.fault
    return None


def _values(work: _Work, row: Row) -> tuple[dict[str, Any], list[tuple[int, Column, Problem]]]:
    """Each field's value, and the problems in the order of the contract's columns."""
    values: dict[str, Any] = {}
    problems: dict[str, tuple[int, Column, Problem]] = {}
    cells, width, on = row.cells, len(row.cells), work.context.on
    for name, index, meaning, is_date in work.reading:
        cell = cells[index] if index < width else None
        value, problem = meaning.known.get(cell) or meaning.of(cell, on)
        values[name] = value
        if problem is not None:
            problems[name] = (index, meaning.column, problem)
        if is_date and on is None:
            on = value
    return values, [problems[name] for name in work.fields if name in problems] if problems else []


def _spread(values: dict[str, Any]) -> dict[str, Any]:
    """An attendance is three columns of its record."""
    if "attendance" not in values:
        return values
    found = values.pop("attendance") or UNKNOWN
    values["attendance_low"], values["attendance_high"] = found.low, found.high
    values["attendance_kind"] = found.kind
    return values


def _accept(work: _Work, row: Row, values: dict[str, Any], taken: Taken) -> None:
    if work.own_id and not values.get(work.own_id):
        values[work.own_id] = sha256_text(f"{work.sha256}:{work.sheet.name}:{row.number}")[:32]
    full = {**work.base, "row_number": row.number, **values}
    taken.add(work.contract.record, full)
    taken.accepted += 1
    for name in work.dated:
        taken.falls_on(full.get(name))
    if work.answers:
        add_answers(work.sheet, row, work.layout, work.answers, full, taken, work.is_book)


def _check_total(work: _Work, row: Row, exact: Counter[str], taken: Taken) -> None:
    """Compare what a totals row states with what the rows above it add up to, and say that it is no row itself."""
    on = f" on sheet {work.sheet.name}" if work.sheet.name else ""
    for field_name in work.totalled:
        if field_name not in work.fields:
            continue
        _, index = work.fields[field_name]
        stated, name = work.meanings[field_name].of(row.at(index), None)[0], work.layout.name(index)
        if not isinstance(stated, Attendance) or stated.low is None:
            continue
        apart = stated.low - exact[field_name]
        cell = _address(work, row, index)
        if apart:
            message = (
                f"The total{on} is {abs(apart)} {'more' if apart > 0 else 'less'} than the exact counts"
                " of its rows add up to. Check the rows and the total."
            )
            taken.issues.append(Issue(work.sheet.name, row.number, name, "warn", "total_mismatch", message, cell=cell))
        else:
            message = f"The total{on} is what the exact counts of its rows add up to. It was not taken in as a row."
            taken.issues.append(Issue(work.sheet.name, row.number, name, "info", "total_row", message, cell=cell))


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
    is_book: bool = False,
    on_rows: Callable[[int], None] = lambda _: None,
) -> None:
    """Add the rows under a sheet's header to `taken`.

    :param is_book: whether the file is a workbook, whose cells have addresses.
    :param seen: identities of the file's earlier rows; those of this sheet are added.
    :param screen: the ids of the safeguarding rules that a text sets off.
    :param on_rows: told now and then how many rows of the file were looked at so far, for progress.
    """
    work = _prepare(sheet, contract, layout, context, facts, sha256, screen, is_book)
    exact: Counter[str] = Counter()
    content = taken.content
    if content is not None:
        content.begin(sheet.name, layout.names)
    for number, row in enumerate(sheet.after(layout.first_data)):
        if number % BETWEEN_LOOKS == 0:
            taken.hand_out()
            on_rows(taken.received)
        texts = texts_of(row.cells)
        several = len(texts) - texts.count("") > 1  # then the row is neither blank nor a note
        if not several and all(is_blank(cell) for cell in row.cells):
            continue
        if content is not None:
            content.add(row)
        if _is_header_again(work, row):
            taken.not_data += 1
            message = "The names of the columns stand here again: the row was not taken in."
            taken.issues.append(Issue(sheet.name, row.number, None, "info", "header_again", message))
            continue
        is_total = _is_total(work, row)
        if is_total or (not several and _is_note(work, row)):
            taken.not_data += 1
            look(sheet, row, layout, range(len(row.cells)), screen, taken)
            if is_total:
                _check_total(work, row, exact, taken)
            continue
        taken.received += 1
        if opened := _open_cells(work, row):
            look(sheet, row, layout, opened, screen, taken)
        _watch(work, row, texts, taken)
        work.watcher.texts(row, taken.watch)
        identity = _identity(work, texts)
        if identity in seen:
            taken.duplicate += 1
            taken.issues.append(_doubled(work, row, identity, taken))
            continue
        seen.add(identity)
        before = taken.accepted
        exact.update(_judge(work, row, texts, taken))
        if work.prevailing and taken.accepted > before:
            record = taken.columns[contract.record]
            taken.kept[identity] = before, [record[name][-1] for name in work.prevailing]


def _doubled(work: _Work, row: Row, identity: bytes, taken: Taken) -> Issue:
    fields = [(name, work.fields[name][1], work.meanings[name]) for name in work.prevailing if name in work.fields]
    changed = settle(fields, row, work.contract.record, identity, work.prevailing, taken)
    if not changed:
        message = "The same row came before in this file: the first one alone is used."
        return Issue(work.sheet.name, row.number, None, "info", "duplicate", message, "duplicate")
    index = work.fields[changed[0]][1]
    name, cell = work.layout.name(index), _address(work, row, index)
    message = f"The same row came before in this file and said another {name}: the stricter of the two holds."
    return Issue(work.sheet.name, row.number, name, "warn", "duplicate", message, "duplicate", cell)


def _judge(work: _Work, row: Row, texts: list[str], taken: Taken) -> dict[str, int]:
    """Accept or reject a row that is data and no duplicate; gives what it adds to the sheet's totals."""
    ruled_out = _ruled_out(work, row, texts)
    if ruled_out is not None:
        taken.reject(*ruled_out)
        return {}
    values, problems = _values(work, row)
    if work.answers:
        problems += weight_problem(work.fields, row, values)
    _say_spilt(work, row, taken)
    work.watcher.row(row, values, problems, taken.watch)
    fatal = next((problem for _, column, problem in problems if _rejects(column, problem)), None) if problems else None
    for index, column, problem in problems:
        if problem.reason in CHANGES:
            continue  # told once a column
        cell, name, address = row.at(index), work.layout.name(index), _address(work, row, index)
        severity = "error" if _rejects(column, problem) else "warn"
        message = f"{address}: {problem.message}" if address and isinstance(cell, CellError) else problem.message
        issue = Issue(work.sheet.name, row.number, name, severity, problem.reason, message, cell=address)
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


def _rejects(column: Column, problem: Problem) -> bool:
    return column.invalid == "reject" and not problem.kept


def _say_spilt(work: _Work, row: Row, taken: Taken) -> None:
    """A cell under no name belongs nowhere. In a CSV a separator stands in a text before it; in a sheet it is a jotting."""
    names = work.layout.names
    if not work.nameless and len(row.cells) <= len(names):
        return
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
        cell_at = _address(work, row, index)
        taken.issues.append(Issue(work.sheet.name, row.number, name, "warn", "unnamed_column", message, cell=cell_at))
        return
