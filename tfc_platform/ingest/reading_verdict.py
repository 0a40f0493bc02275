"""The verdict on a file that was read: whether it counts, by what its rows say together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.column_verdict import hold_for_personal, report_personal
from tfc_platform.ingest.error_rate import is_too_much
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.ingest_result import IngestResult, RowIssue
from tfc_platform.sheets.sheet_model import ReadAs

__all__ = ["FileReading", "verdict_on"]

FEW_INVALID = 3  # answers outside the codes that a survey may have, as slips
FEW_REPEATS = 3  # rows with the id of another one that a file may have, as slips
SAME_ANSWER_SHARE = 0.01  # of all answers, that one unknown answer may have in most of the items, beyond chance
MOST_ITEMS = 2 / 3
LEFT_OUT_SHARE = 1 / 3  # of the rows that count, in which a column's cell may be unreadable; beyond chance
OTHER_MONTHS_SHARE = 0.25  # of the rows, that a month's file may have of other months
REPEATS_SHARE = 0.01  # of the rows; the same beyond chance


@dataclass
class FileReading:
    """What a file turned out to be: `read`, `unreadable`, `rejected` or `held`, with the sentence that says why.

    `cause` is the same why from a closed list, for those who may not read the sentence: unreadable, unsafe_file, name,
    no_header, no_data, sheet_name, two_tables, repeated_group, missing_column, doubled_column, unknown_codes,
    contradicting_labels, other_population, other_site, personal_column, date_order, formulas, repeated_ids, other_month,
    unreadable_column, empty_column, invalid_answers, row_width, rejected_rows, nothing_counts. A file that was erased is not
    read at all: its status and cause are `erased`.
    """

    status: str
    message: str | None
    result: IngestResult
    cause: str | None = None
    read_as: ReadAs | None = None
    hidden: dict[str, int] = field(default_factory=dict)  # rows and columns that were read, sheets that were not


def _repeated_ids(result: IngestResult) -> str | None:
    """Why the ids of a file cannot tell its rows apart, or None: more than a few of them stand on rows that differ."""
    count = sum(result.repeated_ids.values())
    if count <= FEW_REPEATS or not is_too_much(count, result.received, REPEATS_SHARE):
        return None
    names = " and ".join(f"“{name}”" for name in result.repeated_ids)
    return (
        f"{count} of {result.received} rows have an id in {names} that an earlier row has too, and say something else: nobody"
        " can tell which rows count. Export each form, event or period by itself, with the ids as the tool gives them, paste no"
        " export under another, and do not open and save the file in a spreadsheet program in between."
    )


def _other_months(result: IngestResult, file: FileContext) -> str:
    months = " and ".join(f"{date.fromisoformat(f'{month}-01'):%B %Y}" for month in sorted(result.other_months)[:3])
    named = f"{file.month:%B %Y}" if file.month else ""
    return (
        f"{sum(result.other_months.values())} of {result.received} rows have dates in other months ({months}) than the file's"
        f" name says ({named}): it seems to be another month's file. Send that month's own rows, or give the file its right name."
    )


def _invalid_answers(contract: Contract, result: IngestResult) -> str | None:
    """Why a survey's answers cannot be relied on, or None: beyond chance, too many of them are none of the contract's codes."""
    count = result.unknown_answers.total()
    if count <= FEW_INVALID:
        return None
    if not is_too_much(count, result.answers, contract.hold.above):
        return _same_answer(result)
    return (
        f"{count} of {result.answers} answers are none of the codes that the contract knows, more than"
        f" {(contract.hold.above or 0) * 100:g}%. Export the survey as before; if its answers are written in another way by now,"
        " the central team has to add that to the contract."
    )


def _same_answer(result: IngestResult) -> str | None:
    """Why one answer that the contract does not know is none of the slips that every survey has: most items have it."""
    of_answer: dict[int, list[int]] = {}
    for (_, answer), count in result.unknown_answers.items():
        of_answer.setdefault(answer, []).append(count)
    items = len(result.items)
    for counts in of_answer.values():
        if len(counts) >= MOST_ITEMS * items > 1 and is_too_much(sum(counts), result.answers, SAME_ANSWER_SHARE):
            return (
                f"One answer that the contract does not know stands {sum(counts)} times, in {len(counts)} of {items} items: the"
                " codes seem to have been numbered in another way. Export the survey as before; if its answers are written in"
                " another way by now, the central team has to add that to the contract."
            )
    return None


def _left_out(result: IngestResult) -> str | None:
    """Why a column cannot be relied on, or None: beyond chance, too many of its cells cannot be read."""
    for column, count in result.left_out.items():
        if count > FEW_INVALID and is_too_much(count, result.accepted, LEFT_OUT_SHARE):
            return (
                f"{count} of {result.accepted} cells in the column “{column}” are nothing that can stand there. Look whether the"
                " column holds what its name says, in the unit that it asks for. Correct it and send the file again."
            )
    return None


def _ragged(result: IngestResult) -> str:
    return (
        f"{result.ragged} of {result.received} rows have fewer or more cells than the header, as where versions of a form are put"
        " into one file, or a text holds a separator: nobody can tell which cell is whose. Export the form again in one version,"
        " with a cell for every column, and send that."
    )


def verdict_on(file: FileContext, result: IngestResult) -> FileReading:
    """What a file turned out to be whose rows have been read."""
    contract = file.contract
    if not result.received and contract.empty == "accept":
        message = "The file has its header and no rows: it was taken as a return of none."
        result.issues.append(RowIssue(None, None, None, "warn", "no_rows", message))
        return FileReading("read", None, result)
    if not result.received:
        message = "The file has no data row: it has no rows under its header. Send it again with its rows."
        return FileReading("rejected", message, result, "no_data")
    report_personal(result)
    personal = hold_for_personal(contract, result)
    fault = (personal if result.accepted else None) or result.checks.fault()
    if fault is not None:
        return FileReading("held", fault[1], result, fault[0])
    left_out = _left_out(result)
    if left_out is not None:
        return FileReading("held", left_out, result, "unreadable_column")
    invalid = _invalid_answers(contract, result)
    if invalid is not None:
        return FileReading("held", invalid, result, "invalid_answers")
    repeated = _repeated_ids(result)
    if repeated is not None:
        return FileReading("held", repeated, result, "repeated_ids")
    others = sum(result.other_months.values())
    if 2 * others > result.received or is_too_much(others, result.received, OTHER_MONTHS_SHARE):
        return FileReading("held", _other_months(result, file), result, "other_month")
    if contract.hold.above is not None and is_too_much(result.faults, result.received, contract.hold.above):
        if 2 * result.ragged > result.faults:
            return FileReading("held", _ragged(result), result, "row_width")
        share = f"{result.faults} of {result.received} rows were rejected, more than {contract.hold.above * 100:g}%"
        message = f"{share}. Correct the rows that the receipt names and send the file again."
        return FileReading("held", message, result, "rejected_rows")
    if not result.accepted:
        message = f"Not one of the {result.received} rows counts: nothing can be taken from this file."
        return FileReading("rejected", message, result, "nothing_counts")
    return FileReading("read", None, result)
