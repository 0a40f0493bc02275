"""What a site has to do, the most urgent first: the head of its receipt, and what `tfc receipts` prints.

A file that does not count and that no later one has corrected is one thing to do; each rule that its rows break is another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from tfc_platform.feedback.receipts.schema import BrokenRule, HeldSource, IssueLevel, ReceiptFile, ReturnDue, ToDo
from tfc_platform.feedback.receipts.wording import cause_words, is_said
from tfc_platform.ingest.look_faults import LookFault
from tfc_platform.sheets.file_format import is_temporary

__all__ = ["KINDS", "to_do_of"]

KINDS = ("held", "rejected", "unreadable", "overdue", "mend", "check", "waiting", "unrecognised")
MOST_NAMED = 12  # returns that one sentence names; the receipt's list of what is due has all


def to_do_of(
    files: Sequence[ReceiptFile],
    held: Sequence[HeldSource],
    due: Sequence[ReturnDue],
    waiting: Sequence[str] = (),
    refused: Sequence[LookFault] = (),
) -> list[ToDo]:
    """All that a site has to do.

    :param waiting: paths of files that were still being written.
    :param refused: what was refused unread.
    """
    tasks = [
        *map(_held, held),
        *_not_counted(files, {item.file for item in held}),
        *_refused(refused),
        *_overdue(due),
        *_issues(files),
        *_waiting(waiting),
        *_unrecognised(files),
    ]
    return sorted(tasks, key=lambda item: (KINDS.index(item.kind), -item.refused))


def _held(item: HeldSource) -> ToDo:
    title, _ = cause_words(item.cause or "held")
    return ToDo(
        kind="held",
        source=item.source,
        title=title,
        sentence=item.reason or "",
        what_to_do=item.what_to_do,
        is_said=is_said(item.cause or ""),
        since=item.since,
        files=(item.file,) if item.file else (),
    )


def _not_counted(files: Sequence[ReceiptFile], said: set[str | None]) -> Iterable[ToDo]:
    for file in files:
        if file.is_open and file.file not in said:
            title, do = cause_words(file.cause or file.status)
            yield ToDo(
                kind="unreadable" if file.status == "unreadable" else "rejected",
                source=file.source,
                title=title,
                sentence=file.message or "",
                what_to_do=do,
                is_said=is_said(file.cause or file.status),
                since=file.received_on,
                files=(file.file,),
            )


def _overdue(due: Sequence[ReturnDue]) -> Iterable[ToDo]:
    sources: dict[str, list[ReturnDue]] = {}
    for item in due:
        if item.status == "overdue":
            sources.setdefault(item.source, []).append(item)
    for source, late in sources.items():
        late.sort(key=lambda item: item.due_on)
        named = "; ".join(
            f"{item.return_key} (due {_day(item.due_on)}, {_days(item.days_late)} late)" for item in late[:MOST_NAMED]
        )
        rest = f"; and {len(late) - MOST_NAMED} more" if len(late) > MOST_NAMED else ""
        yield ToDo(
            kind="overdue",
            source=source,
            title="A return has not come" if len(late) == 1 else f"{len(late)} returns have not come",
            sentence=f"{named}{rest}.",
            what_to_do="Send what is missing. If there is nothing to send, tell the central team.",
            since=late[0].due_on,
        )


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _days(count: int) -> str:
    return f"{count} day{'s' if count != 1 else ''}"


def _issues(files: Sequence[ReceiptFile]) -> Iterable[ToDo]:
    """The rules that are broken, each once a source, whichever of its files break them."""
    broken_rules: dict[tuple[str, str, str | None], list[tuple[ReceiptFile, BrokenRule]]] = {}
    for file in files:
        for rule in file.rules if file.asks else ():
            if rule.level in (IssueLevel.CORRECT, IssueLevel.CHECK):
                broken_rules.setdefault((rule.level, rule.rule, file.source), []).append((file, rule))
    for (level, name, source), broken in broken_rules.items():
        places = sum(rule.places for _, rule in broken)
        refused = sum(rule.refused for _, rule in broken)
        rule = broken[0][1]
        what = (
            f"{refused} row{'s' if refused != 1 else ''} refused"
            if refused
            else f"{places} place{'s' if places != 1 else ''}"
        )
        in_files = "" if len(broken) == 1 else f" in {len(broken)} files"
        yield ToDo(
            kind=level,
            source=source,
            title=rule.title,
            sentence=f"{what}{in_files}.",
            what_to_do=rule.what_to_do,
            rule=name,
            refused=refused,
            places=places,
            files=tuple(file.file for file, _ in broken),
        )


def _refused(faults: Sequence[LookFault]) -> Iterable[ToDo]:
    for fault in faults:
        yield ToDo(
            kind="unreadable",
            source=fault.sources[0] if fault.sources else None,
            title="A file that is never read",
            sentence=fault.sentence,
            what_to_do="Send the file itself, as the tool exports it.",
            since=fault.since,
            files=(fault.path,),
        )


def _waiting(paths: Sequence[str]) -> Iterable[ToDo]:
    if paths:
        yield ToDo(
            kind="waiting",
            source=None,
            title="Files that were still being sent",
            sentence="They were still growing when the night looked, so they were left for the next one.",
            what_to_do="Nothing, unless the sending has stopped: then send them again.",
            files=tuple(paths),
        )


def _unrecognised(files: Sequence[ReceiptFile]) -> Iterable[ToDo]:
    strange = [
        file for file in files if file.status == "unrecognised" and not is_temporary(file.file.rsplit("/", 1)[-1])
    ]
    if strange:
        yield ToDo(
            kind="unrecognised",
            source=None,
            title="Files that are no return",
            sentence="No return has such a name, or lies in such a folder. It was left where it is.",
            what_to_do="If one is a return, send it under its usual name, in its usual folder. Else nothing.",
            files=tuple(file.file for file in strange),
        )
