"""What a column of some rows holds once its different cells have been judged, and which rows a notice counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tfc_platform.ingest.coded_columns import coded
from tfc_platform.sheets.cell_columns import Bools, Codes

__all__ = ["FieldColumn", "Noticed"]


@dataclass(frozen=True)
class Noticed:
    """Rows that count for a notice which names the first few of them.

    :param named: how many rows it still has to name.
    :param count: counts further rows.
    """

    rows: Bools
    named: int
    count: Callable[[int], None]


@dataclass(frozen=True)
class FieldColumn:
    """A field's value in some rows: `values` are the different ones, `codes` says for each row which it has."""

    codes: Codes
    values: list[Any]
    problem: Bools

    def where(self, test: Callable[[Any], Any]) -> Bools:
        """For each row whether a test holds for its value."""
        return np.fromiter((bool(test(value)) for value in self.values), np.bool_, len(self.values))[self.codes]

    def used(self, rows: Codes) -> list[Any]:
        """The different values of some rows."""
        return [self.values[code] for code in np.unique(self.codes[rows])]

    def taken(self, rows: Codes, values: Sequence[Any], kind: pa.DataType) -> pa.Array:
        """The column of some rows, with another value for each different one; texts are coded."""
        return coded(values, self.codes[rows], kind)
