"""Joining the entries of a repeated group to the submissions that they belong to, by the tool's own numbers or keys.

Belongs here: that one join, pure, and the count of what it leaves over. Does not belong: reading sheets, or which contract asks
for it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tfc_platform.take_in.grid import Row, Sheet, text_of

__all__ = ["Joined", "join_repeats"]

KEYS = (
    ("_parent_index", "_index"),
    ("PARENT_KEY", "KEY"),
)  # Kobo and Ona; ODK Central: column of the entry, of the submission


@dataclass(frozen=True)
class Joined:
    """The entries with their submissions' cells behind their own; `orphans` are the rows of entries without a submission."""

    sheet: Sheet
    matched: int
    orphans: tuple[int, ...]
    without_entry: int  # submissions


def join_repeats(parent: Sheet, child: Sheet) -> Joined:
    """Each entry of `child` with the cells of its submission in `parent`, under the columns of both.

    Columns of the submission that the entry has too are left out. An entry whose number stands at no submission, or at two, is an
    orphan: it is counted and left out.

    :raises ValueError: where neither pair of key columns is there.
    """
    (head, *rows), (below, *entries) = list(parent.rows), list(child.rows)
    names, own = [text_of(cell) for cell in head.cells], [text_of(cell) for cell in below.cells]
    found = next(((names.index(up), own.index(down)) for down, up in KEYS if down in own and up in names), None)
    if found is None:
        raise ValueError("no column links the entries to their submissions")
    key, link = found
    added = [index for index, name in enumerate(names) if name not in own]
    times = Counter(text_of(row.at(key)) for row in rows)
    by_key = {text_of(row.at(key)): row for row in rows if times[text_of(row.at(key))] == 1 and text_of(row.at(key))}
    joined = [Row(below.number, (*below.cells, *(names[index] for index in added)))]
    orphans, seen = [], set[str]()
    for entry in entries:
        name = text_of(entry.at(link))
        submission = by_key.get(name)
        if submission is None:
            orphans.append(entry.number)
            continue
        seen.add(name)
        cells = [entry.at(index) for index in range(len(own))] + [submission.at(index) for index in added]
        joined.append(Row(entry.number, tuple(cells)))
    return Joined(Sheet(child.name, joined), len(joined) - 1, tuple(orphans), len(rows) - len(seen))
