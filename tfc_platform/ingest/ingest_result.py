"""What the sheets of a file became: typed columns, issues, flags, texts and the counts that account for every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from tfc_platform.atomic_io import sha256_text
from tfc_platform.ingest.coded_columns import coded_schema
from tfc_platform.ingest.column_checks import ColumnChecks
from tfc_platform.ingest.content_fingerprint import ContentFingerprint
from tfc_platform.privacy.personal_data import PersonalDataTally
from tfc_platform.schemas import RECORDS

__all__ = ["CHUNK", "Drain", "Fault", "FreeText", "IngestResult", "RowIssue", "SafeguardingFlag", "Screen"]

CHUNK = 50_000  # rows of a record, issues or texts that are handed out at a time
Fault = tuple[
    str, str
]  # why a file is rejected or held: the cause, from the closed list of `FileReading`, and the sentence
FreeText = tuple[str | None, int, str, str]  # sheet, row, column, text
Screen = Callable[[str], list[str]]  # the ids of the safeguarding rules that a text sets off


@dataclass(frozen=True)
class RowIssue:
    """What a sender should know of a row, a column, a sheet or the whole file; no cell but what `quote` lets through."""

    sheet: str | None
    row: int | None
    column: str | None
    severity: str
    reason: str
    message: str
    disposition: str | None = None
    cell: str | None = None  # its address (`E3`) in a workbook; elsewhere row and column say it


@dataclass(frozen=True)
class SafeguardingFlag:
    """Where a text may disclose harm, and by which rule; never the text."""

    sheet: str | None
    row: int
    column: str
    rule: str
    digest: str = field(default="", repr=False)  # of the text, by which it is known when it comes again


class Drain(Protocol):
    """Who takes what is full while a long file is still being read, so that memory does not grow with it."""

    def take_rows(self, record: str, table: pa.Table) -> None: ...
    def take_issues(self, issues: Sequence[RowIssue]) -> None: ...
    def take_texts(self, texts: Sequence[FreeText]) -> None: ...


@dataclass
class IngestResult:
    """What a file's sheets became. `texts` is for the text store.

    A record's rows are the tables in `pieces`, and after them those that `pending` has as lists, field by field. With a `drain`,
    these are what it has not taken yet: `handed` rows of each record came before. The counts are always of the whole file.
    """

    pieces: dict[str, list[pa.Table]] = field(default_factory=dict)
    pending: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    issues: list[RowIssue] = field(default_factory=list)
    flags: list[SafeguardingFlag] = field(default_factory=list)
    texts: list[FreeText] = field(default_factory=list)
    names: set[tuple[str, str]] = field(default_factory=set)  # kind and token of each part of a name: see `names`
    kept: dict[bytes, tuple[int, list[Any]]] = field(default_factory=dict)  # of an identity: see `doubles`
    drain: Drain | None = None
    handed: Counter[str] = field(default_factory=Counter)
    amended: dict[str, dict[str, dict[int, Any]]] = field(default_factory=dict)  # record → field → row → value
    received: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    not_data: int = 0
    faults: int = 0  # rejected rows that speak against the return
    reasons: Counter[str] = field(default_factory=Counter)
    answers: int = 0  # to survey items: filled cells
    items: set[str] = field(default_factory=set)  # that the people were asked who gave an unknown answer
    unknown_answers: Counter[tuple[str, int]] = field(
        default_factory=Counter
    )  # of them, outside the codes: by item and hash
    outside_window: Counter[str] = field(default_factory=Counter)  # dates outside the contract's window, by month
    left_out: Counter[str] = field(default_factory=Counter)  # by column, cells that cannot be read in rows that count
    other_months: Counter[str] = field(default_factory=Counter)  # rows of other months than the name says, by month
    ragged: int = 0  # rows with fewer or more cells than the header
    repeated_ids: Counter[str] = field(default_factory=Counter)  # rows with the id of one that differs, by column
    months: set[str] = field(default_factory=set)
    days: set[date] = field(default_factory=set)  # whose months are noted
    unknown_columns: list[str] = field(default_factory=list)
    mappings: list[tuple[str, str, str]] = field(
        default_factory=list
    )  # names guessed: the contract's, the file's, state
    tallies: dict[tuple[str, str], PersonalDataTally] = field(default_factory=dict)  # role and name of columns
    personal_cells: dict[tuple[str, str], list[RowIssue]] = field(default_factory=dict)  # by the same, an issue a cell
    content: ContentFingerprint | None = None  # the digest of all that was said, as its rows pass
    checks: ColumnChecks = field(default_factory=ColumnChecks)

    def add(self, record: str, values: dict[str, Any]) -> None:
        """Add one row of a record; a field without a value is null, and a whole-number field drops its fraction."""
        lists = self.pending.get(record) or self._lists(record)
        for name in _WHOLE[record]:
            if isinstance(values.get(name), float):
                values = {**values, name: int(values[name])}
        value_of = values.get
        for name, column in lists.items():
            column.append(value_of(name))

    def add_several(self, record: str, shared: dict[str, Any], own: dict[str, list[Any]]) -> None:
        """Add rows of a record that share all fields but those of `own`, which has one value a row, as they are kept."""
        rows = len(next(iter(own.values())))
        for name, column in self._lists(record).items():
            column.extend(own[name] if name in own else [shared.get(name)] * rows)

    def falls_on(self, day: date | None) -> None:
        """Note the month of a day of an accepted row."""
        if day is not None and day not in self.days:
            self.days.add(day)
            self.months.add(day.strftime("%Y-%m"))

    def _lists(self, record: str) -> dict[str, list[Any]]:
        lists = self.pending.get(record)
        if lists is None:
            lists = self.pending[record] = {name: [] for name in RECORDS[record].names}
        return lists

    def amend(self, record: str, name: str, row: int, value: Any) -> None:
        """Change a field of a row, counted from 0, that was added before, wherever it is by now."""
        before = self.handed[record] + sum(piece.num_rows for piece in self.pieces.get(record, ()))
        if row >= before:
            self.pending[record][name][row - before] = value
        else:
            self.amended.setdefault(record, {}).setdefault(name, {})[row] = value

    def last(self, record: str, name: str) -> Any:
        """A field of the row of a record that was added last."""
        return self.pending[record][name][-1]

    def counts_pending(self) -> dict[str, int]:
        """How many rows of each record are not in a table yet."""
        return {record: len(lists["site"]) for record, lists in self.pending.items()}

    def take_pending(self) -> dict[str, pa.Table]:
        """The rows that are not in a table yet, as tables; the lists begin anew."""
        taken = {}
        for record, lists in self.pending.items():
            if lists["site"]:
                taken[record] = pa.Table.from_pydict(lists, schema=coded_schema(record))
                for column in lists.values():
                    column.clear()
        return taken

    def add_table(self, record: str, table: pa.Table) -> None:
        """Add rows of a record as a table, after all that came before."""
        self.pieces.setdefault(record, []).append(table)

    @property
    def columns(self) -> dict[str, dict[str, list[Any]]]:
        """Each record's fields as lists, for those who look at few rows."""
        return {record: table.to_pydict() for record, table in self.tables().items()}

    def tables(self) -> dict[str, pa.Table]:
        """Each record's rows, but those that were handed out; their texts are coded."""
        return {record: self._table(record) for record in dict.fromkeys([*self.pieces, *self.pending])}

    def _table(self, record: str) -> pa.Table:
        rest = pa.Table.from_pydict(self._lists(record), schema=coded_schema(record))
        return pa.concat_tables([*self.pieces.get(record, ()), rest]).unify_dictionaries()

    def hand_out(self, least: int = CHUNK) -> None:
        """Let the drain, where there is one, take each record, the issues and the texts once they have grown to `least`."""
        if self.drain is None:
            return
        for record in dict.fromkeys([*self.pieces, *self.pending]):
            pieces, lists = self.pieces.get(record, []), self._lists(record)
            rows = sum(piece.num_rows for piece in pieces) + len(lists["site"])
            if rows >= least:
                self.drain.take_rows(record, self._table(record))
                self.handed[record] += rows
                pieces.clear()
                for column in lists.values():
                    column.clear()
        if len(self.issues) >= least:
            self.drain.take_issues(self.issues)
            self.issues.clear()
        if len(self.texts) >= least:
            self.drain.take_texts(self.texts)
            self.texts.clear()

    def flag(self, screen: Screen, sheet: str | None, row: int, column: str, text: str) -> None:
        """Screen one text; where it sets off rules, keep one pointer to it, with all of them."""
        rules = screen(text)
        if rules:
            digest = sha256_text(" ".join(text.split()))
            self.flags.append(SafeguardingFlag(sheet, row, column, ", ".join(rules), digest))

    def notice(self) -> None:
        """Add what was noticed of the columns over all rows; once, after the last sheet."""
        for sheet, row, column, severity, reason, message, cell in self.checks.said():
            self.issues.append(RowIssue(sheet, row, column, severity, reason, message, cell=cell))

    def reject(self, issue: RowIssue, fault: bool = True) -> None:
        """Account for a row that does not count, by the one issue that says why."""
        self.issues.append(issue)
        self.rejected += 1
        self.faults += fault
        self.reasons[issue.reason] += 1


_WHOLE = {
    record: tuple(field.name for field in schema if pa.types.is_integer(field.type))
    for record, schema in RECORDS.items()
}
