"""One reader a format; all give a `Grid`. A reader knows its format and nothing of any site, tool or contract.

`open_grid` looks at the bytes first and reads them as what they are, whatever their name and contract say. A further format is
a module here, a line in `READERS` and its mark in `file_format`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets import file_format
from tfc_platform.sheets.readers import (
    calamine,
    csv_text,
    html_table,
    json_export,
    kept_cells,
    spss,
    stata,
    xlsx,
    zip_delivery,
)
from tfc_platform.sheets.sheet_model import Format, Grid, ReaderNotice

__all__ = ["READERS", "open_grid"]


def _with_calamine(found: Format) -> Callable[[bytes, Reading], Grid]:
    def read(content: bytes, reading: Reading) -> Grid:
        return calamine.read(content, reading, found)

    return read


READERS: dict[Format, Callable[[bytes, Reading], Grid]] = {
    "csv": csv_text.read,
    "xlsx": xlsx.read,
    "xlsm": xlsx.read,
    "xls": _with_calamine("xls"),
    "xlsb": _with_calamine("xlsb"),
    "ods": _with_calamine("ods"),
    "sav": spss.read,
    "zsav": spss.read,
    "por": spss.read_portable,
    "dta": stata.read,
    "html": html_table.read,
    "json": json_export.read,
    "cells": kept_cells.read,
}
READERS["zip"] = zip_delivery.reader(READERS)


def open_grid(content: bytes, reading: Reading, name: str | None = None) -> Grid:
    """Read bytes as what they are.

    :param reading: what the contract says of the format, the encoding and the separator; the bytes decide.
    :param name: the file's name; where its extension says another format, a warning says so.
    :raises Unreadable: with a sentence for the sender. Nothing else, whatever a library stumbles over.
    """
    found = file_format.recognise(content)
    grid = READERS[found](content, reading)
    if found == "cells":
        found = kept_cells.original_format(content)
    warning = file_format.extension_warning(found, name)
    if warning is not None:
        grid = replace(grid, warnings=[ReaderNotice(None, "extension", warning), *grid.warnings])
    return grid
