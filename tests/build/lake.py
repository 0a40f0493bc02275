"""Small lakes, worked by hand: rows as keyword arguments, Parquet of the lake's own schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tfc_platform import schemas

PROVENANCE = {"site": "north", "source": "activity", "file_sha256": "f" * 64, "sheet": None, "row_number": 1}


def write_table(folder: Path, name: str, rows: Iterable[Mapping[str, Any]], part: int = 0) -> Path:
    """Write rows as the lake table `name`: what a row does not say is null, but for its provenance."""
    schema = schemas.SCHEMAS[name]
    full = []
    for number, row in enumerate(rows, start=1):
        known = {**PROVENANCE, "row_number": number} | dict(row)
        full.append({field.name: known.get(field.name) for field in schema})
    path = folder / f"{name}-{part}.parquet"
    pq.write_table(pa.Table.from_pylist(full, schema=schema), path)
    return path


def write_lake(folder: Path, tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, list[Path]]:
    """One file a table; gives the mapping that `make_views` takes."""
    return {name: [write_table(folder, name, rows)] for name, rows in tables.items()}
