"""One reader a format; all give a `Grid`. A reader knows its format and nothing of any site, tool or contract.

`READERS` is the table of them by what the bytes are: a further format is a module here, a line there and its mark in `sniff`.
`open_grid` is the way in: it looks at the bytes first and reads them as what they are, whatever their name and contract say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tfc_platform.contracts.model import Reading
from tfc_platform.take_in import sniff
from tfc_platform.take_in.grid import Format, Grid, Notice
from tfc_platform.take_in.readers import calamine, csv_text, html, json_export, ods, spss, stata, workbook, zip_delivery

__all__ = ["READERS", "open_grid"]


def _old_workbook(content: bytes, reading: Reading) -> Grid:
    return calamine.read(content, reading, "xls")


def _binary_workbook(content: bytes, reading: Reading) -> Grid:
    return calamine.read(content, reading, "xlsb")


READERS: dict[Format, Callable[[bytes, Reading], Grid]] = {
    "csv": csv_text.read,
    "xlsx": workbook.read,
    "xlsm": workbook.read,
    "xls": _old_workbook,
    "xlsb": _binary_workbook,
    "ods": ods.read,
    "sav": spss.read,
    "zsav": spss.read,
    "por": spss.read_portable,
    "dta": stata.read,
    "html": html.read,
    "json": json_export.read,
}
READERS["zip"] = zip_delivery.reader(READERS)


def open_grid(content: bytes, reading: Reading, name: str | None = None) -> Grid:
    """Read bytes as what they are.

    :param reading: what the contract says of the format, the encoding and the separator; the bytes decide.
    :param name: the file's name; where its extension says another format, a warning says so.
    :raises Unreadable: with a sentence for the sender. Nothing else, whatever a library stumbles over.
    """
    found = sniff.recognise(content)
    grid = READERS[found](content, reading)
    warning = sniff.extension_warning(found, name)
    if warning is not None:
        grid = replace(grid, warnings=[Notice(None, "extension", warning), *grid.warnings])
    return grid
