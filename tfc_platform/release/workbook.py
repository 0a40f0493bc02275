"""The workbook of a release, by gptables: the Analysis Function's library for accessible spreadsheets.

Equal tables give equal bytes: the only date in the file is the one that the caller gives.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from textwrap import wrap
from typing import Any

import pandas as pd
import pyarrow as pa

from tfc_platform.publication.released_table import ReleaseTable, Status
from tfc_platform.release.table_files import one_newline, safe_text

__all__ = ["CUT", "LONGEST", "SHORTHAND", "WorkbookCover", "cell_text", "write_workbook"]

SHORTHAND = {
    Status.SUPPRESSED.value: "[c]",
    Status.SUPPRESSED_SECONDARY.value: "[c]",
    Status.NOT_AVAILABLE.value: "[x]",
    Status.NOT_COMPARABLE.value: "[x]",
    Status.NOT_APPLICABLE.value: "[z]",
}
_MEANINGS = {
    "[c]": "[c] confidential: withheld, because too few people are behind it, or because others could be worked out from it.",
    "[x]": "[x] not available: not recorded, not comparable, or of a period that is not locked yet.",
    "[z]": "[z] not applicable: there can be no such figure.",
}
NO_ROWS = "[x]"  # in each cell of the one row of a table that has none: a marked table needs a row
_BLANKS = "Blank cells mean that there is nothing to record: no note, or a step that has not happened."
_AUTHOR = "Together for Childhood evaluation platform"
_LINE = 100  # characters of a line above a table: it runs over the columns beside it, which are empty there
_WIDEST = 60  # characters of a column; longer texts are wrapped
LONGEST = 32_767  # characters of a cell
CUT = " [cut here: whole in the CSV file]"

# What XML 1.0 cannot hold; a workbook with one would not open.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What gptables takes for a link, and for a reference to a note.
_LINK = re.compile(r"\](?=\()")
_REFERENCE = re.compile(r"\$(?=\$)")
# gptables refuses a cell without a Latin letter or a digit, which a text in another script is.
_HAS_LATIN = re.compile("[a-zA-Z0-9]")
_OTHER_SCRIPT = " [text]"


@dataclass(frozen=True)
class WorkbookCover:
    """The first sheet: its title, what a reader reads first, and what there is to know about the figures."""

    title: str
    intro: Sequence[str]
    about: Sequence[str]


def write_workbook(tables: Sequence[ReleaseTable], cover: WorkbookCover, made: date, target: Path) -> None:
    """Write the workbook: cover, contents, notes, then a sheet a table, its table named `tfc_<name>`.

    There is no zero that means a small number, so the shorthand `[low]` is not used.

    :param made: the date of the file.
    """
    import gptables as gpt

    notes = _note_numbers(tables)
    sheets = {table.name: _sheet(table, notes) for table in tables}
    with warnings.catch_warnings():
        # gptables warns of each sheet with blank cells, whose meaning is above the table, and of what pandas 4 will drop.
        warnings.simplefilter("ignore")
        book = gpt.produce_workbook(
            str(target),
            sheets,
            cover=gpt.Cover(
                cell_text(cover.title), [cell_text(t) for t in cover.intro], [cell_text(t) for t in cover.about]
            ),
            contentsheet_options={
                "table_name": "tfc_contents",
                "title": "Contents",
                "column_names": ["Sheet", "Table"],
            },
            notes_table=_notes_table(tables, notes) if notes else None,
            notesheet_options={"table_name": "tfc_notes"},
            auto_width=False,
            # In memory the parts of the file have one time, that of 1980. No text is taken for a formula, an address or a number.
            workbook_options={"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        )
    book.set_properties(
        {
            "title": cover.title,
            "subject": "Release to the learning loop",
            "author": _AUTHOR,
            "created": datetime(made.year, made.month, made.day),
        }
    )
    _set_widths(book, "Contents", (26, 90))
    if notes:
        _set_widths(book, "Notes", (14, 90, 40))
    for name, sheet in sheets.items():
        _set_widths(book, name, _widths(sheet.table))
    book.close()


def cell_text(value: str) -> str:
    """Text as a cell can hold it: harmless, without what XML cannot hold, and with a remark where it is cut."""
    text = safe_text(one_newline(_UNWRITABLE.sub("", value)))
    text = _REFERENCE.sub("$ ", _LINK.sub("] ", text))
    if text.strip() and not _HAS_LATIN.search(text):
        text += _OTHER_SCRIPT
    return text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT


def _note_numbers(tables: Sequence[ReleaseTable]) -> dict[str, str]:
    """The reference of each different note, in the order in which a reader meets them."""
    references: dict[str, str] = {}
    for table in tables:
        for note in _notes_of(table):
            references.setdefault(note, f"note{len(references) + 1}")
    return references


def _place(table: ReleaseTable, name: str) -> int | None:
    return next((number for number, column in enumerate(table.columns) if column.name == name), None)


def _notes_of(table: ReleaseTable) -> dict[str, None]:
    place = _place(table, "note")
    return dict.fromkeys(row[place] for row in table.rows if row[place] is not None) if place is not None else {}


def _notes_table(tables: Sequence[ReleaseTable], notes: Mapping[str, str]) -> pd.DataFrame:
    where: dict[str, list[str]] = {note: [] for note in notes}
    for table in tables:
        for note in _notes_of(table):
            where[note].append(table.name)
    rows = [(reference, cell_text(note), ", ".join(where[note])) for note, reference in notes.items()]
    return pd.DataFrame(rows, columns=["reference", "Text", "Tables"], dtype=object)


def _sheet(table: ReleaseTable, notes: Mapping[str, str]) -> Any:
    """A table as gptables takes it."""
    import gptables as gpt

    names = [column.name for column in table.columns]
    frame = pd.DataFrame(_shown_rows(table, notes), columns=names, dtype=object)
    lines = wrap(cell_text(table.description), _LINE)
    lines.append(
        "Notes are given as [note 1] in the column note, and explained on the sheet Notes."
        if _notes_of(table)
        else "This table has no notes."
    )
    if not table.rows:
        lines.append(f"The table has no rows yet: the row of {NO_ROWS} means none.")
    if frame.isna().to_numpy().any():
        lines.append(_BLANKS)
    used = set(frame["value"]) if "value" in names else set()
    note = _place(table, "note")
    return gpt.GPTable(
        frame,
        f"tfc_{table.name}",
        cell_text(f"{table.name}: {table.title}"),
        subtitles=lines,
        instructions="This worksheet contains one table.",
        legend=[meaning for short, meaning in _MEANINGS.items() if short in used],
        source=f"Source: {_AUTHOR}. How each measure is defined: sheet metric.",
        # gptables looks for references to notes in index columns only.
        index_columns={2: note} if note is not None and _notes_of(table) else {},
        additional_formatting=[
            {"column": {"columns": [column.name], "format": {"num_format": "yyyy-mm-dd"}}}
            for column in table.columns
            if pa.types.is_date(column.kind)
        ],
    )


def _shown_rows(table: ReleaseTable, notes: Mapping[str, str]) -> list[tuple[Any, ...]]:
    """The rows as the workbook shows them: shorthand where a value is not there, a reference for a note's text."""
    if not table.rows:
        return [(NO_ROWS,) * len(table.columns)]
    value, status, note = (_place(table, name) for name in ("value", "status", "note"))
    shown = []
    for row in table.rows:
        cells = [cell_text(cell) if isinstance(cell, str) else cell for cell in row]
        if value is not None and status is not None and cells[value] is None:
            cells[value] = SHORTHAND.get(row[status])
        if note is not None and row[note] is not None:
            cells[note] = f"$${notes[row[note]]}$$"
        shown.append(tuple(cells))
    return shown


def _widths(frame: pd.DataFrame) -> Iterable[int]:
    """In characters: as wide as the longest text, up to `_WIDEST`."""
    for name, cells in frame.items():
        longest = max((len(cell) for cell in set(cells) if isinstance(cell, str)), default=0)
        yield max(len(str(name)), 10, min(longest, _WIDEST)) + 4


def _set_widths(book: Any, sheet: str, widths: Iterable[int]) -> None:
    for place, width in enumerate(widths):
        book.get_worksheet_by_name(sheet).set_column(place, place, width)
