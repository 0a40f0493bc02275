"""Read one Parquet file.

Arrow's `read_table` also takes folders and remote stores, and loads a library for them that costs more than the reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["read_parquet"]


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """The file's rows, of these columns or of all.

    :raises OSError: where there is no such file.
    :raises ValueError: where it is no Parquet file (`pyarrow.ArrowInvalid`), or lacks one of the columns.
    """
    with pq.ParquetFile(path) as file:
        lacking = sorted(set(columns or ()) - set(file.schema_arrow.names))
        if lacking:  # Arrow reads the others and says nothing
            raise ValueError(f"{path.name} has no column {', '.join(lacking)}.")
        return file.read(columns=None if columns is None else list(columns))
