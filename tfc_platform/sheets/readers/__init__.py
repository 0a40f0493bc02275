"""One reader a format; all give a `Grid`. A reader knows its format and nothing of any site, tool or contract.

`READERS` is the table of them by what the bytes are: a further format is a module here, a line there and its mark in `sniff`.
`open_grid` is the way in: it looks at the bytes first and reads them as what they are, whatever their name and contract say.
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
    ods,
    spss,
    stata,
    xlsx,
    zip_delivery,
)
from tfc_platform.sheets.sheet_model import Format, Grid, ReaderNotice

__all__ = ["READERS", "open_grid"]


def _old_workbook(content: bytes, reading: Reading) -> Grid:
    return calamine.read(content, reading, "xls")


def _binary_workbook(content: bytes, reading: Reading) -> Grid:
    return calamine.read(content, reading, "xlsb")


READERS: dict[Format, Callable[[bytes, Reading], Grid]] = {
    "csv": csv_text.read,
    "xlsx": xlsx.read,
    "xlsm": xlsx.read,
    "xls": _old_workbook,
    "xlsb": _binary_workbook,
    "ods": ods.read,
    "sav": spss.read,
    "zsav": spss.read,
    "por": spss.read_portable,
    "dta": stata.read,
    "html": html_table.read,
    "json": json_export.read,
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
    warning = file_format.extension_warning(found, name)
    if warning is not None:
        grid = replace(grid, warnings=[ReaderNotice(None, "extension", warning), *grid.warnings])
    return grid
