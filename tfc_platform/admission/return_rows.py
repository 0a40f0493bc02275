"""A return with its rows in the lake: what comparisons between returns work on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from tfc_platform.admission.arrivals import Arrival
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.lake import Receipt
from tfc_platform.parquet import read_parquet
from tfc_platform.schemas import RECORDS

__all__ = ["ReturnRows", "day_column", "sentence_of_rows"]


def day_column(record: str) -> str | None:
    """The day of what a row is about: the record's first date."""
    return next((field.name for field in RECORDS[record] if pa.types.is_date(field.type)), None)


@dataclass(frozen=True, eq=False)
class ReturnRows:
    """One content that was read: its arrival, its receipt, its contract, and the Parquet file of each of its records.

    `order` is the arrival of the return's first version: a corrected version is no newcomer.
    """

    arrival: Arrival
    receipt: Receipt
    contract: Contract
    files: dict[str, Path]
    order: tuple[object, ...]

    @property
    def source(self) -> tuple[str, str]:
        return self.arrival.site, self.contract.source

    @property
    def main_file(self) -> Path | None:
        """The rows of the contract's record; None where the return has none."""
        return self.files.get(self.contract.record)

    @cached_property
    def days(self) -> dict[str | None, list[tuple[date | None, int]]]:
        """Of each sheet the days of its rows, with the number of rows of each; a record without a date has one day, None."""
        if self.main_file is None:
            return {}
        day = day_column(self.contract.record)
        names = ["sheet", day] if day else ["sheet"]
        rows = read_parquet(self.main_file, columns=names)
        days: dict[str | None, list[tuple[date | None, int]]] = {}
        for row in rows.group_by(names).aggregate([([], "count_all")]).to_pylist():
            days.setdefault(row["sheet"], []).append((row[day] if day else None, row["count_all"]))
        return days

    @property
    def sheet_rows(self) -> dict[str | None, int]:
        """The number of rows of each sheet."""
        return {sheet: sum(rows for _, rows in days) for sheet, days in self.days.items()}


def sentence_of_rows(count: int, of: int) -> str:
    """`All 3 rows`, `3 of 40 rows`, `The only row`."""
    if count == of:
        return "The only row" if of == 1 else f"All {of} rows"
    return f"{count} of {of} rows"
