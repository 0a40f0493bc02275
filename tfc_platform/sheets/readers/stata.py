"""Stata files (.dta): raw codes with tagged missing values (`.a` to `.z`) kept as their letters."""

from __future__ import annotations

import io

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.readers.readstat_probe import refuse_fatal
from tfc_platform.sheets.readers.variables import Kind, cases_of, grid_of, variables_of
from tfc_platform.sheets.sheet_model import Grid, ReadAs, ReaderNotice, Unreadable

__all__ = ["read"]

DAMAGED = "The Stata file is damaged or incomplete: ask for it again and send that."


def _kind(written: str) -> Kind:
    if written.startswith(("%td", "%d", "%-td")):
        return "date"
    return "datetime" if written.startswith(("%tc", "%tC")) else "number"


def read(content: bytes, reading: Reading) -> Grid:
    import pyreadstat

    refuse_fatal("read_dta", content, DAMAGED)
    notices = []
    options = {"user_missing": True, "output_format": "dict"}
    try:
        try:
            columns, meta = pyreadstat.read_dta(io.BytesIO(content), **options)
        except (OverflowError, ValueError):  # a date that Python does not have
            columns, meta = pyreadstat.read_dta(io.BytesIO(content), disable_datetime_conversion=True, **options)
            message = "The file holds dates that no calendar reaches: all its dates are kept as numbers."
            notices.append(ReaderNotice(None, "dates_out_of_range", message))
        rows = cases_of(tuple(meta.column_names), columns)
        variables = variables_of(meta, _kind)
    except Exception:  # the C reader's messages may repeat what the file holds
        raise Unreadable(DAMAGED) from None
    return grid_of(rows, variables, ReadAs("dta", meta.file_encoding), notices)
