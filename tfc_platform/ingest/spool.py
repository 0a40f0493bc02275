"""Parquet files on their way: written row group by row group under temporary names, then put in their places whole.

A run that is killed leaves temporary files alone, which the next one sweeps away (`files.sweep`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tfc_platform.atomic_io import Draft

__all__ = ["Amendments", "Spool"]

Amendments = Mapping[str, Mapping[int, Any]]  # column → row, counted from 0 over the whole file → value


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_list(kind))


class _Piecewise:
    """One Parquet file, of which more may come."""

    def __init__(self, target: Path, schema: pa.Schema) -> None:
        self.target, self.schema, self.rows = target, schema, 0
        self._draft = Draft(target)
        # Without Arrow's own schema, by which a coded text would be read as one.
        # Nobody looks for texts by the least and greatest of a row group, which cost a third of the writing.
        self._writer = pq.ParquetWriter(
            self._draft.path,
            schema,
            compression="zstd",
            store_schema=False,
            write_statistics=[field.name for field in schema if not _is_text(field.type)],
        )

    def add(self, table: pa.Table) -> None:
        if table.num_rows or not self.rows:  # a file without any row still has a row group, as pyarrow writes it
            self._writer.write_table(table)
        self.rows += table.num_rows

    def amended(self, amendments: Amendments) -> _Piecewise:
        """Another draft of the same file in which some cells hold other values; this one is dropped."""
        self._writer.close()
        other, first = _Piecewise(self.target, self.schema), 0
        try:
            with pq.ParquetFile(self._draft.path) as written:
                for group in range(written.num_row_groups):
                    table = written.read_row_group(group)
                    other.add(_with(table, first, amendments).cast(self.schema))
                    first += table.num_rows
        except BaseException:
            other.drop()
            raise
        self.drop()
        return other

    def place(self) -> None:
        self._writer.close()
        self._draft.place()

    def drop(self) -> None:
        self._writer.close()
        self._draft.drop()


def _with(table: pa.Table, first: int, amendments: Amendments) -> pa.Table:
    """:param first: which row of the file is the table's first."""
    last = first + table.num_rows
    for name, values in amendments.items():
        here = {row - first: value for row, value in values.items() if first <= row < last}
        if here:
            column = table[name].to_pylist()
            for row, value in here.items():
                column[row] = value
            index = table.schema.get_field_index(name)
            field = table.schema.field(name)
            table = table.set_column(index, field, pa.array(column, field.type))
    return table


class Spool:
    """The Parquet files that one return becomes. On leaving, what was not placed is dropped."""

    def __init__(self) -> None:
        self._files: dict[Path, _Piecewise] = {}

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.drop()

    def __contains__(self, target: Path) -> bool:
        return target in self._files

    def add(self, target: Path, table: pa.Table) -> None:
        """Add rows to what will be the file `target`."""
        if target not in self._files:
            self._files[target] = _Piecewise(target, table.schema)
        self._files[target].add(table)

    def amend(self, target: Path, amendments: Amendments) -> None:
        """Change cells of rows that were added before."""
        self._files[target] = self._files[target].amended(amendments)

    def place(self, target: Path) -> int:
        """Put a file in its place; gives how many rows it has."""
        whole = self._files[target]
        whole.place()
        del self._files[target]
        return whole.rows

    def drop(self) -> None:
        """Take away all that was not placed."""
        for left in self._files.values():
            left.drop()
        self._files.clear()
