"""A contract to edit, from what a file shows: YAML with comments, and FILL_IN wherever only a person can know.

Loading refuses a contract in which a FILL_IN is left (`contracts.parse`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tfc_platform.contracts.parse import FILL_IN
from tfc_platform.profiling.column_stats import ColumnProfile
from tfc_platform.profiling.models import FileProfile

__all__ = ["FORMATS_OF", "DraftPart", "date_formats", "draft_frame", "quoted", "set_aside"]

MONTH = re.compile(r"(?<!\d)\d{4}-(0[1-9]|1[0-2])(?!-?\d)")  # a whole date is the day of the export
NAMED_MONTH = r".*(?P<month>\d{4}-\d{2})(?!-?\d).*"
LONGEST_COMMENT = 140
# What a contract calls the ways in which dates were written. Month first has no name there: it is never read.
FORMATS_OF = {
    "day_first": "d/m/y",
    "ambiguous": "d/m/y",
    "true_date": "d/m/y",
    "true_datetime": "d/m/y",
    "words": "d month y",
    "iso": "y-m-d",
}


@dataclass
class DraftPart:
    """What a kind of record adds: its `columns` and further keys as lines, and the numbers of the columns that they use."""

    record: str
    folder: str
    key: str  # of the return
    columns: list[str] = field(default_factory=list)
    further: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)


def quoted(text: str) -> str:
    """A text as YAML, on one line."""
    return "'" + " ".join(text.split()).replace("'", "''") + "'"


def shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_COMMENT else words[: LONGEST_COMMENT - 1] + "…"


def date_formats(column: ColumnProfile) -> list[str]:
    found = dict.fromkeys(FORMATS_OF[order] for order in column.date_orders if order in FORMATS_OF)
    return list(found) or ["y-m-d"]


def _files(name: str, folder: str) -> str:
    """The file's name with everything from its first number on left open."""
    stem, dot, ending = name.rpartition(".")
    start = re.split(r"[\d(]", stem if dot else name, maxsplit=1)[0].replace("*", "")
    return f"{folder}/{start}*{dot}{ending if dot else ''}"


def _reading(found: FileProfile) -> str:
    parts = [f"format: {found.reader}"]
    if found.encoding == "cp1252":
        parts.append("encoding: cp1252")
    if found.delimiter and found.delimiter != ",":
        parts.append("delimiter: " + ('"\\t"' if found.delimiter == "\t" else quoted(found.delimiter)))
    if found.header_rows > 1:
        parts.append(f"header: {{rows: {found.header_rows}, join: {found.join}}}")
    data = [sheet for sheet in found.sheets if sheet.state == "data"]
    groups = any(sheet.state == "repeats" for sheet in found.sheets)  # of which one may be named: see `_groups`
    if len(data) == 1 and found.reader == "workbook" and not groups:
        parts.append("name_sheets: false")
    return f"read: {{{', '.join(parts)}}}"


def _groups(found: FileProfile) -> list[str]:
    """The sheets of repeated groups: which of them has the rows, if any, only a person knows."""
    names = [quoted(sheet.name) for sheet in found.sheets if sheet.state == "repeats" and sheet.name]
    return (
        [f"# If the entries of a repeated group are the rows, add to read: repeats: {' or '.join(names)}"]
        if names
        else []
    )


def _rules(found: FileProfile) -> list[str]:
    lines = ["reject: # rows that the tool itself marks as no answer"] if found.rules else []
    for name, rule in found.rules:
        lines += [
            f"  - header: {quoted(name)}",
            f"    equals: [{', '.join(map(quoted, rule.equals))}]",
            f"    reason: {rule.reason}",
            f"    message: {quoted(rule.message)}",
            "    fault: false",
            "    optional: true",
        ]
    return lines


def _listed(key: str, what: str, columns: Iterable[tuple[ColumnProfile, str]]) -> list[str]:
    lines = [f"  - {quoted(column.name)}" + (f" # {shortened(why)}" if why else "") for column, why in columns]
    return [f"{key}: # {what}", *lines] if lines else []


def set_aside(found: FileProfile, used: set[int]) -> list[str]:
    """Where the columns go that no field uses. What is not known to be harmless is kept apart or dropped."""
    rest = [column for column in found.columns if column.number not in used and column.name]
    ruled = {name for name, _ in found.rules}
    texts = [
        (column, "blank in this file: who knows what stands here in another" if column.kind == "blank" else "")
        for column in rest
        if column.personal == "free_text" or (column.kind == "blank" and not column.personal and not column.system)
    ]
    personal = [
        (column, _why_personal(column)) for column in rest if column.personal and column.personal != "free_text"
    ]
    gone = {column.number for column, _ in (*texts, *personal)}
    ignored = [
        (column, column.label if column.label != column.name else "")
        for column in rest
        if column.number not in gone and column.name not in ruled
    ]
    nameless = [str(column.number) for column in found.columns if not column.name]
    return [
        *_listed("free_text", "anything may stand here: screened, kept apart, never in a figure", texts),
        *_listed(
            "personal",
            "dropped on reading. Where one names somebody: {column: …, kind: participant or staff}",
            personal,
        ),
        *_listed(
            "ignored", "known, not personal, not used. Look at each: a column about people belongs above", ignored
        ),
        *([f"# Without a name, and never read: column {', '.join(nameless)}."] if nameless else []),
    ]


def _why_personal(column: ColumnProfile) -> str:
    if column.personal == "postcode":
        return "postcode. If it is the venue's, take it out here and add to columns: small_area_code: {header: …, type: postcode}"
    return column.personal or ""


def draft_frame(found: FileProfile, name: str, part: DraftPart) -> str:
    """The whole contract as text.

    :param name: of the file, without folders.
    """
    month = part.record == "activity" and MONTH.search(name) is not None
    key = "{month}" if month else part.key
    named = [f"name: {quoted(NAMED_MONTH)}"] if month else []
    lines = [
        "# A draft from one file. It knows what the file shows, and not what that means.",
        f"# 1. Replace each {FILL_IN}; until none is left, the contract is refused.  2. Check each line marked `guess`.",
        "# 3. Go through free_text, personal and ignored with somebody who knows the form.  Every key: docs/adding-a-site.md",
        f"# From a file of {found.title or 'no known tool'} with {found.rows} rows.",
        *(f"# {shortened(note)}" for note in found.notes),
        f"source: {part.folder} # guess",
        f"sites: [{FILL_IN}] # the site's key, as in sites.yaml",
        f"record: {part.record} # guess: what a row is",
        f"owner: {FILL_IN} # the team that answers for this source",
        f"description: {FILL_IN} # a sentence that is told to a sender whose file has a wrong name",
        f"files: {quoted(_files(name, part.folder))} # guess, from the file's name: below the site's folder",
        *named,
        f"return: {{key: {quoted(key)}}} # guess: " + ("a file a month" if month else "each file holds all so far"),
        _reading(found),
        *_groups(found),
        "columns:",
        *part.columns,
        *part.further,
        *_rules(found),
        *set_aside(found, part.used),
        "# expects: when returns are due. Quarters and waves are released by it: docs/adding-a-site.md",
    ]
    return "\n".join(lines) + "\n"
