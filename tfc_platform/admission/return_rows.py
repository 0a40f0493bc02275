"""A return with its rows in the lake: what comparisons between returns work on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tfc_platform.admission.arrivals import Arrival
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.lake import Receipt

__all__ = ["ReturnRows", "sentence_of_rows"]


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


def sentence_of_rows(count: int, of: int) -> str:
    """`All 3 rows`, `3 of 40 rows`, `The only row`."""
    if count == of:
        return "The only row" if of == 1 else f"All {of} rows"
    return f"{count} of {of} rows"
