"""The shape of `receipt.json`, from which the page, the marked copies and `tfc receipts` are made. No field ever holds a cell.

`docs/receipt.schema.json` is made from these models; a test compares the two.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "VERSION",
    "AcceptedReturn",
    "BrokenRule",
    "FlagCount",
    "HeldSource",
    "IssueLevel",
    "IssuePlace",
    "IssueSentence",
    "ReceiptFile",
    "ReceiptIssue",
    "ResolvedIssue",
    "ReturnDue",
    "RowTally",
    "SiteReceipt",
    "ToDo",
    "VersionComparison",
]

VERSION = 1


class ReceiptModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IssueLevel(StrEnum):
    """What an issue asks of its reader, the most urgent first."""

    CORRECT = "mend"  # rows were refused; programs know the value by this word
    CHECK = "check"  # used all the same, perhaps with a gap
    NOTE = "note"  # needs nothing
    LEFT_OUT = "left_out"  # marked by the tool as not to be counted: a test, an unfinished answer


class IssuePlace(ReceiptModel):
    """Where an issue is, as the sender sees it. `row` is the sheet's row, the CSV's line, the SPSS case."""

    sheet: str | None = None
    row: int | None = None
    column: str | None = Field(default=None, description="The column's name.")
    cell: str | None = Field(default=None, description="The address in a workbook, as E3.")


class ReceiptIssue(ReceiptModel):
    """One issue, as the lake has it."""

    sheet: str | None
    row_number: int | None
    column_name: str | None
    cell: str | None = None
    severity: str
    disposition: str | None
    reason: str
    message: str


class IssueSentence(ReceiptModel):
    """One sentence and every place that it is about."""

    sentence: str
    places: tuple[IssuePlace, ...]


class BrokenRule(ReceiptModel):
    """All issues of a file under one rule."""

    rule: str
    title: str
    level: IssueLevel
    severity: str
    what_to_do: str
    refused: int = Field(description="Rows that do not count because of it.")
    said: tuple[IssueSentence, ...]

    @property
    def places(self) -> int:
        return sum(len(said.places) for said in self.said)


class RowTally(ReceiptModel):
    """received = (used or waiting) + refused + the sum of left_out + duplicate. `not_data` is not part of that sum."""

    received: int
    used: int = Field(description="Rows that count tonight.")
    waiting: int = Field(description="Rows that were read well, of a file that does not count tonight.")
    refused: int
    left_out: dict[str, int] = Field(description="Rows that the tool marks as not to be counted, by reason.")
    duplicate: int
    not_data: int = Field(description="Titles, totals, notes and the like.")
    hidden: dict[str, int] = Field(default={}, description="Hidden rows, columns and sheets.")
    changed: dict[str, int] = Field(default={}, description="Cells that were read otherwise than written, by reason.")


class VersionComparison(ReceiptModel):
    """What a version of a return changed in its rows that count, against the good version before it."""

    compared_with: str = Field(description="The file before.")
    received_on: date = Field(description="When that one came.")
    rows_before: int
    rows_now: int
    added: int
    gone: int
    changed: int
    by: str = Field(description="id: rows are compared by their ids; content: by what they say.")
    sentence: str


class AcceptedReturn(ReceiptModel):
    """Who accepted a return that was held, and why."""

    by: str
    on: date
    because: str


class ReceiptFile(ReceiptModel):
    """One file as it lies in the landing zone now."""

    file: str
    source: str | None
    sha256: str
    return_key: str | None = Field(description="Which return it is; null where its name does not say.")
    period: tuple[str, str] | None = Field(description="The first and the last month of the rows that were read.")
    received_on: date
    status: str
    cause: str | None = Field(description="Why it does not count, from a closed list.")
    counts: bool = Field(description="Whether its rows count tonight.")
    is_open: bool = Field(description="Whether it does not count for a fault that no later file has corrected.")
    asks: bool = Field(
        description="Whether its issues are to be corrected here: it is the latest of its return that was read."
    )
    message: str | None
    received: int
    accepted: int
    rejected: int
    duplicate: int
    not_data: int
    tally: RowTally
    superseded_by: str | None
    compared: VersionComparison | None = None
    accepted_by: AcceptedReturn | None = Field(
        default=None, description="Where it counts because somebody accepted it."
    )
    read_as: dict[str, Any] = Field(default={}, description="What its bytes were: format, encoding, delimiter.")
    mappings: tuple[tuple[str, str, str], ...] = Field(default=(), description="Column asked for, column found, state.")
    issues: tuple[ReceiptIssue, ...]
    rules: tuple[BrokenRule, ...] = Field(description="The same issues by rule, the most urgent first.")
    marked: str | None = Field(default=None, description="The marked copy, beside this receipt.")


class HeldSource(ReceiptModel):
    """A source whose latest return does not count. Its last good return is used."""

    source: str
    since: date | None
    cause: str | None
    reason: str | None
    file: str | None
    what_to_do: str


class ReturnDue(ReceiptModel):
    """A return that has not come. `status`: overdue · not_yet_due."""

    source: str
    return_key: str = Field(alias="return")
    due_on: date
    status: str
    days_late: int = Field(default=0, description="Counted to the receipt's `as_of`; 0 where it is not yet due.")
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class ResolvedIssue(ReceiptModel):
    """What an earlier version of a return had wrong, and the latest no longer has, or has less of."""

    source: str
    return_key: str
    rule: str
    title: str
    since: date = Field(description="When the version came that has it right.")
    was: int
    now: int
    unit: str  # rows · places · file
    file: str
    sentence: str


class ToDo(ReceiptModel):
    """One thing to do. `kind`: held · rejected · unreadable · overdue · mend · check · waiting · unrecognised, in this order."""

    kind: str
    source: str | None
    title: str
    sentence: str
    what_to_do: str
    is_said: bool = Field(default=False, description="Whether the sentence says itself what to do.")
    since: date | None = None
    rule: str | None = None
    refused: int = 0
    places: int = 0
    files: tuple[str, ...] = ()


class FlagCount(ReceiptModel):
    """How many texts wait for the safeguarding lead: never which, never what they say."""

    waiting: int
    where: str


class SiteReceipt(ReceiptModel):
    """All that a site is shown of one night."""

    version: int = VERSION
    site: str
    name: str
    as_of: date = Field(description="The date that the night worked for.")
    to_do: tuple[ToDo, ...]
    files: tuple[ReceiptFile, ...]
    held: tuple[HeldSource, ...]
    due: tuple[ReturnDue, ...]
    cleared: tuple[ResolvedIssue, ...]
    waiting: tuple[str, ...] = Field(
        default=(), description="Files that were still being written when the night looked."
    )
    flags: FlagCount

    def as_data(self) -> dict[str, Any]:
        return self.model_dump(mode="json", by_alias=True)
