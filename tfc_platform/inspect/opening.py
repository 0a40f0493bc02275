"""Opening a file with no contract: by its bytes alone, through the readers of `take_in`.

Belongs here: what `take_in` needs to be told and nobody has told yet. Does not belong: a format's own reading.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tfc_platform.contracts.model import Reading
from tfc_platform.take_in import sniff
from tfc_platform.take_in.grid import Grid, Unreadable
from tfc_platform.take_in.readers import READERS, csv_text

__all__ = ["Opened", "Variable", "open_file"]

LOCKS = ("~$", ".~lock.")
SYSTEM_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
DELIMITERS = (",", ";", "\t", "|")
LOOKED_AT = 40  # records by which the delimiter is told
FORMATS = {".sav": "spss", ".zsav": "spss", ".xlsx": "workbook", ".xlsm": "workbook"}


@dataclass(frozen=True)
class Variable:
    """What an SPSS file itself says of a column. `missing` has codes as `99` and ranges as `97..99`."""

    name: str
    label: str | None
    kind: Literal["number", "text", "date", "datetime", "time"]
    codes: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opened:
    """A file's grid, and what its bytes really are: `format` with `encoding` and `delimiter` where it is a text.

    `reader` is what a contract says in `read.format`.
    """

    grid: Grid
    reader: str
    format: str
    encoding: str | None = None
    delimiter: str | None = None
    variables: tuple[Variable, ...] = ()


def _refuse_by_name(name: str) -> None:
    """Files that programs leave behind: they hold no data under any content."""
    if name.startswith(LOCKS):
        raise Unreadable("This is the lock file of a document that is open elsewhere. Look at the document itself.")
    if name.casefold() in SYSTEM_FILES:
        raise Unreadable("This is a file that the computer keeps for itself. It holds no data.")


def _kind(content: bytes) -> str:
    if content.startswith(sniff.SPSS):
        return "spss"
    return "workbook" if content.startswith((b"PK", sniff.OLE)) else "csv"


def _delimiter(text: str) -> str:
    """The delimiter by which the first records have most columns alike: structure, not statistics over cells."""
    best, most = DELIMITERS[0], 1
    for delimiter in DELIMITERS:
        widths: list[int] = []
        try:
            for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
                if cells:
                    widths.append(len(cells))
                if len(widths) == LOOKED_AT:
                    break
        except csv.Error:
            pass
        usual = max(set(widths), key=widths.count, default=1)
        if usual > most and widths.count(usual) * 2 >= len(widths):
            best, most = delimiter, usual
    return best


def _variables(content: bytes) -> tuple[Variable, ...]:
    """What the file says of its columns. Nothing where the reader cannot say it: the rows count all the same."""
    import pyreadstat

    try:
        _, meta = pyreadstat.read_sav(io.BytesIO(content), metadataonly=True, user_missing=True)
    except Exception:  # the C reader's messages may repeat what the file holds
        return ()
    kinds: dict[str, Any] = {name: _of_format(meta.original_variable_types[name] or "") for name in meta.column_names}
    return tuple(
        Variable(
            name,
            meta.column_names_to_labels.get(name),
            kinds[name],
            {_code(code): str(label) for code, label in meta.variable_value_labels.get(name, {}).items()},
            tuple(_range(span) for span in meta.missing_ranges.get(name, ())),
        )
        for name in meta.column_names
    )


def _of_format(written: str) -> str:
    stem = written.rstrip("0123456789.").upper()
    if stem.startswith("DATETIME"):
        return "datetime"
    if stem in {"TIME", "DTIME"}:
        return "time"
    if stem.endswith("DATE") or stem in {"MOYR", "QYR", "WKYR"}:
        return "date"
    return "text" if stem in {"A", "AHEX"} else "number"


def _code(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and math.isfinite(value):
        return str(int(value))
    return str(value)


def _range(span: dict[str, Any]) -> str:
    low, high = _code(span["lo"]), _code(span["hi"])
    return low if low == high else f"{low}..{high}"


def open_file(content: bytes, name: str) -> Opened:
    """Open a file by what its bytes are.

    :param name: of the file, without folders; only lock files and the like are told by it.
    :raises Unreadable: with a sentence for people.
    """
    _refuse_by_name(name)
    kind = _kind(content)
    sniff.check(content, kind)
    if kind == "csv":
        text, encoding = csv_text.decode(content)
        delimiter = _delimiter(text)
        grid = READERS["csv"](content, Reading(format="csv", encoding=encoding, delimiter=delimiter))
        opened = Opened(grid, "csv", "csv", encoding, delimiter)
    elif kind == "spss":
        grid = READERS["spss"](content, Reading(format="spss"))
        opened = Opened(grid, "spss", "sav", variables=_variables(content))
    else:
        opened = Opened(READERS["workbook"](content, Reading(format="workbook")), "workbook", "xlsx")
    return _note_the_name(opened, name)


def _note_the_name(opened: Opened, name: str) -> Opened:
    """A name that says another format than the bytes is told: whoever opens it by its name goes wrong."""
    ending = name[name.rfind(".") :].casefold() if "." in name else ""
    if FORMATS.get(ending, "csv") == opened.reader:
        return opened
    what = f"The file's extension says {ending}, but it holds {opened.format}. It was read as what it holds."
    warnings = [*opened.grid.warnings, (None, "extension", what)]
    return replace(opened, grid=replace(opened.grid, warnings=warnings))
