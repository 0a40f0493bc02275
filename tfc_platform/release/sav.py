"""A release's tables of figures as SPSS files with labels, the same bytes on any day.

`measure` and `status` are numbers with value labels, because SPSS keeps labels of long texts badly.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from tfc_platform.publication.released_table import ReleaseTable, Status
from tfc_platform.release.metrics import Metric

__all__ = ["STATUS_CODES", "has_sav", "measure_codes", "write_sav"]

STATUS_CODES = {status.value: number for number, status in enumerate(Status, start=1)}
# SPSS allows so many bytes of a variable's label and of a value's.
_VARIABLE_LABEL, _VALUE_LABEL = 255, 120
# Where the header of a system file says on which day and at what time it was written, 9 and 8 characters.
_CREATED = slice(92, 109)
_NO_CLOCK = b"01 Jan 8000:00:00"


def has_sav(table: ReleaseTable) -> bool:
    """Whether a table has an SPSS file: it is one of figures."""
    return "status" in [column.name for column in table.columns]


def measure_codes(table: ReleaseTable, metrics: Sequence[Metric]) -> dict[str, int]:
    """Numbers from 1 for the measures: in the dictionary's order, then what it does not know, by name."""
    place = [column.name for column in table.columns].index("measure")
    known = [metric.measure for metric in metrics]
    others = sorted({row[place] for row in table.rows} - set(known))
    return {name: number for number, name in enumerate([*known, *others], start=1)}


def write_sav(table: ReleaseTable, target: Path, metrics: Sequence[Metric] = ()) -> None:
    """Write `table` as a system file; a missing value is system-missing (text: empty), and the status says why."""
    import pandas as pd
    import pyreadstat

    codes = {"measure": measure_codes(table, metrics), "status": STATUS_CODES}
    said = {metric.measure: f"{metric.measure}: {metric.label} ({metric.unit})" for metric in metrics}
    columns = list(zip(*table.rows, strict=True)) if table.rows else [()] * len(table.columns)
    series = {
        column.name: _series(column.kind, values, codes.get(column.name), pd)
        for column, values in zip(table.columns, columns, strict=True)
    }
    pyreadstat.write_sav(
        pd.DataFrame(series),
        str(target),
        file_label=_cut(f"{table.name}: {table.title}", 64),
        column_labels={column.name: _cut(column.description, _VARIABLE_LABEL) for column in table.columns},
        variable_value_labels={
            "measure": {code: _cut(said.get(name, name), _VALUE_LABEL) for name, code in codes["measure"].items()},
            "status": {code: name for name, code in STATUS_CODES.items()},
        },
        variable_measure={c.name: "scale" if c.name == "value" else "nominal" for c in table.columns},
    )
    content = bytearray(target.read_bytes())
    content[_CREATED] = _NO_CLOCK
    target.write_bytes(content)


def _series(kind: pa.DataType, values: Sequence[Any], codes: dict[str, int] | None, pd: Any) -> Any:
    if codes is not None:
        return pd.Series([None if value is None else codes[value] for value in values], dtype="float64")
    if pa.types.is_date(kind):
        return pd.Series(list(values), dtype="object")
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return pd.Series([None if value is None else float(value) for value in values], dtype="float64")
    return pd.Series(["" if value is None else value for value in values], dtype="object")


def _cut(text: str, most: int) -> str:
    """At most so many bytes of UTF-8, and no half character."""
    return text.encode()[:most].decode(errors="ignore")
