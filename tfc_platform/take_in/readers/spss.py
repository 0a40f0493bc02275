"""SPSS files: raw codes with user-missing kept, so that `refused` and `not asked` stay apart.

The first row of the grid is the variables' names; each further row is a case, numbered from 1 as SPSS numbers it.
"""

from __future__ import annotations

import io
import math
from typing import Any

from tfc_platform.contracts.model import Reading
from tfc_platform.take_in.grid import Cell, Grid, Row, Sheet, Unreadable

__all__ = ["read"]


def _cell(value: Any) -> Cell:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    cell: Cell = value
    return cell


def read(content: bytes, reading: Reading) -> Grid:
    import pyreadstat

    try:  # from memory: a temporary file would outlive a killed run, outside the restricted zone
        columns, meta = pyreadstat.read_sav(io.BytesIO(content), user_missing=True, output_format="dict")
    except Exception:  # the C reader's messages may repeat what the file holds
        raise Unreadable("The SPSS file is damaged or incomplete: ask for it again and send that.") from None
    names = tuple(meta.column_names)
    cases = zip(*(columns[name] for name in names), strict=True)
    rows = [Row(0, names)]
    rows.extend(Row(number, tuple(map(_cell, case))) for number, case in enumerate(cases, start=1))
    return Grid([Sheet(None, rows)])
