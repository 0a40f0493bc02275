"""Opening a file with no contract: by its bytes alone, through the readers of `take_in`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets import file_format
from tfc_platform.sheets.readers import csv_text, open_grid
from tfc_platform.sheets.sheet_model import Format, Grid, Unreadable, Variable

__all__ = ["OpenedFile", "Variable", "open_file"]

Reader = Literal["csv", "workbook", "spss"]
# What a contract calls each format in `read.format`. A JSON or HTML table has no name of its own there: the bytes decide.
READER_OF: dict[Format, Reader] = {
    **dict.fromkeys(("xlsx", "xlsm", "xls", "xlsb", "ods"), "workbook"),
    **dict.fromkeys(("sav", "zsav", "por", "dta"), "spss"),
}


@dataclass(frozen=True)
class OpenedFile:
    """A file's grid, and what its bytes really are: `format` with `encoding` and `delimiter` where it is a text.

    `reader` is what a contract says in `read.format`.
    """

    grid: Grid
    reader: Reader
    format: str
    encoding: str | None = None
    delimiter: str | None = None


def open_file(content: bytes, name: str) -> OpenedFile:
    """Open a file by what its bytes are.

    :param name: of the file, without folders. Lock files are told by it, and an ending that says another format.
    :raises Unreadable: with a sentence for people.
    """
    if file_format.is_temporary(name):
        raise Unreadable("A program or the system keeps this file beside others. It holds no data: look at the others.")
    reading = Reading(format="csv")
    if (
        file_format.recognise(content) == "csv"
    ):  # told in advance what it is, so that nobody is warned of what no contract says
        encoding = csv_text.encoding_of(content)
        delimiter = csv_text.delimiter_of(content, encoding, ",")
        reading = reading.model_copy(update={"encoding": encoding, "delimiter": delimiter})
    grid = open_grid(content, reading, name)
    read_as = grid.read_as
    assert read_as is not None  # every reader says it
    binary = READER_OF.get(read_as.format, "csv") != "csv"
    return OpenedFile(
        grid=grid,
        reader=READER_OF.get(read_as.format, "csv"),
        format=read_as.format,
        encoding=None if binary else read_as.encoding,
        delimiter=read_as.delimiter,
    )
