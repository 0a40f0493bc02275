"""One reader a format; all give a `Grid`. A reader knows its format and nothing of any site, tool or contract.

`READERS` is the table of them: a further format is a module here and a line there.
"""

from __future__ import annotations

from collections.abc import Callable

from tfc_platform.contracts.model import Reading
from tfc_platform.take_in.grid import Grid
from tfc_platform.take_in.readers import csv_text, spss, workbook

__all__ = ["READERS"]

READERS: dict[str, Callable[[bytes, Reading], Grid]] = {
    "csv": csv_text.read,
    "workbook": workbook.read,
    "spss": spss.read,
}
