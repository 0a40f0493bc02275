"""A repeated group whose entries are the rows of a return: each entry with the cells of its submission beside its own.

KoboToolbox and Ona put a group on its own sheet, with the number of the submission (`_parent_index`); ODK Central writes a
table more, with its key (`PARENT_KEY`). A group within a group has the cells of both above it.

Submissions are held in memory, entries are not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from tfc_platform.contracts.model import normal
from tfc_platform.ingest.header_fields import SheetLayout
from tfc_platform.sheets.readers.sheet_limits import PARENT, TOP
from tfc_platform.sheets.sheet_model import Beside, CellValue, LazyRows, Sheet, SheetRow, is_blank, text_of

__all__ = ["NoGroup", "RepeatedGroup", "above", "grouped", "shares_key"]

SEARCHED_ROWS = 30
LONG_TITLE = 30  # characters of a sheet's name from which on a tool may have cut it; Excel has room for 31
CUT = re.compile(r"(\.\.\.)?( \(\d+\))?$")  # how KoboToolbox says that it has
KOBO, ODK = (PARENT, "_index"), ("PARENT_KEY", "KEY")  # column of the entry, of the submission
TABLE = "_parent_table_name"  # Kobo: the sheet of the submissions, as its name is there
NONE = "No submission has the number or key by which this entry names its own, so that nobody knows whose it is."
TWO = "Two submissions have the number or key by which this entry names its own, so that nobody knows whose it is."
ADVICE = "Export the form again, whole, and send that; put nothing together by hand."


class NoGroup(Exception):  # noqa: N818 (a verdict on a file, not a fault)
    """The file has no entries that can be read. The message is a sentence for its sender."""


@dataclass(frozen=True)
class RepeatedGroup:
    """The sheets of a file by what they are to the contract."""

    entries: list[Sheet]  # of the group, with their submissions' cells
    above: list[Sheet]  # their submissions, and entries of which they are a part
    aside: list[Sheet]  # other groups, and whatever else
    without_entry: int = 0  # submissions
    submissions: int = 0


@dataclass(frozen=True, eq=False)
class _LinkedTable:
    """A sheet, where its names stand and which of its columns link it."""

    sheet: Sheet
    first_data: int
    names: tuple[str, ...]
    link: int | None = None  # the column by which a row names the one above it
    key: int | None = None  # the column by which a row is named
    pair: tuple[str, str] = KOBO
    filled: frozenset[int] = frozenset()  # columns with a cell under their name
    is_top: bool = True  # its rows are submissions

    def rows(self) -> Iterator[SheetRow]:
        return (row for row in self.sheet.after(self.first_data) if not all(map(is_blank, row.cells)))


def _table(sheet: Sheet) -> _LinkedTable:
    for place, row in enumerate(sheet.head(SEARCHED_ROWS)):
        names = tuple(" ".join(text_of(cell).split()) for cell in row.cells)
        for pair in (KOBO, ODK):
            link, key = (names.index(name) if name in names else None for name in pair)
            if link is None and key is None:
                continue
            filled, parents = set[int](), set[str]()
            for entry in sheet.after(place + 1):
                cells = [index for index, cell in enumerate(entry.cells) if not is_blank(cell)]
                filled.update(cells)
                parents |= {text_of(entry.at(link))} if link is not None and cells else set()
            return _LinkedTable(sheet, place + 1, names, link, key, pair, frozenset(filled), parents <= {TOP})
    return _LinkedTable(sheet, 0, ())


def grouped(sheets: Sequence[Sheet], pattern: str) -> RepeatedGroup:
    """The entries of a group, joined to their submissions.

    :param pattern: the name of the group's sheet, as a regular expression; where several have it, each gives rows.
    :raises NoGroup: where there is no such sheet, or nothing links its entries to submissions.
    """
    tables = [_table(sheet) for sheet in sheets]
    chosen = [table for table in tables if table.sheet.name and re.fullmatch(pattern, table.sheet.name.strip())]
    if not chosen:
        raise NoGroup(
            f"The file has no sheet of the repeated group whose entries are the rows of this return (“{pattern}”). A CSV leaves"
            " repeated groups out: export the form as XLSX (KoboToolbox, Ona) or with all tables in a zip (ODK Central), and send"
            " that."
        )
    entries, used, left = [], list[_LinkedTable](), dict[int, set[int]]()
    for table in chosen:
        chain = _chain(table, tables)
        used += [one for one in chain if one not in used]
        joined, with_entry = _joined(table, chain)
        entries.append(joined)
        last = tables.index(chain[-1])
        left[last] = left.get(last, set()) | with_entry
    counts = [(sum(1 for _ in tables[place].rows()), len(with_entry)) for place, with_entry in left.items()]
    return RepeatedGroup(
        entries,
        [table.sheet for table in used if table not in chosen],
        [table.sheet for table in tables if table not in used and table not in chosen],
        sum(every - has for every, has in counts),
        sum(every for every, _ in counts),
    )


def _chain(table: _LinkedTable, tables: Sequence[_LinkedTable]) -> list[_LinkedTable]:
    """The tables above a group's, from the nearest to the submissions.

    :raises NoGroup: where one of them is missing.
    """
    chain: list[_LinkedTable] = []
    here: _LinkedTable | None = table if table.link is not None else None
    while here is not None and (here is table or not here.is_top):
        here = _parent(here, [other for other in tables if other is not table and other not in chain])
        chain += [here] if here is not None else []
    if here is None:
        links = " or ".join(f"“{link}” there and “{key}” beside the submissions" for link, key in (KOBO, ODK))
        raise NoGroup(
            f"The entries on sheet {table.sheet.name} cannot be joined to their submissions: either these are not in the file, or"
            f" the columns are missing that link them ({links}). {ADVICE}"
        )
    return chain


def _parent(table: _LinkedTable, tables: Sequence[_LinkedTable]) -> _LinkedTable | None:
    """The table that has what a group's entries name: by the name that they give it, else by their keys, else the only one."""
    fitting = [other for other in tables if other.key is not None and other.pair == table.pair]
    # A sheet without a row may be anything: it is the submissions' where nothing else is.
    tops = [other for other in fitting if other.link is None] or [other for other in fitting if other.is_top]
    links = {text_of(row.at(table.link or 0)) for row in table.rows()} - {""}
    if not links:
        return tops[0] if len(tops) == 1 else None
    if table.pair == ODK:
        hits = [len(links.intersection(_keys(other))) for other in fitting]
        return fitting[hits.index(max(hits))] if any(hits) else tops[0] if len(tops) == 1 else None
    place = table.names.index(TABLE) if TABLE in table.names else None
    said = {text_of(row.at(place)) for row in table.rows()} - {""} if place is not None else set()
    exact = [other for other in fitting if any(_letters(other.sheet.name) == _letters(name) for name in said)]
    named = exact or [other for other in fitting if any(_is_cut_from(other.sheet.name, name) for name in said)]
    found = named or fitting  # numbers are alike on all sheets: without a name only one can be meant
    return found[0] if len(found) == 1 else None


def _letters(name: str | None) -> str:
    """A name without the signs that a sheet's name cannot have, and that tools replace."""
    return re.sub(r"[\W_]+", "", normal(name or ""))


def _is_cut_from(title: str | None, name: str) -> bool:
    """Whether a sheet has the beginning of a name, which was too long for it."""
    begins = _letters(CUT.sub("", title or ""))
    return len(title or "") >= LONG_TITLE and bool(begins) and _letters(name).startswith(begins)


def _keys(table: _LinkedTable) -> Iterator[str]:
    assert table.key is not None
    return (text_of(row.at(table.key)) for row in table.rows())


def _joined(table: _LinkedTable, chain: Sequence[_LinkedTable]) -> tuple[Sheet, set[int]]:
    """A group's sheet with the cells of all that is above it, and the rows of the submissions that have an entry."""
    width = max((place + 1 for place in table.filled), default=0)
    width = max(width, *(place for place, name in enumerate(table.names, start=1) if name))
    names = [*table.names, *[""] * width][:width]
    # Of a name that several tables have the nearest counts in which anything stands under it: Ona gives entries the columns of
    # their submissions, and leaves them blank.
    result: list[list[tuple[int, int]]] = []  # of each table above: its columns, and where they stand beside the entry
    has = {name for place, name in enumerate(table.names) if place in table.filled}
    for other in chain:
        result.append([])
        mine = set[str]()  # a name that stands twice in one table stays there twice
        for place, name in enumerate(other.names):
            if not name or name in has:
                continue
            index = names.index(name) if name in names and name not in mine else len(names)
            names += [name] if index == len(names) else []
            mine.add(name)
            if place in other.filled:
                result[-1].append((place, index))
        has |= {other.names[place] for place, _ in result[-1]}
    maps = [_by_key(other) for other in chain]
    links = [one.link for one in (table, *chain[:-1])]
    blank: list[CellValue] = [None] * len(names)

    def found(row: SheetRow) -> tuple[list[CellValue], SheetRow | None, str | None]:
        """An entry's cells with those above it, its submission, and why it has none."""
        cells = [*row.cells, *blank][: len(names)]
        here: SheetRow | None = row
        why = None
        for link, (by_key, twice), columns in zip(links, maps, result, strict=True):
            name = text_of(here.at(link)) if here is not None and link is not None else ""
            here = by_key.get(name)
            if here is None and why is None:
                why = TWO if name in twice else NONE
            for place, index in columns if here is not None else ():
                cells[index] = here.at(place) if here is not None else None
        return cells, here, why

    orphans: dict[int, str] = {}
    with_entry = set[int]()
    for row in table.rows():
        _, submission, why = found(row)
        if why is not None:
            orphans[row.number] = f"{why} {ADVICE}"
        elif submission is not None:
            with_entry.add(submission.number)

    def begin() -> Iterator[SheetRow]:
        for place, row in enumerate(table.sheet.rows, start=1):
            if place == table.first_data:
                yield SheetRow(row.number, tuple(names))
            elif place < table.first_data or all(map(is_blank, row.cells)):
                yield row
            else:
                yield SheetRow(row.number, tuple(found(row)[0]))

    rows = list(begin()) if isinstance(table.sheet.rows, list) else LazyRows(begin)
    above_it = {index for columns in result for _, index in columns} | set(range(width, len(names)))
    beside = Beside(frozenset(above_it), table.link or 0, orphans)
    return replace(table.sheet, rows=rows, is_repeat=False, beside=beside), with_entry


def shares_key(sheet: Sheet, layout: SheetLayout, fields: Sequence[str]) -> bool:
    """Whether fields that are to tell rows apart are the same in all entries of each submission that has several."""
    columns = [layout.fields[name] for name in fields if name in layout.fields]
    if sheet.beside is None or not columns or len(columns) < len(fields):
        return False
    keys: dict[str, list[tuple[str, ...]]] = {}
    for row in sheet.after(layout.first_data):
        if row.number not in sheet.beside.orphans and not all(map(is_blank, row.cells)):
            keys.setdefault(text_of(row.at(sheet.beside.link)), []).append(tuple(text_of(row.at(i)) for i in columns))
    several = [found for found in keys.values() if len(found) > 1]
    return bool(several) and all(all(found[0]) and len(set(found)) == 1 for found in several)


def _by_key(table: _LinkedTable) -> tuple[Mapping[str, SheetRow], frozenset[str]]:
    """Each row by its key, and the keys that several have, which name none."""
    times = Counter(_keys(table))
    twice = frozenset(key for key, count in times.items() if count > 1)
    assert table.key is not None
    rows = {key: row for row in table.rows() if (key := text_of(row.at(table.key)))}
    return {key: row for key, row in rows.items() if key not in twice}, twice


def above(sheet: Sheet, layout: SheetLayout) -> SheetLayout:
    """Where the contract's columns stand on a sheet of submissions, by where they stand beside the entries of a group."""
    table = _table(sheet)
    places: dict[str, int] = {}
    for place, name in enumerate(table.names):
        if name:
            places.setdefault(name, place)
    moved = {index: places[name] for index, name in enumerate(layout.names) if name in places}

    def there(indexes: Sequence[int] | frozenset[int]) -> list[int]:
        return sorted(moved[index] for index in indexes if index in moved)

    header = list(islice(sheet.rows, table.first_data))
    return SheetLayout(
        names=table.names,
        first_data=table.first_data,
        fields={name: moved[index] for name, index in layout.fields.items() if index in moved},
        items=[],
        free_text=tuple(there(layout.free_text)),
        unknown=tuple(there(layout.unknown)),
        rules={},
        missing=(),
        doubled=(),
        closed=frozenset(there(layout.closed)),
        guarded={moved[index]: said for index, said in layout.guarded.items() if index in moved},
        personal=tuple(there(layout.personal)),
        naming=frozenset(there(layout.naming)),
        row=header[-1].number if header else 0,
        unsaid=frozenset(there(layout.unsaid)),
    )
