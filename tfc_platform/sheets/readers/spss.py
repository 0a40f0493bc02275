"""SPSS files (.sav, .zsav, .por): raw codes with user-missing kept, so that `refused` and `not asked` stay apart.

What a file says of its variables (labels, codes, which codes are missing) goes with the grid.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.readers.readstat_probe import refuse_fatal
from tfc_platform.sheets.readers.variables import Kind, cases_of, grid_of, variables_of
from tfc_platform.sheets.sheet_model import Grid, ReadAs, ReaderNotice, Unreadable

__all__ = ["read", "read_portable"]

# A format's name without its width, as SPSS's Command Syntax Reference lists them under `Variable Types and Formats`.
DATES = ("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "QYR", "MOYR", "WKYR")
MOMENTS = ("DATETIME", "YMDHMS")
TIMES = ("TIME", "DTIME", "MTIME")
START = datetime(1582, 10, 14)  # SPSS counts seconds from the first day of the Gregorian calendar
DAMAGED = "The SPSS file is damaged or incomplete: ask for it again and send that."


def _kind(written: str) -> Kind:
    name = written.rstrip("0123456789.").upper()
    if name in DATES:
        return "date"
    if name in MOMENTS:
        return "datetime"
    return "time" if name in TIMES else "number"


def _moment(value: Any, kind: Kind) -> Any:
    """Seconds as what they mean; the number where Python has no such date."""
    if not isinstance(value, float):
        return value
    try:
        span = timedelta(seconds=value)
        if kind == "time":
            return span if span >= timedelta(days=1) or span < timedelta(0) else (START + span).time()
        return (START + span).date() if kind == "date" else START + span
    except (OverflowError, ValueError):
        return value


def _parsed(parse: Callable[..., Any], content: bytes) -> tuple[dict[str, Sequence[Any]], Any, list[ReaderNotice]]:
    """Columns, what is said of them, and a notice where dates had to be worked out here.

    From memory: a temporary file would outlive a killed run, outside the restricted zone.
    """
    options: dict[str, Any] = {"output_format": "dict"}
    if parse.__name__ != "read_por":
        options["user_missing"] = True
    try:
        columns, meta = parse(io.BytesIO(content), **options)
        return columns, meta, []
    except (OverflowError, ValueError):  # a date that Python does not have, or no SPSS file at all
        columns, meta = parse(io.BytesIO(content), disable_datetime_conversion=True, **options)
    for variable in variables_of(meta, _kind):
        if variable.kind in ("date", "datetime", "time"):
            columns[variable.name] = [_moment(value, variable.kind) for value in columns[variable.name]]
    message = "The file holds dates that no calendar reaches. They are kept as numbers; all others are read as dates."
    return columns, meta, [ReaderNotice(None, "dates_out_of_range", message)]


def _grid(name: str, content: bytes, read_as: ReadAs) -> Grid:
    import pyreadstat

    refuse_fatal(name, content, DAMAGED)
    try:
        columns, meta, notices = _parsed(getattr(pyreadstat, name), content)
        rows = cases_of(tuple(meta.column_names), columns)
        variables = variables_of(meta, _kind)
    except Exception:  # the C reader's messages may repeat what the file holds
        raise Unreadable(DAMAGED) from None
    return grid_of(rows, variables, read_as._replace(encoding=meta.file_encoding), notices)


def read(content: bytes, reading: Reading) -> Grid:
    """A system file, compressed or not."""
    return _grid("read_sav", content, ReadAs("zsav" if content.startswith(b"$FL3") else "sav"))


def read_portable(content: bytes, reading: Reading) -> Grid:
    """A portable file, whose names are in capitals; it cannot tell user-missing codes apart, which stay numbers."""
    return _grid("read_por", content, ReadAs("por"))
