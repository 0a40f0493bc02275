"""`receipt.html`: a site's data check, for a researcher who has five minutes. What to do comes first.

Everything on it is in `receipt.json` too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from tfc_platform.feedback.receipts.cell_ranges import CellRange, cell_ranges_of, range_texts
from tfc_platform.feedback.receipts.schema import (
    BrokenRule,
    IssueLevel,
    ReceiptFile,
    ResolvedIssue,
    ReturnDue,
    SiteReceipt,
    ToDo,
)
from tfc_platform.feedback.receipts.wording import rule_words, statuses
from tfc_platform.pages.formatting import date_words
from tfc_platform.pages.rendering import render

__all__ = ["INLINE", "receipt_page"]

INLINE = 12  # places of a rule in one file that are shown at once; the others are one click away
KIND_WORDS = {
    "held": "Using the previous file",
    "rejected": "Not used",
    "unreadable": "Cannot be opened",
    "overdue": "Overdue",
    "mend": "Correct",
    "check": "Check",
    "waiting": "Waiting",
    "unrecognised": "Not recognised",
}
LATER_KINDS = ("check", "waiting", "unrecognised")
# What a row is called where the sender looks it up.
ROW_WORD = {"csv": "line", "sav": "case", "zsav": "case", "por": "case"}


@dataclass(frozen=True)
class SpotList:
    """Sentences with where they hold: the first few, and those one click away with how many these are."""

    first: tuple[tuple[str, str], ...]
    rest: tuple[tuple[str, str], ...]
    more: str


@dataclass(frozen=True)
class FileReference:
    """A file with its marked copy, and where in it a rule is broken."""

    path: str
    marked: str
    marked_label: str
    spots: tuple[SpotList, ...] = ()


@dataclass(frozen=True)
class Task:
    """One thing to do or to check."""

    kind: str
    tag: str
    title: str
    source: str
    sentence: str
    what_to_do: str
    files: tuple[FileReference, ...]


@dataclass(frozen=True)
class FileReport:
    """What happened to a file."""

    reference: FileReference
    status: str
    message: str
    facts: tuple[str, ...]
    counts: tuple[tuple[int, str], ...]
    mappings_title: str
    mappings: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class FileNotes:
    """What was noticed in a file and needs nothing."""

    title: str
    rules: tuple[tuple[str, SpotList], ...]


def receipt_page(receipt: SiteReceipt) -> str:
    """The page of one site's receipt. Equal receipts give equal pages."""
    files = {file.file: file for file in receipt.files}
    urgent = [item for item in receipt.to_do if item.kind not in LATER_KINDS]
    later = [item for item in receipt.to_do if item.kind in LATER_KINDS]
    ordered = sorted(receipt.files, key=lambda file: (not file.is_open, not file.counts, file.file))
    return render(
        "tfc_platform.feedback.receipts",
        "receipt.html.j2",
        receipt=receipt,
        summary=_summary(receipt, urgent, later),
        safeguarding=_many(receipt.flags.waiting, "text waits", "texts wait") if receipt.flags.waiting else "",
        urgent=[_task(item, files) for item in urgent],
        asks_for_rows=any(item.rule for item in receipt.to_do),
        later=[_task(item, files) for item in later],
        files=[_file(file) for file in ordered],
        due=_due(receipt.due),
        cleared=_cleared(receipt.cleared, receipt.as_of),
        notes=_notes(receipt.files),
        statuses=[(name.replace("_", " "), meaning) for name, meaning in statuses().items()],
    )


def _many(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


def _summary(receipt: SiteReceipt, urgent: Sequence[ToDo], later: Sequence[ToDo]) -> tuple[str, str]:
    """How much there is to do; how much there is to check, and how much is used."""
    used = [file for file in receipt.files if file.counts]
    rows = _many(sum(file.tally.used for file in used), "row", "rows")
    parts = [
        f"{len(later)} to check" if later else "",
        f"{_many(len(used), 'file is used', 'files are used')}, with {rows}",
    ]
    first = _many(len(urgent), "thing to do", "things to do") if urgent else "Nothing to do"
    return first, ", ".join(part for part in parts if part)


def _task(item: ToDo, files: dict[str, ReceiptFile]) -> Task:
    since = f" since {date_words(item.since)}" if item.since and item.kind != "overdue" else ""
    return Task(
        kind=item.kind,
        tag=KIND_WORDS[item.kind] + since,
        title=item.title,
        source=item.source or "",
        sentence=item.sentence,
        what_to_do="" if item.is_said else item.what_to_do,
        files=tuple(_reference(path, files.get(path), item) for path in item.files),
    )


def _reference(path: str, file: ReceiptFile | None, item: ToDo | None = None) -> FileReference:
    spots: tuple[SpotList, ...] = ()
    if file is not None and item is not None and item.rule is not None:
        spots = tuple(
            _spot_list(rule, file) for rule in file.rules if rule.rule == item.rule and rule.level == item.kind
        )
    if file is None or file.marked is None:
        return FileReference(path, "", "", spots)
    return FileReference(path, quote(file.marked), f"Marked copy of {file.file.rsplit('/', 1)[-1]}", spots)


def _spot_list(rule: BrokenRule, file: ReceiptFile) -> SpotList:
    lines = [(one.sentence, spot) for one in rule.said for spot in cell_ranges_of(one.places)]
    first, rest = lines[:INLINE], lines[INLINE:]
    return SpotList(_places(first, file), _places(rest, file), _many(len(rest), "more place", "more places"))


def _places(lines: Iterable[tuple[str, CellRange]], file: ReceiptFile) -> tuple[tuple[str, str], ...]:
    """Each sentence once, with all its places."""
    by_sentence: dict[str, list[CellRange]] = {}
    for sentence, spot in lines:
        by_sentence.setdefault(sentence, []).append(spot)
    form = str(file.read_as.get("format") or PurePosixPath(file.file).suffix.lower().lstrip("."))
    word = ROW_WORD.get(form, "row")
    return tuple((sentence, "; ".join(range_texts(spots, word))) for sentence, spots in by_sentence.items())


def _file(file: ReceiptFile) -> FileReport:
    facts = (
        file.source or "no source",
        f"return {file.return_key}" if file.return_key else "",
        f"months {' to '.join(dict.fromkeys(file.period))}" if file.period else "",
        f"received by {date_words(file.received_on)}",
        f"read as {', '.join(str(value) for value in file.read_as.values())}" if file.read_as else "",
    )
    has_rows = file.source is not None and file.status not in ("duplicate_file", "unreadable", "erased")
    return FileReport(
        reference=_reference(file.file, file),
        status=file.status.replace("_", " "),
        message=" ".join(
            filter(None, (file.message, _accepted_by(file), file.compared.sentence if file.compared else ""))
        ),
        facts=tuple(fact for fact in facts if fact),
        counts=_counts(file) if has_rows else (),
        mappings_title=_many(len(file.mappings), "column under another name", "columns under another name"),
        mappings=file.mappings,
    )


def _accepted_by(file: ReceiptFile) -> str:
    one = file.accepted_by
    return f"{one.by} accepted it on {date_words(one.on)}: {one.because.rstrip('.')}." if one else ""


def _counts(file: ReceiptFile) -> tuple[tuple[int, str], ...]:
    """The rows of a file by what happened to them; received and used always, others where there are any."""
    tally = file.tally
    counts = [
        (tally.received, "received"),
        (tally.used, "used"),
        (tally.waiting, "read, not used"),
        (tally.refused, "refused"),
        *((count, f"left out: {rule_words(reason)[0].lower()}") for reason, count in tally.left_out.items()),
        (tally.duplicate, "duplicates"),
        (tally.not_data, "titles, totals, notes"),
        *((count, f"hidden {what.replace('_', ' ')}") for what, count in tally.hidden.items()),
        *((count, f"changed on reading: {rule_words(what)[0].lower()}") for what, count in tally.changed.items()),
    ]
    return tuple(item for place, item in enumerate(counts) if item[0] or place < 2)


def _due(due: Sequence[ReturnDue]) -> list[tuple[str, str]]:
    """Returns that have not come, the first due first, and how late each is."""
    return [
        (
            f"{item.source}, {item.return_key}: due {date_words(item.due_on)}",
            f"{_many(item.days_late, 'day', 'days')} late" if item.days_late else "",
        )
        for item in sorted(due, key=lambda item: (item.due_on, item.source))
    ]


def _cleared(cleared: Sequence[ResolvedIssue], as_of: date) -> list[dict[str, Any]]:
    return [
        {"is_new": item.since == as_of, "sentence": item.sentence, "of": f"{item.source}, {item.return_key}"}
        for item in cleared
    ]


def _notes(files: Sequence[ReceiptFile]) -> list[FileNotes]:
    notes = []
    for file in files:
        rules = (
            [rule for rule in file.rules if rule.level in (IssueLevel.NOTE, IssueLevel.LEFT_OUT)] if file.asks else []
        )
        if rules:
            count = _many(sum(rule.places for rule in rules), "note", "notes")
            notes.append(
                FileNotes(f"{file.file}: {count}", tuple((rule.title, _spot_list(rule, file)) for rule in rules))
            )
    return notes
