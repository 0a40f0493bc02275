"""A zip as a delivery: one table in it, or what ODK Central sends, a main table with the tables of its repeats and media
beside.

What is in it was looked at by `archive` before: nothing is unpacked to a disk, and no archive within an archive is opened.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets import file_format
from tfc_platform.sheets.readers.csv_text import read as read_csv
from tfc_platform.sheets.sheet_model import Format, Grid, ReaderNotice, Unreadable, text_of

__all__ = ["PARENT_KEY", "reader"]

Readers = Mapping[Format, Callable[[bytes, Reading], Grid]]
PARENT_KEY = "PARENT_KEY"  # the column by which a row of a repeat names its submission
TABLES = frozenset(ending for known in file_format.EXTENSIONS.values() for ending in known) - {
    ".zip",
    ".html",
    ".htm",
    ".txt",
}
SET_ASIDE = ("__MACOSX/",)
AUDIT = " - audit.csv"  # ODK's record of how a form was filled in: places and times of a person, no answers
NESTED = (".zip", ".7z", ".rar", ".gz")


def _members(content: bytes) -> tuple[dict[str, bytes], int]:
    """The bytes of the tables by their path, and how many other files there are.

    :raises Unreadable: where an archive lies within.
    """
    tables, others = {}, 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                path = PurePosixPath(member.filename)
                if member.is_dir() or member.filename.startswith(SET_ASIDE) or file_format.is_temporary(path.name):
                    continue
                if path.suffix.lower() in NESTED:
                    raise Unreadable("The zip holds another archive. Send the export itself, in one zip at most.")
                if path.suffix.lower() in TABLES and not member.filename.lower().endswith(AUDIT):
                    tables[member.filename] = archive.read(member)
                else:
                    others += 1
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        raise Unreadable("The file is damaged or incomplete: save it again and send it again.") from None
    return tables, others


def _is_repeat(grid: Grid) -> bool:
    return any(text_of(cell) == PARENT_KEY for row in grid.sheets[0].head(1) for cell in row.cells)


def _with_repeats(tables: Mapping[str, bytes], reading: Reading) -> Grid | None:
    """The main table with its repeats as further sheets; None where the tables are not laid out so."""
    if any(file_format.recognise(table) != "csv" for table in tables.values()):
        return None
    grids = {name: read_csv(table, reading) for name, table in tables.items()}
    repeats = {PurePosixPath(name).stem: grid for name, grid in grids.items() if _is_repeat(grid)}
    mains = [grid for grid in grids.values() if not _is_repeat(grid)]
    if len(mains) != 1 or not repeats:
        return None
    (main,) = mains
    sheets = [*main.sheets, *(replace(grid.sheets[0], name=name, is_repeat=True) for name, grid in repeats.items())]
    notices = [*main.warnings, *(note._replace(sheet=name) for name, grid in repeats.items() for note in grid.warnings)]
    return replace(main, sheets=sheets, warnings=notices)


def _one(content: bytes, reading: Reading, readers: Readers) -> Grid:
    found = file_format.recognise(content)
    if found == "zip":
        raise Unreadable("The zip holds another archive. Send the export itself, in one zip at most.")
    return readers[found](content, reading)


def reader(readers: Readers) -> Callable[[bytes, Reading], Grid]:
    """A reader of zips, which reads what lies in them by `readers`."""

    def read(content: bytes, reading: Reading) -> Grid:
        """:raises Unreadable: where the zip holds no table, or several of which none is the main one."""
        tables, others = _members(content)
        if not tables:
            raise Unreadable(
                "The zip is not an Excel workbook and holds no table: no CSV, workbook or SPSS file is in it."
                " Send the export itself."
            )
        if len(tables) == 1:
            grid = _one(next(iter(tables.values())), reading, readers)
        else:
            found = _with_repeats(tables, reading)
            if found is None:
                raise Unreadable(
                    f"The zip holds {len(tables)} tables, and nobody can tell which one counts. Send one file for each return."
                )
            grid = found
        beside = f"; {others} other files in it (media) were not opened" if others else ""
        notice = ReaderNotice(None, "zip", f"The file is a zip, and the table in it was read{beside}.")
        return replace(grid, warnings=[*grid.warnings, notice])

    return read
